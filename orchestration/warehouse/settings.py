"""Places and environment variables. Nothing here opens a file or a database."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[2]
DBT_PROJECT_DIR = PROJECT_ROOT / "dbt_project"
PUBLISHED_NAME = "chipledger.duckdb"

# Files are written in this format so that drivers which bundle DuckDB 1.4 or later can open them.
STORAGE_VERSION = "v1.4.0"


@dataclass(frozen=True)
class Settings:
    """Resolved places of one installation.

    raw_root: folder of releases (`CHIPLEDGER_RAW`); home: everything that is built
    (`CHIPLEDGER_HOME`); target: dbt target (`CHIPLEDGER_TARGET`); memory_limit: `CHIPLEDGER_MEMORY`.
    """

    raw_root: Path
    home: Path
    target: str = "duckdb"
    # What the engine may use while it refreshes; beyond that it spills to disk.
    memory_limit: str = "2GB"

    @classmethod
    def from_environment(cls) -> Settings:
        """Relative values of the variables count from the working directory, defaults from the project."""
        raw = os.environ.get("CHIPLEDGER_RAW")
        home = os.environ.get("CHIPLEDGER_HOME")
        return cls(
            raw_root=Path(raw).resolve() if raw else PROJECT_ROOT / "raw",
            home=Path(home).resolve() if home else PROJECT_ROOT / "warehouse",
            target=os.environ.get("CHIPLEDGER_TARGET", "duckdb"),
            memory_limit=os.environ.get("CHIPLEDGER_MEMORY", "2GB"),
        )

    @property
    def work_dir(self) -> Path:
        """Private files of the refresh; nobody else opens them."""
        return self.home / "work"

    @property
    def ledger_path(self) -> Path:
        """Private database: schemas raw, staging, intermediate. Survives between refreshes."""
        return self.work_dir / "ledger.duckdb"

    @property
    def draft_path(self) -> Path:
        """The next published file while it is built: schemas marts and meta only."""
        return self.work_dir / PUBLISHED_NAME

    @property
    def dbt_target_dir(self) -> Path:
        return self.work_dir / "dbt"

    @property
    def lock_path(self) -> Path:
        return self.work_dir / "refresh.lock"

    @property
    def builds_dir(self) -> Path:
        return self.home / "builds"

    @property
    def current_link(self) -> Path:
        return self.home / "current"

    @property
    def published_path(self) -> Path:
        return self.current_link / PUBLISHED_NAME

    def environment(self) -> dict[str, str]:
        """What dbt's profile reads, as absolute paths."""
        return {
            "CHIPLEDGER_RAW": str(self.raw_root),
            "CHIPLEDGER_HOME": str(self.home),
            "CHIPLEDGER_TARGET": self.target,
            "CHIPLEDGER_MEMORY": self.memory_limit,
        }
