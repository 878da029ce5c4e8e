"""The dbt unit tests of the models, run by dbt itself in a copy of the ledger that the tests share.

What they say stands beside each model, in its yml. A refresh leaves them out: they test the code.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from orchestration.warehouse.models import run_unit_tests
from orchestration.warehouse.settings import Settings


def test_every_unit_test_passes(home: Path, tmp_path: Path) -> None:
    # With what dbt parsed for the refresh, which takes seconds.
    shutil.copytree(home / "work", tmp_path / "work", ignore=shutil.ignore_patterns("*.lock"))
    results = run_unit_tests(Settings(raw_root=tmp_path / "raw", home=tmp_path))
    assert len(results) >= 50
    assert [(result.name, result.message) for result in results if result.status != "pass"] == []
