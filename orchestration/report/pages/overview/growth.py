"""Growth of exports by year beside export-control events."""

from __future__ import annotations

from orchestration.report import charts, text
from orchestration.report.figures import Figure, Missing, Traced
from orchestration.report.ledger import Ledger
from orchestration.report.pages.overview.exports import BASES, SERIES, YEARLY

_STEPS = 4
_WINDOW = Traced(
    "fct_policy_event_window",
    ("event_id", "source_id", "reporter_iso3", "partner_iso3", "flow", "product_id", "control_product_id",
     "basis", "window_releases"),
)  # fmt: skip


def growth(ledger: Ledger) -> Figure | Missing:
    answer = ledger.ask(
        f"""
        select
            make_date(year, 1, 1) as from_date, make_date(year, 12, 31) as to_date, year, basis,
            vintage, growth_yoy_pct, growth_low_pct, growth_high_pct, published_growth_pct, value,
            base_value, release_id, base_release_id, source_id, reporter_iso3, partner_iso3, flow, product_id
        from marts.fct_trade_growth_yearly
        where {SERIES} and vintage = 'first' and growth_yoy_pct is not null
        order by year, basis
        """
    )
    if not answer:
        return Missing("Growth by year", "No two years in a row are held.")
    events = ledger.ask(
        """
        select row_number() over (order by event_date, event_id) as number, event_date, date_precision,
            title, read_at, coalesce(fr_citation, 'no citation held') as citation
        from marts.dim_policy_event
        order by event_date, event_id
        """
    )
    tooltip = charts.tips(
        year="Year", growth_yoy_pct="Growth on the year, %", published_growth_pct="Printed growth, %",
        basis="Basis", source_id="Source", release_id="Release", base_release_id="Release of the base",
    )  # fmt: skip
    years_axis = {"format": "%Y", "tickCount": "year", "labelBound": False}
    event_tips = charts.tips(
        number="Number",
        event_date="Event",
        title="What",
        citation="Federal Register",
        date_precision="Date to the",
    )
    spec = charts.chart(
        300,
        layer=[
            {
                "data": {"name": "events"},
                "mark": {"type": "rule", "color": "var(--soft)", "strokeWidth": 1.5, "opacity": 0.55},
                "encoding": {
                    "x": charts.days("event_date", axis=years_axis),
                    "tooltip": event_tips,
                },
            },
            # Events of one week would write their numbers over each other: four steps up, then from below.
            *[
                {
                    "data": {"name": "events"},
                    "transform": [{"filter": f"(datum.number - 1) % {_STEPS} == {step}"}],
                    "mark": {
                        "type": "text",
                        "fontSize": 10,
                        "baseline": "bottom",
                        # On a phone they would touch: there the tooltip says which event a line is.
                        "opacity": {"expr": "width < 480 ? 0 : 1"},
                    },
                    "encoding": {
                        "x": charts.days("event_date", axis=years_axis),
                        "y": {"value": -2 - 11 * step},
                        "text": {"field": "number"},
                        "tooltip": event_tips,
                    },
                }
                for step in range(_STEPS)
            ],
            {
                "data": {"values": [{}]},
                "mark": {"type": "rule", "color": "var(--soft)"},
                "encoding": {"y": {"datum": 0}},
            },
            {
                "transform": [
                    {
                        "calculate": "utcOffset('hours', toDate(datum.from_date), 4380)",
                        "as": "middle",
                    }
                ],
                "encoding": {
                    "y": {
                        "field": "growth_yoy_pct",
                        "type": "quantitative",
                        "title": "% on the year before",
                        "axis": {"titleY": -6 - 11 * _STEPS},
                    },
                    "color": charts.colour("basis", BASES, legend=charts.BASIS_LEGEND),
                    "tooltip": tooltip,
                },
                "layer": [
                    {
                        "mark": {"type": "rule", "strokeWidth": 2, "cursor": "pointer"},
                        "encoding": {
                            "x": charts.days("from_date", axis=years_axis),
                            "x2": {"field": "to_date"},
                        },
                    },
                    {
                        "mark": {
                            "type": "point",
                            "filled": True,
                            "size": 90,
                            "opacity": 1,
                            "cursor": "pointer",
                        },
                        "encoding": {
                            "x": charts.days("middle", axis=years_axis),
                            "shape": charts.shape("basis", BASES, legend=charts.BASIS_LEGEND),
                        },
                    },
                    # The value, below its line for dollars and above it for the others: these may lie close.
                    *[
                        {
                            "transform": [{"filter": test}],
                            "mark": {
                                "type": "text",
                                "fontSize": 11,
                                "fontWeight": 600,
                                "align": "left",
                                "dy": dy,
                                "cursor": "pointer",
                            },
                            "encoding": {
                                "x": charts.days("from_date", axis=years_axis),
                                "text": {"field": "growth_yoy_pct", "format": ".1f"},
                            },
                        }
                        for test, dy in (("datum.basis == 'usd'", 11), ("datum.basis != 'usd'", -7))
                    ],
                ],
            },
        ],
    )
    rows = answer.records()
    years = sorted({int(row["year"]) for row in rows})
    spans = "; ".join(
        f"{text.runs([int(row['year']) for row in rows if row['basis'] == basis])} in {text.UNITS[basis]}"
        for basis in BASES
        if any(row["basis"] == basis for row in rows)
    )
    caption = [
        "Exports of integrated circuits to the world, first prints, in dollars, yuan and items.",
        "A level line spans its year. Upright: "
        f"{text.count(len(events.rows), 'export-control event')}, numbered, where there is room, as in "
        "the table of events.",
        "The chart shows when, not why: a date beside a number is no cause.",
        f"Years with growth: {spans}. Other years lack a value or its base.",
        text.releases(answer.column("release_id")),
    ]
    said = "; ".join(
        f"{row['year']} {row['basis']}: {text.number(row['growth_yoy_pct'], 1)} %"
        for row in rows
        if row["year"] == years[-1]
    )
    return Figure(
        "growth",
        "Growth of China's chip exports by year, with events",
        caption,
        answer,
        alt=f"Points of growth by year. {said}.",
        spec=spec,
        more={"events": events},
        shown=("year", "basis", "growth_yoy_pct", "growth_low_pct", "growth_high_pct",
               "published_growth_pct", "release_id", "base_release_id"),
        traced=YEARLY,
    )  # fmt: skip


def windows(ledger: Ledger) -> Figure | Missing:
    answer = ledger.ask(
        """
        select
            w.event_date, e.title, w.flow, w.basis, w.window_releases, w.control_product_id,
            w.change_after_pct, w.control_change_after_pct, w.difference_pct, w.placebo_low_pct,
            w.placebo_high_pct, w.placebo_status, w.other_events_in_window, w.is_overlapped,
            w.anticipation_pct, w.event_id, w.source_id, w.reporter_iso3, w.partner_iso3, w.product_id
        from marts.fct_policy_event_window as w
        join marts.dim_policy_event as e on w.event_id = e.event_id
        where w.change_after_pct is not null
        order by w.event_date, w.event_id, w.flow, w.basis, w.window_releases, w.control_product_id
        """
    )
    counts = ledger.ask(
        "select change_status, count(*) as windows from marts.fct_policy_event_window "
        "group by change_status order by change_status"
    )
    said = ", ".join(f"{text.said(row['change_status'])} {row['windows']}" for row in counts.records())
    if not answer:
        return Missing("Before and after each event", f"No window around an event is held: {said}.")
    rows = answer.records()
    without = sum(row["difference_pct"] is None for row in rows)
    overlapped = sum(bool(row["is_overlapped"]) for row in rows)
    return Figure(
        "windows",
        "Before and after each event",
        [
            "Mean growth on the year before of the releases after an event, less that of the releases before "
            "it: for the product, for a product not controlled, and the difference. In log per cent: 100 "
            "times the logarithm, near a per cent where changes are small. "
            f"{text.number(without)} have no control held, and so no difference.",
            f"{text.count(len(rows), 'window')}, {text.number(overlapped)} with another event inside. "
            f"All windows by status: {said}. No cause is claimed.",
        ],
        answer,
        shown=("event_date", "title", "flow", "basis", "window_releases", "control_product_id",
               "change_after_pct", "control_change_after_pct", "difference_pct", "placebo_status",
               "is_overlapped"),
        traced=_WINDOW,
    )  # fmt: skip


def events(ledger: Ledger) -> Figure | Missing:
    answer = ledger.ask(
        """
        select row_number() over (order by event_date, event_id) as number, event_date, date_precision,
            title, fr_citation, read_at, note, event_id
        from marts.dim_policy_event
        order by event_date, event_id
        """
    )
    if not answer:
        return Missing("Export-control events", "No event is held.")
    days = answer.column("event_date")
    return Figure(
        "events",
        "Export-control events",
        [f"{text.count(len(days), 'event')} from {min(days)} to {max(days)}, as held in raw/reference."],
        answer,
        shown=("number", "event_date", "date_precision", "title", "fr_citation", "note"),
        traced=Traced("dim_policy_event", ("event_id",)),
    )
