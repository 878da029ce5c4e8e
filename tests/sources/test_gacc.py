"""China customs: the express table, the monthly bulletin and exports of the query page.

Belongs here: what clean files give, each trap of theirs, and junk, which is refused and nothing else.
"""

from __future__ import annotations

import datetime as dt
import shutil
import zipfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import writers_gacc as write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.sources import gacc_bulletin, gacc_express_table, gacc_query
from orchestration.sources._gacc_table import BULLETIN as BULLETIN_KIND
from orchestration.sources._gacc_table import EXPRESS as EXPRESS_KIND
from orchestration.sources._gacc_table import find_title
from orchestration.sources._text import money_unit, quantity_unit, released_on
from orchestration.sources._workbook import column_letter, number_text
from orchestration.sources.layout import CustomsLayout, FileRefused, Reading, Sample

EXPRESS, BULLETIN, QUERY = gacc_express_table.LAYOUT, gacc_bulletin.LAYOUT, gacc_query.LAYOUT
SAMPLES = Path(__file__).resolve().parents[2].parent / "shared" / "samples" / "gacc"
NAME = "2025-05-09_2025年4月全国出口重点商品量值表.xls"

Row = dict[str, Any]


def read(layout: CustomsLayout, path: Path) -> tuple[Reading, list[Row]]:
    with duckdb.connect() as connection:
        reading = layout.read(connection, path, "landed")
        found = connection.execute("select * from landed").fetchall()
        types = connection.execute("describe landed").fetchall()
    assert [name for name, *_ in types] == list(layout.columns)
    return reading, [dict(zip(layout.columns, row, strict=True)) for row in found]


def figures(rows: Sequence[Row], label: str) -> dict[tuple[str, int, str, str], str]:
    """(period, year, measure, basis) -> printed, of one commodity."""
    return {
        (row["period_type"], row["year"], row["measure"], row["basis"]): row["printed"]
        for row in rows
        if row["source_label"] == label and row["printed"] is not None
    }


IC = {
    ("month", 2025, "level", "quantity"): "308.77326089",
    ("month", 2025, "level", "cny"): "1116.78911375",
    ("ytd", 2025, "level", "quantity"): "1062.92138444",
    ("ytd", 2025, "level", "cny"): "4051.47228043",
    ("ytd", 2024, "level", "quantity"): "885.66843063",
    ("ytd", 2024, "level", "cny"): "3531.91396022",
    ("ytd", 2025, "growth_yoy_pct", "quantity"): "20",
    ("ytd", 2025, "growth_yoy_pct", "cny"): "14.7",
}


@pytest.mark.parametrize("layout", ["A", "B"])
@pytest.mark.parametrize("kind", ["xls", "xlsx"])
def test_express_gives_every_cell_as_stored(tmp_path: Path, layout: str, kind: str) -> None:
    path = tmp_path / NAME.replace("xls", kind)
    (write.write_xls if kind == "xls" else write.write_xlsx)(path, write.express_grid(layout=layout))
    assert EXPRESS.match(Sample.of(path)).score == 1
    assert BULLETIN.match(Sample.of(path)).score < 0.5
    reading, rows = read(EXPRESS, path)
    assert figures(rows, "集成电路") == IC
    assert reading.released_at == dt.date(2025, 5, 9)
    assert reading.notes == () and reading.records == 8
    cell = next(row for row in rows if row["printed"] == "1116.78911375")
    assert cell == {
        "raw_row": 8 if layout == "A" else 7, "raw_column": "E" if layout == "A" else "D",
        "row_kind": "figure", "source_label": "集成电路", "label_level": 1, "is_aggregate": False,
        "reporter_code": "156", "flow": "X", "period_type": "month", "year": 2025, "last_month": 4,
        "measure": "level", "basis": "cny", "printed": "1116.78911375", "printed_unit": "亿元",
        "scale": Decimal(100_000_000), "unit": "CNY", "print_kind": "first",
        "problem": None, "problem_value": None, "problem_expected": None,
    }  # fmt: skip
    kinds = [row["row_kind"] for row in rows]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "title": 1, "header": 3, "figure": 20, "not_applicable": 4, "note": 1,
    }  # fmt: skip
    whole = next(row for row in rows if row["source_label"] == "机电产品" and row["printed"])
    assert whole["is_aggregate"] and whole["label_level"] == 0
    base = next(row for row in rows if row["printed"] == "3531.91396022")
    assert (base["year"], base["print_kind"]) == (2024, "revised_base")


@pytest.mark.parametrize("title_outside", [False, True])
def test_express_of_a_page_is_read_as_printed(tmp_path: Path, title_outside: bool) -> None:
    path = tmp_path / "page.html"
    write.write_html(path, write.express_grid(layout="B"), title_outside=title_outside)
    assert EXPRESS.match(Sample.of(path)).score == 1
    _, rows = read(EXPRESS, path)
    found = figures(rows, "集成电路")
    assert found[("ytd", 2025, "level", "cny")] == "4051.5"
    assert found[("ytd", 2024, "level", "cny")] == "3531.9"
    cell = next(row for row in rows if row["printed"] == "4051.5")
    assert (cell["raw_column"], cell["label_level"]) == ("1至4月累计 金额", 1)


def test_express_page_in_gbk(tmp_path: Path) -> None:
    grid = write.express_grid(layout="B", unit="单位:亿元人民币")
    path = write.write_html(tmp_path / "page.html", grid, encoding="gb18030")
    assert figures(read(EXPRESS, path)[1], "集成电路")[("month", 2025, "level", "cny")] == "1116.8"


def test_express_dollars_by_the_unit_alone(tmp_path: Path) -> None:
    grid = write.express_grid(unit="单位：百万美元", title_suffix="")
    _, rows = read(EXPRESS, write.write_xls(tmp_path / "a.xls", grid))
    amount = next(row for row in rows if row["basis"] == "usd" and row["measure"] == "level")
    assert (amount["scale"], amount["unit"], amount["printed_unit"]) == (1_000_000, "USD", "百万美元")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"unit": "单位：百万美元"}, "different currencies"),
        ({"unit": "", "title_suffix": ""}, "found none"),
        ({"unit": "单位：斤"}, "斤"),
        ({"to_date": "上旬"}, "上旬"),
    ],
)
def test_express_without_a_sure_unit_or_head_is_refused(
    tmp_path: Path, change: dict[str, str], said: str
) -> None:
    path = write.write_xls(tmp_path / "a.xls", write.express_grid(**change))  # type: ignore[arg-type]
    with pytest.raises(FileRefused, match=said):
        read(EXPRESS, path)


@pytest.mark.parametrize("month_head", ["2月", ""])
def test_february_is_a_year_to_date_with_or_without_the_month(tmp_path: Path, month_head: str) -> None:
    row = ["集成电路", "亿个", 220.24028168, 1429.23116459, 524.62122593, 3046.68138103, 461.41874536,
           1803.89387622, 13.7, 68.9]  # fmt: skip
    grid = write.express_grid([row], year=2026, month=2, month_head=month_head or "2月", layout="B")
    if not month_head:
        grid = [[cell for place, cell in enumerate(line) if place not in (2, 3)] for line in grid]
    reading, rows = read(EXPRESS, write.write_xls(tmp_path / "a.xls", grid))
    found = figures(rows, "集成电路")
    assert found[("ytd", 2026, "level", "cny")] == "3046.68138103"
    assert (("month", 2026, "level", "cny") in found) is bool(month_head)
    assert {row["last_month"] for row in rows if row["measure"]} == {2}
    assert reading.notes == ()


def test_express_notes_what_does_not_go_together(tmp_path: Path) -> None:
    row = [*write.IC_2025_04]
    row[5], row[9] = 1000, 15.2
    grid = write.express_grid([row], month_head="5月")
    reading, _ = read(EXPRESS, write.write_xls(tmp_path / "a.xls", grid))
    assert [note.split(":")[0] for note in reading.notes] == [
        "the title says month 4, the column heads 4, 5",
        "row 6, 集成电路, amount",
        "row 6, 集成电路, amount",
    ]


def test_express_bad_cells_have_a_problem(tmp_path: Path) -> None:
    row: list[write.Cell] = ["集成电路", "亿箩", 308.7, "1,2,3", "n.a.", -5.0, None, 3531.9, 20, "14.7%"]
    _, rows = read(EXPRESS, write.write_xls(tmp_path / "a.xls", write.express_grid([row], layout="B")))
    cells = {row["raw_column"]: (row["problem"], row["problem_value"]) for row in rows if row["measure"]}
    assert cells == {
        "C": ("unknown_unit", "亿箩"), "D": ("not_a_number", "1,2,3"), "E": ("unknown_unit", "亿箩"),
        "F": ("negative", "-5"), "H": (None, None), "I": (None, None), "J": (None, None),
    }  # fmt: skip


def test_express_release_before_the_period_ends_is_no_release(tmp_path: Path) -> None:
    grid = write.express_grid(year=2025, month=12)
    reading, _ = read(EXPRESS, write.write_xls(tmp_path / "2025-12-01_a.xls", grid))
    assert reading.released_at is None and "2025-12-01" in reading.notes[-1]


def test_bulletin_reads_texts_with_commas_and_both_changes(tmp_path: Path) -> None:
    cells = ["309", "11,167,891", "1,063", "40,514,723", "17.6", "21.5", "20.0", "14.7"]
    rows_in = [["集成电路", "亿个", *cells]]
    path = write.write_xls(tmp_path / "20250518_13.xls", write.bulletin_grid(rows_in))
    assert BULLETIN.match(Sample.of(path)).score == 1 and EXPRESS.match(Sample.of(path)).score < 0.5
    reading, rows = read(BULLETIN, path)
    assert reading.released_at == dt.date(2025, 5, 18)
    assert figures(rows, "集成电路") == {
        ("month", 2025, "level", "quantity"): "309",
        ("month", 2025, "level", "cny"): "11167891",
        ("ytd", 2025, "level", "quantity"): "1063",
        ("ytd", 2025, "level", "cny"): "40514723",
        ("month", 2025, "growth_yoy_pct", "quantity"): "17.6",
        ("month", 2025, "growth_yoy_pct", "cny"): "21.5",
        ("ytd", 2025, "growth_yoy_pct", "quantity"): "20.0",
        ("ytd", 2025, "growth_yoy_pct", "cny"): "14.7",
    }
    assert {row["scale"] for row in rows if row["basis"] == "cny" and row["measure"] == "level"} == {10_000}


def test_english_bulletin_has_changes_between_the_rows(tmp_path: Path) -> None:
    rows_in: list[list[write.Cell]] = [
        ["Electronic integrated circuits", "100 million pcs", "309", "15,504,321", "1,063", "56,353,000"],
        [None, None, "17.6", "20.2", "20.0", "13.5"],
        ["  Mobile phones", "10000N", "5,613", "7,545,000", "22,365", "35,430,000"],
        [None, None, "-", "-3.5", "-7.1", "-5.0"],
    ]
    for writer, name in ((write.write_xlsx, "b.xlsx"), (write.write_html, "b.html")):
        _, rows = read(BULLETIN, writer(tmp_path / name, write.english_grid(rows_in)))
        circuits = [row for row in rows if row["source_label"] == "Electronic integrated circuits"]
        shown = ("row_kind", "measure", "basis", "period_type", "printed")
        assert [tuple(row[name] for name in shown) for row in circuits] == [
            ("figure", "level", "quantity", "month", "309"),
            ("figure", "level", "usd", "month", "15504321"),
            ("figure", "level", "quantity", "ytd", "1063"),
            ("figure", "level", "usd", "ytd", "56353000"),
            ("change_row", "growth_yoy_pct", "quantity", "month", "17.6"),
            ("change_row", "growth_yoy_pct", "usd", "month", "20.2"),
            ("change_row", "growth_yoy_pct", "quantity", "ytd", "20.0"),
            ("change_row", "growth_yoy_pct", "usd", "ytd", "13.5"),
        ]  # fmt: skip
        assert circuits[0]["scale"] == 100_000_000 and circuits[1]["scale"] == 1000
        assert not [row for row in rows if row["problem"]]
        phones = [row["row_kind"] for row in rows if row["source_label"] == "Mobile phones"]
        assert phones.count("not_applicable") == 1


def test_english_bulletin_with_change_columns(tmp_path: Path) -> None:
    grid = write.english_grid(
        [["Air conditioners", "10000N", 481, "669,343", "6,159", "8,987,530", 32.5, 35.0, 28.3, 20.1]],
        title="（13）Major Export Commodities in Quantity and Value,1-12.2024",
        month=12,
    )
    grid[2] += ["Percentage Change", None, None, None]
    grid[3] += ["Quantity", "Value"] * 2
    found = figures(read(BULLETIN, write.write_html(tmp_path / "b.html", grid))[1], "Air conditioners")
    assert found[("month", 2024, "growth_yoy_pct", "quantity")] == "32.5"
    assert found[("ytd", 2024, "growth_yoy_pct", "usd")] == "20.1"


ENGLISH_EXPRESS: write.Grid = [
    ["(5) China's Major Exports by Quantity and Value, May 2026 (in USD)"],
    [None] * 9 + ["Unit: USD1 Million"],
    ["Commodity", "Quantity Unit", "5", None, "1-5 Total", None, "1-5 Total,2025", None,
     "1-5 Total, Year-On-Year(%)", None],
    [None, None, *["Quantity", "Value"] * 4],
    ["Agriculture products*", "—", "-", "8,838.9", "-", "43,243.2", "-", "41,196.0", "-", "5.0"],
    ["    Electronic integrated circuits", "100 Million PCS", "307.3", "35,548.2", "1,477.6", "139,076.8",
     "1,358.9", "73,214.6", "8.7", "90.0"],
    ["    Motor vehicles", "10,000 Autos", "98.8", "16,706.5", "423.8", "73,571.6", "285.1", "48,907.7",
     "48.7", "50.4"],
]  # fmt: skip


def test_express_in_english_names_months_and_the_year_of_the_base(tmp_path: Path) -> None:
    path = write.write_xlsx(tmp_path / "b.xlsx", ENGLISH_EXPRESS)
    assert EXPRESS.match(Sample.of(path)).score == 1 and BULLETIN.match(Sample.of(path)).score < 1
    reading, rows = read(EXPRESS, path)
    assert not reading.notes and not [row for row in rows if row["problem"]]
    assert figures(rows, "Electronic integrated circuits") == {
        ("month", 2026, "level", "quantity"): "307.3",
        ("month", 2026, "level", "usd"): "35548.2",
        ("ytd", 2026, "level", "quantity"): "1477.6",
        ("ytd", 2026, "level", "usd"): "139076.8",
        ("ytd", 2025, "level", "quantity"): "1358.9",
        ("ytd", 2025, "level", "usd"): "73214.6",
        ("ytd", 2026, "growth_yoy_pct", "quantity"): "8.7",
        ("ytd", 2026, "growth_yoy_pct", "usd"): "90.0",
    }
    scales = {row["scale"] for row in rows if row["basis"] == "usd" and row["measure"] == "level"}
    assert scales == {1_000_000}


@pytest.mark.parametrize(
    ("title", "about"),
    [
        ("(5) China's Major Exports by Quantity and Value, January-February 2025 (in CNY)", (2025, 2, "X")),
        ("(6) China's Major Imports by Quantity and Value, Dec. 2024 (in USD)", (2024, 12, "M")),
        ("(14) Imports of Major Commodities in Quantity and Value, March 2019", (2019, 3, "M")),
        ("（13）Major Export Commodities in Quantity and Value,1-7.2026", (2026, 7, "X")),
        ("China's Major Exports by Quantity and Value", None),
    ],
)
def test_english_titles(title: str, about: tuple[int, int, str] | None) -> None:
    found = find_title([title])
    assert (found and (found.year, found.month, found.flow)) == about
    assert found is None or found.kind == (EXPRESS_KIND if " by " in title else BULLETIN_KIND)


def test_changes_without_a_sign_are_no_levels(tmp_path: Path) -> None:
    grid = write.bulletin_grid(
        [["集成电路", "百万个", "30,877", "11,167,891", "106,292", "40,514,723", 20, 15, 19, -14.7]]
    )
    grid[2] = ["商品名称", "计量单位", "当月", None, "累计", None, "当月同比", None, "累计同比", None]
    found = figures(read(BULLETIN, write.write_xls(tmp_path / "b.xls", grid))[1], "集成电路")
    assert found[("ytd", 2025, "growth_yoy_pct", "cny")] == "-14.7" and len(found) == 8
    assert found[("ytd", 2025, "level", "cny")] == "40514723"


def test_english_bulletin_in_yuan_without_a_month_over_its_columns(tmp_path: Path) -> None:
    rows_in: list[list[write.Cell]] = [
        ["Electronic integrated circuits", "100MN", "351", "38,205", "2,100", "177,281"]
    ]
    title = "（13）Major Export Commodities in Quantity and Value,1-7.2025"
    grid = write.english_grid(rows_in, unit="Unit:RMB￥10,000", title=title, month=7)
    grid[2][2] = None
    _, rows = read(BULLETIN, write.write_xls(tmp_path / "b.xls", grid))
    found = figures(rows, "Electronic integrated circuits")
    assert found[("month", 2025, "level", "cny")] == "38205"
    assert found[("ytd", 2025, "level", "cny")] == "177281"
    assert {row["scale"] for row in rows if row["basis"] == "cny"} == {10_000}


def test_cells_of_a_failed_formula_are_no_figures_and_hold_nothing_back(tmp_path: Path) -> None:
    rows_in: list[list[write.Cell]] = [
        ["New three", "*REF!", "*REF!", "*REF!", "*REF!", "*REF!"],
        [None, None, "*REF!", "#N/A", "*REF!", "*REF!"],
        ["Mobile phones", "10000N", "5,613", "7,545,000", "22,365", "35,430,000"],
    ]
    reading, rows = read(BULLETIN, write.write_html(tmp_path / "b.html", write.english_grid(rows_in)))
    assert not [row for row in rows if row["problem"]]
    assert not figures(rows, "New three") and len(figures(rows, "Mobile phones")) == 4
    assert reading.notes == ("row 5, New three: holds *REF!: no figure",)


def test_zip_bombs_and_giant_sheets_are_refused(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<a>" + b" " * 50_000_000)
    with pytest.raises(FileRefused, match="unpacks to"):
        read(EXPRESS, bomb)
    assert EXPRESS.match(Sample.of(bomb)).score == 0
    wide = write.write_xlsx(tmp_path / "wide.xlsx", [[None] * 1200 + ["x"]])
    with pytest.raises(FileRefused, match="columns"):
        read(EXPRESS, wide)
    entity = tmp_path / "entity.xlsx"
    with zipfile.ZipFile(entity, "w") as archive:
        archive.writestr("[Content_Types].xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>")
    with pytest.raises(FileRefused, match="document type"):
        read(EXPRESS, entity)


@pytest.mark.parametrize(
    ("printed", "unit"),
    [
        ("亿个", (10**8, "items")), ("万台", (10**4, "items")), ("艘", (1, "items")), ("吨", (1, "tonnes")),
        ("万吨", (10**4, "tonnes")), ("千克", (1, "kg")), ("100MN", (10**8, "items")),
        ("MPR", (10**6, "pairs")),
        ("10000T", (10**4, "tonnes")), ("100 million pcs", (10**8, "items")), ("千个", (1000, "items")),
        ("10,000 sets", (10**4, "items")), ("10,000 Autos", (10**4, "items")),
        ("千瓦时", (1, "kWh")), ("箩", None), ("-", None), ("", None),
    ],
)  # fmt: skip
def test_units(printed: str, unit: tuple[int, str] | None) -> None:
    assert quantity_unit(printed) == unit


@pytest.mark.parametrize(
    ("printed", "money"),
    [
        ("亿元人民币", (10**8, "CNY")), ("百万美元", (10**6, "USD")), ("万元", (10**4, "CNY")),
        ("千美元", (1000, "USD")), ("US$1,000", (1000, "USD")), ("RMB 10,000 Yuan", (10**4, "CNY")),
        ("US$ million", (10**6, "USD")), ("RMB￥10,000", (10**4, "CNY")), ("CNY 100 Million", (10**8, "CNY")),
        ("USD1 Million", (10**6, "USD")), ("人民币美元", None), ("美", None),
    ],
)  # fmt: skip
def test_money_units(printed: str, money: tuple[int, str] | None) -> None:
    found = money_unit(printed)
    assert (found and found[:2]) == money


def test_numbers_have_no_float_noise() -> None:
    assert number_text(1130.3436827800001) == "1130.34368278"
    assert [number_text(number) for number in (12.0, -4.0, 0.0, -1e-12)] == ["12", "-4", "0", "0"]
    assert number_text(1e20) == "1" + "0" * 20
    assert [column_letter(place) for place in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
    assert released_on(Path("hs85423110_2025.csv")) is None
    assert released_on(Path("綜合查詢_20250810143014.csv")) == dt.date(2025, 8, 10)
    assert released_on(Path("2026050910092452792.xls")) == dt.date(2026, 5, 9)
    assert released_on(Path("hs20250810991234.csv")) is None


def query_file(tmp_path: Path, content: bytes, name: str = "hs8542_exports_2025-02-20.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


def test_query_rows_are_exact(tmp_path: Path) -> None:
    path = query_file(tmp_path, write.query_csv())
    assert QUERY.match(Sample.of(path)).score == 1
    reading, rows = read(QUERY, path)
    assert (reading.records, reading.released_at, reading.malformed) == (3, dt.date(2025, 2, 20), ())
    first = {name: value for name, value in rows[0].items() if value is not None}
    assert first == {
        "raw_row": 2, "raw_column": "人民币", "row_kind": "flow", "code_system": "gacc",
        "reporter_code": "142",
        "partner_code": "502", "flow": "X", "product_code": "85423110", "product_system": "CN",
        "product_label": "多元件集成电路", "period_grain": "M", "period_start_date": dt.date(2024, 1, 1),
        "period_end_date": dt.date(2024, 1, 31), "value": Decimal("5917063944"), "currency": "CNY",
        "valuation": "fob", "quantity": Decimal(1296592), "quantity_unit": "items",
        "quantity_2": Decimal(1520), "quantity_2_unit": "kg", "net_weight_kg": Decimal(1520),
    }  # fmt: skip
    assert rows[1]["quantity_2"] is None and rows[1]["quantity_2_unit"] is None
    assert rows[2]["period_grain"] == "A" and rows[2]["net_weight_kg"] == 5000


def test_query_with_tabs_after_its_values(tmp_path: Path) -> None:
    """The page puts a tab after each value, so that a spreadsheet keeps the codes as texts."""
    clean = read(QUERY, query_file(tmp_path, write.query_csv()))[1]
    tabbed = [[text + "\t" for text in record] for record in (write.QUERY_HEADER, *write.QUERY_RECORDS)]
    path = query_file(tmp_path, write.query_csv(tabbed[1:], tabbed[0]))
    assert QUERY.match(Sample.of(path)).score == 1 and read(QUERY, path)[1] == clean


def test_query_columns_in_another_order_and_dollars(tmp_path: Path) -> None:
    header = ("数据年月", "商品编码", "商品名称", "贸易伙伴编码", "贸易伙伴名称",
              "贸易方式编码", "贸易方式名称", "第一数量", "第一计量单位", "美元")  # fmt: skip
    records = [
        ("202401", "85423110", "集成电路", "133", "韩国", "10", "一般贸易", "1", "个", "12"),
        ("202401", "85423110", "集成电路", "133", "韩国", "", "合计", "2", "个", "30"),
    ]
    reading, rows = read(QUERY, query_file(tmp_path, write.query_csv(records, header), "进口.csv"))
    assert [row["row_kind"] for row in rows] == ["breakdown_procedure", "flow"]
    assert {(row["currency"], row["flow"], row["valuation"]) for row in rows} == {("USD", "M", "cif")}
    assert len(reading.notes) == 1


def test_query_bad_values_are_named_and_lines_kept(tmp_path: Path) -> None:
    good = list(write.QUERY_RECORDS[0])
    changes = [(0, "202413"), (1, "50"), (3, "8542311"), (5, "many"), (6, "箩"), (9, "1.2.3"), (9, "-5")]
    records = [[*good[:place], text, *good[place + 1 :]] for place, text in changes]
    content = write.query_csv(records) + b'"202401","502"\n' + b'"2024"01,\n'
    reading, rows = read(QUERY, query_file(tmp_path, content))
    assert [(row["problem"], row["problem_column"]) for row in rows] == [
        ("bad_period", "数据年月"), ("unknown_code", "贸易伙伴编码"), ("bad_format", "商品编码"),
        ("not_a_number", "第一数量"), ("unknown_unit", "第一计量单位"), ("not_a_number", "人民币"),
        ("negative", "人民币"),
    ]  # fmt: skip
    assert [row["problem_value"] for row in rows] == [text for _, text in changes]
    assert [line for line, *_ in reading.malformed] == [9, 10] and reading.records == 9


def test_query_refusals_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="put 'exports' or 'imports'"):
        read(QUERY, query_file(tmp_path, write.query_csv(), "hs8542.csv"))
    with pytest.raises(FileRefused, match="line 3: byte 0xFF"):
        read(QUERY, query_file(tmp_path, write.query_csv(write.QUERY_RECORDS[:1]) + b'"\xff\xff",\n'))
    header = [*write.QUERY_HEADER[:-1], "企业性质"]
    with pytest.raises(FileRefused, match="企业性质"):
        read(QUERY, query_file(tmp_path, write.query_csv([], header)))
    with pytest.raises(FileRefused, match="tells the currency"):
        read(QUERY, query_file(tmp_path, write.query_csv([], write.QUERY_HEADER[:-1])))


def test_query_flow_may_be_said_beside_the_file(tmp_path: Path) -> None:
    """The name does not say it: then source.yml may; what contradicts the name or is no flow is refused."""
    path = query_file(tmp_path, write.query_csv(), "hs8542.csv")
    beside = tmp_path / "source.yml"
    for flow, valuation in (("X", "fob"), ("M", "cif")):
        beside.write_text(f"files:\n  hs8542.csv:\n    flow: {flow}\n", encoding="utf-8")
        _, rows = read(QUERY, path)
        assert {(row["flow"], row["valuation"]) for row in rows} == {(flow, valuation)}
    with duckdb.connect() as connection, pytest.raises(FileRefused, match="name says exports"):
        QUERY.read_as(connection, path.rename(tmp_path / "hs8542_exports.csv"), "landed", "M")
    path = query_file(tmp_path, write.query_csv(), "hs8542.csv")
    beside.write_text("files:\n  hs8542.csv:\n    flow: both\n", encoding="utf-8")
    with pytest.raises(FileRefused, match=r"is 'both'; expected X \(exports\) or M"):
        read(QUERY, path)


def test_query_of_ten_thousand_records_is_probably_cut(tmp_path: Path) -> None:
    content = write.query_csv([write.QUERY_RECORDS[0]] * 10_000)
    reading, rows = read(QUERY, query_file(tmp_path, content))
    assert len(rows) == 10_000 and "10,000" in reading.notes[0]


@pytest.mark.parametrize(
    ("name", "count", "total"),
    [
        ("stats_query_hs1201_2024_imports.csv", 36, None),
        ("stats_query_hs1201_2023.csv", 40, None),
    ],
)
def test_query_real_files(tmp_path: Path, name: str, count: int, total: None) -> None:
    if not (SAMPLES / name).exists():
        pytest.skip(f"the sample {name} is not beside this checkout")
    if "imports" not in name:
        with pytest.raises(FileRefused, match="exports or imports"):
            read(QUERY, SAMPLES / name)
    path = Path(shutil.copy(SAMPLES / name, tmp_path / name.replace(".csv", "_imports.csv")))
    reading, rows = read(QUERY, path)
    assert (reading.records, len(rows), reading.malformed) == (count, count, ())
    assert not [row for row in rows if row["problem"]]
    assert {row["quantity_unit"] for row in rows} == {"kg"} and {row["currency"] for row in rows} == {"CNY"}
    assert rows[0]["raw_row"] == 2 and all(row["quantity_2"] is None for row in rows)
    text = path.read_bytes().decode("gb18030").splitlines()[1:]
    expected = sum(int(line.rsplit('","', 1)[1].rstrip('",').replace(",", "")) for line in text)
    assert sum(row["value"] for row in rows) == expected


def survives(layout: CustomsLayout, path: Path) -> None:
    """Rows or FileRefused; match never raises."""
    score = layout.match(Sample.of(path)).score
    assert 0 <= score <= 1
    try:
        read(layout, path)
    except FileRefused as error:
        assert str(error).startswith(path.name)


SETTINGS = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
STARTS = [b"", OLE, b"PK\x03\x04", b"<html><table><tr><td>", b'"\xca\xfd\xbe\xdd']
CELLS = st.one_of(st.none(), st.text(max_size=8), st.floats())


@SETTINGS
@given(start=st.sampled_from(STARTS), junk=st.binary(max_size=2000))
def test_any_bytes_give_rows_or_a_refusal(tmp_path: Path, start: bytes, junk: bytes) -> None:
    path = tmp_path / "exports.bin"
    path.write_bytes(start + junk)
    for layout in (EXPRESS, BULLETIN, QUERY):
        survives(layout, path)


@SETTINGS
@given(data=st.data())
def test_damaged_files_give_rows_or_a_refusal(tmp_path: Path, data: st.DataObject) -> None:
    """A few bytes of good files are overwritten, or the file is cut."""
    kind = data.draw(st.sampled_from(["xls", "xlsx", "html", "csv"]))
    path = tmp_path / f"2025_exports.{kind}"
    if kind == "csv":
        path.write_bytes(write.query_csv())
    else:
        writer = {"xls": write.write_xls, "xlsx": write.write_xlsx, "html": write.write_html}[kind]
        writer(path, write.express_grid(layout="B"))
    content = bytearray(path.read_bytes())
    # Places as shares: the size of an .xlsx depends on the time.
    for share, byte in data.draw(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=5)):
        content[int(share * (len(content) - 1))] = byte
    path.write_bytes(content[: round(data.draw(st.floats(0, 1) | st.just(1.0)) * len(content))])
    for layout in (EXPRESS, BULLETIN, QUERY):
        survives(layout, path)


@SETTINGS
@given(cells=st.lists(st.lists(CELLS, max_size=12), max_size=8))
def test_any_cells_below_a_good_header(tmp_path: Path, cells: list[list[write.Cell]]) -> None:
    grid = write.express_grid([*cells, write.IC_2025_04], layout="B")
    path = tmp_path / "a.html"
    lines = ["".join(f"<td>{write.html.escape(str(cell))}</td>" for cell in row) for row in grid]
    page = "".join(f"<tr>{line}</tr>" for line in lines).replace("None", "")
    path.write_text(f"<table>{page}</table>", "utf-8", errors="replace")
    survives(EXPRESS, path)
