"""Schedules, the sensor, backfills and killed runs, as Dagster's own daemon has them on a new DAGSTER_HOME.

Here: nothing is called directly; the daemon is started as a server would start it, and the published file
is what is looked at.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
from helpers import RAW, ROOT, clean_environment
from receivers import Web

pytestmark = pytest.mark.slow

BIN = Path(sys.executable).parent
TWIN = "industry/trendforce/2023-12-15"
LINE = (
    "every_minute,trendforce,Planted: every minute,* * * * *,Asia/Shanghai,A,,none,Planted by a test,"
    "https://example.org,\n"
)


@dataclass(frozen=True)
class Server:
    """A home, its raw/ and a daemon at work."""

    raw: Path
    home: Path
    env: dict[str, str]
    log: Path
    daemon: subprocess.Popen[bytes]

    def dagster(self, *arguments: str) -> str:
        done = subprocess.run(
            [str(BIN / "dagster"), *arguments, "-w", "deploy/workspace.yaml"],
            env=self.env, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def query(self, sql: str) -> list[tuple[object, ...]]:
        path = (self.home / "current" / "chipledger.duckdb").resolve()
        with duckdb.connect(str(path), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def runs(self, job: str) -> list[str]:
        """States of the runs of a job."""
        code = (
            "import sys, dagster as dg\n"
            "with dg.DagsterInstance.get() as instance:\n"
            "    runs = instance.get_runs(dg.RunsFilter(job_name=sys.argv[1]))\n"
            "    print('\\n'.join(run.status.value for run in runs))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code, job], env=self.env, capture_output=True, text=True, check=True
        )
        return done.stdout.split()

    def partitions(self) -> set[str]:
        code = (
            "import dagster as dg\nwith dg.DagsterInstance.get() as instance:\n"
            "    print('\\n'.join(instance.get_dynamic_partitions('release')))"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], env=self.env, capture_output=True, text=True, check=True
        )
        return set(done.stdout.split())

    def wait(self, what: str, is_there: Callable[[], bool], seconds: float = 900) -> None:
        end = time.monotonic() + seconds
        while not is_there():
            assert time.monotonic() < end, f"{what} did not happen: {self.log.read_text()[-4000:]}"
            time.sleep(2)


@pytest.fixture
def server(tmp_path: Path, published: Path, receiver: Web) -> Iterator[Server]:
    raw, home = tmp_path / "raw", tmp_path / "home"
    shutil.copytree(RAW, raw)
    shutil.copytree(published.resolve().parents[2], home, symlinks=True)
    calendar = raw / "reference" / "release_calendar.csv"
    calendar.write_text(calendar.read_text(encoding="utf-8") + LINE, encoding="utf-8")
    env = clean_environment(
        {
            "CHIPLEDGER_RAW": str(raw),
            "CHIPLEDGER_HOME": str(home),
            "DAGSTER_HOME": str(tmp_path / "dagster"),
            "PATH": f"{BIN}:{os.environ['PATH']}",
            "CHIPLEDGER_WEBHOOK_URL": receiver.url,
            "CHIPLEDGER_WEBHOOK_SECRET": "made-for-the-tests",
        }
    )
    subprocess.run(["sh", "deploy/prepare-home.sh"], env=env, cwd=ROOT, check=True)
    log = tmp_path / "daemon.log"
    with daemon(env, log) as started:
        made = Server(raw, home, env, log, started)
        made.wait("the daemon", lambda: "Instance is configured" in log.read_text())
        yield made


@contextmanager
def daemon(env: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Dagster's daemon and all that it starts, in a session of its own; ended at the end."""
    with log.open("a") as stream:
        started = subprocess.Popen(
            [str(BIN / "dagster-daemon"), "run", "-w", "deploy/workspace.yaml"],
            env=env, cwd=ROOT, stdout=stream, stderr=stream, start_new_session=True,
        )  # fmt: skip
        try:
            yield started
        finally:
            if started.poll() is None:
                os.killpg(started.pid, signal.SIGINT)
            try:
                started.wait(timeout=30)
            except subprocess.TimeoutExpired:
                os.killpg(started.pid, signal.SIGKILL)


def plant_twin(server: Server) -> None:
    """A second release of the same file, one day later: new to the warehouse, the same in the marts."""
    shutil.copytree(server.raw / "industry/trendforce/2023-12-14", server.raw / TWIN)
    source = server.raw / TWIN / "source.yml"
    text = source.read_text(encoding="utf-8")
    source.write_text(text.replace("released_at: 2023-12-14", "released_at: 2023-12-15"), encoding="utf-8")


def test_sensor_schedule_and_backfill_publish_through_the_daemon(server: Server) -> None:
    plant_twin(server)
    server.dagster("sensor", "start", "new_files")
    held = "select count(*) from meta.releases where release_id = 'trendforce/2023-12-15'"
    server.wait("the sensor's refresh", lambda: server.query(held) == [(1,)])
    server.wait("the end of its run", lambda: server.runs("refresh") == ["SUCCESS"])
    server.dagster("sensor", "stop", "new_files")
    # Folders that were held before the daemon came can be backfilled as well.
    assert {TWIN, "customs/gacc/2026-03-10", "articles/techovedas-160b-chip-exports"} <= server.partitions()

    # A backfill of one release folder takes in just that one: another change waits.
    source = server.raw / TWIN / "source.yml"
    text = source.read_text(encoding="utf-8")
    title = next(line for line in text.splitlines() if line.startswith("title:"))
    source.write_text(text.replace(title, "title: Backfilled by a test"), encoding="utf-8")
    other = server.raw / "industry/trendforce/2023-12-14/source.yml"
    other.write_text(
        other.read_text(encoding="utf-8").replace(title, "title: Waits for its own"), encoding="utf-8"
    )
    server.dagster("job", "backfill", "-j", "backfill", "--partitions", TWIN, "--noprompt")
    titled = "select count(*) from meta.releases where title = '{}'"
    server.wait("the backfill", lambda: server.query(titled.format("Backfilled by a test")) == [(1,)])
    server.wait("the end of its run", lambda: server.runs("backfill") == ["SUCCESS"])
    assert server.query(titled.format("Waits for its own")) == [(0,)]

    server.dagster("schedule", "start", "every_minute_release")
    server.wait("the scheduled refresh", lambda: server.query(titled.format("Waits for its own")) == [(1,)])
    server.dagster("schedule", "stop", "every_minute_release")
    assert "SUCCESS" in server.runs("refresh_every_minute") or server.runs("refresh_every_minute")


def test_a_killed_run_is_told_and_tried_again_also_after_a_power_cut(server: Server, receiver: Web) -> None:
    note = server.home / "work" / "refresh.json"
    server.dagster("job", "launch", "-j", "refresh", "--tags", '{"chipledger/force": "true"}')
    server.wait("the beginning of a refresh", note.is_file)
    first = json.loads(note.read_text())
    os.kill(first["process"], signal.SIGKILL)
    server.wait("the second try", lambda: server.runs("refresh") == ["STARTED", "FAILURE"])
    # It begins anew, by a note of its own, and does not go on by that of the dead one.
    server.wait("its note", lambda: json.loads(note.read_text())["run"] != first["run"])
    # A power cut: the daemon, its server of code and the run are gone at once, and nobody said so.
    os.killpg(server.daemon.pid, signal.SIGKILL)
    server.daemon.wait()
    with daemon(server.env, server.log):
        # The first may have been told before the cut, or is told now.
        server.wait("both alerts", lambda: len(failures(receiver)) == 2)
        server.wait("the third try", lambda: server.runs("refresh")[:1] == ["SUCCESS"])
    assert server.runs("refresh") == ["SUCCESS", "FAILURE", "FAILURE"]
    lines = [said["lines"] for said in failures(receiver)]
    assert "signal 9" in lines[0][0] and "is gone" in lines[1][0], lines


def failures(receiver: Web) -> list[dict[str, Any]]:
    return [said for _, body in receiver.got if (said := json.loads(body))["kind"] == "failure"]
