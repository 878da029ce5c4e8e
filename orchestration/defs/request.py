"""What a run was asked to do, as tags: the same whether the command line, a schedule or the UI asks.

No logic of a refresh is here; `sources.release.Scope` says what a scope covers.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from orchestration.sources.release import EVERYTHING, Scope

FORCE = "chipledger/force"
SOURCE = "chipledger/source"
SINCE = "chipledger/since"


@dataclass(frozen=True)
class Request:
    """force: build everything again; scope: which releases are taken in."""

    force: bool = False
    scope: Scope = EVERYTHING


def tags(force: bool, scope: Scope) -> dict[str, str]:
    """A request as tags of a run."""
    said = {FORCE: "true"} if force else {}
    if scope.source:
        said[SOURCE] = scope.source
    if scope.since:
        said[SINCE] = scope.since.isoformat()
    return said


def of(context: Any) -> Request:
    """The request of the run that a step belongs to."""
    said = context.run.tags
    since = said.get(SINCE)
    scope = Scope(said.get(SOURCE) or None, dt.date.fromisoformat(since) if since else None)
    return Request(said.get(FORCE) == "true", scope)
