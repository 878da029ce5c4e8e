"""Taking in a part of raw/ gives the marts of a whole refresh of just that part, however it is asked for.

Here: `refresh --source`, `refresh --since` and a backfill of Dagster's, each against a whole refresh in which
nothing else changed; all marts by content. Several sources wait, and one is asked for.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from helpers import RAW, ROOT, clean_environment, run_cli

from tests.faults.campaign import Digest, digest

pytestmark = pytest.mark.slow

EXPRESS = "customs/gacc/2026-03-10"
# Values changed by the test; each is in several marts.
CHANGES = {
    EXPRESS: ("express_cny.csv", "1429.23116459", "1529.23116459"),
    "industry/semi/2025-04-10": ("equipment_sales.csv", "China,2024,49.6,", "China,2024,48.6,"),
    "industry/semi/2024-04-10": ("equipment_sales.csv", "China,2023,36.6,", "China,2023,36.5,"),
}
BACKFILL = """
import sys
import dagster as dg
from orchestration.definitions import defs
quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
with dg.DagsterInstance.ephemeral() as instance:
    instance.add_dynamic_partitions("release", [sys.argv[1]])
    defs.resolve_job_def("backfill").execute_in_process(
        partition_key=sys.argv[1], instance=instance, run_config=quiet
    )
"""


@dataclass(frozen=True)
class Place:
    """A copy of raw/ and of a finished warehouse."""

    folder: Path

    @property
    def env(self) -> dict[str, str]:
        return {"CHIPLEDGER_HOME": str(self.folder / "home"), "CHIPLEDGER_RAW": str(self.folder / "raw")}

    def change(self, *releases: str) -> None:
        """As a careful person would: the sha256 in source.yml follows."""
        for release in releases:
            name, old, new = CHANGES[release]
            file = self.folder / "raw" / release / name
            before = file.read_bytes()
            assert before.count(old.encode()) == 1
            after = before.replace(old.encode(), new.encode())
            file.write_bytes(after)
            source = file.with_name("source.yml")
            sums = [hashlib.sha256(content).hexdigest() for content in (before, after)]
            source.write_text(source.read_text(encoding="utf-8").replace(*sums), encoding="utf-8")

    def refresh(self, *options: str) -> Digest:
        done = run_cli("refresh", *options, env=self.env)
        assert done.returncode == 0, done.stderr
        return self.marts()

    def backfill(self, release: str) -> Digest:
        subprocess.run(
            [sys.executable, "-c", BACKFILL, release],
            env=clean_environment(self.env), cwd=ROOT, capture_output=True, check=True, timeout=300,
        )  # fmt: skip
        return self.marts()

    def marts(self) -> Digest:
        return digest((self.folder / "home" / "current" / "chipledger.duckdb").resolve())


@pytest.fixture
def places(home: Path, tmp_path: Path) -> list[Place]:
    made = [Place(tmp_path / name) for name in ("whole", "part", "backfilled")]
    for place in made:
        shutil.copytree(home, place.folder / "home", symlinks=True)
        shutil.copytree(RAW, place.folder / "raw")
    return made


def test_a_part_of_raw_gives_the_marts_of_a_whole_refresh_of_just_that(places: list[Place]) -> None:
    whole, part, backfilled = places
    newer, older = "industry/semi/2025-04-10", "industry/semi/2024-04-10"
    before = whole.marts()
    part.change(*CHANGES)
    backfilled.change(*CHANGES)

    whole.change(EXPRESS)
    expected = whole.refresh()
    assert expected != before
    assert part.refresh("--source", "gacc") == expected
    assert backfilled.backfill(EXPRESS) == expected

    whole.change(newer)
    expected = whole.refresh()
    assert part.refresh("--since", "2025-04-10") == expected
    assert backfilled.backfill(newer) == expected

    whole.change(older)
    assert part.refresh() == whole.refresh()
