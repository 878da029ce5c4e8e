"""`chipledger sql`: hands a query to a process that can be killed when its time is over.

Without a query it reads one from standard input, or opens the prompt where that is a terminal.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import shutil
import stat
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import TextIO

from orchestration.environment import without_secrets
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
        code = _run(command, query, request.seconds)
    except subprocess.TimeoutExpired:
        from orchestration.cli.show import fail

        fail(f"the query was stopped after {request.seconds} s; give it more with --seconds")
        return EXIT_BUILD_FAILED
    if code < 0:
        from orchestration.cli.show import fail

        fail(
            f"the query's process was ended by signal {-code}, most likely for want of memory; "
            f"it had {request.memory}, give it more with --memory"
        )
        return EXIT_BUILD_FAILED
    return code


def _run(command: list[str], query: str, seconds: int) -> int:
    """Exit code of the worker. It may write into no file, so where the answer goes into one, it is
    written here."""
    streams = [sys.stdout, sys.stderr]
    pipes = [subprocess.PIPE if _is_file(stream) else None for stream in streams]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=pipes[0], stderr=pipes[1], env=without_secrets()
    ) as worker:
        copiers = [
            threading.Thread(target=shutil.copyfileobj, args=(source, stream.buffer))
            for source, stream in zip((worker.stdout, worker.stderr), streams, strict=True)
            if source is not None
        ]
        for copier in copiers:
            copier.start()
        try:
            assert worker.stdin is not None
            with contextlib.suppress(BrokenPipeError), worker.stdin:
                worker.stdin.write(query.encode())
            return worker.wait(timeout=seconds)
        except BaseException:
            worker.kill()
            raise
        finally:
            for copier in copiers:
                copier.join()
            for stream in streams:
                stream.flush()


def _is_file(stream: TextIO) -> bool:
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):
        return False


def check_day(day: str | None) -> None:
    """Refuses what is no day."""
    try:
        dt.date.fromisoformat(day or "2000-01-01")
    except ValueError:
        raise LedgerError(f"--as-of is {day!r}; expected a day, YYYY-MM-DD", EXIT_USAGE) from None
