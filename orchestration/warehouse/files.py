"""Small things about files that both quick commands and landing need; imports nothing heavy."""

from __future__ import annotations

import hashlib
from pathlib import Path


def snapshot_id(path: Path) -> str:
    """sha256 of the file's bytes, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
