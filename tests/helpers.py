"""What several test files share: running the command line, copies of raw/, folders built once."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
RAW = ROOT / "raw"
# Real files of users, beside the project where it is developed; never part of it.
COMTRADE_SAMPLES = sorted((ROOT.parent / "shared" / "samples" / "comtrade").glob("TradeData_*.csv"))
CHIPLEDGER = Path(sys.executable).parent / "chipledger"


def clean_environment(env: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without the variables that move the warehouse, plus `env`."""
    ours = ("CHIPLEDGER_", "DAGSTER_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "COLUMNS": "200", "NO_COLOR": "1", **(env or {})}


def run_cli(
    *arguments: str, env: Mapping[str, str] | None = None, timeout: float = 300, said: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs `chipledger` as a user would and returns its exit code and what it printed. said: on its input.

    The time is for a busy machine, and ends what hangs; how fast a command is, no test asks.
    """
    return subprocess.run(
        [str(CHIPLEDGER), *arguments],
        input=said,
        env=clean_environment(env),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def copy_raw(tmp_path: Path) -> Path:
    """A copy of raw/ below `tmp_path`, to be changed at will."""
    return Path(shutil.copytree(RAW, tmp_path / "raw"))


def dbt(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs dbt on the databases of a home, as `orchestration.warehouse.models` does inside a refresh."""
    return subprocess.run(
        [
            *(str(Path(sys.executable).parent / "dbt"), "--quiet", "--no-use-colors", *arguments),
            *("--project-dir", str(ROOT / "dbt_project"), "--profiles-dir", str(ROOT / "dbt_project")),
            *("--target-path", str(home / "work" / "dbt")),
        ],
        env=clean_environment({"CHIPLEDGER_HOME": str(home), "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def built_once(tmp_path_factory: pytest.TempPathFactory, name: str, build: Callable[[Path], str]) -> Path:
    """A folder made by `build`, once for all workers: whoever comes first builds, the others wait.

    `build` says what went wrong, or nothing.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    folder, verdict = shared / name, shared / f"{name}.said"
    with verdict.with_suffix(".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not verdict.exists():
            verdict.write_text(build(folder), encoding="utf-8")
    if said := verdict.read_text(encoding="utf-8"):
        pytest.fail(said, pytrace=False)
    return folder


def refreshed(folder: Path, env: Mapping[str, str]) -> str:
    done = run_cli("refresh", env={"CHIPLEDGER_HOME": str(folder), **env})
    return "" if done.returncode == 0 else f"refresh: exit {done.returncode}: {done.stderr}{done.stdout}"
