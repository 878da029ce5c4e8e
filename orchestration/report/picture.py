"""Draws README's picture, the report's chart of growth, from the current build: `make picture`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from orchestration.report import charts
from orchestration.report.figures import Figure
from orchestration.report.ledger import Answer, Ledger
from orchestration.report.pages import overview
from orchestration.warehouse.query import open_published
from orchestration.warehouse.settings import Settings

FIGURE = "growth"
_WIDTH = 860
_KEY = "events"
_KEY_COLUMNS = 2


def draw(figure: Figure) -> str:
    """The figure as SVG on white, for places that run no script."""
    import vl_convert

    assert figure.spec is not None
    spec: dict[str, Any] = charts.inked(figure.spec)
    about = {name: spec.pop(name) for name in ("$schema", "config", "autosize")}
    spec |= {"width": _WIDTH, "title": _title(figure)}
    key = figure.more.get(_KEY)
    whole: dict[str, Any] = {
        "$schema": about["$schema"],
        "config": {**about["config"], "background": "#ffffff"},
        "padding": 12,
        "vconcat": [spec, charts.inked(_key(len(key.rows)))] if key else [spec],
        "resolve": {"legend": {"color": "independent", "shape": "independent"}},
        "datasets": {
            "rows": _values(figure.answer),
            **{name: _values(held) for name, held in figure.more.items()},
        },
    }
    return str(vl_convert.vegalite_to_svg(whole))


def _key(items: int) -> charts.Spec:
    """What the numbers of the events stand for, in columns: outside a page there is no table to look in."""
    lines = -(-items // _KEY_COLUMNS)
    place: charts.Spec = {"type": "quantitative", "axis": None}
    return {
        "width": _WIDTH,
        "height": 15 * lines,
        "data": {"name": _KEY},
        "transform": [
            {"calculate": f"floor((datum.number - 1) / {lines})", "as": "column"},
            {"calculate": f"(datum.number - 1) % {lines}", "as": "line"},
            {
                "calculate": "datum.number + '  ' + (datum.date_precision == 'month' ? "
                "slice(datum.event_date_text, 0, 7) : datum.event_date_text) "
                "+ '  ' + truncate(datum.title, 48)",
                "as": "said",
            },
        ],
        "mark": {"type": "text", "align": "left", "baseline": "top"},
        "encoding": {
            "x": {"field": "column", "scale": {"domain": [0, _KEY_COLUMNS], "nice": False}, **place},
            "y": {"field": "line", "scale": {"domain": [lines, 0], "nice": False}, **place},
            "text": {"field": "said"},
        },
    }


def _title(figure: Figure) -> dict[str, Any]:
    said = [sentence for sentence in figure.caption if sentence]
    return {
        "text": figure.title,
        "subtitle": said,
        "anchor": "start",
        "frame": "group",
        "fontSize": 15,
        "subtitleColor": charts.INK["--soft"],
        "subtitlePadding": 6,
        "offset": 26,
    }


def _values(answer: Answer) -> list[dict[str, Any]]:
    """The rows as report.js makes them: days also as text."""
    numbers = set(answer.numbers)
    rows = []
    for record in answer.records():
        row = {
            name: float(v) if name in numbers and v is not None else v if v is None else str(v)
            for name, v in record.items()
        }
        rows.append(row | {f"{name}_text": v for name, v in row.items() if name.endswith(("_date", "_at"))})
    return rows


def main() -> None:
    target = Path(sys.argv[1])
    settings = Settings.from_environment()
    with open_published(settings) as connection:
        page = overview.page(Ledger(connection, settings.raw_root))
    figure = next(figure for figure in page.figures() if figure.figure_id == FIGURE)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(draw(figure), encoding="utf-8")


if __name__ == "__main__":
    main()
