"""Printed figures: worked examples, refusals, and properties that hold for any figure."""

from __future__ import annotations

import csv
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.claims.printed import (
    MODALITIES,
    PrintedFigureError,
    Reading,
    parse_printed,
    rounds_twice,
)

ARTICLES = Path(__file__).resolve().parents[1] / "raw" / "articles"


def one(text: str, modality: str = "exact") -> Reading:
    """The only reading of a text."""
    readings = parse_printed(text, modality)
    assert len(readings) == 1, readings
    return readings[0]


def intervals(text: str, modality: str = "exact", **options: Decimal) -> list[tuple[str, str]]:
    """The intervals of a text as they would be printed."""
    readings = parse_printed(text, modality, **options)
    return [(f"{reading.low}", f"{reading.high}") for reading in readings]


@pytest.mark.parametrize(
    ("text", "value", "half_unit", "unit", "currency"),
    [
        ("17.4%", "17.4", "0.05", "percent", None),
        ("17.4 per cent", "17.4", "0.05", "percent", None),
        ("１７．４％", "17.4", "0.05", "percent", None),
        ("\u221211.66%", "-11.66", "0.005", "percent", None),
        ("1.3 percentage points", "1.3", "0.05", "percentage_points", None),
        ("1.3 pp", "1.3", "0.05", "percentage_points", None),
        ("$159.5 billion", "159500000000", "50000000", "USD", "USD"),
        ("USD\u00a0159.499 billion", "159499000000", "500000", "USD", "USD"),
        ("US$159.499bn", "159499000000", "500000", "USD", "USD"),
        ("-$1.5B", "-1500000000", "50000000", "USD", "USD"),
        ("¥1,135.16 billion", "1135160000000", "5000000", "CNY", "CNY"),
        ("1,135.16 billion yuan", "1135160000000", "5000000", "CNY", "CNY"),
        ("RMB 1,135.16 bn", "1135160000000", "5000000", "CNY", "CNY"),
        ("11351.6亿元", "1135160000000", "5000000", "CNY", "CNY"),
        ("1.03万亿元", "1030000000000", "5000000000", "CNY", "CNY"),
        ("8.02 hundred million", "802000000", "500000", None, None),
        ("€1.5T", "1500000000000", "50000000000", "EUR", "EUR"),
        ("five million chips", "5000000", "500000", "chips", None),
        ("£5bn", "5000000000", "500000000", "GBP", "GBP"),
        ("NT$2.6 trillion", "2600000000000", "50000000000", "TWD", "TWD"),
        ("14th consecutive month", "14", "0", "months", None),
        ("twelfth month in a row", "12", "0", "months", None),
        ("2,027", "2027", "0.5", None, None),
        ("2622", "2622", "0.5", None, None),
        ("2027", "2027", "0", "year", None),
        ("by 2027", "2027", "0", "year", None),
        ("October 2022", "202210", "0", "month", None),
        ("2022-10", "202210", "0", "month", None),
        ("14 consecutive months", "14", "0", "months", None),
        ("40nm", "40", "0", "nm", None),
        ("5-nanometer", "5", "0", "nm", None),
        ("second-largest", "2", "0", "rank", None),
        ("largest", "1", "0", "rank", None),
        ("double", "2", "0.5", "times", None),
        ("half as many", "0.5", "0.05", "times", None),
        ("halved", "0.5", "0.05", "times", None),
        ("quadrupled", "4", "0.5", "times", None),
        ("tripling", "3", "0.5", "times", None),
        ("fifty-six percent", "56", "0.5", "percent", None),
        ("twenty two chips", "22", "0.5", "chips", None),
        ("a billion dollars", "1000000000", "500000000", "USD", "USD"),
        ("half a million chips", "500000", "50000", "chips", None),
        ("₹1.26 lakh crore", "1260000000000", "5000000000", "INR", "INR"),
        ("Rs 76,000.5 crore", "760005000000", "500000", "INR", "INR"),
        ("1,26,005 units", "126005", "0.5", "units", None),
        ("5,3 %", "5.3", "0.05", "percent", None),
        ("159,5 Milliarden US-Dollar", "159500000000", "50000000", "USD", "USD"),
        ("1.135,16 Mrd. Yuan", "1135160000000", "5000000", "CNY", "CNY"),
        ("17,4 pour cent", "17.4", "0.05", "percent", None),
        ("百分之二十五", "25", "0.5", "percent", None),
        ("两倍", "2", "0.5", "times", None),
        ("翻了一番", "2", "0.5", "times", None),
        ("5492亿块", "549200000000", "50000000", "pieces", None),
        ("43 milliards d'euros", "43000000000", "500000000", "EUR", "EUR"),
        ("five times as high", "5", "0.5", "times", None),
        ("2.5x", "2.5", "0.05", "times", None),
    ],
)
def test_figure_with_one_reading(
    text: str, value: str, half_unit: str, unit: str | None, currency: str | None
) -> None:
    reading = one(text)
    assert (reading.value, reading.half_unit) == (Decimal(value), Decimal(half_unit))
    assert (reading.unit, reading.currency) == (unit, currency)
    assert reading.low == reading.value - reading.half_unit
    assert reading.high == reading.value + reading.half_unit


def test_trailing_zeros_keep_every_precision_finest_first() -> None:
    assert intervals("$160B") == [
        ("159500000000", "160500000000"),
        ("155000000000", "165000000000"),
    ]
    readings = parse_printed("200,000")
    assert [reading.reading for reading in readings] == [1, 2, 3, 4, 5, 6]
    assert [reading.significant_figures for reading in readings] == [6, 5, 4, 3, 2, 1]
    assert intervals("200,000")[0] == ("199999.5", "200000.5")
    assert intervals("200,000")[-1] == ("150000", "250000")


def test_printed_decimals_are_kept_as_precision() -> None:
    assert one("160.0 billion").half_unit == Decimal("50000000")
    assert one("160.0 billion").significant_figures == 4
    assert one("0.05%").significant_figures == 1


def test_times_higher_has_two_readings() -> None:
    readings = parse_printed("roughly five times higher", "ratio")
    assert [reading.value for reading in readings] == [5, 6]
    assert intervals("roughly five times higher", "ratio") == [("4.5", "5.5"), ("5.5", "6.5")]
    assert [reading.value for reading in parse_printed("2.5 times more")] == [
        Decimal("2.5"),
        Decimal("3.5"),
    ]


def test_about_widens_to_the_wider_of_half_unit_and_percentage() -> None:
    expected = [("95", "105"), ("95", "105"), ("50", "150")]
    expected = [(f"{low}000000000", f"{high}000000000") for low, high in expected]
    assert intervals("around $100 billion") == expected
    assert intervals("$100 billion", "about") == expected
    assert intervals("~17.4%", about_pct=Decimal(0)) == [("17.35", "17.45")]
    assert intervals("165%", "about", about_pct=Decimal(10)) == [("148.5", "181.5")]


def test_about_keeps_the_rounding_half_unit() -> None:
    assert parse_printed("around $100 billion")[0].half_unit == Decimal("500000000")


@pytest.mark.parametrize(
    ("text", "modality", "low", "high"),
    [
        ("$20 billion", "at_least", "20000000000", None),
        ("more than $20 billion", "exact", "20000000000", None),
        ("20+", "exact", "20", None),
        ("200,000", "at_most", None, "200000"),
        ("at or below 200,000", "exact", None, "200000"),
        ("up to around 200,000", "forecast", None, "200000"),
        ("5-nanometer and below", "exact", None, "5"),
    ],
)
def test_bounds_are_one_sided(text: str, modality: str, low: str | None, high: str | None) -> None:
    reading = one(text, modality)
    assert reading.low == (None if low is None else Decimal(low))
    assert reading.high == (None if high is None else Decimal(high))


def test_forecast_is_read_like_exact() -> None:
    assert parse_printed("47%", "forecast") == parse_printed("47%", "exact")


def test_magnitude_alone_spans_up_to_the_next_scale_word() -> None:
    reading = one("billions of dollars", "qualitative")
    assert (reading.low, reading.high) == (Decimal(10) ** 9, Decimal(10) ** 12)
    assert reading.note == "order of magnitude only"


def test_assumed_currency_is_noted() -> None:
    assert "Chinese yuan" in one("¥1,135.16 billion").note
    assert one("1,135.16 billion yuan").note == ""


@pytest.mark.parametrize(
    ("text", "meant", "currency"),
    [
        ("¥3.9 trillion", "JPY", "JPY"),
        ("¥3.9 trillion", None, "CNY"),
        ("¥3.9 trillion", "USD", "CNY"),
        ("between ¥3 and ¥4 trillion", "JPY", "JPY"),
        ("$43 billion", "HKD", "HKD"),
        ("US$43 billion", "HKD", "USD"),
        ("43 billion yuan", "JPY", "CNY"),
    ],
)
def test_a_shared_sign_is_that_of_the_claim(text: str, meant: str | None, currency: str) -> None:
    assert parse_printed(text, currency=meant)[0].currency == currency


def test_half_is_a_fraction_unless_it_compares() -> None:
    assert intervals("half") == intervals("a half") == intervals("一半") == [("47.5", "52.5")]
    assert intervals("three-quarters") == intervals("四分之三") == [("71.25", "78.75")]
    assert one("three quarters in a row").unit == "quarters"
    assert intervals("三成") == [("29.5", "30.5"), ("25", "35")]


def test_tens_and_hundreds_of_a_scale_end_where_the_next_begins() -> None:
    assert intervals("tens of billions of dollars") == [("10000000000", "100000000000")]
    assert intervals("hundreds of millions of dollars") == [("100000000", "1000000000")]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        ("\u00a0 ", "is empty"),
        ("steady growth", "no number"),
        ("34% to 47%", "2 numbers"),
        ("5-6", "2 numbers"),
        ("1,13.5", "groups of three"),
        ("1.135.16", "groups of three"),
        ("$160 yuan", "two currencies"),
        ("$17.4%", "two units"),
        ("2022-13", "month from 1 to 12"),
        ("5 times lower", "known currency"),
        ("5G", "known currency"),
        ("twenty-odd", "known currency"),
        ("10²", "known currency"),
        ("160t", "may be a unit"),
        ("160m", "may be a unit"),
        ("at least up to 5", "lower and an upper"),
        ("exports " * 20, "at most 100"),
    ],
)
def test_refusals_name_the_value_and_what_was_expected(text: str, reason: str) -> None:
    with pytest.raises(PrintedFigureError, match=reason) as caught:
        parse_printed(text)
    assert "expected" in str(caught.value)


def test_unknown_modality_and_negative_width_are_refused() -> None:
    with pytest.raises(PrintedFigureError, match="expected one of exact, about"):
        parse_printed("160", "approximate")
    with pytest.raises(PrintedFigureError, match="0 or more"):
        parse_printed("160", about_pct=Decimal(-1))


def test_rounds_twice_only_by_way_of_one_digit_more() -> None:
    unit, tens = parse_printed("$160B")
    assert rounds_twice(Decimal("159.499e9"), unit)
    assert not rounds_twice(Decimal("159.499e9"), tens)  # rounds to it directly
    assert not rounds_twice(Decimal("159.5e9"), unit)  # a tie may go up
    assert not rounds_twice(Decimal("159.4e9"), unit)
    assert not rounds_twice(Decimal("159.44e9"), unit)
    assert rounds_twice(Decimal("159.45e9"), unit)
    assert rounds_twice(Decimal("17.346"), one("17.4%"))
    assert not rounds_twice(Decimal("17.302"), one("17.4%"))
    assert not rounds_twice(Decimal("2026"), one("2027"))


def test_every_figure_of_the_shipped_claims_can_be_read() -> None:
    rows = [row for path in sorted(ARTICLES.glob("*/claims.csv")) for row in read_rows(path)]
    assert len(rows) >= 47
    for row in rows:
        assert row["modality"] in MODALITIES
        assert (row["formula_id"] == "none") == bool(row["untestable_reason"]), row["claim_id"]
        if row["printed"]:
            first = parse_printed(row["printed"], row["modality"])[0]
            assert (first.currency or "") == row["currency"], row["claim_id"]
            assert first.unit in (row["unit"], None), row["claim_id"]


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of one claims.csv."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


values = st.decimals(min_value=-(10**9), max_value=10**9, places=8, allow_nan=False, allow_infinity=False)
scales = st.sampled_from(["%", " pp", " billion", "万亿", " hundred million", "bn yuan", "K"])
factors = {"%": 0, " pp": 0, " billion": 9, "万亿": 12, " hundred million": 8, "bn yuan": 9, "K": 3}


@given(values, st.integers(0, 8), scales, st.sampled_from([ROUND_HALF_UP, ROUND_HALF_EVEN]))
def test_any_value_printed_at_d_decimals_lies_in_its_interval(
    value: Decimal, decimals: int, scale: str, rounding: str
) -> None:
    printed = value.quantize(Decimal(1).scaleb(-decimals), rounding=rounding)
    exact = value * Decimal(10) ** factors[scale]
    for reading in parse_printed(f"{printed:,f}{scale}"):
        assert reading.low is not None and reading.high is not None
        assert reading.low <= exact <= reading.high
        assert not rounds_twice(exact, reading)


@given(st.integers(1, 10**12), st.sampled_from([("million", "billion"), ("billion", "trillion")]))
def test_a_thousand_times_the_scale_is_a_thousand_times_the_interval(
    count: int, names: tuple[str, str]
) -> None:
    small, large = (parse_printed(f"${count} {name}") for name in names)
    assert [reading.significant_figures for reading in small] == [
        reading.significant_figures for reading in large
    ]
    for fine, coarse in zip(small, large, strict=True):
        assert fine.low is not None and fine.high is not None
        assert (coarse.low, coarse.high) == (fine.low * 1000, fine.high * 1000)


@given(st.integers(1, 10**12))
def test_readings_are_nested_and_finest_first(count: int) -> None:
    readings = parse_printed(f"${count} million")
    assert [reading.reading for reading in readings] == list(range(1, len(readings) + 1))
    widths = [reading.half_unit for reading in readings]
    assert widths == sorted(set(widths))
    assert len(readings) == len(str(count)) - len(str(count).rstrip("0")) + 1


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_in_one_sentence(text: str) -> None:
    try:
        assert parse_printed(text)
    except PrintedFigureError as error:
        assert "expected" in str(error)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10-15%", [("9.5", "15.5")]),
        ("$3 to $4 billion", [("2500000000", "4500000000")]),
        ("between 10% and 15%", [("9.5", "15.5")]),
        ("30亿至40亿元", [("2950000000", "4050000000")]),
        # A fraction in words is about: 5 % of itself either way.
        ("3 in 4", [("71.25", "78.75")]),
        ("two-thirds", [("63.3333333365", "70.0000000035")]),
    ],
)
def test_ranges_and_fractions_are_one_interval(text: str, expected: list[tuple[str, str]]) -> None:
    assert intervals(text) == expected


@pytest.mark.parametrize("text", ["34% to 47%", "15-10%", "2019-2024", "between $1 billion and 5%", "5 in 4"])
def test_two_figures_are_no_range(text: str) -> None:
    with pytest.raises(PrintedFigureError):
        parse_printed(text)
