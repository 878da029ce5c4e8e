"""Assets of the dbt models, in three steps: staging, the series, the rest.

The staging contracts stand between the first two; calendars and seasonal adjustment, which Python
computes from the series, between the last two.

dbt runs in this process; what it reports becomes materialisations and check results here.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets

from orchestration.defs import request, steps
from orchestration.warehouse import models, progress, unchanged
from orchestration.warehouse.ledger import CheckResult, first_row, open_ledger
from orchestration.warehouse.models import NodeResult
from orchestration.warehouse.publish import drop_unknown_marts
from orchestration.warehouse.settings import Settings
from orchestration.warehouse.stages import DERIVED

# Selections in dbt's own words, for Dagster; `warehouse.stages` says the same of single models and tests.
STAGING = ("fqn:chipledger.staging",)
SERIES = (
    "fqn:chipledger.intermediate,+int_monthly_slot",
    "fqn:chipledger.marts,+int_monthly_slot",
    "dim_economy",
    "dim_product_group",
)
MARTS = ("fqn:chipledger.intermediate", "fqn:chipledger.marts")

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
    pool=steps.WRITER,
    required_resource_keys=steps.NEEDS,
)
def staging_models(context: dg.AssetExecutionContext) -> Iterator[Any]:
    with steps.at_work(context) as settings:
        yield from _build(context, settings, "staging")


@dbt_assets(
    manifest=MANIFEST,
    select=" ".join(SERIES),
    dagster_dbt_translator=TRANSLATOR,
    name="series_models",
    pool=steps.WRITER,
    required_resource_keys=steps.NEEDS,
)
def series_models(context: dg.AssetExecutionContext) -> Iterator[Any]:
    with steps.at_work(context) as settings:
        yield from _build(context, settings, "series")


@dbt_assets(
    manifest=MANIFEST,
    select=" ".join((*MARTS, *DERIVED)),
    exclude=" ".join(SERIES),
    dagster_dbt_translator=TRANSLATOR,
    name="mart_models",
    pool=steps.WRITER,
    required_resource_keys=steps.NEEDS,
)
def mart_models(context: dg.AssetExecutionContext) -> Iterator[Any]:
    names = [
        node["name"]
        for node in MANIFEST["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == "marts"
    ]
    with steps.at_work(context) as settings:
        drop_unknown_marts(settings, {*names, "fct_customs_flow"})
        yield from _build(context, settings, "marts")


def _build(context: dg.AssetExecutionContext, settings: Settings, stage: str) -> Iterator[Any]:
    """Builds what is not as it was; the rest stays, with the results that its tests had."""

    def report(result: NodeResult) -> None:
        layer = {"stg": "staging", "int": "intermediate"}.get(result.name.split("_")[0], "marts")
        if result.kind == "model":
            progress.done(layer, result.name, None, result.seconds)
        else:
            progress.done("tests", result.name, None, result.seconds)

    with open_ledger(settings) as connection:
        plan = unchanged.plan(connection, MANIFEST, stage, settings.target, request.of(context).force)
        unchanged.forget(connection, plan.run)
    if plan.kept:
        progress.done("unchanged", f"{stage} models and tests", len(plan.kept), 0.0)
    results = models.build(settings, set(plan.run), report)
    rows = _row_counts(settings, results)
    good = [
        result.unique_id
        for result in results
        if result.unique_id in plan.keys and result.status in ("success", "pass", "warn")
    ]
    checks = [_check(result) for result in results if result.kind != "model"]
    kept = [_check(_as_it_was(unique_id)) for unique_id in plan.kept]
    with open_ledger(settings) as connection:
        still = {(check.table, check.name) for check in kept}
        unchanged.replace_checks(connection, f"dbt {stage}", checks, still)
        unchanged.remember(connection, {node: plan.keys[node] for node in good}, rows)
    told = {result.unique_id: result for result in results}
    told |= {unique_id: _as_it_was(unique_id) for unique_id in plan.kept}
    yield from _events(context, [told[node] for node in unchanged.in_order(MANIFEST, told)], rows, plan)
    bad = [result for result in results if result.is_bad]
    if bad:
        raise dg.Failure(
            description="; ".join(_sentence(result) for result in bad[:5]),
            metadata={"failed": len(bad)},
            allow_retries=False,
        )
    ran = {result.unique_id for result in results}
    silent = [unique_id for unique_id in plan.run if unique_id not in ran]
    if silent:
        raise dg.Failure(
            description=f"dbt did not run {MANIFEST['nodes'][silent[0]]['name']}, which has to be run",
            allow_retries=False,
        )


def _as_it_was(unique_id: str) -> NodeResult:
    """The result of a node that needs no run: it succeeded, and would again."""
    node = MANIFEST["nodes"][unique_id]
    kind = str(node["resource_type"])
    return NodeResult(unique_id, kind, node["name"], "success" if kind == "model" else "pass", 0.0, 0, "")


def _events(
    context: dg.AssetExecutionContext, results: list[NodeResult], rows: dict[str, int], plan: unchanged.Plan
) -> Iterator[Any]:
    expected = {(key.asset_key, key.name): key for key in context.selected_asset_check_keys}
    by_test = {key.name: key for key in expected.values()}
    for result in results:
        node = MANIFEST["nodes"].get(result.unique_id)
        if node is None:
            continue
        if result.kind == "model" and result.status == "success":
            metadata: dict[str, Any] = {"seconds": round(result.seconds, 3)}
            metadata["rebuilt"] = result.unique_id in plan.run
            if result.unique_id in rows:
                metadata["dagster/row_count"] = rows[result.unique_id]
            yield dg.MaterializeResult(
                asset_key=TRANSLATOR.get_asset_key(node),
                metadata=metadata,
                data_version=dg.DataVersion(plan.keys[result.unique_id]),
            )
        elif result.kind == "test" and result.name in by_test and result.status != "skipped":
            key = by_test[result.name]
            yield dg.AssetCheckResult(
                asset_key=key.asset_key,
                check_name=key.name,
                passed=result.status == "pass",
                severity=(
                    dg.AssetCheckSeverity.WARN if result.status == "warn" else dg.AssetCheckSeverity.ERROR
                ),
                metadata={"failures": result.failures, "ran": result.unique_id in plan.run},
            )


def _row_counts(settings: Settings, results: list[NodeResult]) -> dict[str, int]:
    counts: dict[str, int] = {}
    with open_ledger(settings) as connection:
        for result in results:
            node = MANIFEST["nodes"].get(result.unique_id)
            if node is None or result.kind != "model" or result.status != "success":
                continue
            if node["config"]["materialized"] == "view" and node["schema"] != "staging":
                # Counting a view over all flows is reading them all.
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
