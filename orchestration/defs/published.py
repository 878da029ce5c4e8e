"""The published file as an asset: it exists only when every check before it passed."""

import time

import dagster as dg

from orchestration.defs.models import MANIFEST, TRANSLATOR
from orchestration.warehouse.ledger import exclusive
from orchestration.warehouse.progress import step
from orchestration.warehouse.publish import publish
from orchestration.warehouse.settings import Settings

MARTS = [
    TRANSLATOR.get_asset_key(node)
    for node in MANIFEST["nodes"].values()
    if node["resource_type"] == "model" and node["schema"] == "marts"
]


@dg.asset(
    key=dg.AssetKey(["published", "chipledger"]),
    deps=MARTS,
    group_name="published",
    kinds={"duckdb"},
    description="The read-only file that analysts and BI tools open: schemas marts and meta.",
)
def chipledger(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    settings = Settings.from_environment()
    started = context.instance.get_run_stats(context.run_id).start_time
    seconds = time.time() - started if started else 0.0
    with step("publish", "chipledger.duckdb") as work, exclusive(settings):
        published = publish(settings, seconds)
        work.rows = sum(total for _, _, _, total in published.changes)
    return dg.MaterializeResult(
        metadata={
            "build_id": published.build_id,
            "path": dg.MetadataValue.path(published.path),
            "dagster/row_count": work.rows,
            "held_back": list(published.held_back),
            "changes": {name: f"+{new} -{gone}" for name, new, gone, _ in published.changes},
        }
    )
