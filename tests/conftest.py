"""Fixtures of several test files: one published file built from the shipped raw/, for all of them."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from helpers import run_cli
from model_sql import Models, compile_models


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one build, made once for all workers; whoever comes first builds, the others wait."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    folder, verdict = shared / "home", shared / "home.said"
    with (shared / "home.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not verdict.exists():
            done = run_cli("refresh", env={"CHIPLEDGER_HOME": str(folder)})
            said = "" if done.returncode == 0 else f"refresh: exit {done.returncode}: {done.stderr}"
            verdict.write_text(said, encoding="utf-8")
    if said := verdict.read_text(encoding="utf-8"):
        pytest.fail(said, pytrace=False)
    return folder


@pytest.fixture(scope="session")
def published(home: Path) -> Path:
    """The published file of that build."""
    return home / "current" / "chipledger.duckdb"


@pytest.fixture
def connection(published: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to the published file."""
    with duckdb.connect(str(published), read_only=True) as opened:
        yield opened


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    """The compiled dbt models, compiled once for all workers."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    folder = shared / "models"
    with (shared / "models.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder / "manifest_path"
        if not done.exists():
            folder.mkdir(exist_ok=True)
            done.write_text(str(compile_models(folder)), encoding="utf-8")
    return Models.of(Path(done.read_text(encoding="utf-8")))
