"""`chipledger sources`: what is held and how fresh, from the published file."""

from __future__ import annotations

from orchestration.cli import show
from orchestration.errors import EXIT_OK
from orchestration.warehouse.query import open_published
from orchestration.warehouse.settings import Settings


def run() -> int:
    """Prints one line per source, and the reason of what is held back."""
    with open_published(Settings.from_environment()) as connection:
        rows = connection.execute(
            "select source_id, status, releases, rows_loaded, newest_release, newest_period_end "
            "from meta.sources order by source_kind, source_id"
        ).fetchall()
        waiting = connection.execute(
            "select reason from meta.snapshots where status = 'held_back' order by path"
        ).fetchall()
    columns = ("source", "status", "releases", "rows", "newest", "data to")
    show.table(columns, rows)
    for (reason,) in waiting:
        show.warn(str(reason))
    return EXIT_OK
