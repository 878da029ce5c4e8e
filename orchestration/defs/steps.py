"""What every step of a run has around it: the one writer, the run's name on each line of the log, and faults
of the machine told in one sentence, or tried again.

What a step does is not here; what a run was asked to do is `request`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import dagster as dg

from orchestration.defs import request
from orchestration.warehouse import attempts, logs
from orchestration.warehouse.ledger import exclusive
from orchestration.warehouse.settings import Settings
from orchestration.warehouse.trouble import tell

# DuckDB has one writer: `deploy/dagster.yaml` lets one run with this pool go at a time.
WRITER = "duckdb_writer"
# What an asset or check needs whose step is to be `at_work`.
NEEDS = {"writer"}
RETRIES = 3
FIRST_WAIT_SECONDS = 30


@dg.resource(
    description="The one writer of a home: a run takes it with its first step, and has it to its end."
)
def writer(_: dg.InitResourceContext) -> Iterator[Callable[[], None]]:
    """Taken by a step, not here, so that a run that finds another at work can try again."""
    with ExitStack() as held:

        def take() -> None:
            held.enter_context(exclusive(Settings.from_environment()))

        yield take


@contextmanager
def at_work(context: Any, begins: bool = False) -> Iterator[Settings]:
    """A step of a run: it has the writer. begins: it is the step that notes what the refresh set out to do.

    Faults of the machine are told in one sentence. Where the run asks for it, those that may pass (a lock, a
    full disk, the network) are tried again, each time later; nothing else ever is.
    """
    logs.of_daemon()
    logs.begin(context.run.run_id)
    settings = Settings.from_environment()
    try:
        context.resources.writer()
        if context.run.parent_run_id and not begins:
            # Steps of another run are not gone on with: what that run found may be another refresh's by now.
            attempts.mine(settings)
        yield settings
    except dg.Failure:
        raise
    except Exception as error:
        trouble = tell(str(error), settings)
        if trouble is None:
            raise
        if trouble.is_transient and context.run.tags.get(request.PATIENT) == "true":
            wait = FIRST_WAIT_SECONDS * 2**context.retry_number
            raise dg.RetryRequested(max_retries=RETRIES, seconds_to_wait=wait) from error
        raise dg.Failure(description=trouble.sentence, allow_retries=False) from error
