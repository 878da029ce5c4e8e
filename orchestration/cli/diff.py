"""`chipledger diff [BUILD BUILD]`: what changed between two builds, by default the last two kept."""

from __future__ import annotations

import duckdb

from orchestration.cli import show
from orchestration.errors import EXIT_OK, EXIT_USAGE, LedgerError
from orchestration.warehouse import builds, digest, keep
from orchestration.warehouse.ledger import DRAFT
from orchestration.warehouse.publish import count_changes
from orchestration.warehouse.settings import PUBLISHED_NAME, Settings


def run(older: str | None, newer: str | None) -> int:
    """Rows that are new and gone per mart, then releases, verdicts, revisions and coverage."""
    settings = Settings.from_environment()
    old, new = _pair(settings, older, newer)
    with duckdb.connect() as connection:
        for name, build in ((DRAFT, new), ("published", old)):
            path = str(settings.builds_dir / build / PUBLISHED_NAME).replace("'", "''")
            connection.execute(f"attach '{path}' as {name} (read_only)")
        changes = [row for row in count_changes(connection, published=True) if row[1] or row[2]]
        found = digest.compare(connection)
    show.console.print(f"{old} -> {new}")
    if changes:
        show.table(("mart", "new", "gone", "rows"), changes)
    for item in found:
        show.console.print(item.message, soft_wrap=True)
    if not changes and not found:
        show.console.print("no mart differs")
    return EXIT_OK


def _pair(settings: Settings, older: str | None, newer: str | None) -> tuple[str, str]:
    if older and newer:
        return keep.find(settings, older), keep.find(settings, newer)
    if older or newer:
        raise LedgerError("expected two builds, or none for the last two", EXIT_USAGE)
    names = builds.all_builds(settings)
    if len(names) < 2:
        raise LedgerError(f"there are not two builds in {settings.builds_dir} yet; nothing to compare")
    return names[-2], names[-1]
