"""World semiconductor sales (WSTS figures as printed by SIA and others), billion US dollars or per cent.

Sales are billings, not customs exports; monthly figures are three-month moving averages.
"""

from orchestration.contracts import rules
from orchestration.sources.csv_layout import CsvLayout, Field

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
)
