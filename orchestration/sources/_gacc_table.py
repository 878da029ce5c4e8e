"""Printed tables of China customs: commodities as rows, months and years to date as pairs of columns.

Here belongs what the express table and the monthly bulletin share: finding title, unit and header,
naming the columns, and one row of PRINTED_COLUMNS per cell. Which file is which is the layouts'.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa

from orchestration.sources._text import Money, money_unit, quantity_unit, released_on, shortened
from orchestration.sources._workbook import Sheet, column_letter, read_sheets
from orchestration.sources.layout import PRINTED_COLUMNS, FileRefused, Reading, create_landing

REPORTER = "156"
EXPRESS = "重点"
BULLETIN = "主要"

# Rows above the header of a sheet: a blank one, the title, the unit.
HEADER_ROWS = 15

_CHINESE_TITLE = re.compile(
    r"(?P<year>\d{4})年(?:1[至到\-—~～])?(?P<month>\d{1,2})月.{0,20}?(?P<flow>出口|进口)"
    r"(?P<kind>重点|主要)商品量值表"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# `by` is the wording of the express table; months are numbers in the bulletin and names in the express table.
_ENGLISH_TITLE = re.compile(
    r"(?:major (?P<flow1>export|import) commodities in quantity and value"
    r"|(?P<flow2>export|import)s? of major commodities"
    r"|major (?P<by>export|import)s by quantity and value)"
    r"[^\d]{0,40}?"
    r"(?:(?:1\s*[-–—~]\s*|1\s*to\s*)?(?P<month>\d{1,2})\s*[.,/]\s*(?P<year1>\d{4})"
    rf"|(?<![a-z])(?:jan[a-z]*\.?\s*[-–—~]\s*)?(?P<name>{'|'.join(_MONTHS)})[a-z]*\.?,?\s*(?P<year2>\d{{4}}))",
    re.IGNORECASE,
)
_TO_DATE = r"1月?(?:至|到|to|-|—|–|~|～)(\d{1,2})"
_UNIT = re.compile(r"(?:单位|\bunit)\s*[:：∶﹕]\s*([^（）()]+)", re.IGNORECASE)
_NOTE = re.compile(r"(注|备注|说明|资料来源|notes?\b|source\b|figures\b|\d{1,2}\s*[、.．)）])", re.IGNORECASE)
_NONE = {"-", "--", "－", "—", "–"}
# What a spreadsheet leaves in a cell whose formula failed; offices publish such cells, with * for #.
_FAILED = re.compile(r"[*#](REF!|N/A|VALUE!|DIV/0!|NAME\?|NULL!|NUM!)")
_PLAIN = re.compile(r"[-+]?(\d{1,15}|\d{1,3}(,\d{3}){1,4})(\.\d{1,12})?")
_WIDE_BLANKS = {"　": 2, " ": 1, "\xa0": 1, "\t": 4}


@dataclass(frozen=True)
class Title:
    year: int
    month: int
    flow: str
    kind: str
    text: str


@dataclass(frozen=True)
class Column:
    """A column of figures: what it is about, and how a person would name it."""

    index: int
    name: str
    period_type: str
    years_back: int
    last_month: int
    measure: str
    is_quantity: bool
    print_kind: str
    # Percentages that do not say whether they are the month's or the year to date's.
    is_unclear: bool = False


@dataclass
class Table:
    """A sheet whose title, unit and columns are known."""

    sheet: Sheet
    title: Title
    title_row: int
    money: Money
    name_column: int
    unit_column: int
    header_row: int
    first_row: int
    columns: list[Column]
    prefix: str
    notes: list[str] = field(default_factory=list)


def squeezed(text: str) -> str:
    """Without any blanks, and with the usual per cent sign."""
    return re.sub(r"\s", "", text).replace("％", "%")


def find_title(texts: Sequence[str]) -> Title | None:
    """The first title among some texts: table, flow, year and last month."""
    for text in texts:
        found = _CHINESE_TITLE.search(squeezed(text))
        if found:
            flow = "X" if found["flow"] == "出口" else "M"
            kind = found["kind"]
        else:
            found = _ENGLISH_TITLE.search(text)
            if not found:
                continue
            flow = "X" if (found["flow1"] or found["flow2"] or found["by"]).lower() == "export" else "M"
            kind = EXPRESS if found["by"] else BULLETIN
        year, month = _period(found)
        if 1 <= month <= 12 and 1980 <= year <= 2100:
            return Title(year, month, flow, kind, text.strip())
    return None


def _period(found: re.Match[str]) -> tuple[int, int]:
    """Year and last month of a title."""
    parts = found.groupdict()
    year = parts.get("year") or parts.get("year1") or parts.get("year2")
    name = parts.get("name")
    return int(year or 0), _MONTHS.index(name.lower()) + 1 if name else int(found["month"])


def find_header(rows: Sequence[Sequence[str]]) -> tuple[int, int] | None:
    """Row and column of the cell over the commodities' names."""
    for place, row in enumerate(rows[:HEADER_ROWS]):
        for column, text in enumerate(row):
            if re.match(r"商品名称|commodit", squeezed(text), re.IGNORECASE) and len(row) > column + 2:
                return place, column
    return None


def above(sheet: Sheet, header_row: int) -> list[str]:
    """All texts above the header: cells of the sheet, then the lines of the page."""
    cells = [text for row in sheet.rows[:header_row] for text in row if text.strip()]
    return [*cells, *reversed(sheet.before)]


def find_money(texts: Sequence[str]) -> tuple[list[Money], list[str]]:
    """Units of money that are named, and texts after `unit:` that are none."""
    units: list[Money] = []
    unknown: list[str] = []
    for text in texts:
        found = _UNIT.search(text)
        if found:
            unit = money_unit(found[1])
            if unit is None:
                unknown.append(found[1].strip())
            elif unit not in units:
                units.append(unit)
    return units, unknown


def read_table(connection: duckdb.DuckDBPyConnection, path: Path, table: str, kind: str) -> Reading:
    """Lands every table of the file; `kind` is EXPRESS or BULLETIN."""
    create_landing(connection, table, PRINTED_COLUMNS)
    sheets = [sheet for sheet in read_sheets(path) if find_header(sheet.rows)]
    if not sheets:
        raise FileRefused(f"{path.name}: no header row with 商品名称 (or Commodity) in any table of the file")
    tables = [_open_table(path, sheet, kind, len(sheets) > 1) for sheet in sheets]
    rows: list[dict[str, object]] = []
    notes: list[str] = []
    for opened in tables:
        rows += Printer(opened, kind).rows()
        notes += opened.notes
    if not any(row["row_kind"] == "figure" for row in rows):
        raise FileRefused(f"{path.name}: the table holds no figure; expected numbers below the header")
    _insert(connection, table, rows)
    released_at = released_on(path)
    ends = max(_month_end(item.title.year, item.title.month) for item in tables)
    if released_at is not None and released_at <= ends:
        notes.append(f"the day in the name, {released_at}, is not after {ends}: not taken as the release's")
        released_at = None
    records = len({(str(row["raw_column"]).rpartition("!")[0], row["raw_row"]) for row in rows})
    return Reading(records, released_at, shortened(notes))


def _month_end(year: int, month: int) -> dt.date:
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def _open_table(path: Path, sheet: Sheet, kind: str, is_one_of_many: bool) -> Table:
    place = find_header(sheet.rows)
    assert place is not None
    header_row, name_column = place
    texts = above(sheet, header_row)
    title = find_title(texts) or find_title([path.stem])
    if title is None or title.kind != kind:
        said = f"{title.text!r}" if title else "none"
        raise FileRefused(
            f"{path.name}, {sheet.name}: no title such as 2025年4月全国出口{kind}商品量值表 above the "
            f"header; found {said}"
        )
    money = _money(path, sheet, title, texts)
    first_row, names = _header_names(path, sheet, header_row, name_column)
    unit_column = _unit_column(path, sheet, header_row, name_column, names)
    found = Table(
        sheet, title, _row_of(sheet, title), money, name_column, unit_column, header_row, first_row, [],
        f"{sheet.name}!" if is_one_of_many else "",
    )  # fmt: skip
    found.columns = _columns(path, found, names)
    return found


def _row_of(sheet: Sheet, title: Title) -> int:
    for place, row in enumerate(sheet.rows[:HEADER_ROWS]):
        if any(text.strip() == title.text for text in row):
            return place
    return -1


def _money(path: Path, sheet: Sheet, title: Title, texts: Sequence[str]) -> Money:
    units, unknown = find_money(texts)
    if len(units) != 1 or unknown:
        found = ", ".join([unit.printed for unit in units] + unknown) or "none"
        raise FileRefused(
            f"{path.name}, {sheet.name}: one unit such as 单位:亿元人民币 or 单位:百万美元 must stand above "
            f"the header, as it alone tells yuan from dollars; found {found}"
        )
    said = squeezed(title.text).upper()
    is_cny = bool(re.search(r"人民币|RMB|CNY|YUAN", said))
    is_usd = bool(re.search(r"美元|USD|US\$|DOLLAR", said))
    if (is_cny and units[0].currency != "CNY") or (is_usd and units[0].currency != "USD"):
        raise FileRefused(
            f"{path.name}, {sheet.name}: the title {title.text!r} and the unit {units[0].printed!r} name "
            "different currencies; expected the same"
        )
    return units[0]


def _header_names(
    path: Path, sheet: Sheet, header_row: int, name_column: int
) -> tuple[int, list[tuple[str, str]]]:
    """First row of figures, and for each column its group and sub-heading."""
    heads = sheet.rows[header_row]
    for row in range(header_row + 1, min(header_row + 4, len(sheet.rows))):
        subs = [squeezed(text) for text in sheet.rows[row]]
        if sum(bool(_basis(sub)) for sub in subs) >= 2:
            break
    else:
        raise FileRefused(
            f"{path.name}, {sheet.name}, row {header_row + 2}: no second line of the header with 数量 "
            "and 金额 (Quantity and Value)"
        )
    names: list[tuple[str, str]] = []
    group = ""
    for column in range(max(len(heads), len(subs))):
        text = squeezed(heads[column]) if column < len(heads) else ""
        # A head spans the blank cells after it, but the one over the units has a column of its own.
        group = text or ("" if _is_unit_head(group) else group)
        names.append((group, subs[column] if column < len(subs) else ""))
    return row + 1, names


def _basis(sub: str) -> str:
    """quantity or amount, from a sub-heading."""
    if re.fullmatch(r"数量|quantity", sub, re.IGNORECASE):
        return "quantity"
    return "amount" if re.fullmatch(r"金额|价值|value|amount", sub, re.IGNORECASE) else ""


def _is_unit_head(group: str) -> bool:
    return bool(re.fullmatch(r"计量单位|单位|(quantity)?unit", group, re.IGNORECASE))


def _unit_column(
    path: Path, sheet: Sheet, header_row: int, name_column: int, names: Sequence[tuple[str, str]]
) -> int:
    for column in range(name_column + 1, len(names)):
        group, sub = names[column]
        if _is_unit_head(group) and not _basis(sub):
            return column
    raise FileRefused(
        f"{path.name}, {sheet.name}, row {header_row + 1}: no column 计量单位 (Quantity Unit) beside the "
        "names"
    )


def _columns(path: Path, table: Table, names: Sequence[tuple[str, str]]) -> list[Column]:
    columns: list[Column] = []
    for index in range(table.unit_column + 1, len(names)):
        group, sub = names[index]
        if not _basis(sub):
            if any(_has(row, index) for row in table.sheet.rows[table.first_row :]):
                table.notes.append(f"column {column_letter(index)} has no heading 数量 or 金额: not read")
            continue
        if not group and any(re.search(_TO_DATE, other, re.IGNORECASE) for other, _ in names):
            # Early English tables leave the head of the month blank beside that of the year to date.
            group = f"{table.title.month}月"
        column = _column(table, index, group, sub)
        if column is None:
            raise FileRefused(
                f"{path.name}, {table.sheet.name}, row {table.header_row + 1}: column {column_letter(index)} "
                f"is headed {group!r}; expected a month, a year to date, last year's or a change"
            )
        columns.append(column)
    if not any(column.measure == "level" and not column.years_back for column in columns):
        raise FileRefused(f"{path.name}, {table.sheet.name}: no column of a month or a year to date")
    _check_heads(table, columns)
    return _settle_changes(table, columns)


def _has(row: Sequence[str], index: int) -> bool:
    return index < len(row) and bool(row[index].strip())


def _column(table: Table, index: int, group: str, sub: str) -> Column | None:
    name = f"{group} {sub}" if table.sheet.is_page else column_letter(index)
    month, month_year = table.title.month, table.title.year
    is_quantity = _basis(sub) == "quantity"
    to_date = re.search(_TO_DATE, group, re.IGNORECASE)
    year = re.search(r"(?<!\d)((?:19|20)\d\d)(?!\d)", group)
    years_back = month_year - int(year[1]) if year else 0
    alone = re.match(r"(\d{1,2})月?(?!\d|至|到|to|-|—|–|~|～)", group, re.IGNORECASE)
    if to_date or "累计" in group:
        period, last, is_clear = "ytd", int(to_date[1]) if to_date else month, True
    elif alone or "当月" in group or "本月" in group:
        period, last, is_clear = "month", int(alone[1]) if alone else month, True
    else:
        period, last, is_clear = "ytd", month, False
    if not 1 <= last <= 12:
        return None
    column = Column(index, f"{table.prefix}{name}", period, 0, last, "level", is_quantity, "first")
    if re.search(r"[±%]|percent|change|year-?on-?year|增减|同比|比去年|比上年", group, re.IGNORECASE):
        return replace(column, measure="growth_yoy_pct", is_unclear=not is_clear)
    if years_back == 1 or re.search(r"去年|上年|lastyear|previousyear", group, re.IGNORECASE):
        return replace(column, years_back=1, print_kind="revised_base")
    return column if is_clear and years_back == 0 else None


def _check_heads(table: Table, columns: Sequence[Column]) -> None:
    months = sorted({column.last_month for column in columns if not column.is_unclear})
    if months != [table.title.month]:
        shown = ", ".join(map(str, months))
        table.notes.append(
            f"the title says month {table.title.month}, the column heads {shown}: the heads are taken"
        )


def _settle_changes(table: Table, columns: list[Column]) -> list[Column]:
    """Percentages under a head that names no period: the month's first, then the year to date's."""
    levels = {column.period_type for column in columns if column.measure == "level"}
    has_base = any(column.years_back for column in columns)
    heads = [column.last_month for column in columns if not column.is_unclear]
    settled: list[Column] = []
    for column in columns:
        alike = [item for item in columns if item.is_unclear and item.is_quantity == column.is_quantity]
        if not column.is_unclear:
            settled.append(column)
            continue
        column = replace(column, last_month=max(heads))
        if has_base or levels == {"ytd"}:
            settled.append(replace(column, period_type="ytd", is_unclear=False))
        elif levels == {"month"}:
            settled.append(replace(column, period_type="month", is_unclear=False))
        elif len(alike) == 2:
            period = "month" if column.index == alike[0].index else "ytd"
            settled.append(replace(column, period_type=period, is_unclear=False))
        else:
            table.notes.append(
                f"column {column.name}: the change does not say whether it is the month's or the year to "
                "date's: kept, but not used"
            )
            settled.append(column)
    return settled


class Printer:
    """Turns the rows of a table into rows of PRINTED_COLUMNS."""

    def __init__(self, table: Table, kind: str) -> None:
        self.table = table
        self.kind = kind
        self.levels = self._label_levels()
        self.is_in_notes = False
        self.last_row: list[str] | None = None
        # The texts of each row of figures, and where it stands.
        self.places: dict[tuple[str, ...], int] = {}

    def rows(self) -> list[dict[str, object]]:
        table = self.table
        made: list[dict[str, object]] = []
        for place, row in enumerate(table.sheet.rows):
            if place < table.first_row:
                texts = [text.strip() for text in row if text.strip()]
                kind = "title" if place == table.title_row else "header"
                made += [self._text_row(place, kind, " | ".join(texts))] if texts else []
            else:
                made += self._body_row(place, row)
        return made

    def _label_levels(self) -> dict[int, int]:
        """Blanks before the labels, ranked: the narrowest is level 0."""
        rows = self.table.sheet.rows[self.table.first_row :]
        widths = {_indent(self._cell(row, self.table.name_column)) for row in rows if self._has_figures(row)}
        return {width: level for level, width in enumerate(sorted(widths))}

    @staticmethod
    def _cell(row: Sequence[str], index: int) -> str:
        return row[index] if index < len(row) else ""

    def _has_figures(self, row: Sequence[str]) -> bool:
        return any(self._cell(row, column.index).strip() for column in self.table.columns)

    def _body_row(self, place: int, row: list[str]) -> list[dict[str, object]]:
        label = self._cell(row, self.table.name_column)
        unit = self._cell(row, self.table.unit_column).strip()
        texts = [text.strip() for text in row if text.strip()]
        if not texts:
            return []
        if not self._has_figures(row):
            self.is_in_notes = self.is_in_notes or bool(_NOTE.match(texts[0]))
            return [self._text_row(place, "note" if self.is_in_notes else "header", " ".join(texts))]
        if not label.strip() and not unit and self.kind == BULLETIN and self.last_row is not None:
            return self._change_row(place, row)
        self.last_row = row
        made = [cell for column in self.table.columns for cell in self._figure(place, row, column)]
        self._check_row(place, row)
        if any(_FAILED.fullmatch(text) for text in texts):
            self.table.notes.append(f"row {place + 1}, {label.strip()}: holds {_failed(texts)}: no figure")
        first = self.places.setdefault(tuple(texts), place)
        if first != place:
            self.table.notes.append(f"row {place + 1}, {label.strip()}, repeats row {first + 1}")
        return made

    def _text_row(self, place: int, kind: str, text: str) -> dict[str, object]:
        row = self._blank(place, f"{self.table.prefix}{column_letter(self.table.name_column)}", kind)
        row["source_label"] = text[:500]
        return row

    def _blank(self, place: int, column: str, kind: str) -> dict[str, object]:
        row: dict[str, object] = dict.fromkeys(PRINTED_COLUMNS)
        row.update(raw_row=place + 1, raw_column=column, row_kind=kind)
        row.update(reporter_code=REPORTER, flow=self.table.title.flow)
        return row

    def _figure(self, place: int, row: Sequence[str], column: Column) -> list[dict[str, object]]:
        text = self._cell(row, column.index).strip()
        if not text:
            return []
        label = self._cell(row, self.table.name_column)
        made = self._blank(place, column.name, "figure")
        made.update(self._about(column), **self._labelled(label))
        if column.measure == "level":
            self._measure(made, column, self._cell(row, self.table.unit_column).strip(), text)
        else:
            made.update(printed_unit="pct", scale=1, unit="percent")
        if column.is_unclear:
            made["row_kind"] = "change_row"
        self._set_number(made, text)
        if made["row_kind"] == "figure" and not label.strip():
            self._set_problem(made, "blank", label, "the name of a commodity")
        return [made]

    def _change_row(self, place: int, row: Sequence[str]) -> list[dict[str, object]]:
        """Percentages below the figures that they belong to."""
        assert self.last_row is not None
        label = self._cell(self.last_row, self.table.name_column)
        rows: list[dict[str, object]] = []
        for column in self.table.columns:
            text = self._cell(row, column.index).strip()
            if not text:
                continue
            made = self._blank(place, column.name, "change_row")
            made.update(self._about(replace(column, measure="growth_yoy_pct")), **self._labelled(label))
            made.update(printed_unit="pct", scale=1, unit="percent")
            self._set_number(made, text)
            rows.append(made)
        return rows

    def _about(self, column: Column) -> dict[str, object]:
        return {
            "period_type": column.period_type,
            "year": self.table.title.year - column.years_back,
            "last_month": column.last_month,
            "measure": column.measure,
            "basis": "quantity" if column.is_quantity else self.table.money.currency.lower(),
            "print_kind": column.print_kind,
        }

    def _labelled(self, label: str) -> dict[str, object]:
        text = label.strip().strip("*＊'").strip()
        return {
            "source_label": re.sub(r"\s*\n\s*", " ", text) or None,
            "label_level": self.levels.get(_indent(label), 0),
            "is_aggregate": "*" in label or "＊" in label,
        }

    def _measure(self, made: dict[str, object], column: Column, unit: str, text: str) -> None:
        money = self.table.money
        if not column.is_quantity:
            made.update(printed_unit=money.printed, scale=money.scale, unit=money.currency)
            return
        made["printed_unit"] = unit or None
        known = quantity_unit(unit)
        if known:
            made.update(scale=known.scale, unit=known.name)
        elif text not in _NONE and not _FAILED.fullmatch(text):
            self._set_problem(made, "unknown_unit", unit, "a unit such as 亿个, 万台, 吨 or 千克")

    def _set_number(self, made: dict[str, object], text: str) -> None:
        if text in _NONE or _FAILED.fullmatch(text):
            made.update(row_kind="not_applicable", printed=None)
            return
        printed = plain_number(text, is_percent=made["unit"] == "percent")
        if printed is None:
            self._set_problem(made, "not_a_number", text, "a number, - or nothing")
            return
        made["printed"] = printed
        if made["measure"] == "level" and printed.startswith("-"):
            self._set_problem(made, "negative", text, "0 or more")

    @staticmethod
    def _set_problem(made: dict[str, object], reason: str, value: str, expected: str) -> None:
        if made["problem"] is None:
            made.update(problem=reason, problem_value=value[:200], problem_expected=expected)

    def _check_row(self, place: int, row: Sequence[str]) -> None:
        """Notes on figures of a row that do not go together."""
        for is_quantity in (True, False):
            found = {
                (column.period_type, column.years_back, column.measure): number
                for column in self.table.columns
                if column.is_quantity == is_quantity and not column.is_unclear
                and (number := _decimal(self._cell(row, column.index).strip())) is not None
            }  # fmt: skip
            name = self._cell(row, self.table.name_column).strip()
            what = f"row {place + 1}, {name}, {'quantity' if is_quantity else 'amount'}"
            self._check_to_date(what, found)
            self._check_change(what, found)

    def _check_to_date(self, what: str, found: dict[tuple[str, int, str], Decimal]) -> None:
        month, to_date = found.get(("month", 0, "level")), found.get(("ytd", 0, "level"))
        if month is not None and to_date is not None and to_date < month:
            self.table.notes.append(f"{what}: the year to date {to_date} is less than the month {month}")

    def _check_change(self, what: str, found: dict[tuple[str, int, str], Decimal]) -> None:
        to_date, base = found.get(("ytd", 0, "level")), found.get(("ytd", 1, "level"))
        printed = found.get(("ytd", 0, "growth_yoy_pct"))
        if to_date is None or base is None or printed is None or base <= 0:
            return
        half = Decimal(5).scaleb(-1 - max(_decimals(to_date), _decimals(base)))
        low = ((to_date - half) / (base + half) - 1) * 100 - Decimal("0.05")
        high = ((to_date + half) / max(base - half, half) - 1) * 100 + Decimal("0.05")
        if not low <= printed <= high:
            self.table.notes.append(
                f"{what}: the change {printed} does not follow from {to_date} and {base} "
                f"({(to_date / base - 1) * 100:.1f})"
            )


def _failed(texts: Sequence[str]) -> str:
    return next(text for text in texts if _FAILED.fullmatch(text))


def _indent(label: str) -> int:
    width = 0
    for letter in label:
        if letter not in _WIDE_BLANKS:
            break
        width += _WIDE_BLANKS[letter]
    return width


def plain_number(text: str, is_percent: bool = False) -> str | None:
    """A printed number without thousands commas; null when it is none. '3,046.7' -> '3046.7'."""
    text = text.strip().replace("−", "-").replace("－", "-")
    if is_percent:
        text = text.rstrip("%％").strip()
    return text.replace(",", "").lstrip("+") if _PLAIN.fullmatch(text) else None


def _decimal(text: str) -> Decimal | None:
    plain = plain_number(text, is_percent=True)
    return None if plain is None else Decimal(plain)


def _decimals(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


_TYPES = {"bigint": pa.int64(), "integer": pa.int32(), "boolean": pa.bool_(), "decimal(13,0)": pa.int64()}


def _insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[dict[str, object]]) -> None:
    columns = {
        name: pa.array([row[name] for row in rows], type=_TYPES.get(kind, pa.string()))
        for name, (kind, _) in PRINTED_COLUMNS.items()
    }
    connection.register("printed_cells", pa.table(columns))
    try:
        connection.execute(f"insert into {table} by name select * from printed_cells")
    finally:
        connection.unregister("printed_cells")
