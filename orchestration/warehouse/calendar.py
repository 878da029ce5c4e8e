"""The release calendar as schedules need it: read when the Dagster code is loaded, before anything is landed.

The contract of the file is its layout's (`sources.reference`); a line that cannot be used here is left out,
so that a slip in it does not take all schedules away. Nothing here raises: a refresh loads this code first.
"""

from __future__ import annotations

import csv
import re
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from orchestration.sources.reference import CRON, ENTRY_ID


@dataclass(frozen=True)
class Entry:
    """One line: when to look for which source, and after how many days its data are late (None: never)."""

    entry_id: str
    source_id: str
    title: str
    cron_schedule: str
    time_zone: str
    late_after_days: int | None
    rule: str


def read(raw_root: Path) -> list[Entry]:
    """The entries that can be used, by name; none where there is no calendar."""
    found = (_entry(row) for row in _rows(raw_root / "reference" / "release_calendar.csv"))
    entries = {entry.entry_id: entry for entry in found if entry}
    return [entries[name] for name in sorted(entries)]


def _rows(path: Path) -> Iterator[dict[str, str]]:
    """Lines up to the first that is no CSV; none of a file that cannot be opened."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
            yield from csv.DictReader(stream)
    except (OSError, csv.Error):
        return


def _entry(row: dict[str, str]) -> Entry | None:
    try:
        days = row["late_after_days"]
        zoneinfo.ZoneInfo(row["time_zone"])
        entry = Entry(
            row["entry_id"],
            row["source_id"],
            row["title"],
            row["cron_schedule"],
            row["time_zone"],
            int(days) if days else None,
            row["rule"],
        )
    except (KeyError, ValueError, TypeError, OSError):
        return None
    is_usable = re.fullmatch(ENTRY_ID, entry.entry_id) and re.fullmatch(CRON, entry.cron_schedule)
    return entry if is_usable else None
