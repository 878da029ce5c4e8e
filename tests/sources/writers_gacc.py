"""Files of China customs as the offices write them, for tests and for planting errors.

Tables are lists of rows of cells (None, text or number); change a cell, then write the table as .xls, .xlsx
or HTML. Records of the query page are lists of texts.
"""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import xlwt

Cell = str | float | int | None
Grid = list[list[Cell]]

# Cells of April 2025 as GACC stored them (exports, yuan): 8 decimals for amounts.
IC_2025_04: list[Cell] = [
    "  集成电路", "亿个", 308.77326089, 1116.78911375, 1062.92138444, 4051.47228043,
    885.66843063, 3531.91396022, 20, 14.7,
]  # fmt: skip
PHONES_2025_04: list[Cell] = [
    "  手机", "万台", 5612.6248, 543.57800452, 22364.8756, 2546.80556014,
    24077.6617, 2652.96130248, -7.1, -4,
]  # fmt: skip
AGGREGATE: list[Cell] = ["机电产品*", "-", "-", 13630.5, "-", 50301.25, "-", 45981.5, "-", 9.4]
NOTE: list[Cell] = ["注: 1. 机电产品包括本表中已列名的有关商品。"]


def express_grid(
    rows: Sequence[Sequence[Cell]] = (AGGREGATE, PHONES_2025_04, IC_2025_04),
    *,
    year: int = 2025,
    month: int = 4,
    flow: str = "出口",
    title_suffix: str = "（人民币值）",
    unit: str = "单位∶亿元人民币",
    to_date: str | None = None,
    month_head: str | None = None,
    layout: str = "A",
) -> Grid:
    """The express table; layout A has a blank first row and column, B has neither."""
    span = to_date or f"1至{month}月累计"
    month_text = f"{month}月" if month_head is None else month_head
    grid: Grid = [
        [f"（4）{year}年{month}月全国{flow}重点商品量值表{title_suffix}"],
        [None] * 9 + [unit],
        [
            "商品名称", "计量单位", month_text, None, span, None, "去年同期累计", None,
            "累计比去年同期±%", None,
        ],
        [None, None, *["数量", "金额"] * 4],
        *[list(row) for row in rows],
        list(NOTE),
    ]  # fmt: skip
    return [[], *[[None, *row] for row in grid]] if layout == "A" else grid


def bulletin_grid(rows: Sequence[Sequence[Cell]], *, year: int = 2025, month: int = 4) -> Grid:
    """The Chinese bulletin: month, year to date, and the changes of both."""
    changes = "比去年同期±%"
    return [
        [f"（13）{year}年{month}月出口主要商品量值表（人民币值）"],
        [None] * 9 + ["单位：万元人民币"],
        [
            "商品名称", "计量单位", f"{month}月", None, f"1至{month}月累计", None,
            f"当月{changes}", None, f"累计{changes}", None,
        ],
        [None, None, *["数量", "金额"] * 4],
        *[list(row) for row in rows],
        ["注：金额为零的以“-”表示。"],
    ]  # fmt: skip


def english_grid(
    rows: Sequence[Sequence[Cell]],
    *,
    title: str = "(14) Exports of Major Commodities, 4.2025",
    month: int = 4,
    unit: str = "Unit: US$1,000",
) -> Grid:
    """The English bulletin with rows of percentages below the rows of values."""
    return [
        [title],
        [None] * 5 + [unit],
        ["Commodity", "Quantity Unit", str(month), None, f"1to{month}", None],
        [None, None, *["Quantity", "Value"] * 2],
        *[list(row) for row in rows],
        ["Figures in shaded areas refer to percentage change over the same period of last year."],
    ]


def write_xls(path: Path, grid: Grid, sheet: str = "M139RMBADD") -> Path:
    book = xlwt.Workbook()
    page = book.add_sheet(sheet)
    for place, row in enumerate(grid):
        for column, value in enumerate(row):
            if value is not None:
                page.write(place, column, value)
    book.save(str(path))
    return path


def write_xlsx(path: Path, grid: Grid, sheet: str = "Sheet1") -> Path:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    for place, row in enumerate(grid, start=1):
        for column, value in enumerate(row, start=1):
            if value is not None:
                page.cell(place, column, value)
    book.save(path)
    return path


def write_html(path: Path, grid: Grid, *, title_outside: bool = False, encoding: str = "utf-8") -> Path:
    """A page; numbers to one decimal, leading blanks as &nbsp;, merged heads with colspan and rowspan."""
    head = ""
    rows = list(grid)
    if title_outside:
        head = f"<h2>{html.escape(str(next(cell for cell in rows.pop(0) if cell)))}</h2>"
    lines = [f"<tr>{_html_cells(row)}</tr>" for row in rows]
    for place, row in enumerate(rows):
        if "商品名称" in row or "Commodity" in row:
            lines[place] = f"<tr>{_html_heads(row)}</tr>"
            lines[place + 1] = f"<tr>{''.join(f'<td>{cell}</td>' for cell in rows[place + 1] if cell)}</tr>"
    table = f"<table>{''.join(lines)}</table>"
    page = f"<html><body>{head}<script>var a = '<table>';</script>{table}</body></html>"
    path.write_bytes(page.encode(encoding))
    return path


def _html_cells(row: Sequence[Cell]) -> str:
    return "".join(f"<td>{_html_text(cell)}</td>" for cell in row)


def _html_heads(row: Sequence[Cell]) -> str:
    cells = []
    for place, cell in enumerate(row):
        if cell is None:
            continue
        is_group = place == len(row) - 1 or row[place + 1] is None
        cells.append(f"<td {'colspan=2' if is_group else 'rowspan=2'}>\n  {cell}\n</td>")
    return "".join(cells)


def _html_text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        bare = cell.lstrip(" ")
        return "&nbsp;" * (len(cell) - len(bare)) + html.escape(bare)
    return f"{cell:,.1f}"


QUERY_HEADER = (
    "数据年月", "贸易伙伴编码", "贸易伙伴名称", "商品编码", "商品名称",
    "第一数量", "第一计量单位", "第二数量", "第二计量单位", "人民币",
)  # fmt: skip
QUERY_RECORDS = (
    ("202401", "502", "美国", "85423110", "多元件集成电路", "1296592", "个", "1520", "千克", "5,917,063,944"),
    ("202401", "116", "日本", "85423110", "多元件集成电路", "20", "个", "0", "?", "1,234"),
    ("2024", "143", "台澎金马关税区", "12019019", "大豆", "5", "吨", "0", "?", "7"),
)


def query_csv(
    records: Sequence[Sequence[str]] = QUERY_RECORDS, header: Sequence[str] = QUERY_HEADER
) -> bytes:
    """A download of the query page: GB18030, all quoted, a comma at the end of each line."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator=",\n")
    writer.writerows([header, *records])
    return out.getvalue().encode("gb18030")
