"""What a customs layout ignored in a file, and why: kept beside the snapshot, published in meta.snapshots."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb


def keep(connection: duckdb.DuckDBPyConnection, snapshot: str, notes: Sequence[str]) -> None:
    """Replaces the notes of a snapshot, in the order in which the layout gave them."""
    connection.execute("delete from raw.snapshot_note where snapshot_id = ?", [snapshot])
    for position, note in enumerate(notes, start=1):
        connection.execute("insert into raw.snapshot_note values (?, ?, ?)", [snapshot, position, note])


def forget_gone(connection: duckdb.DuckDBPyConnection) -> None:
    """Drops the notes of files that are held no more; to be called when all files have landed."""
    connection.execute(
        "delete from raw.snapshot_note where snapshot_id not in "
        "(select snapshot_id from raw.snapshot where snapshot_id is not null)"
    )
