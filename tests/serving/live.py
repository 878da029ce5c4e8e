"""A served copy of a build, for tests: its own home, port and user; started and stopped as a person would.

The home lies directly below the system's folder for temporary files, because PostgreSQL runs as another user
than root and must be able to enter it.
"""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from helpers import CHIPLEDGER, ROOT, clean_environment

from orchestration.errors import LedgerError
from orchestration.serving.cluster import Places
from orchestration.serving.programs import find

PASSWORD = "made-for-the-tests"
USER = "analyst"
# Short, so that what runs away is stopped soon.
SECONDS = 4
START_S = 120
# What `chipledger serve` printed, in its home.
SAID = "said.txt"


@dataclass(frozen=True)
class Live:
    """A running endpoint: its home, its port, and the process of `chipledger serve`."""

    home: Path
    port: int
    process: subprocess.Popen[str]

    @property
    def owner_url(self) -> str:
        return Places(self.home / "serve").url

    @property
    def certificate(self) -> Path:
        return self.home / "serve" / "tls" / "server.crt"

    def url(self, user: str = USER, password: str = PASSWORD, mode: str = "require") -> str:
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/chipledger?sslmode={mode}"

    def connect(self, **options: Any) -> psycopg.Connection[tuple[Any, ...]]:
        """A reader's connection, as a BI tool makes it."""
        return psycopg.connect(self.url(), autocommit=True, **options)

    def owner(self) -> psycopg.Connection[tuple[Any, ...]]:
        """Without the limit of the readers: on a busy machine a database takes its time to be dropped."""
        return psycopg.connect(self.owner_url, autocommit=True, options="-c statement_timeout=0")

    def environment(self) -> dict[str, str]:
        return clean_environment({"CHIPLEDGER_HOME": str(self.home)})

    def cli(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(CHIPLEDGER), *arguments],
            env={**self.environment(), **more},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


def missing() -> str | None:
    """Why nothing can be served here; None where it can."""
    try:
        find()
    except LedgerError as error:
        return str(error)
    return None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def copied_home(source: Path) -> Iterator[Path]:
    """A copy of a home with its build and its private work, where others may enter."""
    # With what a path may hold and a file of settings may not.
    home = Path(tempfile.mkdtemp(prefix='chip\'s "served" '))
    home.chmod(0o755)
    try:
        build = (source / "current").resolve()
        shutil.copytree(build, home / "builds" / build.name)
        (home / "current").symlink_to(Path("builds") / build.name)
        shutil.copytree(source / "work", home / "work", ignore=shutil.ignore_patterns("dbt", "*.lock"))
        yield home
    finally:
        with suppress(FileNotFoundError):
            shutil.rmtree(home)


def start(home: Path, seconds: int = SECONDS) -> Live:
    """`chipledger serve` on that home, up and ready; to be ended by `stop`, or killed."""
    port = free_port()
    environment = clean_environment({"CHIPLEDGER_HOME": str(home), "CHIPLEDGER_USER_PASSWORD": PASSWORD})
    said = home / SAID
    with said.open("w") as stream:
        process = subprocess.Popen(
            [str(CHIPLEDGER), "serve", "--port", str(port), "--seconds", str(seconds)],
            env={**environment, "PYTHONUNBUFFERED": "1"},
            cwd=ROOT,
            stdout=stream,
            stderr=stream,
            text=True,
        )
    deadline = time.monotonic() + START_S
    while "Ctrl-C stops it" not in said.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise AssertionError(f"chipledger serve did not start: {said.read_text()}")
        time.sleep(0.1)
    return Live(home, port, process)


def stop(running: Live) -> None:
    """SIGTERM must end all of it, cleanly."""
    running.process.send_signal(signal.SIGTERM)
    running.process.wait(60)
    said = (running.home / SAID).read_text()
    assert running.process.returncode == 0, said
    assert said.rstrip().endswith("stopped"), said
    assert not list((running.home / "serve" / "run").glob(".s.PGSQL.*")), "PostgreSQL was not stopped"
    with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", running.port), timeout=2):
        raise AssertionError("pgbouncer was not stopped")


@contextmanager
def served(home: Path, seconds: int = SECONDS) -> Iterator[Live]:
    """The two of them around a block."""
    running = start(home, seconds)
    try:
        yield running
    finally:
        stop(running)
