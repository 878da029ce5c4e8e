"""Reference tables: economies, product groups, commodity lines, policy events, exchange rates.
Those about editions of the Harmonized System are declared in `hs_editions`.

They have no releases of their own; git keeps their history and `raw/reference/source.yml` their sources.
"""

from orchestration.contracts import rules
from orchestration.sources import hs_editions
from orchestration.sources.csv_layout import CsvLayout, Field

_ISO3 = rules.matches(r"[A-Z_][A-Z0-9_]{1,4}", "an ISO 3166 alpha-3 or Comtrade area code")
_BOOLEAN = rules.one_of(("true", "false"))
_YEAR = rules.matches(r"(19|20)\d\d", "YYYY", "bad_period")
_NAME = rules.matches("[a-z][a-z0-9_]*", "snake_case")
_CODE = rules.matches(r"\d{1,3}", "up to three digits", "bad_code")

ECONOMIES = CsvLayout(
    dataset_id="economies",
    raw_table="economy",
    description="Economies and areas with their codes in each source.",
    fields=(
        Field("economy_iso3", "ISO 3166 alpha-3; WLD is the world", (_ISO3,)),
        Field("name", "English name", (rules.not_blank(),)),
        Field("name_zh", "Chinese name as GACC prints it", required=False),
        Field("m49_code", "UN M49 code", (_CODE,), required=False),
        Field("comtrade_code", "UN Comtrade code", (_CODE,), required=False),
        Field("gacc_code", "China customs code", (_CODE,), required=False),
        Field("is_group", "true for groups, residuals and the world", (_BOOLEAN,)),
        Field("valid_from", "First year of the code", (_YEAR,), required=False),
        Field("valid_to", "Last year of the code", (_YEAR,), required=False),
        Field("note", "What to know", required=False),
    ),
)
ECONOMY_ALIASES = CsvLayout(
    dataset_id="economy_aliases",
    raw_table="economy_alias",
    description="Names of economies as market reports print them.",
    fields=(
        Field("alias", "Name as printed", (rules.not_blank(),)),
        Field("economy_iso3", "Economy", (_ISO3,)),
    ),
    key=("alias",),
)
CURRENCY_AREAS = CsvLayout(
    dataset_id="currency_areas",
    raw_table="currency_area",
    description="Economies and the series of the exchange-rate files that is their currency.",
    fields=(
        Field("country", "Country or currency area as the rate files name it", (rules.not_blank(),)),
        Field("economy_iso3", "Economy", (_ISO3,)),
        Field("currency", "ISO 4217 code", (rules.matches("[A-Z]{3}", "three capitals", "bad_code"),)),
        Field("valid_from", "First year in which it was the currency", (_YEAR,)),
        Field("note", "What to know", required=False),
    ),
    key=("economy_iso3",),
)
COMTRADE_CODE_ALIASES = CsvLayout(
    dataset_id="comtrade_code_aliases",
    raw_table="comtrade_code_alias",
    description="Second UN Comtrade codes of economies whose data stand under another code.",
    fields=(
        Field("comtrade_code", "The second code", (_CODE,)),
        Field("economy_iso3", "Economy", (_ISO3,)),
        Field("main_comtrade_code", "The code its trade data use", (_CODE,)),
        Field("note", "What to know", required=False),
    ),
    key=("comtrade_code",),
)
ECONOMY_CODES = CsvLayout(
    dataset_id="economy_codes",
    raw_table="economy_code",
    description="Codes and names of economies at national customs offices.",
    fields=(
        Field(
            "code_system",
            "Whose code",
            (rules.one_of(("iso2", "schedule_c", "schedule_c_name", "mof", "kcs", "taiwan_name")),),
        ),
        Field("code", "The code or name", (rules.not_blank(),)),
        Field("economy_iso3", "Economy", (_ISO3,)),
        Field("note", "What to know", required=False),
    ),
    key=("code_system", "code"),
)
COMPANIES = CsvLayout(
    dataset_id="companies",
    raw_table="company",
    description="Companies of the rankings held and the economy of their headquarters.",
    fields=(
        Field("company_id", "Company", (rules.matches("[a-z_]+", "snake_case"),)),
        Field("company", "Name as the ranking prints it", (rules.not_blank(),)),
        Field("headquarters_iso3", "Economy of the headquarters", (_ISO3,)),
        Field("note", "What to know", required=False),
    ),
    key=("company",),
)
PRODUCT_GROUPS = CsvLayout(
    dataset_id="product_groups",
    raw_table="product_group",
    description="Product groups as sets of HS edition and code.",
    fields=(
        Field("product_id", "Product group", (rules.matches("[a-z_]+", "snake_case"),)),
        Field("product_name", "Name", (rules.not_blank(),)),
        Field("hs_edition", "HS edition", (rules.matches("H[0-6]", "H0 to H6"),)),
        Field("hs_code", "HS code", (rules.matches(r"\d{4,6}", "4 to 6 digits", "bad_code"),)),
        Field("scope", "Exactly what is counted", (rules.not_blank(),)),
        Field("note", "What to know", required=False),
    ),
    key=("product_id", "hs_edition", "hs_code"),
)
COMMODITY_MAP = CsvLayout(
    dataset_id="commodity_map",
    raw_table="commodity_map",
    description="National commodity lines and the product group that each stands for.",
    fields=(
        Field("source_id", "Source", (rules.not_blank(),)),
        Field("dataset_id", "Table of the source", (rules.not_blank(),)),
        Field("source_label", "The line as the source calls it", (rules.not_blank(),)),
        Field("product_id", "Product group", (rules.matches("[a-z_]+", "snake_case"),)),
        Field("product_scope", "Exactly what is counted", (rules.not_blank(),)),
    ),
    key=("source_id", "dataset_id", "source_label"),
)
POLICY_EVENTS = CsvLayout(
    dataset_id="policy_events",
    raw_table="policy_event",
    description="Export-control events with the document that each rests on.",
    fields=(
        Field("event_id", "Event", (rules.matches(r"[a-z0-9-]+", "a slug"),)),
        Field(
            "event_date",
            "Date announced, else published or effective",
            (rules.matches(r"20\d\d-\d\d(-\d\d)?", "YYYY-MM-DD or YYYY-MM", "bad_date"),),
        ),
        Field("date_precision", "day or month", (rules.one_of(("day", "month")),)),
        Field("announced_date", "Date announced", required=False),
        Field("published_or_effective_date", "Date published or effective", required=False),
        Field("fr_citation", "Federal Register citation", required=False),
        Field("title", "What was done", (rules.not_blank(),)),
        Field("source", "Where this row was read", (rules.not_blank(),)),
        Field("note", "What to know", required=False),
    ),
    key=("event_id",),
)
MIRROR_PARAMETERS = CsvLayout(
    dataset_id="mirror_parameters",
    raw_table="mirror_parameter",
    description="Margins and times that bound what may explain a mirror gap.",
    fields=(
        Field(
            "parameter",
            "What is bounded",
            (rules.one_of(("cif_margin", "hong_kong_margin", "transit_time")),),
        ),
        Field("bound", "low, central or high", (rules.one_of(("low", "central", "high")),)),
        Field("value", "The bound", (rules.number(), rules.between(0, 365, "ratio or days"))),
        Field("unit", "ratio of the value, or days", (rules.one_of(("ratio", "days")),)),
        Field("source", "Where it is from", (rules.not_blank(),)),
        Field("note", "What to know", required=False),
    ),
    key=("parameter", "bound"),
)


ENTRY_ID = "[a-z][a-z0-9_]*"


def _cron_field(number: str) -> str:
    """A list of numbers, ranges and *, each with a step or without."""
    item = rf"(\*|({number})(-({number}))?)(/[1-9][0-9]?)?"
    return f"{item}(,{item})*"


# Minute, hour, day, month, weekday.
CRON = " ".join(
    _cron_field(number)
    for number in ("[0-5]?[0-9]", "1?[0-9]|2[0-3]", "[1-9]|[12][0-9]|3[01]", "[1-9]|1[0-2]", "[0-7]")
)

RELEASE_CALENDAR = CsvLayout(
    dataset_id="release_calendar",
    raw_table="release_calendar",
    description="When each source publishes: when to look, in which time zone, and when its data are late.",
    fields=(
        Field("entry_id", "Entry; names its job and schedule", (rules.matches(ENTRY_ID, "snake_case"),)),
        Field("source_id", "Source", (_NAME,)),
        Field("title", "What is published", (rules.not_blank(),)),
        Field(
            "cron_schedule",
            "When to look: minute, hour, day, month, weekday",
            (rules.matches(CRON, "five fields of a cron schedule, such as 30 14 7-14 * *"),),
        ),
        Field("time_zone", "Time zone of cron_schedule, by its IANA name", (rules.not_blank(),)),
        Field("period_grain", "A year or M month", (rules.one_of(("A", "M")),)),
        Field(
            "late_after_days",
            "Days after the last day of the newest period held from which the source counts as late",
            (rules.matches(r"[1-9]\d{0,3}", "1 to 9999"),),
            required=False,
        ),
        Field(
            "basis",
            "How the rule is known: announced (a schedule), stated (a text), derived, none (no rule)",
            (rules.one_of(("announced", "stated", "derived", "none")),),
        ),
        Field("rule", "The rule in words", (rules.not_blank(),)),
        Field("source", "Where it was read", (rules.matches("https?://.+", "an address"),)),
        Field("note", "What to know", required=False),
    ),
    key=("entry_id",),
)


def _exchange_rates(dataset_id: str, grain: str) -> CsvLayout:
    return CsvLayout(
        dataset_id=dataset_id,
        raw_table=dataset_id,
        description=f"{grain} mean market exchange rates.",
        fields=(
            Field("Date", "First day of the period", (rules.iso_date(),)),
            Field("Country", "Country or currency area", (rules.not_blank(),)),
            Field(
                "exchange_rate",
                "National currency per US dollar",
                (rules.number(),),
                required=False,
                header="Exchange rate",
            ),
        ),
        key=("Date", "Country"),
    )


LAYOUTS = (
    ECONOMIES,
    ECONOMY_ALIASES,
    CURRENCY_AREAS,
    COMTRADE_CODE_ALIASES,
    ECONOMY_CODES,
    COMPANIES,
    PRODUCT_GROUPS,
    COMMODITY_MAP,
    POLICY_EVENTS,
    MIRROR_PARAMETERS,
    RELEASE_CALENDAR,
    _exchange_rates("fx_annual", "Annual"),
    _exchange_rates("fx_monthly", "Monthly"),
    *hs_editions.LAYOUTS,
)
