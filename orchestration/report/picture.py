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


def draw(figure: Figure) -> str:
    """The figure as SVG on white, for places that run no script."""
    import vl_convert

    assert figure.spec is not None
    spec: dict[str, Any] = charts.inked(figure.spec)
    spec |= {"width": _WIDTH, "title": _title(figure), "padding": 12}
    spec["config"] = {**spec["config"], "background": "#ffffff"}
    spec["datasets"] = {"rows": _values(figure.answer)}
    spec["datasets"] |= {name: _values(held) for name, held in figure.more.items()}
    return str(vl_convert.vegalite_to_svg(spec))


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
    numbers = set(answer.numbers)
    return [
        {
            name: float(v) if name in numbers and v is not None else v if v is None else str(v)
            for name, v in r.items()
        }
        for r in answer.records()
    ]


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
