"""The share and comparison marts by another road: Fractions over made flows and over the sample files.

The made flows are random (fixed seed), stand for no real trade, and are put where the marts read them:
in `int_item_flow` of a copied build. Three copies of them differ in one thing each: `mobile_phones` is a
thousand times larger and stored backwards, `semiconductor_devices` has exporter and importer swapped.
What must not change between the copies is compared; what the first copy says is computed again.
"""

from __future__ import annotations

import csv
import itertools
import math
import random
import shutil
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from economic_complexity import rca as published_rca
from helpers import COMTRADE_SAMPLES, copy_raw, dbt, run_cli
from sources.writers_comtrade import record, write_portal

from orchestration.warehouse.lineage import trace

pytestmark = pytest.mark.slow

BASE, SCALED, SWAPPED = "integrated_circuits", "mobile_phones", "semiconductor_devices"
CODES = {BASE: "8542", SCALED: "9542", SWAPPED: "7542"}
REPORTERS = ("CHN", "DEU", "HKG", "JPN", "KOR", "USA")
KEYS = (
    "dimension market_level measured_on universe product_id item_id hs_code reporter_iso3 reporter_a "
    "reporter_b exporter_iso3 importer_iso3 partner_iso3 flow member_id year"
)
YEARS = (2020, 2021, 2022)
Cell = tuple[str, str, str, str, int]  # item, reporter, partner, flow, year


def made_flows() -> dict[Cell, Decimal]:
    """Random exports and imports in cents, some missing; the printed total exceeds the partners'."""
    draw = random.Random(8542)
    flows: dict[Cell, Decimal] = {}
    for item, reporter, flow, year in itertools.product(("31", "32", "39"), REPORTERS, "XM", YEARS):
        total = Decimal(draw.randrange(1, 10**9)) / 100
        for partner in REPORTERS:
            if partner != reporter and draw.random() < 0.8:
                flows[item, reporter, partner, flow, year] = Decimal(draw.randrange(1, 10**12)) / 100
                total += flows[item, reporter, partner, flow, year]
        flows[item, reporter, "WLD", flow, year] = total
    for item, partner in itertools.product(("31", "32", "39"), ("CHN", "USA")):
        flows[item, "HKG", partner, "RX", 2021] = Decimal(draw.randrange(1, 10**11)) / 100
    return flows


FLOWS = made_flows()


def rows() -> list[tuple[Any, ...]]:
    """The three copies as rows of int_item_flow."""
    copies: dict[str, list[tuple[Any, ...]]] = {BASE: [], SCALED: [], SWAPPED: []}
    for (item, reporter, partner, flow, year), value in FLOWS.items():
        place = (reporter, partner, flow, year)
        copies[BASE].append((BASE, CODES[BASE] + item, *place, value))
        copies[SCALED].append((SCALED, CODES[SCALED] + item, *place, value * 1000))
        if partner != "WLD" and flow in "XM":
            # What the importer said stands as what the exporter says, and the reverse.
            other = "M" if flow == "X" else "X"
            copies[SWAPPED].append((SWAPPED, CODES[SWAPPED] + item, partner, reporter, other, year, value))
    return [*copies[BASE], *reversed(copies[SCALED]), *copies[SWAPPED]]


@pytest.fixture(scope="module")
def made(home: Path, tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """The marts over the made flows."""
    copy = tmp_path_factory.mktemp("made")
    shutil.copytree(home / "work", copy / "work")
    with duckdb.connect(str(copy / "work" / "ledger.duckdb")) as ledger:
        ledger.execute("delete from intermediate.int_item_flow")
        ledger.executemany(
            "insert into intermediate.int_item_flow (universe, item_id, product_id, product_scope, "
            "source_id, reporter_iso3, partner_iso3, flow, year, value_usd, half_unit) "
            "values ($1, $2, $1, 'made', 'comtrade', $3, $4, $5, $6, $7, 0)",
            rows(),
        )
    done = dbt(
        copy,
        *("build", "--select", "int_item_flow+", "--exclude", "int_item_flow"),
        *("--exclude-resource-type", "unit_test"),
    )
    assert done.returncode == 0, done.stdout
    return duckdb.connect(str(copy / "work" / "chipledger.duckdb"), read_only=True)


def value(item: str, reporter: str, partner: str, flow: str, year: int) -> Fraction | None:
    held = FLOWS.get((item, reporter, partner, flow, year))
    return None if held is None else Fraction(held)


def near(found: float | None, expected: Fraction | float) -> bool:
    return found is not None and math.isclose(found, float(expected), rel_tol=1e-9, abs_tol=1e-9)


def test_shares_and_their_members_recompute(made: duckdb.DuckDBPyConnection) -> None:
    found = made.execute(
        "select reporter_iso3, flow, item_id, year, member_id, share_pct, share_change_pp, matched_share_pct "
        f"from marts.fct_share_member where dimension = 'partner' and item_id like '{CODES[BASE]}%'"
    ).fetchall()
    seen: dict[tuple[str, ...], Fraction] = defaultdict(Fraction)
    for reporter, flow, code, year, member, share, change, matched in found:
        item = code[4:]
        partners = {name: value(item, reporter, name, flow, year) for name in REPORTERS}
        held = {name: amount for name, amount in partners.items() if amount is not None}
        # Re-exports have no printed total here: their partners are the whole.
        total = value(item, reporter, "WLD", flow, year) or sum(held.values())
        amount = total - sum(held.values()) if member == "_residual" else held[member]
        assert near(share, 100 * amount / total)
        seen[reporter, flow, item, str(year)] += amount / total
        before = value(item, reporter, member, flow, year - 1)
        base_total = value(item, reporter, "WLD", flow, year - 1)
        if member != "_residual" and before is not None and base_total is not None:
            assert near(change, 100 * (amount / total - before / base_total))
            both = [name for name in held if value(item, reporter, name, flow, year - 1) is not None]
            assert near(matched, 100 * amount / sum(held[name] for name in both))
        elif member != "_residual":
            assert change is None and matched is None
    assert len(seen) == 3 * 6 * 2 * 3 + 3 and set(seen.values()) == {Fraction(1)}


def test_concentration_recomputes_with_its_bounds(made: duckdb.DuckDBPyConnection) -> None:
    found = made.execute(
        "select reporter_iso3, flow, item_id, year, hhi_low, hhi_high, hhi_status "
        "from marts.fct_concentration where dimension = 'partner' and flow <> 'RX' "
        f"and item_id like '{CODES[BASE]}%'"
    ).fetchall()
    assert len(found) == 108
    for reporter, flow, code, year, low, high, status in found:
        total = value(code[4:], reporter, "WLD", flow, year)
        assert total is not None and status == "bounded"
        shares = [
            amount / total
            for amount in (value(code[4:], reporter, name, flow, year) for name in REPORTERS)
            if amount is not None
        ]
        squares = sum(share * share for share in shares)
        assert near(low, squares) and near(high, squares + (1 - sum(shares)) ** 2)


def test_advantage_agrees_with_economic_complexity(made: duckdb.DuckDBPyConnection) -> None:
    for year in YEARS:
        table = pd.DataFrame(
            {
                item: [float(FLOWS[item, reporter, "WLD", "X", year]) for reporter in REPORTERS]
                for item in ("31", "32", "39")
            },
            index=list(REPORTERS),
        )
        expected = published_rca(table)
        found = made.execute(
            "select reporter_iso3, item_id, rca_ratio, rsca_ratio from marts.fct_revealed_advantage "
            f"where universe = '{BASE}' and year = {year}"
        ).fetchall()
        assert len(found) == 18
        for reporter, code, rca, rsca in found:
            assert near(rca, expected.loc[reporter, code[4:]])
            assert near(rsca, (rca - 1) / (rca + 1))


def growth_parts(level: str, reporter: str, year: int) -> dict[str, Fraction]:
    """The decomposition from its definition, in shares of the exports of the year before."""
    markets = ["WLD"] if level == "world" else list(REPORTERS)
    cells = list(itertools.product(("31", "32", "39"), markets))

    def x(who: Iterable[str], when: int, over: Iterable[tuple[str, str]]) -> Fraction:
        return sum((value(i, r, m, "X", when) or Fraction(0) for r in who for i, m in over), Fraction(0))

    def world_growth(over: list[tuple[str, str]]) -> Fraction:
        base = x(REPORTERS, year - 1, over)
        return x(REPORTERS, year, over) / base - 1 if base else Fraction(0)

    own = [reporter]
    base = x(own, year - 1, cells)
    weight = {cell: x(own, year - 1, [cell]) / base for cell in cells}
    all_growth = world_growth(cells)
    by_cell = {cell: world_growth([cell]) for cell in cells}
    by_item = {cell: world_growth([other for other in cells if other[0] == cell[0]]) for cell in cells}
    by_market = {cell: world_growth([other for other in cells if other[1] == cell[1]]) for cell in cells}
    product_first = sum(weight[c] * (by_item[c] - all_growth) for c in cells)
    product_last = sum(weight[c] * (by_cell[c] - by_market[c]) for c in cells)
    old = [c for c in cells if weight[c]]
    return {
        "growth_pct": x(own, year, cells) / base - 1,
        "world_growth_pct": all_growth,
        "structure_effect_pp": sum((weight[c] * (by_cell[c] - all_growth) for c in cells), Fraction(0)),
        "product_effect_pp": (product_first + product_last) / 2,
        "market_share_effect_pp": sum(
            (weight[c] * (x(own, year, [c]) / x(own, year - 1, [c]) - 1 - by_cell[c]) for c in old),
            Fraction(0),
        ),
        "new_flow_effect_pp": x(own, year, [c for c in cells if not weight[c]]) / base,
    }


@pytest.mark.parametrize("level", ["world", "partner"])
def test_decomposition_recomputes_and_adds_up(made: duckdb.DuckDBPyConnection, level: str) -> None:
    for reporter, year in itertools.product(REPORTERS, YEARS[1:]):
        expected = growth_parts(level, reporter, year)
        (found,) = made.execute(
            f"select {', '.join(expected)}, growth_gap_pp, market_effect_pp from "
            f"marts.fct_market_share_decomposition where market_level = '{level}' and universe = '{BASE}' "
            f"and reporter_iso3 = '{reporter}' and year = {year} and decomposition_status = 'ok'"
        ).fetchall()
        named = dict(zip(expected, found, strict=False))
        for name, part in expected.items():
            assert near(named[name], 100 * part), (reporter, year, name)
        gap, market = found[-2:]
        parts = ("structure_effect_pp", "market_share_effect_pp", "new_flow_effect_pp")
        assert near(gap, sum(named[part] for part in parts))
        assert near(named["product_effect_pp"] + market, named["structure_effect_pp"])


def test_intra_industry_index_is_the_weighted_mean(made: duckdb.DuckDBPyConnection) -> None:
    found = made.execute(
        "select reporter_iso3, year, grubel_lloyd_ratio, adjusted_grubel_lloyd_ratio from "
        f"marts.fct_intra_industry where product_id = '{BASE}' and measured_on = 'codes' "
        "and partner_iso3 = 'WLD'"
    ).fetchall()
    assert len(found) == 18
    for reporter, year, index, adjusted in found:
        sides = [
            (
                Fraction(FLOWS[item, reporter, "WLD", "X", year]),
                Fraction(FLOWS[item, reporter, "WLD", "M", year]),
            )
            for item in ("31", "32", "39")
        ]
        gross = sum(x + m for x, m in sides)
        mean = sum((x + m) / gross * (1 - abs(x - m) / (x + m)) for x, m in sides)
        imbalance = abs(sum(x for x, _ in sides) - sum(m for _, m in sides)) / gross
        assert near(index, mean) and near(adjusted, mean / (1 - imbalance))


def test_mirror_gap_recomputes_and_splits(made: duckdb.DuckDBPyConnection) -> None:
    found = made.execute(
        "select hs_code, exporter_iso3, importer_iso3, year, mirror_status, gap_log, reconciled_value_usd, "
        "timing_log_low, timing_log_high, hong_kong_routed_high_usd, unexplained_log_low, "
        "unexplained_log_high, hong_kong_log_high, cif_margin_log_high "
        f"from marts.fct_mirror_gap_code where product_id = '{BASE}' "
        "and 'WLD' not in (exporter_iso3, importer_iso3)"
    ).fetchall()
    statuses = defaultdict(int)
    for code, exporter, importer, year, status, gap, reconciled, t_low, t_high, routed, *rest in found:
        item = code[4:]
        sent = value(item, exporter, importer, "X", year)
        received = value(item, importer, exporter, "M", year)
        statuses[status] += 1
        if sent is None or received is None:
            assert status == "no_mirror" and gap is None and rest[:2] == [None, None]
            one_side = sent if received is None else received / Fraction(105, 100)
            assert one_side is not None and near(float(reconciled), one_side)
            continue
        assert status == "ok" and near(gap, math.log(received / sent))
        assert near(float(reconciled), (sent + received / Fraction(105, 100)) / 2)
        before = value(item, exporter, importer, "X", year - 1)
        ends = [0.0, 0.0]
        if before is not None:
            ends = sorted(math.log(1 + Fraction(days, 365) * (before / sent - 1)) for days in (2, 45))
            assert near(t_low, ends[0]) and near(t_high, ends[1])
        else:
            assert t_low is None and t_high is None
        bounds = [value(item, exporter, "HKG", "X", year)]
        onward = value(item, "HKG", importer, "RX", year) or value(item, "HKG", importer, "X", year)
        bounds = [amount for amount in (*bounds, onward) if amount is not None]
        through = 0.0
        if "HKG" not in (exporter, importer) and bounds:
            assert near(float(routed), min(bounds))
            through = math.log(1 + min(bounds) / sent)
        low, high, hong_kong, margin = rest
        assert near(margin, math.log(1.2)) and near(hong_kong or 0.0, through)
        assert near(low, gap - math.log(1.2) - ends[1] - through) and high >= low
    assert statuses["ok"] > 100 and statuses["no_mirror"] > 20


def test_scale_and_order_of_rows_change_nothing(made: duckdb.DuckDBPyConnection) -> None:
    """The copy that is a thousand times larger and stored backwards has the same ratios."""
    marts = {
        "fct_concentration": "hhi_low, hhi_high, hhi_status",
        "fct_revealed_advantage": "rca_ratio, rsca_ratio, rca_without_own_ratio, rca_status",
        "fct_market_share_decomposition": "growth_gap_pp, product_effect_pp, market_effect_pp, "
        "market_share_effect_pp, new_flow_effect_pp, decomposition_status",
        "fct_intra_industry": "grubel_lloyd_ratio, adjusted_grubel_lloyd_ratio, grubel_lloyd_status",
        "fct_share_member": "share_pct, share_change_pp, matched_share_pct, share_status",
        "fct_mirror_gap_code": "gap_log, gap_fob_log, unexplained_log_low, hong_kong_log_high, mirror_status",
        "fct_reporter_comparison": "ratio, leader, rank_a, rank_b",
    }
    for mart, columns in marts.items():
        names = [
            name for (name,) in made.execute(f"select column_name from (describe marts.{mart})").fetchall()
        ]
        dimensions = [name for name in KEYS.split() if name in names]
        copies = []
        for universe in (BASE, SCALED):
            renamed = ", ".join(
                f"replace(replace({name}, '{CODES[SCALED]}', '{CODES[BASE]}'), '{SCALED}', '{BASE}')"
                if name in ("universe", "product_id", "item_id", "hs_code", "member_id")
                else name
                for name in dimensions
            )
            belongs = " or ".join(
                f"{name} = '{universe}' or {name} like '{CODES[universe]}%'"
                for name in ("universe", "product_id", "item_id", "hs_code")
                if name in dimensions
            )
            copies.append(
                made.execute(
                    f"select {renamed}, {columns} from marts.{mart} where {belongs} order by all"
                ).fetchall()
            )
        first, second = copies
        assert len(first) == len(second) > 0, mart
        for one, other in zip(first, second, strict=True):
            for a, b in zip(one, other, strict=True):
                same = math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-8) if isinstance(a, float) else a == b
                assert same, (mart, one, other)


def test_swapped_sides_turn_the_gap_round(made: duckdb.DuckDBPyConnection) -> None:
    """In the swapped copy the importer's figure stands as the exporter's: X of i to j is M of i from j."""
    found = made.execute(
        "select one.gap_log, other.gap_log, one.gap_symmetric_pct, other.gap_symmetric_pct "
        "from marts.fct_mirror_gap_code as one join marts.fct_mirror_gap_code as other "
        "on one.hs_code[5:] = other.hs_code[5:] and one.exporter_iso3 = other.exporter_iso3 "
        "and one.importer_iso3 = other.importer_iso3 and one.year = other.year "
        f"where one.product_id = '{BASE}' and other.product_id = '{SWAPPED}' and one.mirror_status = 'ok'"
    ).fetchall()
    assert len(found) > 100
    for gap, swapped, symmetric, swapped_symmetric in found:
        assert near(gap, -swapped) and near(symmetric, -swapped_symmetric)
        assert near(math.tanh(gap / 2) * 200, symmetric)


# --- the sample files, as users have them ---


def sample_values() -> dict[tuple[str, str, str, int], Fraction]:
    """(code, reporter, flow, year) -> dollars, read with the trailing comma in mind."""
    held = {}
    for path in COMTRADE_SAMPLES:
        with path.open(encoding="cp1252", newline="") as lines:
            reader = csv.reader(lines)
            header = next(reader)
            for line in reader:
                row = dict(zip(header, line, strict=False))
                key = (row["cmdCode"], row["reporterISO"], row["flowCode"], int(row["refYear"]))
                held[key] = Fraction(row["primaryValue"])
    return held


@pytest.fixture(scope="module")
def sampled(sampled_home: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(sampled_home / "current" / "chipledger.duckdb"), read_only=True)


def test_samples_fill_the_mirror_marts(sampled: duckdb.DuckDBPyConnection) -> None:
    """They hold world totals only: one side of each mirror, and the mart says so."""
    values = {key: amount for key, amount in sample_values().items() if len(key[0]) == 6}
    found = sampled.execute(
        "select hs_code, exporter_iso3, importer_iso3, year, exporter_value_usd, importer_value_usd, "
        "reconciled_value_usd, mirror_status, gap_log from marts.fct_mirror_gap_code"
    ).fetchall()
    assert len(found) == len(values) == 252
    for code, exporter, importer, year, sent, received, reconciled, status, gap in found:
        assert status == "no_mirror" and gap is None
        if importer == "WLD":
            assert received is None and sent == reconciled == values[code, exporter, "X", year]
        else:
            assert exporter == "WLD" and sent is None and received == values[code, importer, "M", year]
            assert near(float(reconciled), values[code, importer, "M", year] / Fraction(105, 100))
    headings = [key for key in sample_values() if key[0] == "8542"]
    (held,) = sampled.execute(
        "select count(*) from marts.fct_mirror_gap where product_id = 'integrated_circuits' "
        "and importer_iso3 = 'WLD' and exporter_source_id = 'comtrade' "
        "and exporter_iso3 in ('CHN', 'KOR', 'USA')"
    ).fetchall()
    assert held == (len(headings),) == (36,)


def test_samples_fill_the_share_marts(sampled: duckdb.DuckDBPyConnection) -> None:
    values = sample_values()
    codes = ("854231", "854232", "854239")
    found = sampled.execute(
        "select reporter_iso3, flow, item_id, year, member_id, share_pct, share_change_pp "
        "from marts.fct_share_member where dimension = 'reporter' and item_id like '8542__'"
    ).fetchall()
    assert len(found) == 3 * 6 * 2 * 7
    for _, flow, code, year, reporter, share, change in found:
        world = {
            y: sum(values[code, name, flow, y] for name in REPORTERS) for y in (year, max(year - 1, 2018))
        }
        assert near(share, 100 * values[code, reporter, flow, year] / world[year])
        if year > 2018:
            base = values[code, reporter, flow, year - 1] / world[year - 1]
            assert near(change, 100 * (values[code, reporter, flow, year] / world[year] - base))
    mix = sampled.execute(
        "select reporter_iso3, flow, year, member_id, share_pct, denominator_kind "
        "from marts.fct_share_member where dimension = 'hs_code'"
    ).fetchall()
    for reporter, flow, year, member, share, kind in mix:
        held = {code: values[code, reporter, flow, year] for code in codes}
        heading = values.get(("8542", reporter, flow, year))
        if heading is None:
            (heading,) = sampled.execute(
                "select max(value_usd) from marts.fct_trade_share_yearly where source_id = 'comtrade' "
                f"and reporter_iso3 = '{reporter}' and flow = '{flow}' and year = {year}"
            ).fetchall()[0]
            heading = None if heading is None else Fraction(heading)
        assert kind == ("sum_of_members" if heading is None else "printed")
        total = heading or sum(held.values())
        amount = total - sum(held.values()) if member == "_residual" else held[member]
        assert near(share, 100 * amount / total)
    assert len({row[:3] for row in mix}) == 6 * 2 * 7


def test_samples_fill_advantage_and_decomposition(sampled: duckdb.DuckDBPyConnection) -> None:
    values = sample_values()
    codes = ("854231", "854232", "854239")
    for year in (2018, 2024):
        table = pd.DataFrame(
            {code: [float(values[code, name, "X", year]) for name in REPORTERS] for code in codes},
            index=list(REPORTERS),
        )
        expected = published_rca(table)
        found = sampled.execute(
            "select reporter_iso3, item_id, rca_ratio from marts.fct_revealed_advantage "
            f"where universe = 'integrated_circuits' and year = {year}"
        ).fetchall()
        assert len(found) == 18
        assert all(near(rca, expected.loc[reporter, code]) for reporter, code, rca in found)
    (growth,) = sampled.execute(
        "select growth_pct, world_growth_pct, growth_gap_pp - structure_effect_pp - market_share_effect_pp "
        "from marts.fct_market_share_decomposition where universe = 'integrated_circuits' "
        "and reporter_iso3 = 'KOR' and year = 2024 and market_level = 'world'"
    ).fetchall()
    own = {y: sum(values[code, "KOR", "X", y] for code in codes) for y in (2023, 2024)}
    world = {y: sum(values[c, n, "X", y] for c in codes for n in REPORTERS) for y in (2023, 2024)}
    assert near(growth[0], 100 * (own[2024] / own[2023] - 1))
    assert near(growth[1], 100 * (world[2024] / world[2023] - 1)) and near(growth[2], 0)


def test_crossover_envelope_is_that_of_sixteen_corners(connection: duckdb.DuckDBPyConnection) -> None:
    """China 34 to 47, Taiwan 43 to 36 between 2024 and 2027, each share give or take half a point."""
    paths = {"linear": lambda s: s, "log": math.log, "logit": lambda s: math.log(s / (100 - s))}
    found = connection.execute(
        "select method, crossover_year, crossover_year_low, crossover_year_high from "
        "marts.fct_capacity_crossover_path where edition_id = 'trendforce/2025-01-31' "
        "and scope = 'mature process'"
    ).fetchall()
    assert {row[0] for row in found} == set(paths)
    printed = {"linear": 2025.35, "log": 2025.40, "logit": 2025.37}
    for method, year, low, high in found:
        scale = paths[method]

        def crossing(a0: float, a1: float, b0: float, b1: float, scale: Any = scale) -> float:
            start, end = scale(b0) - scale(a0), scale(a1) - scale(b1)
            return float(2024 + 3 * start / (start + end))

        corners = [
            crossing(*corner)
            for corner in itertools.product((33.5, 34.5), (46.5, 47.5), (42.5, 43.5), (35.5, 36.5))
        ]
        assert near(year, crossing(34, 47, 43, 36)) and round(year, 2) == printed[method]
        assert near(low, min(corners)) and near(high, max(corners))


def test_bilateral_files_reach_the_mirror(tmp_path: Path) -> None:
    """Made flows of 2012 in the portal's layout, from the file to the published gap.

    Korea says it sent 100 to China and 60 to Hong Kong, China says it received 130 from Korea, Hong Kong
    that it sent 50 on: at most 50 of the gap went through Hong Kong. The year before, Korea sent 80.
    """
    china, hong_kong, korea = ("156", "CHN"), ("344", "HKG"), ("410", "KOR")
    flows = [
        ("2011", korea, china, "X", "80"),
        ("2012", korea, china, "X", "100"),
        ("2012", korea, hong_kong, "X", "60"),
        ("2012", china, korea, "M", "130"),
        ("2012", hong_kong, china, "X", "55"),
        ("2012", hong_kong, china, "RX", "50"),
    ]
    records = [
        record(
            refPeriodId=f"{year}0101",
            refYear=year,
            period=year,
            reporterCode=reporter[0],
            reporterISO=reporter[1],
            partnerCode=partner[0],
            partnerISO=partner[1],
            flowCode=flow,
            classificationCode="H4",
            cmdCode="8542",
            aggrLevel="4",
            primaryValue=f"{amount}000000",
        )
        for year, reporter, partner, flow, amount in flows
    ]
    raw = copy_raw(tmp_path)
    env = {"CHIPLEDGER_RAW": str(raw), "CHIPLEDGER_HOME": str(tmp_path / "home")}
    file = write_portal(tmp_path / "TradeData_made.csv", records)
    for command in (("add", str(file), "--released", "2026-11-20"), ("refresh",)):
        done = run_cli(*command, env=env)
        assert done.returncode == 0, done.stderr
    with duckdb.connect(str(tmp_path / "home" / "current" / "chipledger.duckdb"), read_only=True) as opened:
        found = opened.execute(
            "select exporter_value_usd, importer_value_usd, importer_valuation, mirror_status, gap_log, "
            "reconciled_value_usd, hong_kong_routed_low_usd, hong_kong_routed_high_usd, timing_log_low, "
            "unexplained_log_low, unexplained_log_high from marts.fct_mirror_gap "
            "where exporter_iso3 = 'KOR' and importer_iso3 = 'CHN' and year = 2012"
        ).fetchall()
        seen = trace(opened, raw, "fct_mirror_gap", ["exporter_iso3=KOR", "importer_iso3=CHN", "year=2012"])
    ((sent, received, valuation, status, gap, reconciled, *split),) = found
    routed_low, routed_high, timing_low, unexplained_low, unexplained_high = split
    assert (sent, received, valuation, status) == (100_000_000, 130_000_000, "cif", "ok")
    assert near(gap, math.log(1.3)) and near(
        float(reconciled), (Fraction(100) + Fraction(13000, 105)) / 2 * 10**6
    )
    assert (routed_low, routed_high) == (0, 50_000_000)
    assert near(timing_low, math.log(1 - 45 / 365 * 0.2))
    assert near(unexplained_low, math.log(1.3 / 1.2 / 1.5 / (1 - 2 / 365 * 0.2)))
    assert near(unexplained_high, math.log(1.3 / (1 - 45 / 365 * 0.2)))
    assert {(cell.role, dict(cell.record)["primaryValue"]) for cell in seen.cells} == {
        ("exporter", "100000000"),
        ("importer", "130000000"),
        ("exporter, the year before", "80000000"),
        ("to Hong Kong, says the exporter", "60000000"),
        ("to the importer, says Hong Kong", "50000000"),
    }
