"""Verdicts of claims that the two articles held do not have: the claim models over rows made up here.

Belongs here: forecasts before and after their time, and events that followed. The 47 claims are
test_claims.py's.
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
