"""The files of raw/ as a refresh finds them: which snapshot each one is, and whether it stands still.

A snapshot is the sha256 of a file's bytes. The same bytes twice are one snapshot, with one exception: bytes
that a source says again after it said something else, or as the answer to another question, are a snapshot
of their own, `<sha256>@<release_id>`: else the release in between would stay current, or the new question
would not count. What is done with the files is `snapshots`'.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from orchestration.errors import LedgerError
from orchestration.sources.release import Holdings, RawFile
from orchestration.warehouse.files import Stamp, sha256_of, sha256_in, stamp


_Day = tuple[str, str]


@dataclass(frozen=True)
class Seen:
    """The files of a layout as they were when they were hashed, by path. ids: of their snapshots; moving: files
    that were being written."""

    ids: dict[str, str]
    stamps: dict[str, Stamp]
    moving: frozenset[str]


# A file written this short a time ago is looked at twice, so long apart: a copy that goes on shows.
FRESH_SECONDS, LOOK_SECONDS = 1.0, 0.1


def look(files: list[RawFile], holdings: Holdings, known: dict[str, str]) -> Seen:
    """Hashes the files of a layout. Fresh files that are new are watched for a moment."""
    stamps: dict[str, Stamp] = {}
    digests: dict[str, str] = {}
    for file in files:
        try:
            stamps[file.relative_path] = stamp(file.path)
            digests[file.relative_path] = sha256_of(file.path)
        except FileNotFoundError as error:
            raise LedgerError(
                f"{file.relative_path}: it went away while raw/ was read; run this again"
            ) from error
    ids = _snapshots(files, holdings, digests)
    now = time.time()
    fresh = [
        file
        for file in files
        # abs: with a clock that was set back, files of a moment ago lie in the future.
        if abs(now - stamps[file.relative_path][2] / 1e9) < FRESH_SECONDS
        and known.get(file.relative_path) != ids[file.relative_path]
    ]
    if fresh:
        time.sleep(LOOK_SECONDS)
    moving = frozenset(file.relative_path for file in fresh if not _is_same(file, stamps))
    return Seen(ids, stamps, moving)


def _snapshots(files: list[RawFile], holdings: Holdings, digests: dict[str, str]) -> dict[str, str]:
    """path -> snapshot of the files of a layout; the same whatever was landed before.

    digests: path -> sha256 of these files' bytes.
    """
    held: dict[str, list[tuple[_Day, str]]] = {}
    for file in holdings.files:
        content = digests.get(file.relative_path, file.relative_path)
        held.setdefault(file.release.source_id, []).append((_day(file), content))
    ids: dict[str, str] = {}
    last: dict[tuple[str, str], RawFile] = {}
    for file in sorted(files, key=lambda item: (_day(item), item.relative_path)):
        source, content, day = file.release.source_id, digests[file.relative_path], _day(file)
        before = last.get((source, content))
        last[source, content] = file
        if before is None:
            ids[file.relative_path] = content
        elif _day(before) != day and (
            (before.said, before.asked) != (file.said, file.asked)
            or any(other != content and _day(before) <= at <= day for at, other in held[source])
        ):
            ids[file.relative_path] = f"{content}@{file.release.release_id}"
        else:
            ids[file.relative_path] = ids[before.relative_path]
    return ids


def _day(file: RawFile) -> _Day:
    """Where the file's release stands among those of its source; the reference tables are one."""
    return ("" if file.release.source_kind == "reference" else str(file.release.released_at), file.release.release_id)


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
