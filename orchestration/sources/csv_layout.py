"""The plain case of a source layout: a UTF-8 CSV whose columns are declared with their rules.

Here belongs what any such table needs: declaring fields, checking the header, landing the text rows.
These tables are small and kept by hand, so they are read by Python's strict CSV reader, which knows
the line of every record and every fault. Files of customs offices, which may be of any size and
shape, are the customs layouts' (`orchestration.sources.layout`), read by the engine.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import duckdb
import pyarrow as pa_arrow

from orchestration.contracts.rules import Rule
from orchestration.sources.layout import FileRefused

if TYPE_CHECKING:
    import pandera.ibis as pa

# Longer single lines than this are no table.
MAX_LINE_BYTES = 2_000_000
csv.field_size_limit(MAX_LINE_BYTES)


@dataclass(frozen=True)
class Field:
    """One column of a raw table. `rules` hold wherever the value is not null; `header` is what the
    file calls the column where that is no plain name; a file may lack an `optional` column, then null."""

    name: str
    description: str
    rules: tuple[Rule, ...] = ()
    required: bool = True
    header: str = ""
    optional: bool = False

    @property
    def label(self) -> str:
        return self.header or self.name


@dataclass(frozen=True)
class Problem:
    """What is wrong with a row beyond single cells: column, reason code, value, what was expected."""

    column: str
    reason_code: str
    value: str
    expected: str


Row = Mapping[str, str | None]
RowCheck = Callable[[Row, dt.date], Problem | None]


@dataclass(frozen=True)
class CsvLayout:
    """One kind of file: how it is called, its columns, its key, and the raw table that it lands in."""

    dataset_id: str
    raw_table: str
    description: str
    fields: tuple[Field, ...]
    key: tuple[str, ...] = ()
    # Share of a file's rows that may be quarantined before the whole file is held back.
    tolerance: float = 0.001
    # What one row must fulfil as a whole, given the day of its release; run where rules of cells hold.
    check_row: RowCheck | None = None
    # Whether the key must be unique over all files of the layout, not only within one.
    is_key_global: bool = False
    # Rows that are not to be used yet, by the text of one column; they are counted as set aside.
    set_aside_where: tuple[str, tuple[str, ...]] | None = None
    columns: tuple[str, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", tuple(item.name for item in self.fields))

    def contract(self) -> pa.DataFrameSchema:
        """The raw contract: columns, codes, formats, ranges, and the key within one file."""
        import ibis
        import pandera.ibis as pa

        text = ibis.dtype("string")
        columns = {
            item.name: pa.Column(text, [rule.check() for rule in item.rules], nullable=not item.required)
            for item in self.fields
        }
        unique = ["snapshot_id", *self.key] if self.key else None
        return pa.DataFrameSchema(columns, unique=unique, strict=False, name=self.raw_table)

    def check_header(self, path: Path) -> None:
        """Refuses a file whose first line is not exactly the declared columns, in any order."""
        header = _header(path)
        labels = [item.label for item in self.fields]
        missing = [item.label for item in self.fields if item.label not in header and not item.optional]
        unknown = [name for name in header if name not in labels]
        if missing or unknown or len(header) != len(set(header)):
            raise FileRefused(
                f"line 1: the header is not that of {self.dataset_id}: "
                f"missing {_few(missing)}, unknown {_few(unknown)}; "
                f"expected {', '.join(labels)}; found {_few(header)}"
            )

    def create_landing(self, connection: duckdb.DuckDBPyConnection, table: str) -> None:
        columns = ", ".join(f'"{name}" varchar' for name in self.columns)
        connection.execute(
            f"create or replace temp table {table} ({columns}, snapshot_id varchar, raw_row bigint)"
        )

    def land(
        self, connection: duckdb.DuckDBPyConnection, table: str, path: Path, snapshot_id: str
    ) -> tuple[list[tuple[int, str, str]], int]:
        """Appends the file's rows to `table` as text; raw_row is the line that a row begins on, the
        header being line 1; an empty cell is null.

        Returns the lines that are no record of this table, as (line, what is wrong, text), and the number
        of rows set aside.
        """
        header = _header(path)
        places = [header.index(item.label) if item.label in header else None for item in self.fields]
        aside = self._set_aside(header)
        rows_aside = 0
        cells: list[list[str | None]] = [[] for _ in self.fields]
        lines: list[int] = []
        malformed: list[tuple[int, str, str]] = []
        for line, record in _records(path):
            if len(record) != len(header):
                said = f"{len(record)} fields, not {len(header)}"
                malformed.append((line, said, ",".join(record)[:200]))
                continue
            if aside and record[aside[0]] in aside[1]:
                rows_aside += 1
                continue
            lines.append(line)
            for column, place in zip(cells, places, strict=True):
                column.append(None if place is None else record[place] or None)
        names = [*self.columns, "snapshot_id", "raw_row"]
        arrays = [pa_arrow.array(column, pa_arrow.string()) for column in cells]
        arrays += [
            pa_arrow.array([snapshot_id] * len(lines), pa_arrow.string()),
            pa_arrow.array(lines, pa_arrow.int64()),
        ]
        rows = pa_arrow.Table.from_arrays(arrays, names=names)
        connection.register("csv_rows", rows)
        connection.execute(f"insert into {table} by name select * from csv_rows")
        connection.unregister("csv_rows")
        return malformed, rows_aside

    def _set_aside(self, header: Sequence[str]) -> tuple[int, tuple[str, ...]] | None:
        """The place of the column that sets rows aside, and the texts that do; None in a file without it."""
        if self.set_aside_where is None or self.set_aside_where[0] not in header:
            return None
        name, texts = self.set_aside_where
        return header.index(name), texts


def period_is_over(period: str | None, released_at: dt.date) -> bool:
    """Whether a period (2025, 2025-03, 2025Q1) had ended, or at least begun its last month, on that day."""
    found = re.fullmatch(r"(\d{4})(?:-(\d\d)|Q(\d))?", period or "")
    if not found:
        return True
    year, month = int(found[1]), int(found[2] or 0) or 3 * int(found[3] or 4)
    return (year, month) <= (released_at.year, released_at.month)


def _header(path: Path) -> list[str]:
    first = next(_all_records(path), None)
    if first is None or not any(first[1]):
        raise FileRefused("the file is empty; expected a header line and rows")
    return [name.strip() for name in first[1]]


def _records(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The records under the header with the line each begins on; empty lines are none."""
    records = _all_records(path)
    next(records, None)
    return (item for item in records if item[1])


def _all_records(path: Path) -> Iterator[tuple[int, list[str]]]:
    with path.open("rb") as stream:
        reader = csv.reader(_lines(stream), strict=True)
        line = 1
        while True:
            try:
                record = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise FileRefused(f"line {line}: not readable as CSV: {error}") from error
            yield line, record
            line = reader.line_num + 1


def _lines(stream: BinaryIO) -> Iterator[str]:
    """The lines as text; a byte that is not UTF-8, a NUL or an endless line refuses the file."""
    number = 0
    while line := stream.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(line) > MAX_LINE_BYTES:
            raise FileRefused(f"line {number}: longer than {MAX_LINE_BYTES:,} bytes; expected a CSV")
        if b"\0" in line:
            raise FileRefused(f"line {number}: holds a zero byte; expected a UTF-8 CSV")
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise FileRefused(
                f"line {number}: byte {error.start + 1} is not UTF-8; expected a UTF-8 CSV"
            ) from error


def _few(names: Sequence[str]) -> str:
    """Names for a message: the first eight, shortened."""
    shown = ", ".join(name[:40] for name in names[:8])
    return f"{shown}, and {len(names) - 8} more" if len(names) > 8 else shown or "none"
