"""The marts of growth for the shipped data, computed a second time from the raw CSV files in Fractions.

Belongs here: what stands on the figures of China's customs and on the shipped exchange rates. The reading
of the raw files is that of test_numbers; nothing of the project is imported but the calendar's library.
"""

from __future__ import annotations

import calendar
import csv
import datetime as dt
import math
from collections import defaultdict
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from typing import Any

import duckdb
import holidays
import pytest
from helpers import RAW
from test_numbers import (
    FIRST,
    REVISED,
    Period,
    Print,
    Series,
    change,
    exactly,
    implied_base,
    levels,
    near,
    period_of,
    records,
    series_of,
    slots_of,
    speakers,
)

VINTAGES = ("first", "latest")


def bounds(period: Period) -> tuple[dt.date, dt.date]:
    grain, year, month = period
    return dt.date(year, month if grain == "M" else 1, 1), dt.date(
        year, month, calendar.monthrange(year, month)[1]
    )


@dataclass(frozen=True)
class Pair:
    """A value and that of the year before, each with whether it is the difference of two years to date."""

    value: Fraction
    base: Fraction | None
    is_derived: bool
    base_is_derived: bool
    status: str

    @property
    def growth(self) -> Fraction | None:
        return None if self.base is None else change(self.value, self.base)


@cache
def pairs(vintage: str) -> dict[tuple[Series, Period], Pair]:
    held = levels(vintage)
    found = {}
    for (series, period), printed in held.items():
        grain, year, month = period
        before = held.get((series, (grain, year - 1, month)))
        value, base, marks = printed.value, before and before.value, (False, False)
        if grain == "JF" or (grain == "M" and month >= 3):
            slot = slots_of(series, vintage)[period]
            assert slot.value is not None
            value, base, marks = slot.value, slot.base, (slot.is_derived, slot.base_is_derived)
        status = "derived_from_ytd" if marks[0] else "base_derived_from_ytd" if marks[1] else "ok"
        if status == "ok" and (printed.kind, before and before.kind) == (REVISED, FIRST):
            status = "base_not_revised"
        if base is None:
            status = "combined_release" if grain == "M" and month <= 2 else "no_base"
        found[series, period] = Pair(value, base, *marks, status)
    return found


def rates(grain: str) -> dict[tuple[int, int], Fraction]:
    """Yuan per dollar by the period's year and last month; the mean of the months where none is printed."""
    name = "fx_annual.csv" if grain == "A" else "fx_monthly.csv"
    with (RAW / "reference" / name).open(encoding="utf-8", newline="") as lines:
        printed = {
            (int(row["Date"][:4]), 12 if grain == "A" else int(row["Date"][5:7])): Fraction(
                row["Exchange rate"]
            )
            for row in csv.DictReader(lines)
            if row["Country"] == "China"
        }
    if grain in ("A", "M"):
        return printed
    means = {}
    for year, last in printed:
        months = [printed.get((year, month)) for month in range(1, last + 1)]
        held = [rate for rate in months if rate is not None]
        if len(held) == last and (grain == "YTD" or last == 2):
            means[year, last] = Fraction(math.floor(sum(held) / last * 10**6 + Fraction(1, 2)), 10**6)
    return means


def test_every_growth_in_other_measures(connection: duckdb.DuckDBPyConnection) -> None:
    rows = records(connection, "fct_trade_growth_yearly", "source_id = 'gacc'")
    assert len(rows) > 50
    for row in rows:
        value, base = exactly(row["value"]), exactly(row["base_value"])
        assert row["growth_log_status"] == row["growth_symmetric_status"] == row["growth_status"]
        assert near(row["growth_log_pct"], None if not base else 100 * math.log(value / base)), row
        assert near(
            row["growth_symmetric_pct"], None if not base else 200 * (value - base) / (value + base)
        ), row


@pytest.mark.parametrize("vintage", VINTAGES)
def test_every_growth_side_by_side(connection: duckdb.DuckDBPyConnection, vintage: str) -> None:
    rows = records(connection, "fct_growth_currency", f"source_id = 'gacc' and vintage = '{vintage}'")
    held = pairs(vintage)
    expected = {(series[:3], period) for series, period in held}
    found = {((row["partner_iso3"], row["flow"], row["product_id"]), period_of(row)): row for row in rows}
    assert set(found) == expected and len(found) == len(rows)
    converted = effects = 0
    for (series, period), row in found.items():
        grown = {}
        for basis in ("usd", "cny", "quantity"):
            pair = held.get(((*series, basis), period))
            grown[basis] = pair and pair.growth
            assert near(row[f"growth_{basis}_pct"], grown[basis]), row
            assert row[f"growth_{basis}_status"] == (pair.status if pair else "not_held"), row
        usd, cny = grown["usd"], grown["cny"]
        if usd is not None and cny is not None and row["growth_usd_status"] == row["growth_cny_status"]:
            effects += 1
            assert near(row["customs_currency_effect_pct"], 100 * ((100 + cny) / (100 + usd) - 1)), row
        else:
            assert row["customs_currency_effect_pct"] is None
        grain, year, month = period
        quoted = rates(grain)
        now, before = quoted.get((year, month)), quoted.get((year - 1, month))
        if usd is not None and now and before:
            converted += 1
            assert near(row["growth_constant_fx_pct"], 100 * ((1 + usd / 100) * now / before - 1)), row
            assert row["growth_constant_fx_status"] == "converted"
        else:
            assert row["growth_constant_fx_pct"] is None and row["growth_constant_fx_status"] != "converted"
    assert converted and effects


@pytest.mark.parametrize("vintage", VINTAGES)
def test_every_growth_per_day_and_working_day(connection: duckdb.DuckDBPyConnection, vintage: str) -> None:
    rows = records(connection, "fct_growth_calendar", f"source_id = 'gacc' and vintage = '{vintage}'")
    china = holidays.country_holidays("CHN", years=range(2010, 2027))
    assert len(rows) == len(levels(vintage))
    known = 0
    for row in rows:
        period = period_of(row)
        start, end = bounds(period)
        before = bounds((period[0], period[1] - 1, period[2]))
        days, base_days = (end - start).days + 1, (before[1] - before[0]).days + 1
        work, base_work = (china.get_working_days_count(*span) for span in ((start, end), before))
        assert (row["days"], row["base_days"]) == (days, base_days), row
        assert (row["working_days"], row["base_working_days"]) == (work, base_work), row
        pair = pairs(vintage)[series_of(row), period]
        value, base = pair.value, pair.base
        per_day = base and change(value / days, base / base_days)
        per_working_day = base and change(value / work, base / base_work)
        known += base is not None
        assert near(row["growth_yoy_pct"], pair.growth), row
        assert row["growth_status"] == pair.status, row
        assert row["growth_per_working_day_status"] == pair.status, row
        assert near(row["growth_per_day_pct"], per_day), row
        assert near(row["growth_per_working_day_pct"], per_working_day), row
    assert known


@pytest.mark.parametrize("vintage", VINTAGES)
def test_every_record(connection: duckdb.DuckDBPyConnection, vintage: str) -> None:
    rows = records(connection, "fct_trade_record", f"source_id = 'gacc' and vintage = '{vintage}'")
    held = spoken_levels(vintage)
    assert len(rows) == len(held)
    statuses: dict[str, int] = defaultdict(int)
    for row in rows:
        series, (grain, year, month) = series_of(row), period_of(row)
        value = held[series, (grain, year, month)]
        earlier = {
            bounds(period): item
            for (of, period), item in held.items()
            if of == series
            and period[0] == grain
            and (grain == "M" or period[2] == month)
            and period[1:] < (year, month)
            and row["product_scope"] == scope_of(connection, of, period, vintage)
        }
        statuses[row["record_high_status"]] += 1
        if not earlier:
            assert row["record_high_status"] == row["highest_since_status"] == "no_earlier_period", row
            continue
        highest = max(item.value for item in earlier.values())
        assert exactly(row["highest_before_value"]) == highest, row
        if value.low > max(item.high for item in earlier.values()):
            assert row["record_high_status"] == "record", row
        else:
            assert row["record_high_status"] != "record", row
        reached = [span[1] for span, item in earlier.items() if item.value >= value.value]
        assert row["highest_since_date"] == max(reached, default=None), row
        assert row["window_start_date"] == min(
            min(span[0] for span in earlier), bounds((grain, year, month))[0]
        )
        assert row["window_periods_held"] == len(earlier) + 1
    assert statuses["record"] and statuses["below_record"]


@cache
def spoken_levels(vintage: str) -> dict[tuple[Series, Period], Print]:
    """The levels, with the months that newer years to date speak for as their differences."""
    held = dict(levels(vintage))
    for series in {of for of, _ in held}:
        for period, slot in slots_of(series, vintage).items():
            if slot.is_derived:
                _, year, month = period
                now, before = (held[series, ("YTD", year, at)] for at in (month, month - 1))
                assert slot.value == now.value - before.value
                held[series, period] = replace(now, value=slot.value, half=now.half + before.half)
    return held


_SCOPES: dict[tuple[str, Series, Period], str] = {}


def scope_of(connection: duckdb.DuckDBPyConnection, series: Series, period: Period, vintage: str) -> str:
    """Scope of a figure as the records say it themselves; two scopes of one series are two windows."""
    if not _SCOPES:
        for row in records(connection, "fct_trade_record", "source_id = 'gacc'"):
            _SCOPES[row["vintage"], series_of(row), period_of(row)] = row["product_scope"]
    return _SCOPES[vintage, series, period]


def test_every_implied_revision(connection: duckdb.DuckDBPyConnection) -> None:
    rows = records(connection, "fct_implied_revision", "source_id = 'gacc'")
    spoken = speakers()
    expected = {
        (series, period, item.release): item
        for (series, period, is_growth), prints in spoken.items()
        if is_growth
        for item in prints
    }
    found = {(series_of(row), period_of(row), row["release_id"].removeprefix("gacc/")): row for row in rows}
    assert set(found) == set(expected) and len(found) == len(rows)
    fits: dict[str, int] = defaultdict(int)
    for key, row in found.items():
        (series, (grain, year, month), release), stated = key, expected[key]
        known = [
            item for item in spoken.get((series, (grain, year, month), False), []) if item.release <= release
        ]
        fits[row["implied_revision_status"]] += 1
        if not known:
            assert row["implied_revision_status"] == "no_level" and row["implied_base_low"] is None
            continue
        low, high = implied_base(known[-1], stated)
        assert 0 <= low - exactly(row["implied_base_low"]) <= 1, row
        assert 0 <= exactly(row["implied_base_high"]) - high <= 1, row
        bases = spoken.get((series, (grain, year - 1, month), False), [])
        assert row["base_prints"] == len(bases), row
        if not bases:
            assert row["implied_revision_status"] == "no_base", row
            continue
        assert exactly(row["base_value"]) == bases[0].value
        assert near(row["implied_revision_low_pct"], change(low, bases[0].high)), row
        assert near(row["implied_revision_high_pct"], change(high, bases[0].low)), row
        observed = change(bases[-1].value, bases[0].value) if len(bases) > 1 else None
        assert near(row["observed_revision_pct"], observed), row
        fitting = [item.high >= low and item.low <= high for item in bases]
        status = row["implied_revision_status"]
        if fitting[0]:
            assert status == "first_print_fits", row
        elif any(fitting):
            assert status == "later_print_fits", row
        else:
            assert status in ("within_observed_revisions", "beyond_observed_revisions"), row
    assert fits["first_print_fits"] > 40 and fits["later_print_fits"] and fits["beyond_observed_revisions"]


@pytest.mark.parametrize("vintage", VINTAGES)
def test_every_unit_value(connection: duckdb.DuckDBPyConnection, vintage: str) -> None:
    rows = records(connection, "fct_unit_value", f"source_id = 'gacc' and vintage = '{vintage}'")
    held = pairs(vintage)
    expected = {
        (series, period)
        for series, period in held
        if series[3] != "quantity" and ((*series[:3], "quantity"), period) in held
    }
    assert {(series_of(row), period_of(row)) for row in rows} == expected
    split = 0
    for row in rows:
        series, period = series_of(row), period_of(row)
        money, pieces = held[series, period], held[(*series[:3], "quantity"), period]
        value, base, items, base_items = money.value, money.base, pieces.value, pieces.base
        if money.is_derived == pieces.is_derived:
            assert abs(exactly(row["unit_value"]) - value / items) <= Fraction(1, 10**6), row
        else:
            assert row["unit_value"] is None and row["unit_value_status"] == "one_is_derived"
        if not (money.status == pieces.status and money.status in ("ok", "base_derived_from_ytd")):
            assert row["unit_value_status"] != "ok"
            assert row["value_change"] is None and row["growth_unit_value_pct"] is None
            continue
        assert base and base_items and row["unit_value_status"] == "ok", row
        split += 1
        grown = change(value / items, base / base_items)
        assert near(row["growth_unit_value_pct"], grown), row
        by_quantity, by_price = (
            exactly(row[f"value_change_by_{name}"]) for name in ("quantity", "unit_value")
        )
        assert by_quantity + by_price == value - base, row
        mean = float(value - base) / math.log(value / base)
        assert float(by_quantity) == pytest.approx(mean * math.log(items / base_items), rel=1e-9, abs=1)
    assert split


def test_no_series_is_long_enough_to_be_adjusted_and_each_says_so(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    counted: dict[str, Any] = dict(
        connection.execute(
            "select value_seasonally_adjusted_status, count(*) from marts.fct_trade_growth_mom group by 1"
        ).fetchall()
    )
    assert set(counted) == {"fewer_than_five_years", "not_held"}
    nulls = connection.execute(
        "select count(*) from marts.fct_trade_growth_mom where (growth_mom_pct is null) "
        "<> (growth_mom_status <> 'not_seasonally_adjusted') or value_seasonally_adjusted is not null"
    ).fetchall()
    assert nulls == [(0,)]


def test_every_null_of_the_event_windows_has_a_reason(connection: duckdb.DuckDBPyConnection) -> None:
    wrong = connection.execute(
        "select * from marts.fct_policy_event_window "
        "where (difference_pct is null) <> (change_status <> 'ok') "
        "or (placebo_low_pct is null) <> (placebo_status <> 'ok') "
        "or (anticipation_pct is null) <> (anticipation_status = 'not_held') "
        "or (change_after_pct is null) <> (change_status = 'window_not_held')"
    ).fetchall()
    assert wrong == []
    events = connection.execute(
        "select count(distinct event_id) from marts.fct_policy_event_window "
        "where event_date >= date '2025-01-01'"
    ).fetchall()
    assert events[0][0] >= 5
