"""What a run was asked to do, as tags: the same whether the command line, a schedule or the UI asks.

No logic of a refresh is here; `scope.Scope` says what a scope covers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import dagster as dg

from orchestration.scope import EVERYTHING, Scope
from orchestration.warehouse import logs
from orchestration.warehouse.settings import Settings
from orchestration.warehouse.trouble import tell

FORCE = "chipledger/force"
SOURCE = "chipledger/source"
SINCE = "chipledger/since"
# A backfill asks for one release folder a run, by Dagster's own tag.
RELEASE = "dagster/partition"
# Set where nobody waits for the run: schedules, sensors, backfills.
PATIENT = "chipledger/patient"
# host:process of a command line that runs the job by itself; no run of Dagster's has it.
PROCESS = "chipledger/process"
# DuckDB has one writer: `deploy/dagster.yaml` lets one run with this pool go at a time.
WRITER = "duckdb_writer"
RETRIES = 3
FIRST_WAIT_SECONDS = 30


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


@contextmanager
def transient_is_tried_again(context: Any) -> Iterator[None]:
    """Faults of the machine are told in one sentence. Where the run asks for it, those that may pass (a
    lock, a full disk, the network) are tried again, each time later; nothing else ever is. Lines of the
    log carry the run's id from here on."""
    logs.of_daemon()
    logs.begin(context.run.run_id)
    try:
        yield
    except dg.Failure:
        raise
    except Exception as error:
        trouble = tell(str(error), Settings.from_environment())
        if trouble is None:
            raise
        if trouble.is_transient and context.run.tags.get(PATIENT) == "true":
            wait = FIRST_WAIT_SECONDS * 2**context.retry_number
            raise dg.RetryRequested(max_retries=RETRIES, seconds_to_wait=wait) from error
        raise dg.Failure(description=trouble.sentence, allow_retries=False) from error
