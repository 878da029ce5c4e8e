"""Assets of the dbt models, in three steps: staging, the series, the rest.

The staging contracts stand between the first two; calendars and seasonal adjustment, which Python
computes from the series, between the last two.

dbt runs in this process; what it reports becomes materialisations and check results here.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets

from orchestration.warehouse import models, progress
from orchestration.warehouse.ledger import CheckResult, exclusive, first_row, open_ledger, record_checks
from orchestration.warehouse.models import NodeResult
from orchestration.warehouse.publish import drop_unknown_marts
from orchestration.warehouse.settings import Settings

# Selections in dbt's own words; the three steps cover every model and every test.
STAGING = ("fqn:chipledger.staging",)
# Staging of what Python derives from the series waits for it.
DERIVED = ("stg_derived__calendar_month", "stg_derived__seasonal_adjustment")
SERIES = (
    "fqn:chipledger.intermediate,+int_monthly_slot",
    "fqn:chipledger.marts,+int_monthly_slot",
    # Tests of the slices look their economies up.
    "dim_economy",
)
MARTS = ("fqn:chipledger.intermediate", "fqn:chipledger.marts")
# Tests of a file of their own hang on no folder of models; dagster finds them by the model they name.
SINGULAR_TESTS = "test_type:singular"

MANIFEST = models.read_manifest(Settings.from_environment())


class Translator(DagsterDbtTranslator):
    """Keys are [schema, table], as an analyst would write them."""

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        if dbt_resource_props["resource_type"] == "source":
            # Slices and what is kept aside are landed with the flows, as one asset.
            if dbt_resource_props["name"].startswith(("customs_", "fct_customs_")):
                return dg.AssetKey(["marts", "fct_customs_flow"])
            return dg.AssetKey(["raw", dbt_resource_props["name"]])
        return dg.AssetKey([dbt_resource_props["schema"], dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return str(dbt_resource_props["schema"])


TRANSLATOR = Translator(settings=DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True))


@dbt_assets(
    manifest=MANIFEST,
    select=" ".join(STAGING),
    exclude=" ".join(DERIVED),
    dagster_dbt_translator=TRANSLATOR,
    name="staging_models",
)
def staging_models(context: dg.AssetExecutionContext) -> Iterator[Any]:
    yield from _build(context, "staging", [*STAGING], [*DERIVED])


@dbt_assets(
    manifest=MANIFEST,
    select=" ".join(SERIES),
    dagster_dbt_translator=TRANSLATOR,
    name="series_models",
)
def series_models(context: dg.AssetExecutionContext) -> Iterator[Any]:
    yield from _build(context, "series", [*SERIES], [])


@dbt_assets(
    manifest=MANIFEST,
    select=" ".join((*MARTS, *DERIVED)),
    exclude=" ".join(SERIES),
    dagster_dbt_translator=TRANSLATOR,
    name="mart_models",
)
def mart_models(context: dg.AssetExecutionContext) -> Iterator[Any]:
    settings = Settings.from_environment()
    names = [
        node["name"]
        for node in MANIFEST["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == "marts"
    ]
    drop_unknown_marts(settings, {*names, "fct_customs_flow"})
    yield from _build(context, "marts", [*MARTS, *DERIVED, SINGULAR_TESTS], [*SERIES])


def _build(
    context: dg.AssetExecutionContext, stage: str, selection: list[str], exclusion: list[str]
) -> Iterator[Any]:
    settings = Settings.from_environment()

    def report(result: NodeResult) -> None:
        layer = {"stg": "staging", "int": "intermediate"}.get(result.name.split("_")[0], "marts")
        if result.kind == "model":
            progress.done(layer, result.name, None, result.seconds)
        else:
            progress.done("tests", result.name, None, result.seconds)

    with exclusive(settings):
        results = models.build(settings, selection, report, exclusion)
        rows = _row_counts(settings, results)
        checks = [_check(result) for result in results if result.kind != "model"]
        with open_ledger(settings) as connection:
            record_checks(connection, f"dbt {stage}", checks)
    yield from _events(context, results, rows)
    bad = [result for result in results if result.is_bad]
    if bad:
        raise dg.Failure(
            description="; ".join(_sentence(result) for result in bad[:5]),
            metadata={"failed": len(bad)},
            allow_retries=False,
        )


def _events(
    context: dg.AssetExecutionContext, results: list[NodeResult], rows: dict[str, int]
) -> Iterator[Any]:
    expected = {(key.asset_key, key.name): key for key in context.selected_asset_check_keys}
    by_test = {key.name: key for key in expected.values()}
    for result in results:
        node = MANIFEST["nodes"].get(result.unique_id)
        if node is None:
            continue
        if result.kind == "model" and result.status == "success":
            metadata: dict[str, Any] = {"seconds": round(result.seconds, 3)}
            if result.unique_id in rows:
                metadata["dagster/row_count"] = rows[result.unique_id]
            yield dg.MaterializeResult(asset_key=TRANSLATOR.get_asset_key(node), metadata=metadata)
        elif result.kind == "test" and result.name in by_test and result.status != "skipped":
            key = by_test[result.name]
            yield dg.AssetCheckResult(
                asset_key=key.asset_key,
                check_name=key.name,
                passed=result.status == "pass",
                severity=(
                    dg.AssetCheckSeverity.WARN if result.status == "warn" else dg.AssetCheckSeverity.ERROR
                ),
                metadata={"failures": result.failures},
            )


def _row_counts(settings: Settings, results: list[NodeResult]) -> dict[str, int]:
    counts: dict[str, int] = {}
    with open_ledger(settings) as connection:
        for result in results:
            node = MANIFEST["nodes"].get(result.unique_id)
            if node is None or result.kind != "model" or result.status != "success":
                continue
            relation = node["relation_name"]
            row = first_row(connection, f"select count(*) from {relation}")
            counts[result.unique_id] = int(row[0]) if row else 0
    return counts


def _check(result: NodeResult) -> CheckResult:
    node = MANIFEST["nodes"].get(result.unique_id, {})
    attached = node.get("attached_node") or ""
    return CheckResult(
        table=attached.split(".")[-1] or str(node.get("meta", {}).get("table", result.name)),
        name=result.name,
        is_passed=result.status in ("pass", "success"),
        severity="warn" if result.status == "warn" else "error",
        failures=result.failures,
        message=result.message if result.status not in ("pass", "success") else "",
    )


def _sentence(result: NodeResult) -> str:
    said = " ".join(line.strip() for line in result.message.splitlines() if line.strip())
    return f"{result.kind} {result.name}: {said or result.status}"
