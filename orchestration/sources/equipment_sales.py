"""Sales of semiconductor manufacturing equipment by region (SEMI), billion US dollars."""

from orchestration.contracts import rules
from orchestration.sources.csv_layout import CsvLayout, Field

LAYOUT = CsvLayout(
    dataset_id="equipment_sales",
    raw_table="equipment_sales",
    description="Semiconductor equipment billings by region and period, by edition.",
    fields=(
        Field("region", "Region as printed; Total is the world", (rules.not_blank(),)),
        Field(
            "period",
            "Year, or year and quarter",
            (rules.matches(r"20\d\d(Q[1-4])?", "YYYY or YYYYQ1", "bad_period"),),
        ),
        Field("usd_bn", "Billings", (rules.number(), rules.between(0, 1000, "billion US dollars"))),
        Field(
            "yoy_pct_as_published",
            "Change on the year before as printed, per cent",
            (rules.number(), rules.between(-100, 1000, "per cent")),
            required=False,
        ),
        Field("source", "Where this row was read", (rules.not_blank(),)),
    ),
    key=("region", "period"),
)
