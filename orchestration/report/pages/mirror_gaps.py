"""Mirror gaps: the exporter's figure against the importer's, and one source against another."""

from __future__ import annotations

from orchestration.report import charts, text
from orchestration.report.figures import Block, Figure, Heading, Missing, Page, Traced
from orchestration.report.ledger import Ledger

_GAP = Traced("fct_mirror_gap", ("product_id", "exporter_iso3", "importer_iso3", "year"))
_SOURCES = Traced(
    "fct_source_comparison",
    ("reporter_iso3", "partner_iso3", "flow", "product_id", "period_grain", "period_start_date",
     "period_end_date", "vintage", "source_a", "source_b"),
)  # fmt: skip
_PAIRS_SHOWN = 40
_AGREEMENTS = ("within_rounding", "differs")


def page(ledger: Ledger) -> Page:
    blocks: list[Block] = [
        Heading("gaps", "Exporter against importer"),
        _gaps(ledger),
        Heading("sources", "One trade in two sources"),
        _sources(ledger),
    ]
    return Page(
        "mirror-gaps",
        "Mirror gaps",
        "Two offices count the same goods, one as exports and one as imports.",
        blocks,
    )


def _gaps(ledger: Ledger) -> Figure | Missing:
    answer = ledger.ask(
        f"""
        select
            product_id, exporter_iso3, importer_iso3, year, exporter_value_usd, importer_value_usd,
            importer_fob_value_usd, reconciled_value_usd, reconciled_basis, gap_usd, gap_log,
            gap_symmetric_pct, cif_margin_log_low, cif_margin_log_high, hong_kong_log_low,
            hong_kong_log_high, unexplained_log_low, unexplained_log_high, mirror_status,
            exporter_source_id, importer_source_id
        from marts.fct_mirror_gap
        where exporter_value_usd is not null and importer_value_usd is not null
        order by abs(gap_usd) desc nulls last, product_id, exporter_iso3, importer_iso3, year
        limit {_PAIRS_SHOWN}
        """
    )
    held = ledger.one(
        """
        select count(*) as trades,
            count(*) filter (where reconciled_basis = 'exporter_only') as exporter_only,
            count(*) filter (where reconciled_basis = 'importer_only') as importer_only,
            count(*) filter (where mirror_status = 'no_mirror') as no_mirror
        from marts.fct_mirror_gap
        """
    )
    if not answer:
        return Missing(
            "Gaps",
            f"{text.count(held['trades'], 'trade')} held, none from both sides: "
            f"{text.number(held['exporter_only'])} from the exporter alone, "
            f"{text.number(held['importer_only'])} from the importer alone. A side not held is not zero, "
            "so no gap is shown. The commands chipledger add and chipledger fetch bring the other side.",
        )
    _, exporter = charts.amounts("exporter_value_usd", "USD")
    _, importer = charts.amounts("importer_value_usd", "USD")
    tooltip = charts.tips(
        trade="Trade", exporter_value_usd_text="Exporter says", importer_value_usd_text="Importer says",
        gap_symmetric_pct="Gap, % of the mean", cif_text="Freight and insurance, log",
        left_text="Unexplained, log", exporter_source_id="Exporter's source",
        importer_source_id="Importer's source",
    )  # fmt: skip
    sides = ("exporter", "importer")
    spec = charts.chart(
        34 * len(answer.rows) + 20,
        transform=[
            exporter,
            importer,
            {"calculate": "replace(datum.product_id, '_', ' ') + '; ' + datum.exporter_iso3 + ' to ' + "
             "datum.importer_iso3 + ', ' + datum.year", "as": "trade"},
            {"calculate": "format(datum.cif_margin_log_low, '.3f') + ' to ' + "
             "format(datum.cif_margin_log_high, '.3f')", "as": "cif_text"},
            {"calculate": "!isValid(datum.unexplained_log_low) ? 'not known' : "
             "format(datum.unexplained_log_low, '.3f') + ' to ' + "
             "format(datum.unexplained_log_high, '.3f')", "as": "left_text"},
        ],
        encoding={
            "y": {"field": "trade", "type": "nominal", "title": None, "sort": None,
                  "axis": {"labelExpr": "split(datum.label, '; ')", "domain": False}},
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
        "What the two sides say",
        [
            f"The {text.count(len(answer.rows), 'widest gap')} of {text.count(held['trades'], 'trade')}; "
            f"{text.number(held['no_mirror'])} are held from one side only. The importer's value may include "
            "freight and insurance; its range is in the table.",
        ],
        answer,
        alt=f"Pairs of points, exporter and importer. The widest: {first['exporter_iso3']} to "
        f"{first['importer_iso3']}, {first['year']}: "
        f"{text.scaled(first['exporter_value_usd'], 'USD')} against "
        f"{text.scaled(first['importer_value_usd'], 'USD')}.",
        spec=spec,
        shown=("product_id", "exporter_iso3", "importer_iso3", "year", "exporter_value_usd",
               "importer_value_usd", "gap_usd", "gap_symmetric_pct", "reconciled_value_usd", "mirror_status"),
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
        where difference_pct is not null and vintage = 'latest'
        order by period_end_date, reporter_iso3, partner_iso3, flow, product_id, source_a, source_b
        """
    )
    if not answer:
        return Missing("Two sources", "No trade is held from two sources.")
    rows = answer.records()
    years = [int(row["year"]) for row in rows]
    pairs = sorted({(str(row["source_a"]), str(row["source_b"])) for row in rows})
    first = pairs[0][0] if len(pairs) == 1 else "the first source"
    tooltip = charts.tips(
        trade="Trade", year="Year", a_text="First source", b_text="Second source",
        difference_pct="Difference, % of the first", agreement="Agreement",
        scope_status="Scope", vintage="Vintage",
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
                    "color": charts.colour("agreement", _AGREEMENTS),
                    "shape": charts.shape("agreement", _AGREEMENTS),
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
