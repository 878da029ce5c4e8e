"""What a share is a share of: the models of market shares over rows made up here.

Belongs here: which reporters are in a sum, what a sum of zero does, and why a share is null.
The numbers over real and made flows are test_numbers.py's and test_comparison_marts.py's.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from model_sql import Models

HEADING, CODES = "HS 8542", "HS 854231+32+33+39"
ECONOMIES = [{"economy_iso3": code, "is_group": False} for code in ("CHN", "JPN", "KOR", "USA")]


def flow(reporter: str, year: int, value: str, scope: str = HEADING) -> dict[str, Any]:
    return {
        "source_id": "comtrade",
        "reporter_iso3": reporter,
        "partner_iso3": "WLD",
        "flow": "M",
        "product_id": "integrated_circuits",
        "product_scope": scope,
        "period_grain": "A",
        "year": year,
        "vintage": "latest",
        "value_usd": Decimal(value),
    }


def shares(models: Models, *flows: dict[str, Any]) -> dict[tuple[str, int], dict[str, Any]]:
    found = models.run("fct_trade_share_yearly", int_product_flow=flows, dim_economy=ECONOMIES)
    return {(row["reporter_iso3"], row["year"]): row for row in found}


def test_reporters_of_another_scope_are_in_no_sum(models: Models) -> None:
    """Japan prints the four codes in 2016 and the heading in 2015; the others always the heading."""
    found = shares(
        models,
        *(flow(who, year, "30") for who in ("CHN", "KOR") for year in (2015, 2016)),
        flow("JPN", 2015, "40"),
        flow("JPN", 2016, "36", CODES),
    )
    japan = found["JPN", 2016]
    assert (japan["share_pct"], japan["share_status"]) == (None, "scope_differs")
    assert japan["world_value_usd"] == 60 and japan["reporters_in_world"] == 2
    assert found["CHN", 2016]["share_pct"] == 50.0 and found["CHN", 2015]["share_pct"] == 30.0
    # A constant sample with Japan would compare a heading with four codes.
    assert {who for (who, _), row in found.items() if row["constant_sample_status"] == "ok"} == {"CHN", "KOR"}
    assert (
        found["CHN", 2015]["constant_sample_share_pct"]
        == found["CHN", 2016]["constant_sample_share_pct"]
        == 50.0
    )
    assert found["JPN", 2015]["constant_sample_status"] == "not_in_every_year"


def test_a_world_of_zero_has_no_shares_and_says_so(models: Models) -> None:
    found = shares(models, flow("CHN", 2015, "0"), flow("KOR", 2015, "0"), flow("CHN", 2016, "5"))
    row = found["CHN", 2015]
    assert (row["share_pct"], row["share_status"]) == (None, "zero_world")
    assert (row["constant_sample_share_pct"], row["constant_sample_status"]) == (None, "zero_world")
    assert found["CHN", 2016]["share_pct"] == 100.0 and found["CHN", 2016]["share_status"] == "ok"


def test_codes_of_partners_added_up_are_no_parts_of_a_printed_total(models: Models) -> None:
    """Japan lacks a month of one code: it is in the sum of the other code, and in none of the product."""

    def item(partner: str, universe: str, code: str, value: int) -> dict[str, Any]:
        return {
            "universe": universe,
            "item_id": code,
            "product_id": "mobile_phones",
            "product_scope": "s",
            "source_id": "taiwan",
            "reporter_iso3": "TWN",
            "partner_iso3": partner,
            "flow": "X",
            "year": 2024,
            "value_usd": value,
            "half_unit": 0,
        }

    found = models.run_all(
        ["int_item_total", "int_share_member", "fct_share_member"],
        int_item_flow=[
            item("CHN", "products", "mobile_phones", 100),
            *(item("CHN", "mobile_phones", code, value) for code, value in (("851713", 80), ("851714", 20))),
            item("JPN", "mobile_phones", "851713", 60),
        ],
        dim_economy=[*ECONOMIES, {"economy_iso3": "TWN", "is_group": False}],
    )["fct_share_member"]
    codes = {row["member_id"]: row for row in found if row["dimension"] == "hs_code"}
    assert {code: row["share_pct"] for code, row in codes.items()} == {"851713": 87.5, "851714": 12.5}
    assert {row["denominator_kind"] for row in codes.values()} == {"sum_of_members"}


def test_imports_by_month_are_valued_as_their_months_are(models: Models) -> None:
    """The US print imports by month and free on board: their year has no freight to take off."""
    flow = {"universe": "products", "item_id": "integrated_circuits", "product_id": "integrated_circuits"}
    place = {"reporter_iso3": "USA", "partner_iso3": "KOR", "flow": "M", "year": 2024}
    (pair,) = models.run(
        "int_mirror_pair",
        int_item_flow=[{**flow, **place, "source_id": "census", "product_scope": "s", "value_usd": 105}],
        dim_economy=ECONOMIES,
        int_product_code_flow=[
            {**place, "source_id": "census", "period_grain": "M", "valuation": "fob", "value_usd": 105}
        ],
    )
    assert (pair["importer_value_usd"], pair["importer_valuation"]) == (105, "fob")
