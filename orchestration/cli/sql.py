"""`chipledger sql`: hands a query to a process that can be killed when its time is over.

Without a query it reads one from standard input, or opens the prompt where that is a terminal.
"""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from dataclasses import dataclass

from orchestration.errors import EXIT_BUILD_FAILED, EXIT_USAGE, LedgerError

WORKER = "orchestration.warehouse.query"
FORMATS = ("table", "csv", "json", "parquet")


@dataclass(frozen=True)
class Request:
    """How queries are run: format of the result, limits, and the day whose knowledge is asked for."""

    output: str = "table"
    seconds: int = 60
    memory: str = "2GB"
    as_of: str | None = None


def run(query: str | None, request: Request) -> int:
    """Runs the query and returns the exit code; over time, the worker is killed and 1 returned."""
    check_day(request.as_of)
    if query is None and sys.stdin.isatty():
        from orchestration.cli.prompt import converse

        return converse(request)
    return answer(sys.stdin.read() if query is None else query, request)


def answer(query: str, request: Request) -> int:
    """Prints the answer to one query; returns its exit code."""
    command = [sys.executable, "-m", WORKER, "--format", request.output, "--memory", request.memory]
    if request.as_of is not None:
        command += ["--as-of", request.as_of]
    try:
        done = subprocess.run(command, input=query, text=True, timeout=request.seconds, check=False)
    except subprocess.TimeoutExpired:
        from orchestration.cli.show import fail

        fail(f"the query was stopped after {request.seconds} s; give it more with --seconds")
        return EXIT_BUILD_FAILED
    if done.returncode < 0:
        from orchestration.cli.show import fail

        fail(
            f"the query's process was ended by signal {-done.returncode}, most likely for want of memory; "
            f"it had {request.memory}, give it more with --memory"
        )
        return EXIT_BUILD_FAILED
    return done.returncode


def check_day(day: str | None) -> None:
    """Refuses what is no day."""
    try:
        dt.date.fromisoformat(day or "2000-01-01")
    except ValueError:
        raise LedgerError(f"--as-of is {day!r}; expected a day, YYYY-MM-DD", EXIT_USAGE) from None
