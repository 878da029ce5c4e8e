"""Shares of exports among the reporters held, and how many these are."""

from __future__ import annotations

from orchestration.report import charts, text
from orchestration.report.figures import Figure, Missing, Row, Traced
from orchestration.report.ledger import Ledger

_SHARE = Traced("fct_trade_share_yearly", ("source_id", "reporter_iso3", "flow", "product_id", "year"))
_REPORTERS_SHOWN = 6


def shares(ledger: Ledger) -> Row | Missing:
    world = "source_id = 'comtrade' and flow = 'X' and product_id = 'integrated_circuits'"
    answer = ledger.ask(
        f"""
        with held as (select * from marts.fct_trade_share_yearly where {world}),
        largest as (
            select reporter_iso3 from held
            group by reporter_iso3 order by max(value_usd) desc, reporter_iso3 limit {_REPORTERS_SHOWN}
        )
        select
            share.year, economy.economy_name, share.share_pct, share.constant_sample_share_pct,
            share.constant_sample_status, share.reporters_in_world, share.reporters_in_constant_sample,
            share.value_usd, share.world_value_usd, print.release_id, share.source_id, share.reporter_iso3,
            share.flow, share.product_id
        from held as share
        left join marts.fct_trade_growth_yearly as print
            on share.source_id = print.source_id and share.reporter_iso3 = print.reporter_iso3
            and print.partner_iso3 = 'WLD' and share.flow = print.flow
            and share.product_id = print.product_id and share.year = print.year
            and print.basis = 'usd' and print.vintage = 'latest'
        join marts.dim_economy as economy on share.reporter_iso3 = economy.economy_iso3
        where share.reporter_iso3 in (select reporter_iso3 from largest)
        order by share.year, share.reporter_iso3
        """
    )
    if not answer:
        return Missing("Share of exports", "No yearly exports of HS 8542 are held from UN Comtrade.")
    rows = answer.records()
    years = sorted({int(row["year"]) for row in rows})
    absent = ledger.ask(
        f"""
        select economy.economy_name, max(share.year) as last_year
        from marts.fct_trade_share_yearly as share
        join marts.dim_economy as economy on share.reporter_iso3 = economy.economy_iso3
        where {world}
        group by economy.economy_name
        having max(share.year) < {years[-1]}
        order by economy.economy_name
        """
    )
    last = {row["economy_name"]: row for row in rows if row["year"] == years[-1]}
    in_last = next(iter(last.values()))
    names = sorted({row["economy_name"] for row in rows})
    first_world = next(row["reporters_in_world"] for row in rows)
    rests = f"{years[-1]} rests on {in_last['reporters_in_world']} reporters, {years[0]} on {first_world}."
    gone = f"Missing in {years[-1]}: {text.listed(absent.column('economy_name'))}." if absent else ""
    shown = ("year", "economy_name", "share_pct", "constant_sample_share_pct", "reporters_in_world",
             "reporters_in_constant_sample", "value_usd")  # fmt: skip

    releases = ledger.ask(
        "select distinct release_id from marts.fct_product_flow_release where partner_iso3 = 'WLD' "
        f"and period_grain = 'A' and superseded_at is null and {world} order by release_id"
    )

    def lines(field: str, figure_id: str, title: str, caption: list[str]) -> Figure:
        drawn = sorted({row["economy_name"] for row in rows if row[field] is not None})
        tooltip = charts.tips(
            economy_name="Reporter", year="Year", share_pct="Share, %",
            constant_sample_share_pct="Share among constant reporters, %",
            reporters_in_world="Reporters of the year", value_text="Exports", source_id="Source",
            release_id="Release",
        )  # fmt: skip
        sample = "reporters_in_world" if field == "share_pct" else "reporters_in_constant_sample"
        _, as_text = charts.amounts("value_usd", "USD")
        spec = charts.chart(
            280,
            transform=[{**as_text, "as": "value_text"}, {"filter": f"isValid(datum.{field})"}],
            encoding={
                "x": {"field": "year", "type": "ordinal", "title": None, "axis": {"labelAngle": 0},
                      "scale": {"domain": list(range(years[0], years[-1] + 1))}},
                "y": {"field": field, "type": "quantitative", "title": "% of their exports",
                      "scale": {"zero": True}},
                "color": charts.colour("economy_name", drawn),
            },
            layer=[
                # Where other reporters make up the sum, a line does not go on.
                {
                    "mark": {"type": "line", "strokeWidth": 1.5},
                    "encoding": {"detail": {"field": sample}},
                },
                {
                    "mark": {"type": "point", "filled": True, "size": 55, "opacity": 1, "cursor": "pointer"},
                    "encoding": {"shape": charts.shape("economy_name", drawn), "tooltip": tooltip},
                },
            ],
        )  # fmt: skip
        china = [row for row in rows if row["reporter_iso3"] == "CHN" and row[field] is not None]
        alt = f"Lines by year for {text.listed(drawn)}."
        if china:
            alt += (
                f" China: {text.number(china[0][field], 1)} % in {china[0]['year']}, "
                f"{text.number(china[-1][field], 1)} % in {china[-1]['year']}."
            )
        return Figure(figure_id, title, caption, answer, alt, spec, shown=shown, traced=_SHARE)

    source = (
        f"Integrated circuits (HS 8542) by UN Comtrade; the {text.count(len(names), 'largest exporter')} "
        "of those held."
    )
    return Row(
        [
            lines(
                "share_pct",
                "share",
                "Among all held of that year",
                [
                    source,
                    text.releases(releases.column("release_id")),
                    rests,
                    gone,
                    "A line ends where the number of reporters changes: a share rises when others are "
                    "missing. "
                    "Read it beside the other chart.",
                ],
            ),
            lines(
                "constant_sample_share_pct",
                "share_constant",
                "Among those held of every year",
                [
                    source,
                    text.releases(releases.column("release_id")),
                    f"{in_last['reporters_in_constant_sample']} reporters in every year; an economy "
                    "outside them has no line.",
                ],
            ),
        ]
    )
