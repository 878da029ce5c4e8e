"""Figures of China customs (GACC) as announced in releases and quoted by the press, one figure a row.

Values keep the unit they were printed in (100m USD, 100m CNY, 10k units, ...); `vintage` says whether
the row is a first print, a revised base printed a year later, a conflict or a known misprint.
"""

import datetime as dt
from decimal import Decimal

from orchestration.contracts import rules
from orchestration.sources.csv_layout import CsvLayout, Field, Problem, Row, period_is_over

VINTAGES = (
    "as_first_published_that_year",
    "as_first_published",
    "revised_base_in_2025-12_table",
    "secondary",
    "CONFLICT",
    "WRONG_IN_SOURCE",
    "WRONG_UNIT_IN_SOURCE",
    "WRONG_SCALE_IN_SOURCE",
)
MEASURES = (
    "value",
    "quantity",
    "yoy_value",
    "yoy_value_usd",
    "yoy_value_cny",
    "yoy_qty",
    "streak_months_yoy_growth",
    "value_to_hong_kong",
    "value_to_vietnam",
    "value_to_usa",
)
UNITS = (
    "100m USD",
    "USD bn",
    "10k USD",
    "100m CNY",
    "100m pcs",
    "10k units",
    "100m units",
    "million units",
    "pct",
    "months",
)

# The largest number that each unit can sensibly carry: total exports of China are under these.
_MOST = {
    "100m USD": 100_000,
    "USD bn": 10_000,
    "10k USD": 1_000_000_000,
    "100m CNY": 1_000_000,
    "100m pcs": 100_000,
    "10k units": 1_000_000,
    "100m units": 1_000,
    "million units": 10_000,
    "pct": 1_000,
    "months": 1_200,
}


def check_row(row: Row, released_at: dt.date) -> Problem | None:
    """A level is not negative, no number is out of its unit's range, no period is after the release."""
    value = Decimal(row["value"] or "0")
    unit, period = row["unit"] or "", row["period"] or ""
    if value < 0 and unit != "pct":
        return Problem("value", "out_of_range", str(value), "0 or more")
    if abs(value) > _MOST[unit]:
        return Problem("value", "out_of_range", str(value), f"at most {_MOST[unit]:,} {unit}")
    if not period_is_over(period, released_at):
        return Problem("period", "after_release", period, f"a period that was over on {released_at}")
    return None


LAYOUT = CsvLayout(
    dataset_id="announced",
    raw_table="gacc_announced",
    description="GACC figures for integrated circuits and mobile phones as announced, by release.",
    fields=(
        Field(
            "commodity",
            "Commodity line of GACC's tables",
            (rules.one_of(("integrated_circuits", "mobile_phones")),),
        ),
        Field("flow", "X exports, M imports", (rules.one_of(("X", "M")),)),
        Field(
            "period",
            "Year, or year and last month",
            (rules.matches(r"(19|20)\d\d(-(0[1-9]|1[0-2]))?", "YYYY or YYYY-MM", "bad_period"),),
        ),
        Field(
            "period_type",
            "annual, month, or ytd (January to the month named)",
            (rules.one_of(("annual", "month", "ytd")),),
        ),
        Field("measure", "What the number counts", (rules.one_of(MEASURES),)),
        Field("value", "The number as printed", (rules.number(),)),
        Field("unit", "Unit as printed", (rules.one_of(UNITS, "unknown_unit"),)),
        Field("vintage", "Kind of print", (rules.one_of(VINTAGES),)),
        Field("source_url", "Where this row was read", (rules.not_blank(),)),
        Field("note", "What to know about the figure", required=False),
    ),
    check_row=check_row,
)
