"""Fixtures of several test files: published files built from the shipped raw/, made once for all of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from helpers import COMTRADE_SAMPLES, RAW, built_once, refreshed, run_cli
from model_sql import Models, compile_models
from receivers import Web, web


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one build of the shipped raw/."""
    return built_once(tmp_path_factory, "home", lambda folder: refreshed(folder, {}))


@pytest.fixture(scope="session")
def sampled_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with the UN Comtrade sample files added as a user would add them."""
    if not COMTRADE_SAMPLES:
        pytest.skip("the UN Comtrade sample files are not beside this project (../shared/samples/comtrade)")

    def build(folder: Path) -> str:
        raw = folder.with_name("sampled_raw")
        shutil.copytree(RAW, raw)
        env = {"CHIPLEDGER_RAW": str(raw), "CHIPLEDGER_HOME": str(folder)}
        files = [str(file) for file in COMTRADE_SAMPLES]
        done = run_cli("add", *files, "--source", "comtrade", "--released", "2026-11-20", env=env)
        said = f"add: exit {done.returncode}: {done.stderr}" if done.returncode else ""
        return said or refreshed(folder, env)

    return built_once(tmp_path_factory, "sampled", build)


@pytest.fixture(scope="session")
def published(home: Path) -> Path:
    """The published file of that build."""
    return home / "current" / "chipledger.duckdb"


@pytest.fixture
def connection(published: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to the published file."""
    with duckdb.connect(str(published), read_only=True) as opened:
        yield opened


@pytest.fixture
def receiver() -> Iterator[Web]:
    """A server on loopback that keeps what is posted to it."""
    with web() as opened:
        yield opened


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    """The compiled dbt models, compiled once for all workers."""

    def build(folder: Path) -> str:
        folder.mkdir(exist_ok=True)
        (folder / "manifest_path").write_text(str(compile_models(folder)), encoding="utf-8")
        return ""

    done = built_once(tmp_path_factory, "models", build) / "manifest_path"
    return Models.of(Path(done.read_text(encoding="utf-8")))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One test that needs the build of `home` first, the others last: meanwhile a worker has other tests."""

    def needs_home(item: pytest.Item) -> bool:
        return "home" in getattr(item, "fixturenames", ())

    first = next((item for item in items if needs_home(item)), None)
    items.sort(key=lambda item: (item is not first, needs_home(item)))
