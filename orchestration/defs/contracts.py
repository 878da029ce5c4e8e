"""The stage contracts as blocking asset checks: what follows a stage waits for them."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import dagster as dg

from orchestration.contracts import landed, marts, staging
from orchestration.contracts.stage import Contract, check_table
from orchestration.defs import request, steps
from orchestration.defs.models import MANIFEST
from orchestration.warehouse import unchanged
from orchestration.warehouse.ledger import (
    DRAFT,
    CheckResult,
    open_ledger,
    record_checks,
)
from orchestration.warehouse.progress import step

# Marts that the series rest on are judged before the series are used.
SERIES = {"dim_flow_slice": marts.CONTRACTS["dim_flow_slice"]}
MARTS = {name: contract for name, contract in marts.CONTRACTS.items() if name not in SERIES}


def _specs(stage: str, schema: str, contracts: Mapping[str, Contract]) -> list[dg.AssetCheckSpec]:
    return [
        dg.AssetCheckSpec(
            f"{stage}_contract",
            asset=dg.AssetKey([schema, table]),
            blocking=True,
            description="Key, codes, ranges and identities, checked by pandera inside DuckDB.",
        )
        for table in contracts
    ]


@dg.multi_asset_check(
    specs=_specs("landed", "marts", landed.CONTRACTS),
    name="landed_contracts",
    pool=steps.WRITER,
    required_resource_keys=steps.NEEDS,
)
def landed_contracts(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
    yield from _check(context, "landed", f"{DRAFT}.marts", landed.CONTRACTS)


@dg.multi_asset_check(
    specs=_specs("staging", "staging", staging.CONTRACTS),
    name="staging_contracts",
    pool=steps.WRITER,
    required_resource_keys=steps.NEEDS,
)
def staging_contracts(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
    yield from _check(context, "staging", "staging", staging.CONTRACTS)


@dg.multi_asset_check(
    specs=_specs("series", "marts", SERIES),
    name="series_contracts",
    pool=steps.WRITER,
    required_resource_keys=steps.NEEDS,
)
def series_contracts(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
    yield from _check(context, "series", f"{DRAFT}.marts", SERIES)


@dg.multi_asset_check(
    specs=_specs("marts", "marts", MARTS),
    name="mart_contracts",
    pool=steps.WRITER,
    required_resource_keys=steps.NEEDS,
)
def mart_contracts(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
    yield from _check(context, "marts", f"{DRAFT}.marts", MARTS)


# What judges a table: its contract and the code that runs it.
_CODE = "\0".join(
    path.read_text(encoding="utf-8") for path in sorted(Path(str(staging.__file__)).parent.glob("*.py"))
)


def _check(
    context: dg.AssetCheckExecutionContext, stage: str, schema: str, contracts: Mapping[str, Contract]
) -> Iterator[dg.AssetCheckResult]:
    name = schema.split(".")[-1]
    found: dict[str, list[str]] = {}
    with (
        steps.at_work(context) as settings,
        step("contract", f"{stage} contracts") as work,
        open_ledger(settings) as connection,
    ):
        keys = unchanged.contract_keys(connection, MANIFEST, contracts, _CODE)
        kept = set() if request.of(context).force else unchanged.kept_contracts(connection, stage, keys)
        unchanged.forget(
            connection, [f"contract.{stage}.{table}" for table in contracts if table not in kept]
        )
        for table, contract in contracts.items():
            findings = [] if table in kept else check_table(connection, schema, table, contract)
            found[table] = [finding.sentence() for finding in findings]
        results = [
            CheckResult(
                table=f"{name}.{table}",
                name=f"{stage}_contract",
                is_passed=not sentences,
                severity="error",
                failures=len(sentences),
                message="; ".join(sentences[:3]),
            )
            for table, sentences in found.items()
        ]
        record_checks(connection, stage, results)
        held = [table for table, sentences in found.items() if keys[table] and not sentences]
        unchanged.remember(connection, {f"contract.{stage}.{table}": keys[table] for table in held})
        work.rows = len(found) - len(kept)
    for table, sentences in found.items():
        yield dg.AssetCheckResult(
            asset_key=dg.AssetKey([name, table]),
            check_name=f"{stage}_contract",
            passed=not sentences,
            metadata={"broken_rules": sentences, "ran": table not in kept},
        )
