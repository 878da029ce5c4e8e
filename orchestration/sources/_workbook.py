"""Tables in .xls, .xlsx and HTML files as rows of printed texts, within limits.

Every cell becomes the text that it holds: numbers as plain decimals without float noise. Formats and
colours are not read. What a table means is the layouts'. All that is wrong with a file is a FileRefused.
"""

from __future__ import annotations

import io
import math
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Context, Decimal
from pathlib import Path

from lxml import etree, html

from orchestration.sources.layout import FileRefused

MAX_ROWS = 200_000
MAX_COLUMNS = 1_000
# .xls and HTML files of the offices have some hundred kilobytes.
MAX_XLS_BYTES = 50 * 1024**2
MAX_HTML_BYTES = 20 * 1024**2
# An .xlsx is a zip file: its size when unpacked, how often it may be packed, and its parts.
MAX_UNPACKED_BYTES = 200 * 1024**2
MAX_RATIO = 200
MAX_MEMBERS = 1_000
# Cells of merged HTML cells are bounded by what a page could show.
MAX_SPAN = 1_000
MAX_TABLES = 200

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_EXACT = Context(prec=400)


@dataclass(frozen=True)
class Sheet:
    """One table: `rows` of texts ('' where blank). `before` are the lines of a page above the table."""

    name: str
    rows: list[list[str]]
    is_page: bool = False
    before: list[str] = field(default_factory=list)


def kind_of(head: bytes) -> str:
    """xls, xlsx, html or nothing, from the first bytes."""
    if head.startswith(_OLE):
        return "xls"
    if head.startswith(_ZIP):
        return "xlsx"
    start = head[:8192].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"<") and re.search(
        rb"<(!doctype html|html|table|body|head|div|meta|p|h\d)\b", start
    ):
        return "html"
    return ""


def read_sheets(path: Path, most_rows: int | None = None) -> list[Sheet]:
    """The tables of a file; of sheets no more than the first `most_rows` rows."""
    with path.open("rb") as stream:
        kind = kind_of(stream.read(8192))
    if kind == "xls":
        return list(_read_xls(path, most_rows))
    if kind == "xlsx":
        return list(_read_xlsx(path, most_rows))
    if kind == "html":
        return _read_html(path)
    raise FileRefused(f"{path.name}: neither .xls nor .xlsx nor an HTML page; expected one of them")


def column_letter(index: int) -> str:
    """0 -> A, 26 -> AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def number_text(value: float) -> str:
    """A number as plain decimal text, to 8 decimals: 1130.3436827800001 -> 1130.34368278, 12.0 -> 12."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    exact = Decimal(repr(value)).quantize(Decimal("1e-8"), rounding=ROUND_HALF_EVEN, context=_EXACT)
    text = format(exact, "f").rstrip("0").rstrip(".")
    return "0" if text in ("", "-0", "-") else text


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return number_text(value)
    return str(value)


def _check_size(path: Path, most: int) -> None:
    size = path.stat().st_size
    if size > most:
        raise FileRefused(f"{path.name}: {size:,} bytes; expected at most {most:,} for a table of this kind")


def _check_row(path: Path, sheet: str, row: int, width: int) -> None:
    if row > MAX_ROWS or width > MAX_COLUMNS:
        raise FileRefused(
            f"{path.name}, sheet {sheet}, row {row}: more than {MAX_ROWS:,} rows or {MAX_COLUMNS:,} columns "
            f"(here {width:,}); expected a printed table"
        )


def _read_xls(path: Path, most_rows: int | None) -> Iterator[Sheet]:
    import xlrd

    _check_size(path, MAX_XLS_BYTES)
    try:
        content = path.read_bytes()
        book = xlrd.open_workbook(
            file_contents=content, logfile=io.StringIO(), on_demand=True, ragged_rows=True
        )
        for name in book.sheet_names():
            sheet = book.sheet_by_name(name)
            count = sheet.nrows if most_rows is None else min(sheet.nrows, most_rows)
            rows: list[list[str]] = []
            for row in range(count):
                _check_row(path, name, row + 1, sheet.row_len(row))
                rows.append([_xls_text(xlrd, cell) for cell in sheet.row(row)])
            yield Sheet(name, rows)
    except FileRefused:
        raise
    except Exception as error:
        raise FileRefused(
            f"{path.name}: not readable as .xls ({type(error).__name__}: {str(error)[:120]}); "
            "download it again, or save it as .xlsx"
        ) from error


def _xls_text(xlrd: object, cell: object) -> str:
    kind: int = cell.ctype  # type: ignore[attr-defined]
    value = cell.value  # type: ignore[attr-defined]
    if kind == 4:
        return "TRUE" if value else "FALSE"
    if kind == 5:
        return str(xlrd.error_text_from_code.get(value, "#ERROR"))  # type: ignore[attr-defined]
    return _cell_text(value)


def check_zip(path: Path) -> None:
    """Refuses a zip file that unpacks to too much, or whose XML declares a document type."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            unpacked = sum(member.file_size for member in members)
            packed = max(path.stat().st_size, 1)
            if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED_BYTES or unpacked / packed > MAX_RATIO:
                raise FileRefused(
                    f"{path.name}: unpacks to {unpacked:,} bytes in {len(members):,} parts, "
                    f"{unpacked / packed:.0f} times its size; expected at most {MAX_UNPACKED_BYTES:,} bytes, "
                    f"{MAX_MEMBERS:,} parts and {MAX_RATIO} times: not opened"
                )
            for member in members:
                if member.filename.lower().endswith((".xml", ".rels", ".vml")):
                    with archive.open(member) as stream:
                        start = stream.read(65_536).replace(b"\0", b"").upper()
                    if b"<!DOCTYPE" in start or b"<!ENTITY" in start:
                        raise FileRefused(
                            f"{path.name}: {member.filename} declares a document type; expected plain XML"
                        )
    except FileRefused:
        raise
    except Exception as error:
        raise FileRefused(
            f"{path.name}: not a readable .xlsx ({type(error).__name__}: {str(error)[:120]})"
        ) from error


def _read_xlsx(path: Path, most_rows: int | None) -> Iterator[Sheet]:
    import openpyxl

    check_zip(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            for sheet in book.worksheets:
                sheet.reset_dimensions()
                yield Sheet(
                    sheet.title, _xlsx_rows(path, sheet.title, sheet.iter_rows(values_only=True), most_rows)
                )
        finally:
            book.close()
    except FileRefused:
        raise
    except Exception as error:
        raise FileRefused(
            f"{path.name}: not a readable .xlsx ({type(error).__name__}: {str(error)[:120]}); "
            "download it again"
        ) from error


def _xlsx_rows(
    path: Path, sheet: str, rows: Iterable[tuple[object, ...]], most_rows: int | None
) -> list[list[str]]:
    found: list[list[str]] = []
    for number, row in enumerate(rows, start=1):
        if most_rows is not None and number > most_rows:
            break
        _check_row(path, sheet, number, len(row))
        found.append([_cell_text(value) for value in row])
    while found and not any(found[-1]):
        found.pop()
    return found


def _read_html(path: Path) -> list[Sheet]:
    _check_size(path, MAX_HTML_BYTES)
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")
    try:
        parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True)
        root = html.document_fromstring(text.replace("\0", "").encode(), parser=parser)
        etree.strip_elements(root, "script", "style", "noscript", with_tail=False)
        tables = [table for table in root.iter("table") if next(table.iterdescendants("table"), None) is None]
        if len(tables) > MAX_TABLES:
            raise FileRefused(f"{path.name}: {len(tables):,} tables; expected a page with one table")
        return [
            Sheet(f"table {place}", _grid(path, table), is_page=True, before=_lines_before(root, table))
            for place, table in enumerate(tables, start=1)
        ]
    except FileRefused:
        raise
    except Exception as error:
        raise FileRefused(
            f"{path.name}: not a readable HTML page ({type(error).__name__}: {str(error)[:120]})"
        ) from error


def _page_text(text: str) -> str:
    """Text as a page shows it: source blanks collapse, non-breaking and wide blanks stay."""
    return re.sub(r"[ \t\r\n\f]+", " ", text).strip(" ")


def _span(cell: html.HtmlElement, name: str) -> int:
    found = re.match(r"\s*(\d{1,6})", cell.get(name) or "")
    return min(max(int(found[1]), 1), MAX_SPAN) if found else 1


def _grid(path: Path, table: html.HtmlElement) -> list[list[str]]:
    """Merged cells hold their text once, at the upper left."""
    rows: list[list[str]] = []
    taken: dict[int, int] = {}
    for number, line in enumerate(table.iter("tr"), start=1):
        row: dict[int, str] = {}
        below: dict[int, int] = {place: left - 1 for place, left in taken.items() if left > 1}
        place = 0
        for cell in line.iterchildren("td", "th"):
            while place in taken:
                place += 1
            row[place] = _page_text("".join(str(part) for part in cell.itertext()))
            for covered in range(place, place + _span(cell, "colspan")):
                if _span(cell, "rowspan") > 1:
                    below[covered] = _span(cell, "rowspan") - 1
                row.setdefault(covered, "")
            place = max(row) + 1
            _check_row(path, "page", number, place)
        rows.append([row.get(place, "") for place in range(max(row, default=-1) + 1)])
        taken = below
    return rows


def _lines_before(root: html.HtmlElement, table: html.HtmlElement) -> list[str]:
    lines: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if element is table:
            break
        text = element.text if event == "start" else element.tail
        if text and text.strip():
            lines.append(_page_text(text))
    return lines
