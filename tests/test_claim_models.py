"""Verdicts of claims that the two articles held do not have: the claim models over rows made up here.

Belongs here: forecasts before and after their time, events that followed, several sources of one series.
The 47 claims are test_claims.py's.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from model_sql import Models

JUDGES = ("number", "growth", "streak", "path", "order", "event")
NEWEST = {"snapshot_id": "s", "released_at": dt.date(2026, 11, 21)}


def claim(**changes: Any) -> dict[str, Any]:
    made = {"claim_id": "T-1", "formula_id": "level", "modality": "forecast", "period": "2027"}
    return made | changes


@pytest.mark.parametrize(
    ("modality", "period", "verdict"),
    [
        ("forecast", "2027", "pending"),
        ("forecast", "2026", "pending"),  # the year has begun and is not over
        ("forecast", "2026-12", "pending"),
        ("forecast", "2026-10", "unverifiable"),
        ("forecast", "2024", "unverifiable"),
        ("exact", "2027", "unverifiable"),
    ],
)
def test_a_forecast_without_figures_waits_until_its_time_is_over(
    models: Models, modality: str, period: str, verdict: str
) -> None:
    definition = {"claim_id": "T-1", "definition_id": "d", "definition_role": "meant", "vintage": "first"}
    (row,) = models.run(
        "int_claim_definition_verdict",
        stg_article__claim=[claim(modality=modality, period=period)],
        stg_ledger__snapshot=[NEWEST],
        int_claim_definition=[definition],
        **{f"int_claim_{judge}_verdict": [] for judge in JUDGES},
    )
    assert row["verdict"] == verdict
    assert row["reason"].startswith("a forecast, not due yet") == (verdict == "pending")


@pytest.mark.parametrize(("outcome", "verdict"), [(True, "inconsistent"), (False, "pending")])
def test_a_forecast_is_judged_by_figures_of_its_own_time_only(
    models: Models, outcome: bool, verdict: str
) -> None:
    """200 bn were forecast and 159.5 bn came."""
    (row,) = models.run(
        "int_claim_number_verdict",
        stg_article__claim=[claim()],
        stg_article__claim_reading=[
            {"claim_id": "T-1", "reading": 1, "low": 195, "high": 205, "half_unit": 5}
        ],
        int_claim_evidence=[
            {
                "claim_id": "T-1",
                "definition_id": "d",
                "definition_role": "meant",
                "computed_low": 159.45,
                "computed_high": 159.55,
                "is_circular": False,
                "is_outcome": outcome,
                "evidence": "first print",
            }
        ],
    )
    assert row["verdict"] == verdict


def test_an_event_tells_what_followed_by_the_articles_day(models: Models) -> None:
    """A licence was asked for in April and granted in August; October was after the article."""
    events = [
        {"event_id": f"e{month}", "event_date": dt.date(2025, month, 1), "title": f"H20 {what}"}
        for month, what in ((4, "needs a licence"), (8, "licences granted"), (10, "bought no more"))
    ]
    (row,) = models.run(
        "int_claim_event_verdict",
        stg_article__claim=[
            claim(formula_id="event_date", period="2025", comparand="h20", article_date=dt.date(2025, 9, 25))
        ],
        stg_reference__policy_event=events,
        **{
            name: []
            for name in (
                "fct_capacity_share",
                "fct_industry_figure",
                "stg_reference__company",
                "stg_article__claim_reading",
            )
        },
    )
    assert row["verdict"] == "consistent" and row["known_at"] == dt.date(2025, 4, 1)
    assert row["reason"] == (
        "held: 2025-04-01, H20 needs a licence; "
        "the last of those that followed: 2025-08-01, H20 licences granted"
    )


# --- several sources of one series ---


CHIPS = {"reporter_iso3": "CHN", "partner_iso3": "WLD", "flow": "X", "product_id": "integrated_circuits"}
STREAK = claim(
    formula_id="growth_streak",
    modality="exact",
    subject="integrated_circuits",
    economy_iso3="CHN",
    flow="X",
    currency="USD",
    year=2024,
    period="2024-12",
)


def month(source: str, streak: int, **changes: Any) -> dict[str, Any]:
    """December 2024 as the end of a streak, a row of int_monthly_growth."""
    made = {
        **CHIPS,
        "source_id": source,
        "basis": "usd",
        "vintage": "first",
        "period_grain": "M",
        "period_end_date": dt.date(2024, 12, 31),
        "year": 2024,
        "value": 1,
        "streak_months": streak,
        "streak_releases": streak - 1,
        "streak_status": "complete",
        "release_id": f"{source}/r",
        "snapshot_id": source,
        "raw_row": 2,
    }
    return made | changes


def level(source: str, year: int, value: int, **changes: Any) -> dict[str, Any]:
    """A row of int_trade_series; `gacc` prints, the others are data banks."""
    made = {
        **CHIPS,
        "source_id": source,
        "product_scope": "HS 8542",
        "period_grain": "A",
        "period_end_date": dt.date(year, 12, 31),
        "year": year,
        "basis": "usd",
        "vintage": "first",
        "value": value,
        "half_unit": 0,
        "print_kind": "first" if source == "gacc" else "database",
        "release_id": f"{source}/{year + 1}",
        "released_at": dt.date(year + 1, 1, 14),
    }
    return made | changes


@pytest.mark.parametrize("others", [(), ("comtrade",), ("baci", "comtrade")])
def test_a_streak_is_counted_in_the_prints_of_customs_whatever_else_is_held(
    models: Models, others: tuple[str, ...]
) -> None:
    """China's customs and data banks hold the same months: one verdict and one input, of customs."""
    sources = [*others, "gacc"]
    found = models.run_all(
        [
            "int_printing_source",
            "int_claim_definition",
            "int_claim_streak",
            "int_claim_streak_verdict",
            "fct_claim_input",
        ],
        int_ranked_figure=[],
        stg_article__claim=[STREAK],
        stg_article__claim_reading=[{"claim_id": "T-1", "reading": 1, "value": 14}],
        stg_ledger__snapshot=[
            {"snapshot_id": name, "source_id": name, "release_id": f"{name}/r"} for name in sources
        ],
        int_trade_series=[level(name, 2024, 1) for name in sources],
        int_monthly_growth=[month(name, 14 if name == "gacc" else 3) for name in sources],
        **{
            name: []
            for name in (
                "int_printed_figure",
                "int_claim_series",
                "int_claim_evidence",
                "int_claim_event_verdict",
                "fct_capacity_share",
            )
        },
    )
    verdicts = found["int_claim_streak_verdict"]
    # Months and releases of: three vintages in two currencies, Comtrade's, and all semiconductors.
    assert len(verdicts) == len({row["definition_id"] for row in verdicts}) == 2 * (3 * 2 + 2)
    (meant,) = [row for row in verdicts if row["definition_role"] == "meant"]
    assert (meant["verdict"], meant["release_id"]) == ("exact", "gacc/r")
    held = found["fct_claim_input"]
    assert {row["source_id"] for row in held} == {"gacc"}
    assert len(held) == len({row["definition_id"] for row in held})


def test_a_streak_is_also_judged_by_what_was_out_on_the_day_and_for_all_semiconductors(
    models: Models,
) -> None:
    """October to December 2024 grew on 2023; a print after the article's day makes November a fall.

    Devices fell in October, so that all semiconductors have grown for two months only.
    """
    months = [(year, number) for year in (2023, 2024) for number in (9, 10, 11, 12)]

    def end(year: int, number: int) -> dt.date:
        return dt.date(year + number // 12, number % 12 + 1, 1) - dt.timedelta(days=1)

    def value(year: int, number: int) -> int:
        return 10 if year == 2023 else 9 if number == 9 else 12

    prints = [
        {
            **CHIPS,
            "source_id": "gacc",
            "product_scope": "s",
            "period_grain": "M",
            "period_end_date": end(year, number),
            "measure": "level",
            "basis": "usd",
            "value": value(year, number),
            "release_id": "gacc/r",
            "released_at": dt.date(2025, 1, 14),
        }
        for year, number in months
    ]
    late = {"period_end_date": end(2024, 11), "value": 8, "released_at": dt.date(2025, 6, 1)}
    banked = [
        month(
            "comtrade",
            3,
            product_id=product,
            product_scope=product,
            vintage="latest",
            releases_a_year=12,
            period_end_date=end(year, number),
            year=year,
            value=1
            if (product, year, number) == ("semiconductor_devices", 2024, 10)
            else value(year, number),
        )
        for product in ("integrated_circuits", "semiconductor_devices")
        for year, number in months
    ]
    found = models.run_all(
        ["int_printing_source", "int_claim_definition", "int_claim_streak", "int_claim_streak_verdict"],
        stg_article__claim=[{**STREAK, "article_date": dt.date(2025, 1, 31)}],
        stg_article__claim_reading=[{"claim_id": "T-1", "reading": 1, "value": 3}],
        stg_ledger__snapshot=[],
        int_trade_series=[level(name, 2024, 1) for name in ("gacc", "comtrade")],
        int_monthly_growth=banked,
        int_ranked_figure=[*prints, {**prints[0], **late}],
        int_printed_figure=[],
    )["int_claim_streak_verdict"]
    verdicts = {row["definition_id"]: (row["verdict"], row["computed_low"]) for row in found}
    assert verdicts["months, integrated_circuits, USD, on the article's day"] == ("exact", 3)
    assert verdicts["months, integrated_circuits, Comtrade, USD, latest"] == ("exact", 3)
    assert verdicts["releases, semiconductors, Comtrade, USD, latest"] == ("inconsistent", 2)
    assert verdicts["months, integrated_circuits, CNY, on the article's day"] == ("unverifiable", None)


def test_the_growth_of_two_products_is_of_one_source_each(models: Models) -> None:
    """Two sources print one economy's years: each order of growth has one verdict, of one of them."""
    order = claim(
        formula_id="growth_order",
        modality="exact",
        subject="integrated_circuits",
        comparand="mobile_phones",
        economy_iso3="CHN",
        flow="X",
        currency="USD",
        year=2024,
        period="2024",
        base_period="2023",
        article_date=dt.date(2026, 1, 1),
    )
    values = {("gacc", 2023): 100, ("gacc", 2024): 110, ("other", 2023): 1000, ("other", 2024): 2000}
    held = [
        level(source, year, value if product == "integrated_circuits" else 100, product_id=product)
        | {"print_kind": "first"}
        for (source, year), value in values.items()
        for product in ("integrated_circuits", "mobile_phones")
    ]
    found = models.run_all(
        ["int_printing_source", "int_claim_definition", "int_claim_series", "int_claim_order_verdict"],
        stg_article__claim=[order],
        int_trade_series=held,
        int_ranked_figure=[
            {key: value for key, value in row.items() if key != "vintage"} | {"measure": "level"}
            for row in held
        ],
    )
    verdicts = found["int_claim_order_verdict"]
    keys = [row["definition_id"] for row in verdicts]
    assert len(keys) == len(set(keys)) == 4  # level and growth, of the first print and of the article's day
    assert {row["release_id"] for row in verdicts} == {"gacc/2025"}
    (growth,) = [
        row
        for row in verdicts
        if row["definition_id"].startswith("growth") and "first" in row["definition_id"]
    ]
    assert growth["reason"] == "growth of 10.00 against 0.00 %"
