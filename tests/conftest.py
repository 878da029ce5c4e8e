"""Fixtures of several test files: published files built from the shipped raw/, made once for all of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from helpers import COMTRADE_SAMPLES, RAW, built_once, refreshed, run_cli
from model_sql import Models, compile_models, manifest_of
from receivers import Web, web
from xdist.scheduler import LoadScopeScheduling


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
def parsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which dbt has parsed and compiled the project, and that holds nothing else."""

    def build(folder: Path) -> str:
        compile_models(folder)
        return ""

    return built_once(tmp_path_factory, "parsed", build)


@pytest.fixture(scope="session")
def models(parsed: Path) -> Models:
    """The compiled dbt models."""
    return Models.of(manifest_of(parsed))


# Where tests share what each worker would have to bring up for itself: a server, a browser, made-up files.
TOGETHER = ("tests/serving/", "tests/test_report.py", "tests/test_planted.py")


def together(nodeid: str) -> str | None:
    """The place whose tests go to one worker; None where each test goes where there is time."""
    return next((place for place in TOGETHER if nodeid.startswith(place)), None)


class Dealer(LoadScopeScheduling):
    """Deals tests out one by one, in their order, so that no worker is left with a heap of long ones.

    A scheduler of our own: the marks of `--dist loadgroup` are not seen by xdist 3.8 under pytest 9.2
    (pytest-xdist issue 1386).
    """

    def _split_scope(self, nodeid: str) -> str:
        return together(nodeid) or nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Dealer:
    config.option.loadscopereorder = False
    return Dealer(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One test that needs the build of `home` first, the others last: meanwhile a worker has other tests.

    What goes together begins as soon as it can; the single tests after it keep all workers busy to the end.
    """

    def needs_home(item: pytest.Item) -> bool:
        return "home" in getattr(item, "fixturenames", ())

    first = next((item for item in items if needs_home(item)), None)
    items.sort(key=lambda item: (item is not first, needs_home(item), together(item.nodeid) is None))
