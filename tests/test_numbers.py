"""The marts' numbers, computed a second time from the raw CSV files: plain Python, Fractions, no SQL.

Belongs here: every number of the marts that can be had by another road, and the worked examples whose
answers stand in print. Nothing of the project is imported; where both roads are wrong in the same way,
the worked examples are what is left.
"""

from __future__ import annotations

import csv
import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
from helpers import RAW

UNITS: dict[str, tuple[str, int]] = {
    "100m USD": ("usd", 10**8),
    "USD bn": ("usd", 10**9),
    "10k USD": ("usd", 10**4),
    "100m CNY": ("cny", 10**8),
    "100m pcs": ("quantity", 10**8),
    "100m units": ("quantity", 10**8),
    "10k units": ("quantity", 10**4),
    "million units": ("quantity", 10**6),
}
GROWTH_OF = {"yoy_value_usd": "usd", "yoy_value_cny": "cny", "yoy_qty": "quantity"}
PARTNERS = {"value_to_hong_kong": "HKG", "value_to_vietnam": "VNM", "value_to_usa": "USA"}
KINDS = {
    "as_first_published": 1,
    "as_first_published_that_year": 1,
    "revised_base_in_2025-12_table": 2,
    "secondary": 3,
}
EXPRESS_PRODUCTS = {"集成电路": "integrated_circuits", "手机": "mobile_phones"}
EXPRESS_UNITS = {"亿个": 10**8, "万台": 10**4}
FIRST, REVISED, SECONDARY = 1, 2, 3

Series = tuple[str, str, str, str]  # partner, flow, product, basis
Period = tuple[str, int, int]  # grain, year, last month


@dataclass(frozen=True)
class Print:
    """One figure of one release: a level, or a growth in per cent (`is_growth`)."""

    series: Series
    period: Period
    is_growth: bool
    value: Fraction
    half: Fraction
    kind: int
    release: str
    place: tuple[int, str, int]

    @property
    def low(self) -> Fraction:
        return self.value - self.half

    @property
    def high(self) -> Fraction:
        return self.value + self.half


def half_of(text: str) -> Fraction:
    """Half of the last digit that counts; zeros at the end of an integer do not."""
    whole, _, decimals = text.partition(".")
    if decimals:
        return Fraction(1, 2 * 10 ** len(decimals))
    return Fraction(10 ** (len(whole) - len(whole.rstrip("0"))), 2)


def half_of_change(text: str) -> Fraction:
    """The same for a percentage, whose units always count: 20 is 19.5 to 20.5."""
    return half_of(text) if "." in text else Fraction(1, 2)


def rows_of(pattern: str) -> Iterator[tuple[Path, int, dict[str, str]]]:
    paths = sorted(RAW.glob(pattern))
    assert paths, pattern
    for path in paths:
        with path.open(encoding="utf-8", newline="") as lines:
            for number, row in enumerate(csv.DictReader(lines), start=2):
                yield path, number, row


def grains(period_type: str, month: int) -> list[str]:
    """What a figure is a figure of: a year to date of 1, 2 or 12 months is also a period of its own."""
    if period_type != "ytd":
        return ["A" if period_type == "annual" else "M"]
    return ["YTD", *{1: ["M"], 2: ["JF"], 12: ["A"]}.get(month, [])]


def announced() -> Iterator[Print]:
    for path, number, row in rows_of("customs/gacc/*/announced.csv"):
        kind = KINDS.get(row["vintage"])
        measure = row["measure"]
        if kind is None or measure in ("yoy_value", "streak_months_yoy_growth"):
            continue
        is_growth = measure in GROWTH_OF
        basis, scale = (GROWTH_OF[measure], 1) if is_growth else UNITS[row["unit"]]
        year, _, month = row["period"].partition("-")
        for grain in grains(row["period_type"], int(month or 12)):
            yield Print(
                (PARTNERS.get(measure, "WLD"), row["flow"], row["commodity"], basis),
                (grain, int(year), int(month or 12)),
                is_growth,
                Fraction(row["value"]) * scale,
                half_of_change(row["value"]) if is_growth else half_of(row["value"]) * scale,
                kind,
                path.parent.name,
                (1, path.name, number),
            )


def express() -> Iterator[Print]:
    for path, number, row in rows_of("customs/gacc/*/express_cny.csv"):
        product, pieces = EXPRESS_PRODUCTS[row["commodity_cn"]], EXPRESS_UNITS[row["unit"]]
        year, month = (int(part) for part in row["period"].split("-"))
        cells = [
            ("current_qty", "month", 0, "quantity", pieces, FIRST),
            ("current_amount_100m_cny", "month", 0, "cny", 10**8, FIRST),
            ("ytd_qty", "ytd", 0, "quantity", pieces, FIRST),
            ("ytd_amount_100m_cny", "ytd", 0, "cny", 10**8, FIRST),
            ("ytd_last_year_qty", "ytd", 1, "quantity", pieces, REVISED),
            ("ytd_last_year_amount_100m_cny", "ytd", 1, "cny", 10**8, REVISED),
            ("yoy_ytd_qty_pct", "ytd", 0, "quantity", 0, FIRST),
            ("yoy_ytd_amount_pct", "ytd", 0, "cny", 0, FIRST),
        ]
        for column, period_type, back, basis, scale, kind in cells:
            if not (text := row[column]):
                continue
            half = half_of(text) * scale if scale else Fraction(1, 20)
            for grain in grains(period_type, month):
                yield Print(
                    ("WLD", "X", product, basis),
                    (grain, year - back, month),
                    not scale,
                    Fraction(text) * (scale or 1),
                    half,
                    kind,
                    path.parent.name,
                    (0, path.name, number),
                )


@cache
def speakers() -> dict[tuple[Series, Period, bool], list[Print]]:
    """Per figure the print that speaks for each release, the oldest release first."""
    by_release: dict[tuple[Any, ...], list[Print]] = defaultdict(list)
    for item in itertools.chain(announced(), express()):
        by_release[item.series, item.period, item.is_growth, item.release].append(item)
    chosen: dict[tuple[Series, Period, bool], list[Print]] = defaultdict(list)
    for (series, period, is_growth, _), prints in sorted(by_release.items()):
        chosen[series, period, is_growth].append(min(prints, key=lambda p: (p.kind, p.half, p.place)))
    return dict(chosen)


def first(prints: Sequence[Print]) -> Print | None:
    return next((item for item in prints if item.kind == FIRST), None)


@cache
def levels(vintage: str) -> dict[tuple[Series, Period], Print]:
    held = {}
    for (series, period, is_growth), prints in speakers().items():
        chosen = prints[-1] if vintage == "latest" else first(prints)
        if chosen and not is_growth:
            held[series, period] = chosen
    return held


def change(value: Fraction, base: Fraction) -> Fraction:
    return 100 * (value / base - 1)


@cache
def bands() -> dict[str, tuple[Fraction, Fraction]]:
    """How far first prints are known to move, nearest ends of the intervals, values and quantities apart."""
    lows: dict[str, list[Fraction]] = defaultdict(lambda: [Fraction(0)])
    highs: dict[str, list[Fraction]] = defaultdict(lambda: [Fraction(0)])
    for (series, _, is_growth), prints in speakers().items():
        start = first(prints)
        for later in prints:
            if is_growth or start is None or later.kind == SECONDARY or later.release <= start.release:
                continue
            kind = "quantity" if series[3] == "quantity" else "value"
            lows[kind].append(change(later.high, start.low))
            highs[kind].append(change(later.low, start.high))
    return {kind: (min(lows[kind]), max(highs[kind])) for kind in lows}


def implied_base(value: Print, growth: Print) -> tuple[Fraction, Fraction]:
    return value.low / (1 + growth.high / 100), value.high / (1 + growth.low / 100)


def judged(value: Print, base: Print | None, growth: Print | None) -> str:
    """Whether a printed growth fits the printed levels, decided with Fractions only."""
    if growth is None:
        return "not_published"
    if base is None:
        return "no_base"
    if change(value.low, base.high) <= growth.high and growth.low <= change(value.high, base.low):
        return "consistent"
    low, high = implied_base(value, growth)
    band_low, band_high = bands()["quantity" if value.series[3] == "quantity" else "value"]
    fits = change(low, base.high) <= band_high and change(high, base.low) >= band_low
    return "explained_by_revision" if fits else "inconsistent"


def exactly(value: Any) -> Fraction | None:
    return None if value is None else Fraction(value)


def near(found: Any, expected: Fraction | float | None, within: float = 1e-9) -> bool:
    if found is None or expected is None:
        return found is None and expected is None
    return math.isclose(float(found), float(expected), rel_tol=within, abs_tol=within)


def records(connection: duckdb.DuckDBPyConnection, table: str, where: str) -> list[dict[str, Any]]:
    cursor = connection.execute(f"select * from marts.{table} where {where}")
    names = [item[0] for item in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def series_of(row: dict[str, Any]) -> Series:
    return row["partner_iso3"], row["flow"], row["product_id"], row["basis"]


def period_of(row: dict[str, Any]) -> Period:
    return row["period_grain"], row["year"], row["period_end_date"].month


def assert_growth(row: dict[str, Any], series: Series, period: Period) -> None:
    """One row of a growth mart against its figures."""
    grain, year, month = period
    held = levels(row["vintage"])
    value, base = held[series, period], held.get((series, (grain, year - 1, month)))
    growths = speakers().get((series, period, True), [])
    beside = next((item for item in growths if item.release == value.release), None)
    growth = beside or (growths[-1] if growths else None)
    assert exactly(row["value"]) == value.value, row
    assert exactly(row["base_value"]) == (base and base.value), row
    assert near(row["growth_yoy_pct"], base and change(value.value, base.value)), row
    mixed = base and (value.kind, base.kind) == (REVISED, FIRST)
    assert row["growth_status"] == ("base_not_revised" if mixed else "ok" if base else "no_base"), row
    assert exactly(row["published_growth_pct"]) == (growth and growth.value), row
    expected = judged(value, base, growth) if beside or not growth else "printed_beside_another_value"
    assert row["published_growth_status"] == expected, row
    if beside is None:
        assert row["implied_base_low"] is None and row["implied_base_high"] is None
        return
    low, high = implied_base(value, growth)
    # Bounds are rounded outwards to whole units; a double may miss an integer by one.
    assert 0 <= low - exactly(row["implied_base_low"]) + Fraction(1, 1000) <= Fraction(1002, 1000), row
    assert 0 <= exactly(row["implied_base_high"]) - high + Fraction(1, 1000) <= Fraction(1002, 1000), row


@pytest.mark.parametrize("vintage", ["first", "latest"])
def test_every_yearly_growth_of_china_customs(connection: duckdb.DuckDBPyConnection, vintage: str) -> None:
    rows = records(connection, "fct_trade_growth_yearly", f"source_id = 'gacc' and vintage = '{vintage}'")
    for row in rows:
        value = levels(vintage)[series_of(row), ("A", row["year"], 12)]
        assert_growth(row, series_of(row), ("A", row["year"], 12))
        base = levels(vintage).get((series_of(row), ("A", row["year"] - 1, 12)))
        assert near(row["growth_low_pct"], base and change(value.low, base.high)), row
        assert near(row["growth_high_pct"], base and change(value.high, base.low)), row
        assert row["release_id"] == f"gacc/{value.release}", row
    expected = sorted((series, period[1]) for series, period in levels(vintage) if period[0] == "A")
    assert sorted((series_of(row), row["year"]) for row in rows) == expected


@pytest.mark.parametrize("vintage", ["first", "latest"])
def test_every_year_to_date_growth_of_china_customs(
    connection: duckdb.DuckDBPyConnection, vintage: str
) -> None:
    rows = records(
        connection,
        "fct_trade_growth_monthly",
        f"source_id = 'gacc' and vintage = '{vintage}' and period_grain = 'YTD'",
    )
    for row in rows:
        assert_growth(row, series_of(row), period_of(row))
    expected = sorted(key for key in levels(vintage) if key[1][0] == "YTD")
    assert sorted((series_of(row), period_of(row)) for row in rows) == expected


@dataclass(frozen=True)
class Slot:
    """One release of monthly figures as the loop below sees it."""

    value: Fraction | None
    base: Fraction | None
    rolling: Fraction | None
    rolling_growth: Fraction | None
    months: int | None
    releases: int | None
    status: str
    is_derived: bool
    base_is_derived: bool


@cache
def slots_of(series: Series, vintage: str) -> dict[Period, Slot]:
    """January-February as one slot, then March to December; a loop over what is held."""
    held = levels(vintage)
    values: dict[tuple[int, int], Fraction | None] = {}
    printed_in: dict[tuple[int, int], str] = {}
    derived: set[tuple[int, int]] = set()
    for (of, (grain, year, month)), item in held.items():
        if of == series and (grain == "JF" or (grain == "M" and month >= 3)):
            values[year, month] = item.value
            printed_in[year, month] = item.release
    if not values:
        return {}
    start, end = min(values), max(values)
    every = [(y, m) for y in range(start[0], end[0] + 1) for m in range(2, 13) if start <= (y, m) <= end]
    for year, month in every:
        now = held.get((series, ("YTD", year, month)))
        before = held.get((series, ("YTD", year, month - 1)))
        # Only the newest years to date are held against one another: first prints are of many dates.
        if vintage == "latest" and month >= 3 and now and before:
            newer = min(now.release, before.release) > printed_in.get((year, month), "")
            if newer:
                values[year, month] = now.value - before.value
                derived.add((year, month))
    found: dict[Period, Slot] = {}
    months = releases = 0
    status, last_eleven = "at_least", []
    sums: dict[tuple[int, int], Fraction | None] = {}
    for year, month in every:
        value, base = values.get((year, month)), values.get((year - 1, month))
        marks = ((year, month) in derived, (year - 1, month) in derived)
        last_eleven = [*last_eleven, value][-11:]
        whole = len(last_eleven) == 11 and None not in last_eleven
        rolling = Fraction(sum(item for item in last_eleven if item is not None)) if whole else None
        sums[year, month] = rolling
        rolling_base = sums.get((year - 1, month))
        rolled = (rolling, change(rolling, rolling_base) if rolling and rolling_base else None)
        if value is None or base is None:
            months = releases = 0
            status = "at_least"
            found["JF" if month == 2 else "M", year, month] = Slot(
                value, base, *rolled, None, None, "unknown", *marks
            )
            continue
        if value > base:
            months, releases = months + (2 if month == 2 else 1), releases + 1
        else:
            months = releases = 0
            status = "complete"
        found["JF" if month == 2 else "M", year, month] = Slot(
            value, base, *rolled, months, releases, status if releases else "none", *marks
        )
    return found


@pytest.mark.parametrize("vintage", ["first", "latest"])
@pytest.mark.parametrize("basis", ["cny", "usd", "quantity"])
def test_every_streak_and_twelve_month_sum(
    connection: duckdb.DuckDBPyConnection, vintage: str, basis: str
) -> None:
    rows = records(
        connection,
        "fct_trade_growth_monthly",
        f"source_id = 'gacc' and basis = '{basis}' and vintage = '{vintage}' and "
        "(period_grain = 'JF' or (period_grain = 'M' and month(period_end_date) >= 3))",
    )
    expected = {
        (series, period): slot
        for series in sorted({series for series, _ in levels(vintage) if series[3] == basis})
        for period, slot in slots_of(series, vintage).items()
    }
    assert {(series_of(row), period_of(row)) for row in rows} == set(expected)
    for row in rows:
        slot = expected[series_of(row), period_of(row)]
        assert exactly(row["value"]) == slot.value, row
        assert exactly(row["base_value"]) == slot.base, row
        assert exactly(row["rolling_12m_value"]) == slot.rolling, row
        assert near(row["rolling_12m_growth_pct"], slot.rolling_growth), row
        streak = (row["streak_months"], row["streak_releases"], row["streak_status"])
        assert streak == (slot.months, slot.releases, slot.status), row
        growth = change(slot.value, slot.base) if slot.value is not None and slot.base else None
        assert near(row["growth_yoy_pct"], growth), row


def test_every_compound_growth_of_china_customs(connection: duckdb.DuckDBPyConnection) -> None:
    rows = records(connection, "fct_trade_cagr", "source_id = 'gacc'")
    expected = {
        (vintage, series, start[1], end[1]): (a, b)
        for vintage in ("first", "latest")
        for (series, start), a in levels(vintage).items()
        for (other, end), b in levels(vintage).items()
        if series == other and start[0] == end[0] == "A" and start[1] < end[1]
    }
    keys = [(row["vintage"], series_of(row), row["start_year"], row["end_year"]) for row in rows]
    assert sorted(keys) == sorted(expected)
    for key, row in zip(keys, rows, strict=True):
        first, last = expected[key]
        start, end = first.value, last.value
        years = key[3] - key[2]
        again = 100 * (float((Decimal(int(end)) / Decimal(int(start))) ** (Decimal(1) / years)) - 1)
        assert (exactly(row["start_value"]), exactly(row["end_value"])) == (start, end)
        is_mixed = (last.kind, first.kind) == (REVISED, FIRST)
        assert row["years_elapsed"] == years, row
        assert row["cagr_status"] == ("base_not_revised" if is_mixed else "ok"), row
        assert near(row["cagr_pct"], again), row
        assert near(row["growth_total_pct"], change(end, start)), row


def test_every_comparison_of_products(connection: duckdb.DuckDBPyConnection) -> None:
    rows = records(connection, "fct_product_comparison", "source_id = 'gacc'")
    expected = {}
    for vintage in ("first", "latest"):
        held = levels(vintage)
        for (series, period), a in held.items():
            partner, flow, product, basis = series
            b = held.get(((partner, flow, "mobile_phones", basis), period))
            if product == "integrated_circuits" and basis != "quantity" and b:
                expected[vintage, series, period] = (a, b)
    keys = [
        (row["vintage"], series_of({**row, "product_id": row["product_a"]}), period_of(row)) for row in rows
    ]
    assert len(keys) == len(set(keys)) and set(keys) == set(expected)
    for key, row in zip(keys, rows, strict=True):
        a, b = expected[key]
        leader = row["product_a"] if a.low > b.high else row["product_b"] if b.low > a.high else None
        assert (exactly(row["value_a"]), exactly(row["value_b"])) == (a.value, b.value)
        assert near(row["ratio"], a.value / b.value), row
        assert row["leader"] == leader, row
        assert row["leader_status"] == ("ok" if leader else "within_rounding"), row


@cache
def comtrade() -> dict[tuple[str, int], Fraction]:
    """Exports of integrated circuits to the world by reporter and year, US dollars."""
    codes = {row["comtrade_code"]: row["economy_iso3"] for _, _, row in rows_of("reference/economies.csv")}
    aliases = "reference/comtrade_code_aliases.csv"
    codes |= {row["comtrade_code"]: row["economy_iso3"] for _, _, row in rows_of(aliases)}
    held: dict[tuple[str, int], Fraction] = {}
    for _, _, row in rows_of("customs/comtrade/*/*.csv"):
        assert (row["cmdCode"], row["flowCode"], row["partnerCode"]) == ("8542", "X", "0")
        key = codes[row["reporterCode"]], int(row["period"])
        assert key not in held
        held[key] = Fraction(row["primaryValue"])
    return held


def test_every_yearly_growth_of_comtrade(connection: duckdb.DuckDBPyConnection) -> None:
    for vintage in ("first", "latest"):
        where = f"source_id = 'comtrade' and vintage = '{vintage}'"
        rows = records(connection, "fct_trade_growth_yearly", where)
        assert {(row["reporter_iso3"], row["year"]) for row in rows} == set(comtrade())
        assert len(rows) == len(comtrade())
        for row in rows:
            value = comtrade()[row["reporter_iso3"], row["year"]]
            base = comtrade().get((row["reporter_iso3"], row["year"] - 1))
            assert (exactly(row["value"]), exactly(row["base_value"])) == (value, base), row
            assert near(row["growth_yoy_pct"], base and change(value, base)), row


@pytest.mark.parametrize("vintage", ["first", "latest"])
def test_every_comparison_of_sources(connection: duckdb.DuckDBPyConnection, vintage: str) -> None:
    """China's customs beside UN Comtrade, for every year that both hold in dollars."""
    expected = {}
    for (series, (grain, year, _)), print_ in levels(vintage).items():
        there = comtrade().get(("CHN", year))
        if series == ("WLD", "X", "integrated_circuits", "usd") and grain == "A" and there is not None:
            expected[year] = (there, print_.value, print_.half)
    rows = records(connection, "fct_source_comparison", f"vintage = '{vintage}'")
    assert {row["year"] for row in rows} == set(expected) and len(rows) == len(expected) > 5
    for row in rows:
        there, here, half = expected[row["year"]]
        assert (row["source_a"], row["source_b"], row["period_grain"]) == ("comtrade", "gacc", "A")
        assert (exactly(row["value_a_usd"]), exactly(row["value_b_usd"])) == (there, here), row
        assert exactly(row["difference_usd"]) == here - there, row
        assert exactly(row["difference_low_usd"]) == here - there - half, row
        assert exactly(row["difference_high_usd"]) == here - there + half, row
        assert near(row["difference_pct"], change(here, there)), row
        assert row["scope_status"] == "scopes_differ", row


def test_every_comparison_of_articles_as_worked_by_hand(connection: duckdb.DuckDBPyConnection) -> None:
    """160 is 155 to 165 or 159.5 to 160.5, 159.5 is 159.45 to 159.55, about 100 is no more than 150."""
    found = connection.execute(
        "select claim_a, claim_b, pairs_of_readings, overlapping_pairs, agreement "
        "from marts.fct_article_comparison order by claim_a, claim_b"
    ).fetchall()
    assert found == [
        ("A-3", "A-4", 3, 0, "differs"),
        ("B-1", "B-13", 2, 1, "agrees_in_some_reading"),
        ("B-1", "B-4", 4, 4, "agrees"),
        ("B-1", "B-5", 2, 2, "agrees"),
        ("B-13", "B-4", 2, 1, "agrees_in_some_reading"),
        ("B-13", "B-5", 1, 1, "agrees"),
        ("B-4", "B-5", 2, 2, "agrees"),
    ]


def test_every_share_of_comtrade(connection: duckdb.DuckDBPyConnection) -> None:
    rows = records(connection, "fct_trade_share_yearly", "source_id = 'comtrade'")
    years = {year for _, year in comtrade()}
    always = {reporter for reporter, _ in comtrade() if all((reporter, year) in comtrade() for year in years)}
    assert {(row["reporter_iso3"], row["year"]) for row in rows} == set(comtrade())
    assert len(always) == 18 and len(rows) == 260
    for row in rows:
        year, reporter = row["year"], row["reporter_iso3"]
        world = {of: value for (of, when), value in comtrade().items() if when == year}
        sample = sum(value for of, value in world.items() if of in always)
        value = world[reporter]
        assert exactly(row["world_value_usd"]) == sum(world.values()), row
        assert row["reporters_in_world"] == len(world) == (18 if year == 2024 else 22), row
        assert near(row["share_pct"], 100 * value / sum(world.values())), row
        assert near(row["constant_sample_share_pct"], 100 * value / sample if reporter in always else None), (
            row
        )


Shares = dict[tuple[str, str], dict[str, dict[int, str]]]


@cache
def capacity() -> Shares:
    """Printed shares by edition and scope, economy and year."""
    names = {row["alias"]: row["economy_iso3"] for _, _, row in rows_of("reference/economy_aliases.csv")}
    held: Shares = {}
    for path, _, row in rows_of("industry/*/*/capacity_share.csv"):
        edition = f"{path.parents[1].name}/{path.parent.name}"
        economies = held.setdefault((edition, row["scope"]), {})
        economies.setdefault(names[row["region"]], {})[int(row["year"])] = row["share_pct"]
    return held


def crossing(t0: int, t1: int, ends: Iterable[Fraction]) -> Fraction | None:
    """Where the line from a0 to a1 meets that from b0 to b1; none outside the years."""
    a0, a1, b0, b1 = ends
    closing = (a1 - a0) - (b1 - b0)
    if closing <= 0:
        return None
    year = t0 + (t1 - t0) * (b0 - a0) / closing
    return year if t0 <= year <= t1 else None


def test_every_crossover_and_its_sixteen_corners(connection: duckdb.DuckDBPyConnection) -> None:
    rows = records(connection, "fct_capacity_crossover", "true")
    found = {(r["edition_id"], r["scope"], r["economy_iso3"], r["other_economy_iso3"]): r for r in rows}
    assert len(found) == len(rows)
    pairs = 0
    for (edition, scope), economies in capacity().items():
        for a, b in itertools.permutations(economies, 2):
            years = sorted(economies[a])
            if len(years) < 2 or [years[0], years[-1]] != [min(economies[b]), max(economies[b])]:
                continue
            t0, t1 = years[0], years[-1]
            printed = [economies[a][t0], economies[a][t1], economies[b][t0], economies[b][t1]]
            if Fraction(printed[0]) >= Fraction(printed[2]):
                continue
            pairs += 1
            row = found[edition, scope, a, b]
            # A share is printed to the unit: 40 is 39.5 to 40.5.
            halves = [half_of(text) if "." in text else Fraction(1, 2) for text in printed]
            ends = [Fraction(text) for text in printed]
            corners = [
                crossing(
                    t0, t1, (end + sign * half for end, sign, half in zip(ends, signs, halves, strict=True))
                )
                for signs in itertools.product((-1, 1), repeat=4)
            ]
            assert len(corners) == 16
            held = [corner for corner in corners if corner is not None]
            if len(held) == 16:
                assert row["crossover_status"] == "ok"
                assert near(row["crossover_year"], crossing(t0, t1, ends), 1e-12)
                assert near(row["crossover_year_low"], min(held), 1e-12)
                assert near(row["crossover_year_high"], max(held), 1e-12)
            else:
                assert row["crossover_status"] != "ok"
                assert row["crossover_year_low"] is None and row["crossover_year_high"] is None
                assert (row["crossover_status"] == "no_crossover") == (not held)
    assert pairs == len(rows) == 4


def one(connection: duckdb.DuckDBPyConnection, table: str, where: str) -> dict[str, Any]:
    (row,) = records(connection, table, where)
    return row


IC_EXPORTS = (
    "source_id = 'gacc' and product_id = 'integrated_circuits' and flow = 'X' and partner_iso3 = 'WLD'"
)


@pytest.mark.parametrize(
    ("year", "basis", "vintage", "growth"),
    [
        (2023, "usd", "first", -11.66),
        (2024, "usd", "first", 17.302),
        (2024, "cny", "first", 18.645),
        (2025, "cny", "latest", 27.406),
    ],
)
def test_yearly_growth_as_worked_by_hand(
    connection: duckdb.DuckDBPyConnection, year: int, basis: str, vintage: str, growth: float
) -> None:
    where = f"{IC_EXPORTS} and year = {year} and basis = '{basis}' and vintage = '{vintage}'"
    row = one(connection, "fct_trade_growth_yearly", where)
    decimals = len(str(growth).partition(".")[2])
    assert round(row["growth_yoy_pct"], decimals) == growth


def test_other_numbers_as_worked_by_hand(connection: duckdb.DuckDBPyConnection) -> None:
    cagr = one(
        connection,
        "fct_trade_cagr",
        f"{IC_EXPORTS} and basis = 'usd' and vintage = 'first' and start_year = 2019 and end_year = 2024",
    )
    assert round(cagr["cagr_pct"], 3) == 9.444
    crossover = one(connection, "fct_capacity_crossover", "edition_id = 'trendforce/2025-01-31'")
    assert crossover["crossover_year"] == pytest.approx(2025.35, abs=1e-9)
    assert crossover["crossover_year_low"] == pytest.approx(2025.2, abs=1e-9)
    assert crossover["crossover_year_high"] == pytest.approx(2025.5, abs=1e-9)
    growth = one(
        connection,
        "fct_trade_growth_yearly",
        f"{IC_EXPORTS} and year = 2024 and basis = 'usd' and vintage = 'first'",
    )
    assert round(growth["implied_base_low"] / 10**9, 3) == Decimal("135.801")
    assert round(growth["implied_base_high"] / 10**9, 3) == Decimal("135.918")
    assert growth["published_growth_status"] == "explained_by_revision"
    first_months = one(
        connection,
        "fct_trade_growth_monthly",
        f"{IC_EXPORTS} and year = 2026 and period_grain = 'JF' and basis = 'cny' and vintage = 'latest'",
    )
    assert round(first_months["growth_yoy_pct"], 1) == 68.9
    assert first_months["published_growth_status"] == "consistent"
    ratio = one(
        connection,
        "fct_product_comparison",
        "source_id = 'gacc' and flow = 'X' and year = 2024 and period_grain = 'A' and basis = 'usd' "
        "and vintage = 'first'",
    )
    assert round(ratio["ratio"], 3) == 1.187
    assert ratio["difference"] == 25_136_000_000 and ratio["leader"] == "integrated_circuits"


@dataclass(frozen=True)
class Triple:
    """Two printed levels and the printed growth between them, with the answers as published.

    `status` is the mart's when raw/ holds these very figures, else None.
    """

    name: str
    value: str
    base: str
    stated: str
    low: str
    high: str
    compatible: bool
    base_low: str
    base_high: str
    where: str
    status: str | None


TRIPLES = [
    Triple(
        "exports in USD 2024",
        *("159.499", "135.973", "17.4", "17.301", "17.303", False, "135.801", "135.918"),
        "flow = 'X' and basis = 'usd' and year = 2024",
        "explained_by_revision",
    ),
    Triple(
        "imports in USD 2024",
        *("385", "349.4", "10.4", "10.03", "10.35", False, "348.1", "349.3"),
        "flow = 'M' and basis = 'usd' and year = 2024",
        "explained_by_revision",
    ),
    Triple(
        "imports in USD 2023",
        *("349.4", "415.579", "-15.4", "-15.94", "-15.91", False, "412.7", "413.3"),
        "flow = 'M' and basis = 'usd' and year = 2023",
        "explained_by_revision",
    ),
    # raw/ also holds 4795.6 for 2023, which is finer and speaks: the next two differ from the mart's.
    Triple(
        "imports in units 2023",
        *("4795", "5384", "-10.8", "-10.96", "-10.92", False, "5372", "5379"),
        "flow = 'M' and basis = 'quantity' and year = 2023",
        None,
    ),
    Triple(
        "imports in units 2024",
        *("5492", "4795", "14.6", "14.51", "14.56", True, "4790", "4795"),
        "flow = 'M' and basis = 'quantity' and year = 2024",
        None,
    ),
    Triple(
        "exports in units 2023",
        *("2678", "2734", "-1.8", "-2.08", "-2.01", False, "2725", "2729"),
        "flow = 'X' and basis = 'quantity' and year = 2023",
        "explained_by_revision",
    ),
    Triple(
        "phone exports in units 2023",
        *("8.02", "8.22", "-2", "-2.55", "-2.31", True, "8.14", "8.23"),
        "flow = 'X' and basis = 'quantity' and year = 2023 and product_id = 'mobile_phones'",
        "consistent",
    ),
]


def to_places(value: Fraction, like: str) -> Decimal:
    """Rounded to as many decimals as `like` shows."""
    return round(Decimal(value.numerator) / Decimal(value.denominator), len(like.partition(".")[2]))


@pytest.mark.parametrize("triple", TRIPLES, ids=lambda triple: triple.name)
def test_published_triple(connection: duckdb.DuckDBPyConnection, triple: Triple) -> None:
    def read(text: str) -> tuple[Fraction, Fraction]:
        return Fraction(text) - half_of(text), Fraction(text) + half_of(text)

    (low, high), (base_low, base_high), (said_low, said_high) = map(
        read, (triple.value, triple.base, triple.stated)
    )
    growth = change(low, base_high), change(high, base_low)
    assert (to_places(growth[0], triple.low), to_places(growth[1], triple.high)) == (
        Decimal(triple.low),
        Decimal(triple.high),
    )
    assert (growth[0] <= said_high and said_low <= growth[1]) is triple.compatible
    implied = low / (1 + said_high / 100), high / (1 + said_low / 100)
    assert (to_places(implied[0], triple.base_low), to_places(implied[1], triple.base_high)) == (
        Decimal(triple.base_low),
        Decimal(triple.base_high),
    )
    product = "" if "product_id" in triple.where else " and product_id = 'integrated_circuits'"
    row = one(
        connection,
        "fct_trade_growth_yearly",
        f"source_id = 'gacc' and partner_iso3 = 'WLD' and vintage = 'first' and {triple.where}{product}",
    )
    is_held = all(
        Fraction(row[column]) == Fraction(text) * 10 ** (9 if row["basis"] == "usd" else 8)
        for column, text in (("value", triple.value), ("base_value", triple.base))
    )
    assert is_held is (triple.status is not None)
    if is_held:
        assert row["published_growth_status"] == triple.status
        assert row["published_growth_pct"] == Decimal(triple.stated)
