"""Each metric has a dbt unit test that says where its answer stands, and keeps two properties.

Belongs here: which unit test is whose, and what must be so for all of them: the order of rows says nothing,
and a thousand times the money is a thousand times every amount and the same ratio. The rows are those of the
unit tests; what else must hold of a metric is tested beside its models.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import yaml
from helpers import ROOT
from model_sql import Models, Row

METRICS = {
    metric["metric_id"]: metric
    for metric in yaml.safe_load((ROOT / "orchestration/warehouse/metrics.yml").read_text(encoding="utf-8"))
}
UNIT_TESTS = {
    test["name"]: test
    for path in sorted((ROOT / "dbt_project/models").glob("*/*.yml"))
    for test in yaml.safe_load(path.read_text(encoding="utf-8")).get("unit_tests", ())
}

# Two are fed by a query; no metric has its example there.
IN_ROWS = sorted(
    name for name, test in UNIT_TESTS.items() if all(given.get("format") != "sql" for given in test["given"])
)

_SALES = "int_growth__chip_sales_of_2024_in_every_measure"
_SIA = "Semiconductor Industry Association"
_ELASTIC = "int_mirror_gap__imf_factor_of_1_06"
_GRIM = "int_claim_number_verdict__160_billion_by_rounding_once_or_twice"
# metric -> its unit test and the words of the description that name the source of the answer.
EXAMPLES = {
    "growth_yoy": (_SALES, _SIA),
    "growth_interval": (_SALES, "Moore (1966)"),
    "implied_base": (_SALES, "Moore (1966)"),
    "growth_log": (_SALES, "Python's math.log"),
    "growth_symmetric": (_SALES, "Davis, Haltiwanger and Schuh"),
    "revision_band": ("int_revision_band__cut_of_chinas_exports_of_2022", "todayonline.com"),
    "cagr": ("fct_trade_cagr__investment_of_three_years", "Investopedia"),
    "rolling_12m": ("int_monthly_growth__twelve_months_on_twelve_months", _SIA),
    "rolling_12m_growth": ("int_monthly_growth__twelve_months_on_twelve_months", _SIA),
    "streak": ("int_monthly_growth__fourteen_months_are_thirteen_releases", "scmp.com"),
    "growth_constant_fx": ("fct_growth_currency__company_of_two_currencies", "Investopedia"),
    "currency_effect": ("fct_growth_currency__company_of_two_currencies", "Investopedia"),
    "growth_per_day": ("fct_growth_calendar__leap_february", "X-13ARIMA-SEATS Reference Manual"),
    "growth_per_working_day": ("fct_growth_calendar__korean_exports_a_working_day", "KBS World"),
    "growth_mom": ("fct_trade_growth_mom__consumer_prices_of_january_2025", "Bureau of Labor Statistics"),
    "growth_mom_seasonally_adjusted": (
        "fct_trade_growth_mom__consumer_prices_of_january_2025",
        "Bureau of Labor Statistics",
    ),
    "record": ("fct_trade_record__exports_of_chips_as_printed", "as its customs printed them"),
    "contribution": ("fct_growth_contribution__consumer_spending_of_2003", "Bureau of Economic Analysis"),
    "unit_value": ("fct_unit_value__exports_of_chips_2023", "China's customs"),
    "lmdi": ("fct_unit_value__exports_of_chips_2023", "Ang (2005)"),
    "price_fisher": ("fct_price_index__producer_price_index_manual", "as printed by gpindex"),
    "price_tornqvist": ("fct_price_index__producer_price_index_manual", "Producer Price Index Manual"),
    "implied_revision": ("fct_implied_revision__exports_of_chips_2024", "China's customs"),
    "market_share": ("fct_trade_share_yearly__four_firms_and_a_late_one", "US Department of Justice"),
    "share_of_member": ("fct_share_member__soybeans_of_brazil", "Atlas of Economic Complexity"),
    "hhi": ("fct_concentration__four_firms_of_the_department_of_justice", "US Department of Justice"),
    "hhi_normalised": (
        "fct_concentration__four_firms_of_the_department_of_justice",
        "US Department of Justice",
    ),
    "constant_market_share": ("fct_market_share_decomposition__region_of_krumme", "The same table"),
    "constant_market_share_order": ("fct_market_share_decomposition__region_of_krumme", "The same table"),
    "revealed_comparative_advantage": ("fct_revealed_advantage__soybeans_of_brazil", "Atlas of Economic"),
    "symmetric_advantage": ("fct_revealed_advantage__soybeans_of_brazil", "Atlas of Economic Complexity"),
    "advantage_without_own": ("fct_revealed_advantage__soybeans_of_brazil", "Atlas of Economic Complexity"),
    "grubel_lloyd": ("fct_intra_industry__mean_of_codes_is_not_index_of_sums", "ixambee"),
    "trade_balance": ("fct_trade_balance__chinas_circuits_of_2024", "GACC"),
    "capacity_crossover": (
        "fct_capacity_crossover__china_and_taiwan_in_mature_capacity",
        "numpy.polyfit",
    ),
    "capacity_crossover_path": (
        "fct_capacity_crossover_path__lines_logs_and_odds",
        "scipy.optimize.brentq",
    ),
    "capacity_forecast_error": (
        "fct_capacity_forecast__error_once_the_year_is_known",
        "The editions of TrendForce",
    ),
    "industry_difference": ("fct_industry_comparison__three_editions_of_a_forecast", "TrendForce"),
    "product_ratio": ("fct_product_comparison__chips_and_phones_of_2024", "MyDrivers"),
    "reporter_ratio": ("fct_reporter_comparison__china_and_korea_in_2024", "Korea's ministry of trade"),
    "source_difference": (
        "fct_source_comparison__exports_of_chips_2024_at_two_sources",
        "as both print them",
    ),
    "article_agreement": ("fct_article_comparison__160_and_159_5_billion", "Brown and Heathers 2017"),
    "mirror_gap": (_ELASTIC, "IMF, Direction of Trade Statistics"),
    "mirror_gap_split": (_ELASTIC, "IMF, Direction of Trade Statistics"),
    "reconciled_value": (_ELASTIC, "IMF, Direction of Trade Statistics"),
    "concordance_leakage": ("fct_concordance_leakage__memories_of_the_growth_lab", "Growth Lab"),
    "reconciliation_difference": (
        "fct_reconciliation__aggregates_of_statistics_canada",
        "Statistics Canada",
    ),
    "claim_verdict": (_GRIM, "Brown and Heathers 2017"),
    "claim_level": (_GRIM, "Brown and Heathers 2017"),
    "claim_growth": ("growth_that_needs_a_base_not_printed", "scmp.com/tech/policy/article/3248269"),
    "claim_streak": ("fourteen_months_are_thirteen_releases", "scmp.com 3049569"),
    "share_change": ("fct_share_member__forty_to_forty_four_per_cent", "Percentage point"),
    "constant_sample_share": (
        "fct_trade_share_yearly__four_firms_and_a_new_one",
        "US Department of Justice",
    ),
    "lead_spell": ("fct_product_lead__runs_of_rs_manual", "manual of R's base package"),
    "hong_kong_routing": ("int_hong_kong_route__frechet_bounds", "Fréchet inequalities"),
    "change_after_event": (
        "fct_policy_event_window__minimum_wage_of_new_jersey",
        "Card and Krueger (1994)",
    ),
    "placebo": ("fct_policy_event_window__lady_tasting_tea", "R's fisher.test"),
    "claim_known_at": ("growth_that_needs_a_base_not_printed", "scmp.com/tech/policy/article/3248269"),
}
# What the tests of the sums' bounds call the columns that a mart renames.
RENAMED = {"hong_kong_routed_low_usd": "routed_low_usd", "hong_kong_routed_high_usd": "routed_high_usd"}


def table(rows: Any) -> list[dict[str, Any]]:
    """The rows of a unit test, which dbt takes as a list or as CSV; what is empty is null."""
    if not isinstance(rows, str):
        return [dict(row) for row in rows]
    held = csv.DictReader(io.StringIO(rows), skipinitialspace=True)
    return [{name: cell.strip() or None for name, cell in row.items()} for row in held]


def inputs(test: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    return {re.sub(r"^ref\('|'\)$", "", given["input"]): table(given["rows"]) for given in test["given"]}


def ancestors(models: Models, name: str) -> set[str]:
    """The model and all that it is made from."""
    found, waiting = set(), [name]
    while waiting:
        held = waiting.pop()
        if held in models.nodes and held not in found:
            found.add(held)
            waiting += [each.split(".")[-1] for each in models.nodes[held]["depends_on"]["nodes"]]
    return found


def test_each_metric_has_an_example() -> None:
    assert set(METRICS) == set(EXAMPLES)


@pytest.mark.parametrize("metric", sorted(METRICS))
def test_the_example_is_of_the_metric_and_names_its_source(models: Models, metric: str) -> None:
    name, source = EXAMPLES[metric]
    test = UNIT_TESTS[name]
    assert name in IN_ROWS
    assert source in " ".join(test["description"].split())
    columns = {RENAMED.get(column, column) for column in METRICS[metric]["column_name"].split(", ")}
    shown = {
        column for row in table(test["expect"]["rows"]) for column, cell in row.items() if cell is not None
    }
    # The band is held against verdicts; it is estimated where no mart shows it.
    assert columns & shown or metric == "revision_band"
    marts = METRICS[metric]["mart"].split(", ")
    assert any(test["model"] in ancestors(models, mart) for mart in marts)


def as_shown(rows: list[Row]) -> list[tuple[Any, ...]]:
    """Rows in an order of their own, to twelve digits: a sum of doubles depends on the order of its terms."""

    def cell(value: Any) -> Any:
        return f"{value:.12g}" if isinstance(value, float) else value

    return sorted((tuple(cell(value) for value in row.values()) for row in rows), key=repr)


@pytest.mark.parametrize("name", IN_ROWS)
def test_the_order_of_rows_says_nothing(models: Models, name: str) -> None:
    test = UNIT_TESTS[name]
    given = inputs(test)
    expected = as_shown(models.run(test["model"], **given))
    assert len(expected) == len(table(test["expect"]["rows"]))
    backwards = {model: rows[::-1] for model, rows in given.items()}
    assert as_shown(models.run(test["model"], **backwards)) == expected


# Columns of money and the half units beside it. A share of capacity has a half unit too, and no money.
_MONEY = re.compile(
    r"(?:^|_)(?:value|usd)(?:_|$)|^half_unit$|^adjusted_value$|^(?:low|high)$|^computed_(?:low|high)$"
)
_NOT_MONEY = re.compile(r"status|_source_id$|_scope$|valuation|_pct$|_kind$")
# Growths in per cent and shares have half units, too.
_WITHOUT_MONEY = ("int_published_growth", "stg_reference__mirror_parameter", "fct_capacity_share")
# These count months, name an amount in words, or take whole millions for rounded.
_SIZE_COUNTS = (
    "int_claim_growth_verdict",
    "int_claim_order_verdict",
    "int_claim_path_verdict",
    "int_claim_streak_verdict",
    "fct_reconciliation",
)
SCALE = 1000


def money(model: str, rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        has_money = model not in _WITHOUT_MONEY and row.get("measure") != "growth_yoy_pct"
        yield {
            name: cell * SCALE if cell is not None and has_money and is_money(name) else cell
            for name, cell in ((name, number(name, cell)) for name, cell in row.items())
        }


def is_money(name: str) -> bool:
    return bool(_MONEY.search(name)) and not _NOT_MONEY.search(name)


def number(name: str, cell: Any) -> Any:
    return Decimal(str(cell)) if cell is not None and is_money(name) else cell


def in_order(rows: list[Row]) -> list[Row]:
    """Rows by all that is no amount, then by the amounts, whose order a scale does not change."""
    return sorted(
        rows,
        key=lambda row: (
            repr([cell for cell in row.values() if not isinstance(cell, Decimal | float)]),
            [float(cell) for cell in row.values() if isinstance(cell, Decimal | float)],
        ),
    )


@pytest.mark.parametrize("name", [name for name in IN_ROWS if UNIT_TESTS[name]["model"] not in _SIZE_COUNTS])
def test_a_thousand_times_the_money_is_the_same_ratio(models: Models, name: str) -> None:
    test = UNIT_TESTS[name]
    given = inputs(test)
    before = in_order(models.run(test["model"], **given))
    scaled_up = {model: list(money(model, rows)) for model, rows in given.items()}
    after = in_order(models.run(test["model"], **scaled_up))
    assert len(before) == len(after)
    for column in before[0] if before else ():
        cells = list(zip((row[column] for row in before), (row[column] for row in after), strict=True))
        numbers = [
            (float(one), float(other))
            for one, other in cells
            if isinstance(one, Decimal | float) and isinstance(other, Decimal | float)
        ]
        if len(numbers) == sum(one is not None for one, _ in cells) and numbers:
            # Amounts are rounded outwards or to a whole unit.
            same = all(math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9) for one, other in numbers)
            scaled = all(
                math.isclose(one * SCALE, other, rel_tol=1e-9, abs_tol=SCALE) for one, other in numbers
            )
            assert same or scaled, (column, numbers)
            assert same or not re.search(r"_(?:pct|pp|ratio|log|low_pct|high_pct)$", column), column
        else:
            assert all(one == other for one, other in cells), (column, cells)
