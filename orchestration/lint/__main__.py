"""`python -m orchestration.lint`: compiles the models and checks that they are portable."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from orchestration.lint.portable_sql.command import main
from orchestration.warehouse.models import compile_project
from orchestration.warehouse.settings import Settings


def run() -> int:
    """Exit code of the lint over every model and test of the project."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        settings = Settings(raw_root=home / "raw", home=home)
        settings.work_dir.mkdir(parents=True)
        compile_project(settings)
        return main(["--manifest", str(settings.dbt_target_dir / "manifest.json")])


if __name__ == "__main__":
    sys.exit(run())
