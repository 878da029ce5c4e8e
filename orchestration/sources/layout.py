"""What a customs layout is: how it is recognised, and the one shape that every layout lands in.

Each layout module turns the records of its files into rows of `FLOW_COLUMNS`, by a query of the
engine wherever the format allows. A record that is not a flow by itself (a breakdown, a subtotal, a
group of countries) is kept with its `row_kind`; a record that breaks a rule is kept with its
`problem`. Nothing is left out, so that records = flows + set aside + quarantined, file by file.
"""

from __future__ import annotations

import datetime as dt
import gzip
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

import duckdb
import yaml

from orchestration.errors import LedgerError

# First bytes of a file, decompressed where it is gzip: enough to tell every layout.
HEAD_BYTES = 65_536

FLOW = "flow"

# name -> (type, what it holds). The order is the order in the table.
FLOW_COLUMNS: dict[str, tuple[str, str]] = {
    "raw_row": ("bigint", "Line of the record in the file, the header being 1; row in the sheet"),
    "raw_column": ("varchar", "Column (or sheet!column) that the value was read from, as the file calls it"),
    "row_kind": (
        "varchar",
        "flow, or why the record is no flow of its own: breakdown_partner2, breakdown_transport, "
        "breakdown_procedure, breakdown_supply, country_group, subtotal, not_yet_published, no_value, "
        "change_row (a row of percentages), other_flow, other_measure, quantity_row, confidential, "
        "breakdown_place, dropped (taken out by a correction)",
    ),
    "code_system": (
        "varchar",
        "Whose economy codes: comtrade, iso3, iso2, gacc, schedule_c, mof, taiwan_name or kcs",
    ),
    "reporter_code": ("varchar", "Reporter in that system"),
    "partner_code": ("varchar", "Partner in that system; the code of the world for totals"),
    "flow": ("varchar", "X, M, RX or RM"),
    "product_code": ("varchar", "Digits of the product code, with leading zeros; TOTAL for all goods"),
    "product_system": (
        "varchar",
        "HS (6 digits or fewer) or CN, HTS, CCC, HSK, JHS: national codes start with the HS code",
    ),
    "product_label": ("varchar", "Product as the file calls it; null where it has only codes"),
    "hs_edition": ("varchar", "H0 to H6 where the file says it; null for national codes"),
    "period_grain": ("varchar", "A, M, JF or YTD"),
    "period_start_date": ("date", "First day covered"),
    "period_end_date": ("date", "Last day covered; shows a year that is not complete"),
    "value": ("decimal(24,4)", "In whole units of the currency; null when missing"),
    "currency": ("varchar", "USD, CNY, EUR, JPY, KRW or TWD"),
    "valuation": ("varchar", "fob or cif"),
    "quantity": ("decimal(24,4)", "In `quantity_unit`; null when not available (never a 0 that means that)"),
    "quantity_unit": ("varchar", "items, kg, or the unit as the file has it"),
    "quantity_2": ("decimal(24,4)", "Second quantity where the file has one"),
    "quantity_2_unit": ("varchar", "Its unit"),
    "net_weight_kg": ("decimal(24,4)", "Net weight in kilograms"),
    "is_quantity_estimated": ("boolean", "The source marks the quantity as estimated"),
    "is_weight_estimated": ("boolean", "The source marks the weight as estimated"),
    "is_preliminary": ("boolean", "The source marks the figure as preliminary"),
    "problem": ("varchar", "Reason code when the record breaks a rule; null when it is good"),
    "problem_column": ("varchar", "Column of the value that breaks it"),
    "problem_value": ("varchar", "That value"),
    "problem_expected": ("varchar", "What was expected"),
}  # fmt: skip


# The shape of printed tables (GACC's): one row per cell that holds a figure, as printed.
PRINTED_COLUMNS: dict[str, tuple[str, str]] = {
    "raw_row": ("bigint", "Row of the sheet or line of the file, from 1"),
    "raw_column": ("varchar", "Column of the cell as a person would name it, such as `E` or its header"),
    "row_kind": (
        "varchar", "figure, or why it is none: title, header, note, change_row, not_applicable, dropped"
    ),
    "source_label": ("varchar", "Commodity as printed, without leading blanks and marks"),
    "label_level": ("integer", "Leading blanks as a level, 0 being the outermost"),
    "is_aggregate": ("boolean", "Marked with * in the table: contains other rows of it"),
    "reporter_code": ("varchar", "156"),
    "flow": ("varchar", "X or M"),
    "period_type": ("varchar", "month or ytd"),
    "year": ("integer", "Year that the cell is about (last year's, for last year's columns)"),
    "last_month": ("integer", "Last month that the cell is about"),
    "measure": ("varchar", "level or growth_yoy_pct"),
    "basis": ("varchar", "usd, cny or quantity"),
    "printed": ("varchar", "The number as a plain decimal text, as precise as the file has it"),
    "printed_unit": ("varchar", "Unit as printed: 亿元, 百万美元, 万台, 亿个, 100 million pcs, pct, ..."),
    "scale": ("decimal(13,0)", "What one printed unit is in dollars, yuan or items; 1 for per cent"),
    "unit": ("varchar", "USD, CNY, percent, items, tonnes, or the unit as printed where it is none of these"),
    "print_kind": ("varchar", "first, or revised_base for last year's columns"),
    "problem": ("varchar", "Reason code when the cell breaks a rule; null when it is good"),
    "problem_value": ("varchar", "The value that breaks it"),
    "problem_expected": ("varchar", "What was expected"),
}  # fmt: skip


class FileRefused(LedgerError):
    """The file as a whole cannot be read; one sentence with file, place, value and what was expected."""


@dataclass(frozen=True)
class Sample:
    """What recognition looks at: the name, the size and the first bytes (decompressed) of a file."""

    path: Path
    head: bytes
    size: int

    @classmethod
    def of(cls, path: Path) -> Sample:
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
        if head[:2] == b"\x1f\x8b":
            try:
                with gzip.open(path) as packed:
                    head = packed.read(HEAD_BYTES)
            except (OSError, EOFError, zlib.error):
                head = b""
        return cls(path, head, path.stat().st_size)

    @property
    def name(self) -> str:
        return self.path.name

    def text(self, encoding: str = "utf-8-sig") -> str:
        """The first bytes as text; what does not decode becomes U+FFFD."""
        return self.head.decode(encoding, errors="replace")


class CodeList(FileRefused):
    """The file belongs to a source but holds no trade: a list of codes that nothing is read from."""


@dataclass(frozen=True)
class Match:
    """How well a file fits a layout: 1 it is one; below 1 the share of the marks that fit.

    code_list: what the file is, where it is a list of codes that the source hands out beside its data.
    """

    score: float
    missing: str = ""
    code_list: str = ""


@dataclass(frozen=True)
class Reading:
    """What reading a file gave, besides the rows.

    released_at: the day of the release as far as the file or its name tells; notes: what will be
    ignored and why, for people; malformed: lines that are no record, as (line, problem, text);
    covers_whole: True when the file holds all products and partners of its reporter-periods (bulk).
    """

    records: int
    released_at: dt.date | None = None
    notes: Sequence[str] = field(default=())
    malformed: Sequence[tuple[int, str, str]] = field(default=())
    covers_whole: bool = False


class CustomsLayout(Protocol):
    """One module of this folder holds one object of this kind, called LAYOUT."""

    layout_id: str
    source_id: str
    dataset_id: str
    title: str
    # Shown in docs/sources.md: what is read, what is refused, which traps are handled.
    reads: str
    refuses: str
    traps: tuple[str, ...]
    # FLOW_COLUMNS or PRINTED_COLUMNS: the shape that `read` fills.
    columns: dict[str, tuple[str, str]]

    def match(self, sample: Sample) -> Match:
        """Whether the file has this layout; cheap, never raises."""
        ...

    def read(self, connection: duckdb.DuckDBPyConnection, path: Path, table: str) -> Reading:
        """Creates temp table `table` with the columns of `columns` (others may stand behind them), and one
        or more rows per record.

        Raises FileRefused for a file that cannot be read as a whole.
        """
        ...


@runtime_checkable
class AskingLayout(Protocol):
    """A layout whose files may leave something out that a person may say: exports or imports, or the unit."""

    # What is asked: the option of `chipledger add`, and the key of the file in its source.yml.
    asks: str
    # What may be said, for messages.
    expected: str

    def accepts(self, said: str) -> bool:
        """Whether that is an answer."""
        ...

    def read_as(
        self, connection: duckdb.DuckDBPyConnection, path: Path, table: str, said: str | None
    ) -> Reading:
        """As `CustomsLayout.read`, with what a person says. Refuses what contradicts the file."""
        ...


def said_beside(layout: AskingLayout, path: Path) -> str | None:
    """What the source.yml of the file's folder says of it. Raises FileRefused for what is no answer."""
    try:
        facts = yaml.safe_load(path.with_name("source.yml").read_text(encoding="utf-8"))
        said = facts["files"][path.name][layout.asks]
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError):
        return None
    if not layout.accepts(str(said)):
        raise FileRefused(f"{path.name}: {layout.asks} in source.yml is {said!r}; expected {layout.expected}")
    return str(said)


def create_landing(
    connection: duckdb.DuckDBPyConnection, table: str, shape: dict[str, tuple[str, str]]
) -> None:
    """An empty temp table of one of the two shapes."""
    columns = ", ".join(f"{name} {kind}" for name, (kind, _) in shape.items())
    _forget_landing(connection, table)
    connection.execute(f"create temp table {table} ({columns})")


def land_computed(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    shape: dict[str, tuple[str, str]],
    rows: str,
    computed: Mapping[str, str],
) -> None:
    """Rows of one of the two shapes, of which only a part is stored: in a file of millions of rows most
    columns say the same of all records or follow from others, and what is not written need not be read again.

    rows: SQL of all other columns, and of those that the computed ones need; computed: column -> SQL over
    those. The rows are stored in the temp table `stored(table)`; `table` is a temp view of the whole shape.
    """
    columns = ", ".join(
        f"cast({computed.get(name, name)} as {kind}) as {name}" for name, (kind, _) in shape.items()
    )
    _forget_landing(connection, table)
    connection.execute(f"create or replace temp table {stored(table)} as {rows}")
    connection.execute(f"create temp view {table} as select {columns} from {stored(table)}")


def stored(table: str) -> str:
    """The temp table that holds what `land_computed` stored for `table`."""
    return f"{table}_stored"


def _forget_landing(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """What an earlier file left under the name is a table or a view; the engine wants to know which."""
    kinds = connection.execute(
        "select 'view' from duckdb_views() where temporary and view_name = $1 "
        "union all select 'table' from duckdb_tables() where temporary and table_name = $1",
        [table],
    ).fetchall()
    for (kind,) in kinds:
        connection.execute(f"drop {kind} {table}")
