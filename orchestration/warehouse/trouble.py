"""Faults of the machine, told in one sentence, and whether trying again later can help.

Known by what the system and the engine say: a full disk, a folder that may not be written, a lock, a
network that is away. Contracts and tests that fail are not the machine's fault and are not here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from orchestration.warehouse.settings import Settings


@dataclass(frozen=True)
class Trouble:
    """kind: disk_full, read_only, locked, network; is_transient: whether to try again by itself."""

    kind: str
    sentence: str
    is_transient: bool


_SIGNS = (
    ("disk_full", r"no space left on device|file too large|disk quota exceeded|errno 28\b|errno 27\b"),
    ("read_only", r"read-only file system|permission denied|errno 13\b|errno 30\b"),
    (
        "locked",
        r"another refresh (\(process|is publishing)|could not set lock on file|conflicting lock is held"
        r"|due to lock timeout",
    ),
    (
        "network",
        r"name or service not known|temporary failure in name resolution|connection (refused|reset|timed out)"
        r"|network is unreachable|(read|connect|connection|operation) timed out|(read|connect|pool) ?timeout",
    ),
)
# What a message quotes is a value or a path and says nothing about the machine.
_QUOTED = re.compile(r"(?<!\w)(?:'[^']*'|\"[^\"]*\")(?!\w)")
_TRANSIENT = ("disk_full", "locked", "network")


def tell(said: str, settings: Settings) -> Trouble | None:
    """What a message of the system means; None when it is no fault of the machine."""
    plain = _QUOTED.sub("…", said)
    for kind, pattern in _SIGNS:
        if re.search(pattern, plain, re.IGNORECASE):
            if kind == "read_only" and "PostgreSQL" in plain:
                return None
            if kind == "read_only" and str(settings.raw_root) in said:
                kind = "unreadable"
            return Trouble(kind, _sentence(kind, said, settings), kind in _TRANSIENT)
    return None


def _sentence(kind: str, said: str, settings: Settings) -> str:
    first = " ".join(said.split())
    told = {
        "disk_full": f"the disk of {settings.home} is full ({_short(first)}); free some space there, then run "
        "this again; what is published stays",
        "unreadable": f"cannot read a file of raw/ ({_short(first)}); give this user the right to read it",
        "read_only": f"cannot write to {settings.home} ({_short(first)}); give this user the right to write "
        "there, or set CHIPLEDGER_HOME to a folder of yours; what is published stays",
        "locked": first,
        "network": f"the network does not answer ({_short(first)}); run this again later",
    }[kind]
    # What a step says is one of these sentences already when the command line hears of it.
    return first if first.startswith(told.split(" (")[0]) else told


def _short(said: str) -> str:
    return said if len(said) <= 160 else said[:157] + "..."
