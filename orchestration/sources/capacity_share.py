"""Shares of chip-making capacity by economy, one edition of a market report a file, per cent.

Forecast rows stay forecasts of their edition for ever; a later edition never overwrites them.
"""

from orchestration.contracts import rules
from orchestration.sources.csv_layout import CsvLayout, Field

LAYOUT = CsvLayout(
    dataset_id="capacity_share",
    raw_table="capacity_share",
    description="Capacity shares by scope, economy and year, by edition.",
    fields=(
        Field("scope", "What capacity is counted", (rules.not_blank(),)),
        Field("region", "Economy as printed", (rules.not_blank(),)),
        Field("year", "Year", (rules.matches(r"20\d\d", "YYYY", "bad_period"),)),
        Field(
            "share_pct",
            "Share of world capacity",
            (rules.number(), rules.between(0, 100, "per cent")),
        ),
        Field(
            "kind",
            "actual or forecast, with the report's qualifier",
            (rules.matches(r"(actual|forecast)( .*)?", "actual or forecast", "unknown_code"),),
        ),
        Field("vintage", "Edition as cited", (rules.not_blank(),)),
        Field("source", "Where this row was read", (rules.not_blank(),)),
    ),
    key=("scope", "region", "year"),
)
