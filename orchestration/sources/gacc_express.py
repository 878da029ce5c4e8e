"""Rows of China customs' express table of main export commodities, in yuan, one commodity a row.

Each row carries the month, the year to date and last year's year to date (already revised) with the
change that GACC prints. The original workbooks are read by a later module; these rows keep their cells.
"""

from orchestration.contracts import rules
from orchestration.sources.csv_layout import CsvLayout, Field

_OPTIONAL_NUMBERS = (
    ("current_qty", "Quantity of the month, in `unit`"),
    ("current_amount_100m_cny", "Value of the month, 100 million yuan"),
    ("ytd_qty", "Quantity from January to the month, in `unit`"),
    ("ytd_amount_100m_cny", "Value from January to the month, 100 million yuan"),
    ("ytd_last_year_qty", "The same quantity a year before, as now revised"),
    ("ytd_last_year_amount_100m_cny", "The same value a year before, as now revised"),
    ("yoy_ytd_qty_pct", "Change of the quantity printed by GACC, per cent, one decimal"),
    ("yoy_ytd_amount_pct", "Change of the value printed by GACC, per cent, one decimal"),
)

LAYOUT = CsvLayout(
    dataset_id="express_cny",
    raw_table="gacc_express",
    description="GACC express table of main export commodities, yuan version.",
    fields=(
        Field(
            "period",
            "Last month covered",
            (rules.matches(r"20\d\d-(0[1-9]|1[0-2])", "YYYY-MM", "bad_period"),),
        ),
        Field("commodity_cn", "Commodity as printed", (rules.one_of(("集成电路", "手机")),)),
        Field("commodity_en", "Commodity in English", (rules.not_blank(),)),
        Field("unit", "Quantity unit as printed", (rules.one_of(("亿个", "万台"), "unknown_unit"),)),
        *(
            Field(name, description, (rules.number(),), required=False)
            for name, description in _OPTIONAL_NUMBERS
        ),
        Field("source_file_in_repo", "File the row was read from", (rules.not_blank(),)),
        Field("precision", "How precisely the cells were stored", (rules.not_blank(),)),
    ),
    key=("period", "commodity_cn"),
)
