"""Growth of exports by year beside export-control events."""

from __future__ import annotations

from orchestration.report import charts, text
from orchestration.report.figures import Figure, Missing, Traced
from orchestration.report.ledger import Ledger
from orchestration.report.pages.overview.exports import BASES, SERIES, YEARLY

_STEPS = 4
# Three lines of a label fit into it.
_ROW = 46
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
    bases = set(answer.column("basis"))
    # From the start of a year to its middle, in pixels.
    middle = "scale('x', datum.middle) - scale('x', toDate(datum.from_date))"
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
                    "color": charts.colour("basis", BASES, bases, legend=charts.BASIS_LEGEND),
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
                            "shape": charts.shape("basis", BASES, bases, legend=charts.BASIS_LEGEND),
                        },
                    },
                    # The value, below its line for dollars and above it for the others: these may lie close.
                    # On a phone a level is as short as its label, which then stands clear of the point. A
                    # label on its own pale edge is read across the lines of events.
                    *[
                        {
                            "transform": [{"filter": test}],
                            "mark": charts.Spec(
                                type="text",
                                fontSize=11,
                                fontWeight=600,
                                align={"expr": "width < 480 ? 'center' : 'left'"},
                                dx={"expr": f"width < 480 ? {middle} : 0"},
                                dy={"expr": f"width < 480 ? {clear} : {dy}"},
                                cursor="pointer",
                            )
                            | edge,
                            "encoding": {
                                "x": charts.days("from_date", axis=years_axis),
                                "text": {"field": "growth_yoy_pct", "format": ".1f"},
                                **({"color": {"value": "var(--paper)"}} if edge else {}),
                            },
                        }
                        for test, dy, clear in (
                            ("datum.basis == 'usd'", 11, 14),
                            ("datum.basis != 'usd'", -7, -12),
                        )
                        for edge in (charts.Spec(stroke="var(--paper)", strokeWidth=4), charts.Spec())
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
        "the list of events.",
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
    """Change after each event beside that of the control product and that on dates without an event.

    Of the one series of this page: those of other sources and economies would lie on each other.
    """
    answer = ledger.ask(
        f"""
        with held as (select * from marts.fct_policy_event_window where {SERIES}),
        event as (
            select event_id, title, row_number() over (order by event_date, event_id) as number
            from marts.dim_policy_event
        )
        select
            event.number, own.event_date, event.title, own.flow, own.basis, own.window_releases,
            own.event_period_end_date, own.change_after_pct,
            -- With the control's own name the trace of a row holds the control's cells too.
            coalesce(control.control_product_id, 'none') as control_product_id,
            control.control_change_after_pct, control.difference_pct, own.placebo_low_pct,
            own.placebo_high_pct, own.placebo_dates, own.placebo_status, own.other_events_in_window,
            own.anticipation_pct, own.event_id, own.source_id, own.reporter_iso3, own.partner_iso3,
            own.product_id
        from held as own
        join event on own.event_id = event.event_id
        left join held as control
            on own.event_id = control.event_id and own.source_id = control.source_id
            and own.reporter_iso3 = control.reporter_iso3 and own.partner_iso3 = control.partner_iso3
            and own.flow = control.flow and own.product_id = control.product_id
            and own.basis = control.basis and own.window_releases = control.window_releases
            and control.control_product_id <> 'none'
        where own.control_product_id = 'none' and own.change_after_pct is not null
        order by event.number, own.flow, own.basis, own.window_releases, own.source_id, own.reporter_iso3,
            own.partner_iso3, control.control_product_id
        """
    )
    counts = ledger.ask(
        f"""
        select change_status, count(*) as windows
        from marts.fct_policy_event_window
        where control_product_id = 'none' and {SERIES}
        group by change_status
        order by change_status
        """
    )
    said = ", ".join(f"{text.said(row['change_status'])} {row['windows']}" for row in counts.records())
    if not answer:
        return Missing("Change after each event", f"No window around an event is held: {said}.")
    rows = answer.records()
    shortest = min(row["window_releases"] for row in rows)
    drawn = [row for row in rows if row["window_releases"] == shortest]
    numbers = list(dict.fromkeys((row["number"], row["flow"]) for row in drawn))
    bases = [name for name in BASES if any(row["basis"] == name for row in drawn)]
    tooltip = charts.tips(
        event_text="Event", flow_text="Flow", basis_text="Unit", change_after_pct="Change after, log %",
        control_product_id="Control", control_text="Change of the control",
        placebo_text="On dates without an event",
        other_events_in_window="Other events inside", event_period_end_date="Its release covers to",
        source_id="Source", _release="Release",
    )  # fmt: skip
    # A label stands outside its point, or inside where the point is near an end of the axis.
    furthest = max(abs(row["change_after_pct"]) for row in drawn)
    to_the_right = f"(datum.change_after_pct > 0) != (abs(datum.change_after_pct) > {furthest / 2})"
    day, title = (f"split(datum.label, '\\n')[{line}]" for line in (0, 1))
    short = f"{day} + '\\n' + truncate({title}, 26)"
    signed = "format(datum.{0}, '+.2f') + ' log %'"
    # A layer without a row would have no axis to draw on.
    layers: dict[str, charts.Spec] = {
        "placebo_low_pct": {
            "transform": [{"filter": "isValid(datum.placebo_low_pct)"}],
            "mark": {"type": "rule", "strokeWidth": 14, "opacity": 0.25, "cursor": "pointer"},
            "encoding": {
                "x": {"field": "placebo_low_pct", "type": "quantitative"},
                "x2": {"field": "placebo_high_pct"},
            },
        },
        "control_change_after_pct": {
            "transform": [{"filter": "isValid(datum.control_change_after_pct)"}],
            "mark": {
                "type": "point",
                "size": 90,
                "strokeWidth": 2,
                "fill": "var(--paper)",
                "opacity": 1,
                "cursor": "pointer",
            },
            "encoding": {
                "x": {"field": "control_change_after_pct", "type": "quantitative"},
                "shape": charts.shape("basis", BASES, bases, legend=charts.BASIS_LEGEND),
            },
        },
    }
    beside = [layer for name, layer in layers.items() if any(row[name] is not None for row in drawn)]
    spec = charts.chart(
        max(18 * len(bases) + 20, _ROW) * len(numbers) + 10,
        transform=[
            {"filter": f"datum.window_releases == {shortest}"},
            {"calculate": charts.FLOW, "as": "flow_text"},
            {"calculate": charts.UNIT, "as": "basis_text"},
            {"calculate": "datum.number + ': ' + datum.event_date_text + ', ' + datum.title",
             "as": "event_text"},
            {"calculate": "datum.number + ' · ' + datum.event_date_text + '\\n' + "
             "truncate(datum.title, 60)", "as": "label"},
            {"calculate": "isValid(datum.control_change_after_pct) ? "
             + signed.format("control_change_after_pct") + " : 'not held'", "as": "control_text"},
            {"calculate": "isValid(datum.placebo_low_pct) ? format(datum.placebo_low_pct, '+.1f') + ' to ' + "
             + signed.format("placebo_high_pct") + " : replace(datum.placebo_status, /_/g, ' ')",
             "as": "placebo_text"},
        ],
        encoding={
            "y": {"field": "label", "type": "nominal", "title": None, "sort": None,
                  "scale": {"paddingInner": 0.3},
                  "axis": charts.names(short=short)},
            "yOffset": {"field": "basis", "type": "nominal", "sort": bases},
            "color": charts.colour("basis", BASES, bases, legend=charts.BASIS_LEGEND),
            "tooltip": tooltip,
        },
        layer=[
            {
                "data": {"values": [{}]},
                "mark": {"type": "rule"},
                "encoding": {"x": {"datum": 0}, "y": {"value": 0}, "y2": {"value": "height"}, "yOffset": None,
                             "color": {"value": "var(--soft)"}, "tooltip": None},
            },
            *beside,
            {
                "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1, "cursor": "pointer"},
                "encoding": {
                    "x": {"field": "change_after_pct", "type": "quantitative",
                          "title": "change after, log %", "scale": {"padding": 12},
                          "axis": {"tickCount": {"expr": "width < 260 ? 3 : 6"},
                                   "labelExpr": "datum.value ? format(datum.value, '+~f') : '0'"}},
                    "shape": charts.shape("basis", BASES, bases, legend=charts.BASIS_LEGEND),
                },
            },
            {
                "mark": {"type": "text", "fontWeight": 600, "cursor": "pointer",
                         "align": {"expr": f"{to_the_right} ? 'left' : 'right'"},
                         "dx": {"expr": f"{to_the_right} ? 9 : -9"}},
                "encoding": {"x": {"field": "change_after_pct", "type": "quantitative"},
                             "text": {"field": "change_after_pct", "format": "+.1f"}},
            },
        ],
    )  # fmt: skip
    with_control = sum(row["control_change_after_pct"] is not None for row in drawn)
    with_placebo = sum(row["placebo_low_pct"] is not None for row in drawn)
    overlapped = sum(row["other_events_in_window"] > 0 for row in drawn)
    shared = len({row["event_period_end_date"] for row in drawn}) < len({row["number"] for row in drawn})
    return Figure(
        "windows",
        "Change after each event",
        [
            "China's exports of integrated circuits to the world, by its customs. "
            f"Mean growth on the year before over the {text.count(shortest, 'release')} after an event, less "
            "that over as many before it. In log per cent: 100 times the logarithm, near a per cent where "
            "changes are small. Numbers as in the list of events.",
            "Filled: integrated circuits. Hollow: the control product, held for "
            f"{text.number(with_control)} of {text.count(len(drawn), 'change')}. Pale bar: the lowest to the "
            f"highest change on dates without an event, known for {text.number(with_placebo)}; without it "
            "nobody can say whether a change is unusual.",
            f"{text.number(overlapped)} of {text.number(len(drawn))} have another event inside, so that no "
            "one event can be told apart.",
            "Events of one release share their number." if shared else "",
            "A change after an event is not its effect.",
            f"All windows by status: {said}.",
        ],
        answer,
        alt="Points by event, change in log per cent. "
        + "; ".join(
            f"{row['event_date']} {row['title']}, {text.UNITS[row['basis']]}: "
            f"{text.number(row['change_after_pct'], 1)}"
            for row in drawn
        )
        + ".",
        spec=spec,
        shown=("number", "event_date", "title", "flow", "basis", "window_releases", "change_after_pct",
               "control_product_id", "control_change_after_pct", "difference_pct", "placebo_low_pct",
               "placebo_high_pct", "placebo_status", "other_events_in_window"),
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
        shown=("number", "event_date", "title", "date_precision", "fr_citation", "read_at", "note"),
        traced=Traced("dim_policy_event", ("event_id",)),
    )
