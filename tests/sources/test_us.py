"""The United States: answers of the Census API and downloads of USITC DataWeb."""

from __future__ import annotations

import datetime as dt
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import writers_us_eu as write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.sources import us_census, usitc_dataweb
from orchestration.sources.layout import CustomsLayout, FileRefused, Reading, Sample

CENSUS, DATAWEB = us_census.LAYOUT, usitc_dataweb.LAYOUT
SAMPLE = (
    Path(__file__).resolve().parents[2].parent / "shared/samples/usitc/DataWeb_export_85423x_value_qty.xlsx"
)
HEADER = ["CTY_CODE", "E_COMMODITY", "ALL_VAL_MO", "QTY_1_MO", "UNIT_QY1", "SUMMARY_LVL", "time", "COMM_LVL"]
JUNK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

Row = dict[str, Any]


def read(layout: CustomsLayout, path: Path) -> tuple[Reading, list[Row]]:
    with duckdb.connect() as connection:
        reading = layout.read(connection, path, "landed")
        found = connection.execute("select * from landed order by raw_row, raw_column").fetchall()
        types = connection.execute("describe landed").fetchall()
    assert [name for name, *_ in types] == list(layout.columns)
    return reading, [dict(zip(layout.columns, row, strict=True)) for row in found]


def picked(rows: list[Row], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in rows]


def refusal(layout: CustomsLayout, path: Path) -> str:
    with pytest.raises(FileRefused) as caught:
        read(layout, path)
    return str(caught.value)


# --- Census


def exports(path: Path, *records: list[str | None]) -> Path:
    return write.census(path / "exports.json", HEADER, records)


def test_numbers_that_are_no_texts_are_read_digit_by_digit(tmp_path: Path) -> None:
    """The API gives texts, copies saved by a script may hold numbers; a double would lose digits."""
    path = exports(
        tmp_path,
        ["5700", "8542", "12345678901234567.1234", "9007199254740993", "NO", "DET", "2025-11", "HS4"],
        ["5800", "8542", "1.0e3", "1", "NO", "DET", "2025-11", "HS4"],
    )
    text = path.read_text(encoding="utf-8")
    for digits in ("12345678901234567.1234", "9007199254740993", "1.0e3"):
        text = text.replace(f'"{digits}"', digits)
    path.write_text(text, encoding="utf-8")
    _, rows = read(CENSUS, path)
    assert (rows[0]["value"], rows[0]["quantity"]) == (
        Decimal("12345678901234567.1234"),
        Decimal(9007199254740993),
    )
    assert (rows[1]["problem"], rows[1]["problem_value"]) == ("not_a_number", "1.0e3")


def test_exports_of_a_month_land_as_they_are(tmp_path: Path) -> None:
    path = exports(
        tmp_path,
        ["5700", "8542", "3762295868", "1200", "NO", "DET", "2025-11", "HS4"],
        ["-", "8542310001", "17", "3", "KG", "DET", "2025-11", "HS10"],
    )
    assert CENSUS.match(Sample.of(path)).score == 1
    reading, rows = read(CENSUS, path)
    assert (reading.records, reading.released_at, reading.covers_whole) == (2, None, False)
    first = {name: value for name, value in rows[0].items() if value is not None}
    assert first == {
        "raw_row": 2,
        "raw_column": "ALL_VAL_MO",
        "row_kind": "flow",
        "code_system": "schedule_c",
        "reporter_code": "1000",
        "partner_code": "5700",
        "flow": "X",
        "product_code": "8542",
        "product_system": "HS",
        "period_grain": "M",
        "period_start_date": dt.date(2025, 11, 1),
        "period_end_date": dt.date(2025, 11, 30),
        "value": Decimal(3762295868),
        "currency": "USD",
        "valuation": "fob",
        "quantity": Decimal(1200),
        "quantity_unit": "items",
    }
    assert picked(rows[1:], "partner_code", "product_system", "quantity_unit", "net_weight_kg") == [
        ("-", "HTS", "kg", 3)
    ]


def test_the_shortest_answer_is_the_world_s_total(tmp_path: Path) -> None:
    path = write.census(
        tmp_path / "a.json", ["ALL_VAL_MO", "E_COMMODITY", "time"], [["3762295868", "8542", "2025-11"]]
    )
    _, rows = read(CENSUS, path)
    assert picked(rows, "row_kind", "partner_code", "product_code", "value") == [
        ("flow", "-", "8542", 3762295868)
    ]


def test_country_groups_and_parts_are_set_aside(tmp_path: Path) -> None:
    path = write.census(
        tmp_path / "a.json",
        ["CTY_CODE", "SUMMARY_LVL", "DF", "E_COMMODITY", "ALL_VAL_MO", "time"],
        [
            ["0003", "CGP", "-", "8542", "9", "2024-01"],
            ["1XXX", "CGP", "-", "8542", "9", "2024-01"],
            ["-", "CGP", "-", "8542", "9", "2024-01"],
            ["5700", "DET", "1", "8542", "6", "2024-01"],
            ["5700", "DET", "2", "8542", "3", "2024-01"],
            ["5700", "DET", "-", "8542", "9", "2024-01"],
            ["5700", "DET", "-", "8542", None, "2024-01"],
        ],
    )
    _, rows = read(CENSUS, path)
    kinds = ["country_group", "country_group", "flow", "breakdown_procedure", "breakdown_procedure", "flow"]
    assert [row["row_kind"] for row in rows] == [*kinds, "no_value"]
    assert not [row for row in rows if row["problem"]]


def test_year_to_date_is_a_year_only_in_december(tmp_path: Path) -> None:
    path = write.census(
        tmp_path / "a.json",
        ["CTY_CODE", "I_COMMODITY", "GEN_VAL_MO", "GEN_VAL_YR", "CON_VAL_MO", "time"],
        [["5830", "854231", "5", "50", "4", "2024-07"], ["5830", "854231", "6", "99", "6", "2024-12"]],
    )
    reading, rows = read(CENSUS, path)
    names = (
        "raw_column",
        "row_kind",
        "flow",
        "period_grain",
        "period_start_date",
        "period_end_date",
        "value",
    )
    assert picked(rows, *names) == [
        ("CON_VAL_MO", "breakdown_procedure", "M", "M", dt.date(2024, 7, 1), dt.date(2024, 7, 31), 4),
        ("GEN_VAL_MO", "flow", "M", "M", dt.date(2024, 7, 1), dt.date(2024, 7, 31), 5),
        ("GEN_VAL_YR", "flow", "M", "YTD", dt.date(2024, 1, 1), dt.date(2024, 7, 31), 50),
        ("CON_VAL_MO", "breakdown_procedure", "M", "M", dt.date(2024, 12, 1), dt.date(2024, 12, 31), 6),
        ("GEN_VAL_MO", "flow", "M", "M", dt.date(2024, 12, 1), dt.date(2024, 12, 31), 6),
        ("GEN_VAL_YR", "flow", "M", "A", dt.date(2024, 1, 1), dt.date(2024, 12, 31), 99),
    ]
    assert reading.records == 2
    assert any("customs value" in note for note in reading.notes)


def test_echoed_predicates_must_agree(tmp_path: Path) -> None:
    header = ["ALL_VAL_MO", "E_COMMODITY", "time", "E_COMMODITY"]
    same = write.census(tmp_path / "a.json", header, [["1", "8542", "2024-01", "8542"]])
    assert len(read(CENSUS, same)[1]) == 1
    other = write.census(tmp_path / "b.json", header, [["1", "8542", "2024-01", "8541"]])
    assert "line 2: column E_COMMODITY stands there twice" in refusal(CENSUS, other)


@pytest.mark.parametrize(
    ("changed", "reason", "column"),
    [
        ({2: "12.3e4"}, "not_a_number", "ALL_VAL_MO"),
        ({2: "1,234"}, "not_a_number", "ALL_VAL_MO"),
        ({2: "-5"}, "negative", "ALL_VAL_MO"),
        ({6: "2025-13"}, "bad_period", "time"),
        ({6: "2025"}, "bad_period", "time"),
        ({1: "0101", 7: "HS6"}, "bad_format", "COMMODITY"),
        ({1: "85A2"}, "bad_format", "COMMODITY"),
        ({0: "570"}, "unknown_code", "CTY_CODE"),
    ],
)
def test_a_broken_record_says_where(
    tmp_path: Path, changed: dict[int, str], reason: str, column: str
) -> None:
    record: list[str | None] = ["5700", "8542", "5", "1", "NO", "DET", "2025-11", "HS4"]
    for place, value in changed.items():
        record[place] = value
    _, rows = read(CENSUS, exports(tmp_path, record))
    assert picked(rows, "problem", "problem_column") == [(reason, column)]
    assert rows[0]["problem_value"] in changed.values()
    assert rows[0]["problem_expected"]


def test_a_quantity_without_a_unit_is_missing(tmp_path: Path) -> None:
    _, rows = read(CENSUS, exports(tmp_path, ["5700", "8542", "5", "0", "-", "DET", "2025-11", "HS4"]))
    assert picked(rows, "value", "quantity", "quantity_unit") == [(5, None, None)]


def test_no_data_is_not_a_refusal_and_a_page_is(tmp_path: Path) -> None:
    empty = tmp_path / "empty.json"
    empty.write_bytes(b"")
    reading, rows = read(CENSUS, empty)
    assert (reading.records, rows) == (0, [])
    assert "no data" in reading.notes[0]
    page = tmp_path / "page.json"
    page.write_text("<html><head><title>Invalid Key</title></head><body>census key</body></html>")
    assert "key was probably refused" in refusal(CENSUS, page)
    assert CENSUS.match(Sample.of(page)).score < 1


def test_lines_that_are_no_record_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[["ALL_VAL_MO","time"],\n["1","2024-01"],\n["1"],\n{"a":1}]')
    reading, rows = read(CENSUS, path)
    assert (reading.records, [line for line, *_ in reading.malformed], len(rows)) == (3, [3, 4], 1)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'[["ALL_VAL_MO","time"],["1","2024-01"', "cut off or broken"),
        (b'{"data": []}', "array of arrays"),
        (b'[["CTY_CODE","time"]]', "no value column"),
        (b'[["ALL_VAL_MO","GEN_VAL_MO","time"]]', "exports and of imports"),
        (b'[["ALL_VAL_MO","E_COMMODITY"]]', "no column time"),
        (b"\xff\xfe[", "not UTF-8"),
    ],
)
def test_what_is_no_answer_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    assert said in refusal(CENSUS, path)


@JUNK
@given(
    content=st.one_of(
        st.binary(max_size=300), st.binary(max_size=80).map(lambda b: b'[["ALL_VAL_MO","time"],' + b)
    )
)
def test_any_bytes_give_rows_or_a_refusal(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "junk.json"
    path.write_bytes(content)
    CENSUS.match(Sample.of(path))
    try:
        read(CENSUS, path)
    except FileRefused as refused:
        assert path.name in str(refused)


@JUNK
@given(cells=st.lists(st.one_of(st.none(), st.text(max_size=12), st.integers()), min_size=8, max_size=8))
def test_any_cells_give_a_row_each(tmp_path: Path, cells: list[Any]) -> None:
    path = write.census(tmp_path / "a.json", HEADER, [cells])
    try:
        reading, rows = read(CENSUS, path)
    except FileRefused:
        return
    assert reading.records == len(rows) == 1


# --- DataWeb


def test_the_real_download(tmp_path: Path) -> None:
    if not SAMPLE.is_file():
        pytest.skip(f"the sample {SAMPLE.name} is not beside this repository")
    assert DATAWEB.match(Sample.of(SAMPLE)).score == 1
    reading, rows = read(DATAWEB, SAMPLE)
    assert reading.records == 43
    values = [row for row in rows if row["raw_column"] == "Query Results!FAS Value" and row["raw_row"] <= 22]
    assert {row["row_kind"] for row in values} == {"breakdown_procedure"}  # Domestic Exports
    assert any("Total Exports" in note for note in reading.notes)
    assert sum(row["value"] for row in values) == 158_871_365_656
    assert picked(
        values[:1], "raw_row", "product_code", "period_grain", "value", "quantity", "quantity_unit"
    ) == [(2, "854231", "A", 12_185_840_317, 1_072_346_169, "items")]
    assert picked(values[-1:], "raw_row", "product_code", "period_end_date", "value", "quantity") == [
        (22, "854239", dt.date(2024, 12, 31), 7_486_195_373, 743_081_301)
    ]
    total = [row for row in rows if row["raw_row"] == 23]
    assert picked(total, "row_kind", "value", "problem") == [("subtotal", 158_871_365_656, None)]
    quantities = [row for row in rows if row["raw_row"] >= 27]
    assert {row["row_kind"] for row in quantities} == {"quantity_row"}
    assert len(quantities) == 21
    assert not [row for row in rows if row["problem"]]


def test_a_long_table_with_its_quantities(tmp_path: Path) -> None:
    path = write.dataweb(tmp_path / "DataWeb.xlsx")
    reading, rows = read(DATAWEB, path)
    assert reading.records == len(rows) == 7
    names = ("raw_row", "raw_column", "row_kind", "product_code", "value", "quantity")
    assert picked(rows, *names) == [
        (2, "Query Results!FAS Value", "flow", "854231", 1000, 10),
        (3, "Query Results!FAS Value", "flow", "854231", 2000, 20),
        (4, "Query Results!FAS Value", "flow", "854232", 300, None),  # suppressed
        (5, "Query Results!FAS Value", "subtotal", None, 3300, None),
        (9, "Query Results!FIRST_UNIT_QUANTITY", "quantity_row", "854231", None, 10),
        (10, "Query Results!FIRST_UNIT_QUANTITY", "quantity_row", "854231", None, 20),
        (11, "Query Results!FIRST_UNIT_QUANTITY", "quantity_row", "854232", None, None),
    ]
    assert picked(rows[:1], "code_system", "reporter_code", "partner_code", "flow", "valuation") == [
        ("schedule_c", "1000", "-", "X", "fob")
    ]


def test_a_total_that_is_not_the_sum_is_a_problem(tmp_path: Path) -> None:
    rows = [*write.LONG_VALUES[:-1], ("Total: ", "", "", "", "", "3,301", None)]
    _, found = read(DATAWEB, write.dataweb(tmp_path / "a.xlsx", rows))
    wrong = [row for row in found if row["problem"]]
    assert picked(wrong, "raw_row", "row_kind", "problem", "problem_value") == [
        (5, "subtotal", "parts_differ", "3,301")
    ]
    assert "3,300" in wrong[0]["problem_expected"]


def test_a_wide_table_and_the_year_that_is_not_there_yet(tmp_path: Path) -> None:
    path = write.dataweb(tmp_path / "a.xlsx", write.WIDE, "FAS Value")
    assert DATAWEB.match(Sample.of(path)).score == 1
    reading, rows = read(DATAWEB, path)
    assert reading.records == 2
    names = ("raw_row", "raw_column", "row_kind", "partner_code", "period_start_date", "value", "problem")
    assert picked(rows, *names) == [
        (4, "FAS Value!2023", "flow", "China", dt.date(2023, 1, 1), 1000, None),
        (4, "FAS Value!2024", "flow", "China", dt.date(2024, 1, 1), 0, None),
        (4, "FAS Value!2025", "not_yet_published", "China", dt.date(2025, 1, 1), None, None),
        (5, "FAS Value!2023", "flow", "Taiwan", dt.date(2023, 1, 1), 500, None),
        (5, "FAS Value!2024", "flow", "Taiwan", dt.date(2024, 1, 1), 700, None),
        (5, "FAS Value!2025", "not_yet_published", "Taiwan", dt.date(2025, 1, 1), None, None),
    ]
    assert {(row["code_system"], row["reporter_code"]) for row in rows} == {
        ("schedule_c_name", "United States")
    }


def test_a_wide_sheet_without_data_types_is_named_after_its_measure(tmp_path: Path) -> None:
    """The source of the figures below them is no record."""
    rows = [
        *write.WIDE[:2],
        *[row[1:] for row in write.WIDE[2:]],
        ("Total: ", "", "1,500", "700", "0"),
        (),
        ("Sources: U.S. Department of Commerce and the U.S. International Trade Commission.",),
    ]
    path = write.dataweb(tmp_path / "a.xlsx", rows, "FAS Value")
    reading, found = read(DATAWEB, path)
    assert reading.records == 3 and not [row for row in found if row["problem"]]
    assert [row["value"] for row in found if row["row_kind"] == "flow"] == [1000, 0, 500, 700]
    assert any("1 rows are remarks, the first is row 8: 'Sources: U.S." in note for note in reading.notes)


MONTHS = [dt.date(2025, month, 1).strftime("%B") for month in range(1, 13)]


def monthly(path: Path, **said: str) -> Path:
    """Imports of 2024 and 2025 by month, downloaded on 2025-11-21: October 2025 is not out by then."""
    head = ("Data Type", "HTS Number", "Year", "Country", "Quantity Description", *MONTHS)
    values = [
        ("General Customs Value", "854232", 2024.0, "Taiwan", "", *(float(n) for n in range(101, 113))),
        (
            "General Customs Value",
            "854232",
            2025.0,
            "Taiwan",
            "",
            *(float(n) for n in range(201, 210)),
            *[0.0] * 3,
        ),
    ]
    total = ("Total: ", "", "", "", "", *(f"{n + (n + 100 if n < 110 else 0)}" for n in range(101, 113)))
    amounts = [
        ("General First Unit of Quantity", "854232", 2024.0, "Taiwan", "number", *[7.0] * 12),
        ("General First Unit of Quantity", "854232", 2025.0, "Taiwan", "number", *[8.0] * 9, *[0.0] * 3),
    ]
    parameters = write.parameters(
        **{"Trade Flow": "General Imports", "Timeframe Aggregation": "Monthly", **said}
    )
    return write.dataweb(path, [head, *values, total, (), head, *amounts], said=parameters)


def test_months_are_columns_beside_the_year(tmp_path: Path) -> None:
    path = monthly(tmp_path / "a.xlsx")
    reading, rows = read(DATAWEB, path)
    assert reading.records == 5 and not [row for row in rows if row["problem"]]
    rows.sort(key=lambda row: (row["raw_row"], row["period_start_date"] or dt.date.min))
    flows = [row for row in rows if row["row_kind"] == "flow"]
    assert len(flows) == 12 + 9
    names = (
        "raw_row",
        "raw_column",
        "period_grain",
        "period_start_date",
        "period_end_date",
        "value",
        "quantity",
    )
    assert picked(flows, *names)[1] == (
        2, "Query Results!February", "M", dt.date(2024, 2, 1), dt.date(2024, 2, 29), 102, 7,
    )  # fmt: skip
    assert picked(flows, *names)[-1] == (
        3, "Query Results!September", "M", dt.date(2025, 9, 1), dt.date(2025, 9, 30), 209, 8,
    )  # fmt: skip
    later = [row for row in rows if row["row_kind"] == "not_yet_published" and row["raw_row"] == 3]
    assert picked(later, "period_start_date", "value") == [(dt.date(2025, n, 1), None) for n in (10, 11, 12)]


def test_months_that_were_not_asked_for_are_no_zeros(tmp_path: Path) -> None:
    """A query of some months fills the others of their year with 0."""
    head = ("Data Type", "HTS Number", "Year", *MONTHS)
    rows = [head, ("Total FAS Value", "854232", 2024.0, *[0.0] * 6, *(float(n) for n in range(7, 13)))]
    said = write.parameters(**{"Timeframe Aggregation": "Monthly", "Years select": "Specific Date Range"})
    _, found = read(DATAWEB, write.dataweb(tmp_path / "a.xlsx", rows, said=said))
    found.sort(key=lambda row: row["period_start_date"])
    kinds = [(row["row_kind"], row["value"], row["problem"]) for row in found]
    assert kinds == [("not_yet_published", None, None)] * 6 + [("flow", n, None) for n in range(7, 13)]


def test_a_year_that_was_not_over_is_no_year(tmp_path: Path) -> None:
    wide = [*write.WIDE[:3], ("FAS Value", "China", "854231", 1000.0, 900.0, 400.0)]
    _, rows = read(DATAWEB, write.dataweb(tmp_path / "a.xlsx", wide, "FAS Value"))
    assert [row["problem"] for row in rows] == [None, None, "incomplete_period"]


@pytest.mark.parametrize(
    ("trade_flow", "flow", "kind"),
    [
        ("Domestic Exports", "X", "breakdown_procedure"),
        ("General Imports", "M", "flow"),
        ("Imports: General", "M", "flow"),
        ("Exports: Total", "X", "flow"),
        ("Imports For Consumption", "M", "breakdown_procedure"),
    ],
)
def test_the_trade_flow_decides(tmp_path: Path, trade_flow: str, flow: str, kind: str) -> None:
    said = write.parameters(**{"Trade Flow": trade_flow})
    _, rows = read(DATAWEB, write.dataweb(tmp_path / "a.xlsx", write.LONG_VALUES, said=said))
    assert picked(rows[:1], "flow", "row_kind") == [(flow, kind)]


@pytest.mark.parametrize(
    ("scale", "value"),
    [
        ("1", 1000),
        ("1,000", 1_000_000),
        ("In 1,000,000 Dollars", 10**9),
        ("In Actual Units of Quantity", 1000),
    ],
)
def test_the_scale_is_read(tmp_path: Path, scale: str, value: int) -> None:
    said = write.parameters(**{"Data Format": scale})
    _, rows = read(DATAWEB, write.dataweb(tmp_path / "a.xlsx", said=said))
    assert rows[0]["value"] == value
    assert rows[0]["quantity"] == (10 if value == 1000 else None)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"Data Format": ""}, "the scale of the values is unknown"),
        ({"Data Format": "in hundreds"}, "the scale of the values is unknown"),
        ({"Trade Flow": "Trade Balance"}, "Trade Flow is 'Trade Balance'"),
        ({"Classification System": "NAICS"}, "Classification System"),
        (
            {"Timeframe Aggregation": "Quarterly"},
            "is 'Quarterly'; quarters are not read: run the query again by month or year",
        ),
        (
            {"Timeframe Aggregation": "Semi-Annual"},
            "Timeframe Aggregation is 'Semi-Annual'; expected Annual or Monthly",
        ),
        ({"Timeframe Aggregation": "Monthly"}, "no columns January to December"),
    ],
)
def test_what_is_not_said_is_not_guessed(tmp_path: Path, changed: dict[str, str], said: str) -> None:
    path = write.dataweb(tmp_path / "a.xlsx", said=write.parameters(**changed))
    assert said in refusal(DATAWEB, path)


def test_chosen_countries_and_programmes_are_no_totals(tmp_path: Path) -> None:
    some = write.parameters(Countries="Select Individual Countries", **{"Country List": "China, Taiwan"})
    _, rows = read(DATAWEB, write.dataweb(tmp_path / "a.xlsx", write.LONG_VALUES, said=some))
    assert rows[0]["row_kind"] == "country_group"
    part = write.parameters(Programs="Select Individual Programs")
    _, rows = read(DATAWEB, write.dataweb(tmp_path / "b.xlsx", write.LONG_VALUES, said=part))
    assert rows[0]["row_kind"] == "breakdown_procedure"


def test_a_number_that_lost_its_zero_is_filled_up_and_a_short_text_is_a_problem(tmp_path: Path) -> None:
    rows = [write.LONG_VALUES[0], ("FAS Value", 10111.0, 2023.0, "HORSES", "", 5.0)]
    rows += [("FAS Value", "10111", 2023.0, "HORSES", "", 5.0)]
    _, found = read(DATAWEB, write.dataweb(tmp_path / "a.xlsx", rows))
    assert picked(found, "product_code", "problem") == [("010111", None), ("10111", "bad_format")]


def test_other_measures_are_no_flows(tmp_path: Path) -> None:
    rows = [
        ("Data Type", "HTS Number", "Year", "Description", "General CIF Imports Value"),
        ("General CIF Imports Value", "854231", 2023.0, "PROCESSORS", 5.0),
        (),
        ("Data Type", "HTS Number", "Year", "Description", "Calculated Duties"),
        ("Calculated Duties", "854231", 2023.0, "PROCESSORS", 5.0),
    ]
    said = write.parameters(**{"Trade Flow": "General Imports"})
    _, found = read(DATAWEB, write.dataweb(tmp_path / "a.xlsx", rows, said=said))
    assert picked(found, "row_kind", "valuation") == [("other_measure", "cif"), ("other_measure", None)]


def test_workbooks_that_are_none_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no sheet Query Parameters" in refusal(DATAWEB, write.dataweb(tmp_path / "a.xlsx", said=[]))
    cut = tmp_path / "cut.xlsx"
    cut.write_bytes(write.dataweb(tmp_path / "b.xlsx").read_bytes()[:2000])
    assert "not an .xlsx workbook" in refusal(DATAWEB, cut)
    entity = tmp_path / "entity.xlsx"
    with zipfile.ZipFile(entity, "w") as packed:
        packed.writestr("xl/workbook.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    assert "document type" in refusal(DATAWEB, entity)
    monkeypatch.setattr(usitc_dataweb, "MAX_UNPACKED", 5000)
    assert "unpacks to" in refusal(DATAWEB, tmp_path / "b.xlsx")


@JUNK
@given(content=st.one_of(st.binary(max_size=300), st.binary(max_size=80).map(lambda b: b"PK\x03\x04" + b)))
def test_any_bytes_are_no_workbook(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "junk.xlsx"
    path.write_bytes(content)
    assert DATAWEB.match(Sample.of(path)).score == 0
    assert path.name in refusal(DATAWEB, path)


@settings(parent=JUNK, max_examples=25)
@given(place=st.integers(0, 5000), change=st.binary(min_size=1, max_size=8))
def test_a_damaged_workbook_gives_rows_or_a_refusal(tmp_path: Path, place: int, change: bytes) -> None:
    path = tmp_path / "damaged.xlsx"
    content = write.dataweb(path).read_bytes()
    path.write_bytes(content[:place] + change + content[place + len(change) :])
    DATAWEB.match(Sample.of(path))
    try:
        read(DATAWEB, path)
    except FileRefused as refused:
        assert path.name in str(refused)


@settings(parent=JUNK, max_examples=25)
@given(
    cells=st.lists(
        st.one_of(
            st.none(),
            st.floats(allow_nan=False, allow_infinity=False),
            st.text("0123456789.,-eE年 ", max_size=8),
        ),
        min_size=6,
        max_size=6,
    )
)
def test_any_cells_of_a_table_give_a_row(tmp_path: Path, cells: list[Any]) -> None:
    path = write.dataweb(tmp_path / "a.xlsx", [write.LONG_VALUES[0], ("FAS Value", *cells[1:])])
    reading, rows = read(DATAWEB, path)
    assert reading.records == len(rows) == 1
