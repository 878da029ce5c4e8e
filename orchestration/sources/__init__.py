"""One module per source layout, listed here: a new source is its module plus one line below.

A layout says what its files look like, which rules their rows obey and in which raw table they land.
It never imports dagster or dbt.
"""

from __future__ import annotations

from orchestration.sources import (
    ai_accelerators,
    article_claims,
    capacity_share,
    comtrade_extract,
    equipment_sales,
    foundry_revenue,
    gacc_announced,
    gacc_express,
    rare_earth_production,
    reference,
    semiconductor_sales,
)
from orchestration.sources.csv_layout import CsvLayout

LAYOUTS: tuple[CsvLayout, ...] = (
    article_claims.LAYOUT,
    gacc_announced.LAYOUT,
    gacc_express.LAYOUT,
    comtrade_extract.LAYOUT,
    capacity_share.LAYOUT,
    equipment_sales.LAYOUT,
    foundry_revenue.LAYOUT,
    rare_earth_production.LAYOUT,
    ai_accelerators.LAYOUT,
    semiconductor_sales.LAYOUT,
    *reference.LAYOUTS,
)


def layout_of(dataset_id: str) -> CsvLayout | None:
    """The layout declared for `dataset_id`, or None."""
    return next((layout for layout in LAYOUTS if layout.dataset_id == dataset_id), None)
