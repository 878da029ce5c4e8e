"""Calendars and seasonal adjustment: what Python computes between two dbt steps.

The series here are made up and say so: a trend, a season, a festival and a little noise whose parts are
known, so that what comes out can be held against what went in.
"""

from __future__ import annotations

import csv
import datetime as dt
import math
import os
import random
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal

import duckdb
import numpy as np
import pytest
from helpers import RAW, ROOT
from statsmodels.tsa.seasonal import STL

from orchestration.derive import seasonal
from orchestration.derive.calendar_months import KNOWN_THROUGH, build_calendar, months_of, new_year_days
from orchestration.derive.seasonal import Release, adjust_series, last_run, new_year_regressors

SEASON = (0.0, 0.05, 0.1, 0.02, -0.03, 0.04, -0.1, -0.05, 0.08, 0.03, -0.04, -0.1)


def ends(year: int, month: int) -> tuple[dt.date, dt.date]:
    start = dt.date(year, month, 1)
    return start, dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)


def made_up(
    years: range, festival: float = -0.25, noise: float = 0.004, seed: int = 1
) -> tuple[list[Release], list[float]]:
    """Months with a known trend (returned as logs), season, leap day and New Year effect."""
    draw = random.Random(seed)
    periods = [ends(year, month) for year in years for month in range(1, 13)]
    holidays = new_year_regressors(periods)
    mean = sum(SEASON) / 12
    releases, trend, level = [], [], 20.0
    for (start, end), regressors in zip(periods, holidays, strict=True):
        level += draw.gauss(0.005, noise)
        trend.append(level)
        days = end.day / 28.25 if start.month == 2 else 1.0
        log = level + SEASON[start.month - 1] - mean + festival * regressors[1] + math.log(days)
        log += draw.gauss(0, noise)
        releases.append(
            Release(start.year * 12 + start.month - 1, 1, start, end, "x", Decimal(f"{math.exp(log):.4f}"))
        )
    return releases, trend


def in_releases_of_eleven(releases: list[Release]) -> list[Release]:
    """The same series with January and February as one release."""
    found = []
    for january, february in zip(releases[::12], releases[1::12], strict=True):
        year = january.start.year
        both = (january.value or Decimal(0)) + (february.value or Decimal(0))
        found.append(Release(year * 11, 2, january.start, february.end, "x", both))
        found += [
            Release(year * 11 + item.start.month - 2, 1, item.start, item.end, "x", item.value)
            for item in releases
            if item.start.year == year and item.start.month >= 3
        ]
    return found


# --- calendars ---


@pytest.mark.parametrize(
    ("economy", "month", "days"),
    [
        # State Council of China: make-up days on 28 and 29 January 2023, 4 and 18 February 2024.
        ("CHN", (2023, 1), 18),
        ("CHN", (2024, 2), 18),
        # 21 weekdays less Presidents' Day; 21 less nothing.
        ("USA", (2024, 2), 20),
        ("DEU", (2024, 2), 21),
    ],
)
def test_working_days_of_known_months(economy: str, month: tuple[int, int], days: int) -> None:
    found = {start: (count, status) for start, count, status in months_of(economy, month[0])}
    assert len(found) == 12
    assert found[dt.date(*month, 1)] == (days, "ok")


def test_every_economy_has_twelve_months() -> None:
    """Morocco's code was March to the library, and stopped every refresh that held it."""
    with (RAW / "reference" / "economies.csv").open(encoding="utf-8", newline="") as stream:
        economies = [row["economy_iso3"] for row in csv.DictReader(stream)]
    found = {economy: list(months_of(economy, 2024)) for economy in economies}
    assert all(len(months) == 12 for months in found.values())
    assert all(count for _, count, _ in found["MAR"])
    # A state that is gone has no calendar.
    assert {row[1:] for row in found["SUN"]} == {(None, "no_calendar")}


def test_what_the_library_does_not_know_is_null_with_the_reason() -> None:
    assert {row[1:] for row in months_of("S19", 2024)} == {(None, "no_calendar")}
    assert {row[1:] for row in months_of("CHN", KNOWN_THROUGH + 1)} == {(None, "calendar_not_known")}


def test_new_year_is_the_same_in_every_locale() -> None:
    """The library names the days in the machine's language unless it is told one."""
    said = []
    for language in ("C", "zh_CN.UTF-8", "en_US.UTF-8"):
        code = "from orchestration.derive.calendar_months import new_year_days as d; print(d(2023, 2025))"
        env = {"PATH": os.environ["PATH"], "LANG": language, "LANGUAGE": language.split(".")[0]}
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True
        )
        said.append(done.stdout)
    assert set(said) == {f"{[dt.date(2023, 1, 22), dt.date(2024, 2, 10), dt.date(2025, 1, 29)]}\n"}


def test_new_year_falls_between_21_january_and_20_february() -> None:
    """RBA Research Discussion Paper 2015-13; the days of 2023 to 2025 are given below."""
    days = new_year_days(1990, 2065)
    assert len(days) == 76
    assert all((1, 21) <= (day.month, day.day) <= (2, 20) for day in days)
    known = {dt.date(2023, 1, 22), dt.date(2024, 2, 10), dt.date(2025, 1, 29)}
    assert known <= set(days)


def test_calendar_is_built_once_for_the_reporters_held() -> None:
    with duckdb.connect() as connection:
        connection.execute("create schema raw")
        connection.execute("create schema intermediate")
        connection.execute(
            "create table intermediate.int_trade_series as select 'CHN' as reporter_iso3, 2024 as year"
        )
        # The year and the year before it.
        assert build_calendar(connection) == 24
        connection.execute("update raw.calendar_month set working_days = 1")
        assert build_calendar(connection) == 24
        assert connection.execute("select max(working_days) from raw.calendar_month").fetchall() == [(1,)]
        connection.execute("update raw.calendar_month set library = 'holidays of another release'")
        build_calendar(connection)
        assert connection.execute("select max(working_days) > 1 from raw.calendar_month").fetchall() == [
            (True,)
        ]


# --- seasonal adjustment ---


@pytest.mark.parametrize(("shape", "a_year"), [(list, 12), (in_releases_of_eleven, 11)])
def test_adjustment_finds_the_trend_that_was_put_in(
    shape: Callable[[list[Release]], list[Release]], a_year: int
) -> None:
    months, trend = made_up(range(2014, 2025))
    releases = shape(months)
    expected = {months[at].end: trend[at] for at in range(len(months))}
    found = adjust_series(releases, a_year, "CHN")
    assert {status for _, _, status, _ in found} == {"ok"}
    gaps = [math.log(float(value or 0) / item.months) - expected[item.end] for item, value, _, _ in found]
    level = sum(gaps) / len(gaps)
    # The season was 10 % wide and the festival took a quarter of a month; what is left is noise.
    assert max(abs(gap - level) for gap in gaps) < 0.02
    changes = np.diff(gaps)
    raw = np.diff([math.log(float(item.value or 0) / item.months) - expected[item.end] for item in releases])
    assert np.std(changes) < 0.012 < np.std(raw) / 4


def test_festival_is_used_where_it_matters_and_only_there() -> None:
    strong = adjust_series(made_up(range(2014, 2025))[0], 12, "CHN")
    none = adjust_series(made_up(range(2014, 2025), festival=0.0, noise=0.02, seed=7)[0], 12, "CHN")
    abroad = adjust_series(made_up(range(2014, 2025))[0], 12, "DEU")
    assert "New Year by regression" in (strong[0][3] or "")
    assert "New Year not significant" in (none[0][3] or "")
    assert "New Year" not in (abroad[0][3] or "")


def test_decomposition_is_that_of_statsmodels() -> None:
    """Without a festival: log value = adjusted + length of February + season of STL, to 1e-9."""
    releases, _ = made_up(range(2016, 2025), festival=0.0)
    found = adjust_series(releases, 12, "DEU")
    leap = np.array([math.log(item.days / item.mean_days) for item in releases])
    logs = np.array([math.log(float(item.value or 0)) for item in releases]) - leap
    season = STL(logs, period=12).fit().seasonal
    adjusted = np.array([math.log(float(value or 0)) for _, value, _, _ in found])
    assert np.max(np.abs(adjusted + season - logs)) < 1e-9


def test_adjustment_is_free_of_scale() -> None:
    releases, _ = made_up(range(2016, 2025))
    scaled = [
        Release(item.slot, item.months, item.start, item.end, item.scope, (item.value or Decimal(0)) * 1000)
        for item in releases
    ]
    once, thousand = adjust_series(releases, 12, "CHN"), adjust_series(scaled, 12, "CHN")
    for (_, value, _, _), (_, other, _, _) in zip(once, thousand, strict=True):
        assert float(other or 0) == pytest.approx(1000 * float(value or 0), rel=1e-7)


def test_fewer_than_five_years_are_not_adjusted() -> None:
    releases, _ = made_up(range(2020, 2025))
    assert {row[2] for row in adjust_series(releases, 12, "CHN")} == {"ok"}
    assert {row[1:] for row in adjust_series(releases[1:], 12, "CHN")} == {
        (None, "fewer_than_five_years", None)
    }


def test_nothing_is_adjusted_across_a_gap() -> None:
    releases, _ = made_up(range(2014, 2025))
    gap = releases[20]
    releases[20] = Release(gap.slot, 1, gap.start, gap.end, "x", None)
    found = adjust_series(releases, 12, "CHN")
    assert [row[2] for row in found] == [*["before_a_gap"] * 20, "not_held", *["ok"] * 111]
    assert len(last_run(releases)) == 111
    changed = [*releases[:60], *(Release(i.slot, 1, i.start, i.end, "y", i.value) for i in releases[60:])]
    assert len(last_run(changed)) == 72


def test_series_that_stays_seasonal_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    releases, _ = made_up(range(2014, 2025))
    monkeypatch.setattr(seasonal, "seasonality_p", lambda *_: 0.001)
    assert {row[1:] for row in adjust_series(releases, 12, "CHN")} == {(None, "residual_seasonality", None)}


def test_seasonality_test_tells_a_season_from_none() -> None:
    releases, trend = made_up(range(2014, 2025))
    seasons = np.array([item.slot % 12 for item in releases])
    logs = np.array([math.log(float(item.value or 0)) for item in releases])
    assert seasonal.seasonality_p(logs, seasons) < 1e-6
    assert seasonal.seasonality_p(np.array(trend), seasons) > 0.01


def test_festival_regressors_are_shares_less_their_mean() -> None:
    periods = [ends(2024, month) for month in range(1, 13)]
    table = new_year_regressors(periods)
    shares = table - new_year_regressors([ends(2023, month) for month in range(1, 13)])
    # 22 January 2023 and 10 February 2024: the week before and the holiday lie in one month each.
    assert shares[0, 0] == pytest.approx(-1) and shares[1, 0] == pytest.approx(1)
    assert shares[0, 1] == pytest.approx(-1) and shares[1, 1] == pytest.approx(1)
    assert np.allclose(table.sum(axis=0), 0)


def test_table_has_a_row_for_every_release() -> None:
    releases, _ = made_up(range(2018, 2025))
    with duckdb.connect() as connection:
        connection.execute("create schema raw")
        connection.execute("create schema intermediate")
        connection.execute(
            "create table intermediate.int_monthly_slot (source_id varchar, reporter_iso3 varchar, "
            "partner_iso3 varchar, flow varchar, product_id varchar, basis varchar, releases_a_year integer, "
            "slot integer, slot_months integer, period_start_date date, period_end_date date, "
            "product_scope varchar, value decimal(24,4), vintage varchar)"
        )
        for partner in ("WLD", "USA"):
            for item in releases:
                connection.execute(
                    "insert into intermediate.int_monthly_slot values "
                    "('s', 'CHN', ?, 'X', 'integrated_circuits', 'usd', 12, ?, 1, ?, ?, 'x', ?, 'latest')",
                    [partner, item.slot, item.start, item.end, item.value],
                )
        assert seasonal.build_seasonal(connection) == len(releases)
        counted = connection.execute(
            "select adjustment_status, count(adjusted_value), count(distinct partner_iso3) "
            "from raw.seasonal_adjustment group by 1"
        ).fetchall()
        assert counted == [("ok", len(releases), 1)]
