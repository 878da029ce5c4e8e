"""Output of AI accelerators by vendor as stated by officials and the press, chips."""

from orchestration.contracts import rules
from orchestration.sources.csv_layout import CsvLayout, Field

LAYOUT = CsvLayout(
    dataset_id="ai_accelerators",
    raw_table="ai_accelerators",
    description="Stated output of AI accelerators by vendor and product.",
    fields=(
        Field("vendor", "Vendor", (rules.not_blank(),)),
        Field("product", "Product scope as stated", (rules.not_blank(),)),
        Field("period", "Period as stated", (rules.not_blank(),)),
        Field("units", "Chips (or dies, see the qualifier)", (rules.number(),)),
        Field("qualifier", "Words that bound the number", (rules.not_blank(),)),
        Field("source", "Where this row was read", (rules.not_blank(),)),
    ),
    key=("vendor", "product", "period", "source"),
)
