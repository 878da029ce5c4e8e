"""From a row of a mart back to the cells that it rests on: file, sha256, release, line, and the cell.

A row that was read carries its place (snapshot_id, raw_row). A row that was computed is followed to
the rows it was computed from, by the queries of `PARENTS`. The file itself is opened only to show the
record, and only when its bytes are still those that were loaded.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.errors import EXIT_USAGE, LedgerError
from orchestration.warehouse.files import snapshot_id

ROWS_TRACED = 20

_SERIES = (
    "p.source_id = c.source_id and p.reporter_iso3 = c.reporter_iso3 and p.partner_iso3 = c.partner_iso3 "
    "and p.flow = c.flow and p.product_id = c.product_id"
)
_KEYS = "source_id, reporter_iso3, partner_iso3, flow, product_id"
# Levels of every grain that stand in a file, with their place.
_LEVELS = (
    f"(select {_KEYS}, 'A' as period_grain, make_date(year, 12, 31) as period_end_date, year, basis, vintage, "
    "snapshot_id, raw_row from marts.fct_trade_growth_yearly "
    f"union all select {_KEYS}, period_grain, period_end_date, year, basis, vintage, snapshot_id, raw_row "
    "from marts.fct_trade_growth_monthly where snapshot_id is not null) as p"
)
_PAIR = (
    "select case when p.year = c.year then 'value ' else 'base ' end || p.basis, p.snapshot_id, p.raw_row, null "
    f"from chosen as c join {_LEVELS} on {_SERIES} and p.vintage = c.vintage "
    "and p.period_grain = c.period_grain and month(p.period_end_date) = month(c.period_end_date) "
    "and p.year in (c.year, c.year - 1)"
)
_PRINTED = (
    f"select {{role}}, p.snapshot_id, p.raw_row, p.raw_column from chosen as c join marts.fct_printed_figure as p "
    f"on {_SERIES} and p.basis = c.basis and p.period_grain = c.period_grain "
    "and month(p.period_end_date) = month(c.period_end_date)"
)
# Table -> queries over its chosen rows `chosen`: (role, snapshot_id, raw_row, column) of what each rests on.
PARENTS: dict[str, tuple[str, ...]] = {
    "fct_trade_growth_yearly": (
        "select 'value', snapshot_id, raw_row, null from chosen",
        "select 'base', p.snapshot_id, p.raw_row, null from chosen as c join marts.fct_trade_growth_yearly "
        f"as p on {_SERIES} and p.basis = c.basis and p.vintage = c.vintage and p.year = c.year - 1",
        "select 'published growth', p.snapshot_id, p.raw_row, p.raw_column from chosen as c "
        f"join marts.fct_printed_figure as p on {_SERIES} and p.basis = c.basis and p.year = c.year "
        "and p.period_grain = 'A' and p.measure = 'growth_yoy_pct' and p.is_latest",
    ),
    "fct_trade_growth_monthly": (
        "select 'value', snapshot_id, raw_row, null from chosen where snapshot_id is not null",
        "select 'base', p.snapshot_id, p.raw_row, null from chosen as c join marts.fct_trade_growth_monthly "
        f"as p on {_SERIES} and p.basis = c.basis and p.vintage = c.vintage and p.year = c.year - 1 "
        "and p.period_grain = c.period_grain and month(p.period_end_date) = month(c.period_end_date) "
        "where p.snapshot_id is not null",
    ),
    "fct_trade_share_yearly": (
        "select case when p.reporter_iso3 = c.reporter_iso3 then 'numerator' "
        "else 'world: ' || p.reporter_iso3 end, p.snapshot_id, p.raw_row, null from chosen as c "
        "join marts.fct_trade_flow as p on p.source_id = c.source_id and p.flow = c.flow "
        "and p.product_id = c.product_id and p.year = c.year and p.partner_iso3 = 'WLD' "
        "and p.period_grain = 'A' and p.hs_code is not null",
    ),
    "fct_trade_cagr": (
        "select case when p.year = c.start_year then 'start' else 'end' end, p.snapshot_id, p.raw_row, null "
        f"from chosen as c join marts.fct_trade_growth_yearly as p on {_SERIES} and p.basis = c.basis "
        "and p.vintage = c.vintage and p.year in (c.start_year, c.end_year)",
    ),
    "fct_product_comparison": (
        "select p.product_id, p.snapshot_id, p.raw_row, p.raw_column from chosen as c "
        "join marts.fct_printed_figure as p on p.source_id = c.source_id and p.flow = c.flow "
        "and p.reporter_iso3 = c.reporter_iso3 and p.partner_iso3 = c.partner_iso3 and p.basis = c.basis "
        "and p.product_id in (c.product_a, c.product_b) and p.period_grain = c.period_grain "
        "and p.period_end_date = c.period_end_date and p.measure = 'level' "
        "and case c.vintage when 'first' then p.is_first_print else p.is_latest end",
    ),
    "fct_growth_currency": (_PAIR,),
    "fct_growth_calendar": (f"{_PAIR} and p.basis = c.basis",),
    "fct_unit_value": (f"{_PAIR} and p.basis in (c.basis, 'quantity')",),
    "fct_growth_contribution": (
        f"{_PAIR} and p.basis = c.basis",
        "select case when p.year = c.year then 'component' else 'base of component' end, p.snapshot_id, "
        f"p.raw_row, null from chosen as c join {_LEVELS} on p.source_id = c.source_id "
        "and p.reporter_iso3 = c.reporter_iso3 and p.flow = c.flow and p.product_id = c.product_id "
        "and p.partner_iso3 = c.component_id and p.basis = c.basis and p.vintage = c.vintage "
        "and p.period_grain = c.period_grain and month(p.period_end_date) = month(c.period_end_date) "
        "and p.year in (c.year, c.year - 1)",
        "select 'item', p.snapshot_id, p.raw_row, null from chosen as c join marts.fct_price_index_item as p "
        f"on {_SERIES} and p.hs_code = c.component_id and p.period_grain = c.period_grain "
        "and p.period_end_date = c.period_end_date and p.product_scope = c.product_scope",
    ),
    "fct_price_index": (
        "select 'item ' || p.hs_code, p.snapshot_id, p.raw_row, null from chosen as c "
        f"join marts.fct_price_index_item as p on {_SERIES} and p.period_grain = c.period_grain "
        "and p.period_end_date = c.period_end_date and p.product_scope = c.product_scope",
    ),
    "fct_implied_revision": (
        "select 'printed growth', snapshot_id, raw_row, null from chosen",
        _PRINTED.format(role="'level'") + " and p.measure = 'level' and p.year = c.year "
        "and p.release_id = c.level_release_id and p.value = c.value",
        _PRINTED.format(role="'base, ' || p.release_id") + " and p.measure = 'level' and p.year = c.year - 1 "
        "and p.value in (c.base_value, c.base_latest_value)",
    ),
    "fct_policy_event_window": (
        "select p.product_id || ' ' || p.period_end_date, p.snapshot_id, p.raw_row, null from chosen as c "
        f"join {_LEVELS} on p.source_id = c.source_id and p.reporter_iso3 = c.reporter_iso3 "
        "and p.partner_iso3 = c.partner_iso3 and p.flow = c.flow and p.basis = c.basis "
        "and p.product_id in (c.product_id, c.control_product_id) and p.vintage = 'latest' "
        "and p.period_grain in ('M', 'JF') and (p.period_end_date between "
        "c.event_period_end_date - to_months(c.window_releases + 1) "
        "and c.event_period_end_date + to_months(c.window_releases + 1) or p.period_end_date between "
        "c.event_period_end_date - to_months(c.window_releases + 13) "
        "and c.event_period_end_date + to_months(c.window_releases - 11))",
    ),
    "fct_trade_growth_mom": (
        "select 'value', p.snapshot_id, p.raw_row, null from chosen as c "
        f"join {_LEVELS} on {_SERIES} and p.basis = c.basis and p.vintage = 'latest' "
        "and p.period_grain = c.period_grain and p.period_end_date = c.period_end_date",
    ),
    "fct_capacity_crossover": (
        "select p.economy_iso3 || ' ' || p.year, p.snapshot_id, p.raw_row, 'share_pct' from chosen as c "
        "join marts.fct_capacity_share as p on p.edition_id = c.edition_id and p.scope = c.scope "
        "and p.economy_iso3 in (c.economy_iso3, c.other_economy_iso3) "
        "and p.year in (c.first_year, c.last_year)",
    ),
    "fct_claim_verdict": ("select 'claim', snapshot_id, raw_row, 'printed' from chosen",),
    "fct_printed_figure": ("select 'figure', snapshot_id, raw_row, raw_column from chosen",),
    "fct_industry_figure": ("select 'figure', snapshot_id, raw_row, raw_column from chosen",),
}
_DIRECT = ("select 'row', snapshot_id, raw_row, null from chosen",)


@dataclass(frozen=True)
class Cell:
    """One cell or record: its role for the row, its place, and the record as the file has it."""

    role: str
    path: str
    sha256: str
    release_id: str
    released_at: str
    raw_row: int
    raw_column: str | None
    record: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Trace:
    """The chosen rows as (column, value), and the cells that they rest on."""

    rows: tuple[tuple[tuple[str, Any], ...], ...]
    cells: tuple[Cell, ...]


def trace(
    connection: duckdb.DuckDBPyConnection, raw_root: Path, table: str, filters: Sequence[str]
) -> Trace:
    """Follows the rows of marts.`table` that fit `filters` (COLUMN=VALUE each)."""
    name = table.removeprefix("marts.")
    columns = _columns(connection, name)
    conditions, values = _conditions(name, columns, filters)
    chosen = f"select * from marts.{name} where {conditions} order by all limit {ROWS_TRACED + 1}"
    cursor = connection.execute(chosen, values)
    names = [item[0] for item in cursor.description or []]
    rows = cursor.fetchall()
    if not rows:
        raise LedgerError(f"no row of marts.{name} has {' and '.join(filters) or 'anything'}")
    if len(rows) > ROWS_TRACED:
        raise LedgerError(
            f"more than {ROWS_TRACED} rows of marts.{name} fit; add COLUMN=VALUE to choose fewer", EXIT_USAGE
        )
    queries = PARENTS.get(name, _DIRECT if "snapshot_id" in columns else ())
    if not queries:
        raise LedgerError(f"marts.{name} has no source rows: it is a reference table, see raw/reference")
    places = " union all ".join(queries)
    found = connection.execute(
        f"""
        with chosen as ({chosen}), places(role, snapshot_id, raw_row, raw_column) as ({places})
        select distinct role, path, places.snapshot_id, s.release_id, r.released_at, raw_row, raw_column
        from places
        join meta.snapshots as s on places.snapshot_id = s.snapshot_id and s.status = 'loaded'
        join meta.releases as r on s.release_id = r.release_id
        order by all
        """,
        values,
    ).fetchall()
    cells = tuple(
        Cell(role, path, sha, release, str(day), int(line), column, _record(raw_root / path, sha, int(line)))
        for role, path, sha, release, day, line, column in found
    )
    return Trace(tuple(tuple(zip(names, row, strict=True)) for row in rows), cells)


def _columns(connection: duckdb.DuckDBPyConnection, name: str) -> list[str]:
    found = connection.execute(
        "select column_name from duckdb_columns() where schema_name = 'marts' and table_name = ?", [name]
    ).fetchall()
    if not found:
        known = connection.execute(
            "select string_agg(table_name, ', ' order by table_name) from duckdb_tables() "
            "where schema_name = 'marts'"
        ).fetchall()[0][0]
        raise LedgerError(f"there is no table marts.{name}; there are {known}", EXIT_USAGE)
    return [str(row[0]) for row in found]


def _conditions(name: str, columns: list[str], filters: Sequence[str]) -> tuple[str, list[str]]:
    parts, values = [], []
    for item in filters:
        column, sign, value = item.partition("=")
        if not sign or column not in columns:
            raise LedgerError(
                f"{item!r} is no COLUMN=VALUE of marts.{name}; its columns are {', '.join(columns)}",
                EXIT_USAGE,
            )
        parts.append(f'cast("{column}" as varchar) = ?')
        values.append(value)
    return " and ".join(parts) or "true", values


def _record(path: Path, sha256: str, line: int) -> tuple[tuple[str, str], ...]:
    """The record on that line as (header, cell), for text files whose bytes did not change; else empty."""
    if path.suffix.lower() not in (".csv", ".tsv", ".txt", ".gz", ".dat") or not path.is_file():
        return ()
    if snapshot_id(path) != sha256:
        return ()
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as stream:
        texts = (_decoded(raw) for raw in stream)
        header = next(texts, "")
        delimiter = "\t" if header.count("\t") > header.count(",") else ","
        reader = csv.reader(texts, delimiter=delimiter)
        names = next(csv.reader([header], delimiter=delimiter), [])
        start = 2
        for record in reader:
            if start == line:
                return tuple((name, cell) for name, cell in zip(names, record, strict=False) if cell)
            start = reader.line_num + 2
            if start > line:
                break
    return ()


def _decoded(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")
