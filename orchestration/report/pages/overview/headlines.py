"""Headlines: the figures in the titles of articles, each beside what the source itself printed.

The first thing on the first page: is it right, who says so, in which release, and was it revised.
"""

from __future__ import annotations

from itertools import groupby
from typing import Any

from orchestration.report import text, verdicts
from orchestration.report.figures import Block, Figure, Headline, Headlines, Missing, Traced
from orchestration.report.ledger import Ledger

# Formulas whose claims rest on one yearly value, so that a value or a growth can stand beside the figure.
_FORMULAS = ("level", "growth_yoy")
# Verdicts of figures that another would replace. Where definitions disagree, none does.
_DOUBTED = ("consistent_double_rounding", "explained_by_revision", "inconsistent")


def headlines(ledger: Ledger) -> Block:
    answer = ledger.ask(
        f"""
        with claim as (
            -- A title is the first line of its article.
            select * from marts.fct_claim_verdict
            where is_intended and printed is not null and regexp_full_match(paragraph, '[A-Z]0*1')
                and formula_id in {_FORMULAS} and verdict not in {verdicts.NOT_JUDGED}
        )
        select
            claim.claim_id, article.producer, article.released_at, article.title, claim.in_own_words,
            claim.printed, claim.verdict, claim.formula_id, growth.year, claim.basis, growth.value,
            growth.base_value, growth.growth_yoy_pct, growth.published_growth_pct, growth.release_id,
            growth.base_release_id, print.read_at, newest.value as newest_value,
            newest.release_id as newest_release_id, claim.reason, claim.definition_id, claim.article_id,
            growth.source_id, growth.reporter_iso3, growth.partner_iso3, growth.flow, growth.product_id
        from claim
        join meta.releases as article on claim.article_id = article.source_id
        join marts.fct_claim_input as used
            on claim.claim_id = used.claim_id and claim.definition_id = used.definition_id
            and used.input_role = 'subject ' || claim.period
        join marts.fct_trade_growth_yearly as growth
            on used.snapshot_id = growth.snapshot_id and used.raw_row = growth.raw_row
            and claim.basis = growth.basis and claim.vintage = growth.vintage
            and claim.period = cast(growth.year as varchar)
        join marts.fct_trade_growth_yearly as newest
            on growth.source_id = newest.source_id and growth.reporter_iso3 = newest.reporter_iso3
            and growth.partner_iso3 = newest.partner_iso3 and growth.flow = newest.flow
            and growth.product_id = newest.product_id and growth.basis = newest.basis
            and growth.year = newest.year and newest.vintage = 'latest'
        left join marts.fct_printed_figure as print
            on used.snapshot_id = print.snapshot_id and used.raw_row = print.raw_row
            and claim.basis = print.basis and print.measure = 'level'
        order by article.released_at desc, claim.article_id, claim.raw_row
        """
    )
    title = "Headlines, held against the data"
    if not answer:
        return Missing(title, "No article is held whose title prints a figure that the data held can judge.")
    rows = answer.records()
    figure = Figure(
        "headlines",
        title,
        [],
        answer,
        shown=("claim_id", "printed", "verdict", "year", "basis", "value", "growth_yoy_pct",
               "published_growth_pct", "release_id", "base_release_id", "newest_release_id", "reason"),
        traced=Traced("fct_claim_verdict", ("claim_id", "definition_id")),
    )  # fmt: skip
    cards = [_headline(ledger, row, place) for place, row in enumerate(rows)]
    articles = [list(group) for _, group in groupby(cards, key=lambda card: str(card.values["article_id"]))]
    return Headlines(title, articles, figure)


def _headline(ledger: Ledger, row: dict[str, Any], place: int) -> Headline:
    unit = text.UNITS[row["basis"]]
    value = text.scaled(row["value"], unit)
    who = ledger.one(
        f"select min(producer) as producer from meta.releases where release_id = '{row['release_id']}'"
    )["producer"]
    if row["formula_id"] == "level":
        held = value
        said = [f"First printed in {row['release_id']}.", _since(row, unit), *_elsewhere(ledger, row)]
    else:
        held = f"{text.number(row['growth_yoy_pct'], 3)}\u00a0%"
        said = [
            f"{value} in {row['release_id']} over {text.scaled(row['base_value'], unit)} in "
            f"{row['base_release_id']}.",
            "It prints no growth of its own."
            if row["published_growth_pct"] is None
            else f"The same source prints {text.number(row['published_growth_pct'], 2)} % itself.",
        ]
    return Headline(
        row,
        held,
        "The source printed" if row["formula_id"] == "level" else "The source's values give",
        str(who),
        verdicts.MEANING[row["verdict"]],
        _instead(row, unit),
        [item for item in said if item],
        place,
    )


def _instead(row: dict[str, Any], unit: str) -> str:
    """What may be written without a doubt: what is held, rounded once; a growth as its source prints it."""
    if row["verdict"] not in _DOUBTED:
        return ""
    if row["formula_id"] == "level":
        return f"Safe to write: {text.scaled(row['value'], unit, 1)}."
    own = text.number(row["published_growth_pct"], 2)
    printed = (
        "" if row["published_growth_pct"] is None else f", or {own}\u00a0% as the source itself prints it"
    )
    return f"Safe to write: {text.number(row['growth_yoy_pct'], 1)}\u00a0% by the values printed{printed}."


def _since(row: dict[str, Any], unit: str) -> str:
    if row["newest_value"] == row["value"]:
        return "The newest value held is the same."
    return f"Since then {text.scaled(row['newest_value'], unit)}, in {row['newest_release_id']}."


def _elsewhere(ledger: Ledger, row: dict[str, Any]) -> list[str]:
    """What other sources hold of the same year, with what they count."""
    if row["basis"] != "usd":
        return []
    found = ledger.ask(
        f"""
        select
            case source_a when '{row["source_id"]}' then source_b else source_a end as source,
            case source_a when '{row["source_id"]}' then value_b_usd else value_a_usd end as value,
            case source_a when '{row["source_id"]}' then scope_b else scope_a end as scope
        from marts.fct_source_comparison
        where '{row["source_id"]}' in (source_a, source_b) and vintage = 'latest' and period_grain = 'A'
            and reporter_iso3 = '{row["reporter_iso3"]}' and partner_iso3 = '{row["partner_iso3"]}'
            and flow = '{row["flow"]}' and product_id = '{row["product_id"]}' and year = {row["year"]}
        order by source
        """
    )
    return [
        f"In {other['source']}: {text.scaled(other['value'], 'USD')}, counting {other['scope']}."
        for other in found.records()
    ]
