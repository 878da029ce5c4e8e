"""Which releases a refresh takes in. Everyone names it, from the command line to landing; it knows nobody."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """Releases outside stay as they were taken in before.

    source: only this source (None: all); since: only releases from this day on; release: only this folder
    below `raw/`. Articles and reference tables have no day in their folder's name and count as new.
    """

    source: str | None = None
    since: dt.date | None = None
    release: str | None = None

    def covers(self, path: str) -> bool:
        """Whether a file or release folder, as a path below `raw/`, belongs to the scope."""
        if self.release is not None and path != self.release and not path.startswith(f"{self.release}/"):
            return False
        parts = path.split("/")
        source = parts[0] if parts[0] == "reference" or len(parts) == 1 else parts[1]
        if self.source is not None and self.source != source:
            return False
        is_dated = parts[0] in ("customs", "industry") and len(parts) > 2
        return not (self.since and is_dated and parts[2][:10] < self.since.isoformat())


EVERYTHING = Scope()
