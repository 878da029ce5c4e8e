"""Seasonal adjustment of monthly trade with the world: raw.seasonal_adjustment.

On logarithms: the length of February is taken out (as X-13's lpyear does), then the moving Chinese New Year
by regression, then the season by STL (Cleveland and others 1990, statsmodels). The New Year regressors are
those of the Census Bureau's genhol: the share of the days before, during and after the festival that falls
into a month, less the calendar month's long-run mean; they stay in only where they are jointly significant.
January-February as one release is one observation of the year's eleven, per month. Nothing is filled: a
series with fewer than five years without a gap is null with the reason, and so is one whose adjusted
changes of the newest five years still differ by season.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import duckdb

from orchestration.derive.calendar_months import new_year_days

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

YEARS_NEEDED = 5
# Days from the first day of the lunar year: the week before, the public holiday, to the Lantern Festival.
WINDOWS = ((-6, -1), (0, 6), (7, 14))
# Reporters whose factories or customs close for the festival; others keep their own calendar only.
NEW_YEAR_REPORTERS = frozenset({"CHN", "HKG", "MAC", "TWN", "S19", "KOR", "SGP", "MYS", "VNM"})
SIGNIFICANT = 0.05
SEASONAL = 0.01

TABLE = """
create or replace table raw.seasonal_adjustment (
    source_id varchar, reporter_iso3 varchar, partner_iso3 varchar, flow varchar, product_id varchar,
    basis varchar, slot integer, adjusted_value varchar, adjustment_status varchar, method varchar
)
"""
SERIES = """
select source_id, reporter_iso3, partner_iso3, flow, product_id, basis, releases_a_year, slot, slot_months,
    period_start_date, period_end_date, product_scope, value
from intermediate.int_monthly_slot
where vintage = 'latest' and partner_iso3 = 'WLD'
order by source_id, reporter_iso3, partner_iso3, flow, product_id, basis, slot
"""


@dataclass(frozen=True)
class Release:
    """One release of a series: its place, the months and days it covers, its value or None."""

    slot: int
    months: int
    start: dt.date
    end: dt.date
    scope: str | None
    value: Decimal | None

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def mean_days(self) -> float:
        """Days of the same months in a mean year, February having 28.25."""
        is_february = self.start.month <= 2 <= self.end.month
        return self.days if not is_february else self.days - self.end.day + 28.25

    @property
    def is_usable(self) -> bool:
        return self.value is not None and self.value > 0


def build_seasonal(connection: duckdb.DuckDBPyConnection) -> int:
    """Rebuilds raw.seasonal_adjustment from int_monthly_slot; one row per release; returns its rows."""
    held = connection.execute(SERIES).fetchall()
    rows: list[list[Any]] = []
    for key, group in itertools.groupby(held, key=lambda row: row[:7]):
        releases = [Release(row[7], row[8], row[9], row[10], row[11], row[12]) for row in group]
        for release, value, status, method in adjust_series(releases, key[6], key[1]):
            rows.append([*key[:6], release.slot, value, status, method])
    connection.execute("begin")
    connection.execute(TABLE)
    if rows:
        connection.executemany(
            "insert into raw.seasonal_adjustment values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows
        )
    connection.execute("commit")
    return len(rows)


def adjust_series(
    releases: Sequence[Release], a_year: int, reporter_iso3: str
) -> list[tuple[Release, str | None, str, str | None]]:
    """(release, adjusted value as text or None, status, method or None), in the order given.

    Status: ok, fewer_than_five_years, before_a_gap, not_held, residual_seasonality.
    """
    run = last_run(releases)
    if len(run) < YEARS_NEEDED * a_year:
        return [
            (item, None, "fewer_than_five_years" if item.is_usable else "not_held", None) for item in releases
        ]
    values, status, method = _adjust(run, a_year, reporter_iso3 in NEW_YEAR_REPORTERS)
    adjusted = dict(zip((item.slot for item in run), values, strict=True))
    return [
        (item, adjusted[item.slot], status, method)
        if item.slot in adjusted
        else (item, None, "before_a_gap" if item.is_usable else "not_held", None)
        for item in releases
    ]


def last_run(releases: Sequence[Release]) -> list[Release]:
    """The newest releases without a gap, a value that is not above zero, or a change of scope."""
    run: list[Release] = []
    for item in reversed(releases):
        if not item.is_usable:
            if run:
                break
            continue
        if run and (run[-1].scope != item.scope or run[-1].slot != item.slot + 1):
            break
        run.append(item)
    return run[::-1]


def _adjust(
    run: Sequence[Release], a_year: int, has_new_year: bool
) -> tuple[list[str | None], str, str | None]:
    import numpy as np
    import statsmodels
    from statsmodels.tsa.seasonal import STL

    logs = np.array(
        [np.log(float(item.value or 0) / item.months) - np.log(item.days / item.mean_days) for item in run]
    )
    method = (
        f"STL on logs (statsmodels {statsmodels.__version__}), {a_year} releases a year, length of February"
    )
    seasons = np.array([item.slot % a_year for item in run])
    if has_new_year:
        effect = _new_year_effect(logs, seasons, run)
        method += "; Chinese New Year " + ("not significant" if effect is None else "by regression")
        logs = logs if effect is None else logs - effect
    # Not robust: robust weights leave part of the season behind, which the test below would find.
    season = STL(logs, period=a_year).fit().seasonal
    adjusted = logs - season
    newest = slice(-YEARS_NEEDED * a_year, None)
    if seasonality_p(adjusted[newest], seasons[newest]) < SEASONAL:
        return [None] * len(run), "residual_seasonality", None
    texts: list[str | None] = [
        format(Decimal(float(np.exp(value)) * item.months).quantize(Decimal("0.0001")), "f")
        for value, item in zip(adjusted, run, strict=True)
    ]
    return texts, "ok", method


def _new_year_effect(logs: Floats, seasons: NDArray[np.int_], run: Sequence[Release]) -> Floats | None:
    """The festival's part of each log value, or None where the regressors are not jointly significant."""
    import numpy as np
    import statsmodels.api as sm

    regressors = new_year_regressors([(item.start, item.end) for item in run])
    changes = np.diff(regressors, axis=0)
    kept = [at for at in range(regressors.shape[1]) if np.ptp(changes[:, at]) > 1e-9]
    if not kept:
        return None
    design = np.hstack([changes[:, kept], _dummies(seasons[1:])])
    fit = sm.OLS(np.diff(logs), design).fit()
    constraints = np.eye(len(kept), design.shape[1])
    if not float(fit.f_test(constraints).pvalue) < SIGNIFICANT:
        return None
    effect: Floats = regressors[:, kept] @ fit.params[: len(kept)]
    return effect


def new_year_regressors(periods: Sequence[tuple[dt.date, dt.date]]) -> Floats:
    """genhol's regressors: share of each window in each period, less the mean of that part of the year."""
    import numpy as np

    first, last = periods[0][0].year, periods[-1][1].year
    # The dates come back after about 19 years: four such cycles give the long-run mean.
    every = {day.year: day for day in new_year_days(min(first, 1990), max(last, 2065))}
    table = np.zeros((len(periods), len(WINDOWS)))
    for row, (start, end) in enumerate(periods):
        for column, window in enumerate(WINDOWS):
            mean = float(np.mean([_share(every[year], window, start, end, year) for year in every]))
            table[row, column] = _share(every[start.year], window, start, end, start.year) - mean
    return table


def _share(new_year: dt.date, window: tuple[int, int], start: dt.date, end: dt.date, year: int) -> float:
    """Share of the window's days that fall into the months from `start` to `end`, in `year`."""
    days = [new_year + dt.timedelta(days=shift) for shift in range(window[0], window[1] + 1)]
    inside = [day for day in days if day.year == year and start.month <= day.month <= end.month]
    return len(inside) / len(days)


def seasonality_p(logs: Floats, seasons: NDArray[np.int_]) -> float:
    """p of the F test that mean changes are the same in every season."""
    import numpy as np
    import statsmodels.api as sm

    dummies = _dummies(seasons[1:])
    fit = sm.OLS(np.diff(logs), sm.add_constant(dummies[:, 1:])).fit()
    return float(fit.f_pvalue)


def _dummies(seasons: NDArray[np.int_]) -> Floats:
    import numpy as np

    table: Floats = (seasons[:, None] == np.unique(seasons)[None, :]).astype(np.float64)
    return table
