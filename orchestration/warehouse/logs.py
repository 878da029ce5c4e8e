"""Structured logs: one JSON object a line, each with the id of its run.

`CHIPLEDGER_LOG` names a file that lines are appended to, or is `stderr`. Without it nothing is written by the
command line; in Dagster's processes the same lines reach Dagster's own log. A log that cannot be written, as on
a full disk, is told once and left: it must not fail a refresh, nor hide what it says.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import sys
import uuid
from contextlib import suppress
from typing import TextIO

_LOGGER = logging.getLogger("chipledger")
_run = {"id": uuid.uuid4().hex}


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        time = dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds")
        facts = {
            "time": time,
            "level": record.levelname.lower(),
            "run_id": _run["id"],
            "message": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        return json.dumps(facts, ensure_ascii=False, default=str)


class _Stream(logging.StreamHandler[TextIO]):
    """Where lines go, until one cannot be written."""

    def __init__(self, stream: TextIO, wanted: str) -> None:
        super().__init__(stream)
        self._wanted = wanted
        self.setFormatter(_Json())

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  named by logging
        _LOGGER.removeHandler(self)
        _note(self._wanted, sys.exc_info()[1])


def _note(wanted: str, error: BaseException | None) -> None:
    why = getattr(error, "strerror", None) or error
    # What stderr is led to may be just as full.
    with suppress(OSError):
        sys.stderr.write(f"note: no log is written: CHIPLEDGER_LOG: {why}: {wanted}\n")


def begin(run_id: str | None = None) -> str:
    """Names the run that lines belong to from now on; returns its id."""
    if run_id:
        _run["id"] = run_id
    return _run["id"]


def of_command_line() -> None:
    """Sets the logs of a `chipledger` process up; a file that cannot be opened is told and left out."""
    _LOGGER.propagate = False
    _LOGGER.setLevel(logging.INFO)
    _LOGGER.addHandler(logging.NullHandler())
    _attach()


def _attach() -> None:
    wanted = os.environ.get("CHIPLEDGER_LOG")
    if not wanted or any(isinstance(handler, _Stream) for handler in _LOGGER.handlers):
        return
    try:
        stream = sys.stderr if wanted == "stderr" else open(wanted, "a", encoding="utf-8")  # noqa: SIM115
    except OSError as error:
        _note(wanted, error)
        return
    _LOGGER.addHandler(_Stream(stream, wanted))
    _LOGGER.setLevel(logging.INFO)


def of_daemon() -> None:
    """The same for processes that Dagster starts."""
    _LOGGER.setLevel(logging.INFO)
    _attach()


def say(message: str, **facts: object) -> None:
    """One line with facts of its own."""
    _LOGGER.info("%s", message, extra={"facts": facts})
