"""How results look in a terminal: tables that fit, errors in one line. No queries here."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from orchestration.terminal import plain

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)


def fail(message: str) -> None:
    """One sentence on stderr."""
    errors.print(Text.assemble(("error: ", "bold red"), plain(message)), soft_wrap=True)


def warn(message: str) -> None:
    errors.print(Text.assemble(("held back: ", "bold yellow"), plain(message)), soft_wrap=True)


def note(message: str) -> None:
    """What a person should know and need not act upon, on stderr."""
    errors.print(Text.assemble(("note: ", "bold"), plain(message)), soft_wrap=True)


def table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Prints rows as a table, numbers to the right; where that is too wide, as records below each other."""
    cells = [[plain(cell(value)) for value in row] for row in rows]
    widths = [max([len(name), *(len(row[i]) for row in cells)]) for i, name in enumerate(columns)]
    if sum(widths) + 2 * (len(widths) - 1) > console.width and cells:
        _records(columns, cells)
        return
    view = Table(box=None, pad_edge=False)
    for index, name in enumerate(columns):
        numeric = any(isinstance(row[index], int | float | Decimal) for row in rows)
        view.add_column(Text(plain(name)), justify="right" if numeric else "left", no_wrap=True)
    for row in cells:
        view.add_row(*(Text(value) for value in row))
    console.print(view)


def _records(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    view = Table(box=None, pad_edge=False, show_header=False)
    view.add_column(no_wrap=True, style="dim")
    view.add_column(overflow="fold")
    for number, row in enumerate(rows):
        if number:
            view.add_row("", "")
        for name, value in zip(columns, row, strict=True):
            view.add_row(Text(plain(name)), Text(value))
    console.print(view)


def cell(value: Any) -> str:
    """A value as text: null is a middle dot, decimals without the zeros that end them, no separators."""
    if value is None:
        return "·"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, float):
        return f"{value:.6g}" if abs(value) < 1e6 else f"{value:.0f}"
    return str(value)
