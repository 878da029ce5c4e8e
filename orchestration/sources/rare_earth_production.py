"""Mine production of rare earths by country and year, tonnes of rare-earth oxide, by edition."""

from orchestration.contracts import rules
from orchestration.sources.csv_layout import CsvLayout, Field

LAYOUT = CsvLayout(
    dataset_id="rare_earth_production",
    raw_table="rare_earth_production",
    description="Rare-earth mine production by country, by edition.",
    fields=(
        Field("country", "Country as printed; World is the total", (rules.not_blank(),)),
        Field("year", "Year", (rules.matches(r"20\d\d", "YYYY", "bad_period"),)),
        Field("tonnes_REO", "Tonnes of rare-earth oxide", (rules.number(),)),
        Field(
            "share_pct_stated",
            "Share of the world where the source states one",
            (rules.number(), rules.between(0, 100, "per cent")),
            required=False,
        ),
        Field("vintage", "Edition", (rules.not_blank(),)),
        Field("source", "Where this row was read", (rules.not_blank(),)),
    ),
    key=("country", "year", "vintage"),
)
