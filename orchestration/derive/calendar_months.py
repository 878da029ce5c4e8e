"""Working days of the months that series are held for, from the `holidays` library: raw.calendar_month.

A working day is a day that is no weekend and no public holiday, or a weekend day that was made a working
day to bridge a holiday (China's 调休). Days off of regions within an economy do not count. The library
knows make-up days only once a government has announced them, so years after the library's own release
are null with `calendar_not_known`; economies that it does not have are null with `no_calendar`.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator
from importlib.metadata import version

import duckdb
import holidays
from holidays.registry import COUNTRIES

# Last year whose make-up days the pinned release of `holidays` has; raise it with the pin.
KNOWN_THROUGH = 2026
LIBRARY = f"holidays {version('holidays')}"

# The library is asked by ISO 3166 code of two letters: some of three letters are a month or a weekday to it
# (MAR, SUN), which is why it calls Morocco MOR.
_LIBRARY_CODES = {entry[2]: entry[1] for entry in COUNTRIES.values()} | {"MAR": "MA"}

TABLE = """
create table if not exists raw.calendar_month (
    economy_iso3 varchar, month_start_date date, working_days integer,
    calendar_status varchar, library varchar
)
"""
Month = tuple[dt.date, int | None, str]


def build_calendar(connection: duckdb.DuckDBPyConnection) -> int:
    """Brings raw.calendar_month up to the reporters and years of int_trade_series; returns its rows."""
    connection.execute(TABLE)
    connection.execute("delete from raw.calendar_month where library <> ?", [LIBRARY])
    missing = connection.execute(
        "select distinct held.economy_iso3, held.year from ("
        "    select reporter_iso3 as economy_iso3, year from intermediate.int_trade_series"
        "    union select reporter_iso3, year - 1 from intermediate.int_trade_series"
        ") as held where not exists ("
        "    select 1 from raw.calendar_month as known where known.economy_iso3 = held.economy_iso3"
        "    and year(known.month_start_date) = held.year"
        ") order by 1, 2"
    ).fetchall()
    rows = [
        [economy, month, days, status, LIBRARY]
        for economy, year in missing
        for month, days, status in months_of(economy, year)
    ]
    if rows:
        connection.executemany("insert into raw.calendar_month values (?, ?, ?, ?, ?)", rows)
    (total,) = connection.execute("select count(*) from raw.calendar_month").fetchall()
    return int(total[0])


def months_of(economy_iso3: str, year: int) -> Iterator[Month]:
    """Twelve rows (first day, working days or None, ok | no_calendar | calendar_not_known)."""
    if year > KNOWN_THROUGH:
        yield from _unknown(year, "calendar_not_known")
        return
    code = _LIBRARY_CODES.get(economy_iso3)
    if code is None:
        yield from _unknown(year, "no_calendar")
        return
    calendar = holidays.country_holidays(code, years=year)
    for first, last in _months(year):
        yield first, calendar.get_working_days_count(first, last), "ok"


def _unknown(year: int, status: str) -> Iterator[Month]:
    for first, _ in _months(year):
        yield first, None, status


def _months(year: int) -> Iterable[tuple[dt.date, dt.date]]:
    starts = [dt.date(year, month, 1) for month in range(1, 13)] + [dt.date(year + 1, 1, 1)]
    return [(start, end - dt.timedelta(days=1)) for start, end in itertools.pairwise(starts)]


def new_year_days(first_year: int, last_year: int) -> list[dt.date]:
    """Chinese New Year's days (first day of the first lunar month) of the years, both included."""
    # The language is named: otherwise that of the machine's locale names the days.
    calendar = holidays.country_holidays("CHN", years=range(first_year, last_year + 1), language="en_US")
    return [
        min(day for day in calendar.get_named(_NEW_YEAR, lookup="icontains") if day.year == year)
        for year in range(first_year, last_year + 1)
    ]


_NEW_YEAR = "Spring Festival"
