"""Growth, contribution, price and share marts over rich made-up data, computed again from what was made.

Belongs here: the whole way from files in the offices' layouts to the published marts, in Fractions, over
`made_trade`. Nothing of the project is imported; the files are not read again. What stands on the shipped
files alone is in test_numbers and test_growth_numbers, the shares and comparisons over made flows in
test_comparison_marts.
"""

from __future__ import annotations

import csv
import itertools
import math
import shutil
import statistics
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import made_trade
import pytest
from helpers import RAW, built_once, copy_raw, refreshed
from made_trade import FIRST, REVISED, Cell, Key, codes_of, edition_of
from test_null_reasons import unexplained

pytestmark = pytest.mark.slow

PHONES = "HS 851712 (from HS 2022 851713+14)"
# product -> heading that speaks where it is held, scope
HEADINGS = {"integrated_circuits": "8542", "semiconductor_devices": "8541"}
Series = tuple[str, str, str, str]  # reporter, partner, flow, product
Period = tuple[str, int, int]  # grain, year, last month


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file over what ships, less China's prints of 2020 to 2025, and over what was made."""

    def build(folder: Path) -> str:
        raw = copy_raw(folder.with_name("made_raw"))
        # China's real prints of the same periods would revise the made-up ones, which are far smaller.
        for release in (raw / "customs" / "gacc").iterdir():
            if "2020-02-01" < release.name < "2026-03-01":
                shutil.rmtree(release)
        (raw / "corrections.yml").unlink()
        made_trade.write(trade(), raw)
        return refreshed(folder, {"CHIPLEDGER_RAW": str(raw)})

    home = built_once(tmp_path_factory, "made_trade", build)
    with duckdb.connect(str(home / "current" / "chipledger.duckdb"), read_only=True) as opened:
        yield opened


@cache
def trade() -> made_trade.Rich:
    return made_trade.make()


def records(connection: duckdb.DuckDBPyConnection, table: str, where: str) -> list[dict[str, Any]]:
    cursor = connection.execute(f"select * from marts.{table} where {where}")
    names = [item[0] for item in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def near(found: Any, expected: Fraction | float | None, within: float = 1e-9) -> bool:
    if found is None or expected is None:
        return found is None and expected is None
    return math.isclose(float(found), float(expected), rel_tol=within, abs_tol=within)


def change(value: Fraction, base: Fraction) -> Fraction:
    return 100 * (value / base - 1)


# --- the figures, as the marts should hold them ---


@cache
def shipped() -> dict[int, dict[str, Fraction]]:
    """Yearly world exports of heading 8542 that ship with the project: newer than anything made here."""
    held: dict[int, dict[str, Fraction]] = defaultdict(dict)
    for path in sorted(RAW.glob("customs/comtrade/*/*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                reporter = {"S19": "TWN"}.get(row["reporterISO"], row["reporterISO"])
                held[int(row["period"])][reporter] = Fraction(row["primaryValue"])
    return dict(held)


@cache
def flows(vintage: str) -> dict[Key, Fraction]:
    """UN Comtrade's flows by code: the first print of each, or what the newest release says."""
    rich = trade()
    cells = {**rich.flows[REVISED], **rich.flows[FIRST]} if vintage == "first" else rich.latest()
    values = {key: Fraction(cell.value) for key, cell in cells.items()}
    for year, exporters in shipped().items():
        for reporter, value in exporters.items():
            key = (reporter, "WLD", "X", "8542", "A", year, 0)
            if vintage == "latest" or key not in values:
                values[key] = value
    return values


@cache
def printed(vintage: str) -> dict[tuple[Series, Period], tuple[Fraction, str]]:
    """Products with their scope: the heading where it is held, else all codes of a list that is complete."""
    held = flows(vintage)
    places = {(*key[:3], *key[4:]) for key in held}
    found = {}
    for reporter, partner, flow, grain, year, month in places:
        of = {"reporter": reporter, "partner": partner, "flow": flow}
        for product in (*HEADINGS, "mobile_phones"):
            heading = HEADINGS.get(product)
            codes = [heading] if heading else list(codes_of(year)[""])
            values = [held.get((reporter, partner, flow, code, grain, year, month)) for code in codes]
            known = [value for value in values if value is not None]
            if len(known) == len(codes):
                scope = f"HS {heading}" if heading else PHONES
                found[(*of.values(), product), (grain, year, month or 12)] = (sum(known, Fraction(0)), scope)
    return found  # type: ignore[return-value]


@cache
def levels(vintage: str) -> dict[tuple[Series, Period], Fraction]:
    """The same with the sums of months, where the period itself is not printed."""
    held = {key: value for key, (value, _) in printed(vintage).items()}
    sums = {}
    for series, year in {(series, period[1]) for series, period in held if period[0] == "M"}:
        total = Fraction(0)
        for month in range(1, 13):
            value = held.get((series, ("M", year, month)))
            if value is None:
                break
            total += value
            sums[series, ("YTD", year, month)] = total
            if month == 2:
                sums[series, ("JF", year, month)] = total
            if month == 12:
                sums[series, ("A", year, month)] = total
    return {**sums, **held}


def before(period: Period, years: int = 1) -> Period:
    return period[0], period[1] - years, period[2]


def series_of(row: dict[str, Any]) -> Series:
    return row["reporter_iso3"], row["partner_iso3"], row["flow"], row["product_id"]


def period_of(row: dict[str, Any]) -> Period:
    return row["period_grain"], row["year"], row["period_end_date"].month


VINTAGES = ("first", "latest")


def test_every_null_of_a_measure_has_a_reason(made: duckdb.DuckDBPyConnection) -> None:
    assert list(unexplained(made)) == []


# --- growth ---


@pytest.mark.parametrize("name", ["trade_growth_yearly", "trade_growth_monthly"])
def test_growth_as_of_the_last_day_is_the_mart(made: duckdb.DuckDBPyConnection, name: str) -> None:
    columns = ", ".join(
        column
        for (column,) in made.execute(
            f"select column_name from (describe from marts.{name}_as_of(date '2100-01-01'))"
        ).fetchall()
    )
    mart = f"select {columns} from marts.fct_{name} where vintage = 'latest' and value is not null"
    as_of = f"select {columns} from marts.{name}_as_of(date '2100-01-01')"
    assert made.execute(f"select count(*) from ({as_of})").fetchall()[0][0] > 1000
    assert made.execute(f"({mart}) except all ({as_of})").fetchall() == []
    assert made.execute(f"({as_of}) except all ({mart})").fetchall() == []


@pytest.mark.parametrize("vintage", VINTAGES)
def test_every_yearly_growth(made: duckdb.DuckDBPyConnection, vintage: str) -> None:
    rows = records(made, "fct_trade_growth_yearly", f"source_id = 'comtrade' and vintage = '{vintage}'")
    held = levels(vintage)
    expected = {(series, period[1]) for series, period in held if period[0] == "A"}
    assert {(series_of(row), row["year"]) for row in rows} == expected and len(rows) == len(expected)
    for row in rows:
        period = ("A", row["year"], 12)
        value, base = held[series_of(row), period], held.get((series_of(row), before(period)))
        assert Fraction(row["value"]) == value, row
        assert row["growth_status"] == ("ok" if base else "no_base"), row
        assert near(row["growth_yoy_pct"], change(value, base) if base else None), row


@dataclass(frozen=True)
class Month:
    """One month of a series as a loop over the calendar sees it."""

    value: Fraction | None
    base: Fraction | None
    rolling: Fraction | None
    streak: int | None
    streak_status: str


@cache
def months_of(vintage: str) -> dict[tuple[Series, int, int], Month]:
    held = levels(vintage)
    spans: dict[Series, list[tuple[int, int]]] = defaultdict(list)
    for series, (grain, year, month) in held:
        if grain == "M":
            spans[series].append((year, month))
    found = {}
    for series, places in spans.items():
        count, is_known_from = 0, False
        recent: list[Fraction | None] = []
        first, last = min(places), max(places)
        for year, month in itertools.product(range(first[0], last[0] + 1), range(1, 13)):
            if not first <= (year, month) <= last:
                continue
            value = held.get((series, ("M", year, month)))
            base = held.get((series, ("M", year - 1, month)))
            recent = [*recent[-11:], value]
            whole = [item for item in recent if item is not None]
            streak, status = None, "unknown"
            if value is None or base is None or base <= 0:
                count, is_known_from = 0, False
            elif value > base:
                count += 1
                streak, status = count, "complete" if is_known_from else "at_least"
            else:
                count, is_known_from, streak, status = 0, True, 0, "none"
            found[series, year, month] = Month(
                value, base, sum(whole, Fraction(0)) if len(whole) == 12 else None, streak, status
            )
    return found


@pytest.mark.parametrize("vintage", VINTAGES)
def test_every_month(made: duckdb.DuckDBPyConnection, vintage: str) -> None:
    where = f"source_id = 'comtrade' and vintage = '{vintage}' and period_grain = 'M'"
    rows = records(made, "fct_trade_growth_monthly", where)
    expected = months_of(vintage)
    assert {(series_of(row), row["year"], row["period_end_date"].month) for row in rows} == set(expected)
    assert len(rows) == len(expected)
    statuses: dict[str, int] = defaultdict(int)
    for row in rows:
        series, year, month = series_of(row), row["year"], row["period_end_date"].month
        one = expected[series, year, month]
        earlier = expected.get((series, year - 1, month))
        value, base = one.value, one.base
        status = "not_held" if value is None else "no_base" if base is None else "ok" if base else "zero_base"
        statuses[status] += 1
        assert row["growth_status"] == status, row
        assert (None if row["value"] is None else Fraction(row["value"])) == value, row
        assert near(row["growth_yoy_pct"], change(value, base) if value is not None and base else None), row
        assert (
            None if row["rolling_12m_value"] is None else Fraction(row["rolling_12m_value"])
        ) == one.rolling
        rolling = one.rolling and earlier and earlier.rolling and change(one.rolling, earlier.rolling)
        assert near(row["rolling_12m_growth_pct"], rolling or None), row
        assert (row["streak_months"], row["streak_releases"]) == (one.streak, one.streak), row
        assert row["streak_status"] == one.streak_status, row
    assert statuses["not_held"] and statuses["no_base"] and statuses["ok"] > 5000


@pytest.mark.parametrize("vintage", VINTAGES)
def test_every_year_to_date_and_january_february(made: duckdb.DuckDBPyConnection, vintage: str) -> None:
    where = f"source_id = 'comtrade' and vintage = '{vintage}' and period_grain in ('YTD', 'JF')"
    rows = records(made, "fct_trade_growth_monthly", where)
    held = levels(vintage)
    expected = {key for key in held if key[1][0] in ("YTD", "JF")}
    assert {(series_of(row), period_of(row)) for row in rows} == expected and len(rows) == len(expected)
    for row in rows:
        series, period = series_of(row), period_of(row)
        value, base = held[series, period], held.get((series, before(period)))
        assert Fraction(row["value"]) == value and row["value_status"] == "sum_of_months", row
        assert near(row["growth_yoy_pct"], change(value, base) if base else None), row


def test_every_change_on_the_month_before(made: duckdb.DuckDBPyConnection) -> None:
    rows = records(made, "fct_trade_growth_mom", "source_id = 'comtrade'")
    expected = months_of("latest")
    assert len(rows) == len(expected)
    for row in rows:
        series, year, month = series_of(row), row["year"], row["period_end_date"].month
        last = expected.get((series, year, month - 1) if month > 1 else (series, year - 1, 12))
        value, base = expected[series, year, month].value, last and last.value
        assert near(row["growth_mom_pct"], change(value, base) if value is not None and base else None), row
    adjusted = [row for row in rows if row["value_seasonally_adjusted"] is not None]
    assert adjusted and {row["partner_iso3"] for row in adjusted} == {"WLD"}


@pytest.mark.parametrize("vintage", VINTAGES)
def test_every_cagr(made: duckdb.DuckDBPyConnection, vintage: str) -> None:
    rows = records(made, "fct_trade_cagr", f"source_id = 'comtrade' and vintage = '{vintage}'")
    years = {key: value for key, value in levels(vintage).items() if key[1][0] == "A"}
    by_series: dict[Series, list[int]] = defaultdict(list)
    for series, period in years:
        by_series[series].append(period[1])
    assert len(rows) == sum(math.comb(len(held), 2) for held in by_series.values())
    for row in rows:
        start, end = (years[series_of(row), ("A", row[f"{side}_year"], 12)] for side in ("start", "end"))
        elapsed = row["end_year"] - row["start_year"]
        assert row["years_elapsed"] == elapsed
        assert near(row["growth_total_pct"], change(end, start)), row
        assert near(row["cagr_pct"], 100 * ((float(end) / float(start)) ** (1 / elapsed) - 1)), row


@cache
def market_rates(country: str) -> dict[tuple[str, int, int], Fraction]:
    """Units per dollar, printed for years and months, else the mean of all months of the period."""
    found: dict[tuple[str, int, int], Fraction] = {}
    for name, grain in (("fx_annual.csv", "A"), ("fx_monthly.csv", "M")):
        with (RAW / "reference" / name).open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                if row["Country"] == country:
                    month = 12 if grain == "A" else int(row["Date"][5:7])
                    found[grain, int(row["Date"][:4]), month] = Fraction(row["Exchange rate"])
    for year, month in [key[1:] for key in found if key[0] == "M"]:
        rates = [found.get(("M", year, m)) for m in range(1, month + 1)]
        if all(rates):
            mean = sum(rate for rate in rates if rate is not None) / month
            for grain in ("YTD", *(["JF"] if month == 2 else [])):
                found[grain, year, month] = Fraction(math.floor(mean * 10**6 + Fraction(1, 2)), 10**6)
    return found


@pytest.mark.parametrize(
    ("reporter", "country"),
    [("CHN", "China"), ("KOR", "South Korea"), ("JPN", "Japan"), ("HKG", "Hong Kong")],
)
def test_every_growth_at_constant_rates(made: duckdb.DuckDBPyConnection, reporter: str, country: str) -> None:
    where = f"source_id = 'comtrade' and reporter_iso3 = '{reporter}' and vintage = 'latest'"
    rows = records(made, "fct_growth_currency", where)
    held, quoted = levels("latest"), market_rates(country)
    assert quoted
    converted = 0
    for row in rows:
        series, period = series_of(row), period_of(row)
        value, base = held[series, period], held.get((series, before(period)))
        now, then = quoted.get(period), quoted.get(before(period))
        if base and now and then:
            converted += 1
            assert near(row["growth_constant_fx_pct"], 100 * (value / base * now / then - 1)), row
            assert near(row["market_currency_effect_pct"], change(now, then)), row
        else:
            assert row["growth_constant_fx_pct"] is None, row
            assert row["growth_constant_fx_status"] in ("no_base", "zero_base", "no_rate"), row
    assert converted > 1000


# --- contributions, prices and quantities, records ---


@pytest.mark.parametrize("vintage", VINTAGES)
def test_every_contribution_of_partners(made: duckdb.DuckDBPyConnection, vintage: str) -> None:
    where = f"source_id = 'comtrade' and component_kind = 'partner' and vintage = '{vintage}'"
    rows = records(made, "fct_growth_contribution", where)
    held = levels(vintage)
    sums: dict[tuple[Series, Period], Fraction] = defaultdict(Fraction)
    found: dict[tuple[Series, Period], set[str]] = defaultdict(set)
    for row in rows:
        series, period = series_of(row), period_of(row)
        assert series[1] == "WLD"
        total, total_base = held[series, period], held[series, before(period)]
        part = Fraction(row["value"]) - Fraction(row["base_value"])
        if row["component_id"] != "residual":
            one = (series[0], row["component_id"], *series[2:])
            assert Fraction(row["value"]) == held[one, period]
            assert Fraction(row["base_value"]) == held[one, before(period)]
        assert near(row["contribution_pp"], 100 * part / total_base), row
        sums[series, period] += 100 * part / total_base
        found[series, period].add(row["component_id"])
        assert near(row["total_growth_pct"], change(total, total_base))
    for (series, period), total in sums.items():
        assert total == change(held[series, period], held[series, before(period)])
        partners = {
            partner
            for partner in made_trade.PARTNERS
            if partner != "WLD"
            and ((series[0], partner, *series[2:]), period) in held
            and ((series[0], partner, *series[2:]), before(period)) in held
        }
        assert found[series, period] == {*partners, "residual"}, (series, period)
    assert len(sums) > 2000


def item_cells(product: str, year: int) -> list[str]:
    return list(codes_of(year)[HEADINGS.get(product, "")])


def test_every_contribution_of_items_sums_to_the_growth(made: duckdb.DuckDBPyConnection) -> None:
    rows = records(made, "fct_growth_contribution", "source_id = 'comtrade' and component_kind = 'item'")
    held, codes = levels("latest"), flows("latest")
    sums: dict[tuple[Series, Period], Fraction] = defaultdict(Fraction)
    for row in rows:
        series, period = series_of(row), period_of(row)
        part = Fraction(row["value"]) - Fraction(row["base_value"])
        if row["component_id"] != "residual":
            month = 0 if period[0] == "A" else period[2]
            key = (*series[:3], row["component_id"], period[0])
            assert Fraction(row["value"]) == codes[*key, period[1], month]
            assert Fraction(row["base_value"]) == codes[*key, period[1] - 1, month]
        sums[series, period] += 100 * part / held[series, before(period)]
    assert all(total == change(held[key], held[key[0], before(key[1])]) for key, total in sums.items())
    assert len(sums) > 10_000


def without_outliers(pairs: list[tuple[Cell, Cell]]) -> list[tuple[Cell, Cell]]:
    """Pairs whose modified z-score is at most 3.5 (Iglewicz and Hoaglin 1993); all of fewer than five."""
    logs = [
        math.log(Fraction(now.value) / now.quantity / (Fraction(then.value) / then.quantity))
        for now, then in pairs
    ]
    if len(pairs) < 5:
        return pairs
    middle = statistics.median(logs)
    spread = statistics.median(abs(log - middle) for log in logs)
    return [
        pair
        for pair, log in zip(pairs, logs, strict=True)
        if 0.6745 * abs(log - middle) <= 3.5 * spread or not spread
    ]


def test_every_price_index(made: duckdb.DuckDBPyConnection) -> None:
    """Laspeyres, Paasche, Fisher and Törnqvist from quantities and dollars, product by product."""
    rows = records(made, "fct_price_index", "source_id = 'comtrade'")
    cells, held = trade().latest(), levels("latest")
    computed = 0
    for row in rows:
        series, period = series_of(row), period_of(row)
        month = 0 if period[0] == "A" else period[2]
        year = period[1]
        pairs: list[tuple[Cell, Cell]] = []
        if edition_of(year) == edition_of(year - 1):
            for code in item_cells(series[3], year):
                now = cells.get((*series[:3], code, period[0], year, month))
                then = cells.get((*series[:3], code, period[0], year - 1, month))
                if now and then and now.value > 0 and then.value > 0:
                    pairs.append((now, then))
        kept = without_outliers(pairs)
        assert row["items_outlier"] == len(pairs) - len(kept), row
        pairs = kept
        assert row["items_matched"] == len(pairs), row
        if not pairs:
            assert row["price_index_status"] == "no_matched_item" and row["price_fisher_ratio"] is None
            continue
        computed += 1
        value, base = (sum(Fraction(pair[side].value) for pair in pairs) for side in (0, 1))
        relatives = [
            Fraction(now.value) / now.quantity / (Fraction(then.value) / then.quantity) for now, then in pairs
        ]
        old = [Fraction(then.value) / base for _, then in pairs]
        new = [Fraction(now.value) / value for now, _ in pairs]
        laspeyres = sum(weight * relative for weight, relative in zip(old, relatives, strict=True))
        paasche = 1 / sum(weight / relative for weight, relative in zip(new, relatives, strict=True))
        fisher = math.sqrt(laspeyres * paasche)
        tornqvist = math.exp(
            sum(
                float(one + other) / 2 * math.log(relative)
                for one, other, relative in zip(old, new, relatives, strict=True)
            )
        )
        assert near(row["price_laspeyres_ratio"], laspeyres), row
        assert near(row["price_paasche_ratio"], paasche), row
        assert near(row["price_fisher_ratio"], fisher), row
        assert near(row["price_tornqvist_ratio"], tornqvist), row
        assert near(row["quantity_fisher_ratio"], float(value / base) / fisher), row
        assert near(row["coverage_pct"], 100 * value / held[series, period]), row
        assert near(row["base_coverage_pct"], 100 * base / held[series, before(period)]), row
    assert computed > 5000


@pytest.mark.parametrize("vintage", VINTAGES)
def test_every_record(made: duckdb.DuckDBPyConnection, vintage: str) -> None:
    rows = records(made, "fct_trade_record", f"source_id = 'comtrade' and vintage = '{vintage}'")
    held = levels(vintage)
    assert len(rows) == len(held)
    windows: dict[tuple[Series, str, int], dict[Period, Fraction]] = defaultdict(dict)
    for (series, period), value in held.items():
        windows[series, period[0], period[2] if period[0] == "YTD" else 0][period] = value
    for row in rows:
        series, period = series_of(row), period_of(row)
        alike = windows[series, period[0], period[2] if period[0] == "YTD" else 0]
        earlier = [value for other, value in alike.items() if other[1:] < period[1:]]
        value = held[series, period]
        assert Fraction(row["value"]) == value, row
        highest, lowest = max(earlier, default=None), min(earlier, default=None)
        for side, most, is_new in (
            ("high", highest, highest is not None and value > highest),
            ("low", lowest, lowest is not None and value < lowest),
        ):
            word = "below_record" if side == "high" else "above_record"
            status = "no_earlier_period" if most is None else "record" if is_new else word
            status = "equals_record" if value == most else status
            assert row[f"record_{side}_status"] == status, row
        assert row["window_periods_held"] == len(earlier) + 1, row


# --- shares and comparisons ---


@cache
def years() -> dict[tuple[str, str, str, str, int], Fraction]:
    """(reporter, partner, flow, item, year): products and six-digit codes, printed or twelve months."""
    found: dict[tuple[str, str, str, str, int], Fraction] = {}
    months: dict[tuple[str, str, str, str, int], list[Fraction]] = defaultdict(list)
    for (reporter, partner, flow, code, grain, year, _), value in flows("latest").items():
        if len(code) == 6:
            if grain == "A":
                found[reporter, partner, flow, code, year] = value
            else:
                months[reporter, partner, flow, code, year].append(value)
    for ((reporter, partner, flow, product), (grain, year, _)), (value, _) in printed("latest").items():
        if grain == "A":
            found[reporter, partner, flow, product, year] = value
        else:
            months[reporter, partner, flow, product, year].append(value)
    sums = {key: sum(values, Fraction(0)) for key, values in months.items() if len(values) == 12}
    return {**sums, **found}


PRODUCTS = (*HEADINGS, "mobile_phones")


def universe_of(item: str, year: int) -> str:
    """The product group that a six-digit code belongs to, by the edition of the year; '' for parts."""
    if item in PRODUCTS:
        return "products"
    return {"854231": "integrated_circuits", "854232": "integrated_circuits", "854233": "integrated_circuits",
            "854239": "integrated_circuits", "851712": "mobile_phones", "851713": "mobile_phones",
            "851714": "mobile_phones"}.get(item, "")  # fmt: skip


def test_every_share_of_reporters_and_partners(made: duckdb.DuckDBPyConnection) -> None:
    held = years()
    where = "source_id = 'comtrade' and dimension in ('reporter', 'partner')"
    checked = 0
    totals: dict[tuple[Any, ...], float] = defaultdict(float)
    for row in records(made, "fct_share_member", where):
        item, flow, year, member = row["item_id"], row["flow"], row["year"], row["member_id"]
        if row["dimension"] == "reporter":
            members = {key[0]: value for key, value in held.items() if key[1:] == ("WLD", flow, item, year)}
            world = sum(members.values(), Fraction(0))
            value = members[member]
        else:
            world = held[row["reporter_iso3"], "WLD", flow, item, year]
            members = {
                partner: held[row["reporter_iso3"], partner, flow, item, year]
                for partner in made_trade.PARTNERS
                if partner != "WLD" and (row["reporter_iso3"], partner, flow, item, year) in held
            }
            value = world - sum(members.values()) if member == "_residual" else members[member]
        assert Fraction(row["value_usd"]) == value, row
        assert near(row["share_pct"], 100 * value / world), row
        totals[row["dimension"], row["reporter_iso3"], flow, item, year] += row["share_pct"]
        checked += 1
    assert checked > 2000 and all(near(total, 100) for total in totals.values())


def test_every_concentration(made: duckdb.DuckDBPyConnection) -> None:
    held = years()
    rows = records(made, "fct_concentration", "source_id = 'comtrade' and dimension = 'partner'")
    bounded = 0
    for row in rows:
        key = (row["flow"], row["item_id"], row["year"])
        world = held[row["reporter_iso3"], "WLD", *key]
        shares = [
            held[row["reporter_iso3"], partner, *key] / world
            for partner in made_trade.PARTNERS
            if partner != "WLD" and (row["reporter_iso3"], partner, *key) in held
        ]
        residual = 1 - sum(shares)
        if residual < 0:
            assert row["hhi_status"] == "members_exceed_total" and row["hhi_low"] is None, row
            continue
        bounded += 1
        squares = sum(share * share for share in shares)
        assert near(row["hhi_low"], squares) and near(row["hhi_high"], squares + residual**2), row
    assert bounded > 200


def test_every_intra_industry_index_of_products(made: duckdb.DuckDBPyConnection) -> None:
    held = years()
    rows = records(made, "fct_intra_industry", "source_id = 'comtrade' and measured_on = 'product'")
    known = 0
    for row in rows:
        place = (row["reporter_iso3"], row["partner_iso3"])
        sides = [held.get((*place, flow, row["item_id"], row["year"])) for flow in "XM"]
        sent, received = sides
        if sent is None or received is None:
            assert row["grubel_lloyd_ratio"] is None, row
            continue
        known += 1
        index = 1 - abs(sent - received) / (sent + received)
        assert near(row["grubel_lloyd_ratio"], index), row
    assert known > 300


UNIVERSES = ("products", "integrated_circuits")


@pytest.mark.parametrize("universe", UNIVERSES)
def test_every_advantage(made: duckdb.DuckDBPyConnection, universe: str) -> None:
    """The world are the reporters that have every item of the universe that year."""
    held = years()
    known = 0
    where = f"source_id = 'comtrade' and universe = '{universe}'"
    for row in records(made, "fct_revealed_advantage", where):
        year = row["year"]
        exports = {key[0]: {} for key in held if key[1:3] == ("WLD", "X") and key[4] == year}
        for key, value in held.items():
            if key[1:3] == ("WLD", "X") and key[4] == year and universe_of(key[3], year) == universe:
                exports[key[0]][key[3]] = value
        items = {item for mix in exports.values() for item in mix}
        sample = {name: mix for name, mix in exports.items() if set(mix) == items}
        if row["rca_status"] != "ok":
            assert row["rca_ratio"] is None and (len(items) == 1 or row["reporter_iso3"] not in sample), row
            continue
        known += 1
        own = sample[row["reporter_iso3"]]
        world = sum(sum(mix.values()) for mix in sample.values())
        item = sum(mix[row["item_id"]] for mix in sample.values())
        rca = own[row["item_id"]] / sum(own.values()) / (item / world)
        assert near(row["rca_ratio"], rca) and near(row["rsca_ratio"], (rca - 1) / (rca + 1)), row
    assert known > 100


def test_every_mirror_gap_and_its_parts(made: duckdb.DuckDBPyConnection) -> None:
    held = years()
    rows = records(
        made,
        "fct_mirror_gap",
        "exporter_source_id = 'comtrade' and importer_source_id = 'comtrade' and mirror_status = 'ok'",
    )
    assert len(rows) > 300
    for row in rows:
        exporter, importer, item, year = (
            row["exporter_iso3"], row["importer_iso3"], row["product_id"], row["year"],
        )  # fmt: skip
        sent = held[exporter, importer, "X", item, year]
        received = held[importer, exporter, "M", item, year]
        gap = math.log(received / sent)
        assert near(row["gap_log"], gap), row
        assert near(row["reconciled_value_usd"], (sent + received / Fraction(105, 100)) / 2, 1e-6), row
        last = held.get((exporter, importer, "X", item, year - 1))
        ends = [0.0, 0.0]
        if last is not None:
            ends = sorted(math.log(1 + Fraction(days, 365) * (last / sent - 1)) for days in (2, 45))
        through = [0.0, 0.0]
        if "HKG" not in (exporter, importer) and "WLD" not in (exporter, importer):
            to_hub = held.get((exporter, "HKG", "X", item, year))
            onward = held.get(("HKG", importer, "RX", item, year)) or held.get(
                ("HKG", importer, "X", item, year)
            )
            bounds = [float(value) for value in (to_hub, onward) if value is not None]
            if bounds:
                most = min(bounds)
                bought = held.get(("HKG", "WLD", "M", item, year))
                of_it = held.get(("HKG", exporter, "M", item, year))
                least = 0.0
                if onward is not None and bought is not None and of_it is not None:
                    least = min(max(float(onward) / 1.23 - float(bought - of_it), 0.0), most)
                assert near(row["hong_kong_routed_low_usd"], least, 1e-6), row
                assert near(row["hong_kong_routed_high_usd"], most, 1e-6), row
                through = [math.log(1 + part / float(sent)) for part in (least, most)]
        assert near(row["unexplained_log_low"], gap - math.log(1.2) - ends[1] - through[1]), row
        assert near(row["unexplained_log_high"], gap - ends[0] - through[0]), row


@pytest.mark.parametrize("level", ["partner", "world"])
@pytest.mark.parametrize("universe", UNIVERSES)
def test_every_decomposition_adds_up_and_recomputes(
    made: duckdb.DuckDBPyConnection, universe: str, level: str
) -> None:
    """Constant market shares over items and partners, from the definition."""
    held = {
        key: value
        for key, value in years().items()
        if key[2] == "X"
        and universe_of(key[3], key[4]) == universe
        and (key[1] == "WLD") == (level == "world")
    }
    names = sorted({key[0] for key in held})
    where = f"source_id = 'comtrade' and universe = '{universe}' and market_level = '{level}'"
    rows = [
        row
        for row in records(made, "fct_market_share_decomposition", where)
        if row["decomposition_status"] == "ok"
    ]
    assert len(rows) > 20
    for row in rows:
        year = row["year"]
        items = {
            (name, when): {key[3] for key in held if key[0] == name and key[4] == when}
            for name in names
            for when in (year - 1, year)
        }
        sample = [name for name in names if items[name, year] and items[name, year] == items[name, year - 1]]
        cells = {key[1:4:2] for key in held if key[0] in sample and key[4] in (year - 1, year)}

        def x(names: list[str], when: int, over: set[Any]) -> Fraction:
            return sum(
                (held.get((n, market, "X", item, when), Fraction(0)) for n in names for market, item in over),
                Fraction(0),
            )

        own = [row["reporter_iso3"]]
        base, world = x(own, year - 1, cells), x(sample, year, cells) / x(sample, year - 1, cells) - 1
        structure = share = new = Fraction(0)
        for cell in cells:
            mine, theirs = x(own, year - 1, {cell}), x(sample, year - 1, {cell})
            if mine:
                grown = x(sample, year, {cell}) / theirs - 1
                structure += mine / base * (grown - world)
                share += mine / base * (x(own, year, {cell}) / mine - 1 - grown)
            else:
                new += x(own, year, {cell}) / base
        assert near(row["growth_pct"], 100 * (x(own, year, cells) / base - 1)), row
        assert near(row["world_growth_pct"], 100 * world), row
        assert near(row["structure_effect_pp"], 100 * structure), row
        assert near(row["market_share_effect_pp"], 100 * share), row
        assert near(row["new_flow_effect_pp"], 100 * new), row
