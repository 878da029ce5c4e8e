"""The stage contracts as blocking asset checks: what follows a stage waits for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import dagster as dg

from orchestration.contracts import landed, marts, staging
from orchestration.contracts.stage import Contract, check_table
from orchestration.warehouse.ledger import (
    DRAFT,
    CheckResult,
    exclusive,
    open_ledger,
    record_checks,
)
from orchestration.warehouse.progress import step
from orchestration.warehouse.settings import Settings

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


@dg.multi_asset_check(specs=_specs("landed", "marts", landed.CONTRACTS), name="landed_contracts")
def landed_contracts() -> Iterator[dg.AssetCheckResult]:
    yield from _check("landed", f"{DRAFT}.marts", landed.CONTRACTS)


@dg.multi_asset_check(specs=_specs("staging", "staging", staging.CONTRACTS), name="staging_contracts")
def staging_contracts() -> Iterator[dg.AssetCheckResult]:
    yield from _check("staging", "staging", staging.CONTRACTS)


@dg.multi_asset_check(specs=_specs("series", "marts", SERIES), name="series_contracts")
def series_contracts() -> Iterator[dg.AssetCheckResult]:
    yield from _check("series", f"{DRAFT}.marts", SERIES)


@dg.multi_asset_check(specs=_specs("marts", "marts", MARTS), name="mart_contracts")
def mart_contracts() -> Iterator[dg.AssetCheckResult]:
    yield from _check("marts", f"{DRAFT}.marts", MARTS)


def _check(stage: str, schema: str, contracts: Mapping[str, Contract]) -> Iterator[dg.AssetCheckResult]:
    name = schema.split(".")[-1]
    settings = Settings.from_environment()
    found: dict[str, list[str]] = {}
    with (
        step("contract", f"{stage} contracts") as work,
        exclusive(settings),
        open_ledger(settings) as connection,
    ):
        for table, contract in contracts.items():
            findings = check_table(connection, schema, table, contract)
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
        work.rows = len(found)
    for table, sentences in found.items():
        yield dg.AssetCheckResult(
            asset_key=dg.AssetKey([name, table]),
            check_name=f"{stage}_contract",
            passed=not sentences,
            metadata={"broken_rules": sentences},
        )
