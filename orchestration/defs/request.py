"""What a run was asked to do, as tags: the same whether the command line, a schedule or the UI asks.

No logic of a refresh is here; `scope.Scope` says what a scope covers.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import dagster as dg

from orchestration.scope import EVERYTHING, Scope

FORCE = "chipledger/force"
SOURCE = "chipledger/source"
SINCE = "chipledger/since"
# A backfill asks for one release folder a run, by Dagster's own tag.
RELEASE = "dagster/partition"
# Set where nobody waits for the run: schedules, sensors, backfills.
PATIENT = "chipledger/patient"
# host:process of a command line that runs the job by itself; no run of Dagster's has it.
PROCESS = "chipledger/process"
# A run whose process died is started again from its first step: Dagster would go on with the failed one, and
# another refresh may have been at work since. What is done already is left as it is either way.
WHOLE = {"dagster/retry_strategy": "ALL_STEPS"}


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


def is_watched(run: dg.DagsterRun) -> bool:
    """Whether Dagster's daemon tells if the run fails; the command line tells of its own."""
    return PROCESS not in run.tags


def of(context: Any) -> Request:
    """The request of the run that a step belongs to."""
    said = context.run.tags
    since = said.get(SINCE)
    scope = Scope(
        said.get(SOURCE) or None,
        dt.date.fromisoformat(since) if since else None,
        said.get(RELEASE) or None,
    )
    return Request(said.get(FORCE) == "true", scope)
