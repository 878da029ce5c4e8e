"""USITC DataWeb downloads (.xlsx): a sheet of query parameters, then tables of values and quantities.

Three variants: long, where one sheet holds several tables below each other with the year in a column;
wide, where a sheet is named after the measure and has one column per year; and monthly, with the year in a
column and one column per month. Values are US dollars
in the scale that the parameters name, FAS for exports and customs value for imports: both are shown as
`fob`. Years come as floats (2018.0), printed totals as text with commas. Read from a real download of
2025-11-21; the wide variant from descriptions, the monthly one from public code that loads such tables.
"""

from __future__ import annotations

import calendar
import datetime as dt
import json
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import duckdb
import openpyxl

from orchestration.sources.layout import (
    FLOW_COLUMNS,
    FileRefused,
    Match,
    Reading,
    Sample,
    create_landing,
)

# Real downloads unpack to well under 50 MB; the bound stops an archive made to fill the disk.
MAX_UNPACKED = 256 * 1024**2
MAX_PARTS = 500
MAX_COLUMNS = 200
PARAMETERS = "query parameters"
TOTAL = "total"

# Trade flow of the query -> (flow, row_kind). Domestic and foreign exports are parts of total exports,
# imports for consumption are counted at another moment than general imports: neither compares with other
# countries' figures, so they are set aside.
TRADE_FLOWS = {
    "total exports": ("X", "flow"),
    "domestic exports": ("X", "breakdown_procedure"),
    "foreign exports": ("X", "breakdown_procedure"),
    "general imports": ("M", "flow"),
    "imports for consumption": ("M", "breakdown_procedure"),
}
# The same flows as the query form names them.
OTHER_FLOW_NAMES = {
    "exports: total": "total exports",
    "exports: domestic": "domestic exports",
    "exports: foreign": "foreign exports",
    "imports: general": "general imports",
    "imports: for consumption": "imports for consumption",
}
VALUES = ("fas value", "total fas value", "customs value", "general customs value")
CIF_VALUES = (
    "cif import value",
    "cif imports value",
    "general cif imports value",
    "general cif import value",
)
# Column name -> which quantity.
QUANTITIES = {
    "first unit of quantity": "quantity",
    "general first unit of quantity": "quantity",
    "total first unit of quantity": "quantity",
    "second unit of quantity": "quantity_2",
    "general second unit of quantity": "quantity_2",
    "total second unit of quantity": "quantity_2",
}
# Columns that say what a row is about; anything else in a long table is a measure.
CODES = ("hts number", "schedule b number", "hs number", "hts items")
FIRST_NAMES = ("data type", "country", *CODES)
LABELS = ("description", "quantity description", "data type", "country", "year", "suppressed", *CODES)
SPLITS = {
    "district": "breakdown_place",
    "customs district": "breakdown_place",
    "program": "breakdown_procedure",
    "import program": "breakdown_procedure",
    "csc description": "breakdown_procedure",
    "rate provision code": "breakdown_procedure",
    "rate provision": "breakdown_procedure",
}
YEAR = re.compile(r"(19|20)\d\d(\.0)?")
MONTHS = tuple(calendar.month_name)[1:]
GROUPED = re.compile(r"-?(\d{1,3}(,\d{3})+|\d{1,18})(\.\d{1,12})?")
UNITS = {"number": "items", "no": "items", "kilograms": "kg", "kg": "kg"}

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Query:
    """What the parameters sheet says. `downloaded` is None where it says nothing."""

    flow: str
    row_kind: str
    scale: Decimal
    downloaded: dt.date | None
    partner: str
    is_group: bool
    splits: str
    digits: int
    whole_years: bool
    monthly: bool
    commodity: str


@dataclass
class Table:
    """One table of a sheet: header row, records as (row in the sheet, cells), total row if printed."""

    sheet: str
    header: dict[str, int]
    # The same names as the file writes them, by position.
    names: dict[int, str]
    records: list[tuple[int, Row]] = field(default_factory=list)
    totals: list[tuple[int, Row]] = field(default_factory=list)
    # Rows of one text below the records, such as the source of the figures.
    remarks: list[tuple[int, str]] = field(default_factory=list)

    def cell(self, row: Row, *names: str) -> Any:
        for name in names:
            if name in self.header and self.header[name] < len(row):
                return row[self.header[name]]
        return None

    @property
    def years(self) -> dict[str, int]:
        """Columns that are a year (wide variant)."""
        return {name: place for name, place in self.header.items() if YEAR.fullmatch(name)}

    @property
    def months(self) -> dict[str, int]:
        """Columns that are a month (monthly variant)."""
        return {name.lower(): self.header[name.lower()] for name in MONTHS if name.lower() in self.header}

    @property
    def measure(self) -> str:
        """The one column that is neither a label nor a period; "" where periods are columns."""
        known = {*LABELS, *SPLITS, *self.years, *self.months}
        return next((name for name in self.header if name not in known), "")

    @property
    def places(self) -> dict[str, int]:
        """Columns of figures, by name."""
        return self.years or self.months or {self.measure: self.header[self.measure]}


class UsitcDataWeb:
    """Downloads of dataweb.usitc.gov by HTS or Schedule B number."""

    layout_id = "usitc_dataweb"
    source_id = "dataweb"
    dataset_id = "usitc_dataweb"
    title = "USITC DataWeb query download"
    reads = (
        ".xlsx downloads with the sheet Query Parameters, annual or monthly, long (years in a column, tables "
        "stacked) or wide (a sheet per measure, a column per year or month), by HTS or Schedule B number"
    )
    refuses = (
        "downloads without the parameters sheet or with an unknown scale (values could be dollars or "
        "millions), quarterly queries (run them by month or year), year-to-date queries, NAICS and SITC, "
        "workbooks that unpack to over 256 MB"
    )
    traps: tuple[str, ...] = (
        "a printed total is text with commas: compared with the sum of its rows, never counted",
        "a second table with quantities stands below the values: joined to them by product and year",
        "suppressed quantities are missing, not 0",
        "the current year is filled with 0.0, as are months to come or not asked for: not yet published",
        "domestic exports are not total exports, imports for consumption are not general imports",
        "years are floats",
    )
    columns = FLOW_COLUMNS

    def match(self, sample: Sample) -> Match:
        if not sample.head.startswith(b"PK"):
            return Match(0.0, "not an .xlsx workbook")
        try:
            parts = _parts(sample.path)
            with zipfile.ZipFile(sample.path) as archive:
                names = archive.read("xl/workbook.xml").decode("utf-8", "replace").lower()
        except (FileRefused, OSError, KeyError, ValueError, NotImplementedError, RuntimeError, EOFError):
            return Match(0.0, "not an .xlsx workbook that can be opened")
        except Exception as error:  # zlib and zipfile raise several kinds on damaged bytes
            return Match(0.0, f"not an .xlsx workbook that can be opened ({type(error).__name__})")
        marks = {
            "the sheet Query Parameters": PARAMETERS in names,
            "a sheet of results": "query results" in names or any(word in names for word in VALUES),
        }
        if not parts or not any(marks.values()):
            return Match(0.0, "no sheet Query Parameters")
        missing = [name for name, there in marks.items() if not there]
        return Match(1.0 if marks["the sheet Query Parameters"] else 0.5, ", ".join(missing))

    def read(self, connection: duckdb.DuckDBPyConnection, path: Path, table: str) -> Reading:
        create_landing(connection, table, FLOW_COLUMNS)
        sheets = _sheets(path)
        query, notes = _query(path, sheets)
        tables = [item for name, rows in sheets.items() for item in _tables(path, name, rows)]
        if not tables:
            raise FileRefused(
                f"{path.name}: no table that starts with Data Type, HTS Number or Country; expected a "
                "DataWeb download"
            )
        if query.monthly and not all(item.months for item in tables):
            raise FileRefused(
                f"{path.name}: Timeframe Aggregation is Monthly, but a table has no columns January to "
                "December; expected a column per month"
            )
        remarks = [remark for item in tables for remark in item.remarks]
        if remarks:
            notes.append(
                f"{len(remarks)} rows are remarks, the first is row {remarks[0][0]}: {remarks[0][1]!r}"
            )
        rows = _flow_rows(path, query, tables)
        _insert(connection, table, rows)
        records = sum(len(item.records) + len(item.totals) for item in tables)
        return Reading(records, notes=tuple(notes))


# --- opening the workbook


def _parts(path: Path) -> list[zipfile.ZipInfo]:
    """The archive's parts; refuses what unpacks to too much or declares entities."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            if unpacked > MAX_UNPACKED or len(parts) > MAX_PARTS:
                raise FileRefused(
                    f"{path.name}: unpacks to {unpacked:,} bytes in {len(parts)} parts; expected at most "
                    f"{MAX_UNPACKED:,} bytes in {MAX_PARTS} parts"
                )
            for part in parts:
                with archive.open(part) as stream:
                    if b"<!DOCTYPE" in stream.read(4096):
                        raise FileRefused(f"{path.name}: {part.filename} declares a document type; refused")
            return parts
    except FileRefused:
        raise
    except Exception as error:  # zipfile raises a dozen kinds on damaged bytes
        raise FileRefused(f"{path.name}: not an .xlsx workbook ({type(error).__name__})") from error


def _sheets(path: Path) -> dict[str, list[tuple[int, Row]]]:
    """Rows with something in them, by sheet, each with its row number in the sheet."""
    _parts(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            workbook = openpyxl.load_workbook(path, read_only=True, data_only=True)
            found: dict[str, list[tuple[int, Row]]] = {}
            for sheet in workbook.worksheets:
                sheet.reset_dimensions()
                rows = enumerate(sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS), start=1)
                found[sheet.title] = [
                    (number, tuple(row)) for number, row in rows if any(cell is not None for cell in row)
                ]
            workbook.close()
    except Exception as error:  # openpyxl raises whatever its parsers do
        raise FileRefused(f"{path.name}: the workbook cannot be read ({type(error).__name__})") from error
    return found


# --- the parameters sheet


def _query(path: Path, sheets: dict[str, list[tuple[int, Row]]]) -> tuple[Query, list[str]]:
    name = next((name for name in sheets if name.strip().lower() == PARAMETERS), None)
    if name is None:
        raise FileRefused(
            f"{path.name}: no sheet Query Parameters, so trade flow and scale are unknown; download the "
            "query from DataWeb again as an .xlsx with its parameters"
        )
    said = _parameters(sheets[name])
    trade_flow = said.get((1, "trade flow"), "")
    known_as = OTHER_FLOW_NAMES.get(trade_flow.lower(), trade_flow.lower())
    if known_as not in TRADE_FLOWS:
        raise FileRefused(
            f"{path.name}, {name}: Trade Flow is {trade_flow!r}; expected one of "
            f"{', '.join(item.title() for item in TRADE_FLOWS)}"
        )
    system = said.get((1, "classification system"), "")
    if not system.lower().startswith(("hts", "hs", "schedule b", "harmonized")):
        raise FileRefused(f"{path.name}, {name}: Classification System is {system!r}; expected HTS Items")
    flow, row_kind = TRADE_FLOWS[known_as]
    timeframe = said.get((2, "timeframe aggregation"), "annual")
    if "quarter" in timeframe.lower():
        raise FileRefused(
            f"{path.name}, {name}: Timeframe Aggregation is {timeframe!r}; quarters are not read: run the "
            "query again by month or year"
        )
    if not timeframe.lower().startswith(("annual", "month")):
        raise FileRefused(
            f"{path.name}, {name}: Timeframe Aggregation is {timeframe!r}; expected Annual or Monthly"
        )
    partner, is_group = _partner(said)
    notes = []
    if row_kind != "flow":
        notes.append(
            f"{trade_flow} are set aside ({row_kind}): other countries' figures compare with "
            f"{'Total Exports' if flow == 'X' else 'General Imports'}; run the query with those"
        )
    if flow == "M":
        notes.append("imports are customs value, without freight and insurance: shown as fob, not cif")
    return Query(
        flow=flow,
        row_kind=row_kind,
        scale=_scale(path, name, said.get((2, "data format"), "")),
        downloaded=_downloaded(sheets[name]),
        partner=partner,
        is_group=is_group,
        splits=_splits(said),
        digits=int(level) if (level := said.get((4, "commodity aggregation level"), "")).isdecimal() else 0,
        whole_years=said.get((2, "select type"), "full years").lower() == "full years",
        monthly="month" in timeframe.lower(),
        commodity=_commodity(said),
    ), notes


def _parameters(rows: list[tuple[int, Row]]) -> dict[tuple[int, str], str]:
    """(number of the step, name) -> value as text; the first column is the name, the second the value."""
    said: dict[tuple[int, str], str] = {}
    step = 0
    for _, row in rows:
        name = str(row[0] if row[0] is not None else "").strip()
        value = row[1] if len(row) > 1 else None
        if found := re.match(r"Step (\d{1,2})\b", name):
            step = int(found[1])
            continue
        text = "" if value is None else str(value).strip()
        said[step, name.lower().rstrip(":")] = text
    return said


def _scale(path: Path, sheet: str, text: str) -> Decimal:
    """What one printed unit is in dollars; refused where the sheet does not say it plainly."""
    lowered = text.lower().removesuffix(".0")
    if "actual" in lowered:
        return Decimal(1)
    found = re.fullmatch(r"(?:in\s+|\$\s*)?(1(?:,?000)*)(?:\s*(?:dollars|u\.?s\.? ?dollars|\$))?", lowered)
    if found:
        return Decimal(found[1].replace(",", ""))
    raise FileRefused(
        f"{path.name}, {sheet}: Data Format is {text!r}, so the scale of the values is unknown; expected 1, "
        "1000 or 1000000"
    )


def _downloaded(rows: list[tuple[int, Row]]) -> dt.date | None:
    for _, row in rows:
        if str(row[0]).strip().lower() == "download date" and len(row) > 1:
            value = row[1]
            if isinstance(value, dt.datetime):
                return value.date()
            found = re.match(r"(\d{4})-(\d\d)-(\d\d)", str(value))
            if found:
                try:
                    return dt.date(int(found[1]), int(found[2]), int(found[3]))
                except ValueError:
                    return None
    return None


def _partner(said: dict[tuple[int, str], str]) -> tuple[str, bool]:
    """Partner of rows without a country column, and whether it is a chosen group of countries."""
    if said.get((3, "select type"), "").lower().startswith("use all"):
        return "-", False
    chosen = said.get((3, "country list"), "")
    return chosen or "-", "," in chosen


def _splits(said: dict[tuple[int, str], str]) -> str:
    """The row_kind of a query that is limited to some programmes, provisions or districts, else ""."""
    for step, kind in ((5, "breakdown_procedure"), (6, "breakdown_procedure"), (7, "breakdown_place")):
        chosen = said.get((step, "select type"), "use all").lower()
        if not chosen.startswith("use all"):
            return kind
    return ""


def _commodity(said: dict[tuple[int, str], str]) -> str:
    """Product of rows without a commodity column: TOTAL, one code, or "" for a sum of several."""
    if said.get((4, "select type"), "").lower().startswith("use all"):
        return "TOTAL"
    codes = [code for code in re.split(r"[,\s]+", said.get((4, "commodity list"), "")) if code]
    return codes[0] if len(codes) == 1 else ""


# --- tables


def _tables(path: Path, sheet: str, rows: list[tuple[int, Row]]) -> Iterator[Table]:
    """The tables of a sheet: each starts with a row of names, the first of which is a label's."""
    if sheet.strip().lower() == PARAMETERS:
        return
    current: Table | None = None
    for number, row in rows:
        first = str(row[0] if row[0] is not None else "").strip()
        if first.lower() in FIRST_NAMES:
            if current is not None:
                yield current
            current = _opened(path, sheet, number, row)
        elif current is not None and first.lower().rstrip(": ") == TOTAL:
            current.totals.append((number, row))
        elif current is not None and _is_remark(row):
            current.remarks.append((number, first[:80]))
        elif current is not None:
            current.records.append((number, row))
    if current is not None:
        yield current


def _is_remark(row: Row) -> bool:
    """One text alone. A measure, a year or a code without figures is a record that has lost them."""
    first = _text(row[0])
    is_record = first.lower() in {*VALUES, *CIF_VALUES, *QUANTITIES} or first.replace(".", "").isdigit()
    return bool(first) and not is_record and not any(map(_text, row[1:]))


def _opened(path: Path, sheet: str, number: int, row: Row) -> Table:
    names = [_text(cell) for cell in row]
    header: dict[str, int] = {}
    for place, name in enumerate(names):
        if name:
            header.setdefault(name.lower().replace("_", " "), place)
    table = Table(sheet, header, dict(enumerate(names)))
    others = [name for name in table.header if name not in {*LABELS, *SPLITS, *table.years, *table.months}]
    has_year = "year" in table.header
    if not others and (table.months if has_year else table.years) and not (table.months and table.years):
        return table
    if len(others) == 1 and not table.years and not table.months and has_year:
        return table
    raise FileRefused(
        f"{path.name}, {sheet}, row {number}: columns {', '.join(others[:12]) or 'none'}; expected one value "
        "column or one column per month with the years in column Year, or one column per year, and nothing "
        "else"
    )


def _text(cell: Any) -> str:
    """A cell as text: 2018.0 as 2018, blanks trimmed."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def _number(cell: Any) -> Decimal | None:
    """A number cell, or text digits with commas in the right places; else None."""
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, int | float):
        try:
            number = Decimal(str(cell))
        except InvalidOperation:
            return None
        return number if number.is_finite() and abs(number) < 10**18 else None
    text = str(cell).strip()
    return Decimal(text.replace(",", "")) if GROUPED.fullmatch(text) else None


# --- flow rows

Key = tuple[str, str, str, str, str]


@dataclass
class Figure:
    """One figure of one record: where it stands, what it is about, and its number."""

    table: Table
    row: int
    place: int
    key: Key
    label: str
    unit: str
    year: str
    # 1 to 12; 0 for the whole year.
    month: int
    cell: Any
    suppressed: bool
    measure: str
    split: str


def _flow_rows(path: Path, query: Query, tables: list[Table]) -> list[dict[str, Any]]:
    figures = [figure for table in tables for figure in _figures(query, table)]
    values = [item for item in figures if item.measure in VALUES]
    quantities = {(item.key, item.measure): item for item in figures if item.measure in QUANTITIES}
    valued = {item.key for item in values}
    empty = _unpublished(query, figures)
    rows = []
    for item in figures:
        row = _row(query, item, empty)
        if item.measure in QUANTITIES:
            _put_quantity(query, row, item)
            if item.key in valued:
                row["row_kind"] = "quantity_row"
        elif item.measure in VALUES:
            for name in QUANTITIES:
                if (item.key, name) in quantities:
                    _put_quantity(query, row, quantities[item.key, name])
        else:
            row["row_kind"] = "other_measure"
            row["valuation"] = "cif" if item.measure in CIF_VALUES else None
        rows.append(row)
    for table in tables:
        for number, total in table.totals:
            rows += _total_rows(query, table, number, total)
    return rows


def _figures(query: Query, table: Table) -> Iterator[Figure]:
    """One figure per record (long), per record and year (wide), or per record and month (monthly)."""
    for number, row in table.records:
        measure = _measure(table, row)
        code = _code(query, table.cell(row, *CODES)) if _has_code(table) else query.commodity
        country = _text(table.cell(row, "country")) or query.partner
        split = " ".join(_text(table.cell(row, name)) for name in SPLITS if name in table.header)
        kinds = [SPLITS[name] for name in SPLITS if name in table.header]
        for name, place in table.places.items():
            year = name if table.years else _text(table.cell(row, "year"))
            month = MONTHS.index(name.title()) + 1 if name in table.months else 0
            yield Figure(
                table=table,
                row=number,
                place=place,
                key=(code, country, year, str(month), split),
                label=_text(table.cell(row, "description")),
                unit=_text(table.cell(row, "quantity description")).lower(),
                year=year,
                month=month,
                cell=row[place] if place < len(row) else None,
                suppressed=_text(table.cell(row, "suppressed")) not in ("", "0"),
                measure=measure,
                split=kinds[0] if kinds else query.splits,
            )


def _measure(table: Table, row: Row) -> str:
    """The measure of a row: said by the row, by the column of values, or by the name of the sheet."""
    said = _text(table.cell(row, "data type")) or table.measure or table.sheet.strip()
    return said.lower().replace("_", " ")


def _has_code(table: Table) -> bool:
    return any(name in table.header for name in CODES)


def _code(query: Query, cell: Any) -> str:
    """The commodity number; a number cell has lost its leading zeros, so it is filled up to the level."""
    text = _text(cell).replace(".", "")
    return text.zfill(query.digits) if isinstance(cell, int | float) and query.digits else text


Span = tuple[int, str, int]


def _span(item: Figure) -> Span:
    return id(item.table), item.year, item.month


def _unpublished(query: Query, figures: list[Figure]) -> set[Span]:
    """(table, year, month) where all is 0 or blank in a period that was not over when it was downloaded,
    or in a month of a query that asked for some months only."""
    found: dict[Span, bool] = {}
    for item in figures:
        found[_span(item)] = found.get(_span(item), True) and not _number(item.cell)
    latest = max((item.year for item in figures), default="")
    return {
        (table, year, month)
        for (table, year, month), nothing in found.items()
        if nothing
        and (
            (month > 0 and not query.whole_years)
            or not _is_over(query, year, month, if_unknown=year < latest)
        )
    }


def _is_over(query: Query, year: str, month: int, if_unknown: bool) -> bool:
    """Whether the month, or all months of the year, were out: December's figures appear in February."""
    if query.downloaded is None or not YEAR.fullmatch(year):
        return if_unknown
    months = int(year[:4]) * 12 + (month or 12) + 1
    return query.downloaded >= dt.date(months // 12, months % 12 + 1, 1)


def _row(query: Query, item: Figure, empty: set[Span]) -> dict[str, Any]:
    """The record with its value; quantities are put in by the caller."""
    code, country, year, _, _ = item.key
    number = _number(item.cell)
    is_over = _is_over(query, year, item.month, if_unknown=query.whole_years)
    blank = number is None and _text(item.cell) == ""
    kind = item.split or query.row_kind
    if _span(item) in empty:
        kind, number = "not_yet_published", None
    elif country != "-" and country == query.partner and query.is_group:
        kind = "country_group"
    elif not code:
        kind = "subtotal"
    elif blank:
        kind = "no_value"
    row: dict[str, Any] = {
        "raw_row": item.row,
        "raw_column": f"{item.table.sheet}!{item.table.names[item.place]}",
        "row_kind": kind,
        "code_system": "schedule_c" if country == "-" else "schedule_c_name",
        "reporter_code": "1000" if country == "-" else "United States",
        "partner_code": country,
        "flow": query.flow,
        "product_code": code or None,
        "product_system": "HS" if len(code) <= 6 else "HTS",
        "product_label": item.label or None,
        "currency": "USD",
        "valuation": "fob",
    }
    if YEAR.fullmatch(year):
        last_day = calendar.monthrange(int(year[:4]), item.month or 12)[1]
        row["period_grain"] = "M" if item.month else "A"
        row["period_start_date"] = f"{year[:4]}-{item.month or 1:02d}-01"
        row["period_end_date"] = f"{year[:4]}-{item.month or 12:02d}-{last_day}"
    if item.measure not in QUANTITIES and number is not None:
        row["value"] = number * query.scale
    row |= _problem(query, item, number, blank, is_over or kind == "not_yet_published")
    return row


def _problem(
    query: Query, item: Figure, number: Decimal | None, blank: bool, is_over: bool
) -> dict[str, str]:
    code, _, year, _, _ = item.key
    column = item.table.names[item.place]

    def said(reason: str, name: str, value: Any, expected: str) -> dict[str, str]:
        return {
            "problem": reason,
            "problem_column": name,
            "problem_value": str(value)[:200],
            "problem_expected": expected,
        }

    if not YEAR.fullmatch(year):
        return said("bad_period", "Year", year, "a year such as 2024")
    if not is_over or not (query.whole_years or item.month):
        period = f"{year[:4]}-{item.month:02d}" if item.month else year
        return said(
            "incomplete_period", "Year", period, "a period that was over and out when it was downloaded"
        )
    if code not in ("", "TOTAL") and not re.fullmatch(r"\d{2,10}", code):
        return said("bad_format", "HTS Number", code, "2 to 10 digits")
    if code not in ("", "TOTAL") and query.digits and len(code) != query.digits:
        return said("bad_format", "HTS Number", code, f"{query.digits} digits, as the parameters say")
    if number is None and not blank and _number(item.cell) is None and not item.suppressed:
        return said("not_a_number", column, item.cell, "a number")
    if number is not None and number < 0:
        return said("negative", column, item.cell, "0 or more")
    return {}


def _put_quantity(query: Query, row: dict[str, Any], item: Figure) -> None:
    """Quantity and unit. A scale other than 1 may apply here or not, the file does not say: left out."""
    name = QUANTITIES[item.measure]
    unit = item.unit.removeprefix("value for:").strip()
    number = _number(item.cell)
    if not unit or item.suppressed or query.scale != 1 or row["row_kind"] == "not_yet_published":
        number = None
    row[name] = number
    row[f"{name}_unit"] = UNITS.get(unit, unit) or None
    if name == "quantity" and UNITS.get(unit) == "kg":
        row["net_weight_kg"] = number


def _total_rows(query: Query, table: Table, number: int, total: Row) -> Iterator[dict[str, Any]]:
    """The printed total, one row per value column, with a problem where it is not the sum of its rows."""
    for place in table.places.values():
        printed = total[place] if place < len(total) else None
        cells = [_number(row[place]) if place < len(row) else None for _, row in table.records]
        parts = sum((cell for cell in cells if cell is not None), Decimal(0))
        value = _number(printed)
        slack = Decimal(0) if query.scale == 1 else Decimal("0.5") * (len(table.records) + 1)
        first = table.records[0][1] if table.records else ()
        measure = _measure(table, first)
        row: dict[str, Any] = {
            "raw_row": number,
            "raw_column": f"{table.sheet}!{table.names[place]}",
            "row_kind": "subtotal",
            "code_system": "schedule_c",
            "reporter_code": "1000",
            "partner_code": "-",
            "flow": query.flow,
            "currency": "USD",
            "valuation": "fob",
        }
        if value is not None and measure not in QUANTITIES:
            row["value"] = value * query.scale
        if value is None and _text(printed) == "":
            yield row
            continue
        if value is None or abs(value - parts) > slack:
            row |= {
                "problem": "parts_differ",
                "problem_column": table.names[place],
                "problem_value": str(printed)[:200],
                "problem_expected": f"{parts:,f}, the sum of the {len(table.records)} rows above",
            }
        yield row


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: list[dict[str, Any]]) -> None:
    """All rows at once, as text that the engine casts."""
    names = list(FLOW_COLUMNS)
    casts = ", ".join(
        f"c[{i}]::{kind} as {name}" for i, (name, (kind, _)) in enumerate(FLOW_COLUMNS.items(), 1)
    )
    for start in range(0, len(rows), 20_000):
        part = [[_literal(row.get(name)) for name in names] for row in rows[start : start + 20_000]]
        try:
            connection.execute(
                f"insert into {table} by name select {casts} from "
                "(select unnest(from_json(?::json, '[[\"VARCHAR\"]]')) as c)",
                [json.dumps(part)],
            )
        except duckdb.Error as error:
            first = str(error).splitlines()[0]
            raise FileRefused(f"a figure of the workbook cannot be stored: {first}") from error


def _literal(value: Any) -> str | None:
    if value is None:
        return None
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


LAYOUT = UsitcDataWeb()
