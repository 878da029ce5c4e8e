"""The plain case of a source layout: a UTF-8 CSV whose columns are declared with their rules.

Here belongs what any such table needs: declaring fields, checking the header, landing the text rows
by DuckDB. A source of its own shape (encodings, stacked tables, shifted columns) is its own module.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import ibis
import pandera.ibis as pa

from orchestration.sources.layout import FileRefused

# Longer single lines than this are no table; DuckDB refuses them with the line's number.
MAX_LINE_BYTES = 2_000_000


@dataclass(frozen=True)
class Field:
    """One column of a raw table. `rules` hold wherever the value is not null; `header` is what the
    file calls the column where that is no plain name."""

    name: str
    description: str
    rules: tuple[pa.Check, ...] = ()
    required: bool = True
    header: str = ""

    @property
    def label(self) -> str:
        return self.header or self.name


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
    columns: tuple[str, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", tuple(item.name for item in self.fields))

    def contract(self) -> pa.DataFrameSchema:
        """The raw contract: columns, codes, formats, ranges, and the key within one file."""
        text = ibis.dtype("string")
        columns = {
            item.name: pa.Column(text, list(item.rules), nullable=not item.required) for item in self.fields
        }
        unique = ["snapshot_id", *self.key] if self.key else None
        return pa.DataFrameSchema(columns, unique=unique, strict=False, name=self.raw_table)

    def check_header(self, path: Path) -> None:
        """Refuses a file whose first line is not exactly the declared columns, in any order."""
        header = _first_record(path)
        labels = [item.label for item in self.fields]
        missing = [label for label in labels if label not in header]
        unknown = [name for name in header if name not in labels]
        if missing or unknown or len(header) != len(set(header)):
            found = ", ".join(header[:20])
            raise FileRefused(
                f"{path.name}, line 1: the header is not that of {self.dataset_id}: "
                f"missing {missing or 'none'}, unknown {unknown[:8] or 'none'}; "
                f"expected {', '.join(labels)}; found {found}"
            )

    def create_landing(self, connection: duckdb.DuckDBPyConnection, table: str) -> None:
        columns = ", ".join(f'"{name}" varchar' for name in self.columns)
        connection.execute(
            f"create or replace temp table {table} ({columns}, snapshot_id varchar, raw_row bigint)"
        )

    def land(
        self, connection: duckdb.DuckDBPyConnection, table: str, path: Path, snapshot_id: str
    ) -> list[tuple[int, str, str]]:
        """Appends the file's rows to `table` as text; raw_row is the line number, the header being 1.

        Returns the lines that are no record of this table, as (line, what is wrong, text).
        """
        connection.execute("drop table if exists reject_errors")
        connection.execute("drop table if exists reject_scans")
        names = ", ".join(f'"{item.label}" as "{item.name}"' for item in self.fields)
        header = _first_record(path)
        types = ", ".join(f"'{name}': 'varchar'" for name in header)
        connection.execute(
            f"""
            insert into {table} by name
            select {names}, ? as snapshot_id, row_number() over () + 1 as raw_row
            from read_csv(?, header = true, columns = {{{types}}}, auto_detect = false,
                          delim = ',', quote = '"', escape = '"', nullstr = '', parallel = false,
                          max_line_size = {MAX_LINE_BYTES}, store_rejects = true)
            """,
            [snapshot_id, str(path)],
        )
        return [
            (int(line), f"{kind}: {message.splitlines()[0]}", (text or "")[:200])
            for line, kind, message, text in connection.execute(
                "select line, error_type::varchar, error_message, csv_line from reject_errors order by line"
            ).fetchall()
        ]


def _first_record(path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            text = lines.readline(MAX_LINE_BYTES)
    except UnicodeDecodeError as error:
        raise FileRefused(
            f"{path.name}, line 1: byte {error.start} is not UTF-8; expected a UTF-8 CSV"
        ) from error
    records: Sequence[list[str]] = list(csv.reader([text]))
    if not records or not any(records[0]):
        raise FileRefused(f"{path.name}: the file is empty; expected a header line and rows")
    return [name.strip().lstrip("\ufeff") for name in records[0]]
