"""Revenue and market share of the largest foundries by quarter (TrendForce), million US dollars."""

from orchestration.contracts import rules
from orchestration.sources.csv_layout import CsvLayout, Field

LAYOUT = CsvLayout(
    dataset_id="foundry_revenue",
    raw_table="foundry_revenue",
    description="Top foundries by revenue, by quarter.",
    fields=(
        Field("rank_4q24", "Rank in the quarter", (rules.number(),), required=False),
        Field("company", "Company as printed", (rules.not_blank(),)),
        Field("quarter", "Quarter", (rules.matches(r"[1-4]Q\d\d", "such as 4Q24", "bad_period"),)),
        Field("revenue_musd", "Revenue, million US dollars", (rules.number(),)),
        Field(
            "share_pct",
            "Share of foundry revenue",
            (rules.number(), rules.between(0, 100, "per cent")),
            required=False,
        ),
        Field("qoq_pct", "Change on the quarter before, per cent", (rules.number(),), required=False),
        Field("source", "Where this row was read", (rules.not_blank(),)),
    ),
    key=("company", "quarter"),
)
