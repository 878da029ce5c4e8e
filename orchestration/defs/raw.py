"""Assets of schema `raw`: one per raw table, each fed by its files, each with its contract as a check."""

from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

import dagster as dg
import duckdb

from orchestration.claims.readings import build_readings
from orchestration.defs import request, steps
from orchestration.sources import CUSTOMS, LAYOUTS
from orchestration.sources.csv_layout import CsvLayout
from orchestration.sources.layout import FLOW_COLUMNS, PRINTED_COLUMNS
from orchestration.sources.release import Holdings, scan
from orchestration.warehouse import alerts, attempts, corrections, customs, flows, landing, notes, snapshots
from orchestration.warehouse.ledger import CheckResult, first_row, open_ledger, record_checks
from orchestration.warehouse.progress import step
from orchestration.warehouse.settings import Settings
from orchestration.warehouse.snapshots import Report

RELEASE = dg.AssetKey(["raw", "release"])
READINGS = dg.AssetKey(["raw", "claim_reading"])
SNAPSHOT = dg.AssetKey(["raw", "snapshot"])
# Customs files look codes up when they land, so these tables come first.
CODES = [
    dg.AssetKey(["raw", name]) for name in ("economy", "economy_code", "comtrade_code_alias", "product_group")
]

Landing = Callable[[duckdb.DuckDBPyConnection, Holdings], Report]


def _files_key(name: str) -> dg.AssetKey:
    return dg.AssetKey(["files", name])


FILES = [
    dg.AssetSpec(
        _files_key(name),
        description=f"Files of {name} below raw/. {text}",
        group_name="files",
        kinds={"file"},
    )
    for name, text in (
        *((layout.dataset_id, layout.description) for layout in LAYOUTS),
        *((layout.layout_id, layout.title) for layout in CUSTOMS),
    )
]


@dg.asset(
    key=RELEASE,
    pool=steps.WRITER,
    required_resource_keys=steps.NEEDS,
    group_name="raw",
    kinds={"duckdb"},
    description="Releases found below raw/, from each folder's source.yml; makes the raw tables ready.",
)
def releases(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    with (
        steps.at_work(context, begins=True) as settings,
        step("raw", "release") as work,
        open_ledger(settings) as connection,
    ):
        if said := attempts.untold(settings):
            alerts.send(settings, alerts.of_failure([said], False, None))
        scope = attempts.begin(settings, request.of(context).scope, request.is_watched(context.run))
        holdings = scan(settings.raw_root, scope)
        snapshots.prepare_raw(connection, holdings)
        corrections.prepare(connection, settings.raw_root, holdings)
        work.rows = len({file.release.release_id for file in holdings.files})
    folders = {str(PurePosixPath(file.relative_path).parent) for file in holdings.files}
    # Partitions of a backfill: every dated folder and article that is there.
    context.instance.add_dynamic_partitions("release", sorted(name for name in folders if "/" in name))
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": work.rows,
            "files": len(holdings.files),
            "refused": [refusal.message for refusal in holdings.refusals],
        }
    )


def _raw_asset(
    table: str, description: str, deps: list[dg.AssetKey], land: Landing, schema: str = "raw"
) -> dg.AssetsDefinition:
    key = dg.AssetKey([schema, table])

    @dg.asset(
        key=key,
        pool=steps.WRITER,
        required_resource_keys=steps.NEEDS,
        deps=[RELEASE, *deps],
        group_name="raw",
        kinds={"duckdb"},
        description=description,
        check_specs=[
            dg.AssetCheckSpec(
                "raw_contract",
                asset=key,
                blocking=True,
                description="What is in the table obeys its contract; what does not is quarantined.",
            ),
            dg.AssetCheckSpec(
                "no_file_held_back",
                asset=key,
                description="Every file of this table could be loaded.",
            ),
        ],
    )
    def materialise(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        with steps.at_work(context) as settings:
            result = _land(settings, table, key, land)
        yield result

    return materialise


def _land(settings: Settings, table: str, key: dg.AssetKey, land: Landing) -> dg.MaterializeResult:
    with step("raw", table) as work, open_ledger(settings) as connection:
        report = land(connection, scan(settings.raw_root, attempts.scope(settings)))
        work.rows = report.rows
    reasons = [item.reason for item in report.held_back]
    quarantined = sum(item.rows_quarantined for item in report.landed if item.status == "loaded")
    return dg.MaterializeResult(
        asset_key=key,
        metadata={
            "dagster/row_count": report.rows,
            "files_loaded": sum(item.status == "loaded" for item in report.landed),
            "files_unchanged": report.unchanged,
            "files_held_back": len(reasons),
            "rows_quarantined": quarantined,
            "seconds": round(work.seconds, 3),
        },
        check_results=[
            dg.AssetCheckResult(
                check_name="raw_contract",
                passed=True,
                metadata={
                    "rows_quarantined": quarantined,
                    "rules_broken_by_quarantined_or_held_rows": list(report.findings),
                },
            ),
            dg.AssetCheckResult(
                check_name="no_file_held_back",
                passed=not reasons,
                severity=dg.AssetCheckSeverity.WARN,
                metadata={"held_back": reasons},
            ),
        ],
    )


def _curated(layout: CsvLayout) -> dg.AssetsDefinition:
    def land(connection: duckdb.DuckDBPyConnection, holdings: Holdings) -> Report:
        return landing.land_dataset(connection, layout, holdings)

    return _raw_asset(layout.raw_table, layout.description, [_files_key(layout.dataset_id)], land)


def _customs(
    columns: dict[str, tuple[str, str]], schema: str, table: str, description: str
) -> dg.AssetsDefinition:
    layouts = [layout for layout in CUSTOMS if layout.columns is columns]

    def land(connection: duckdb.DuckDBPyConnection, holdings: Holdings) -> Report:
        reports = [customs.land_layout(connection, layout, holdings) for layout in layouts]
        return snapshots.together(reports)

    files = [_files_key(layout.layout_id) for layout in layouts]
    return _raw_asset(table, description, [*files, *CODES], land, schema)


TABLES = [
    *(_curated(layout) for layout in LAYOUTS),
    # Written once, where analysts read it: the draft of the published file.
    _customs(FLOW_COLUMNS, "marts", "fct_customs_flow", flows.FACT_COMMENT),
    _customs(PRINTED_COLUMNS, "raw", snapshots.CELLS, "Cells of printed customs tables, in one shape."),
]


@dg.asset(
    key=READINGS,
    pool=steps.WRITER,
    required_resource_keys=steps.NEEDS,
    deps=[dg.AssetKey(["raw", "article_claim"])],
    group_name="raw",
    kinds={"python"},
    description="Every plausible reading of every printed figure, as intervals.",
)
def claim_readings(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    with (
        steps.at_work(context) as settings,
        step("raw", "claim_reading") as work,
        open_ledger(settings) as connection,
    ):
        work.rows = build_readings(connection)
    return dg.MaterializeResult(metadata={"dagster/row_count": work.rows})


@dg.asset(
    key=SNAPSHOT,
    pool=steps.WRITER,
    required_resource_keys=steps.NEEDS,
    deps=[RELEASE, READINGS, *(table.key for table in TABLES)],
    group_name="raw",
    kinds={"duckdb"},
    description="One row per file with its fate: rows read = loaded + quarantined + set aside.",
    check_specs=[
        dg.AssetCheckSpec(
            "nothing_lost",
            asset=SNAPSHOT,
            blocking=True,
            description="Each loaded file's rows are in its raw table, one by one accounted for.",
        )
    ],
)
def files_landed(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    with (
        steps.at_work(context) as settings,
        step("raw", "snapshot") as work,
        open_ledger(settings) as connection,
    ):
        snapshots.drop_empty_releases(connection)
        corrections.settle(connection)
        notes.forget_gone(connection)
        lost = snapshots.unbalanced(connection)
        results = snapshots.check_results(connection)
        results.append(
            CheckResult("raw.snapshot", "nothing_lost", not lost, "error", len(lost), "; ".join(lost))
        )
        record_checks(connection, "raw", results)
        row = first_row(connection, "select count(*) from raw.snapshot")
        work.rows = int(row[0]) if row else 0
    return dg.MaterializeResult(
        metadata={"dagster/row_count": work.rows},
        check_results=[
            dg.AssetCheckResult(check_name="nothing_lost", passed=not lost, metadata={"unbalanced": lost})
        ],
    )
