"""Who has the warehouse while a run of Dagster's is at work, and after it was killed.

Here: whole runs in processes of their own, stopped between two steps. The daemon itself is in test_daemon.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
from helpers import RAW, ROOT, clean_environment, run_cli

from tests.faults.campaign import Campaign

pytestmark = pytest.mark.slow
AWAY = "industry/sia/2024-08-05"


class Run:
    """A run of the job that waits after some of its steps."""

    def __init__(self, env: dict[str, str], folder: Path, *after: str) -> None:
        (folder / "dagster").mkdir(parents=True)
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.paused", str(folder), *after],
            env=clean_environment({**env, "DAGSTER_HOME": str(folder / "dagster")}),
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def wait(self, step: str) -> None:
        end = time.monotonic() + 180
        while not (self.folder / f"{step}.waits").exists():
            assert self.process.poll() is None, self.process.communicate()
            assert time.monotonic() < end, f"{step} did not end"
            time.sleep(0.1)

    def go_on(self, step: str) -> None:
        (self.folder / f"{step}.goes_on").touch()

    def end(self) -> list[str]:
        said, errors = self.process.communicate(timeout=400)
        assert self.process.returncode == 0, errors[-3000:]
        return said.splitlines()

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.communicate()


def test_no_refresh_comes_between_two_steps_of_a_run_and_a_killed_one_blocks_nobody(
    home: Path, tmp_path: Path
) -> None:
    shutil.copytree(home, tmp_path / "home", symlinks=True)
    shutil.copytree(RAW, tmp_path / "raw")
    env = {"CHIPLEDGER_HOME": str(tmp_path / "home"), "CHIPLEDGER_RAW": str(tmp_path / "raw")}
    campaign = Campaign(tmp_path / "home", tmp_path / "raw", moves_release=False)

    def noted() -> int:
        path = (tmp_path / "home" / "current" / "chipledger.duckdb").resolve()
        with duckdb.connect(str(path), read_only=True) as connection:
            sql = "select count(*) from marts.dim_policy_event where contains(note, 'planted by the fault')"
            (row,) = connection.execute(sql).fetchall()
        return int(row[0])

    campaign.turn()
    run = Run(env, tmp_path / "first", "policy_event", "semiconductor_sales")
    run.wait("policy_event")
    # What comes now is not of this run, whose step has read the file; a refresh that began here would note it
    # as taken in, and the run would publish by that note.
    campaign.turn()
    for command in (["refresh"], ["rollback", "2"]):
        refused = run_cli(*command, env=env)
        assert refused.returncode == 1
        assert f"another refresh (process {run.process.pid}) is at work" in " ".join(refused.stderr.split())
    # A folder that is away when its table is landed, and is back at the end.
    folder = tmp_path / "raw" / AWAY
    folder.rename(tmp_path / "away")
    run.go_on("policy_event")
    run.wait("semiconductor_sales")
    (tmp_path / "away").rename(folder)
    run.go_on("semiconductor_sales")
    first, second, why = run.end()
    assert (first, second) == ("success", "failure")
    # Nobody publishes with single steps of another's refresh.
    assert "refresh.json is not of this run: it is not there; nothing was published" in why
    assert noted() == 1
    parts = json.loads((tmp_path / "home/current/build.json").read_text(encoding="utf-8"))["parts"]
    assert AWAY not in parts and "industry/sia/2024-03-04" in parts

    run = Run(env, tmp_path / "second", "policy_event")
    run.wait("policy_event")
    run.kill()
    done = run_cli("refresh", env=env)
    assert done.returncode == 0, done.stderr
    assert "did not end; what it left is put right now" in " ".join(done.stderr.split())
    assert noted() == 0
