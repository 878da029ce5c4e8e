"""The release calendar as schedules need it: read when the Dagster code is loaded, before anything is landed.

The contract of the file is its layout's (`sources.reference`); a line that cannot be used here is left out,
so that a slip in it does not take all schedules away.
"""

from __future__ import annotations

import csv
import zoneinfo
from dataclasses import dataclass
from pathlib import Path


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
    path = raw_root / "reference" / "release_calendar.csv"
    if not path.is_file():
        return []
    entries = {}
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            entry = _entry(row)
            if entry:
                entries[entry.entry_id] = entry
    return [entries[name] for name in sorted(entries)]


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
    except (KeyError, ValueError, TypeError, zoneinfo.ZoneInfoNotFoundError):
        return None
    return entry if entry.entry_id.isidentifier() and len(entry.cron_schedule.split()) == 5 else None
