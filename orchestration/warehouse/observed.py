"""The files of raw/ as a refresh finds them: which snapshot each one is, and whether it stands still.

A snapshot is the sha256 of a file's bytes, and belongs to the first release that says them. The same bytes
twice are one snapshot, with one exception: bytes that a source says again after or beside something else,
or as the answer to another question, are a snapshot of their own, `<sha256>@<release_id>`: else the release
in between would stay current, or the new question would not count. What is done with the files is
`snapshots`'.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from orchestration.errors import LedgerError
from orchestration.sources.release import Holdings, RawFile
from orchestration.warehouse.files import Stamp, sha256_in, sha256_of, stamp

Told = TypeVar("Told")
_Day = tuple[str, str]


@dataclass(frozen=True)
class Seen:
    """The files of a layout as they were when they were hashed, by path. ids: of their snapshots; moving: files
    that were being written. owners: snapshot -> path of the file that it belongs to."""

    ids: dict[str, str]
    owners: dict[str, str]
    stamps: dict[str, Stamp]
    moving: frozenset[str]


# A file written this short a time ago is looked at twice, so long apart: a copy that goes on shows.
FRESH_SECONDS, LOOK_SECONDS = 1.0, 0.1


def look(files: list[RawFile], holdings: Holdings, known: dict[str, str]) -> Seen:
    """Hashes the files of a layout. Fresh files that are new are watched for a moment.

    holdings: the files that decide which snapshot one is, of other layouts too; known: path -> snapshot as
    landed.
    """
    stamps: dict[str, Stamp] = {}
    digests: dict[str, str] = {}
    for file in files:
        stamps[file.relative_path] = _of(file, stamp)
        digests[file.relative_path] = _of(file, sha256_of)
    ids, owners = _snapshots(files, holdings, digests)
    now = time.time()
    fresh = [
        file
        for file in files
        # abs: with a clock that was set back, files of a moment ago lie in the future.
        if abs(now - stamps[file.relative_path][2] / 1e9) < FRESH_SECONDS
        and sha256_in(known.get(file.relative_path, "")) != digests[file.relative_path]
    ]
    if fresh:
        time.sleep(LOOK_SECONDS)
    moving = frozenset(file.relative_path for file in fresh if not _is_same(file, stamps))
    return Seen(ids, owners, stamps, moving)


def _of(file: RawFile, told: Callable[[Path], Told]) -> Told:
    try:
        return told(file.path)
    except FileNotFoundError as error:
        raise LedgerError(
            f"{file.relative_path}: it went away while raw/ was read; run this again"
        ) from error


def _snapshots(
    files: list[RawFile], holdings: Holdings, digests: dict[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """path -> snapshot of the files of a layout, and snapshot -> path of its file; the same whatever was
    landed before.

    digests: path -> sha256 of these files' bytes.
    """
    of_source: dict[str, list[RawFile]] = {}
    for file in holdings.files:
        of_source.setdefault(file.release.source_id, []).append(file)
    # (source, release, later release) -> whether bytes of the first say something new in the second.
    news: dict[tuple[str, _Day, _Day], bool] = {}
    ids: dict[str, str] = {}
    owners: dict[str, str] = {}
    last: dict[tuple[str, str], RawFile] = {}
    for file in sorted(files, key=lambda item: (_day(item), item.relative_path)):
        source, content = file.release.source_id, digests[file.relative_path]
        before = last.get((source, content))
        last[source, content] = file
        snapshot = content
        if before is not None:
            pair = (source, _day(before), _day(file))
            if pair not in news:
                news[pair] = _says_more(*pair[1:], of_source[source], digests)
            again = f"{content}@{file.release.release_id}"
            snapshot = again if news[pair] else ids[before.relative_path]
        ids[file.relative_path] = snapshot
        owners.setdefault(snapshot, file.relative_path)
    return ids, owners


def _says_more(since: _Day, day: _Day, of_source: list[RawFile], digests: dict[str, str]) -> bool:
    """Whether bytes that a release has say something new in a later one: the source said something in between,
    or the two are not the same in all that they say."""
    if since == day:
        return False
    if any(since < _day(other) < day for other in of_source):
        return True
    first, second = (
        {
            (digests.get(other.relative_path) or _of(other, sha256_of), other.said, other.asked)
            for other in of_source
            if _day(other) == release
        }
        for release in (since, day)
    )
    return first != second


def _day(file: RawFile) -> _Day:
    """Where the file's release stands among those of its source; the reference tables are one."""
    released = "" if file.release.source_kind == "reference" else str(file.release.released_at)
    return released, file.release.release_id


def _is_same(file: RawFile, stamps: dict[str, Stamp]) -> bool:
    try:
        return stamp(file.path) == stamps[file.relative_path]
    except FileNotFoundError:
        return False


def in_motion(file: RawFile, seen: Seen) -> str:
    """The refusal of a file that is being written; empty when it stands still. To be asked when it has
    been read: rows of bytes that are not those of its snapshot must not be loaded."""
    if file.relative_path in seen.moving:
        return (
            f"{file.relative_path}: it is still being written (its size or time changed within "
            f"{LOOK_SECONDS} s); the next refresh looks at it again"
        )
    if not _is_same(file, seen.stamps):
        return (
            f"{file.relative_path}: it changed while it was read, so nothing of it is used; the next refresh "
            "reads it again"
        )
    return ""


def changed_bytes(file: RawFile, snapshot: str) -> str:
    """The refusal of a file whose bytes are not those of its source.yml; empty when they are."""
    if file.expected_sha256 in (None, sha256_in(snapshot)):
        return ""
    return (
        f"{file.relative_path}: its bytes are not those that source.yml records: expected "
        f"sha256 {file.expected_sha256}, found {sha256_in(snapshot)}; restore the file, or write the "
        "new sha256 there if the change is meant"
    )
