"""Mirror gaps: the exporter's figure against the importer's, and one source against another."""

from __future__ import annotations

from typing import Any

from orchestration.report import charts, text
from orchestration.report.figures import Block, Figure, Heading, Missing, Page, Traced
from orchestration.report.ledger import Answer, Ledger

_GAP = Traced("fct_mirror_gap", ("product_id", "exporter_iso3", "importer_iso3", "year"))
_SOURCES = Traced(
    "fct_source_comparison",
    ("reporter_iso3", "partner_iso3", "flow", "product_id", "period_grain", "period_start_date",
     "period_end_date", "vintage", "source_a", "source_b"),
)  # fmt: skip
_SIDES_SHOWN = 20
# The lines of a label on a phone fit into it.
_ROW = 56
_SPLITS_SHOWN = 8
_PAIRS_SHOWN = 6
# A trade, and its product in a line of its own where a page shows several.
_TRADE: list[charts.Spec] = [
    {
        "calculate": "datum.exporter + ' to ' + datum.importer + '\\n' + "
        "replace(datum.product_id, /_/g, ' ')",
        "as": "trade",
    },
    {"calculate": "datum.exporter + ' to ' + datum.importer + ', ' + datum.year", "as": "trade_text"},
]
_AGREEMENTS = ("within_rounding", "differs")


def page(ledger: Ledger) -> Page:
    blocks: list[Block] = [
        Heading("gaps", "Exporter against importer"),
        *_gaps(ledger),
        Heading("sources", "One trade in two sources"),
        _sources(ledger),
    ]
    return Page(
        "mirror-gaps",
        "Mirror gaps",
        "Two offices count the same goods, one as exports and one as imports.",
        blocks,
    )


def _gaps(ledger: Ledger) -> list[Block]:
    held = ledger.one(
        """
        select count(*) as trades,
            count(*) filter (where reconciled_basis = 'exporter_only') as exporter_only,
            count(*) filter (where reconciled_basis = 'importer_only') as importer_only,
            count(*) filter (where mirror_status = 'no_mirror') as no_mirror,
            count(*) filter (where mirror_status = 'scope_differs') as scope_differs,
            count(*) filter (where mirror_status = 'ok') as gaps,
            max(year) filter (where mirror_status = 'ok') as newest
        from marts.fct_mirror_gap
        """
    )
    if not held["gaps"]:
        return [
            Missing(
                "Gaps",
                f"{text.count(held['trades'], 'trade')} held, none from both sides: "
                f"{text.number(held['exporter_only'])} from the exporter alone, "
                f"{text.number(held['importer_only'])} from the importer alone. A side not held is not zero, "
                "so no gap is shown. The commands chipledger add and chipledger fetch bring the other side.",
            )
        ]
    return [_sides(ledger, held), _split(ledger, held), _by_year(ledger)]


def _trade_axis(answer: Answer) -> charts.Spec:
    several = len(set(answer.column("product_id"))) > 1
    return charts.names("datum.label" if several else "split(datum.label, '\\n')[0]")


def _sides(ledger: Ledger, held: dict[str, Any]) -> Figure:
    answer = ledger.ask(
        f"""
        select
            gap.product_id, exporter.economy_name as exporter, importer.economy_name as importer, gap.year,
            gap.exporter_value_usd, gap.importer_value_usd, gap.importer_valuation, gap.gap_usd,
            gap.gap_symmetric_pct, gap.importer_fob_value_usd, gap.reconciled_value_usd, gap.exporter_scope,
            gap.importer_scope, gap.exporter_source_id, gap.importer_source_id, gap.exporter_iso3,
            gap.importer_iso3
        from marts.fct_mirror_gap as gap
        join marts.dim_economy as exporter on gap.exporter_iso3 = exporter.economy_iso3
        join marts.dim_economy as importer on gap.importer_iso3 = importer.economy_iso3
        where gap.mirror_status = 'ok' and gap.year = {held["newest"]}
        order by abs(gap.gap_usd) desc, gap.product_id, gap.exporter_iso3, gap.importer_iso3
        limit {_SIDES_SHOWN}
        """
    )
    tooltip = charts.tips(
        product_id="Product", trade_text="Trade", exporter_value_usd_text="Exporter says",
        importer_value_usd_text="Importer says", importer_valuation="Importer's valuation",
        gap_text="Importer less exporter", gap_symmetric_pct="Gap, % of the mean",
        exporter_source_id="Exporter's source", importer_source_id="Importer's source", _release="Release",
    )  # fmt: skip
    sides = ("exporter", "importer")
    spec = charts.chart(
        _ROW * len(answer.rows) + 20,
        transform=[
            *[charts.amounts(f"{side}_value_usd", "USD")[1] for side in sides],
            {"calculate": "format(datum.gap_usd / 1e9, '+,.4~f') + ' bn USD'", "as": "gap_text"},
            *_TRADE,
        ],
        encoding={
            "y": {"field": "trade", "type": "nominal", "title": None, "sort": None,
                  "axis": _trade_axis(answer)},
            "tooltip": tooltip,
        },
        layer=[
            {
                "mark": {"type": "rule", "strokeWidth": 2, "cursor": "pointer"},
                "encoding": {
                    "x": {"field": "exporter_value_usd", "type": "quantitative", "title": "bn USD",
                          "axis": {"labelExpr": "format(datum.value / 1e9, ',~f')", "tickCount": 5}},
                    "x2": {"field": "importer_value_usd"},
                },
            },
            *[
                {
                    "transform": [{"calculate": f"'{side}'", "as": "side"}],
                    "mark": {"type": "point", "filled": True, "size": 80, "opacity": 1, "cursor": "pointer"},
                    "encoding": {
                        "x": {"field": f"{side}_value_usd", "type": "quantitative"},
                        "color": charts.colour("side", sides),
                        "shape": charts.shape("side", sides),
                    },
                }
                for side in sides
            ],
        ],
    )  # fmt: skip
    first = answer.records()[0]
    return Figure(
        "gaps",
        f"What the two sides say, {held['newest']}",
        [
            f"The {text.count(len(answer.rows), 'widest gap')} in dollars of {held['newest']}, the newest "
            "year held from both sides. The importer's value includes freight and insurance where its "
            "valuation is cif.",
            f"Of {text.count(held['trades'], 'trade')} of all years, {text.number(held['gaps'])} have a gap, "
            f"{text.number(held['no_mirror'])} are held from one side only, "
            f"{text.number(held['scope_differs'])} count other codes on each side.",
        ],
        answer,
        alt=f"Pairs of points, exporter and importer. The widest: {first['exporter']} to "
        f"{first['importer']}, {first['year']}: "
        f"{text.scaled(first['exporter_value_usd'], 'USD')} against "
        f"{text.scaled(first['importer_value_usd'], 'USD')}.",
        spec=spec,
        shown=("product_id", "exporter", "importer", "year", "exporter_value_usd", "importer_value_usd",
               "importer_valuation", "gap_usd", "gap_symmetric_pct", "reconciled_value_usd"),
        traced=_GAP,
    )  # fmt: skip


def _split(ledger: Ledger, held: dict[str, Any]) -> Figure:
    """The same trades, with the range of each part; what the parts leave is unexplained."""
    answer = ledger.ask(
        f"""
        with widest as (
            select * from marts.fct_mirror_gap
            where mirror_status = 'ok' and year = {held["newest"]}
            order by abs(gap_usd) desc, product_id, exporter_iso3, importer_iso3
            limit {_SPLITS_SHOWN}
        ),
        parts as (
            select *, 1 as place, 'gap' as part, gap_log as low, gap_log as high, 'ok' as part_status
            from widest
            union all
            select *, 2, 'freight and insurance', cif_margin_log_low, cif_margin_log_high, 'ok' from widest
            union all
            select *, 3, 'through Hong Kong', hong_kong_log_low, hong_kong_log_high, hong_kong_status
            from widest
            union all
            select *, 4, 'under way at new year', timing_log_low, timing_log_high, timing_status
            from widest
            union all
            select *, 5, 'unexplained', unexplained_log_low, unexplained_log_high, 'ok' from widest
        )
        select
            parts.product_id, exporter.economy_name as exporter, importer.economy_name as importer,
            parts.year, parts.part, 100 * parts.low as low_log_pct, 100 * parts.high as high_log_pct,
            parts.part_status, parts.place, parts.hong_kong_routed_low_usd, parts.hong_kong_routed_high_usd,
            parts.gap_usd, parts.exporter_source_id, parts.importer_source_id, parts.exporter_iso3,
            parts.importer_iso3
        from parts
        join marts.dim_economy as exporter on parts.exporter_iso3 = exporter.economy_iso3
        join marts.dim_economy as importer on parts.importer_iso3 = importer.economy_iso3
        order by abs(parts.gap_usd) desc, parts.product_id, parts.exporter_iso3, parts.importer_iso3, place
        """
    )
    rows = answer.records()
    names = list(dict.fromkeys(str(row["part"]) for row in rows))
    colours = ["var(--ink)", "var(--c1)", "var(--c4)", "var(--c6)", "var(--c2)"]
    trades = len(rows) // len(names)
    tooltip = charts.tips(
        product_id="Product", trade_text="Trade", part="Part", range_text="Of the gap, log %",
        routed_text="Through Hong Kong", exporter_source_id="Exporter's source",
        importer_source_id="Importer's source", _release="Release",
    )  # fmt: skip
    unknown = sum(row["low_log_pct"] is None for row in rows)
    not_known: list[charts.Spec] = [
        {
            "transform": [{"filter": "!isValid(datum.low_log_pct)"}],
            "mark": {"type": "text", "align": "left", "dx": 4, "fontSize": 11, "cursor": "pointer"},
            "encoding": {"x": {"datum": 0, "type": "quantitative"}, "text": {"value": "not known"}},
        }
    ]
    spec = charts.chart(
        76 * trades,
        transform=[
            *_TRADE,
            {"calculate": "!isValid(datum.low_log_pct) ? "
             "'not known: ' + replace(datum.part_status, /_/g, ' ') : "
             "format(datum.low_log_pct, '+.3~f') + (datum.low_log_pct == datum.high_log_pct ? '' : "
             "' to ' + format(datum.high_log_pct, '+.3~f'))", "as": "range_text"},
            {"calculate": "!isValid(datum.hong_kong_routed_high_usd) ? 'not known' : "
             "format(datum.hong_kong_routed_low_usd / 1e9, ',.4~f') + ' to ' + "
             "format(datum.hong_kong_routed_high_usd / 1e9, ',.4~f') + ' bn USD'", "as": "routed_text"},
        ],
        encoding={
            "y": {"field": "trade", "type": "nominal", "title": None, "sort": None,
                  "axis": _trade_axis(answer), "scale": {"paddingInner": 0.25}},
            "yOffset": {"field": "part", "type": "nominal", "sort": names},
            "color": {"field": "part", "type": "nominal", "title": None,
                      "scale": {"domain": names, "range": colours}},
            "tooltip": tooltip,
        },
        layer=[
            {
                "data": {"values": [{}]},
                "mark": {"type": "rule"},
                "encoding": {"x": {"datum": 0}, "y": {"value": 0}, "y2": {"value": "height"}, "yOffset": None,
                             "color": {"value": "var(--soft)"}, "tooltip": None},
            },
            {
                "transform": [{"filter": "isValid(datum.low_log_pct)"}],
                "mark": {"type": "rule", "strokeWidth": 8, "cursor": "pointer"},
                "encoding": {
                    "x": {"field": "low_log_pct", "type": "quantitative",
                          "title": "log % of the exporter's value", "axis": {"tickCount": 6}},
                    "x2": {"field": "high_log_pct"},
                },
            },
            # A part without width, the gap first of all, is a point.
            {
                "transform": [{"filter": "isValid(datum.low_log_pct) && datum.high_log_pct - "
                               "datum.low_log_pct < 0.5"}],
                "mark": {"type": "point", "filled": True, "shape": "diamond", "size": 70, "opacity": 1,
                         "cursor": "pointer"},
                "encoding": {"x": {"field": "low_log_pct", "type": "quantitative"}},
            },
            {
                "transform": [{"filter": "datum.part == 'gap'"}],
                "mark": {"type": "text", "align": "right", "dx": -9, "fontWeight": 600, "cursor": "pointer"},
                "encoding": {"x": {"field": "low_log_pct", "type": "quantitative"},
                             "text": {"field": "low_log_pct", "format": "+.1f"}},
            },
            *(not_known if unknown else []),
        ],
    )  # fmt: skip
    first = {str(row["part"]): row for row in rows[: len(names)]}
    left = first["unexplained"]
    return Figure(
        "split",
        f"What may explain each gap, {held['newest']}",
        [
            f"The {text.count(trades, 'widest gap')} of the chart above. The diamond is the gap, importer "
            "over exporter; each bar is the range that one part can explain. In log per cent, so that a "
            "choice from each range and the unexplained add up to the gap.",
            "Freight and insurance: the range of margins in raw/reference. Under way: goods that left in one "
            "year and arrived in the next. Through Hong Kong: at most what Hong Kong sent on, at least what "
            "it can have from nobody else; a bound, no estimate.",
            "An unexplained range that does not touch 0 is a gap that these parts cannot explain; it is no "
            "proof of misreporting.",
            f"{text.count(unknown, 'part')} not known, because a flow is not held: they stay in the "
            "unexplained."
            if unknown
            else "",
        ],
        answer,
        alt=f"Ranges by trade. The widest gap: {left['exporter']} to {left['importer']}: "
        f"{text.number(first['gap']['low_log_pct'], 1)} log per cent, of which unexplained "
        f"{text.number(left['low_log_pct'], 1)} to {text.number(left['high_log_pct'], 1)}.",
        spec=spec,
        shown=("product_id", "exporter", "importer", "year", "part", "low_log_pct", "high_log_pct",
               "part_status"),
        traced=_GAP,
    )  # fmt: skip


def _by_year(ledger: Ledger) -> Figure | Missing:
    answer = ledger.ask(
        f"""
        with ok as (select * from marts.fct_mirror_gap where mirror_status = 'ok'),
        largest as (
            select product_id, exporter_iso3, importer_iso3 from ok
            group by product_id, exporter_iso3, importer_iso3
            having count(*) > 1
            order by max(reconciled_value_usd) desc, product_id, exporter_iso3, importer_iso3
            limit {_PAIRS_SHOWN}
        )
        select
            ok.year,
            exporter.economy_name || ' to ' || importer.economy_name
            -- A pair that trades in two of the products has a line for each.
            || case
                when (select count(distinct product_id) from largest) > 1
                    then ', ' || replace(ok.product_id, '_', ' ')
                else ''
            end as pair,
            ok.product_id,
            ok.gap_symmetric_pct, ok.exporter_value_usd, ok.importer_value_usd, ok.reconciled_value_usd,
            -- Years in a row have one number: a line does not cross a year that is not held.
            ok.year - row_number() over (
                partition by ok.product_id, ok.exporter_iso3, ok.importer_iso3 order by ok.year
            ) as run, ok.exporter_source_id, ok.importer_source_id, ok.exporter_iso3, ok.importer_iso3
        from ok
        join largest using (product_id, exporter_iso3, importer_iso3)
        join marts.dim_economy as exporter on ok.exporter_iso3 = exporter.economy_iso3
        join marts.dim_economy as importer on ok.importer_iso3 = importer.economy_iso3
        order by ok.product_id, ok.exporter_iso3, ok.importer_iso3, ok.year
        """
    )
    if not answer:
        return Missing("Gap by year", "No trade is held from both sides in more than one year.")
    rows = answer.records()
    years = sorted({int(row["year"]) for row in rows})
    pairs = list(dict.fromkeys(str(row["pair"]) for row in rows))
    products = sorted({str(row["product_id"]) for row in rows})
    line: charts.Spec = {
        "mark": {"type": "line", "strokeWidth": 1.5},
        "encoding": {"detail": [{"field": "product_id"}, {"field": "run"}]},
    }
    point: charts.Spec = {
        "transform": [charts.amounts(f"{side}_value_usd", "USD")[1] for side in ("exporter", "importer")],
        "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1, "cursor": "pointer"},
        "encoding": {
            "shape": charts.shape("pair", pairs),
            "tooltip": charts.tips(
                pair="Trade", product_id="Product", year="Year", exporter_value_usd_text="Exporter says",
                importer_value_usd_text="Importer says", gap_symmetric_pct="Gap, % of the mean",
                exporter_source_id="Exporter's source", importer_source_id="Importer's source",
                _release="Release",
            ),
        },
    }  # fmt: skip
    spec = charts.chart(
        280,
        layer=[
            {"data": {"values": [{}]}, "mark": {"type": "rule"}, "encoding": {"y": {"datum": 0}}},
            {
                "encoding": {
                    "x": {"field": "year", "type": "ordinal", "title": None, "axis": {"labelAngle": 0},
                          "scale": {"domain": list(range(years[0], years[-1] + 1))}},
                    "y": {"field": "gap_symmetric_pct", "type": "quantitative",
                          "title": "% of the mean of the two"},
                    "color": charts.colour("pair", pairs),
                },
                "layer": [line, point],
            },
        ],
    )  # fmt: skip
    last = [row for row in rows if row["year"] == years[-1]]
    return Figure(
        "gap_by_year",
        "Gap by year",
        [
            f"The {text.count(len(pairs), 'largest trade')} held from both sides in more than one year: "
            f"{text.listed([text.said(name) for name in products])}. Importer less "
            "exporter: above 0 the importer reports more. A line ends where a year is not held from both "
            "sides.",
        ],
        answer,
        alt=f"Lines by year. {years[-1]}: "
        + "; ".join(f"{row['pair']} {text.number(row['gap_symmetric_pct'], 1)} %" for row in last)
        + ".",
        spec=spec,
        shown=("year", "pair", "product_id", "exporter_value_usd", "importer_value_usd", "gap_symmetric_pct",
               "reconciled_value_usd"),
        traced=_GAP,
    )  # fmt: skip


def _sources(ledger: Ledger) -> Figure | Missing:
    answer = ledger.ask(
        """
        select
            year, period_start_date, period_end_date, period_grain, vintage, reporter_iso3, partner_iso3,
            flow, product_id, source_a, source_b, value_a_usd, value_b_usd, difference_usd, difference_pct,
            difference_low_usd, difference_high_usd, agreement, scope_a, scope_b, scope_status,
            difference_status
        from marts.fct_source_comparison
        where difference_pct is not null and vintage = 'latest' and period_grain = 'A'
        order by period_end_date, reporter_iso3, partner_iso3, flow, product_id, source_a, source_b
        """
    )
    if not answer:
        return Missing("Two sources", "No trade of a year is held from two sources.")
    rows = answer.records()
    years = [int(row["year"]) for row in rows]
    found = set(answer.column("agreement"))
    pairs = sorted({(str(row["source_a"]), str(row["source_b"])) for row in rows})
    first = pairs[0][0] if len(pairs) == 1 else "the first source"
    tooltip = charts.tips(
        trade="Trade", year="Year", a_text="First source", b_text="Second source",
        difference_pct="Difference, % of the first", agreement="Agreement",
        scope_status="Scope", vintage="Vintage", _release="Release",
    )  # fmt: skip
    spec = charts.chart(
        240,
        layer=[
            {"data": {"values": [{}]}, "mark": {"type": "rule"}, "encoding": {"y": {"datum": 0}}},
            {
                "transform": [
                    charts.amounts("value_a_usd", "USD")[1],
                    charts.amounts("value_b_usd", "USD")[1],
                    *[
                        {"calculate": f"datum.source_{side} + ': ' + datum.value_{side}_usd_text",
                         "as": f"{side}_text"}
                        for side in "ab"
                    ],
                    {"calculate": "datum.reporter_iso3 + ' to ' + datum.partner_iso3 + ', ' + "
                     f"{charts.FLOW} + ', ' + replace(datum.product_id, '_', ' ')", "as": "trade"},
                ],
                "mark": {"type": "point", "size": 80, "strokeWidth": 2, "cursor": "pointer"},
                "encoding": {
                    "x": {"field": "year", "type": "ordinal", "title": None, "axis": {"labelAngle": 0},
                          "scale": {"domain": list(range(min(years), max(years) + 1))}},
                    "y": {"field": "difference_pct", "type": "quantitative", "title": f"% of {first}"},
                    "color": charts.colour("agreement", _AGREEMENTS, found),
                    "shape": charts.shape("agreement", _AGREEMENTS, found),
                    "tooltip": tooltip,
                },
            },
        ],
    )  # fmt: skip
    agreed = sum(row["agreement"] == "within_rounding" for row in rows)
    widest = max(rows, key=lambda row: abs(row["difference_pct"]))
    return Figure(
        "two_sources",
        "Difference between two sources",
        [
            f"{text.listed([f'{b} less {a}' for a, b in pairs])}, in per cent of the one taken away. "
            f"{text.number(agreed)} of {text.count(len(rows), 'comparison')} agree within rounding.",
            "Where the two count other codes, part of the difference is goods, not error: see the table.",
            *[ledger.newest(source) for source in sorted({name for pair in pairs for name in pair})],
        ],
        answer,
        alt=f"Points by year. The widest: {text.number(widest['difference_pct'], 2)} % in {widest['year']}.",
        spec=spec,
        shown=("year", "vintage", "source_a", "source_b", "value_a_usd", "value_b_usd", "difference_pct",
               "agreement", "scope_a", "scope_b"),
        traced=_SOURCES,
    )  # fmt: skip
