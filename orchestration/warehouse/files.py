"""Small things about files that both quick commands and landing need; imports nothing heavy."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


def sha256_of(path: Path) -> str:
    """sha256 of the file's bytes, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sha256_in(snapshot_id: str) -> str:
    """The sha256 in the id of a snapshot; see `observed`."""
    return snapshot_id.partition("@")[0]


def sync(path: Path) -> None:
    """Waits until a file or a folder's entries are on disk, so that a power cut cannot take them."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path: Path, text: str) -> None:
    """Writes a small file that is there whole or not at all, also after a power cut."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, encoding="utf-8")
    sync(partial)
    partial.replace(path)
    sync(path.parent)


Stamp = tuple[int, int, int, int]


def stamp(path: Path) -> Stamp:
    """What changes when a file is written or replaced; the change time cannot be set back by a user."""
    facts = path.stat()
    return (facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)
