"""Japan's trade statistics: months side by side, thousand yen, months that are printed as 0 too early."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import writers_asia as write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.sources.japan_estat import LAYOUT
from orchestration.sources.layout import FileRefused, Reading, Sample

YEAR = [100, 110, 120, 130, 140, 150, 160, 170, 180, 190, 200, 0]
FULL = [*YEAR[:11], 210]


def read(path: Path) -> tuple[Reading, list[dict[str, object]]]:
    with duckdb.connect() as connection:
        reading = LAYOUT.read(connection, path, "landed")
        rows = connection.execute("select * from landed").fetchall()
    return reading, [dict(zip(LAYOUT.columns, row, strict=True)) for row in rows]


def file(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "ik-100h2024.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_full_year_gives_months_and_the_year(tmp_path: Path, encoding: str) -> None:
    path = file(tmp_path, write.estat_csv([write.estat_record(FULL)], encoding))
    assert LAYOUT.match(Sample.of(path)).score == 1
    reading, rows = read(path)
    assert (reading.records, reading.notes, len(rows)) == (1, (), 13)
    assert {name: value for name, value in rows[0].items() if value is not None} == {
        "raw_row": 2, "raw_column": "Value-Jan", "row_kind": "flow", "code_system": "mof",
        "reporter_code": "JPN", "partner_code": "105", "flow": "X", "product_code": "854231000",
        "product_system": "JHS", "period_grain": "M", "period_start_date": dt.date(2024, 1, 1),
        "period_end_date": dt.date(2024, 1, 31), "value": Decimal(100_000), "currency": "JPY",
        "valuation": "fob", "quantity": Decimal(1000), "quantity_unit": "items",
    }  # fmt: skip
    assert [row["period_grain"] for row in rows] == ["M"] * 12 + ["A"]
    assert sum(row["value"] for row in rows[:12]) == rows[12]["value"] == 1_860_000  # type: ignore[misc]
    assert rows[12]["period_end_date"] == dt.date(2024, 12, 31)


def test_months_to_come_are_not_zeros(tmp_path: Path) -> None:
    part = [10, 20, 0, 30, 0, 0, 0, 0, 0, 0, 0, 0]
    records = [
        write.estat_record(part, year="2025"),
        write.estat_record([5, *[0] * 11], year="2025", code="'854239000'"),
        write.estat_record(YEAR, year="2024"),
    ]
    reading, rows = read(file(tmp_path, write.estat_csv(records)))
    kinds = {line: [row["row_kind"] for row in rows if row["raw_row"] == line] for line in (2, 3, 4)}
    assert kinds[2] == kinds[3] == ["flow"] * 4 + ["not_yet_published"] * 8
    assert kinds[4] == ["flow"] * 13
    to_come = [row for row in rows if row["row_kind"] == "not_yet_published"]
    assert {(row["value"], row["quantity"]) for row in to_come} == {(None, None)}
    assert "2025: months after Apr" in reading.notes[0]


def test_a_year_that_is_not_its_months_is_a_problem(tmp_path: Path) -> None:
    _, rows = read(file(tmp_path, write.estat_csv([write.estat_record(FULL, total=1850)])))
    assert {(row["problem"], row["problem_column"], row["problem_value"]) for row in rows} == {
        ("parts_differ", "Value-Year", "1850")
    }


@pytest.mark.parametrize("slip", [-6, 6])
def test_a_year_may_differ_from_its_months_by_rounding(tmp_path: Path, slip: int) -> None:
    _, rows = read(file(tmp_path, write.estat_csv([write.estat_record(FULL, total=sum(FULL) + slip)])))
    assert {row["problem"] for row in rows} == {None} and len(rows) == 13


def test_units(tmp_path: Path) -> None:
    records = [
        write.estat_record(FULL, units=("NO", "KG")),
        write.estat_record(FULL, units=("  ", "MT")),
        write.estat_record(FULL, units=("  ", "  ")),
        write.estat_record(FULL, units=("", "ZZ")),
    ]
    _, rows = read(file(tmp_path, write.estat_csv(records)))
    first = {line: next(row for row in rows if row["raw_row"] == line) for line in (2, 3, 4, 5)}
    # The first quantity is 0 beside a value: less than half a unit.
    assert (first[2]["quantity"], first[2]["quantity_2"], first[2]["net_weight_kg"]) == (None, 1000, 1000)
    assert (first[3]["quantity"], first[3]["quantity_unit"]) == (1_000_000, "kg")
    assert (first[4]["quantity"], first[4]["problem"]) == (None, "unknown_unit")
    assert first[5]["problem_value"] == "ZZ"


@pytest.mark.parametrize(
    ("place", "text", "problem"),
    [
        (0, "3", "unknown_flow"), (1, "24", "bad_period"), (2, "'85423100'", "bad_format"),
        (3, "CN", "unknown_code"), (11, "x", "not_a_number"), (8, "", "parts_differ"),
    ],
)  # fmt: skip
def test_bad_values_have_a_problem(tmp_path: Path, place: int, text: str, problem: str) -> None:
    record = write.estat_record(FULL)
    record[place] = text
    _, rows = read(file(tmp_path, write.estat_csv([record])))
    assert rows[0]["problem"] == problem


def test_fewer_months_and_no_countries(tmp_path: Path) -> None:
    content = (
        "Exp or Imp,Year,HS,Unit1,Unit2,Quantity1-Year,Quantity2-Year,Value-Year,"
        "Quantity1-Jan,Quantity2-Jan,Value-Jan,Quantity1-Feb,Quantity2-Feb,Value-Feb\n"
        "2,2026,'854232100',  ,NO,0,30,900,0,10,100,0,20,800\n"
    )
    reading, rows = read(file(tmp_path, content.encode()))
    assert [(row["period_grain"], row["value"], row["partner_code"], row["flow"]) for row in rows] == [
        ("M", 100_000, "WLD", "M"), ("M", 800_000, "WLD", "M"),
    ]  # fmt: skip
    assert "no country column" in reading.notes[-1]


def test_refusals(tmp_path: Path) -> None:
    customs = write.estat_csv([]).replace(b"Year,HS", b"Year,Custom,HS")
    with pytest.raises(FileRefused, match="Custom"):
        read(file(tmp_path, customs))
    assert LAYOUT.match(Sample.of(file(tmp_path, customs))).score < 1
    with pytest.raises(FileRefused, match="no month"):
        read(file(tmp_path, b"Exp or Imp,Year,HS,Country,Value-Year\n1,2024,'854231000',105,3\n"))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=st.binary(max_size=400), fields=st.lists(st.text(max_size=6), min_size=9, max_size=9))
def test_anything_gives_rows_or_a_refusal(tmp_path: Path, junk: bytes, fields: list[str]) -> None:
    good = write.estat_csv([write.estat_record(FULL)])
    texts = [text.encode("utf-8", "replace").decode() for text in fields * 5]
    for content in (junk, good + junk, write.estat_csv([texts])):
        path = file(tmp_path, content)
        assert 0 <= LAYOUT.match(Sample.of(path)).score <= 1
        try:
            read(path)
        except FileRefused as error:
            assert str(error).startswith(path.name)
