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
    tooltip = charts.tips(
        product="Product", period_start_date="From", period_end_date="To", basis="Basis",
        revision_text="Change", first_text="First print", value_text="This print", age_days="Days after it",
        source_id="Source", release_id="Release",
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
                    {"calculate": "format(datum.first_value, ',.4~f')", "as": "first_text"},
                    {"calculate": "format(datum.value, ',.4~f')", "as": "value_text"},
                ],
                "mark": {"type": "point", "size": 80, "strokeWidth": 2, "cursor": "pointer"},
                "encoding": {
                    "x": charts.days("period_end_date", "end of the period"),
                    "y": {"field": "revision_pct", "type": "quantitative", "title": "% of the first print"},
                    "color": charts.colour("product", products),
                    "shape": charts.shape("basis", _BASES, title="basis", legend=charts.BASIS_LEGEND),
                    "tooltip": tooltip,
                },
            },
        ],
    )  # fmt: skip
    changed = [row for row in rows if row["value"] != row["first_value"]]
    caption = [
        f"Later prints against the first, {text.count(len(rows), 'later print')} of "
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
        shown=("product_id", "period_start_date", "period_end_date", "basis", "first_value", "value",
               "revision_pct", "age_days", "release_id"),
        traced=_REVISION,
    )  # fmt: skip


def _implied(ledger: Ledger) -> Figure | Missing:
    answer = ledger.ask(
        """
        select
            period_start_date, period_end_date, period_grain, flow, product_id, basis, value,
            published_growth_pct, implied_base_low, implied_base_high, base_value, implied_revision_low_pct,
            implied_revision_high_pct, observed_revision_pct, observed_revision_status,
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
    said = [f"{row['implied_revision_status']} {row['growths']}" for row in counts.records()]
    if not answer:
        return Missing("Implied bases", f"No growth with its value and base is held. {'; '.join(said)}")
    rows = answer.records()
    outside = [r for r in rows if r["implied_revision_low_pct"] > 0 or r["implied_revision_high_pct"] < 0]
    tooltip = charts.tips(
        product_id="Product", flow="Flow", period_start_date="From", period_end_date="To", basis="Basis",
        published_growth_pct="Printed growth, %", implied_revision_low_pct="Base moved by at least, %",
        implied_revision_high_pct="Base moved by at most, %", observed_text="Base was seen to move by",
        implied_revision_status="Status", source_id="Source", release_id="Release",
        base_release_id="Release of the base",
    )  # fmt: skip
    spec = charts.chart(
        320,
        transform=[
            {"calculate": "(datum.implied_revision_low_pct + datum.implied_revision_high_pct) / 2",
             "as": "middle"},
            {"calculate": "isValid(datum.observed_revision_pct) ? "
             "format(datum.observed_revision_pct, '+.3~f') + ' %' : "
             "datum.observed_revision_status", "as": "observed_text"},
        ],
        encoding={
            "x": charts.days("period_end_date", "end of the period", {"format": "%Y", "tickCount": "year"}),
            "color": charts.colour("basis", _BASES, legend=charts.BASIS_LEGEND),
            "tooltip": tooltip,
        },
        layer=[
            {
                "data": {"values": [{}]},
                "mark": {"type": "rule", "color": "var(--soft)"},
                "encoding": {"x": {"value": 0}, "x2": {"value": "width"}, "y": {"datum": 0},
                             "color": {"value": "var(--soft)"}, "tooltip": None},
            },
            {
                "mark": {"type": "rule", "strokeWidth": 4, "cursor": "pointer"},
                "encoding": {
                    "y": {"field": "implied_revision_low_pct", "type": "quantitative",
                          "title": "% from the first print of the base"},
                    "y2": {"field": "implied_revision_high_pct"},
                },
            },
            {
                "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1, "cursor": "pointer"},
                "encoding": {"y": {"field": "middle", "type": "quantitative"},
                             "shape": charts.shape("basis", _BASES, legend=charts.BASIS_LEGEND)},
            },
        ],
    )  # fmt: skip
    return Figure(
        "implied",
        "How far the base must have moved",
        [
            "The interval of the base that fits a printed growth, as a change from the base first printed. "
            "One that does not touch 0 says that the two prints do not fit together.",
            f"{len(outside)} of {text.count(len(rows), 'printed growth', 'printed growths')} do not. "
            f"All growths by status: {', '.join(said)}.",
            "Exports and imports, products and periods of every length stand together: the tooltip says "
            f"which. {_flagged(ledger)}",
            text.releases(answer.column("release_id")),
        ],
        answer,
        alt=f"Intervals by end of period; {len(outside)} of {len(rows)} do not touch zero.",
        spec=spec,
        shown=("period_start_date", "period_end_date", "product_id", "flow", "basis", "published_growth_pct",
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
