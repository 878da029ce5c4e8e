"""Exports of integrated circuits by year and by month, first print and newest value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from orchestration.report import charts, text
from orchestration.report.figures import Figure, Missing, Traced
from orchestration.report.ledger import Ledger

# The series of this page: exports of integrated circuits, China to the world, by China's customs.
SERIES = (
    "source_id = 'gacc' and reporter_iso3 = 'CHN' and partner_iso3 = 'WLD' and flow = 'X' "
    "and product_id = 'integrated_circuits'"
)
_KEYS = ("source_id", "reporter_iso3", "partner_iso3", "flow", "product_id")
YEARLY = Traced("fct_trade_growth_yearly", (*_KEYS, "year", "basis", "vintage"))
_MONTHLY = Traced(
    "fct_trade_growth_monthly",
    (*_KEYS, "period_grain", "period_start_date", "period_end_date", "basis", "vintage"),
)
BASES = ("usd", "cny", "quantity")
_IN_WORDS = {"usd": "US dollars", "cny": "yuan", "quantity": "items"}


def yearly(ledger: Ledger, basis: str) -> Figure | Missing:
    answer = ledger.ask(
        f"""
        select
            year, basis, vintage, value, base_value, growth_yoy_pct, growth_status,
            published_growth_pct, published_growth_status, print_kind, release_id, source_id, reporter_iso3,
            partner_iso3, flow, product_id
        from marts.fct_trade_growth_yearly
        where {SERIES} and basis = '{basis}' and value is not null
        order by year, vintage
        """
    )
    title = f"By year, {_IN_WORDS[basis]}"
    if not answer:
        return Missing(title, f"No yearly value in {_IN_WORDS[basis]} is held from China's customs.")
    years = [int(year) for year in answer.column("year")]
    span = list(range(min(years), max(years) + 1))
    latest = [row for row in answer.records() if row["vintage"] == "latest"]
    unit = text.UNITS[basis]
    axis, as_text = charts.amounts("value", unit)
    tooltip = charts.tips(
        year="Year", value_text="Value", print_kind="Print", vintage="Vintage",
        growth_yoy_pct="Growth on the year, %",
        published_growth_pct="Printed growth, %", source_id="Source", release_id="Release",
    )  # fmt: skip
    x = {
        "field": "year",
        "type": "ordinal",
        "title": None,
        "scale": {"domain": span},
        "axis": {"labelAngle": 0},
    }
    spec = charts.chart(
        220,
        transform=[as_text],
        encoding={"x": x, "y": axis, "tooltip": tooltip},
        layer=[
            {
                "transform": [{"filter": "datum.vintage == 'latest'"}],
                "mark": {"type": "bar", "color": "var(--c1)", "cursor": "pointer"},
            },
            {
                "transform": [{"filter": "datum.vintage == 'first'"}],
                "mark": {
                    "type": "tick",
                    "color": "var(--c2)",
                    "thickness": 3,
                    "cursor": "pointer",
                },
            },
        ],
    )
    caption = [f"Bar: newest value. Line across: first print. Unit: {unit}."]
    reported = [int(row["year"]) for row in latest if row["print_kind"] == "secondary"]
    if reported:
        caption.append(f"From a report of the customs figure, not from customs: {text.runs(reported)}.")
    missing = set(span) - {int(row["year"]) for row in latest}
    if missing:
        caption.append(f"Not held: {text.runs(missing)}.")
    only_later = sorted(
        {int(r["year"]) for r in latest}
        - {int(r["year"]) for r in answer.records() if r["vintage"] == "first"}
    )
    if only_later:
        caption.append(f"First print not held: {text.runs(only_later)}.")
    caption.append(text.releases(answer.column("release_id")))
    first, last = latest[0], latest[-1]
    return Figure(
        f"yearly_{basis}",
        title,
        caption,
        answer,
        alt=f"Bars by year. {first['year']}: {text.scaled(first['value'], unit)}. "
        f"{last['year']}: {text.scaled(last['value'], unit)}.",
        spec=spec,
        shown=("year", "vintage", "value", "growth_yoy_pct", "growth_status", "published_growth_pct",
               "published_growth_status", "print_kind", "release_id"),
        traced=YEARLY,
    )  # fmt: skip


def _months(row: Mapping[str, Any]) -> str:
    """The month, or January and February where they come as one."""
    start = row["period_start_date"]
    return f"January and February {start:%Y}" if row["period_grain"] == "JF" else f"{start:%Y-%m}"


def _not_held(rows: Sequence[Mapping[str, Any]]) -> str:
    """Months between the first and the last that no row covers, as runs from the first to the last."""
    held = {
        12 * row["period_start_date"].year + month
        for row in rows
        for month in range(row["period_start_date"].month, row["period_end_date"].month + 1)
    }
    runs: list[list[int]] = []
    for at in range(min(held), max(held)):
        if at not in held:
            if runs and runs[-1][1] == at - 1:
                runs[-1][1] = at
            else:
                runs.append([at, at])
    names = [[f"{(at - 1) // 12}-{(at - 1) % 12 + 1:02d}" for at in run] for run in runs]
    return ", ".join(first if first == last else f"{first} to {last}" for first, last in names)


def monthly(ledger: Ledger, basis: str) -> Figure | Missing:
    answer = ledger.ask(
        f"""
        select
            period_start_date, period_end_date, period_grain, basis, vintage, value,
            cast(value / (month(period_end_date) - month(period_start_date) + 1) as decimal(28, 4))
                as mean_of_months,
            value_status, growth_yoy_pct, growth_status, published_growth_pct, release_id, source_id,
            reporter_iso3, partner_iso3, flow, product_id
        from marts.fct_trade_growth_monthly
        where {SERIES} and basis = '{basis}' and period_grain in ('M', 'JF') and value is not null
        order by period_start_date, period_end_date, vintage
        """
    )
    title = f"By month, {_IN_WORDS[basis]}"
    latest = [row for row in answer.records() if row["vintage"] == "latest"]
    unit = text.UNITS[basis]
    if len(latest) < 3:
        said = text.listed([f"{_months(row)} ({text.scaled(row['value'], unit)})" for row in latest])
        why = f"Only {text.count(len(latest), 'value')} held: {said}." if latest else "No value is held."
        return Missing(title, f"{why} A chart needs more.")
    axis, mean_text = charts.amounts("mean_of_months", unit)
    axis["title"] = f"bn {unit} a month"
    kinds = ["month", "January and February as one", "month, from totals of the year"]
    kind = (
        f"datum.period_grain == 'JF' ? '{kinds[1]}' : datum.value_status == 'derived_from_ytd' ? "
        f"'{kinds[2]}' : '{kinds[0]}'"
    )
    drawn = {
        kinds[1] if row["period_grain"] == "JF" else kinds[2 * (row["value_status"] == "derived_from_ytd")]
        for row in latest
    }
    tooltip = charts.tips(
        period_start_date="From", period_end_date="To", value_text="Value",
        mean_of_months_text="Mean of its months", value_status="How known",
        vintage="Vintage", growth_yoy_pct="Growth on the year, %", source_id="Source", release_id="Release",
    )  # fmt: skip
    spec = charts.chart(
        240,
        transform=[
            charts.amounts("value", unit)[1],
            mean_text,
            {"calculate": kind, "as": "kind"},
            {"calculate": "utcOffset('hours', toDate(datum.period_start_date), 36)", "as": "from"},
            {"calculate": "utcOffset('hours', toDate(datum.period_end_date), -12)", "as": "to"},
        ],
        encoding={
            "x": charts.days("from"),
            "x2": {"field": "to"},
            "tooltip": tooltip,
        },
        layer=[
            {
                "transform": [{"filter": "datum.vintage == 'latest'"}],
                "mark": {"type": "rect", "cursor": "pointer", "stroke": "var(--paper)", "strokeWidth": 1},
                "encoding": {
                    "y": axis,
                    "y2": {"datum": 0},
                    "color": {
                        **charts.colour("kind", kinds, drawn, legend={"columns": 1}),
                        "scale": {"domain": kinds, "range": ["var(--c1)", "var(--c5)", "var(--c6)"]},
                    },
                },
            },
            {
                "transform": [{"filter": "datum.vintage == 'first'"}],
                "mark": {"type": "rule", "color": "var(--ink)", "strokeWidth": 2, "cursor": "pointer"},
                "encoding": {"y": axis},
            },
        ],
    )
    last = latest[-1]
    derived = sum(row["value_status"] == "derived_from_ytd" for row in latest)
    caption = [
        f"Newest value; the line across is the first print. Unit: {unit} a month. Where customs print "
        "January and February as one, a wide bar stands at the mean of the two: its area is their sum.",
        text.releases(answer.column("release_id")),
    ]
    if derived:
        caption.insert(
            1,
            f"{text.count(derived, 'month')} as the difference of two totals of the year: it also holds what "
            "was revised in the months before, so it is no new print of the month.",
        )
    parts = [
        _months(row)
        for row in latest
        for whole in latest
        if (row["period_grain"], whole["period_grain"]) == ("M", "JF")
        and whole["period_start_date"] <= row["period_start_date"] <= whole["period_end_date"]
    ]
    if parts:
        caption.insert(1, f"Also printed alone, in front of its wide bar: {text.listed(parts)}.")
    gaps = _not_held(latest)
    if gaps:
        caption.insert(1, f"Not held between the first month and the last: {gaps}.")
    return Figure(
        f"monthly_{basis}",
        title,
        caption,
        answer,
        alt=f"Bars by month, {text.count(len(latest), 'period')} held. Newest: "
        f"{last['period_start_date']:%Y-%m} to {last['period_end_date']:%Y-%m}, "
        f"{text.scaled(last['value'], unit)}.",
        spec=spec,
        shown=("period_start_date", "period_end_date", "period_grain", "vintage", "value", "value_status",
               "mean_of_months", "growth_yoy_pct", "growth_status", "release_id"),
        traced=_MONTHLY,
    )  # fmt: skip
