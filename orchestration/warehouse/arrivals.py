"""Notices new and changed files in `raw/`: by their bytes, and only when they stand still.

Looking is cheap while nothing moves: sizes and times are compared first, bytes are read only after a change.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass

from orchestration.warehouse import builds, keep
from orchestration.warehouse.files import stamp
from orchestration.warehouse.settings import Settings


@dataclass(frozen=True)
class Look:
    """What one look found. cursor: to be given to the next; fingerprint: what there is to take in, None for
    nothing; releases: folders below raw/ that are new or changed; why: one sentence; arrival: names this state
    of the files, another one when the same bytes come back later."""

    cursor: str
    fingerprint: str | None
    releases: tuple[str, ...]
    why: str
    arrival: str | None = None


def look(settings: Settings, cursor: str | None) -> Look:
    """Compares raw/ with the last look and the current build."""
    before = _read(cursor)
    stamps = _stamps(settings)
    if before.get("stamps") != stamps:
        return _nothing(stamps, "", "files in raw/ changed just now; they are taken in when they stand still")
    if before.get("seen"):
        return Look(str(cursor), None, (), "no file changed since the last look")
    found = builds.parts(settings)
    current = builds.current(settings)
    fingerprint = builds.fingerprint_of(found)
    back = keep.rolled_back(settings)
    if (current and current.fingerprint == fingerprint) or (back and back["fingerprint"] == fingerprint):
        return _nothing(stamps, fingerprint, "the published build holds what is in raw/")
    held = current.parts if current else {}
    new = tuple(sorted(name for name in found if name != "code" and held.get(name) != found[name]))
    said = f"{len(new)} release folders are new or changed"
    # Files that went and came back are a new arrival, though what they say was taken in before.
    arrival = hashlib.sha256(f"{fingerprint} {stamps}".encode()).hexdigest()
    return Look(_write(stamps, fingerprint), fingerprint, new, said, arrival)


def _nothing(stamps: str, seen: str, why: str) -> Look:
    return Look(_write(stamps, seen), None, (), why)


def _stamps(settings: Settings) -> str:
    digest = hashlib.sha256()
    for folder, _, names in sorted(os.walk(settings.raw_root)):
        for name in sorted(names):
            if name.startswith("."):
                continue
            path = settings.raw_root / folder / name
            try:
                digest.update(os.fsencode(path) + repr(stamp(path)).encode())
            except OSError:
                digest.update(os.fsencode(path) + b"gone")
    return digest.hexdigest()


def _write(stamps: str, seen: str) -> str:
    return json.dumps({"stamps": stamps, "seen": seen})


def _read(cursor: str | None) -> dict[str, str]:
    try:
        found = json.loads(cursor or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
