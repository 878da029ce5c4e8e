"""The dbt unit tests: models on a few rows whose answer stands in print, or in the test's own words.

They need the columns of the tables, not their rows, so they run on a copy of a finished build.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import ROOT, clean_environment


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


@pytest.fixture(scope="module")
def copied_home(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("units")
    shutil.copytree(home / "work", copy / "work")
    return copy


def test_models_agree_with_their_worked_examples(copied_home: Path) -> None:
    listed = dbt(copied_home, "list", "--resource-type", "unit_test", "--output", "name")
    assert len(listed.stdout.split()) >= 11, listed.stdout + listed.stderr
    done = dbt(copied_home, "test", "--select", "test_type:unit")
    assert done.returncode == 0, done.stdout
