"""Claims: each article's claims as cards, with what is printed, what the data give, and why."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from orchestration.claims.printed import parse_printed
from orchestration.report import charts, text, verdicts
from orchestration.report.figures import (
    Block,
    Claim,
    Claims,
    Figure,
    Heading,
    Missing,
    Page,
    Traced,
)
from orchestration.report.ledger import Answer, Ledger

_TRACED = Traced("fct_claim_verdict", ("claim_id", "definition_id"))
# Formulas whose interval is in the unit of the printed figure, so that the two can share an axis.
_SAME_UNIT = {"level", "growth_yoy", "capacity_share", "capacity_crossover", "unit_output"}
_AS_MONEY = {"level": 1e9}
# The currency of a definition decides what a sign means that several share, such as ¥.
_CURRENCIES = {"usd": "USD", "cny": "CNY"}
# How firmly an article says it; a verdict is called exact too, so that word alone would mislead here.
_SAID = {
    "exact": "said as exact", "about": "said as about", "at_least": "said as a minimum",
    "at_most": "said as a maximum", "forecast": "a forecast", "ratio": "said as a multiple",
    "qualitative": "said in words",
}  # fmt: skip


def page(ledger: Ledger) -> Page:
    articles = ledger.ask(
        """
        select article_id, min(title) as title, min(producer) as producer, min(released_at) as released_at,
            count(*) as claims
        from (select distinct claim_id, article_id from marts.fct_claim_verdict) as claim
        join meta.releases as release on claim.article_id = release.source_id
        group by article_id
        order by released_at, article_id
        """
    )
    blocks: list[Block] = [Heading("counts", "All claims by verdict"), _counts(ledger)]
    for row in articles.records():
        blocks += _article(ledger, row)
    return Page(
        "claims",
        "Claims",
        "What articles print, held against the data. A figure stands for every value that rounds to it.",
        blocks,
    )


def _counts(ledger: Ledger) -> Figure | Missing:
    answer = ledger.ask(
        """
        with article as (select source_id, min(producer) as producer from meta.releases group by source_id)
        select claim.verdict, claim.article_id, article.producer, count(*) as claims
        from marts.fct_claim_verdict as claim
        join article on claim.article_id = article.source_id
        where claim.is_intended
        group by claim.verdict, claim.article_id, article.producer
        order by claim.verdict, claim.article_id
        """
    )
    if not answer:
        return Missing("Verdicts", "No article is held.")
    names = sorted(set(answer.column("producer")))
    spec = charts.chart(
        30 * len(set(answer.column("verdict"))),
        mark={"type": "bar"},
        encoding={
            "y": {"field": "verdict", "type": "nominal", "sort": list(verdicts.ORDER), "title": None,
                  "axis": charts.names("replace(datum.label, /_/g, ' ')")},
            "x": {"field": "claims", "type": "quantitative", "title": "claims", "axis": {"tickMinStep": 1}},
            "color": charts.colour("producer", names),
            "order": {"field": "producer"},
            "tooltip": charts.tips(verdict="Verdict", claims="Claims", producer="Article of"),
        },
    )  # fmt: skip
    total: dict[str, int] = {}
    for row in answer.records():
        total[row["verdict"]] = total.get(row["verdict"], 0) + row["claims"]
    said = ", ".join(f"{total[name]} {name}" for name in verdicts.ORDER if name in total)
    return Figure(
        "verdicts",
        "Verdicts",
        [
            f"{name.replace('_', ' ').capitalize()}: {verdicts.MEANING[name]}."
            for name in verdicts.ORDER
            if name in total
        ],
        answer,
        alt=f"Bars by verdict: {said}.",
        spec=spec,
    )


def _article(ledger: Ledger, article: dict[str, Any]) -> list[Block]:
    name = str(article["article_id"])
    quoted = name.replace("'", "''")
    answer = ledger.ask(
        f"""
        select
            claim_id, article_id, paragraph, printed, modality, subject, metric, period, in_own_words,
            verdict, definition_id, definitions, reading, computed_low, computed_high, implied_base_low,
            implied_base_high, reason, formula_id, release_id, basis
        from marts.fct_claim_verdict
        where article_id = '{quoted}' and is_intended
        order by raw_row
        """
    )
    figure_id = "claims_" + "".join(c if c.isalnum() else "_" for c in name)
    figure = Figure(
        figure_id,
        f"All claims of {article['producer']}, under the definition that the article means",
        [text.releases([name])],
        answer,
        shown=("claim_id", "paragraph", "printed", "verdict", "computed_low", "computed_high", "formula_id",
               "definition_id"),
        traced=_TRACED,
    )  # fmt: skip
    claims = [_claim(row, place, figure_id) for place, row in enumerate(answer.records())]
    return [
        Heading(
            name,
            str(article["title"]),
            [f"{article['producer']}, {article['released_at']}. {text.count(len(claims), 'claim')}."],
        ),
        Claims(figure_id, claims),
        _matrix(ledger, name, str(article["producer"]), figure_id),
        figure,
    ]


def _matrix(ledger: Ledger, name: str, producer: str, figure_id: str) -> Figure | Missing:
    """One cell per definition under which a claim can be judged; the one meant stands first."""
    quoted = name.replace("'", "''")
    answer = ledger.ask(
        f"""
        select
            claim_id, definition_id, is_intended, definition_role, verdict, computed_low, computed_high,
            reason, formula_id, definitions, release_id,
            row_number() over (partition by claim_id order by is_intended desc, definition_id) as place
        from marts.fct_claim_verdict
        where article_id = '{quoted}'
            and claim_id in (select claim_id from marts.fct_claim_verdict where not is_intended)
        order by raw_row, place
        """
    )
    title = f"Verdicts under every definition, {producer}"
    if not answer:
        return Missing(title, "Each claim of this article has one definition only.")
    rows = answer.records()
    claims = list(dict.fromkeys(str(row["claim_id"]) for row in rows))
    differ = [
        claim for claim in claims if len({row["verdict"] for row in rows if row["claim_id"] == claim}) > 1
    ]
    order = verdicts.ORDER
    colours = {
        "var(--c3)": order[:3],
        "var(--c6)": order[3:5],
        "var(--c2)": order[5:6],
        "var(--c5)": order[6:],
    }
    letter = (
        "{" + ", ".join(f"'{name}': '{sign}'" for name, sign in verdicts.SIGNS.items()) + "}[datum.verdict]"
    )
    scale = {
        "domain": list(verdicts.ORDER),
        "range": [c for name in verdicts.ORDER for c, of in colours.items() if name in of],
    }
    spec = charts.chart(
        24 * len(claims),
        transform=[
            {"calculate": letter, "as": "letter"},
            {"calculate": "datum.is_intended ? 'yes' : 'no'", "as": "meant"},
        ],
        encoding={
            "x": {"field": "place", "type": "ordinal", "title": None, "axis": None},
            "y": {"field": "claim_id", "type": "nominal", "sort": claims, "title": None,
                  "axis": {"domain": False, "ticks": False}},
            "tooltip": charts.tips(claim_id="Claim", definition_id="Definition", meant="Meant by the article",
                                   verdict="Verdict", reason="Why"),
        },
        layer=[
            {
                "mark": {"type": "rect", "stroke": "var(--paper)", "strokeWidth": 2, "cursor": "pointer"},
                "encoding": {
                    "color": {"field": "verdict", "type": "nominal", "scale": scale, "legend": None}
                },
            },
            {
                "mark": {"type": "text", "fontSize": 12, "color": "var(--paper)", "cursor": "pointer"},
                "encoding": {"text": {"field": "letter"}},
            },
        ],
    )  # fmt: skip
    present = {str(row["verdict"]) for row in rows}
    signs = ", ".join(
        f"{sign} {verdict.replace('_', ' ')}"
        for verdict, sign in verdicts.SIGNS.items()
        if verdict in present
    )
    return Figure(
        f"matrix_{figure_id}",
        title,
        [
            "One cell per definition (product, currency, who counts, which print); the first is the one that "
            "the article means, or says that it leaves it open.",
            f"{signs}.",
            f"{len(differ)} of {text.count(len(claims), 'claim')} change their verdict with the definition.",
        ],
        answer,
        alt=f"Cells by claim and definition. Verdicts differ for {text.listed(differ or ['no claim'])}.",
        spec=spec,
        shown=("claim_id", "definition_id", "is_intended", "verdict", "computed_low", "computed_high",
               "reason"),
        traced=_TRACED,
    )  # fmt: skip


def _claim(row: dict[str, Any], place: int, figure_id: str) -> Claim:
    low, high = row["computed_low"], row["computed_high"]
    stated = _stated(row)
    unit = _unit(row, stated)
    scale = _AS_MONEY.get(row["formula_id"], 1.0)
    computed = ""
    if (low is not None or high is not None) and row["verdict"] not in verdicts.NOT_JUDGED:
        first, last = (None if end is None else end / scale for end in (low, high))
        computed = f"{_interval(first, last, 4 if scale > 1 else 3)} {unit}".rstrip()
    return Claim(
        row, _SAID[row["modality"]], computed, _picture(row, stated, unit, (figure_id, place)), place
    )


def _unit(row: dict[str, Any], stated: tuple[Decimal, Decimal, str] | None) -> str:
    if row["formula_id"] in _AS_MONEY:
        return f"bn {stated[2] if stated else ''}".rstrip()
    return {"growth_yoy": "%", "capacity_share": "%", "required_growth": "% a year"}.get(
        row["formula_id"], ""
    )


def _interval(low: float | None, high: float | None, digits: int) -> str:
    first, last = text.number(low, digits), text.number(high, digits)
    if low is None or high is None:
        return f"at most {last}" if low is None else f"at least {first}"
    return first if first == last else f"{first} to {last}"


def _stated(row: dict[str, Any]) -> tuple[Decimal, Decimal, str] | None:
    """(low, high, unit) of the reading of the printed figure that the verdict used; the finest if none."""
    if row["printed"] is None:
        return None
    readings = list(parse_printed(row["printed"], row["modality"], currency=_CURRENCIES.get(row["basis"])))
    place = row["reading"]
    chosen = [item for item in readings if item.reading == place] or readings[:1]
    if not chosen or chosen[0].low is None or chosen[0].high is None:
        return None
    return chosen[0].low, chosen[0].high, chosen[0].currency or chosen[0].unit or ""


def _picture(
    row: dict[str, Any], stated: tuple[Decimal, Decimal, str] | None, unit: str, parent: tuple[str, int]
) -> Figure | None:
    """Printed and computed interval on one axis, where both are in one unit; a click traces the claim."""
    low, high = row["computed_low"], row["computed_high"]
    if stated is None or low is None or high is None or row["formula_id"] not in _SAME_UNIT:
        return None
    if row["verdict"] in verdicts.NOT_JUDGED:
        return None
    scale = _AS_MONEY.get(row["formula_id"], 1.0)
    rows = (
        ("printed", float(stated[0]) / scale, float(stated[1]) / scale, "the article", row["article_id"]),
        ("computed", low / scale, high / scale, row["definition_id"], row["release_id"]),
    )
    answer = Answer("", ("side", "low", "high", "source", "release"), rows)
    spec = charts.chart(
        40,
        transform=[
            {"calculate": "(datum.low + datum.high) / 2", "as": "middle"},
            *[
                {"calculate": f"format(datum.{end}, ',.6~f') + ' {unit}'", "as": f"{end}_text"}
                for end in ("low", "high")
            ],
        ],
        encoding={
            "y": {"field": "side", "type": "nominal", "sort": ["printed", "computed"], "title": None,
                  "axis": {"domain": False, "ticks": False, "minExtent": 60}},
            "x": {"field": "low", "type": "quantitative", "title": unit or None,
                  "scale": {"zero": False, "padding": 14}, "axis": {"tickCount": 3, "format": "~f"}},
            "color": charts.colour("side", ["printed", "computed"])| {"legend": None},
        },
        layer=[
            {"mark": {"type": "rule", "strokeWidth": 7}, "encoding": {"x2": {"field": "high"}}},
            {
                "mark": {"type": "point", "filled": True, "size": 50, "opacity": 1, "cursor": "pointer"},
                "encoding": {
                    "x": {"field": "middle", "type": "quantitative"},
                    "tooltip": charts.tips(
                        side="Interval", low_text="From", high_text="To", source="Source", release="Release"
                    ),
                },
            },
        ],
    )  # fmt: skip
    said = "; ".join(f"{side} {_interval(first, last, 4)} {unit}".rstrip() for side, first, last, *_ in rows)
    return Figure(
        f"claim_{row['claim_id'].replace('-', '_')}",
        "",
        [],
        answer,
        f"Intervals: {said}.",
        spec,
        parent=parent,
    )
