"""`chipledger sql`: hands the query to a process that can be killed when its time is over."""

from __future__ import annotations

import subprocess
import sys

from orchestration.errors import EXIT_BUILD_FAILED

WORKER = "orchestration.warehouse.query"


def run(query: str, output: str, seconds: int, memory: str) -> int:
    """Runs the query and returns the exit code; over time, the worker is killed and 1 returned."""
    command = [sys.executable, "-m", WORKER, "--format", output, "--memory", memory]
    try:
        done = subprocess.run(command, input=query, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        from orchestration.cli.show import fail

        fail(f"the query was stopped after {seconds} s; give it more with --seconds")
        return EXIT_BUILD_FAILED
    return done.returncode
