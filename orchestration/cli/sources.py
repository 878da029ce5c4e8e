"""`chipledger sources`: what is held and how fresh, from the published file."""

from __future__ import annotations

from rich.text import Text

from orchestration.cli import show
from orchestration.errors import EXIT_OK
from orchestration.warehouse.query import open_published
from orchestration.warehouse.settings import Settings

# Files whose notes are printed; a refresh may know thousands.
FILES_NOTED = 40


def run() -> int:
    """Prints one line per source, what was ignored or corrected in files, and what is held back."""
    with open_published(Settings.from_environment()) as connection:
        rows = connection.execute(
            "select source_id, status, releases, rows_loaded, newest_release, newest_period_end "
            "from meta.sources order by source_kind, source_id"
        ).fetchall()
        waiting = connection.execute(
            "select reason from meta.snapshots where status = 'held_back' order by path"
        ).fetchall()
        noted = connection.execute(
            "select path, notes from meta.snapshots where notes is not null and status <> 'duplicate' "
            "order by path"
        ).fetchall()
        corrected = connection.execute(
            "select correction_id, action, status, path, count(raw_row) from meta.corrections "
            "group by all order by all"
        ).fetchall()
    columns = ("source", "status", "releases", "rows", "newest", "data to")
    show.table(columns, rows)
    for path, notes in noted[:FILES_NOTED]:
        show.console.print(Text(f"note: {path}: {notes}"), soft_wrap=True)
    if len(noted) > FILES_NOTED:
        more = len(noted) - FILES_NOTED
        show.console.print(f"notes on {more} more files: column notes of meta.snapshots")
    for name, action, status, path, values in corrected:
        shown = (
            f"{values} value{'' if values == 1 else 's'}"
            if status == "applied"
            else "waiting: its file is held back"
        )
        show.console.print(Text(f"correction: {name} ({action}) of {path}: {shown}"), soft_wrap=True)
    for (reason,) in waiting:
        show.warn(str(reason))
    return EXIT_OK
