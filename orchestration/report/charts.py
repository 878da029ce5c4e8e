"""Vega-Lite: the parts that charts share, their colours and sizes. No data, no queries.

Colours are CSS variables of report.css, so one chart serves the light theme, the dark one and print.
They follow Okabe and Ito (2008), made lighter or darker for contrast; shape or dash says the same
again. `inked` puts the colours of the light theme in for a picture outside a page.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any

Spec = dict[str, Any]
INK = {
    "--c1": "#0072b2",
    "--c2": "#c24e00",
    "--c3": "#00805c",
    "--c4": "#a8437f",
    "--c5": "#6b6f76",
    "--c6": "#8a6a00",
    "--c7": "#7d4f2a",
    "--c8": "#1b1f24",
    "--ink": "#1b1f24",
    "--soft": "#565d66",
    "--line": "#d5d9de",
    "--paper": "#ffffff",
    "--mark": "#c24e0033",
}
COLOURS = [f"var(--c{n})" for n in range(1, 9)]
# Economies that many charts show keep their colour and shape.
_OWN = {
    "China": 0, "USA": 1, "Japan": 2, "Rep. of Korea": 3, "Singapore": 4, "Taiwan": 5, "Malaysia": 6,
    "China, Hong Kong SAR": 7,
}  # fmt: skip
SHAPES = [
    "circle",
    "square",
    "triangle-up",
    "diamond",
    "cross",
    "triangle-down",
    "triangle-right",
    "triangle-left",
]
CONFIG: Spec = {
    "background": "transparent",
    "aria": False,
    "font": "system-ui, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": "var(--soft)",
        "titleColor": "var(--soft)",
        "gridColor": "var(--line)",
        "domainColor": "var(--soft)",
        "tickColor": "var(--line)",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelOverlap": "greedy",
        "labelSeparation": 8,
        "labelLimit": 230,
    },
    # A title that begins at the end of its axis runs into the labels' side, never out of a narrow chart.
    "axisX": {"grid": False, "labelBound": 4, "titleAnchor": "end"},
    "axisY": {"domain": False, "ticks": False, "titleAlign": "left", "titleAngle": 0, "titleAnchor": "end",
              "titleY": -12, "titleX": 0, "titleBaseline": "bottom"},
    "legend": {
        "labelColor": "var(--ink)",
        "titleColor": "var(--soft)",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "orient": "bottom",
        "direction": "horizontal",
        "columns": 3,
        "symbolStrokeWidth": 2,
        "symbolOpacity": 1,
        "labelLimit": 260,
        "layout": {"bottom": {"direction": "vertical", "anchor": "start"}},
    },
    "text": {"color": "var(--soft)", "fontSize": 11},
    "rule": {"color": "var(--soft)"},
}  # fmt: skip


# Names of things as words.
_WORDS: Spec = {"labelExpr": "replace(datum.label, /_/g, ' ')"}
_NARROW = 260


def names(label: str = "datum.label", short: str | None = None, **more: Any) -> Spec:
    """An axis of names: `label`, an expression, breaks where its lines end, on a phone between words too.

    `short` is what a phone shows, where that is less. A name is never left out to make room.
    """
    words = f"replace({short or label}, /(?=.{{20}})(.{{1,16}}(?: |-(?!\\d)))/g, '$1\\n')"
    lines = f"split(width < {_NARROW} ? {words} : {label}, '\\n')"
    return {"labelExpr": lines, "domain": False, "labelOverlap": False, **more}


# A row's unit and its flow as words, for tooltips.
UNIT = "(datum.basis == 'quantity' ? 'items' : upper(datum.basis))"
FLOW = "{X: 'exports', M: 'imports', RX: 're-exports', RM: 're-imports'}[datum.flow]"
# A legend of bases says units: USD, CNY, items.
BASIS_LEGEND: Spec = {"labelExpr": "datum.label == 'quantity' ? 'items' : upper(datum.label)"}


def chart(height: int, **parts: Any) -> Spec:
    """A chart as wide as its place; `parts` are layer, mark, encoding and so on."""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": "container",
        "height": height,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "data": {"name": "rows"},
        "config": CONFIG,
        **parts,
    }


def _places(names: Sequence[str]) -> list[int]:
    """Place of each name among the colours and shapes: its own, else the next that is free."""
    taken = [_OWN[name] for name in names if name in _OWN]
    free = [place for place in range(len(COLOURS)) if place not in taken] or list(range(len(COLOURS)))
    others = [name for name in names if name not in _OWN]
    return [_OWN[name] if name in _OWN else free[others.index(name) % len(free)] for name in names]


def _legend(domain: Sequence[str], drawn: Collection[str] | None, legend: Spec) -> Spec:
    """A legend of the values that the chart draws: one without a mark would say that it is there."""
    named = {} if drawn is None else {"values": [name for name in domain if name in drawn]}
    return {**_WORDS, **named, **legend}


def colour(field: str, domain: Sequence[str], drawn: Collection[str] | None = None, **more: Any) -> Spec:
    """Colour by a field whose values are known; economies have one colour on every chart.

    `drawn` names the values that the rows hold, where these may be fewer than the domain.
    """
    scale = {"domain": list(domain), "range": [COLOURS[place] for place in _places(domain)]}
    legend = _legend(domain, drawn, more.pop("legend", {}))
    return {"field": field, "type": "nominal", "scale": scale, "title": None, "legend": legend, **more}


def shape(field: str, domain: Sequence[str], drawn: Collection[str] | None = None, **more: Any) -> Spec:
    """Shape by the same field as colour: the two share a legend."""
    return {
        "field": field,
        "type": "nominal",
        "scale": {"domain": list(domain), "range": [SHAPES[place] for place in _places(domain)]},
        "title": None,
        "legend": _legend(domain, drawn, more.pop("legend", {})),
        **more,
    }


def days(field: str, title: str | None = None, axis: Spec | None = None) -> Spec:
    """A time axis. In UTC, as a browser reads a plain date: a day is the same day everywhere."""
    return {
        "field": field,
        "type": "temporal",
        "title": title,
        "scale": {"type": "utc", "padding": 10},
        "axis": axis or {"format": "%Y-%m", "tickCount": 8},
    }


def amounts(field: str, unit: str) -> tuple[Spec, Spec]:
    """(axis of an amount in billions, transform that adds its text with the unit for tooltips)."""
    axis = {
        "field": field,
        "type": "quantitative",
        "title": f"bn {unit}",
        "axis": {"labelExpr": "format(datum.value / 1e9, ',~f')", "tickCount": 5},
    }
    text = {"calculate": f"format(datum.{field} / 1e9, ',.6~f') + ' bn {unit}'", "as": f"{field}_text"}
    return axis, text


def tips(**fields: str) -> list[Spec]:
    """Tooltip lines: title by field; per cent to three digits, days as text and not as a time."""
    lines: list[Spec] = []
    for field, title in fields.items():
        if field.endswith("_pct"):
            lines.append({"field": field, "title": title, "type": "quantitative", "format": ".3~f"})
        else:
            name = f"{field}_text" if field.endswith(("_date", "_at")) else field
            lines.append({"field": name, "title": title, "type": "nominal"})
    return lines


def inked(spec: Spec) -> Spec:
    """The same chart with the light theme's colours in place of the variables."""
    text = json.dumps(spec)
    for name, value in INK.items():
        text = text.replace(f"var({name})", value)
    held: Spec = json.loads(text)
    return held
