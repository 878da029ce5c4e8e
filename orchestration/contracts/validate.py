"""Runs a pandera.ibis schema inside DuckDB and turns what fails into findings and quarantine rows.

Here belongs how a contract is run and reported, for any stage. What a contract says is elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
import pandera.ibis as pa
from pandera.errors import SchemaErrors

# The columns that place a row in its file; every raw and landing table has them.
ROW_ID = ("snapshot_id", "raw_row")


@dataclass(frozen=True)
class Finding:
    """One broken rule of one table: how it is called, what was expected, and up to ten cases."""

    table: str
    column: str | None
    reason_code: str
    expected: str
    cases: tuple[str, ...]

    def sentence(self) -> str:
        where = f"{self.table}.{self.column}" if self.column else self.table
        shown = "; ".join(self.cases[:3])
        return f"{where}: {self.reason_code}: expected {self.expected}; found {shown or 'none'}"


def open_table(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> ir.Table:
    """An ibis view of a table of an open DuckDB connection."""
    backend = ibis.duckdb.from_connection(connection)
    return backend.table(table, database=tuple(schema.split(".")) if "." in schema else schema)


def validate(table: ir.Table, contract: pa.DataFrameSchema, name: str) -> list[Finding]:
    """Every broken rule of `contract` on `table`; empty when the table is acceptable."""
    try:
        contract.validate(table, lazy=True)
    except SchemaErrors as errors:
        return [_finding(name, error, table, list(contract.unique or [])) for error in errors.schema_errors]
    return []


def _finding(name: str, error: Any, table: ir.Table, key: list[str]) -> Finding:
    column = error.schema.name if isinstance(error.schema, pa.Column) else None
    check = error.check
    if isinstance(check, pa.Check):
        reason, expected = str(check.name), str(check.error)
        # Where a rule could not be applied at all, pandera gives a text in place of rows.
        if column and key and set(key) <= set(table.columns) and not isinstance(error.failure_cases, str):
            return Finding(name, column, reason, expected, _placed(table, column, check, key))
    else:
        reason, expected = _BUILT_IN.get(str(check).split("(")[0], (str(check), str(check)))
    return Finding(name, column, reason, expected, _cases(error.failure_cases))


_BUILT_IN = {
    "not_nullable": ("missing_value", "a value"),
    "multiple_fields_uniqueness": ("duplicate_key", "one row per key"),
    "column_in_dataframe": ("missing_column", "the column"),
    "column_in_schema": ("unknown_column", "no such column"),
    "dtype": ("wrong_type", "the declared type"),
}


def _placed(table: ir.Table, column: str, check: pa.Check, key: list[str]) -> tuple[str, ...]:
    """The values that break a rule, each with the key of its row."""
    holds = check._check_fn(_Data(table, column))
    broken = table.filter(table[column].notnull() & ~holds.fill_null(True))
    rows = (
        broken.select(*key, value=broken[column].cast("string"))
        .order_by(key)
        .limit(10)
        .to_pyarrow()
        .to_pylist()
    )
    return tuple(f"{row['value']} (row {' '.join(str(row[name]) for name in key)})" for row in rows)


def _cases(failures: Any) -> tuple[str, ...]:
    if hasattr(failures, "execute"):
        failures = failures.limit(10).execute()
    if hasattr(failures, "to_dict"):
        rows = failures.head(10).to_dict("records")
        return tuple(_case(row) for row in rows)
    return (str(failures),)


def _case(row: dict[str, Any]) -> str:
    value = row.get("failure_case", row)
    if isinstance(value, dict):
        value = ", ".join(f"{key}={item}" for key, item in value.items())
    return str(value)


def failing_rows(table: ir.Table, contract: pa.DataFrameSchema) -> ir.Table | None:
    """The rows of `table` that break a rule, as (snapshot_id, raw_row, reason_code, column_name,
    value, expected): one row per broken rule. None when the contract has no row-wise rule.
    """
    parts: list[ir.Table] = []
    for name, column in contract.columns.items():
        value = table[name]
        if not column.nullable:
            parts.append(_bad(table, value.isnull(), "missing_value", name, "a value"))
        for check in column.checks:
            holds = check._check_fn(_Data(table, name))
            broken = value.notnull() & ~holds.fill_null(True)
            parts.append(_bad(table, broken, str(check.name), name, str(check.error)))
    key = list(contract.unique or [])
    if key:
        copies = table.group_by(key).mutate(copies=ibis._.count())
        shown = ", ".join(key)
        parts.append(_bad(copies, copies.copies > 1, "duplicate_key", key[-1], f"one row per {shown}"))
    return ibis.union(*parts) if parts else None


@dataclass(frozen=True)
class _Data:
    """The shape that pandera hands to a check."""

    table: ir.Table
    key: str


def _bad(table: ir.Table, broken: ir.BooleanValue, reason: str, column: str, expected: str) -> ir.Table:
    rows = table.filter(broken)
    return rows.select(
        *ROW_ID,
        reason_code=ibis.literal(reason),
        column_name=ibis.literal(column),
        value=rows[column].cast("string"),
        expected=ibis.literal(expected),
    )
