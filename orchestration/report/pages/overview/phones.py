"""Exports of integrated circuits against mobile phones."""

from __future__ import annotations

import json

from orchestration.report import charts, text
from orchestration.report.figures import Figure, Missing, Traced
from orchestration.report.ledger import Ledger

_COMPARED = Traced(
    "fct_product_comparison",
    (
        "source_id",
        "reporter_iso3",
        "partner_iso3",
        "flow",
        "product_a",
        "product_b",
        "period_grain",
        "period_start_date",
        "period_end_date",
        "basis",
        "vintage",
    ),
)


# The newest prints that the two sides of the comparison are.
_SIDE = (
    "source_id = 'gacc' and reporter_iso3 = 'CHN' and partner_iso3 = 'WLD' and flow = 'X' "
    "and vintage = 'latest'"
)


def phones(ledger: Ledger) -> Figure | Missing:
    answer = ledger.ask(
        f"""
        with print as (
            select
                product_id, period_grain, period_start_date, period_end_date, basis, release_id
            from marts.fct_trade_growth_monthly
            where {_SIDE}
            union all
            select
                product_id, 'A', make_date(year, 1, 1), make_date(year, 12, 31), basis, release_id
            from marts.fct_trade_growth_yearly
            where {_SIDE}
        )
        select
            period_end_date, period_grain, period_start_date, year, basis, vintage, value_a, value_b,
            difference, ratio, leader,
            (
                select string_agg(distinct release_id, ', ' order by release_id)
                from print
                where print.period_grain = pair.period_grain and print.basis = pair.basis
                    and print.period_start_date = pair.period_start_date
                    and print.period_end_date = pair.period_end_date
                    and print.product_id in (pair.product_a, pair.product_b)
            ) as releases,
            source_id, reporter_iso3, partner_iso3, flow, product_a, product_b
        from marts.fct_product_comparison as pair
        where source_id = 'gacc' and reporter_iso3 = 'CHN' and partner_iso3 = 'WLD' and flow = 'X'
            and product_a = 'integrated_circuits' and product_b = 'mobile_phones' and vintage = 'latest'
            and ratio is not null
            -- A total to January, February or December is that month, the two months or the year again.
            and (period_grain <> 'YTD' or month(period_end_date) not in (1, 2, 12))
        order by period_end_date, period_start_date, basis
        """
    )
    if not answer:
        return Missing("Ratio of the two", "No period is held with both products.")
    words = {
        "A": "year",
        "YTD": "total of the year so far",
        "JF": "January and February as one",
        "M": "month",
    }
    grains = list(words.values())
    drawn = {words[grain] for grain in answer.column("period_grain")}
    kind = f"{json.dumps(words)}[datum.period_grain]"
    tooltip = charts.tips(
        period_start_date="From", period_end_date="To", ratio_text="Circuits over phones",
        a_text="Integrated circuits", b_text="Mobile phones", vintage="Vintage", source_id="Source",
        releases="Release",
    )  # fmt: skip
    spec = charts.chart(
        280,
        layer=[
            {
                "data": {"values": [{}]},
                "mark": {"type": "rule", "strokeDash": [4, 3]},
                "encoding": {"y": {"datum": 1}},
            },
            {
                "transform": [
                    {"calculate": kind, "as": "kind"},
                    {"calculate": "format(datum.ratio, '.3f')", "as": "ratio_text"},
                    *[
                        {
                            "calculate": f"format(datum.value_{p} / 1e9, ',.6~f')"
                            " + ' bn ' + upper(datum.basis)",
                            "as": f"{p}_text",
                        }
                        for p in ("a", "b")
                    ],
                ],
                "mark": {"type": "point", "filled": True, "size": 90, "cursor": "pointer", "opacity": 0.9},
                "encoding": {
                    "x": charts.days("period_end_date", "end of the period"),
                    "y": {"field": "ratio", "type": "quantitative", "title": "ratio of the two values"},
                    "color": charts.colour("kind", grains, drawn),
                    "shape": charts.shape("kind", grains, drawn),
                    "tooltip": tooltip,
                },
            },
        ],
    )
    rows = answer.records()
    newest = [row for row in rows if row["period_end_date"] == rows[-1]["period_end_date"]]
    periods = {(row["period_start_date"], row["period_end_date"]) for row in rows}
    behind = sorted(
        {
            (row["period_end_date"], row["period_start_date"])
            for row in rows
            if row["leader"] == "mobile_phones"
        }
    )
    caption = [
        "Exports of integrated circuits over exports of mobile phones, by value, newest prints. Above the "
        "dashed line circuits lead. A ratio has no currency; each compares two values in the same one.",
        f"Phones lead in {text.count(len(behind), 'period')} of {len(periods)}"
        + (f", the last from {behind[-1][1]} to {behind[-1][0]}." if behind else "."),
        text.releases(r for row in rows for r in str(row["releases"] or "").split(", ")),
    ]
    return Figure(
        "phones",
        "Exports of circuits as a multiple of exports of phones",
        caption,
        answer,
        alt="Points of the ratio over time. Newest: "
        + "; ".join(
            f"{text.number(row['ratio'], 3)}, {row['period_start_date']} to {row['period_end_date']} "
            f"in {text.UNITS[row['basis']]}"
            for row in newest
        )
        + ".",
        spec=spec,
        shown=(
            "period_start_date",
            "period_end_date",
            "period_grain",
            "basis",
            "value_a",
            "value_b",
            "ratio",
            "leader",
            "releases",
        ),
        traced=_COMPARED,
    )
