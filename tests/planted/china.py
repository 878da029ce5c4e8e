"""Cases in the layouts of China customs: two printed tables and the query page."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import writers_gacc as writers

from .case import Case, Form, Rows
from .common import of_bytes, of_rows, through, undecodable, zip_bomb

Grid = writers.Grid


def cases(seed: int) -> dict[str, list[Case]]:
    """Layout -> its clean files, then those with errors."""
    return {
        "gacc_express_table": list(_express_cases(seed)),
        "gacc_bulletin": list(_bulletin_cases(seed)),
        "gacc_query": list(_query_cases(seed)),
    }


# --- printed tables


@dataclass(frozen=True)
class Printed:
    """A printed table: `body` are its rows of figures, `put` places them between title and notes."""

    form: Form
    body: list[list[writers.Cell]]
    put: Callable[[list[list[writers.Cell]]], Grid]
    save: Callable[[Grid], bytes]

    def case(self, error: str, body: list[list[writers.Cell]], what: str = "") -> Case:
        return self.form.damaged(error, self.save(self.put(body)), what)

    def edited(self, row: int, place: int, value: writers.Cell) -> list[list[writers.Cell]]:
        body = [list(line) for line in self.body]
        body[row][place] = value
        return body


def _printed(layout: str, name: str, body: list[list[writers.Cell]], put: object, save: object) -> Printed:
    assert callable(put) and callable(save)
    form = Form(layout, name, [], lambda _: save(put(body)), 0)
    return Printed(form, body, put, save)


def _xls(grid: Grid) -> bytes:
    return through(lambda path: writers.write_xls(path, grid), "file.xls")


def _xlsx(grid: Grid) -> bytes:
    return through(lambda path: writers.write_xlsx(path, grid), "file.xlsx")


def _page(grid: Grid) -> bytes:
    return through(lambda path: writers.write_html(path, grid), "file.html")


def _express_page(body: list[list[writers.Cell]]) -> bytes:
    return _page(writers.express_grid(body, layout="B"))


def _express_row(chance: random.Random, label: str, unit: str) -> list[writers.Cell]:
    """Month, year to date, last year's and the changes that follow from them, of quantity and amount."""
    row: list[writers.Cell] = [label, unit, *[None] * 8]
    for place in (0, 1):
        before, share = chance.uniform(100, 9000), chance.uniform(0.8, 1.3)
        to_date = round(before * share, 8)
        row[2 + place], row[4 + place] = round(to_date / 4, 8), to_date
        row[6 + place] = round(before, 8)
        row[8 + place] = round((to_date / round(before, 8) - 1) * 100, 1)
    return row


def _express_body(seed: int) -> list[list[writers.Cell]]:
    chance = random.Random(seed)
    made = [
        _express_row(chance, *pair)
        for pair in (("机电产品*", "-"), ("  手机", "万台"), ("  集成电路", "亿个"), ("  船舶", "艘"))
    ]
    for place in (2, 4, 6, 8):
        made[0][place] = "-"
    return made


EXPRESS_NAME = "2025-05-09_2025年4月全国出口重点商品量值表.xls"


def _express_cases(seed: int) -> Iterator[Case]:
    body = _express_body(seed)
    table = _printed("gacc_express_table", EXPRESS_NAME, body, writers.express_grid, _xls)
    for what, name, written in (
        ("", EXPRESS_NAME, _xls(writers.express_grid(body))),
        (".xlsx", EXPRESS_NAME + "x", _xlsx(writers.express_grid(body))),
        ("page", EXPRESS_NAME.replace("xls", "html"), _express_page(body)),
    ):
        yield Case("gacc_express_table", "clean", what, name, written, records=4)
    yield from _printed_cases(table, seed)
    packed = _printed("gacc_express_table", EXPRESS_NAME + "x", body, writers.express_grid, _xlsx)
    yield zip_bomb(packed.form)
    yield from (
        case for case in of_bytes(replace(packed.form, what=".xlsx"), seed)
        if case.error in ("truncated file", "binary junk")
    )  # fmt: skip
    dollars = writers.express_grid(body, unit="单位：百万美元")
    yield table.form.damaged("swapped CNY and USD", _xls(dollars), "unit in dollars")
    yuan = writers.express_grid(body, title_suffix="（美元值）")
    yield table.form.damaged("swapped CNY and USD", _xls(yuan), "title in dollars")
    yield table.case("revised base", table.edited(2, 7, float(body[2][7] or 0) * 1.03))
    late = _xls(writers.express_grid(body, month=12, to_date="1至4月累计", month_head="4月"))
    yield table.form.damaged("partial year as a year", late, name="2026-01-09_2025年12月出口重点商品.xls")
    yield table.case("scale slip", table.edited(2, 3, float(body[2][3] or 0) * 1000), "the month")
    yield table.case("scale slip", table.edited(2, 5, float(body[2][5] or 0) / 1000), "the year to date")


def _printed_cases(table: Printed, seed: int) -> Iterator[Case]:
    """What both tables can have."""
    body, form = table.body, table.form
    yield from of_bytes(form, seed)
    yield table.case("column shift", [[*row[1:], None] for row in body])
    one = [list(row) for row in body]
    one[2] = [*one[2][1:], None]
    yield table.case("column shift in one record", one)
    yield table.case("duplicate rows", [*body, body[2]])
    yield table.case("header only", [])
    many = [[*row, *[1] * 240] for row in body]
    yield table.case("10,000 columns", many, "as many as .xls has")
    wide = _page([*table.put(body)[:4], *([*row, *[1] * 10_000] for row in body)])
    yield form.damaged("10,000 columns", wide, "a page", form.name.replace(".xls", ".html"))
    yield table.case("unit switch", table.edited(2, 1, "斛"), "an unknown unit")
    yield table.case("unit switch", table.edited(2, 1, None), "no unit")
    grid = [
        [str(cell).replace("2025年", "114年") if isinstance(cell, str) else cell for cell in row]
        for row in table.put(body)
    ]
    roc = form.name.replace("2025年", "114年")
    yield form.damaged("ROC year as western year", table.save(grid), name=roc)


def _bulletin_body(seed: int) -> list[list[writers.Cell]]:
    chance = random.Random(seed)
    made: list[list[writers.Cell]] = []
    for label, unit in (("  手机", "万台"), ("  集成电路", "百万个"), ("  船舶", "艘")):
        row: list[writers.Cell] = [label, unit]
        values = [chance.randrange(1000, 10**6) for _ in range(2)]
        row += [f"{value:,}" for value in (*values, *(value * 4 for value in values))]
        made.append([*row, 1.5, -2.25, 3.0, 4.5])
    return made


def _english_body(seed: int) -> list[list[writers.Cell]]:
    made: list[list[writers.Cell]] = []
    for row in _bulletin_body(seed):
        unit = {"万台": "10 000 sets", "百万个": "million pcs", "艘": "set"}[str(row[1])]
        made += [[row[0], unit, *row[2:6]], [None, None, *row[6:]]]
    return made


BULLETIN_NAME = "2025-05-18_（13）2025年4月出口主要商品量值表.xls"


def _bulletin_cases(seed: int) -> Iterator[Case]:
    body = _bulletin_body(seed)
    table = _printed("gacc_bulletin", BULLETIN_NAME, body, writers.bulletin_grid, _xls)
    for what, name, written, records in (
        ("", BULLETIN_NAME, _xls(writers.bulletin_grid(body)), 3),
        ("page", BULLETIN_NAME.replace("xls", "html"), _page(writers.bulletin_grid(body)), 3),
        ("English", "2025-05-18_14.xlsx", _xlsx(writers.english_grid(_english_body(seed))), 3),
    ):
        yield Case("gacc_bulletin", "clean", what, name, written, records=records)
    yield from _printed_cases(table, seed)
    packed = _printed("gacc_bulletin", BULLETIN_NAME + "x", body, writers.bulletin_grid, _xlsx)
    yield zip_bomb(packed.form)
    grid = writers.bulletin_grid(body)
    grid[1] = [*grid[1][:-1], "单位：千美元"]
    yield table.form.damaged("swapped CNY and USD", _xls(grid), "unit in dollars")
    slipped = str(body[1][3]).replace(",", "") + "000"
    yield table.case("scale slip", table.edited(1, 3, slipped), "the month")


# --- the query page


def _query(seed: int) -> Form:
    chance = random.Random(seed)
    rows = [list(writers.QUERY_HEADER)]
    for month in ("202401", "202402"):
        for code, name in (("502", "美国"), ("116", "日本"), ("133", "韩国")):
            value = chance.randrange(10**5, 10**9)
            rows.append(
                [month, code, name, "85423110", "多元件集成电路", str(value // 7), "个", str(value // 90),
                 "千克", f"{value:,}"]
            )  # fmt: skip

    def write(given: Rows) -> bytes:
        return writers.query_csv(given[1:], given[0])

    return Form("gacc_query", "2025-08-12_exports.csv", rows, write, 6)


def _query_cases(seed: int) -> Iterator[Case]:
    form = _query(seed)
    yield form.clean()
    yield from of_rows(form)
    yield from of_bytes(form, seed)
    yield undecodable(form, b"85423110")
    yield form.case("unmapped partner", form.changed(2, 贸易伙伴编码="999"))
    yield form.case("ROC year as western year", form.all_changed("数据年月", "11301"))
    yield form.case("partial year as a year", form.mapped("数据年月", {"202401": "2024", "202402": "2025"}))
    yield form.case("unit switch", form.changed(2, 第一计量单位="斛"), "an unknown unit")
    yield form.case("unit switch", form.changed(2, 第一计量单位="千克"), "items to kg in one record")
    both = [[*form.rows[0], "美元"], *([*row, row[-1]] for row in form.rows[1:])]
    yield Case("gacc_query", "swapped CNY and USD", "both", form.name, form.write(both))
    split = [[*form.rows[0][:5], "贸易方式编码", "贸易方式名称", *form.rows[0][5:]]]
    for row in form.rows[1:]:
        split.append([*row[:5], "", "合计", *row[5:]])
        split.append([*row[:5], "10", "一般贸易", *row[5:]])
    yield form.case("doubled breakdown rows", split, "customs procedure")
