"""Questions to the published file, and the one description of each column. No HTML, no charts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from textwrap import dedent
from typing import Any

import duckdb

from orchestration.warehouse.lineage import Cell, trace_rows


@dataclass(frozen=True)
class Answer:
    """What one query gave: `rows` in the order of `columns`, and the query itself.

    The text of a row is what `chipledger sql --format csv` prints for the same query.
    """

    sql: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def __bool__(self) -> bool:
        return bool(self.rows)

    def column(self, name: str) -> list[Any]:
        """The values of one column, row by row."""
        place = self.columns.index(name)
        return [row[place] for row in self.rows]

    def records(self) -> list[dict[str, Any]]:
        """The rows by column name."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]

    @cached_property
    def numbers(self) -> list[str]:
        """The columns that hold numbers; a column of nulls is none."""
        return [
            name
            for name in self.columns
            if any(
                isinstance(v, int | float | Decimal) and not isinstance(v, bool) for v in self.column(name)
            )
        ]

    def texts(self) -> list[list[str | None]]:
        """The rows as text, null as None; decimals keep all their digits."""
        return [[None if value is None else str(value) for value in row] for row in self.rows]


class Ledger:
    """The published file, read-only, and the folder of raw files that traces are shown from."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, raw_root: Path) -> None:
        self._connection = connection
        self._raw_root = raw_root

    def ask(self, sql: str) -> Answer:
        """Runs one query; it must say its order, so that the same file gives the same page."""
        text = dedent(sql).strip()
        cursor = self._connection.execute(text)
        columns = tuple(item[0] for item in cursor.description or [])
        return Answer(text, columns, tuple(cursor.fetchall()))

    def one(self, sql: str) -> dict[str, Any]:
        """The first row of a query by column name; empty when there is none."""
        return next(iter(self.ask(sql).records()), {})

    def newest(self, source_id: str) -> str:
        """A sentence: the newest release of a source that the build holds."""
        held = self.one(
            f"select max(released_at) as released_at from meta.releases where source_id = '{source_id}'"
        )
        return f"Newest release held of {source_id}: {held['released_at']}."

    def has(self, table: str) -> bool:
        """Whether the build publishes this table of schema marts."""
        return table in self._marts

    def traces(self, table: str, keys: Sequence[str], answer: Answer) -> list[list[tuple[str, Cell]]]:
        """For each row of the answer the cells that its row of marts.`table` rests on, with their roles."""
        places = [answer.columns.index(key) for key in keys]
        chosen = [[row[place] for place in places] for row in answer.rows]
        return trace_rows(self._connection, self._raw_root, table, keys, chosen)

    def describe(self, tables: Iterable[str], column: str) -> str | None:
        """The description of a column in the first of the tables that has it."""
        return next(
            (self._descriptions[t, column] for t in tables if (t, column) in self._descriptions), None
        )

    @cached_property
    def build(self) -> dict[str, Any]:
        """The newest row of meta.builds."""
        return self.one("select * from meta.builds order by built_at desc, build_id desc limit 1")

    @cached_property
    def _marts(self) -> set[str]:
        found = self.ask(
            "select distinct table_name from meta.columns where schema_name = 'marts' order by 1"
        )
        return {str(row[0]) for row in found.rows}

    @cached_property
    def _descriptions(self) -> dict[tuple[str, str], str]:
        found = self.ask(
            "select schema_name || '.' || table_name, column_name, description from meta.columns order by all"
        )
        return {(str(table), str(column)): str(text) for table, column, text in found.rows}


def day(value: dt.date | None) -> str:
    """A day by ISO 8601; a middle dot where there is none."""
    return value.isoformat() if value else "·"
