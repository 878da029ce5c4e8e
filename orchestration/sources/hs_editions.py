"""Reference tables of HS editions: how codes of one edition relate to those of the next, how others
convert between them, and which edition the national codes of a source follow.

Here belong tables that name two editions or date one. What the product groups are is in `reference`.
"""

from __future__ import annotations

import datetime as dt

from orchestration.contracts import rules
from orchestration.sources.csv_layout import CsvLayout, Field, Problem, Row

_EDITION = rules.matches("H[0-6]", "H0 to H6")
# Spreadsheets drop the zeros that chapters 01 to 09 begin with; 10111 is no code and could be read as one.
_CODE = rules.matches(r"\d{6}", "6 digits with the leading zeros, such as 010111", "bad_code")


def _is_next(newer: str | None, older: str | None) -> bool:
    return bool(newer and older and int(newer[1:]) == int(older[1:]) + 1)


def _check_pair(row: Row, released_at: dt.date) -> Problem | None:
    if _is_next(row["newer_edition"], row["older_edition"]):
        return None
    return Problem(
        "older_edition",
        "not_the_edition_before",
        str(row["older_edition"]),
        f"the edition before {row['newer_edition']}, as the tables are between neighbours",
    )


def _check_conversion(row: Row, released_at: dt.date) -> Problem | None:
    here, there = row["from_edition"], row["to_edition"]
    if _is_next(here, there) or _is_next(there, here):
        return None
    return Problem("to_edition", "not_a_neighbour", str(there), f"the edition before or after {here}")


def _check_span(row: Row, released_at: dt.date) -> Problem | None:
    first, last = str(row["valid_from"]), str(row["valid_to"])
    return (
        Problem("valid_to", "bad_date", last, f"{first} or later, as valid_from is") if last < first else None
    )


HS_CONCORDANCE = CsvLayout(
    dataset_id="hs_concordance",
    raw_table="hs_concordance",
    description="Codes of one HS edition and those of the edition before that share goods with them.",
    fields=(
        Field("newer_edition", "HS edition", (_EDITION,)),
        Field("newer_code", "Code in that edition", (_CODE,)),
        Field("older_edition", "The edition before it", (_EDITION,)),
        Field("older_code", "Code in that edition", (_CODE,)),
        Field(
            "relationship",
            "Newer to older: how many codes stand on each side",
            (rules.one_of(("1:1", "1:n", "n:1", "n:n")),),
        ),
    ),
    key=("newer_edition", "newer_code", "older_edition", "older_code"),
    # A pair that is missing makes an open case look certain, so not one may be left out.
    tolerance=0,
    check_row=_check_pair,
)
HS_CONVERSIONS = CsvLayout(
    dataset_id="hs_conversions",
    raw_table="hs_conversion",
    description="Where published conversions between HS editions send a code's value.",
    fields=(
        Field("conversion_id", "Whose conversion", (rules.one_of(("un_conversion", "growth_lab_weights")),)),
        Field("from_edition", "HS edition of the flow", (_EDITION,)),
        Field("from_code", "Code in that edition", (_CODE,)),
        Field("to_edition", "HS edition converted to", (_EDITION,)),
        Field("to_code", "Code there; blank for the rest, in no product group", (_CODE,), required=False),
        Field(
            "weight",
            "Share of the value, 0 to 1",
            (rules.number(), rules.between(0, 1, "of the code's value")),
        ),
        Field("note", "What to know", required=False),
    ),
    key=("conversion_id", "from_edition", "from_code", "to_edition", "to_code"),
    tolerance=0,
    check_row=_check_conversion,
)
NATIONAL_CODE_EDITIONS = CsvLayout(
    dataset_id="national_code_editions",
    raw_table="national_code_edition",
    description="HS edition that the national codes of a source begin with, by day.",
    fields=(
        Field("source_id", "Source", (rules.not_blank(),)),
        Field("product_system", "Code system", (rules.one_of(("CN", "HTS", "CCC", "HSK", "JHS")),)),
        Field("valid_from", "First day", (rules.iso_date(),)),
        Field("valid_to", "Last day", (rules.iso_date(),)),
        Field("hs_edition", "HS edition of the first six digits", (_EDITION,)),
        Field("evidence", "What says so", (rules.not_blank(),)),
        Field("url", "Where it was read", (rules.not_blank(),)),
        Field("note", "What to know", required=False),
    ),
    key=("source_id", "product_system", "valid_from"),
    tolerance=0,
    check_row=_check_span,
)

LAYOUTS = (HS_CONCORDANCE, HS_CONVERSIONS, NATIONAL_CODE_EDITIONS)
