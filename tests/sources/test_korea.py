"""Korea: CSV of K-stat, whose units must be said, and open data in XML, whose errors are not zeros."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import writers_asia as write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.sources import korea_kstat, korea_open_data
from orchestration.sources.layout import CustomsLayout, FileRefused, Reading, Sample
from orchestration.sources.recognise import recognise

KSTAT, OPEN = korea_kstat.LAYOUT, korea_open_data.LAYOUT
Rows = list[dict[str, object]]


def read(layout: CustomsLayout, path: Path) -> tuple[Reading, Rows]:
    with duckdb.connect() as connection:
        reading = layout.read(connection, path, "landed")
        rows = connection.execute("select * from landed").fetchall()
    return reading, [dict(zip(layout.columns, row, strict=True)) for row in rows]


def file(tmp_path: Path, content: bytes, name: str = "kstat.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp949"])
def test_kstat_rows_are_exact(tmp_path: Path, encoding: str) -> None:
    path = file(tmp_path, write.csv_bytes(write.KSTAT_UNITS, write.KSTAT_RECORDS, encoding))
    assert KSTAT.match(Sample.of(path)).score == 1
    reading, rows = read(KSTAT, path)
    assert reading.records == 3 and len(rows) == 6
    china = next(row for row in rows if row["partner_code"] == "중국" and row["flow"] == "X")
    assert {name: value for name, value in china.items() if value is not None} == {
        "raw_row": 3, "raw_column": "수출 금액(천불)", "row_kind": "flow", "code_system": "kcs",
        "reporter_code": "KOR", "partner_code": "중국", "flow": "X", "product_code": "8542",
        "product_system": "HS", "product_label": "전자집적회로", "period_grain": "M",
        "period_start_date": dt.date(2024, 1, 1), "period_end_date": dt.date(2024, 1, 31),
        "value": Decimal(1_400_000), "currency": "USD", "valuation": "fob", "net_weight_kg": Decimal(12_000),
    }  # fmt: skip
    totals = [row for row in rows if row["partner_code"] == "WLD"]
    assert [(row["row_kind"], row["flow"], row["value"]) for row in totals] == [
        ("flow", "X", 1_500_000),
        ("flow", "M", 500_000),
    ]
    parts = [row for row in rows if row["row_kind"] == "flow" and row["partner_code"] != "WLD"]
    assert sum(row["value"] for row in parts if row["flow"] == "M") == 500_000  # type: ignore[misc]
    total = write.csv_bytes(write.KSTAT_UNITS, write.KSTAT_RECORDS[:1], encoding)
    _, alone = read(KSTAT, file(tmp_path, total))
    assert {(row["partner_code"], row["row_kind"]) for row in alone} == {("WLD", "flow")}


def test_a_record_whose_end_stands_beside_its_names_has_no_balance(tmp_path: Path) -> None:
    total, china, usa = write.KSTAT_RECORDS
    moved = (*china[:4], *china[5:], "")
    _, rows = read(KSTAT, file(tmp_path, write.csv_bytes(write.KSTAT_UNITS, [total, moved, usa])))
    assert {row["problem"] for row in rows if row["raw_row"] == 3} == {"parts_differ"}
    assert {row["problem"] for row in rows if row["raw_row"] != 3} == {None}


def test_only_a_line_that_is_called_the_total_is_the_world(tmp_path: Path) -> None:
    """A blank name beside countries may be a lost one, and the total of several codes is not all goods."""
    total, china, usa = write.KSTAT_RECORDS
    blank, codes = ("2024.02", "", *china[2:]), ("2024.01", "중국", "총계", "계", *china[4:])
    _, rows = read(
        KSTAT, file(tmp_path, write.csv_bytes(write.KSTAT_UNITS, [total, china, usa, blank, codes]))
    )
    kinds = {(row["raw_row"], row["partner_code"], row["product_code"], row["row_kind"]) for row in rows}
    assert {kind for kind in kinds if kind[0] in (2, 5, 6)} == {
        (2, "WLD", "8542", "flow"),
        (5, "WLD", "8542", "subtotal"),
        (6, "중국", "TOTAL", "subtotal"),
    }


@pytest.mark.parametrize(
    ("name", "value", "weight"),
    [
        ("kstat_USD1000_ton.csv", 1_400_000, 12_000),
        ("kstat_2024_usd_kg.csv", 1_400, 12),
        ("수출입_천불_톤.csv", 1_400_000, 12_000),
        ("수출입_달러_kg.csv", 1_400, 12),
    ],
)
def test_kstat_units_from_the_name(tmp_path: Path, name: str, value: int, weight: int) -> None:
    path = file(tmp_path, write.csv_bytes(write.KSTAT_HEADER, write.KSTAT_RECORDS), name)
    china = read(KSTAT, path)[1][1]
    assert (china["value"], china["net_weight_kg"]) == (value, weight)


@pytest.mark.parametrize("name", ["kstat.csv", "washington_kgb.csv", "kstat_USD1000.csv", "kstat_kg.csv"])
def test_kstat_units_are_never_guessed(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileRefused, match="not guessed"):
        read(KSTAT, file(tmp_path, write.csv_bytes(write.KSTAT_HEADER, write.KSTAT_RECORDS), name))


def test_kstat_units_above_the_header(tmp_path: Path) -> None:
    content = "﻿품목 수출입\n(단위 : 천달러, 톤)\n".encode() + write.csv_bytes(
        write.KSTAT_HEADER, write.KSTAT_RECORDS, "utf-8"
    )
    reading, rows = read(KSTAT, file(tmp_path, content))
    assert rows[1]["value"] == 1_400_000 and rows[1]["raw_row"] == 5 and len(reading.notes) == 3


@pytest.mark.parametrize(
    ("text", "grain", "start", "end"),
    [
        ("2024", "A", (2024, 1, 1), (2024, 12, 31)), ("2024년", "A", (2024, 1, 1), (2024, 12, 31)),
        ("2024년 02월", "M", (2024, 2, 1), (2024, 2, 29)),
        ("202402", "M", (2024, 2, 1), (2024, 2, 29)),
        ("2024년 2월", "M", (2024, 2, 1), (2024, 2, 29)),
        ("2024.01~2024.07", "YTD", (2024, 1, 1), (2024, 7, 31)), ("2024.02~2024.07", None, None, None),
        ("2024.13", None, None, None), ("2024.1", None, None, None), ("2024.010", None, None, None),
    ],
)  # fmt: skip
def test_kstat_periods(
    tmp_path: Path,
    text: str,
    grain: str | None,
    start: tuple[int, int, int] | None,
    end: tuple[int, int, int] | None,
) -> None:
    record = [text, *write.KSTAT_RECORDS[1][1:]]
    row = read(KSTAT, file(tmp_path, write.csv_bytes(write.KSTAT_UNITS, [record])))[1][0]
    assert row["period_grain"] == grain and row["problem"] == (None if grain else "bad_period")
    assert (row["period_start_date"], row["period_end_date"]) == (
        start and dt.date(*start), end and dt.date(*end),
    )  # fmt: skip


def test_kstat_units_may_be_said_beside_the_file(tmp_path: Path) -> None:
    """Where the view does not say them source.yml may; what contradicts the header is refused."""
    silent = write.csv_bytes(write.KSTAT_HEADER, write.KSTAT_RECORDS[1:2])
    path = file(tmp_path, silent, "kstat.csv")
    beside = tmp_path / "source.yml"
    for unit, value, weight in (("USD1000_ton", 1_400_000, 12_000), ("USD_kg", 1400, 12)):
        beside.write_text(f"files:\n  kstat.csv:\n    unit: {unit}\n", encoding="utf-8")
        (row,) = [row for row in read(KSTAT, path)[1] if row["flow"] == "X"]
        assert (row["value"], row["net_weight_kg"]) == (value, weight)
    path = file(tmp_path, write.csv_bytes(write.KSTAT_UNITS, write.KSTAT_RECORDS[1:2]), "kstat.csv")
    with pytest.raises(FileRefused, match="expected both to say the same"):
        read(KSTAT, path)
    beside.write_text("files:\n  kstat.csv:\n    unit: won\n", encoding="utf-8")
    with pytest.raises(FileRefused, match="is 'won'; expected the units of amounts"):
        read(KSTAT, path)


def test_kstat_columns_of_other_views(tmp_path: Path) -> None:
    """A number and a change of each row say nothing of a flow; HSK codes are written 8542.31-2000."""
    header = [
        "순번",
        *write.KSTAT_UNITS[:1],
        "국가명",
        *write.KSTAT_UNITS[2:-1],
        "수출증감률(%)",
        "수지(천불)",
    ]
    records = [
        [str(place), *record[:2], "8542.31-2000", *record[3:-1], "12.3", record[-1]]
        for place, record in enumerate(write.KSTAT_RECORDS, start=1)
    ]
    clean = read(KSTAT, file(tmp_path, write.csv_bytes(write.KSTAT_UNITS, write.KSTAT_RECORDS)))[1]
    path = file(tmp_path, write.csv_bytes(header, records))
    assert KSTAT.match(Sample.of(path)).score == 1
    _, rows = read(KSTAT, path)
    assert {row["product_code"] for row in rows} == {"8542312000"}
    assert not [row for row in rows if row["problem"]]
    same = ("flow", "partner_code", "value", "net_weight_kg", "row_kind")
    assert [[row[name] for name in same] for row in rows] == [[row[name] for name in same] for row in clean]


def test_kstat_bad_values_have_a_problem(tmp_path: Path) -> None:
    good = list(write.KSTAT_RECORDS[1])
    changes = [(2, "507900"), (2, "50790"), (5, "x"), (4, "y"), (8, "1,000"), (5, "-1")]
    records = [[*good[:place], text, *good[place + 1 :]] for place, text in changes]
    _, rows = read(KSTAT, file(tmp_path, write.csv_bytes(write.KSTAT_UNITS, records)))
    exports = [row["problem"] for row in rows if row["flow"] == "X"]
    assert exports == [None, "bad_format", "not_a_number", "not_a_number", "parts_differ", "negative"]


def test_open_data_rows_are_exact(tmp_path: Path) -> None:
    path = file(tmp_path, write.open_data_xml(), "answer.xml")
    assert OPEN.match(Sample.of(path)).score == 1
    reading, rows = read(OPEN, path)
    assert reading.records == 3 and len(rows) == 6
    china = next(row for row in rows if row["partner_code"] == "CN" and row["flow"] == "M")
    assert {name: value for name, value in china.items() if value is not None} == {
        "raw_row": 2, "raw_column": "impDlr", "row_kind": "flow", "code_system": "iso2",
        "reporter_code": "KR",
        "partner_code": "CN", "flow": "M", "product_code": "8542310000", "product_system": "HSK",
        "product_label": "프로세서", "period_grain": "M", "period_start_date": dt.date(2024, 1, 1),
        "period_end_date": dt.date(2024, 1, 31), "value": Decimal(500), "currency": "USD", "valuation": "cif",
        "net_weight_kg": Decimal(3),
    }  # fmt: skip
    total = [row for row in rows if row["raw_row"] == 1]
    assert {(row["row_kind"], row["problem"]) for row in total} == {("subtotal", None)}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (write.open_data_xml(code="22", message="LIMITED_NUMBER"), "LIMITED_NUMBER"),
        (write.open_data_xml([], code="00"), "holds no item"),
        (
            b"<OpenAPI_ServiceResponse><cmmMsgHeader><errMsg>SERVICE ERROR</errMsg><returnReasonCode>30"
            b"</returnReasonCode></cmmMsgHeader></OpenAPI_ServiceResponse>",
            "SERVICE ERROR",
        ),
        (
            b"<OpenAPI_ServiceResponse><cmmMsgHeader><errMsg>SERVICE ERROR</errMsg><returnAuthMsg>"
            b"SERVICE_KEY_IS_NOT_REGISTERED_ERROR</returnAuthMsg><returnReasonCode>30</returnReasonCode>"
            b"</cmmMsgHeader></OpenAPI_ServiceResponse>",
            "SERVICE_KEY_IS_NOT_REGISTERED_ERROR",
        ),
        (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><response>&b;</response>', "document type"),
        (write.open_data_xml()[:-30], "not whole XML"),
    ],
)
def test_open_data_that_is_no_data_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = file(tmp_path, content, "answer.xml")
    with pytest.raises(FileRefused, match=said):
        read(OPEN, path)
    if b"resultCode" in content or b"ReasonCode" in content:
        assert recognise(path) is OPEN, "what the service said is the reason, not what the answer misses"


def test_open_data_by_item_only_and_months_without_a_dot(tmp_path: Path) -> None:
    """Itemtrade calls the code hsCode and has no country: the figures are those of all partners."""
    items = [
        {("hsCode" if name == "hsCd" else name): text.replace("2024.01", "202401")
         for name, text in item.items() if name != "statCd"}
        for item in write.OPEN_DATA_ITEMS[:2]
    ]  # fmt: skip
    path = file(tmp_path, write.open_data_xml(items), "answer.xml")
    assert OPEN.match(Sample.of(path)).score == 1
    _, rows = read(OPEN, path)
    (row,) = [row for row in rows if row["row_kind"] == "flow" and row["flow"] == "X"]
    assert (row["partner_code"], row["product_code"], row["value"]) == ("WLD", "8542310000", 1500)
    assert row["period_end_date"] == dt.date(2024, 1, 31) and row["problem"] is None


def test_open_data_bad_values_have_a_problem(tmp_path: Path) -> None:
    good = write.OPEN_DATA_ITEMS[1]
    changes = {"year": "2024-01", "statCd": "410", "hsCd": "854231000", "expDlr": "a"}
    changes |= {"expWgt": "-1", "balPayments": "7"}
    items = [{**good, name: text} for name, text in changes.items()]
    _, rows = read(OPEN, file(tmp_path, write.open_data_xml(items), "answer.xml"))
    exports = [row["problem"] for row in rows if row["flow"] == "X"]
    assert exports == ["bad_period", "unknown_code", "bad_format", "not_a_number", "negative", "parts_differ"]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(junk=st.binary(max_size=400), fields=st.lists(st.text(max_size=12), min_size=9, max_size=9))
def test_anything_gives_rows_or_a_refusal(tmp_path: Path, junk: bytes, fields: list[str]) -> None:
    texts = [text.encode("utf-8", "replace").decode() for text in fields]
    xml = write.open_data_xml([dict(zip(write.OPEN_DATA_ITEMS[0], texts, strict=True))])
    good = write.csv_bytes(write.KSTAT_UNITS, write.KSTAT_RECORDS)
    record = write.csv_bytes(write.KSTAT_UNITS, [texts])
    for content in (junk, good + junk, b"<response>" + junk, xml, record):
        path = file(tmp_path, content)
        for layout in (KSTAT, OPEN):
            assert 0 <= layout.match(Sample.of(path)).score <= 1
            try:
                read(layout, path)
            except FileRefused as error:
                assert str(error).startswith(path.name)
