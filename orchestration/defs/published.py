"""The published file as an asset: it exists only when every check before it passed."""

import datetime as dt
import time

import dagster as dg
import duckdb

from orchestration.defs import request, steps
from orchestration.defs.models import MANIFEST, TRANSLATOR
from orchestration.warehouse import alerts, calendar, digest
from orchestration.warehouse.progress import step
from orchestration.warehouse.publish import publish
from orchestration.warehouse.settings import Settings

MARTS = [
    TRANSLATOR.get_asset_key(node)
    for node in MANIFEST["nodes"].values()
    if node["resource_type"] == "model" and node["schema"] == "marts"
]


PUBLISHED = dg.AssetKey(["published", "chipledger"])
CALENDAR = calendar.read(Settings.from_environment().raw_root)


@dg.asset(
    key=PUBLISHED,
    deps=MARTS,
    group_name="published",
    kinds={"duckdb"},
    pool=steps.WRITER,
    required_resource_keys=steps.NEEDS,
    description="The read-only file that analysts and BI tools open: schemas marts and meta.",
    # Of the file itself; how old its data are is what the checks below tell.
    freshness_policy=dg.FreshnessPolicy.time_window(
        fail_window=dt.timedelta(days=3), warn_window=dt.timedelta(days=2)
    ),
    check_specs=[
        dg.AssetCheckSpec(
            f"{entry.entry_id}_in_time",
            asset=PUBLISHED,
            description=f"The newest data end no more than {entry.late_after_days} days ago: {entry.rule}",
        )
        for entry in CALENDAR
        if entry.late_after_days
    ],
)
def chipledger(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    started = context.instance.get_run_stats(context.run_id).start_time
    seconds = time.time() - started if started else 0.0
    with (
        steps.at_work(context) as settings,
        step("publish", "chipledger.duckdb") as work,
    ):
        published = publish(settings, seconds, request.of(context).force)
        work.rows = sum(total for _, _, _, total in published.changes)
    news = digest.news(settings)
    alerts.send_news(settings, news, context.run_id if published.changes else None)
    late = {item.subject: item.message for item in news.late} if news else {}
    changed = news.changed.get(published.build_id, []) if news and published.changes else []
    return dg.MaterializeResult(
        metadata={
            "build_id": published.build_id,
            "path": dg.MetadataValue.path(published.path),
            "dagster/row_count": work.rows,
            "bytes": published.path.stat().st_size,
            "held_back": list(published.held_back),
            "changes": {name: f"+{new} -{gone}" for name, new, gone, _ in published.changes},
            "digest": [*(item.message for item in changed), *late.values()],
        },
        check_results=[
            dg.AssetCheckResult(
                check_name=f"{entry.entry_id}_in_time",
                passed=entry.entry_id not in late,
                severity=dg.AssetCheckSeverity.WARN,
                metadata={"said": late.get(entry.entry_id, "in time, or nothing held")},
            )
            for entry in CALENDAR
            if entry.late_after_days
        ],
    )


@dg.asset(
    key=dg.AssetKey(["published", "release"]),
    deps=[PUBLISHED],
    partitions_def=dg.DynamicPartitionsDefinition(name="release"),
    group_name="published",
    pool=steps.WRITER,
    required_resource_keys=steps.NEEDS,
    description="Release folders of raw/ as partitions: a backfill of them takes in just those.",
)
def release(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """What the published file holds of the release folder that is the partition."""
    settings = Settings.from_environment()
    with duckdb.connect(str(settings.published_path.resolve()), read_only=True) as connection:
        rows = connection.execute(
            "select count(*), coalesce(sum(rows_loaded), 0), count(*) filter (where status = 'held_back') "
            "from meta.snapshots where starts_with(path, ?)",
            [f"{context.partition_key}/"],
        ).fetchall()
    files, loaded, held_back = rows[0]
    return dg.MaterializeResult(
        metadata={"files": files, "dagster/row_count": loaded, "files_held_back": held_back}
    )
