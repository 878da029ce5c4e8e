"""CEPII's BACI: thousands of dollars, tons, missing quantities, lost zeros, and the version in the name."""

from __future__ import annotations

import datetime as dt
import gzip
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from writers_comtrade import record, write_baci, write_portal

from orchestration.sources import baci
from orchestration.sources.layout import FLOW_COLUMNS, CustomsLayout, FileRefused, Sample

LAYOUT: CustomsLayout = baci.LAYOUT
NAME = "BACI_HS17_Y2022_V202401b.csv"

EXPECTED: dict[str, Any] = dict.fromkeys(FLOW_COLUMNS) | {
    "raw_row": 2, "raw_column": "v", "row_kind": "flow", "code_system": "comtrade",
    "reporter_code": "156", "partner_code": "842", "flow": "X", "product_code": "854231",
    "product_system": "HS", "hs_edition": "H5", "period_grain": "A",
    "period_start_date": dt.date(2022, 1, 1), "period_end_date": dt.date(2022, 12, 31),
    "value": Decimal("12345.6780"), "currency": "USD", "valuation": "fob",
    "net_weight_kg": Decimal("1234.5000"), "is_preliminary": False,
}  # fmt: skip


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def rows_of(engine: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    found = engine.execute("select * from landing order by raw_row").fetchall()
    return [dict(zip(FLOW_COLUMNS, row, strict=True)) for row in found]


def read(engine: duckdb.DuckDBPyConnection, folder: Path, *rows: list[str]) -> list[dict[str, Any]]:
    path = write_baci(folder / NAME, rows)
    assert LAYOUT.match(Sample.of(path)).score == 1
    reading = LAYOUT.read(engine, path, "landing")
    assert (reading.records, reading.malformed) == (len(rows), ())
    return rows_of(engine)


def test_clean(engine: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = write_baci(tmp_path / NAME, [["2022", "156", "842", "854231", "12.345678", "1.2345"]])
    reading = LAYOUT.read(engine, path, "landing")
    assert rows_of(engine) == [EXPECTED]
    assert (reading.records, reading.released_at, reading.covers_whole) == (1, dt.date(2024, 1, 31), True)


def test_packed(engine: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    plain = write_baci(tmp_path / "plain.csv", [["2022", "156", "842", "854231", "12.345678", "1.2345"]])
    packed = tmp_path / f"{NAME}.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert LAYOUT.match(Sample.of(packed)).score == 1
    LAYOUT.read(engine, packed, "landing")
    assert rows_of(engine) == [EXPECTED]


@pytest.mark.parametrize("missing", ["", "NA", "        NA", "   ", "na"])
def test_missing_quantity(engine: duckdb.DuckDBPyConnection, tmp_path: Path, missing: str) -> None:
    (row,) = read(engine, tmp_path, ["2022", "156", "842", "854231", "12.345678", missing])
    assert row == EXPECTED | {"net_weight_kg": None}


def test_blanks_and_lost_zeros(engine: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    padded = ["2022", "  4", " 36", " 10121", "       1.000", "       0.000"]
    (row,) = read(engine, tmp_path, padded)
    assert (row["product_code"], row["reporter_code"], row["partner_code"]) == ("010121", "4", "36")
    assert (row["value"], row["net_weight_kg"], row["problem"]) == (1000, 0, None)


@pytest.mark.parametrize(("index", "before"), [("", "0,"), ("Unnamed: 0", "0,"), (None, "")])
def test_saved_again_by_pandas(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path, index: str | None, before: str
) -> None:
    """With an index before the columns, codes as floats and NaN for what is missing."""
    path = tmp_path / NAME
    header = ["t,i,j,k,v,q"] if index is None else [f"{index},t,i,j,k,v,q"]
    rows = ["2022,156.0,842.0,854231.0,12.345678,NaN", "2022.0,156,842,10121.0,12.345678,1.2345"]
    path.write_text("".join(f"{line}\n" for line in [*header, *(before + row for row in rows)]))
    assert LAYOUT.match(Sample.of(path)).score == 1
    LAYOUT.read(engine, path, "landing")
    assert rows_of(engine) == [
        EXPECTED | {"net_weight_kg": None},
        EXPECTED | {"raw_row": 3, "product_code": "010121"},
    ]


@pytest.mark.parametrize("value", ["1e+05", "9.4e-02", "1.2345678E+04", "127448457.526"])
def test_values_that_hide_no_digit(engine: duckdb.DuckDBPyConnection, tmp_path: Path, value: str) -> None:
    (row,) = read(engine, tmp_path, ["2022", "156", "842", "854231", value, "1"])
    assert (row["problem"], row["value"]) == (None, Decimal(value) * 1000)


@pytest.mark.parametrize(
    ("values", "problem", "column"),
    [
        (["2021", "156", "842", "854231", "1", "1"], "bad_period", "t"),
        (["2022", "CHN", "842", "854231", "1", "1"], "bad_code", "i"),
        (["2022", "156", "0", "854231", "1", "1"], "bad_code", "j"),
        (["2022", "156", "842", "8542", "1", "1"], "bad_code", "k"),
        (["2022", "156", "842", "85423x", "1", "1"], "bad_code", "k"),
        (["2022", "156", "842", "854231", "NA", "1"], "blank", "v"),
        (["2022", "156", "842", "854231", "", "1"], "blank", "v"),
        (["2022", "156", "842", "854231", "1e99", "1"], "not_a_number", "v"),
        (["2022", "156", "842", "854231", "-1", "1"], "negative", "v"),
        (["2022", "156", "842", "854231", "1", "?"], "not_a_number", "q"),
        (["2022", "156", "842", "854231", "1", "-1"], "negative", "q"),
        (["2022", "156", "842", "854231", "6.328e+03", "1"], "rounded", "v"),
        (["2022", "156", "842", "854231", "1.27448E+08", "1"], "rounded", "v"),
        (["2022", "156", "842", "854231", "1", "6.328E+03"], "rounded", "q"),
        (["2022", "156", "842", "854231", "NaN", "1"], "blank", "v"),
    ],
)
def test_problems(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path, values: list[str], problem: str, column: str
) -> None:
    (row,) = read(engine, tmp_path, values)
    assert (row["problem"], row["problem_column"]) == (problem, column)


def test_lines_that_are_no_record(engine: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    good = ["2022", "156", "842", "854231", "1", "1"]
    path = write_baci(tmp_path / NAME, [good, good[:4], good])
    reading = LAYOUT.read(engine, path, "landing")
    assert [row["raw_row"] for row in rows_of(engine)] == [2, 4]
    assert [line for line, _, _ in reading.malformed] == [3]
    assert reading.records == 3


def test_the_name_is_needed(engine: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = write_baci(tmp_path / "trade.csv", [["2022", "156", "842", "854231", "1", "1"]])
    match = LAYOUT.match(Sample.of(path))
    assert match.score < 1
    assert "BACI_HS17" in match.missing
    with pytest.raises(FileRefused, match="HS edition and the version"):
        LAYOUT.read(engine, path, "landing")


@pytest.mark.parametrize(
    ("name", "edition", "released"),
    [
        ("BACI_HS92_Y2022_V202501.csv", "H0", dt.date(2025, 1, 31)),
        ("BACI_HS22_Y2022_V202402c.csv", "H6", dt.date(2024, 2, 29)),
    ],
)
def test_editions(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path, name: str, edition: str, released: dt.date
) -> None:
    path = write_baci(tmp_path / name, [["2022", "156", "842", "854231", "1", "1"]])
    assert LAYOUT.read(engine, path, "landing").released_at == released
    assert rows_of(engine)[0]["hs_edition"] == edition


def test_other_files(tmp_path: Path) -> None:
    codes = tmp_path / "country_codes_V202401b.csv"
    codes.write_text("country_code,country_name,country_iso2,country_iso3\n4,Afghanistan,AF,AFG\n")
    assert LAYOUT.match(Sample.of(codes)).score == 0
    assert LAYOUT.match(Sample.of(write_portal(tmp_path / "TradeData.csv", [record()]))).score == 0


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    body=st.lists(
        st.one_of(
            st.binary(max_size=12),
            st.sampled_from([b",", b'"', b"\r\n", b"\n", b"\r", b"\x00", b"\xff", b"NA"]),
            st.just(b"2022,156,842,854231,1,1\n"),
        ),
        max_size=20,
    ).map(b"".join)
)
def test_any_bytes(engine: duckdb.DuckDBPyConnection, tmp_path: Path, body: bytes) -> None:
    path = tmp_path / NAME
    path.write_bytes(b"t,i,j,k,v,q\n" + body)
    try:
        reading = LAYOUT.read(engine, path, "landing")
    except FileRefused as refusal:
        assert str(refusal).startswith(NAME)
        return
    assert reading.records == len({row["raw_row"] for row in rows_of(engine)}) + len(reading.malformed)
