"""The growth models over made-up rows: worked examples with published answers, and properties.

All rows here are made for the tests. Published answers name where they stand; everything else is
computed a second time in Fractions, or must hold whatever the numbers are. That the marts are right for
the shipped data is tested in test_numbers.
"""

from __future__ import annotations

import csv
import datetime as dt
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, localcontext
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from helpers import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from model_sql import Models
from scipy.stats import median_abs_deviation

Row = dict[str, Any]
SERIES: Row = {
    "source_id": "test",
    "reporter_iso3": "CHN",
    "partner_iso3": "WLD",
    "flow": "X",
    "product_id": "integrated_circuits",
}
SCOPE: Row = {"product_scope": "HS 8542"}
PRINT: Row = {"release_id": "test/r", "released_at": dt.date(2025, 1, 14), "snapshot_id": "s", "raw_row": 2}
FAST = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
MONEY = st.integers(1, 10**12).map(lambda cents: Decimal(cents) / 100)
Months = Mapping[tuple[int, int], int | Decimal]


def end_of(year: int, month: int) -> dt.date:
    return dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)


def period(grain: str, year: int, month: int = 12) -> Row:
    """The columns of one period: M a month, JF, YTD or A."""
    start = dt.date(year, month if grain == "M" else 1, 1)
    return {
        "period_grain": grain,
        "period_start_date": start,
        "period_end_date": end_of(year, month),
        "year": year,
    }


def level(value: Any, grain: str, year: int, month: int = 12, **other: Any) -> Row:
    """A row of int_trade_series."""
    return {
        **SERIES,
        **SCOPE,
        **period(grain, year, month),
        **PRINT,
        "basis": "usd",
        "vintage": "latest",
        "value": value,
        "half_unit": 0,
        "print_kind": "database",
        "is_sum_of_months": False,
        **other,
    }


def growth(models: Models, levels: Sequence[Row]) -> list[Row]:
    return models.run("int_growth", int_trade_series=levels, int_published_growth=[], int_revision_band=[])


def periods(models: Models, levels: Sequence[Row]) -> list[Row]:
    """Rows of int_period_growth where no year to date speaks for a month."""
    return models.run("int_period_growth", int_growth=growth(models, levels), fct_trade_growth_monthly=[])


def only(rows: Sequence[Row], **where: Any) -> Row:
    (row,) = [row for row in rows if all(row[name] == value for name, value in where.items())]
    return row


# --- growth in three measures ---


@pytest.mark.parametrize(
    ("base", "value", "log", "log_status", "symmetric", "symmetric_status"),
    [
        # Törnqvist, Vartia and Vartia (1985): the log change of 100 to 150 is 40.5, back it is -40.5.
        (100, 150, 100 * math.log(1.5), "ok", 40.0, "ok"),
        (150, 100, -100 * math.log(1.5), "ok", -40.0, "ok"),
        # Davis, Haltiwanger and Schuh (1996): an entry is 2, an exit -2.
        (0, 7, None, "zero_base", 200.0, "new_flow"),
        (7, 0, None, "not_positive", -200.0, "ended_flow"),
        (0, 0, None, "zero_base", None, "both_zero"),
        (None, 7, None, "no_base", None, "no_base"),
    ],
)
def test_log_and_symmetric_growth(
    models: Models,
    base: int | None,
    value: int,
    log: float | None,
    log_status: str,
    symmetric: float | None,
    symmetric_status: str,
) -> None:
    held = [level(value, "A", 2024)] + ([] if base is None else [level(base, "A", 2023)])
    row = only(growth(models, held), year=2024)
    assert (row["growth_log_status"], row["growth_symmetric_status"]) == (log_status, symmetric_status)
    assert row["growth_log_pct"] == (None if log is None else pytest.approx(log, abs=1e-9))
    assert row["growth_symmetric_pct"] == (None if symmetric is None else pytest.approx(symmetric, abs=1e-9))


@FAST
@given(base=MONEY, value=MONEY, scale=st.integers(2, 1000))
def test_growth_is_free_of_scale_and_turns_around(
    models: Models, base: Decimal, value: Decimal, scale: int
) -> None:
    there = only(growth(models, [level(base, "A", 2023), level(value, "A", 2024)]), year=2024)
    back = only(growth(models, [level(value, "A", 2023), level(base, "A", 2024)]), year=2024)
    scaled = only(
        growth(models, [level(base * scale, "A", 2023), level(value * scale, "A", 2024)]), year=2024
    )
    for name in ("growth_yoy_pct", "growth_log_pct", "growth_symmetric_pct"):
        assert scaled[name] == pytest.approx(there[name], rel=1e-9, abs=1e-9)
    for name in ("growth_log_pct", "growth_symmetric_pct"):
        assert back[name] == pytest.approx(-there[name], rel=1e-9, abs=1e-9)
    assert abs(there["growth_symmetric_pct"]) <= 200


# --- months, sums of months, streaks ---


def flows(months: Months, **other: Any) -> list[Row]:
    """Rows of int_product_flow: a source that publishes single months by HS code."""
    return [
        {
            **SERIES,
            **SCOPE,
            **period("M", year, month),
            **PRINT,
            "vintage": "latest",
            "value_usd": value,
            "codes": 1,
            **other,
        }
        for (year, month), value in months.items()
    ]


def test_sums_of_months_need_every_month(models: Models) -> None:
    months = {(2023, month): month for month in range(1, 13)} | {
        (2024, month): 10 for month in (1, 2, 3, 5, 6)
    }
    rows = models.run("int_month_sum", int_product_flow=flows(months))
    found = {(row["period_grain"], row["period_end_date"]): row["value_usd"] for row in rows}
    expected = {("YTD", end_of(2023, month)): month * (month + 1) // 2 for month in range(1, 13)}
    expected |= {("JF", end_of(2023, 2)): 3, ("A", end_of(2023, 12)): 78}
    # April 2024 is missing: nothing from then on has a sum.
    expected |= {("YTD", end_of(2024, month)): 10 * month for month in (1, 2, 3)}
    expected |= {("JF", end_of(2024, 2)): 20}
    assert found == expected


def test_sums_of_months_never_replace_what_is_published(models: Models) -> None:
    year = {**flows({(2023, 12): 99})[0], **period("A", 2023)}
    rows = models.run(
        "int_month_sum", int_product_flow=[*flows({(2023, month): 1 for month in range(1, 13)}), year]
    )
    assert [row for row in rows if row["period_grain"] == "A"] == []


def test_a_sum_never_stands_beside_a_printed_figure(models: Models) -> None:
    months = flows({(2023, month): 1 for month in range(1, 13)})
    sums = models.run("int_month_sum", int_product_flow=months)
    year = figure("13", 2023, 2023)
    rows = models.run(
        "int_trade_series", int_ranked_figure=[year], int_product_flow=months, int_month_sum=sums
    )
    held = [
        (row["value"], row["is_sum_of_months"])
        for row in rows
        if row["period_grain"] == "A" and row["vintage"] == "latest"
    ]
    assert held == [(13, False)]
    assert sum(row["is_sum_of_months"] for row in rows) == 13


def combined(months: Months) -> list[Row]:
    """A national series with January and February as one release: month 2 stands for both."""
    return [
        level(value, "JF" if month == 2 else "M", year, month, print_kind="first")
        for (year, month), value in months.items()
    ]


def apart(months: Months) -> list[Row]:
    return [level(value, "M", year, month) for (year, month), value in months.items()]


def monthly(models: Models, levels: Sequence[Row]) -> list[Row]:
    found = models.run_all(["int_monthly_slot", "int_monthly_growth"], int_trade_series=levels)
    return sorted(found["int_monthly_growth"], key=lambda row: row["slot"])


def grown(
    first: tuple[int, int], last: tuple[int, int], start: tuple[int, int]
) -> dict[tuple[int, int], int]:
    """Values of 100 that fall on the year before until `start`, and rise from then on."""
    every = [(y, m) for y in range(first[0], last[0] + 1) for m in range(1, 13) if first <= (y, m) <= last]
    values: dict[tuple[int, int], int] = {}
    for year, month in every:
        base = values.get((year - 1, month), 100)
        values[year, month] = (
            base if (year - 1, month) not in values else base + (1 if (year, month) >= start else -1)
        )
    return values


def test_streak_of_14_months_is_13_releases(models: Models) -> None:
    """Article B07 and formulas: November 2023 to December 2024 is 14 months, and 13 releases in China."""
    months = {key: value for key, value in grown((2022, 1), (2024, 12), (2023, 11)).items() if key[1] != 1}
    row = monthly(models, combined(months))[-1]
    assert (row["streak_months"], row["streak_releases"], row["streak_status"]) == (14, 13, "complete")
    assert row["releases_a_year"] == 11
    split = monthly(models, apart(grown((2022, 1), (2024, 12), (2023, 11))))[-1]
    assert (split["streak_months"], split["streak_releases"]) == (14, 14)
    assert split["releases_a_year"] == 12


def test_a_missing_release_ends_a_streak_and_the_twelve_months(models: Models) -> None:
    months = grown((2022, 1), (2024, 12), (2023, 1))
    del months[2024, 5]
    rows = monthly(models, apart(months))
    gap = only(rows, period_end_date=end_of(2024, 5))
    assert (gap["value_status"], gap["streak_status"], gap["streak_months"]) == ("not_held", "unknown", None)
    assert only(rows, period_end_date=end_of(2024, 6))["streak_status"] == "at_least"
    assert [row["rolling_12m_value"] for row in rows if row["period_end_date"] > end_of(2024, 4)] == [
        None
    ] * 8
    assert only(rows, period_end_date=end_of(2024, 4))["rolling_12m_status"] == "ok"


@FAST
@given(values=st.lists(st.integers(1, 10**9), min_size=24, max_size=40), order=st.randoms())
def test_twelve_months_are_the_sum_of_twelve(models: Models, values: list[int], order: random.Random) -> None:
    months = {(2021 + at // 12, at % 12 + 1): value for at, value in enumerate(values)}
    levels = apart(months)
    order.shuffle(levels)
    rows = monthly(models, levels)
    expected = [None] * 11 + [sum(values[at - 11 : at + 1]) for at in range(11, len(values))]
    assert [row["rolling_12m_value"] for row in rows] == expected


# --- calendar ---


def test_leap_day_is_taken_out_exactly(models: Models) -> None:
    """X-13's lpyear: February 2024 with the same trade a day as February 2023 did not grow."""
    levels = [level(28_000, "M", 2023, 2), level(29_000, "M", 2024, 2)]
    levels += [level(59_000, "JF", 2023, 2), level(60_000, "JF", 2024, 2)]
    levels += [level(365_000, "A", 2023), level(366_000, "A", 2024)]
    rows = models.run("fct_growth_calendar", int_period_growth=periods(models, levels), int_working_day=[])
    for grain in ("M", "JF", "A"):
        row = only(rows, year=2024, period_grain=grain)
        assert row["growth_per_day_pct"] == pytest.approx(0, abs=1e-9)
        assert row["growth_per_working_day_pct"] is None
        assert row["growth_per_working_day_status"] == "no_calendar"
    assert [only(rows, year=2024, period_grain=grain)["base_days"] for grain in ("M", "JF", "A")] == [
        28,
        59,
        365,
    ]


def test_working_days_of_the_same_month(models: Models) -> None:
    """February had 20 working days in China in 2023 and 18 in 2024 (State Council notices)."""
    from orchestration.derive.calendar_months import LIBRARY, months_of

    months = [
        {
            "economy_iso3": "CHN",
            "month_start_date": start,
            "working_days": days,
            "calendar_status": status,
            "library": LIBRARY,
        }
        for year in (2023, 2024)
        for start, days, status in months_of("CHN", year)
    ]
    found = models.run_all(
        ["int_working_day", "fct_growth_calendar"],
        stg_derived__calendar_month=months,
        int_period_growth=periods(models, [level(2_000, "M", 2023, 2), level(1_800, "M", 2024, 2)]),
    )
    row = only(found["fct_growth_calendar"], year=2024)
    assert (row["working_days"], row["base_working_days"]) == (18, 20)
    assert row["growth_yoy_pct"] == pytest.approx(-10)
    assert row["growth_per_working_day_pct"] == pytest.approx(0, abs=1e-9)
    year = only(found["int_working_day"], period_grain="A", year=2024)
    assert year["working_days"] == sum(month["working_days"] for month in months[12:])


# --- currency ---

RATE: Row = {"snapshot_id": "s", "raw_row": 2, "country": "China", "period_grain": "A"}


def rates(base: str, rate: str) -> list[Row]:
    return [
        {**RATE, "period_start_date": dt.date(2023, 1, 1), "rate": Decimal(base)},
        {**RATE, "period_start_date": dt.date(2024, 1, 1), "rate": Decimal(rate)},
    ]


AREA: Row = {"economy_iso3": "CHN", "country": "China", "currency": "CNY", "valid_from_year": 1971}


def currencies(models: Models, levels: Sequence[Row], held: Sequence[Row]) -> list[Row]:
    return models.run_all(
        ["int_reporter_rate", "fct_growth_currency"],
        stg_reference__currency_area=[AREA],
        stg_reference__exchange_rate=held,
        int_period_growth=periods(models, levels),
    )["fct_growth_currency"]


def test_currency_effect_of_2024(models: Models) -> None:
    """159.499 on 135.973 bn dollars, 1135.16 on 956.77 bn yuan: 17.302 and 18.645 %, effect +1.14 %."""
    levels = [
        level(Decimal("135.973e9"), "A", 2023),
        level(Decimal("159.499e9"), "A", 2024),
        level(Decimal("956.77e9"), "A", 2023, basis="cny"),
        level(Decimal("1135.16e9"), "A", 2024, basis="cny"),
    ]
    row = only(currencies(models, levels, rates("7.0809", "7.1957")), year=2024)
    assert row["growth_usd_pct"] == pytest.approx(17.302, abs=1e-3)
    assert row["growth_cny_pct"] == pytest.approx(18.645, abs=1e-3)
    assert row["customs_currency_effect_pct"] == pytest.approx(1.14, abs=0.01)
    assert row["customs_cny_per_usd"] == pytest.approx(Decimal("7.117035"))
    assert row["growth_constant_fx_status"] == "converted"
    exact = 100 * (Fraction("159.499") * Fraction("7.1957") / (Fraction("135.973") * Fraction("7.0809")) - 1)
    assert row["growth_constant_fx_pct"] == pytest.approx(float(exact), rel=1e-9)


def test_no_rate_no_conversion(models: Models) -> None:
    levels = [level(1, "A", 2023), level(2, "A", 2024), level(1, "JF", 2023, 2), level(2, "JF", 2024, 2)]
    rows = currencies(models, levels, rates("7", "7")[1:])
    year, start = only(rows, year=2024, period_grain="A"), only(rows, year=2024, period_grain="JF")
    assert (year["growth_constant_fx_pct"], year["growth_constant_fx_status"]) == (None, "no_rate")
    assert start["growth_constant_fx_status"] == "no_rate"
    assert (year["growth_cny_status"], year["customs_currency_effect_status"]) == (
        "not_held",
        "no_growth_in_cny",
    )


def test_rates_that_are_not_printed_are_the_mean_of_all_their_months(models: Models) -> None:
    """The pound is quoted by month only; June 2024 is missing, which half years and years need."""
    quoted = {
        (year, month): 100 * (year - 2021) + month for year in range(2022, 2026) for month in range(1, 13)
    }
    held = [
        {**RATE, "period_grain": "M", "period_start_date": dt.date(*when, 1), "rate": rate}
        for when, rate in quoted.items()
        if when != (2024, 6)
    ]
    spans = [("A", 12), ("JF", 2), ("YTD", 5), ("YTD", 6)]
    values = [level(1000 + year, grain, year, last) for year in range(2022, 2026) for grain, last in spans]
    rows = currencies(models, values, held)
    for grain, last in spans:
        for year in (2023, 2024, 2025):
            row = only(rows, year=year, period_grain=grain, period_end_date=end_of(year, last))
            if last >= 6 and year >= 2024:
                assert (row["growth_constant_fx_status"], row["growth_constant_fx_pct"]) == ("no_rate", None)
                continue
            now, before = (
                Fraction(sum(quoted[y, m] for m in range(1, last + 1)), last) for y in (year, year - 1)
            )
            exact = 100 * (Fraction(1000 + year, 999 + year) * now / before - 1)
            assert row["growth_constant_fx_pct"] == pytest.approx(float(exact), rel=1e-6)
            assert row["market_rate_kind"] == "mean_of_months"


def test_a_printed_rate_of_the_year_is_not_replaced_by_the_mean_of_its_months(models: Models) -> None:
    months = [
        {**RATE, "period_grain": "M", "period_start_date": dt.date(year, month, 1), "rate": year}
        for year in (2023, 2024)
        for month in range(1, 13)
    ]
    values = [level(1, "A", 2023), level(2, "A", 2024)]
    row = only(currencies(models, values, [*rates("7", "8"), *months]), year=2024)
    assert (row["market_rate_kind"], row["market_rate_per_usd"], row["base_market_rate_per_usd"]) == (
        "printed",
        8,
        7,
    )


def test_currency_effect_does_not_ask_which_codes_the_quantity_counts(models: Models) -> None:
    levels = [
        level(amount, "A", year, basis=basis, **({"product_scope": "pieces"} if basis == "quantity" else {}))
        for basis in ("usd", "cny", "quantity")
        for year, amount in ((2023, 100), (2024, 120))
    ]
    row = only(currencies(models, levels, rates("7", "7")), year=2024)
    assert (row["customs_currency_effect_status"], row["customs_currency_effect_pct"]) == ("ok", 0)
    assert row["customs_cny_per_usd"] == 1
    levels = [{**item, "product_scope": "other"} if item["basis"] == "cny" else item for item in levels]
    other = only(currencies(models, levels, rates("7", "7")), year=2024)
    assert (other["customs_currency_effect_status"], other["customs_cny_per_usd"]) == ("scope_differs", None)


# --- contributions ---


def economies(*codes: str) -> list[Row]:
    return [
        {"economy_iso3": code, "economy_name": code, "is_group": code in ("WLD", "EUR")} for code in codes
    ]


@FAST
@given(
    parts=st.lists(st.tuples(MONEY, MONEY), min_size=1, max_size=6),
    rest=st.tuples(MONEY, MONEY),
    scale=st.integers(2, 50),
    order=st.randoms(),
)
def test_contributions_sum_to_the_growth_exactly(
    models: Models,
    parts: list[tuple[Decimal, Decimal]],
    rest: tuple[Decimal, Decimal],
    scale: int,
    order: random.Random,
) -> None:
    names = ["JPN", "KOR", "HKG", "USA", "VNM", "MYS"][: len(parts)]

    def split(by: int) -> list[Row]:
        levels = [
            level(pair[at] * by, "A", 2023 + at, partner_iso3=name)
            for name, pair in zip(names, parts, strict=True)
            for at in (0, 1)
        ]
        levels += [level((sum(pair[at] for pair in parts) + rest[at]) * by, "A", 2023 + at) for at in (0, 1)]
        # Held in one year only, and a group: both stay in the residual.
        levels += [level(5, "A", 2024, partner_iso3="PHL"), level(1, "A", 2023, partner_iso3="EUR")]
        levels += [level(1, "A", 2024, partner_iso3="EUR")]
        order.shuffle(levels)
        return models.run_all(
            ["int_partner_contribution", "fct_growth_contribution"],
            int_period_growth=periods(models, levels),
            stg_reference__economy=economies("WLD", "EUR", "PHL", *names),
            int_item_growth=[],
        )["fct_growth_contribution"]

    rows, scaled = split(1), split(scale)
    assert sorted(row["component_id"] for row in rows) == sorted([*names, "residual"])
    total = only(rows, component_id="residual")
    change = total["total_value"] - total["total_base_value"]
    assert sum(row["value_change"] for row in rows) == change
    points = sum(row["contribution_pp"] for row in rows)
    assert points == pytest.approx(total["total_growth_pct"], rel=1e-9, abs=1e-9)
    assert total["value"] == rest[1] and total["base_value"] == rest[0]
    again = {row["component_id"]: row["contribution_pp"] for row in scaled}
    for row in rows:
        exact = 100 * Fraction(row["value_change"]) / Fraction(total["total_base_value"])
        assert row["contribution_pp"] == pytest.approx(float(exact), rel=1e-9, abs=1e-9)
        if row["component_id"] != "residual":
            assert again[row["component_id"]] == pytest.approx(row["contribution_pp"], rel=1e-9, abs=1e-9)


def test_share_of_a_change_that_is_none_is_not_given(models: Models) -> None:
    levels = [level(1000, "A", 2023), level(1000, "A", 2024)]
    levels += [level(400, "A", 2023, partner_iso3="KOR"), level(500, "A", 2024, partner_iso3="KOR")]
    rows = models.run_all(
        ["int_partner_contribution", "fct_growth_contribution"],
        int_period_growth=periods(models, levels),
        stg_reference__economy=economies("WLD", "KOR"),
        int_item_growth=[],
    )["fct_growth_contribution"]
    korea, rest = only(rows, component_id="KOR"), only(rows, component_id="residual")
    assert (korea["contribution_pp"], rest["contribution_pp"]) == (10.0, -10.0)
    assert {row["share_of_growth_status"] for row in rows} == {"total_nearly_unchanged"}
    assert {row["share_of_growth_pct"] for row in rows} == {None}


def test_contributions_split_the_growth_that_the_monthly_mart_gives(models: Models) -> None:
    """The total's month is the difference of newer years to date: a part printed before is no part of it."""
    kinds = {"WLD": ("derived_from_ytd", 1200), "KOR": ("derived_from_ytd", 500), "JPN": ("printed", 300)}
    rows = models.run_all(
        ["int_partner_contribution", "fct_growth_contribution"],
        int_period_growth=[
            {
                **SERIES,
                **SCOPE,
                **period("M", 2024, 5),
                "partner_iso3": partner,
                "basis": "usd",
                "vintage": "latest",
                "value": value,
                "base_value": 400 if partner != "WLD" else 1000,
                "value_status": kind,
                "growth_status": "ok" if kind == "printed" else kind,
            }
            for partner, (kind, value) in kinds.items()
        ],
        stg_reference__economy=economies("WLD", "KOR", "JPN"),
        int_item_growth=[],
    )["fct_growth_contribution"]
    points = {row["component_id"]: row["contribution_pp"] for row in rows}
    assert points == {"KOR": pytest.approx(10.0), "residual": pytest.approx(10.0)}
    assert {row["total_growth_status"] for row in rows} == {"derived_from_ytd"}
    assert all(row["total_growth_pct"] == pytest.approx(20.0) for row in rows)


# --- records ---


def records_of(models: Models, values: Mapping[int, int], half: int = 0) -> list[Row]:
    levels = [level(value, "A", year, half_unit=half) for year, value in values.items()]
    return models.run("fct_trade_record", int_trade_series=levels, int_monthly_slot=[])


def test_a_record_is_judged_on_the_month_that_the_growth_mart_gives(models: Models) -> None:
    """May was printed as 30; newer years to date put it at 45, above April's 40 and above the 30 of June."""
    held = [
        *(level(value, "M", 2024, month) for month, value in ((4, 40), (5, 30), (6, 30))),
        level(100, "YTD", 2024, 4, **LATER),
        level(145, "YTD", 2024, 5, **LATER),
    ]
    rows = models.run_all(["int_monthly_slot", "fct_trade_record"], int_trade_series=held)
    months = {
        row["period_end_date"].month: row for row in rows["fct_trade_record"] if row["period_grain"] == "M"
    }
    assert (months[5]["value"], months[5]["value_status"]) == (45, "derived_from_ytd")
    assert months[5]["record_high_status"] == "record" and months[5]["snapshot_id"] is None
    assert months[6]["highest_since_date"] == end_of(2024, 5)


def test_record_with_the_window_that_it_holds_for(models: Models) -> None:
    """Exports of ICs as printed, bn dollars: 2024 is the highest of the years held, 2023 since 2021."""
    values = {2019: 101578, 2020: 116602, 2021: 153789, 2022: 153918, 2023: 135973, 2024: 159499}
    rows = records_of(models, values)
    last = only(rows, year=2024)
    assert (last["record_high_status"], last["highest_since_status"]) == ("record", "since_window_start")
    assert (last["window_start_date"], last["window_periods_held"]) == (dt.date(2019, 1, 1), 6)
    assert only(rows, year=2023)["highest_since_date"] == dt.date(2022, 12, 31)
    assert only(rows, year=2019)["record_high_status"] == "no_earlier_period"
    del values[2021]
    assert only(records_of(models, values), year=2024)["window_periods_missing"] == 1


def test_record_within_rounding_and_ties(models: Models) -> None:
    assert only(records_of(models, {2023: 160, 2024: 161}, half=1), year=2024)["record_high_status"] == (
        "within_rounding"
    )
    assert (
        only(records_of(models, {2023: 160, 2024: 160}), year=2024)["record_high_status"] == "equals_record"
    )
    low = only(records_of(models, {2022: 9, 2023: 8, 2024: 7}), year=2024)
    assert (low["record_low_status"], low["record_high_status"]) == ("record", "below_record")
    assert low["highest_since_date"] == dt.date(2023, 12, 31)


def test_a_coarse_earlier_figure_is_no_certain_record(models: Models) -> None:
    """100 ± 0.5, then 99.8 ± 0.1: the earlier value may have been 99.5, so the digits do not tell."""
    levels = [
        level(Decimal(100), "A", 2023, half_unit=Decimal("0.5")),
        level(Decimal("99.8"), "A", 2024, half_unit=Decimal("0.1")),
        level(Decimal("99.2"), "A", 2025, half_unit=Decimal("0.1")),
    ]
    rows = models.run("fct_trade_record", int_trade_series=levels, int_monthly_slot=[])
    assert only(rows, year=2024)["record_high_status"] == "within_rounding"
    assert only(rows, year=2025)["record_high_status"] == "below_record"
    up = [
        level(Decimal(100), "A", 2023, half_unit=Decimal("0.5")),
        level(Decimal("100.2"), "A", 2024, half_unit=Decimal("0.1")),
        level(Decimal("100.8"), "A", 2025, half_unit=Decimal("0.1")),
    ]
    lows = models.run("fct_trade_record", int_trade_series=up, int_monthly_slot=[])
    assert only(lows, year=2024)["record_low_status"] == "within_rounding"
    assert only(lows, year=2025)["record_low_status"] == "above_record"


# --- unit values ---


def unit_values(models: Models, pairs: Mapping[int, tuple[Any, Any]]) -> list[Row]:
    levels = [level(pair[0], "A", year) for year, pair in pairs.items()]
    levels += [level(pair[1], "A", year, basis="quantity") for year, pair in pairs.items()]
    return models.run("fct_unit_value", int_period_growth=periods(models, levels))


def test_unit_value_of_2023(models: Models) -> None:
    """Exports of ICs: 153.918 to 135.973 bn dollars, 273.4 to 267.8 bn pieces; 0.563 to 0.508 a piece."""
    pairs = {
        2022: (Decimal("153.918e9"), Decimal("273.4e9")),
        2023: (Decimal("135.973e9"), Decimal("267.8e9")),
    }
    row = only(unit_values(models, pairs), year=2023)
    assert row["base_unit_value"] == pytest.approx(Decimal("0.563"), abs=Decimal("0.0005"))
    assert row["unit_value"] == pytest.approx(Decimal("0.508"), abs=Decimal("0.0005"))
    assert row["growth_value_pct"] == pytest.approx(-11.659, abs=1e-3)
    assert row["growth_quantity_pct"] == pytest.approx(-2.048, abs=1e-3)
    assert row["value_change"] == row["value_change_by_quantity"] + row["value_change_by_unit_value"]
    weight = (135.973e9 - 153.918e9) / math.log(135.973 / 153.918)
    assert float(row["value_change_by_quantity"]) == pytest.approx(weight * math.log(267.8 / 273.4), abs=1)
    assert row["price_kind"] == "unit_value_mix_sensitive"


@pytest.mark.parametrize("step", [1, 7, 10**6, 10**8, 3 * 10**8, -(10**6), -(3 * 10**8)])
def test_lmdi_of_a_value_that_hardly_changed(models: Models, step: int) -> None:
    """The logarithm of a ratio near 1 has few digits: one dollar on 100 bn was wrong by thousands."""
    base = 10**11
    row = only(unit_values(models, {2023: (base, 100), 2024: (base + step, 200)}), year=2024)
    with localcontext() as exact:
        exact.prec = 50
        mean = Decimal(step) / (Decimal(base + step) / base).ln()
        expected = mean * Decimal(2).ln()
    assert abs(row["value_change_by_quantity"] - expected) <= Decimal("1e-9") * base
    assert row["value_change_by_quantity"] + row["value_change_by_unit_value"] == step


@FAST
@given(values=st.tuples(MONEY, MONEY), quantities=st.tuples(MONEY, MONEY))
def test_lmdi_is_exact_and_turns_around(
    models: Models, values: tuple[Decimal, Decimal], quantities: tuple[Decimal, Decimal]
) -> None:
    there = only(
        unit_values(models, {2023: (values[0], quantities[0]), 2024: (values[1], quantities[1])}), year=2024
    )
    back = only(
        unit_values(models, {2023: (values[1], quantities[1]), 2024: (values[0], quantities[0])}), year=2024
    )
    assert there["value_change_by_quantity"] + there["value_change_by_unit_value"] == values[1] - values[0]
    assert abs(there["value_change_by_quantity"] + back["value_change_by_quantity"]) <= 1


# --- price indices ---

PPI_PRICES = (
    (1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
    (1.2, 3.0, 1.3, 0.7, 1.4, 0.8),
    (1.0, 1.0, 1.5, 0.5, 1.7, 0.6),
    (0.8, 0.5, 1.6, 0.3, 1.9, 0.4),
    (1.0, 1.0, 1.6, 0.1, 2.0, 0.2),
)
PPI_QUANTITIES = (
    (1.0, 1.0, 2.0, 1.0, 4.5, 0.5),
    (0.8, 0.9, 1.9, 1.3, 4.7, 0.6),
    (1.0, 1.1, 1.8, 3.0, 5.0, 0.8),
    (1.2, 1.2, 1.9, 6.0, 5.6, 1.3),
    (0.9, 1.2, 2.0, 12.0, 6.5, 2.5),
)
CODES = ("854231", "854232", "854233", "854239", "854290", "854291")


def items(prices: Sequence[float], quantities: Sequence[float], year: int, **other: Any) -> Iterator[Row]:
    """Rows of int_code_flow."""
    for code, price, quantity in zip(CODES, prices, quantities, strict=False):
        amount = Decimal(str(quantity))
        yield {
            **SERIES,
            **SCOPE,
            "hs_edition": "H6",
            "hs_code": code,
            "period_grain": "A",
            "period_end_date": end_of(year, 12),
            "year": year,
            "value_usd": Decimal(str(price)) * amount,
            "quantity": amount,
            "quantity_unit": "u",
            "snapshot_id": "s",
            "raw_row": 2,
            **other,
        }


def price_index(models: Models, held: Sequence[Row], total: int = 100) -> tuple[Row, list[Row]]:
    """The index of 2024 on 2023 and its items."""
    found = models.run_all(
        [
            "int_item_growth",
            "int_item_relative",
            "int_matched_item",
            "fct_price_index",
            "fct_price_index_item",
        ],
        int_code_flow=held,
        int_growth=growth(models, [level(total, "A", 2023), level(total, "A", 2024)]),
    )
    return only(found["fct_price_index"], year=2024), [
        row for row in found["fct_price_index_item"] if row["year"] == 2024
    ]


@pytest.mark.parametrize(
    ("at", "laspeyres", "paasche"),
    [(1, 1.4200, 1.3824), (2, 1.3450, 1.2031), (3, 1.3550, 1.0209), (4, 1.4400, 0.7968)],
)
def test_indices_of_the_producer_price_index_manual(
    models: Models, at: int, laspeyres: float, paasche: float
) -> None:
    """Data of tables 19.1 and 19.2 (IMF 2004); answers as gpindex prints them after Balk (2008)."""
    held = [*items(PPI_PRICES[0], PPI_QUANTITIES[0], 2023), *items(PPI_PRICES[at], PPI_QUANTITIES[at], 2024)]
    row, _ = price_index(models, held)
    assert row["price_laspeyres_ratio"] == pytest.approx(laspeyres, abs=5e-5)
    assert row["price_paasche_ratio"] == pytest.approx(paasche, abs=5e-5)
    assert row["price_fisher_ratio"] == pytest.approx(math.sqrt(laspeyres * paasche), abs=1e-4)
    p0, p1, q0, q1 = PPI_PRICES[0], PPI_PRICES[at], PPI_QUANTITIES[0], PPI_QUANTITIES[at]
    v0 = [p * q for p, q in zip(p0, q0, strict=True)]
    v1 = [p * q for p, q in zip(p1, q1, strict=True)]
    log = sum(
        (a / sum(v0) + b / sum(v1)) / 2 * math.log(p / r) for a, b, p, r in zip(v0, v1, p1, p0, strict=True)
    )
    assert row["price_tornqvist_ratio"] == pytest.approx(math.exp(log), abs=1e-9)
    quantity = math.sqrt(
        sum(p * q for p, q in zip(p0, q1, strict=True))
        / sum(v0)
        * sum(v1)
        / sum(p * q for p, q in zip(p1, q0, strict=True))
    )
    assert row["quantity_fisher_ratio"] == pytest.approx(quantity, abs=1e-9)
    assert (row["items_matched"], row["items_outlier"], row["price_index_status"]) == (6, 0, "ok")
    assert row["coverage_pct"] == pytest.approx(sum(v1))


PRICES = st.lists(st.floats(0.5, 2).map(lambda x: round(x, 2)), min_size=4, max_size=4)
QUANTITIES = st.lists(st.integers(1, 500), min_size=4, max_size=4)


@FAST
@given(
    p0=PRICES, p1=PRICES, q0=QUANTITIES, q1=QUANTITIES, scale=st.sampled_from([2, 5, 10]), order=st.randoms()
)
def test_price_indices_obey_the_axioms(
    models: Models,
    p0: list[float],
    p1: list[float],
    q0: list[int],
    q1: list[int],
    scale: int,
    order: random.Random,
) -> None:
    """Time reversal, units of measure, proportionality, order of the rows, price times quantity = value."""
    held = [*items(p0, q0, 2023), *items(p1, q1, 2024)]
    order.shuffle(held)
    row, _ = price_index(models, held)
    back, _ = price_index(models, [*items(p1, q1, 2023), *items(p0, q0, 2024)])
    counted_in_others = [{**item, "quantity": item["quantity"] * scale} for item in held]
    same, _ = price_index(models, counted_in_others)
    dearer, _ = price_index(models, [*items(p0, q0, 2023), *items([p * scale for p in p0], q0, 2024)])
    for name in ("price_fisher_ratio", "price_tornqvist_ratio"):
        assert row[name] * back[name] == pytest.approx(1, rel=1e-9)
        assert same[name] == pytest.approx(row[name], rel=1e-9)
        assert dearer[name] == pytest.approx(scale, rel=1e-9)
    assert row["price_fisher_ratio"] * row["quantity_fisher_ratio"] == pytest.approx(
        row["value_ratio"], rel=1e-9
    )


def test_items_that_cannot_be_matched_are_listed_with_the_reason(models: Models) -> None:
    held = [*items((1, 1, 1, 1, 1), (10, 10, 10, 10, 10), 2023), *items((1,) * 6, (10,) * 6, 2024)]
    held[0]["quantity_unit"] = "kg"
    held[1]["hs_edition"] = "H5"
    held[2]["quantity"] = None
    held[3]["quantity"] = Decimal("0.001")
    row, listed = price_index(models, held)
    assert {item["hs_code"]: item["item_status"] for item in listed} == dict(
        zip(
            CODES,
            ["unit_changed", "edition_changed", "no_quantity", "implausible", "matched", "no_base"],
            strict=True,
        )
    )
    assert (row["items_held"], row["items_matched"], row["matched_value_usd"]) == (6, 1, 10)
    assert row["coverage_pct"] == pytest.approx(10)
    alone, _ = price_index(models, held[:1] + held[5:6])
    assert (alone["price_index_status"], alone["price_fisher_ratio"]) == ("no_matched_item", None)


@pytest.mark.parametrize("unit", [None, "N/A"])
def test_quantities_of_no_known_unit_give_no_price(models: Models, unit: str | None) -> None:
    """Two quantities whose units are not told may be pieces and kilograms."""
    held = [*items((1, 1), (10, 10), 2023), *items((2, 2), (10, 10), 2024)]
    for item in (held[0], held[2]):
        item["quantity_unit"] = unit
    row, listed = price_index(models, held)
    statuses = {item["hs_code"]: item["item_status"] for item in listed}
    assert statuses == {CODES[0]: "no_unit", CODES[1]: "matched"}
    assert row["items_matched"] == 1


@FAST
@given(prices=st.lists(st.floats(0.2, 5).map(lambda x: round(x, 3)), min_size=6, max_size=6))
def test_outliers_are_those_of_iglewicz_and_hoaglin(models: Models, prices: list[float]) -> None:
    _, listed = price_index(models, [*items((1,) * 6, (100,) * 6, 2023), *items(prices, (100,) * 6, 2024)])
    logs = [math.log(price) for price in prices]
    middle = sorted(logs)
    median = (middle[2] + middle[3]) / 2
    spread = float(median_abs_deviation(logs))
    scores = [0.6745 * abs(log - median) / spread if spread else 0 for log in logs]
    expected = {
        code: score > 3.5 for code, score in zip(CODES, scores, strict=True) if abs(score - 3.5) > 1e-6
    }
    found = {item["hs_code"]: item["item_status"] == "outlier" for item in listed}
    assert {code: found[code] for code in expected} == expected


# --- months from what is printed around them ---

LATER: Row = {"released_at": dt.date(2026, 1, 14), "print_kind": "revised_base"}


def slots(models: Models, levels: Sequence[Row]) -> list[Row]:
    return models.run("int_monthly_slot", int_trade_series=levels)


@pytest.mark.parametrize(
    ("before", "now", "value", "status", "scope"),
    [
        ("HS 8542", "HS 8542", 40, "derived_from_ytd", "HS 8542"),
        ("other codes", "other codes", 40, "derived_from_ytd", "other codes"),
        ("HS 8542", "other codes", 30, "printed", "HS 8542"),
    ],
)
def test_a_month_is_the_difference_of_two_years_to_date_of_one_scope(
    models: Models, before: str, now: str, value: int, status: str, scope: str
) -> None:
    held = [
        level(50, "JF", 2024, 2, print_kind="first"),
        level(30, "M", 2024, 3, print_kind="first"),
        level(60, "YTD", 2024, 2, **LATER, product_scope=before),
        level(100, "YTD", 2024, 3, **LATER, product_scope=now),
    ]
    row = only(slots(models, held), period_end_date=end_of(2024, 3))
    assert (row["value"], row["value_status"], row["product_scope"]) == (value, status, scope)


@pytest.mark.parametrize(
    ("february", "value", "status"),
    [
        ({}, 30, "sum_of_months"),
        ({"release_id": "test/later"}, None, "not_held"),
        ({"product_scope": "other codes"}, None, "not_held"),
    ],
)
def test_january_and_february_of_one_release_are_its_january_february(
    models: Models, february: Row, value: int | None, status: str
) -> None:
    """2024 is printed as two months, 2023 and 2025 as one."""
    held = [
        *(level(50, "JF", year, 2, print_kind="first") for year in (2023, 2025)),
        level(10, "M", 2024, 1, print_kind="first"),
        level(20, "M", 2024, 2, **{"print_kind": "first", **february}),
    ]
    row = only(slots(models, held), period_end_date=end_of(2024, 2))
    assert (row["period_grain"], row["value"], row["value_status"]) == ("JF", value, status)
    printed = only(slots(models, [*held, level(31, "JF", 2024, 2)]), period_end_date=end_of(2024, 2))
    assert (printed["value"], printed["value_status"]) == (31, "printed")


def test_a_printed_growth_is_not_judged_against_a_base_that_nobody_printed(models: Models) -> None:
    """March 2023 is the difference of newer years to date; the growth printed later knew another."""
    held = [
        level(50, "JF", 2023, 2, print_kind="first"),
        level(30, "M", 2023, 3, print_kind="first"),
        level(60, "YTD", 2023, 2, **LATER),
        level(100, "YTD", 2023, 3, **LATER),
        level(55, "JF", 2024, 2, print_kind="first"),
        level(33, "M", 2024, 3, print_kind="first"),
    ]
    stated = {
        **SERIES,
        "period_grain": "M",
        "period_end_date": end_of(2024, 3),
        "basis": "usd",
        "growth_pct": 10,
        "half_unit": Decimal("0.05"),
        "release_id": PRINT["release_id"],
        "is_latest": True,
    }
    found = models.run_all(
        ["int_monthly_slot", "int_growth", "int_monthly_growth", "fct_trade_growth_monthly"],
        int_trade_series=held,
        int_published_growth=[stated],
        int_revision_band=[],
    )["fct_trade_growth_monthly"]
    row = only(found, period_end_date=end_of(2024, 3))
    assert (row["value"], row["base_value"], row["growth_status"]) == (33, 40, "base_derived_from_ytd")
    assert (row["published_growth_pct"], row["published_growth_status"]) == (10, "base_derived_from_ytd")


# --- values and bases of different prints ---


@pytest.mark.parametrize(
    ("value", "base", "status"),
    [
        ("revised_base", "first", "base_not_revised"),
        ("revised_base", "revised_base", "ok"),
        ("first", "revised_base", "ok"),  # as the release prints them, side by side
        ("first", "first", "ok"),
        ("database", "database", "ok"),
    ],
)
@pytest.mark.parametrize("grain", ["A", "M"])
def test_a_revised_value_over_a_base_printed_once_is_marked(
    models: Models, grain: str, value: str, base: str, status: str
) -> None:
    """China's chip exports of 2024 in yuan: 1133.54 bn as revised over 956.77 bn as printed first."""
    held = [level(956770, grain, 2023, print_kind=base), level(1133540, grain, 2024, print_kind=value)]
    rows = growth(models, held) if grain == "A" else monthly(models, held)
    row = only(rows, period_end_date=end_of(2024, 12))
    assert row["growth_status"] == status
    assert row["growth_yoy_pct"] == pytest.approx(18.476, abs=5e-4)


def test_a_currency_effect_needs_two_growths_of_one_kind(models: Models) -> None:
    held = [
        level(100, "A", 2023, print_kind="first"),
        level(110, "A", 2024, print_kind="revised_base"),
        level(700, "A", 2023, basis="cny", print_kind="first"),
        level(790, "A", 2024, basis="cny", print_kind="first"),
    ]
    row = only(currencies(models, held, []), year=2024)
    assert (row["growth_usd_status"], row["growth_cny_status"]) == ("base_not_revised", "ok")
    assert row["customs_currency_effect_status"] == "one_base_is_not_revised"
    assert row["customs_currency_effect_pct"] is None
    assert row["growth_usd_pct"] == pytest.approx(10)


def test_a_value_below_zero_has_no_unit_value(models: Models) -> None:
    """A month that is the difference of two years to date may be below 0; the books allow no such price."""
    row = only(unit_values(models, {2023: (100, 10), 2024: (-5, 10)}), year=2024)
    assert (row["unit_value"], row["unit_value_status"]) == (None, "not_positive")


def test_a_unit_value_of_a_revised_value_over_a_first_base_is_marked(models: Models) -> None:
    held = [
        level(10 * year, "A", year, basis=basis, print_kind=kind)
        for year, kind in ((2023, "first"), (2024, "revised_base"))
        for basis in ("usd", "quantity")
    ]
    row = only(models.run("fct_unit_value", int_period_growth=periods(models, held)), year=2024)
    assert (row["unit_value_status"], row["growth_unit_value_pct"]) == ("base_not_revised", None)
    assert row["unit_value"] == 1


@pytest.mark.parametrize("status", ["printed", "derived_from_ytd"])
def test_two_differences_of_years_to_date_give_no_rate(models: Models, status: str) -> None:
    rows: list[Row] = [
        {**SERIES, **SCOPE, **period("M", 2024, 5), "vintage": "latest", "basis": basis, "value": value}
        | {"value_status": status, "growth_status": "no_base"}
        for basis, value in (("usd", 10), ("cny", 71))
    ]
    (row,) = models.run(
        "fct_growth_currency",
        int_period_growth=rows,
        int_reporter_rate=[],
        stg_reference__currency_area=[AREA],
    )
    assert row["customs_cny_per_usd"] == (Decimal("7.1") if status == "printed" else None)


@pytest.mark.parametrize(
    ("stated", "shown", "status"),
    [
        ({"test/2025": "17.4"}, "17.4", "consistent"),
        ({"test/2025": "17.4", "test/2026": "16.0"}, "17.4", "consistent"),  # each release has its own triple
        ({"test/2026": "16.0"}, "16.0", "printed_beside_another_value"),
    ],
)
def test_a_stated_growth_is_paired_with_the_value_of_its_own_release(
    models: Models, stated: Mapping[str, str], shown: str, status: str
) -> None:
    published = [
        {
            **SERIES,
            "period_grain": "A",
            "period_end_date": dt.date(2024, 12, 31),
            "basis": "usd",
            "growth_pct": Decimal(growth_pct),
            "half_unit": Decimal("0.05"),
            "release_id": release,
            "is_latest": release == max(stated),
        }
        for release, growth_pct in stated.items()
    ]
    rows = models.run(
        "int_growth",
        int_trade_series=[level(1000, "A", 2023), level(1174, "A", 2024, release_id="test/2025")],
        int_published_growth=published,
        int_revision_band=[],
    )
    row = only(rows, year=2024)
    assert (row["published_growth_pct"], row["published_growth_status"]) == (Decimal(shown), status)
    assert (row["implied_base_low"] is None) == (status == "printed_beside_another_value")
    assert row["implied_base_low"] is None or row["implied_base_low"] <= 1000 <= row["implied_base_high"]


# --- implied revisions ---


def figure(value: str, year: int, released: int, **other: Any) -> Row:
    """A row of int_ranked_figure, released in the January after `released`."""
    _, _, decimals = value.partition(".")
    return {
        **SERIES,
        **SCOPE,
        **period("A", year),
        "dataset_id": "announced",
        "release_id": f"test/{released + 1}",
        "released_at": dt.date(released + 1, 1, 14),
        "snapshot_id": "s",
        "raw_row": 2,
        "measure": "level",
        "basis": "usd",
        "value": Decimal(value),
        "half_unit": Decimal(5).scaleb(-len(decimals) - 1),
        "print_kind": "first",
        "is_latest": True,
        "is_first_print": True,
        **other,
    }


def implied(models: Models, figures: Sequence[Row], band: Sequence[Row] = ()) -> Row:
    (row,) = models.run("fct_implied_revision", int_ranked_figure=figures, int_revision_band=band)
    return row


@pytest.mark.parametrize(
    ("value", "base", "stated", "low", "high", "status"),
    [
        # China's customs, as printed: level, level one year before, stated growth, implied base.
        ("159.499", "135.973", "17.4", "135.801", "135.918", "no_revision_held"),
        ("385", "349.4", "10.4", "348.1", "349.3", "no_revision_held"),
        ("349.4", "415.579", "-15.4", "412.7", "413.3", "no_revision_held"),
        ("4795", "5384", "-10.8", "5372", "5379", "no_revision_held"),
        ("5492", "4795", "14.6", "4790", "4795", "first_print_fits"),
        ("2678", "2734", "-1.8", "2725", "2729", "no_revision_held"),
        ("8.02", "8.22", "-2", "8.14", "8.23", "first_print_fits"),
    ],
)
def test_implied_bases_of_published_triples(
    models: Models, value: str, base: str, stated: str, low: str, high: str, status: str
) -> None:
    """Seven triples of China's customs for chips and phones, 2023 and 2024, with the bases they imply."""
    scale = Decimal(10) ** 6
    rows = [
        figure(value, 2024, 2024),
        figure(base, 2023, 2023),
        figure(stated, 2024, 2024, measure="growth_yoy_pct"),
    ]
    for row in rows[:2]:
        row["value"], row["half_unit"] = row["value"] * scale, row["half_unit"] * scale
    found = implied(models, rows)
    digits = len(low.partition(".")[2])
    assert abs(found["implied_base_low"] / scale - Decimal(low)) <= Decimal(5).scaleb(-digits - 1)
    assert abs(found["implied_base_high"] / scale - Decimal(high)) <= Decimal(5).scaleb(-digits - 1)
    assert found["implied_revision_status"] == status
    assert found["observed_revision_status"] == "one_print"


def test_implied_revision_beside_observed_ones(models: Models) -> None:
    stated = figure("17.4", 2024, 2024, measure="growth_yoy_pct")
    level_now, first = figure("159.499", 2024, 2024), figure("135.973", 2023, 2023, is_latest=False)
    later = figure("135.850", 2023, 2025, print_kind="revised_base", is_first_print=False)
    fits = implied(models, [stated, level_now, first, later])
    assert (fits["implied_revision_status"], fits["base_prints"]) == ("later_print_fits", 2)
    exact = 100 * (Fraction("135.850") / Fraction("135.973") - 1)
    assert fits["observed_revision_pct"] == pytest.approx(float(exact), rel=1e-9)
    band: Row = {"source_id": "test", "figure_kind": "value", "band_low_pct": -0.5, "band_high_pct": 0.1}
    alone = [stated, level_now, {**first, "is_latest": True}]
    assert implied(models, alone, [band])["implied_revision_status"] == "within_observed_revisions"
    narrow = {**band, "band_low_pct": -0.01}
    assert implied(models, alone, [narrow])["implied_revision_status"] == "beyond_observed_revisions"
    assert implied(models, [stated])["implied_revision_status"] == "no_level"
    assert implied(models, [stated, level_now])["implied_revision_status"] == "no_base"
    other = {**alone[2], "product_scope": "other codes"}
    assert implied(models, [stated, level_now, other])["implied_revision_status"] == "scope_changed"


# --- policy events ---


def event_rows(models: Models, series: Mapping[str, Months], events: Mapping[str, dt.date]) -> list[Row]:
    levels = [
        row
        for product, months in series.items()
        for row in apart(months)
        if row.update(product_id=product) is None
    ]
    return models.run_all(
        [
            *("int_monthly_slot", "int_monthly_growth", "int_window_change", "int_window_difference"),
            *("int_policy_event_slot", "int_placebo_slot", "fct_policy_event_window"),
        ],
        int_trade_series=levels,
        stg_reference__policy_event=[
            {"event_id": name, "event_date": day, "date_precision": "day", "title": name}
            for name, day in events.items()
        ],
    )["fct_policy_event_window"]


def made_up(seed: int, years: range) -> dict[tuple[int, int], int]:
    random_values = random.Random(seed)
    return {(year, month): random_values.randint(500, 1500) for year in years for month in range(1, 13)}


def test_change_after_an_event_recomputes(models: Models) -> None:
    chips, phones = made_up(1, range(2018, 2025)), made_up(2, range(2018, 2025))
    rows = event_rows(
        models, {"integrated_circuits": chips, "mobile_phones": phones}, {"rule": dt.date(2022, 10, 7)}
    )

    def logs(values: Months, at: int) -> float:
        year, month = 2018 + at // 12, at % 12 + 1
        return 100 * math.log(values[year, month] / values[year - 1, month])

    def change(values: Months, at: int, window: int) -> float:
        after = [logs(values, at + shift) for shift in range(1, window + 1)]
        before = [logs(values, at - shift) for shift in range(1, window + 1)]
        return (sum(after) - sum(before)) / window

    october = 4 * 12 + 9
    for window in (3, 6):
        row = only(
            rows, product_id="integrated_circuits", control_product_id="mobile_phones", window_releases=window
        )
        mine, other = change(chips, october, window), change(phones, october, window)
        assert row["change_after_pct"] == pytest.approx(mine, abs=1e-7)
        assert row["control_change_after_pct"] == pytest.approx(other, abs=1e-7)
        assert row["difference_pct"] == pytest.approx(mine - other, abs=1e-7)
        # Releases whose windows are held and hold no event.
        placebos = [
            change(chips, at, window) - change(phones, at, window)
            for at in range(12 + window, 84 - window)
            if abs(at - october) > window
        ]
        assert row["placebo_dates"] == len(placebos) and row["placebo_status"] == "ok"
        assert row["placebo_low_pct"] == pytest.approx(min(placebos), abs=1e-7)
        assert row["placebo_high_pct"] == pytest.approx(max(placebos), abs=1e-7)
        as_large = sum(abs(placebo) >= abs(mine - other) for placebo in placebos)
        assert row["placebos_as_large_pct"] == pytest.approx(100 * as_large / len(placebos))
        alone = only(
            rows, product_id="integrated_circuits", control_product_id="none", window_releases=window
        )
        assert alone["difference_pct"] == pytest.approx(mine, abs=1e-7)
        assert alone["control_change_after_pct"] is None and not row["is_overlapped"]


def test_overlap_and_buying_ahead_are_flagged(models: Models) -> None:
    flat = {(year, month): 1000 + (year + month) % 3 for year in range(2018, 2025) for month in range(1, 13)}
    ahead = {**flat, (2022, 7): 2000, (2022, 8): 2000, (2022, 9): 2000}
    events = {"rule": dt.date(2022, 10, 7)}
    row = only(event_rows(models, {"integrated_circuits": ahead}, events), window_releases=6)
    assert row["anticipation_status"] == "above_placebos" and row["anticipation_pct"] > 60
    calm = only(event_rows(models, {"integrated_circuits": flat}, events), window_releases=6)
    assert calm["anticipation_status"] == "within_placebos"
    both = event_rows(models, {"integrated_circuits": flat}, {**events, "second": dt.date(2022, 12, 1)})
    near = only(both, event_id="rule", window_releases=3)
    assert (near["other_events_in_window"], near["is_overlapped"]) == (1, True)
    del flat[2022, 12]
    gap = only(event_rows(models, {"integrated_circuits": flat}, events), window_releases=3)
    assert (gap["change_status"], gap["change_after_pct"], gap["releases_held_after"]) == (
        "window_not_held",
        None,
        2,
    )


def test_few_placebos_give_no_spread(models: Models) -> None:
    short = made_up(3, range(2022, 2024))
    row = only(
        event_rows(models, {"integrated_circuits": short}, {"rule": dt.date(2023, 5, 1)}), window_releases=3
    )
    assert row["change_status"] == "ok"
    assert (row["placebo_status"], row["placebo_low_pct"]) == ("too_few_placebos", None)


# --- month on month ---


@pytest.mark.parametrize(("base", "status"), [(0, "zero_base"), (-4, "negative_base"), (None, "no_base")])
def test_month_on_month_needs_a_month_before_above_zero(
    models: Models, base: int | None, status: str
) -> None:
    slot = {
        **SERIES,
        **SCOPE,
        "basis": "usd",
        "vintage": "latest",
        "slot_months": 1,
        "value_status": "printed",
    }
    rows = models.run(
        "fct_trade_growth_mom",
        int_monthly_growth=[
            {**slot, **period("M", 2024, month), "slot": month, "value": value}
            for month, value in ((3, base), (4, 6))
        ],
        stg_derived__seasonal_adjustment=[],
    )
    april = only(rows, period_end_date=end_of(2024, 4))
    assert (april["growth_mom_pct"], april["growth_mom_status"]) == (None, status)


def test_month_on_month_says_that_it_holds_the_season(models: Models) -> None:
    slots = monthly(models, combined({(2024, 2): 400, (2024, 3): 220, (2024, 4): 110}))
    adjusted = [
        {
            **{name: slot[name] for name in (*SERIES, "basis", "slot")},
            "adjusted_value": value,
            "adjustment_status": "ok",
            "method": "made up",
        }
        for slot, value in zip(slots, (300, 165, 165), strict=True)
    ]
    rows = models.run(
        "fct_trade_growth_mom", int_monthly_growth=slots, stg_derived__seasonal_adjustment=adjusted
    )
    rows.sort(key=lambda row: row["period_end_date"])
    # January-February is 200 a month, so March is 10 % above it.
    assert [row["growth_mom_pct"] for row in rows] == [None, pytest.approx(10), pytest.approx(-50)]
    assert [row["growth_mom_status"] for row in rows] == ["no_base", *["not_seasonally_adjusted"] * 2]
    assert [row["growth_mom_seasonally_adjusted_pct"] for row in rows] == [
        None,
        pytest.approx(10),
        pytest.approx(0),
    ]
    partner = models.run(
        "fct_trade_growth_mom", int_monthly_growth=slots[:1], stg_derived__seasonal_adjustment=[]
    )
    assert partner[0]["value_seasonally_adjusted_status"] == "not_adjusted_for_partners"


# --- a real file ---

SAMPLE = ROOT.parent / "shared/samples/comtrade/TradeData_hs854231_32_39_six_reporters_2018_2024.csv"
HEADINGS = SAMPLE.with_name("TradeData_hs8542_chn_kor_usa_2013_2024.csv")


def sample_rows(path: Path) -> Iterator[dict[str, str]]:
    """China's exports to the world as UN Comtrade's portal writes them."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            if (row["reporterISO"], row["flowCode"], row["partnerISO"]) == ("CHN", "X", "W00"):
                yield row


@pytest.mark.skipif(not SAMPLE.is_file(), reason="the sample files of UN Comtrade are not here")
def test_price_index_and_contributions_of_a_real_file(models: Models) -> None:
    """2023 on 2022: Fisher rose by 11 %, though a piece of all chips together became cheaper (mix)."""
    by_item = {(row["cmdCode"], int(row["refYear"])): row for row in sample_rows(SAMPLE)}
    totals = {int(row["refYear"]): Decimal(row["primaryValue"]) for row in sample_rows(HEADINGS)}
    codes = ("854231", "854232", "854239")
    held = [
        {
            **next(items((1,), (1,), year)),
            "hs_code": code,
            "hs_edition": by_item[code, year]["classificationCode"],
            "value_usd": Decimal(by_item[code, year]["primaryValue"]),
            "quantity": Decimal(by_item[code, year]["qty"]),
            "quantity_unit": by_item[code, year]["qtyUnitAbbr"],
        }
        for code in codes
        for year in (2022, 2023)
    ]
    found = models.run_all(
        [
            *("int_item_growth", "int_item_relative", "int_matched_item"),
            *("int_period_growth", "fct_price_index", "fct_growth_contribution"),
        ],
        fct_trade_growth_monthly=[],
        int_code_flow=held,
        int_growth=growth(models, [level(totals[year], "A", year) for year in (2022, 2023)]),
        int_partner_contribution=[],
    )
    row = only(found["fct_price_index"], year=2023)
    v0, v1 = ([Fraction(by_item[code, year]["primaryValue"]) for code in codes] for year in (2022, 2023))
    q0, q1 = ([Fraction(by_item[code, year]["qty"]) for code in codes] for year in (2022, 2023))
    laspeyres = sum(v * q / r for v, q, r in zip(v1, q0, q1, strict=True)) / sum(v0)
    paasche = sum(v1) / sum(v * q / r for v, q, r in zip(v0, q1, q0, strict=True))
    assert row["price_fisher_ratio"] == pytest.approx(math.sqrt(laspeyres * paasche), rel=1e-9)
    assert row["price_fisher_ratio"] > 1.1
    assert row["base_coverage_pct"] == pytest.approx(float(100 * sum(v0) / Fraction(totals[2022])))
    parts = found["fct_growth_contribution"]
    assert sorted(part["component_id"] for part in parts) == [*codes, "residual"]
    assert sum(part["value_change"] for part in parts) == totals[2023] - totals[2022]
