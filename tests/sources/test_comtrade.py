"""The layouts of UN Comtrade: clean files give exactly the expected rows, and every trap has a test."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from helpers import RAW, ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from writers_comtrade import (
    BULK_COLUMNS,
    bulk_name,
    record,
    write_api,
    write_bulk,
    write_legacy,
    write_pandas,
    write_portal,
    write_shifted,
)

from orchestration.sources import baci, comtrade_api, comtrade_bulk, comtrade_legacy, comtrade_portal
from orchestration.sources._comtrade import GROUPS, PORTAL_COLUMNS
from orchestration.sources.layout import FLOW_COLUMNS, CustomsLayout, FileRefused, Reading, Sample

PORTAL: CustomsLayout = comtrade_portal.LAYOUT
API: CustomsLayout = comtrade_api.LAYOUT
BULK: CustomsLayout = comtrade_bulk.LAYOUT
LEGACY: CustomsLayout = comtrade_legacy.LAYOUT
FAMILY = (PORTAL, API, BULK, LEGACY, baci.LAYOUT)

SAMPLES = ROOT.parent / "shared" / "samples" / "comtrade"

Row = dict[str, Any]

# What the writers' default record must become.
CLEAN: Row = {
    "row_kind": "flow", "code_system": "comtrade", "reporter_code": "156", "partner_code": "842",
    "flow": "X", "product_code": "854231", "product_system": "HS",
    "product_label": "Electronic integrated circuits; processors", "hs_edition": "H6",
    "period_grain": "A", "period_start_date": dt.date(2022, 1, 1),
    "period_end_date": dt.date(2022, 12, 31), "value": Decimal("2500.7500"), "currency": "USD",
    "valuation": "fob", "quantity": Decimal("1000.0000"), "quantity_unit": "items",
    "quantity_2": Decimal("12.5000"), "quantity_2_unit": "kg", "net_weight_kg": Decimal("12.5000"),
    "is_quantity_estimated": False, "is_weight_estimated": False, "is_preliminary": False,
    "problem": None, "problem_column": None, "problem_value": None, "problem_expected": None,
}  # fmt: skip


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def rows_of(engine: duckdb.DuckDBPyConnection) -> list[Row]:
    cursor = engine.execute(f"select {', '.join(FLOW_COLUMNS)} from landing order by raw_row")
    names = [item[0] for item in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def read(engine: duckdb.DuckDBPyConnection, layout: CustomsLayout, path: Path) -> tuple[Reading, list[Row]]:
    assert layout.match(Sample.of(path)).score == 1
    reading = layout.read(engine, path, "landing")
    rows = rows_of(engine)
    assert reading.records == len({row["raw_row"] for row in rows}) + len(reading.malformed)
    return reading, rows


def portal_row(engine: duckdb.DuckDBPyConnection, folder: Path, **changes: str) -> Row:
    _, rows = read(engine, PORTAL, write_portal(folder / "TradeData.csv", [record(**changes)]))
    assert len(rows) == 1
    return rows[0]


# -- Clean files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("comma", [True, False])
def test_portal_clean(engine: duckdb.DuckDBPyConnection, tmp_path: Path, newline: str, comma: bool) -> None:
    path = write_portal(
        tmp_path / "TradeData_1.csv",
        [record(), record(flowCode="M", partnerCode="0")],
        newline=newline,
        comma=comma,
    )
    reading, rows = read(engine, PORTAL, path)
    assert rows == [
        {"raw_row": 2, "raw_column": "primaryValue"} | CLEAN,
        {"raw_row": 3, "raw_column": "primaryValue"} | CLEAN
        | {"flow": "M", "valuation": "cif", "partner_code": "0"},
    ]  # fmt: skip
    assert reading == Reading(2)


@pytest.mark.parametrize(
    ("flow", "values", "valuation"),
    [
        # Canada and Mexico count imports FOB; where both are given, the CIF value goes before
        # (uncomtrade.org/docs/trade-valuation).
        ("M", {"fobvalue": "2500.75"}, "fob"),
        ("M", {"fobvalue": "2500.75", "cifvalue": "0"}, "fob"),
        ("M", {"fobvalue": "2400", "cifvalue": "2500.75"}, "cif"),
        ("M", {"fobvalue": "2500.75", "cifvalue": "2500.75"}, "cif"),
        ("RM", {"fobvalue": "2500.750"}, "fob"),
        ("X", {"cifvalue": "2500.75"}, "cif"),
        ("X", {"cifvalue": "2500.75", "fobvalue": "2500.7500"}, "fob"),
        ("M", {}, "cif"),
        ("X", {"fobvalue": "0"}, "fob"),
        ("DX", {"fobvalue": "2500.75"}, None),
    ],
)
def test_value_is_cif_or_fob_as_the_record_says(
    engine: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    flow: str,
    values: dict[str, str],
    valuation: str | None,
) -> None:
    made = record(flowCode=flow, **({"cifvalue": "", "fobvalue": ""} | values))
    for layout, path in (
        (PORTAL, write_portal(tmp_path / "TradeData_1.csv", [made])),
        (BULK, write_bulk(tmp_path / bulk_name("156", "2022"), [made])),
        (API, write_api(tmp_path / "answer.json", [made])),
    ):
        _, (row,) = read(engine, layout, path)
        assert (row["valuation"], row["problem"], row["value"]) == (valuation, None, Decimal("2500.75"))


def test_value_that_is_neither_cif_nor_fob_is_quarantined(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    """As when the end of a record stands one column to the left: the value is the flag behind it."""
    path = write_portal(
        tmp_path / "TradeData_1.csv", [record(primaryValue="0", fobvalue="2500.75"), record()]
    )
    _, rows = read(engine, PORTAL, path)
    assert [(row["problem"], row["problem_column"], row["problem_value"]) for row in rows] == [
        ("parts_differ", "primaryValue", "0"),
        (None, None, None),
    ]


def test_partners_that_hold_other_partners_are_set_aside(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    with (RAW / "reference" / "economies.csv").open(encoding="utf-8") as stream:
        known = {
            row["comtrade_code"]
            for row in csv.DictReader(stream)
            if row["note"].startswith("group of countries;")
        }
    assert known == set(GROUPS)
    path = write_portal(
        tmp_path / "TradeData_1.csv", [record(partnerCode=code) for code in ("276", *GROUPS, "0")]
    )
    reading, rows = read(engine, PORTAL, path)
    assert [row["row_kind"] for row in rows] == ["flow", "country_group", "country_group", "flow"]
    assert [note for note in reading.notes if "group of countries (EU, ASEAN)" in note]


def test_portal_packed(engine: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    plain = write_portal(tmp_path / "plain.csv", [record()])
    packed = tmp_path / "TradeData.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert read(engine, PORTAL, packed)[1][0]["value"] == Decimal("2500.75")
    packed.write_bytes(packed.read_bytes()[:-9])
    with pytest.raises(FileRefused, match="cut off or damaged"):
        PORTAL.read(engine, packed, "landing")


@pytest.mark.parametrize("index", [False, True])
def test_pandas_csv_of_the_api(engine: duckdb.DuckDBPyConnection, tmp_path: Path, index: bool) -> None:
    path = write_pandas(tmp_path / "comtrade.csv", [record(), record(isQtyEstimated="true")], index=index)
    _, rows = read(engine, PORTAL, path)
    assert rows[0] == {"raw_row": 2, "raw_column": "primaryValue"} | CLEAN
    assert rows[1]["is_quantity_estimated"] is True


def test_columns_that_no_row_needs_may_be_missing_or_added(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    kept = [name for name in record() if not name.endswith(("Desc", "ISO", "Abbr"))]
    path = tmp_path / "comtrade.csv"
    lines = [[*kept, "year"], [*(record()[name] for name in kept), "2022"]]
    path.write_text("".join(",".join(line) + "\n" for line in lines), encoding="utf-8")
    assert PORTAL.match(Sample.of(path)).score == 1
    reading, rows = read(engine, PORTAL, path)
    assert (rows[0]["value"], rows[0]["problem"]) == (Decimal("2500.75"), None)
    assert reading.notes == ("columns that are not used: year",)


@pytest.mark.parametrize("describe", [True, False])
def test_api_clean(engine: duckdb.DuckDBPyConnection, tmp_path: Path, describe: bool) -> None:
    path = write_api(tmp_path / "answer.json", [record(), record(mosCode="0 ")], describe=describe)
    reading, rows = read(engine, API, path)
    label = CLEAN["product_label"] if describe else None
    expected = {"raw_column": "primaryValue"} | CLEAN | {"product_label": label}
    assert rows == [{"raw_row": 1} | expected, {"raw_row": 2} | expected]
    assert reading == Reading(2)


@pytest.mark.parametrize("classic", [True, False])
def test_bulk_clean(engine: duckdb.DuckDBPyConnection, tmp_path: Path, classic: bool) -> None:
    path = write_bulk(
        tmp_path / bulk_name("156", "2022", classic=classic), [record(), record(cmdCode="TOTAL")]
    )
    reading, rows = read(engine, BULK, path)
    expected = {"raw_column": "primaryValue"} | CLEAN | {"product_label": None}
    assert rows == [{"raw_row": 2} | expected, {"raw_row": 3} | expected | {"product_code": "TOTAL"}]
    assert reading == Reading(2, dt.date(2023, 11, 14), covers_whole=True)


def test_bulk_monthly(engine: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    monthly = record(freqCode="M", period="202202", reporterCode="36")
    path = write_bulk(tmp_path / bulk_name("36", "202202", released="2024-02-29"), [monthly])
    reading, rows = read(engine, BULK, path)
    assert reading.released_at == dt.date(2024, 2, 29)
    assert (rows[0]["reporter_code"], rows[0]["period_grain"], rows[0]["problem"]) == ("36", "M", None)
    assert rows[0]["period_start_date"] == dt.date(2022, 2, 1)
    assert rows[0]["period_end_date"] == dt.date(2022, 2, 28)


def test_legacy_clean(engine: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    records = [
        record(),
        record(flowCode="M", classificationCode="HS", qtyUnitCode="-1", qty="0", legacyEstimationFlag="6"),
    ]
    reading, rows = read(engine, LEGACY, write_legacy(tmp_path / "comtrade.csv", records))
    expected = CLEAN | {"raw_column": "Trade Value (US$)", "quantity_2": None, "quantity_2_unit": None}
    assert rows[0] == {"raw_row": 2} | expected
    assert rows[1] == {"raw_row": 3} | expected | {
        "flow": "M", "valuation": "cif", "hs_edition": None, "quantity": None, "quantity_unit": None,
        "is_quantity_estimated": True, "is_weight_estimated": True,
    }  # fmt: skip
    assert reading == Reading(2)


def test_legacy_flows_periods_and_lost_zeros(engine: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    records = [
        record(flowCode="RX"),
        record(flowCode="RM", period="202203"),
        record(cmdCode="10121"),
        record(flowCode="7"),
    ]
    rows = read(engine, LEGACY, write_legacy(tmp_path / "comtrade.csv", records))[1]
    assert [row["flow"] for row in rows] == ["RX", "RM", "X", "7"]
    assert [row["period_grain"] for row in rows] == ["A", "M", "A", "A"]
    assert rows[2]["product_code"] == "010121"
    assert (rows[3]["problem"], rows[3]["problem_column"]) == ("unknown_code", "Trade Flow Code")


# -- Traps ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, "flow"),
        ({"isAggregate": "false", "isReported": "true"}, "flow"),
        ({"mosCode": "0 "}, "flow"),
        ({"partner2Code": "344"}, "breakdown_partner2"),
        ({"motCode": "1000"}, "breakdown_transport"),
        ({"customsCode": "C04"}, "breakdown_procedure"),
        ({"mosCode": "1"}, "breakdown_supply"),
        ({"partner2Code": "344", "motCode": "1000", "customsCode": "C04"}, "breakdown_partner2"),
        ({"motCode": "1000", "customsCode": "C04", "mosCode": "1"}, "breakdown_transport"),
        ({"customsCode": "C04", "flowCode": "DX"}, "breakdown_procedure"),
        ({"flowCode": "DX"}, "other_flow"),
        ({"flowCode": "MIP"}, "other_flow"),
        ({"cmdCode": "AG2"}, "subtotal"),
        ({"cmdCode": "TOTAL", "aggrLevel": "0"}, "flow"),
        ({"cmdCode": "85", "aggrLevel": "2"}, "flow"),
    ],
)
def test_row_kinds(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path, changes: dict[str, str], kind: str
) -> None:
    item = record(**changes)
    answers = [
        read(engine, PORTAL, write_portal(tmp_path / "TradeData.csv", [item])),
        read(engine, API, write_api(tmp_path / "answer.json", [item])),
        read(engine, BULK, write_bulk(tmp_path / bulk_name("156", "2022"), [item])),
    ]
    for reading, rows in answers:
        assert [(row["row_kind"], row["problem"]) for row in rows] == [(kind, None)]
        assert bool(reading.notes) == (kind != "flow")


def test_breakdowns_do_not_double_the_total(engine: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """As China's imports of 8542 from the USA in 2015 to 2017: the parts add up to the total row."""
    parts = {"344": "600.5", "410": "300", "842": "99.5"}
    usual = {"flowCode": "M", "cmdCode": "8542", "aggrLevel": "4", "period": "2016"}
    records = [
        record(**usual, primaryValue="1000"),
        *(record(**usual, partner2Code=code, primaryValue=value) for code, value in parts.items()),
    ]
    reading, rows = read(engine, API, write_api(tmp_path / "answer.json", records, describe=False))
    assert sum(row["value"] for row in rows) == 2000
    assert sum(row["value"] for row in rows if row["row_kind"] == "flow") == 1000
    assert reading.notes[0].startswith("3 records are broken down by second partner")


@pytest.mark.parametrize(
    ("unit", "quantity", "expected"),
    [
        ("-1", "0", (None, None)),
        ("-1", "", (None, None)),
        ("", "0", (None, None)),
        ("-1", "7", (Decimal(7), "N/A")),
        ("5", "0", (Decimal(0), "items")),
        ("5", "", (None, "items")),
        ("5", "1.0", (Decimal(1), "items")),
        ("8", "3.125", (Decimal("3.125"), "kg")),
        ("9", "1.5", (Decimal(1500), "items")),
        ("13", "2", (Decimal(2), "carat")),
        ("12", "2", (Decimal(2), "m³")),
        ("99", "2", (Decimal(2), "unit 99")),
    ],
)
def test_quantities(
    engine: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    unit: str,
    quantity: str,
    expected: tuple[Decimal | None, str | None],
) -> None:
    changes = {"qtyUnitCode": unit, "qty": quantity, "altQtyUnitCode": unit, "altQty": quantity}
    row = portal_row(engine, tmp_path, **changes)
    assert (row["quantity"], row["quantity_unit"]) == expected
    assert (row["quantity_2"], row["quantity_2_unit"]) == expected
    assert row["problem"] is None


@pytest.mark.parametrize("weight", ["0", ""])
def test_no_weight(engine: duckdb.DuckDBPyConnection, tmp_path: Path, weight: str) -> None:
    assert portal_row(engine, tmp_path, netWgt=weight)["net_weight_kg"] is None


@pytest.mark.parametrize(
    ("quantity", "weight", "flag", "expected"),
    [
        ("false", "false", "0", (False, False)),
        ("true", "false", "0", (True, False)),
        ("True", "True", "0", (True, True)),
        ("false", "true", "4", (False, True)),
        ("false", "false", "2", (True, False)),
        ("false", "false", "6", (True, True)),
        ("", "", "6", (True, True)),
        ("", "", "", (None, None)),
    ],
)
def test_estimated(
    engine: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    quantity: str,
    weight: str,
    flag: str,
    expected: tuple[bool | None, bool | None],
) -> None:
    changes = {"isQtyEstimated": quantity, "isNetWgtEstimated": weight, "legacyEstimationFlag": flag}
    row = portal_row(engine, tmp_path, **changes)
    assert (row["is_quantity_estimated"], row["is_weight_estimated"]) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("9007199254740993.1234", "9007199254740993.1234"),
        ("0.1", "0.1"),
        ("127448457526", "127448457526"),
        ("8.7880781336e10", "87880781336"),
        ("8.7880781336E+10", "87880781336"),
        ("1e+05", "100000"),
        ("1.5e-3", "0.0015"),
    ],
)
def test_values_are_exact(engine: duckdb.DuckDBPyConnection, tmp_path: Path, text: str, value: str) -> None:
    assert portal_row(engine, tmp_path, primaryValue=text)["value"] == Decimal(value)


@pytest.mark.parametrize(
    ("changes", "problem", "column"),
    [
        ({"primaryValue": "n/a"}, "not_a_number", "primaryValue"),
        ({"primaryValue": "1,234"}, "not_a_number", "primaryValue"),
        ({"primaryValue": ""}, "blank", "primaryValue"),
        ({"primaryValue": "-5"}, "negative", "primaryValue"),
        ({"qty": "x"}, "not_a_number", "qty"),
        ({"netWgt": "-1"}, "negative", "netWgt"),
        ({"flowCode": "E"}, "unknown_code", "flowCode"),
        ({"flowCode": ""}, "unknown_code", "flowCode"),
        ({"freqCode": "Q"}, "unknown_code", "freqCode"),
        ({"typeCode": "S"}, "unknown_code", "typeCode"),
        ({"period": "202213", "freqCode": "M"}, "bad_period", "period"),
        ({"period": "202201"}, "bad_period", "period"),
        ({"period": "2022", "freqCode": "M"}, "bad_period", "period"),
        ({"period": ""}, "bad_period", "period"),
        ({"reporterCode": "CHN"}, "bad_code", "reporterCode"),
        ({"reporterCode": "0"}, "bad_code", "reporterCode"),
        ({"partnerCode": "8A2"}, "bad_code", "partnerCode"),
        ({"partnerCode": ""}, "bad_code", "partnerCode"),
        ({"cmdCode": "85423I"}, "bad_code", "cmdCode"),
        ({"cmdCode": "85423", "aggrLevel": ""}, "bad_code", "cmdCode"),
        ({"classificationCode": "S4"}, "unknown_code", "classificationCode"),
    ],
)
def test_problems(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path, changes: dict[str, str], problem: str, column: str
) -> None:
    item = record(**changes)
    for layout, path in (
        (PORTAL, write_portal(tmp_path / "TradeData.csv", [item])),
        (API, write_api(tmp_path / "answer.json", [item])),
        (BULK, write_bulk(tmp_path / "bulk.gz", [item])),
    ):
        row = read(engine, layout, path)[1][0]
        assert (row["problem"], row["problem_column"]) == (problem, column), layout.layout_id
        assert row["problem_value"] == (changes[column] or None)
        assert row["problem_expected"]


ROUNDED = ["8.78808E+10", "8.78808e+10", "1.27448E+11", "1.27448e11", "9E+10"]


@pytest.mark.parametrize("printed", ROUNDED)
@pytest.mark.parametrize("column", ["primaryValue", "qty", "netWgt"])
def test_numbers_that_a_spreadsheet_has_rounded(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path, printed: str, column: str
) -> None:
    item = record(**{column: printed})
    answer = write_api(tmp_path / "answer.json", [record(**{column: "7654321"})])
    said = answer.read_text(encoding="utf-8")
    assert f'"{column}": 7654321' in said
    answer.write_text(said.replace(f'"{column}": 7654321', f'"{column}": {printed}'), encoding="utf-8")
    for layout, path in (
        (PORTAL, write_portal(tmp_path / "TradeData.csv", [item])),
        (API, answer),
        (BULK, write_bulk(tmp_path / "bulk.gz", [item])),
        (LEGACY, write_legacy(tmp_path / "legacy.csv", [item])),
    ):
        row = read(engine, layout, path)[1][0]
        assert (row["problem"], row["problem_value"]) == ("rounded", printed), layout.layout_id


def test_leading_zeros_of_countries(engine: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    row = portal_row(engine, tmp_path, reporterCode="036", partnerCode="076")
    assert (row["reporter_code"], row["partner_code"], row["problem"]) == ("36", "76", None)


PADDED = {"reporterCode": "036", "partnerCode": "004", "partner2Code": "000", "motCode": "000"}
PANDAS = {"reporterCode": "36.0", "partnerCode": "4.0", "partner2Code": "0.0", "mosCode": "0 "}


@pytest.mark.parametrize("changes", [PADDED, PANDAS])
def test_bulk_codes_as_scripts_save_them(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path, changes: dict[str, str]
) -> None:
    path = write_bulk(tmp_path / "COMTRADE-FINAL-CA0362022H6[2023-05-01].gz", [record(**changes)])
    (row,) = read(engine, BULK, path)[1]
    assert (row["reporter_code"], row["partner_code"], row["row_kind"], row["problem"]) == (
        "36", "4", "flow", None,
    )  # fmt: skip


@pytest.mark.parametrize("supply", ["left out", "null"])
def test_answers_about_goods_need_no_mode_of_supply(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path, supply: str
) -> None:
    """Modes of supply are those of services: the UN's list of fields has none for goods."""
    path = write_api(tmp_path / "answer.json", [record(), record(partner2Code="156")])
    old = '"mosCode": "0", '
    new = "" if supply == "left out" else '"mosCode": null, '
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert old not in path.read_text(encoding="utf-8")
    _, rows = read(engine, API, path)
    assert [(row["row_kind"], row["problem"]) for row in rows] == [
        ("flow", None), ("breakdown_partner2", None),
    ]  # fmt: skip


@pytest.mark.parametrize("index", [True, False])
def test_shifted_by_pandas_is_refused(engine: duckdb.DuckDBPyConnection, tmp_path: Path, index: bool) -> None:
    path = write_shifted(tmp_path / "TradeData_processed.csv", [record(), record()], index=index)
    assert PORTAL.match(Sample.of(path)).score == 1
    with pytest.raises(FileRefused, match=r"TradeData_processed.csv, record 2: .* one column to the left"):
        PORTAL.read(engine, path, "landing")


def test_shifted_with_lower_case_names(engine: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = write_shifted(tmp_path / "processed.csv", [record()])
    head, _, rest = path.read_text(encoding="utf-8").partition("\n")
    path.write_text(f"{head.lower()}\n{rest}", encoding="utf-8")
    with pytest.raises(FileRefused, match="one column to the left"):
        PORTAL.read(engine, path, "landing")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252"])
def test_encodings(engine: duckdb.DuckDBPyConnection, tmp_path: Path, encoding: str) -> None:
    label = "Côte d’Ivoire – “x”" if encoding.startswith(("utf", "cp")) else "Côte d'Ivoire, Türkiye"
    path = write_portal(tmp_path / "TradeData.csv", [record(cmdDesc=label), record()], encoding=encoding)
    reading, rows = read(engine, PORTAL, path)
    assert [row["product_label"] for row in rows] == [label, CLEAN["product_label"]]
    assert bool(reading.notes) == (not encoding.startswith("utf"))


def test_mixed_encodings(engine: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = write_portal(tmp_path / "TradeData.csv", [record(cmdDesc="Curaçao")], encoding="latin-1")
    other = write_portal(tmp_path / "other.csv", [record(cmdDesc="Türkiye")]).read_bytes()
    path.write_bytes(path.read_bytes() + other.split(b"\n", 1)[1])
    assert [row["product_label"] for row in read(engine, PORTAL, path)[1]] == ["Curaçao", "Türkiye"]


def test_lines_that_are_no_record(engine: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = write_portal(tmp_path / "TradeData.csv", [record(primaryValue=str(n)) for n in range(2, 8)])
    lines = path.read_bytes().split(b"\r\n")
    lines[2] = b'"C","A"'
    lines.insert(4, b"")
    lines[5] += b'"x","y"'
    path.write_bytes(b"\r\n".join(lines))
    reading, rows = read(engine, PORTAL, path)
    # Records 2 to 7 stood on the lines of the same number before a blank line came in as line 5.
    assert [(row["raw_row"], row["value"]) for row in rows] == [(2, 2), (4, 4), (7, 6), (8, 7)]
    assert [line for line, _, _ in reading.malformed] == [3, 6]
    assert "Expected Number of Columns: 48 Found: 2" in reading.malformed[0][1]
    assert reading.malformed[0][2] == '"C","A"'
    assert not reading.notes


def test_value_behind_the_last_column(engine: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = write_portal(tmp_path / "TradeData.csv", [record(), record()])
    path.write_bytes(path.read_bytes().replace(b'"true",\r\n', b'"true","x"\r\n', 1))
    rows = read(engine, PORTAL, path)[1]
    assert [row["problem"] for row in rows] == ["bad_format", None]
    assert (rows[0]["problem_column"], rows[0]["problem_value"]) == ("column 48", "x")


def test_line_breaks_in_values(engine: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = write_portal(tmp_path / "TradeData.csv", [record(cmdDesc="two\r\nlines"), record()])
    reading, rows = read(engine, PORTAL, path)
    assert [row["product_label"] for row in rows] == ["two\r\nlines", CLEAN["product_label"]]
    assert "line numbers count records" in reading.notes[0]


def test_header_only(engine: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    for layout, path in (
        (PORTAL, write_portal(tmp_path / "TradeData.csv", [])),
        (LEGACY, write_legacy(tmp_path / "legacy.csv", [])),
        (API, write_api(tmp_path / "answer.json", [])),
        (BULK, write_bulk(tmp_path / bulk_name("156", "2022"), [])),
    ):
        reading, rows = read(engine, layout, path)
        assert (rows, reading.records, reading.notes) == ([], 0, ("no data",))


# -- The API's envelope ---------------------------------------------------------------------------------


def test_the_list_of_records_without_its_envelope(engine: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """As pandas and comtradeapicall write it. Cut off or written twice, it is refused."""
    answer = write_api(tmp_path / "answer.json", [record(), record(cmdCode="854232", primaryValue="0.1")])
    _, expected = read(engine, API, answer)
    text = answer.read_text(encoding="utf-8")
    records = text[text.index("[") : text.rindex("]") + 1]
    path = tmp_path / "records.json"
    path.write_text(records, encoding="utf-8")
    assert API.match(Sample.of(path)).score == 1
    reading, rows = read(engine, API, path)
    assert reading.records == 2 and rows == expected
    for wrong, said in ((records[:-40], "cut off"), (records * 2, "holds 2 JSON documents")):
        path.write_text(wrong, encoding="utf-8")
        with pytest.raises(FileRefused, match=said):
            read(engine, API, path)


def test_api_refusals(engine: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = tmp_path / "answer.json"
    write_api(path, [record()], count=2)
    with pytest.raises(FileRefused, match="count is 2 but data has 1 records"):
        API.read(engine, path, "landing")
    write_api(path, [], error="Invalid period")
    with pytest.raises(FileRefused, match="Invalid period"):
        API.read(engine, path, "landing")
    whole = write_api(path, [record(), record()]).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FileRefused, match=r"answer\.json: cut off"):
        API.read(engine, path, "landing")
    path.write_text('{"elapsedTime": "0", "data": []}', encoding="utf-8")
    with pytest.raises(FileRefused, match="no count in the envelope"):
        API.read(engine, path, "landing")
    path.write_bytes(whole + whole)
    with pytest.raises(FileRefused, match="2 JSON documents"):
        API.read(engine, path, "landing")


@pytest.mark.parametrize(
    "digits", ["12345678901234567.1234", "9007199254740993", "0.3", "98765432109876543210"]
)
def test_api_numbers_are_read_digit_by_digit(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path, digits: str
) -> None:
    """A double holds 15 digits: 12345678901234567.1234 would become 12345678901234568."""
    path = write_api(tmp_path / "answer.json", [record(cmdDesc='says "primaryValue": 7,')])
    text = path.read_text(encoding="utf-8")
    for name in ("primaryValue", "fobvalue", "netWgt", "qty"):
        text = re.sub(rf'"{name}": [0-9.]+', f'"{name}" :{digits}', text)
    path.write_text(text, encoding="utf-8")
    _, (row,) = read(engine, API, path)
    assert [row[name] for name in ("value", "net_weight_kg", "quantity")] == [Decimal(digits)] * 3
    assert row["product_label"] == 'says "primaryValue": 7,' and row["problem"] is None


def test_api_number_of_too_many_digits_is_a_problem(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    path = write_api(tmp_path / "answer.json", [record(primaryValue="1" * 22)])
    _, (row,) = read(engine, API, path)
    assert (row["problem"], row["problem_value"], row["value"]) == ("not_a_number", "1" * 22, None)


def test_api_limit_is_noted(engine: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    reading, _ = read(engine, API, write_api(tmp_path / "answer.json", [record()] * 500))
    assert "500 records is a limit" in reading.notes[0]


def test_api_null_record(engine: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = write_api(tmp_path / "answer.json", [record(), record()], count=3)
    path.write_text(path.read_text().replace('"data": [', '"data": [null, '), encoding="utf-8")
    reading, rows = read(engine, API, path)
    assert [row["raw_row"] for row in rows] == [2, 3]
    assert reading.malformed == ((1, "no record", "null"),)


# -- Bulk files -----------------------------------------------------------------------------------------


def test_bulk_another_reporter(engine: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    records = [record(), record(reporterCode="842"), record(period="2021")]
    rows = read(engine, BULK, write_bulk(tmp_path / bulk_name("156", "2022"), records))[1]
    assert [row["problem"] for row in rows] == [None, "bad_code", "bad_period"]
    assert rows[1]["problem_expected"] == "156, as the file's name says"


def test_bulk_without_its_name(engine: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    reading, rows = read(engine, BULK, write_bulk(tmp_path / "china.gz", [record()]))
    assert (reading.released_at, rows[0]["problem"]) == (None, None)
    assert "day of publication is not known" in reading.notes[0]


def test_bulk_damaged(engine: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = write_bulk(tmp_path / bulk_name("156", "2022"), [record(qty=str(n)) for n in range(500)])
    whole = path.read_bytes()
    path.write_bytes(whole[:-4])
    with pytest.raises(FileRefused, match="damaged"):
        BULK.read(engine, path, "landing")
    path.write_bytes(whole[:-8] + b"\x00\x00\x00\x00" + whole[-4:])
    with pytest.raises(FileRefused, match="damaged"):
        BULK.read(engine, path, "landing")


def test_bulk_line_numbers(engine: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = write_bulk(tmp_path / bulk_name("156", "2022"), [record(qty=str(n)) for n in range(2, 6)])
    lines = gzip.decompress(path.read_bytes()).split(b"\n")
    lines[2] = b"C\tA"
    path.write_bytes(gzip.compress(b"\n".join(lines)))
    reading, rows = read(engine, BULK, path)
    assert [(row["raw_row"], row["quantity"]) for row in rows] == [(2, 2), (4, 4), (5, 5)]
    assert [line for line, _, _ in reading.malformed] == [3]


# -- Recognition ----------------------------------------------------------------------------------------


def test_each_file_has_one_layout(tmp_path: Path) -> None:
    clean = [record()]
    files = {
        "comtrade_portal": write_portal(tmp_path / "TradeData.csv", clean),
        "comtrade_api": write_api(tmp_path / "answer.json", clean, describe=False),
        "comtrade_bulk": write_bulk(tmp_path / bulk_name("156", "2022"), clean),
        "comtrade_legacy": write_legacy(tmp_path / "legacy.csv", clean),
    }
    for layout_id, path in files.items():
        scores = {layout.layout_id: layout.match(Sample.of(path)).score for layout in FAMILY}
        assert scores.pop(layout_id) == 1
        assert max(scores.values()) < 0.6, scores


def test_missing_columns_are_named(engine: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    path = write_portal(tmp_path / "TradeData.csv", [record()])
    path.write_bytes(path.read_bytes().replace(b"primaryValue", b"value"))
    match = PORTAL.match(Sample.of(path))
    assert match.score < 1
    assert "primaryValue" in match.missing
    with pytest.raises(FileRefused, match="line 1: no column primaryValue"):
        PORTAL.read(engine, path, "landing")


def test_tariff_lines_are_another_layout(tmp_path: Path) -> None:
    path = write_bulk(tmp_path / "COMTRADE-TARIFFLINE-CA1562022H6[2023-11-14].gz", [record()])
    match = BULK.match(Sample.of(path))
    assert match.score < 1
    assert "tariff lines" in match.missing


@given(head=st.binary(max_size=300))
def test_match_never_raises(head: bytes) -> None:
    for layout in FAMILY:
        assert layout.match(Sample(Path("x.csv"), head, len(head))).score < 1


# -- Any bytes ------------------------------------------------------------------------------------------

_PIECES = st.lists(
    st.one_of(
        st.binary(max_size=12),
        st.sampled_from([b",", b'"', b'""', b"\r\n", b"\n", b"\r", b"\t", b"\x00", b"\xff", b"\xe9", b" "]),
        st.sampled_from([b",".join(b'"1"' for _ in range(width)) + b",\n" for width in (34, 35, 46, 47, 48)]),
    ),
    max_size=20,
).map(b"".join)

_FUZZ = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def survives(engine: duckdb.DuckDBPyConnection, layout: CustomsLayout, path: Path) -> None:
    try:
        reading = layout.read(engine, path, "landing")
    except FileRefused as refusal:
        assert str(refusal).startswith(path.name)
        return
    rows = rows_of(engine)
    assert reading.records == len({row["raw_row"] for row in rows}) + len(reading.malformed)


@_FUZZ
@given(body=_PIECES)
def test_any_bytes_below_a_portal_header(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path, body: bytes
) -> None:
    path = tmp_path / "TradeData.csv"
    path.write_bytes(",".join(PORTAL_COLUMNS).encode() + b"\r\n" + body)
    survives(engine, PORTAL, path)


@_FUZZ
@given(body=_PIECES)
def test_any_bytes_below_a_legacy_header(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path, body: bytes
) -> None:
    path = tmp_path / "legacy.csv"
    path.write_bytes(",".join(comtrade_legacy.LEGACY_COLUMNS).encode() + b"\n" + body)
    survives(engine, LEGACY, path)


@_FUZZ
@given(body=_PIECES, packed=st.booleans())
def test_any_bytes_below_a_bulk_header(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path, body: bytes, packed: bool
) -> None:
    path = tmp_path / bulk_name("156", "2022")
    whole = "\t".join(BULK_COLUMNS).encode() + b"\n" + body.replace(b",", b"\t")
    path.write_bytes(gzip.compress(whole) if packed else whole)
    survives(engine, BULK, path)


@_FUZZ
@given(values=st.lists(st.text(max_size=8), min_size=len(PORTAL_COLUMNS), max_size=len(PORTAL_COLUMNS)))
def test_any_values(engine: duckdb.DuckDBPyConnection, tmp_path: Path, values: list[str]) -> None:
    item = dict(
        zip(PORTAL_COLUMNS, [value.encode("utf-8", "ignore").decode() for value in values], strict=True)
    )
    survives(engine, API, write_api(tmp_path / "answer.json", [item]))
    tabless = {name: value.replace("\t", "") for name, value in item.items()}
    survives(engine, BULK, write_bulk(tmp_path / bulk_name("156", "2022"), [tabless]))


@_FUZZ
@given(data=st.binary(max_size=80), at=st.integers(0, 1500))
def test_any_bytes_in_an_answer(
    engine: duckdb.DuckDBPyConnection, tmp_path: Path, data: bytes, at: int
) -> None:
    path = write_api(tmp_path / "answer.json", [record()])
    whole = path.read_bytes()
    path.write_bytes(whole[:at] + data + whole[at + len(data) :])
    survives(engine, API, path)


# -- Real files -----------------------------------------------------------------------------------------


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the real portal files are not shipped with the project")
def test_real_portal_files(engine: duckdb.DuckDBPyConnection) -> None:
    counts = {}
    for path in sorted(SAMPLES.glob("TradeData_*.csv")):
        reading, rows = read(engine, PORTAL, path)
        assert (reading.malformed, reading.notes) == ((), ())
        assert {(row["row_kind"], row["problem"]) for row in rows} == {("flow", None)}
        assert [row["raw_row"] for row in rows] == list(range(2, len(rows) + 2))
        counts[path.name] = reading.records
    assert sorted(counts.values()) == [36, 252]


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the real portal files are not shipped with the project")
def test_real_quantities(engine: duckdb.DuckDBPyConnection) -> None:
    (path,) = SAMPLES.glob("TradeData_hs854231*.csv")
    _, rows = read(engine, PORTAL, path)
    assert sum(row["quantity"] is None for row in rows) == 88
    assert {row["quantity_unit"] for row in rows} == {"items", None}
    assert sum(row["net_weight_kg"] is None for row in rows) == 90
    assert {row["valuation"] for row in rows if row["flow"] == "M"} == {"cif"}
