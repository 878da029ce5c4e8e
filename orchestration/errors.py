"""The one error a user is meant to read, and the exit codes. No other exception classes of general use."""

from __future__ import annotations

EXIT_OK = 0
EXIT_BUILD_FAILED = 1
EXIT_USAGE = 2
EXIT_HELD_BACK = 3


class LedgerError(Exception):
    """A failure said in one sentence that tells what to do next; `exit_code` is the process's."""

    def __init__(self, message: str, exit_code: int = EXIT_BUILD_FAILED) -> None:
        super().__init__(message)
        self.exit_code = exit_code
