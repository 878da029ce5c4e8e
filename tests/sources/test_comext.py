"""Eurostat Comext bulk files, packed and unpacked, of both generations."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import pytest
import writers_us_eu as write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.sources import comext_bulk
from orchestration.sources.layout import FileRefused, Reading, Sample

LAYOUT = comext_bulk.LAYOUT
JUNK = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

Row = dict[str, Any]


def read(path: Path) -> tuple[Reading, list[Row]]:
    with duckdb.connect() as connection:
        reading = LAYOUT.read(connection, path, "landed")
        found = connection.execute("select * from landed order by raw_row").fetchall()
        left = connection.execute("select table_name from duckdb_tables()").fetchall()
        types = connection.execute("describe landed").fetchall()
    assert left == [("landed",)]
    assert [name for name, *_ in types] == list(LAYOUT.columns)
    return reading, [dict(zip(LAYOUT.columns, row, strict=True)) for row in found]


def picked(rows: list[Row], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


def refusal(path: Path) -> str:
    with pytest.raises(FileRefused) as caught:
        read(path)
    return str(caught.value)


def test_a_month_lands_as_it_is(tmp_path: Path) -> None:
    path = write.comext(tmp_path / "full_202402.dat", [write.comext_row(), write.comext_row(flow="2")])
    assert LAYOUT.match(Sample.of(path)).score == 1
    reading, rows = read(path)
    assert (reading.records, reading.released_at, reading.covers_whole) == (2, None, True)
    first = {name: value for name, value in rows[0].items() if value is not None}
    assert first == {
        "raw_row": 2,
        "raw_column": "VALUE_EUR",
        "row_kind": "flow",
        "code_system": "iso2",
        "reporter_code": "DE",
        "partner_code": "CN",
        "flow": "M",
        "product_code": "85423190",
        "product_system": "CN",
        "period_grain": "M",
        "period_start_date": dt.date(2024, 2, 1),
        "period_end_date": dt.date(2024, 2, 29),
        "value": 100,
        "currency": "EUR",
        "valuation": "cif",
        "quantity": 12,
        "quantity_unit": "items",
        "net_weight_kg": 7,
    }
    assert picked(rows[1:], "flow", "valuation") == [("X", "fob")]


def test_the_archive_gives_the_same(tmp_path: Path) -> None:
    plain = write.comext(tmp_path / "full_202402.dat", [write.comext_row(), write.comext_row(flow="2")])
    packed = write.archive(tmp_path / "full_v2_202402.7z", {"full_202402.dat": plain.read_bytes()})
    assert LAYOUT.match(Sample.of(packed)).score == 1
    assert read(packed) == read(plain)


def test_the_old_generation(tmp_path: Path) -> None:
    rows = [write.comext_old_row(), write.comext_old_row(number="0975", partner="QY")]
    path = write.comext(tmp_path / "full200512.dat", rows, write.COMEXT_OLD_HEADER)
    assert LAYOUT.match(Sample.of(path)).score == 1
    _, found = read(path)
    names = ("row_kind", "reporter_code", "partner_code", "flow", "value", "quantity", "quantity_unit")
    assert picked(found, *names) == [
        ("flow", "DE", "CN", "X", 100, 12, "P"),
        ("country_group", "DE", "QY", "X", 100, 12, "P"),
    ]
    assert picked(found[:1], "raw_column", "period_end_date") == [("VALUE_IN_EUROS", dt.date(2005, 12, 31))]


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"partner": "QZ"}, "country_group"),
        ({"partner": "QP"}, "country_group"),
        ({"partner": "0977"}, "country_group"),
        ({"partner": "EXTRA_EU27_2020"}, "country_group"),
        ({"reporter": "EU27_2020"}, "country_group"),
        ({"partner": "XK"}, "flow"),
        ({"product": "39XXXXXX"}, "confidential"),
        ({"product": "99RRR100"}, "confidential"),
        ({"product": "TOTAL"}, "subtotal"),
        ({"product": "8542"}, "subtotal"),
        ({"value": ""}, "no_value"),
        ({"product": "99500000"}, "flow"),
    ],
)
def test_what_is_no_flow_is_kept_with_its_kind(tmp_path: Path, changed: dict[str, str], kind: str) -> None:
    _, rows = read(write.comext(tmp_path / "full_202402.dat", [write.comext_row(**changed)]))
    assert picked(rows, "row_kind", "problem") == [(kind, None)]
    for name in ("partner", "reporter", "product"):
        if name in changed:
            assert rows[0][f"{name}_code"] == changed[name]


@pytest.mark.parametrize(
    ("partner", "period", "landed"),
    [
        ("CS", "198801", "CS-1992"),
        ("CS", "199252", "CS-1992"),
        ("CS", "199301", "CS"),
        ("CS", "200212", "CS"),
        ("CS", "200301", "CS-2006"),
        ("CS", "200652", "CS-2006"),
        ("CS", "200701", "CS"),
        ("CS", "2004", "CS"),
        ("YU", "199112", "YU-1991"),
        ("YU", "199252", "YU"),
        ("YU", "199301", "CS-2006"),
        ("YU", "200412", "CS-2006"),
        ("YU", "200501", "YU"),
        ("SU", "199012", "SU"),
    ],
)
@pytest.mark.parametrize("header", [write.COMEXT_HEADER, write.COMEXT_OLD_HEADER])
def test_a_code_that_two_countries_had_is_told_by_the_period(
    tmp_path: Path, header: str, partner: str, period: str, landed: str
) -> None:
    row = write.comext_row if header == write.COMEXT_HEADER else write.comext_old_row
    _, rows = read(write.comext(tmp_path / "full.dat", [row(partner=partner, period=period)], header))
    assert picked(rows, "partner_code", "row_kind") == [(landed, "flow")]


def test_two_codes_of_serbia_and_montenegro_in_one_year_are_added_up(tmp_path: Path) -> None:
    """YU until May 2004 and CS from June on, in the file of the year."""
    rows = [
        write.comext_row(partner="YU", period="200452", value="10"),
        write.comext_row(partner="CS", period="200452", value="200"),
    ]
    _, found = read(write.comext(tmp_path / "full_200452.dat", rows))
    assert picked(found, "row_kind", "partner_code", "value", "problem") == [
        ("flow", "CS-2006", 210, None),
        ("breakdown_procedure", "CS-2006", 200, None),
    ]
    assert found[0]["raw_column"] == "VALUE_EUR, sum of STAT_PROCEDURE 1 and PARTNER CS, YU"


def test_northern_ireland_is_a_part_where_the_united_kingdom_stands_too(tmp_path: Path) -> None:
    rows = [write.comext_row(partner="GB"), write.comext_row(partner="XI", trade_type="L")]
    _, found = read(write.comext(tmp_path / "full_202402.dat", rows))
    assert [row["row_kind"] for row in found] == ["flow", "breakdown_partner2"]


def test_the_parts_of_the_united_kingdom_are_added_up_where_it_does_not_stand_itself(tmp_path: Path) -> None:
    rows = [
        write.comext_row(partner="XI", value="10"),
        write.comext_row(partner="XU", value="200"),
        write.comext_row(partner="XU", product="85423290", value="3"),
    ]
    _, found = read(write.comext(tmp_path / "full_202402.dat", rows))
    assert picked(found, "row_kind", "partner_code", "product_code", "value", "problem") == [
        ("flow", "GB", "85423190", 210, None),
        ("breakdown_procedure", "GB", "85423190", 200, None),
        ("flow", "GB", "85423290", 3, None),
    ]
    assert found[0]["raw_column"] == "VALUE_EUR, sum of STAT_PROCEDURE 1 and PARTNER XI, XU"


def test_confidential_products_may_have_several_rows(tmp_path: Path) -> None:
    rows = [
        write.comext_row(product="85XXXXXX", value="5"),
        write.comext_row(product="85XXXXXX", value="6").replace("77641", "77649"),
    ]
    _, found = read(write.comext(tmp_path / "full_202402.dat", rows))
    assert picked(found, "row_kind", "value", "problem") == [
        ("confidential", 11, None),
        ("breakdown_procedure", 6, None),
    ]


def test_procedures_are_added_up(tmp_path: Path) -> None:
    rows = [
        write.comext_row(value="100", kg="7", quantity="12"),
        write.comext_row(partner="US"),
        write.comext_row(procedure="3", value="11", kg="1", quantity="8"),
    ]
    reading, found = read(write.comext(tmp_path / "full_202402.dat", rows))
    names = ("raw_row", "row_kind", "partner_code", "value", "quantity", "net_weight_kg")
    assert picked(found, *names) == [
        (2, "flow", "CN", 111, 20, 8),
        (3, "flow", "US", 100, 12, 7),
        (4, "breakdown_procedure", "CN", 11, 8, 1),
    ]
    assert found[0]["raw_column"] == "VALUE_EUR, sum of STAT_PROCEDURE 1, 3"
    assert reading.notes == ("2 rows by statistical procedure are added up to 1 flows",)


def test_a_part_that_cannot_be_read_spoils_the_sum(tmp_path: Path) -> None:
    rows = [write.comext_row(), write.comext_row(procedure="3", value="x")]
    _, found = read(write.comext(tmp_path / "full_202402.dat", rows))
    assert [row["problem"] for row in found] == ["parts_differ", "not_a_number"]


def test_a_row_that_stands_there_twice_is_a_problem(tmp_path: Path) -> None:
    rows = [write.comext_row(), write.comext_row(value="5")]
    _, found = read(write.comext(tmp_path / "full_202402.dat", rows))
    assert [row["problem"] for row in found] == ["duplicate_key", "duplicate_key"]


def test_week_52_is_the_year_and_no_unit_means_no_quantity(tmp_path: Path) -> None:
    row = write.comext_row(period="202452", unit="NO_SU", quantity="0")
    _, found = read(write.comext(tmp_path / "full_202452.dat", [row]))
    names = ("period_grain", "period_start_date", "period_end_date", "quantity", "quantity_unit")
    assert picked(found, *names) == [("A", dt.date(2024, 1, 1), dt.date(2024, 12, 31), None, None)]


@pytest.mark.parametrize(
    ("changed", "reason", "column"),
    [
        ({"period": "202413"}, "bad_period", "PERIOD"),
        ({"period": "2024"}, "bad_period", "PERIOD"),
        ({"flow": "3"}, "unknown_code", "FLOW"),
        ({"trade_type": "Z"}, "unknown_code", "TRADE_TYPE"),
        ({"value": "1e9"}, "not_a_number", "VALUE_EUR"),
        ({"value": "-1"}, "negative", "VALUE_EUR"),
        ({"product": "8542-190"}, "bad_format", "PRODUCT_NC"),
    ],
)
def test_a_broken_record_says_where(
    tmp_path: Path, changed: dict[str, str], reason: str, column: str
) -> None:
    _, rows = read(write.comext(tmp_path / "full_202402.dat", [write.comext_row(**changed)]))
    assert picked(rows, "problem", "problem_column", "problem_value") == [
        (reason, column, next(iter(changed.values())))
    ]
    assert rows[0]["problem_expected"]


def test_lines_that_are_no_record_keep_the_others_their_numbers(tmp_path: Path) -> None:
    rows = [write.comext_row(), "cut,off", "", write.comext_row(partner="US")]
    reading, found = read(write.comext(tmp_path / "full_202402.dat", rows))
    assert [row["raw_row"] for row in found] == [2, 5]
    assert reading.malformed == ((3, "2 fields, not 18", "cut,off"),)
    assert reading.records == 3


@pytest.mark.parametrize("spoiled", [False, True])
def test_values_in_quotes_are_the_same(tmp_path: Path, spoiled: bool) -> None:
    """As R writes them; line by line where a line is no record."""
    rows = [write.comext_row(), write.comext_row(partner="TW"), *["1,2"] * spoiled]
    plain = write.comext(tmp_path / "full_v2_202402.csv", rows)
    _, wanted = read(plain)
    quoted = tmp_path / "quoted" / plain.name
    quoted.parent.mkdir()
    lines = plain.read_text(encoding="utf-8").splitlines()
    quoted.write_text(
        "".join(",".join(f'"{cell}"' for cell in line.split(",")) + "\n" for line in lines), encoding="utf-8"
    )
    assert LAYOUT.match(Sample.of(quoted)).score == 1
    reading, rows_read = read(quoted)
    assert rows_read == wanted and len(reading.malformed) == spoiled


def test_windows_line_ends_are_the_same(tmp_path: Path) -> None:
    plain = write.comext(tmp_path / "a.dat", [write.comext_row()])
    other = tmp_path / "b.dat"
    other.write_bytes(plain.read_bytes().replace(b"\n", b"\r\n"))
    assert read(plain) == read(other)


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"full_202402.dat": b"x", "readme.txt": b"y"}, "expected one member"),
        ({"sub/full_202402.dat": b"x"}, "expected one member"),
        ({"full_202402.exe": b"x"}, "expected one member"),
        ({"full_202402.dat": b"PARTNER,FLOW\nCN,1\n"}, "the header is not Comext's"),
    ],
)
def test_archives_that_hold_something_else_are_refused(
    tmp_path: Path, members: dict[str, bytes], said: str
) -> None:
    assert said in refusal(write.archive(tmp_path / "full_v2_202402.7z", members))


def test_an_archive_that_leads_out_of_the_folder_writes_nothing(tmp_path: Path) -> None:
    path = write.archive_named(tmp_path / "full_v2_202402.7z", "../full_202402.dat")
    assert "../full_202402.dat; expected one member" in refusal(path)
    assert not (tmp_path.parent / "full_202402.dat").exists()


def test_an_archive_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = write.comext(tmp_path / "full_202402.dat", [write.comext_row()] * 1000)
    path = write.archive(tmp_path / "full_v2_202402.7z", {"full_202402.dat": plain.read_bytes()})
    monkeypatch.setattr(comext_bulk, "MAX_UNPACKED", 10_000)
    assert "unpacks to" in refusal(path)


def test_a_cut_archive_is_refused(tmp_path: Path) -> None:
    plain = write.comext(tmp_path / "full_202402.dat", [write.comext_row(value=str(i)) for i in range(5000)])
    whole = write.archive(tmp_path / "full_v2_202402.7z", {"full_202402.dat": plain.read_bytes()})
    content = whole.read_bytes()
    for keep in (10, 40, len(content) // 2, len(content) - 1):
        cut = tmp_path / "full_v2_202403.7z"
        cut.write_bytes(content[:keep])
        assert LAYOUT.match(Sample.of(cut)).score < 1
        assert "full_v2_202403.7z" in refusal(cut)


@JUNK
@given(
    content=st.one_of(
        st.binary(max_size=300), st.binary(max_size=80).map(lambda b: comext_bulk.SIGNATURE + b)
    )
)
def test_any_bytes_give_rows_or_a_refusal(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "junk.dat"
    path.write_bytes(content)
    LAYOUT.match(Sample.of(path))
    assert path.name in refusal(path)


@JUNK
@given(content=st.binary(max_size=200))
def test_any_bytes_under_a_header_give_rows_or_a_refusal(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "junk.dat"
    path.write_bytes(write.COMEXT_HEADER.encode() + b"\n" + content)
    try:
        reading, rows = read(path)
    except FileRefused as refused:
        assert path.name in str(refused)
        return
    assert reading.records == len(rows) + len(reading.malformed)


@settings(parent=JUNK, max_examples=25)
@given(place=st.integers(0, 400), change=st.binary(min_size=1, max_size=4))
def test_a_damaged_archive_gives_rows_or_a_refusal(tmp_path: Path, place: int, change: bytes) -> None:
    plain = write.comext(tmp_path / "full_202402.dat", [write.comext_row()])
    path = write.archive(tmp_path / "full_v2_202402.7z", {"full_202402.dat": plain.read_bytes()})
    content = path.read_bytes()
    path.write_bytes(content[:place] + change + content[place + len(change) :])
    LAYOUT.match(Sample.of(path))
    try:
        read(path)
    except FileRefused as refused:
        assert path.name in str(refused)
