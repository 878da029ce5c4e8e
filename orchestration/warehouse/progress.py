"""Who listens while a refresh works: steps report here, the command line shows it.

A step never prints. Without a listener (the Dagster UI, tests) reports go nowhere.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from orchestration.warehouse import logs, traces


@dataclass
class Step:
    """One piece of work: its stage (raw, staging, marts, ...), its name, rows (None: not counted)."""

    stage: str
    name: str
    rows: int | None = None
    seconds: float = 0.0
    started: float = field(default_factory=time.perf_counter)


class Listener(Protocol):
    """Told of each step when it starts and when it ends."""

    def started(self, step: Step) -> None: ...

    def finished(self, step: Step) -> None: ...


# One refresh per process (see `ledger.exclusive`), heard from dbt's threads too: a plain variable.
_listener: Listener | None = None
# What was done so far, for the build that comes of it.
_steps: list[Step] = []


@contextmanager
def heard_by(listener: Listener) -> Iterator[None]:
    """Reports go to `listener` until the block ends."""
    global _listener
    _listener = listener
    try:
        yield
    finally:
        _listener = None


def taken() -> list[Step]:
    """The steps that ended since the last call, in the order of their ends."""
    steps = list(_steps)
    _steps.clear()
    return steps


@contextmanager
def step(stage: str, name: str) -> Iterator[Step]:
    """Times a piece of work; the worker sets `rows` on what it is given."""
    current = Step(stage, name)
    heard = _listener
    if heard:
        heard.started(current)
    with traces.span(f"{stage} {name}") as span:
        yield current
        if span is not None and current.rows is not None:
            span.set_attribute("rows", current.rows)
    current.seconds = time.perf_counter() - current.started
    _say(current)
    if heard:
        heard.finished(current)


def done(stage: str, name: str, rows: int | None, seconds: float) -> None:
    """Reports a step that was timed elsewhere (dbt times its own nodes)."""
    current = Step(stage, name, rows, seconds)
    _say(current)
    heard = _listener
    if heard:
        heard.finished(current)


def _say(step: Step) -> None:
    _steps.append(step)
    logs.say("step", stage=step.stage, step=step.name, rows=step.rows, seconds=round(step.seconds, 3))
