"""`chipledger trace`: a row of a mart back to its source cells."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from orchestration.cli import show
from orchestration.errors import EXIT_OK
from orchestration.warehouse.lineage import Cell, trace
from orchestration.warehouse.query import open_published
from orchestration.warehouse.settings import Settings


def run(table: str, filters: Sequence[str]) -> int:
    """Prints the rows, then every cell that they rest on, with its file, release, line and record."""
    settings = Settings.from_environment()
    with open_published(settings) as connection:
        found = trace(connection, settings.raw_root, table, filters)
    for row in found.rows:
        shown = ", ".join(f"{name}={show.cell(value)}" for name, value in row if value is not None)
        show.console.print(Text(shown))
    for cell in found.cells:
        _print(cell)
    if not found.cells:
        show.console.print(
            "\nno cell: nothing is held for these rows; their columns that end in _status say why",
            soft_wrap=True,
        )
    return EXIT_OK


def _print(cell: Cell) -> None:
    place = f"{cell.path}, line {cell.raw_row}" + (f", column {cell.raw_column}" if cell.raw_column else "")
    show.console.print(Text.assemble("\n", (cell.role, "bold"), f": {place}"))
    show.console.print(Text(f"  release {cell.release_id} of {cell.released_at}, sha256 {cell.sha256[:16]}…"))
    for sentence in cell.corrections:
        show.console.print(Text(f"  {sentence}"))
    if cell.record:
        said = ", ".join(f"{name}={value}" for name, value in cell.record)
        show.console.print(Text(f"  {said}"))
    else:
        show.console.print(
            Text("  the record is not shown: no text file, or its bytes changed since it was loaded")
        )
