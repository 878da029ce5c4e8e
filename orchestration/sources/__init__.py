"""One module per source layout, listed here: a new source is its module plus one line below.

A layout says what its files look like, which rules their rows obey and in which raw table they land.
It never imports dagster or dbt.
"""

from __future__ import annotations

from orchestration.sources import (
    ai_accelerators,
    article_claims,
    baci,
    capacity_share,
    comext_bulk,
    comtrade_api,
    comtrade_bulk,
    comtrade_extract,
    comtrade_legacy,
    comtrade_portal,
    equipment_sales,
    foundry_revenue,
    gacc_announced,
    gacc_bulletin,
    gacc_express,
    gacc_express_table,
    gacc_query,
    japan_estat,
    korea_kstat,
    korea_open_data,
    rare_earth_production,
    reference,
    semiconductor_sales,
    taiwan_customs,
    us_census,
    usitc_dataweb,
)
from orchestration.sources.csv_layout import CsvLayout
from orchestration.sources.layout import CustomsLayout

# Tables kept by hand, in the columns that their modules declare.
LAYOUTS: tuple[CsvLayout, ...] = (
    article_claims.LAYOUT,
    gacc_announced.LAYOUT,
    gacc_express.LAYOUT,
    capacity_share.LAYOUT,
    equipment_sales.LAYOUT,
    foundry_revenue.LAYOUT,
    rare_earth_production.LAYOUT,
    ai_accelerators.LAYOUT,
    semiconductor_sales.LAYOUT,
    *reference.LAYOUTS,
)


# Files as customs offices and data banks publish them.
CUSTOMS: tuple[CustomsLayout, ...] = (
    comtrade_portal.LAYOUT,
    comtrade_api.LAYOUT,
    comtrade_bulk.LAYOUT,
    comtrade_legacy.LAYOUT,
    comtrade_extract.LAYOUT,
    baci.LAYOUT,
    gacc_express_table.LAYOUT,
    gacc_bulletin.LAYOUT,
    gacc_query.LAYOUT,
    us_census.LAYOUT,
    usitc_dataweb.LAYOUT,
    comext_bulk.LAYOUT,
    taiwan_customs.LAYOUT,
    korea_kstat.LAYOUT,
    korea_open_data.LAYOUT,
    japan_estat.LAYOUT,
)


def layout_of(dataset_id: str) -> CsvLayout | None:
    """The hand-kept layout declared for `dataset_id`, or None."""
    return next((layout for layout in LAYOUTS if layout.dataset_id == dataset_id), None)


def customs_layout_of(name: str) -> CustomsLayout | None:
    """The customs layout of that layout_id or dataset_id, or None."""
    return next((item for item in CUSTOMS if name in (item.layout_id, item.dataset_id)), None)
