"""Revisions: how printed values changed from their first print, and the bases that printed growth needs."""

from __future__ import annotations

from orchestration.report import charts, text
from orchestration.report.figures import Block, Figure, Heading, Missing, Page, Traced
from orchestration.report.ledger import Ledger

_REVISION = Traced(
    "fct_revision",
    ("source_id", "reporter_iso3", "partner_iso3", "flow", "product_id", "hs_code", "period_grain",
     "period_start_date", "period_end_date", "basis", "release_id", "print_order"),
)  # fmt: skip
_IMPLIED = Traced(
    "fct_implied_revision",
    ("source_id", "reporter_iso3", "partner_iso3", "flow", "product_id", "period_grain",
     "period_start_date", "period_end_date", "basis", "release_id"),
)  # fmt: skip
_GROWTHS_SHOWN = 25
# Three lines of a label fit into it.
_ROW = 44
_BASES = ("usd", "cny", "quantity")


def page(ledger: Ledger) -> Page:
    blocks: list[Block] = [
        Heading("prints", "From first print to newest"),
        _prints(ledger),
        Heading(
            "implied",
            "Bases that printed growth needs",
            [
                "A printed growth and a printed value together say which base the statistician used. "
                "Where that is not the base printed a year before, it was revised, or something else differs."
            ],
        ),
        _implied(ledger),
    ]
    return Page(
        "revisions",
        "Revisions",
        "Customs offices change what they printed, often without saying so. Every print is kept.",
        blocks,
    )


def _prints(ledger: Ledger) -> Figure | Missing:
    answer = ledger.ask(
        """
        select
            period_start_date, period_end_date, period_grain, product_id, basis, first_value,
            previous_value, value, revision_pct, direction, age_days, print_order, release_id, released_at,
            source_id, reporter_iso3, partner_iso3, flow, hs_code
        from marts.fct_revision
        where print_order > 1
            -- A total to January, February or December is that month, the two months or the year again.
            and (period_grain <> 'YTD' or month(period_end_date) not in (1, 2, 12))
        order by product_id nulls last, basis, period_end_date, period_start_date, source_id, print_order
        """
    )
    held = ledger.one(
        "select count(*) as prints from marts.fct_revision where print_order = 1 "
        "and (period_grain <> 'YTD' or month(period_end_date) not in (1, 2, 12))"
    )
    if not answer:
        return Missing("Revisions", "No value is held from more than one release.")
    rows = answer.records()
    products = sorted({str(row["product_id"] or row["hs_code"]) for row in rows})
    units = set(answer.column("basis"))
    tooltip = charts.tips(
        product="Product", reporter_iso3="Reporter", partner_iso3="Partner", flow_text="Flow",
        period_start_date="From", period_end_date="To",
        revision_text="Change", first_value_text="First print", value_text="This print",
        age_days="Days after it", source_id="Source", release_id="Release",
    )  # fmt: skip
    spec = charts.chart(
        300,
        layer=[
            {
                "data": {"values": [{}]},
                "mark": {"type": "rule"},
                "encoding": {"y": {"datum": 0}},
            },
            {
                "transform": [
                    {"calculate": "datum.product_id || datum.hs_code", "as": "product"},
                    {"calculate": "format(datum.revision_pct, '+.4~f') + ' %'", "as": "revision_text"},
                    *[
                        {"calculate": f"format(datum.{field} / 1e9, ',.6~f') + ' bn ' + {charts.UNIT}",
                         "as": f"{field}_text"}
                        for field in ("first_value", "value")
                    ],
                    {"calculate": charts.FLOW, "as": "flow_text"},
                ],
                "mark": {"type": "point", "size": 80, "strokeWidth": 2, "cursor": "pointer"},
                "encoding": {
                    "x": charts.days("period_end_date", "end of the period"),
                    "y": {"field": "revision_pct", "type": "quantitative", "title": "% of the first print"},
                    "color": charts.colour("product", products),
                    "shape": charts.shape("basis", _BASES, units, title="unit", legend=charts.BASIS_LEGEND),
                    "tooltip": tooltip,
                },
            },
        ],
    )  # fmt: skip
    changed = [row for row in rows if row["value"] != row["first_value"]]
    caption = [
        f"Later prints against the first, in per cent of it: {text.count(len(rows), 'later print')} of "
        f"{text.count(held['prints'], 'value')} held; {text.number(len(changed))} differ. A value printed "
        "once has no point.",
        text.releases(answer.column("release_id")),
    ]
    widest = max(rows, key=lambda row: abs(row["revision_pct"] or 0))
    return Figure(
        "prints",
        "Change since the first print",
        caption,
        answer,
        alt=f"Points of change by end of period. The widest is {text.number(widest['revision_pct'], 2)} % "
        f"({widest['product_id'] or widest['hs_code']}, {widest['basis']}, period ending "
        f"{widest['period_end_date']}).",
        spec=spec,
        shown=("product_id", "hs_code", "reporter_iso3", "partner_iso3", "flow", "period_start_date",
               "period_end_date", "basis", "first_value", "value", "revision_pct", "age_days", "release_id"),
        traced=_REVISION,
    )  # fmt: skip


def _implied(ledger: Ledger) -> Figure | Missing:
    answer = ledger.ask(
        """
        select
            period_start_date, period_end_date, period_grain, flow, product_id, basis, value,
            published_growth_pct, implied_base_low, implied_base_high, base_value, implied_revision_low_pct,
            implied_revision_high_pct,
            -- How far the interval keeps from no revision at all.
            greatest(implied_revision_low_pct, -implied_revision_high_pct, 0) as outside_pct,
            observed_revision_pct, observed_revision_status,
            implied_revision_status, release_id, base_release_id, source_id, reporter_iso3, partner_iso3
        from marts.fct_implied_revision
        where implied_revision_low_pct is not null
            and (period_grain <> 'YTD' or month(period_end_date) not in (1, 2, 12))
        order by period_end_date, period_start_date, product_id, flow, basis, source_id, reporter_iso3,
            partner_iso3, release_id
        """
    )
    counts = ledger.ask(
        """
        select implied_revision_status, count(*) as growths
        from marts.fct_implied_revision
        where period_grain <> 'YTD' or month(period_end_date) not in (1, 2, 12)
        group by implied_revision_status
        order by implied_revision_status
        """
    )
    said = [f"{text.said(row['implied_revision_status'])} {row['growths']}" for row in counts.records()]
    if not answer:
        return Missing("Implied bases", f"No growth with its value and base is held. {'; '.join(said)}")
    rows = answer.records()
    outside = [row for row in rows if row["outside_pct"] > 0]
    drawn = sorted(outside, key=lambda row: row["outside_pct"], reverse=True)[:_GROWTHS_SHOWN]
    units = {row["basis"] for row in drawn}
    tooltip = charts.tips(
        product_id="Product", flow_text="Flow", period_start_date="From", period_end_date="To", basis="Basis",
        published_growth_pct="Printed growth, %", implied_revision_low_pct="Base moved by at least, %",
        implied_revision_high_pct="Base moved by at most, %", observed_text="Base was seen to move by",
        implied_revision_status="Status", source_id="Source", release_id="Release",
        base_release_id="Release of the base",
    )  # fmt: skip
    # Two lines to read and, behind them, what makes two prints of one period differ.
    label = (
        "replace(datum.product_id, /_/g, ' ') + '; ' + datum.flow_text + ' ' + "
        "(datum.period_grain == 'A' ? slice(datum.period_end_date_text, 0, 4) : "
        "datum.period_grain == 'M' ? slice(datum.period_end_date_text, 0, 7) : "
        "slice(datum.period_start_date_text, 0, 7) + '/' + slice(datum.period_end_date_text, 5, 7)) + ', ' + "
        f"{charts.UNIT} + '; ' + datum.reporter_iso3 + datum.partner_iso3 + datum.release_id"
    )
    shown = "join(slice(split(datum.label, '; '), 0, 2), '\\n')"
    spec = charts.chart(
        _ROW * len(drawn) + 20,
        transform=[
            {"filter": "datum.outside_pct > 0"},
            {"window": [{"op": "row_number", "as": "rank"}],
             "sort": [{"field": "outside_pct", "order": "descending"}]},
            {"filter": f"datum.rank <= {_GROWTHS_SHOWN}"},
            {"calculate": "(datum.implied_revision_low_pct + datum.implied_revision_high_pct) / 2",
             "as": "middle"},
            {"calculate": "isValid(datum.observed_revision_pct) ? "
             "format(datum.observed_revision_pct, '+.3~f') + ' %' : "
             "datum.observed_revision_status", "as": "observed_text"},
            {"calculate": charts.FLOW, "as": "flow_text"},
            {"calculate": label, "as": "label"},
        ],
        encoding={
            "y": {"field": "label", "type": "nominal", "title": None,
                  "sort": {"field": "rank", "order": "ascending"},
                  "axis": charts.names(shown, grid=True)},
            "color": charts.colour("basis", _BASES, units, legend=charts.BASIS_LEGEND),
            "tooltip": tooltip,
        },
        layer=[
            {
                "data": {"values": [{}]},
                "mark": {"type": "rule"},
                "encoding": {"x": {"datum": 0}, "y": {"value": 0}, "y2": {"value": "height"},
                             "color": {"value": "var(--soft)"}, "tooltip": None},
            },
            {
                "mark": {"type": "rule", "strokeWidth": 4, "cursor": "pointer"},
                "encoding": {
                    "x": {"field": "implied_revision_low_pct", "type": "quantitative",
                          "title": "% from the base first printed", "axis": {"tickCount": 6}},
                    "x2": {"field": "implied_revision_high_pct"},
                },
            },
            {
                "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1, "cursor": "pointer"},
                "encoding": {"x": {"field": "middle", "type": "quantitative"},
                             "shape": charts.shape("basis", _BASES, units, legend=charts.BASIS_LEGEND)},
            },
        ],
    )  # fmt: skip
    said_drawn = (
        "None is drawn"
        if not outside
        else f"The {text.number(_GROWTHS_SHOWN)} furthest from 0 are drawn"
        if len(outside) > _GROWTHS_SHOWN
        else "They are drawn, the furthest from 0 first"
    )
    return Figure(
        "implied",
        "How far the base must have moved",
        [
            "The interval of the base that fits a printed growth, as a change from the base first printed. "
            "One that does not touch 0 says that the two prints do not fit together.",
            f"{len(outside)} of {text.count(len(rows), 'printed growth')} do not. {said_drawn}; "
            "the table has all.",
            f"All growths by status: {', '.join(said)}.",
            _flagged(ledger),
            text.releases(answer.column("release_id")),
        ],
        answer,
        alt=f"Intervals of printed growths that do not touch zero: {len(outside)} of {len(rows)}.",
        spec=spec if outside else None,
        shown=("period_start_date", "period_end_date", "product_id", "flow", "basis", "published_growth_pct",
               "base_value", "implied_base_low", "implied_base_high",
               "implied_revision_low_pct", "implied_revision_high_pct", "observed_revision_pct",
               "implied_revision_status", "release_id"),
        traced=_IMPLIED,
    )  # fmt: skip


def _flagged(ledger: Ledger) -> str:
    """Printed values that are doubted and drawn all the same."""
    flags = ledger.ask(
        "select reason from meta.corrections where action = 'flag' order by snapshot_id, raw_row, raw_column"
    )
    if not flags:
        return ""
    return f"Doubted, and drawn all the same: {'; '.join(str(item) for item in flags.column('reason'))}"
