"""Claims of articles: each printed figure with its place and our own words, one claim a row.

A file drafted by `chipledger article new` has a column `confirmed`: only rows with `yes` are claims, the
others wait for a person and are set aside. A file written by hand needs no such column.

The figure is kept as text, exactly as printed; `orchestration.claims` reads it into intervals.
"""

import datetime as dt

from orchestration.claims.printed import PrintedFigureError, parse_printed
from orchestration.contracts import rules
from orchestration.sources.csv_layout import CsvLayout, Field, Problem, Row

MODALITIES = ("exact", "about", "at_least", "at_most", "forecast", "ratio", "qualitative")
FORMULAS = (
    "level",
    "growth_yoy",
    "growth_order",
    "record",
    "growth_streak",
    "capacity_crossover",
    "growth_sign",
    "event_date",
    "level_order",
    "growth_every_year",
    "capacity_share",
    "capacity_majority",
    "required_growth",
    "production_share",
    "unit_output",
    "output_ratio",
    "foundry_rank",
    "none",
)
_PERIOD = rules.matches(r"(19|20)\d\d(-(0[1-9]|1[0-2]))?", "YYYY or YYYY-MM", "bad_period")
CURRENCIES = ("USD", "CNY", "EUR", "GBP", "JPY", "KRW", "TWD", "HKD", "INR")
_WORD = rules.matches(r"[a-z0-9_]+", "a word in snake_case", "bad_format")


def check_row(row: Row, _: dt.date) -> Problem | None:
    """A printed figure must be readable, and what no rule judges must say why."""
    text = row["printed"]
    if text is not None:
        try:
            parse_printed(text, row["modality"] or "exact", currency=row["currency"])
        except PrintedFigureError as error:
            return Problem("printed", "unreadable_figure", text, f"a figure ({error})")
    if (row["formula_id"] == "none") != (row["untestable_reason"] is not None):
        expected = "a reason code where formula_id is none, and only there"
        return Problem("untestable_reason", "missing_value", str(row["untestable_reason"]), expected)
    return None


LAYOUT = CsvLayout(
    dataset_id="claims",
    raw_table="article_claim",
    description="Claims of the articles held, with their place and what judges them.",
    fields=(
        Field("claim_id", "Claim", (rules.matches(r"[A-Z]+-\d+", "such as B-2", "bad_code"),)),
        Field("paragraph", "First place", (rules.matches(r"[A-Z]+\d{2,}", "such as B01", "bad_code"),)),
        Field("other_paragraphs", "Other places, space-separated", required=False),
        Field("printed", "The figure exactly as printed", required=False),
        Field("unit", "What the figure counts", required=False),
        Field("currency", "Currency of a money figure", (rules.one_of(CURRENCIES),), False),
        Field("subject", "What is claimed about", (_WORD,)),
        Field("metric", "Which property is claimed", (_WORD,)),
        Field("economy_iso3", "Economy", (rules.matches("[A-Z]{3}", "three letters"),), False),
        Field("flow", "X exports, M imports", (rules.one_of(("X", "M")),), False),
        Field("period", "Period claimed about", (_PERIOD,), False),
        Field("base_period", "Start or base of a change", (_PERIOD,), False),
        Field("comparand", "Second subject or economy", required=False),
        Field("modality", "How firmly it is said", (rules.one_of(MODALITIES),)),
        Field("attributed_source", "Source that the article names", required=False),
        Field("in_own_words", "The claim in our words", (rules.not_blank(),)),
        Field("formula_id", "Rule that judges it", (rules.one_of(FORMULAS),)),
        Field("untestable_reason", "Why no data can judge it", (_WORD,), required=False),
        Field(
            "span",
            "Characters of the first place, from 0, end excluded",
            (rules.matches(r"\d+-\d+", "such as 12-17", "bad_format"),),
            required=False,
            optional=True,
        ),
        Field("confirmed", "yes, once a person has", (rules.one_of(("yes", "no")),), False, optional=True),
    ),
    set_aside_where=("confirmed", ("no", "")),
    key=("claim_id",),
    check_row=check_row,
    is_key_global=True,
)
