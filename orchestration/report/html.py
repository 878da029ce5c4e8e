"""Writes pages as HTML, with the data of their charts and traces beside them. No queries about trade."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from orchestration.report import text
from orchestration.report.figures import Figure, Page
from orchestration.report.ledger import Ledger
from orchestration.warehouse.lineage import Cell

_ADDRESS = re.compile(r"(https?://[^\s,;]+)")
_CODE = re.compile(r"`([^`]+)`")
_ENVIRONMENT = Environment(
    loader=PackageLoader("orchestration.report", "templates"),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_ENVIRONMENT.filters["cell"] = text.cell
_ENVIRONMENT.filters["heading"] = text.heading
_ENVIRONMENT.filters["sentence"] = text.sentence
_ENVIRONMENT.filters["link"] = lambda words: _marked(_ADDRESS, words, _anchor)
_ENVIRONMENT.filters["code"] = lambda words: _marked(
    _CODE, words, lambda name: f"<code>{escape(name)}</code>"
)
_ENVIRONMENT.globals["count"] = text.count


def _marked(pattern: re.Pattern[str], words: str, mark: Callable[[str], str]) -> Markup:
    """Words as HTML, with what the pattern's one group finds put through `mark`."""
    parts = pattern.split(words)
    return Markup("".join(mark(part) if at % 2 else str(escape(part)) for at, part in enumerate(parts)))


def _anchor(address: str) -> str:
    """A link that says its host only, so that it does not fill a line."""
    host = urlsplit(address).hostname or address
    return f'<a href="{escape(address)}" rel="noreferrer">{escape(host.removeprefix("www."))}</a>'


def render(ledger: Ledger, page: Page, menu: list[tuple[str, str]]) -> str:
    """The page's HTML; `menu` is (file name, title) of every page."""
    data = _data(ledger, page)
    return _ENVIRONMENT.get_template("page.html").render(
        page=page,
        menu=menu,
        here=f"{page.page_id}.html",
        build=ledger.build,
        data=Markup(_script(data)),
        traced={name for name, held in data["figures"].items() if held["traces"]},
        describe=lambda figure, column: _describe(ledger, figure, column),
    )


def _describe(ledger: Ledger, figure: Figure, column: str) -> str:
    """The column's one description, from the tables that the figure's query names; else empty."""
    words = figure.answer.sql.replace(",", " ").split()
    tables = [word for word in words if word.startswith(("marts.", "meta."))]
    return ledger.describe(tables, column) or ""


def _data(ledger: Ledger, page: Page) -> dict[str, Any]:
    """What report.js reads: figures with rows as text, numeric columns, spec and traces.

    Cells, their roles and the headers of their records stand once each and are named by their place.
    """
    cells: dict[Cell, int] = {}
    roles: dict[str, int] = {}
    headers: dict[tuple[str, ...], int] = {}
    figures = {}
    for figure in page.figures():
        traces: list[list[tuple[int, int]]] = []
        if figure.traced:
            found = ledger.traces(figure.traced.table, figure.traced.keys, figure.answer)
            traces = [
                [
                    (roles.setdefault(role, len(roles)), cells.setdefault(_bare(cell), len(cells)))
                    for role, cell in row
                ]
                for row in found
            ]
        figures[figure.figure_id] = {
            "columns": figure.answer.columns,
            "rows": figure.answer.texts(),
            "numbers": figure.numbers,
            "spec": figure.spec,
            "more": {
                name: {"columns": held.columns, "rows": held.texts(), "numbers": held.numbers}
                for name, held in figure.more.items()
            },
            "table": figure.traced.table if figure.traced else None,
            "keys": figure.traced.keys if figure.traced else [],
            "traces": traces if any(traces) else [],
            "parent": figure.parent,
        }
    return {
        "figures": figures,
        "cells": [_cell(cell, headers) for cell in cells],
        "roles": list(roles),
        "headers": list(headers),
    }


def _bare(cell: Cell) -> Cell:
    """The cell without its role, so that one that plays several stands once."""
    return replace(cell, role="")


def _cell(cell: Cell, headers: dict[tuple[str, ...], int]) -> dict[str, Any]:
    names = tuple(name for name, _ in cell.record)
    return {
        "path": cell.path,
        "line": cell.raw_row,
        "column": cell.raw_column,
        "release": cell.release_id,
        "day": cell.released_at,
        "sha256": cell.sha256,
        "header": headers.setdefault(names, len(headers)),
        "record": [value for _, value in cell.record],
        "corrections": cell.corrections,
    }


def _script(data: dict[str, Any]) -> str:
    """JSON that no browser can take for markup, whatever the sources print."""
    plain = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        plain = plain.replace(sign, f"\\u{ord(sign):04x}")
    return plain
