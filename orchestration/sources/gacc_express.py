"""Rows of China customs' express table of main export commodities, in yuan, one commodity a row.

Each row carries the month, the year to date and last year's year to date (already revised) with the
change that GACC prints. The original workbooks are read by a later module; these rows keep their cells.
"""

import datetime as dt
from decimal import Decimal

from orchestration.contracts import rules
from orchestration.sources.csv_layout import CsvLayout, Field, Problem, Row, period_is_over

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

# A printed change has one decimal; the cells it is computed from may have been rounded to one as well.
_SLACK_PCT = Decimal("0.15")


def check_row(row: Row, released_at: dt.date) -> Problem | None:
    """Levels are not negative, a month is no more than its year to date, and the printed change is that
    of the two years to date beside it."""
    if not period_is_over(row["period"], released_at):
        expected = f"a period that was over on {released_at}"
        return Problem("period", "after_release", str(row["period"]), expected)
    number = {name: Decimal(row[name] or "0") if row[name] else None for name, _ in _OPTIONAL_NUMBERS}
    for name, value in number.items():
        if value is not None and value < 0 and not name.startswith("yoy"):
            return Problem(name, "out_of_range", str(value), "0 or more")
    for month, ytd, base, change in (
        ("current_qty", "ytd_qty", "ytd_last_year_qty", "yoy_ytd_qty_pct"),
        (
            "current_amount_100m_cny",
            "ytd_amount_100m_cny",
            "ytd_last_year_amount_100m_cny",
            "yoy_ytd_amount_pct",
        ),
    ):
        now, to_date, before, stated = number[month], number[ytd], number[base], number[change]
        if now is not None and to_date is not None and now > to_date:
            return Problem(month, "out_of_range", str(now), f"at most the year to date, {to_date}")
        if to_date is not None and before and stated is not None:
            computed = 100 * (to_date / before - 1)
            if abs(computed - stated) > _SLACK_PCT:
                expected = f"{stated} % more than {before}, as {change} says ({computed:.1f} % is found)"
                return Problem(ytd, "parts_differ", str(to_date), expected)
    return None


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
    check_row=check_row,
)
