"""Runs the contracts of one stage over the tables it made; the stages' contracts are beside this module."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import duckdb
import ibis
import ibis.expr.types as ir
import pandera.ibis as pa

from orchestration.contracts.rules import Rule
from orchestration.contracts.validate import Finding, open_table, validate


@dataclass(frozen=True)
class Contract:
    """The contract of one table: per-column rules and key, and the identities of derived tables.

    `columns` are checked in the table itself. Each identity is (name, derive, columns): a table
    derived inside the engine, whose columns are checked in turn (sums of shares, recomputed growth).
    Which figures are held is the user's affair: a table that nothing was held for is empty and good.
    `is_list`: a list that figures are looked up in. Empty, it would lose figures instead of having none.
    """

    key: tuple[str, ...]
    columns: Mapping[str, pa.Column]
    identities: tuple[Identity, ...] = ()
    is_list: bool = False


@dataclass(frozen=True)
class Identity:
    """An arithmetic identity: `gap` gives a table with one column `gap` that must be within `limit`."""

    name: str
    expected: str
    gap: Callable[[ir.Table], ir.Table]
    limit: float = 1e-9


def column(kind: str, *rules: Rule, nullable: bool = False) -> pa.Column:
    """A column of an ibis type given by name, such as "string" or "decimal(24, 4)"."""
    return pa.Column(ibis.dtype(kind), [rule.check() for rule in rules], nullable=nullable)


def check_table(
    connection: duckdb.DuckDBPyConnection, schema: str, table: str, contract: Contract
) -> list[Finding]:
    """Every broken rule of one table."""
    data = open_table(connection, schema, table)
    name = f"{schema.split('.')[-1]}.{table}"
    if not _has_rows(data):
        expected = "at least one row, as raw/reference has it in the shipped data"
        return [Finding(name, None, "empty_table", expected, ("0 rows",))] if contract.is_list else []
    rules = pa.DataFrameSchema(dict(contract.columns), unique=list(contract.key) or None, strict=False)
    findings = validate(data, rules, name)
    for identity in contract.identities:
        findings += _check_identity(data, identity, name)
    return findings


def _check_identity(data: ir.Table, identity: Identity, name: str) -> list[Finding]:
    gaps = identity.gap(data)
    if not _has_rows(gaps):
        return []
    within = pa.Check(
        lambda held: held.table[held.key].abs() <= identity.limit,
        name=identity.name,
        error=identity.expected,
        n_failure_cases=10,
    )
    rules = pa.DataFrameSchema({"gap": pa.Column(ibis.dtype("float64"), within)}, strict=False)
    return validate(gaps, rules, name)


def _has_rows(table: ir.Table) -> bool:
    return bool(table.limit(1).count().execute())
