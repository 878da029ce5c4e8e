"""World semiconductor sales (WSTS figures as printed by SIA and others), billion US dollars or per cent.

Sales are billings, not customs exports; monthly figures are three-month moving averages.
"""

import datetime as dt

from orchestration.contracts import rules
from orchestration.sources.csv_layout import CsvLayout, Field, Problem, Row, period_is_over


def check_row(row: Row, released_at: dt.date) -> Problem | None:
    """Sales are of periods that were over when they were printed."""
    if period_is_over(row["period"], released_at):
        return None
    return Problem("period", "after_release", str(row["period"]), f"a period that was over on {released_at}")


LAYOUT = CsvLayout(
    dataset_id="semiconductor_sales",
    raw_table="semiconductor_sales",
    description="Semiconductor billings as printed in press releases, by release.",
    fields=(
        Field(
            "period",
            "Year, quarter or month",
            (rules.matches(r"20\d\d(Q[1-4]|-(0[1-9]|1[0-2]))?", "YYYY, YYYYQ1 or YYYY-MM"),),
        ),
        Field("measure", "What the number counts", (rules.not_blank(),)),
        Field("region", "Region as printed", (rules.not_blank(),)),
        Field("value", "The number as printed", (rules.number(),)),
        Field("unit", "Unit as printed", (rules.one_of(("USD bn", "pct"), "unknown_unit"),)),
        Field("vintage", "Which print this is", (rules.not_blank(),)),
        Field("source", "Where this row was read", (rules.not_blank(),)),
    ),
    key=("period", "measure", "region", "vintage"),
    check_row=check_row,
)
