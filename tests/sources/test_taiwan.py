"""Taiwan customs: ROC years, preliminary parts of a year, thousand dollars or dollars, Chinese names."""

from __future__ import annotations

import datetime as dt
import gzip
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import writers_asia as write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.sources.layout import FileRefused, Reading, Sample
from orchestration.sources.taiwan_customs import LAYOUT

BY_COUNTRY = ("進出口別", "日期", "貨品號列", "中文貨名", "國家", "美元")


def read(path: Path) -> tuple[Reading, list[dict[str, object]]]:
    with duckdb.connect() as connection:
        reading = LAYOUT.read(connection, path, "landed")
        rows = connection.execute("select * from landed").fetchall()
    return reading, [dict(zip(LAYOUT.columns, row, strict=True)) for row in rows]


def file(tmp_path: Path, content: bytes, name: str = "GA30.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp950"])
def test_rows_are_exact(tmp_path: Path, encoding: str) -> None:
    path = file(tmp_path, write.csv_bytes(write.TAIWAN_HEADER, write.TAIWAN_RECORDS, encoding))
    assert LAYOUT.match(Sample.of(path)).score == 1
    reading, rows = read(path)
    assert (reading.records, reading.malformed) == (3, ())
    assert {name: value for name, value in rows[0].items() if value is not None} == {
        "raw_row": 2, "raw_column": "美元(千元)", "row_kind": "flow", "code_system": "taiwan_name",
        "reporter_code": "TWN", "partner_code": "WLD", "flow": "X", "product_code": "85423100002",
        "product_system": "CCC", "product_label": "處理器及控制器", "period_grain": "A",
        "period_start_date": dt.date(2013, 1, 1), "period_end_date": dt.date(2013, 12, 31),
        "value": Decimal("21445678123.45"), "currency": "USD", "valuation": "fob", "is_preliminary": False,
    }  # fmt: skip
    month, part = rows[1], rows[2]
    assert (month["flow"], month["valuation"], month["value"]) == ("M", "cif", Decimal("1000.01"))
    assert (month["period_grain"], month["period_end_date"]) == ("M", dt.date(2024, 1, 31))
    assert (part["period_grain"], part["is_preliminary"]) == ("YTD", True)
    assert (part["period_start_date"], part["period_end_date"]) == (dt.date(2025, 1, 1), dt.date(2025, 7, 31))


def test_packed_files_are_read(tmp_path: Path) -> None:
    content = gzip.compress(write.csv_bytes(write.TAIWAN_HEADER, write.TAIWAN_RECORDS, "cp950"))
    path = file(tmp_path, content, "GA30.csv.gz")
    assert LAYOUT.match(Sample.of(path)).score == 1 and len(read(path)[1]) == 3
    with pytest.raises(FileRefused, match="cannot be read"):
        read(file(tmp_path, content[:-20], "GA30.csv.gz"))


def test_countries_residuals_and_dollars_by_the_header(tmp_path: Path) -> None:
    records = [
        ("出口總值(含復出口)", "113年", "854231", "處理器", name, "1,234.5")
        for name in ("中國大陸", "其他國家", "", "合計")
    ]
    reading, rows = read(file(tmp_path, write.csv_bytes(BY_COUNTRY, records)))
    assert [(row["partner_code"], row["row_kind"]) for row in rows] == [
        ("中國大陸", "flow"), ("其他國家", "country_group"), ("WLD", "subtotal"),
        ("WLD", "flow"),
    ]  # fmt: skip
    assert {row["value"] for row in rows} == {Decimal("1234.5")} and reading.notes == ()
    _, rows = read(file(tmp_path, write.csv_bytes(BY_COUNTRY, records[3:])))
    assert [(row["partner_code"], row["row_kind"]) for row in rows] == [("WLD", "flow")]


def test_flows(tmp_path: Path) -> None:
    names = ("出口總值（含復出口）", "出口", "復出口", "進口總值(含復進口)", "復進口", "轉口")
    records = [(name, "113年", "854231", "處理器", " P", "1") for name in names]
    _, rows = read(file(tmp_path, write.csv_bytes(write.TAIWAN_HEADER, records)))
    assert [(row["flow"], row["row_kind"], row["problem"]) for row in rows] == [
        ("X", "flow", None), ("X", "breakdown_procedure", None), ("RX", "flow", None), ("M", "flow", None),
        ("RM", "flow", None), (None, "flow", "unknown_flow"),
    ]  # fmt: skip


def test_weights_quantities_and_a_second_currency(tmp_path: Path) -> None:
    header = ("進出口別", "日期", "貨品號列", "數量", "數量單位", "重量(公噸)", "新臺幣(千元)", "美元(千元)")
    records = [("出口總值(含復出口)", "113年1月", "85423100002", "1,000", "PCE", "0.25", "64", "2"),
               ("出口總值(含復出口)", "113年1月", "85423100002", "-", "-", "-", "-", "-"),
               ("出口總值(含復出口)", "113年1月", "85423100002", "5", "箩", "1", "1", "1")]  # fmt: skip
    reading, rows = read(file(tmp_path, write.csv_bytes(header, records)))
    assert reading.records == 3 and len(rows) == 6
    usd = [row for row in rows if row["currency"] == "USD"]
    assert (usd[0]["quantity"], usd[0]["quantity_unit"], usd[0]["net_weight_kg"]) == (1000, "items", 250)
    assert (usd[1]["row_kind"], usd[1]["value"], usd[1]["quantity"]) == ("no_value", None, None)
    assert usd[2]["problem"] == "unknown_unit"
    assert rows[0]["currency"] == "TWD" and rows[0]["value"] == 64000


@pytest.mark.parametrize(
    ("place", "text", "problem"),
    [
        (1, "113年13月", "bad_period"), (1, "114年2月~114年7月", "bad_period"), (1, "2025", "bad_period"),
        (2, "8542310000", None), (2, "854231000", "bad_format"), (5, "1.2.3", "not_a_number"),
        (5, "-3", "negative"),
    ],
)  # fmt: skip
def test_bad_values_have_a_problem(tmp_path: Path, place: int, text: str, problem: str | None) -> None:
    record = list(write.TAIWAN_RECORDS[0])
    record[place] = text
    _, rows = read(file(tmp_path, write.csv_bytes(write.TAIWAN_HEADER, [record])))
    assert [row["problem"] for row in rows] == [problem]


def test_lines_that_are_no_records_are_named(tmp_path: Path) -> None:
    content = write.csv_bytes(write.TAIWAN_HEADER, write.TAIWAN_RECORDS[:1]) + "出口,102年\r\n\r\n".encode()
    reading, rows = read(file(tmp_path, content + content.split(b"\r\n")[1]))
    assert reading.malformed == ((3, "expected 6 fields, found 2 fields", "出口,102年"),)
    assert [row["raw_row"] for row in rows] == [2, 5] and reading.records == 3


def test_remarks_below_the_records_are_notes(tmp_path: Path) -> None:
    content = write.csv_bytes(write.TAIWAN_HEADER, write.TAIWAN_RECORDS)
    clean = read(file(tmp_path, content))
    end = "註:114年1月~114年7月為初步值,,,,,\r\n資料來源:財政部關務署\r\n".encode()
    reading, rows = read(file(tmp_path, content + end))
    assert rows == clean[1] and reading.records == clean[0].records and not reading.malformed
    assert [note for note in reading.notes if note.startswith("remark")] == [
        "remark, no record: 註:114年1月~114年7月為初步值",
        "remark, no record: 資料來源:財政部關務署",
    ]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (write.TAIWAN_HEADER[:-1], "no column 美元"),
        ((*write.TAIWAN_HEADER, "港口"), "港口"),
        ((*write.TAIWAN_HEADER, "重量"), "重量"),
        (("a", "b"), "header of this layout"),
    ],
)
def test_refusals(tmp_path: Path, header: tuple[str, ...], said: str) -> None:
    path = file(tmp_path, write.csv_bytes(header, []))
    assert LAYOUT.match(Sample.of(path)).score <= 1
    with pytest.raises(FileRefused, match=said):
        read(path)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=st.binary(max_size=400), fields=st.lists(st.text(max_size=12), min_size=6, max_size=6))
def test_anything_gives_rows_or_a_refusal(tmp_path: Path, junk: bytes, fields: list[str]) -> None:
    good = write.csv_bytes(write.TAIWAN_HEADER, write.TAIWAN_RECORDS)
    texts = [text.encode("utf-8", "replace").decode() for text in fields]
    record = write.csv_bytes(write.TAIWAN_HEADER, [texts])
    for content in (junk, good + junk, record):
        path = file(tmp_path, content)
        assert 0 <= LAYOUT.match(Sample.of(path)).score <= 1
        try:
            read(path)
        except FileRefused as error:
            assert str(error).startswith(path.name)
