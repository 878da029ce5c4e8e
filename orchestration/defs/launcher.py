"""Starts runs as Dagster does by default, and knows when the process of one is gone.

Dagster's own launcher learns of a dead run from the server that started it. After a power cut, or when the
daemon was killed, that server is gone too: the run would count as started for hours, and hold the one place
for a writer. Named in `deploy/dagster.yaml`.
"""

from __future__ import annotations

import socket
import subprocess
import time

import dagster as dg
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher, WorkerStatus

from orchestration.defs import request

# How much later than the line of the log that names it a process may seem to have begun.
_SLACK_S = 5.0


class WatchedRunLauncher(DefaultRunLauncher):
    """Dagster's default launcher, whose runs' processes can be looked at."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        known = self._process(run)
        if known is None or _is_alive(*known):
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(WorkerStatus.FAILED, f"process {known[0]} is gone")

    def _process(self, run: dg.DagsterRun) -> tuple[int, float] | None:
        """(process, a time when it was there) of a run on this machine; None where that is not known."""
        started = self._instance.get_run_stats(run.run_id).start_time or time.time()
        if request.PROCESS in run.tags:
            host, _, process = run.tags[request.PROCESS].rpartition(":")
            return (int(process), started) if host == socket.gethostname() else None
        lines = self._instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ENGINE_EVENT)
        for line in reversed(lines):
            if "pid" in line.get_dagster_event().engine_event_data.metadata:
                return int(
                    str(line.get_dagster_event().engine_event_data.metadata["pid"].value)
                ), line.timestamp
        return None


def _is_alive(process: int, at: float) -> bool:
    """Whether the process is there and was at that time: numbers are given again, also after a start of the
    machine."""
    said = subprocess.run(
        ["ps", "-p", str(process), "-o", "etime=", "-o", "stat="], capture_output=True, text=True, check=False
    ).stdout.split()
    if len(said) < 2 or said[1].startswith("Z"):
        return False
    days, _, clock = said[0].rpartition("-")
    seconds = 0
    for part in clock.split(":"):
        seconds = 60 * seconds + int(part)
    return time.time() - seconds - 86_400 * int(days or 0) <= at + _SLACK_S
