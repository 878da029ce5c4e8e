"""What a refresh does to the published file when its input is good, bad, or gone.

Here: whole refreshes through the command line, on a copy of `raw/` and of a finished warehouse. What
single contracts or layouts refuse is tested beside them.
"""

from __future__ import annotations

import fcntl
import hashlib
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from helpers import RAW, run_cli


@dataclass(frozen=True)
class Installation:
    """A copy of raw/ and of a warehouse built from it, to be spoilt by one test."""

    raw: Path
    home: Path

    def cli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return run_cli(
            *arguments,
            env={"CHIPLEDGER_RAW": str(self.raw), "CHIPLEDGER_HOME": str(self.home)},
        )

    @property
    def published(self) -> Path:
        return (self.home / "current" / "chipledger.duckdb").resolve()

    def digest(self) -> str:
        return hashlib.sha256(self.published.read_bytes()).hexdigest()

    def query(self, sql: str) -> list[tuple[object, ...]]:
        with duckdb.connect(str(self.published), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def rewrite(self, path: str, old: str, new: str) -> None:
        """Edits a raw file as a careful person would: the sha256 in source.yml follows."""
        file = self.raw / path
        before = hashlib.sha256(file.read_bytes()).hexdigest()
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        after = hashlib.sha256(file.read_bytes()).hexdigest()
        source = file.with_name("source.yml")
        source.write_text(source.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")


@pytest.fixture
def installation(tmp_path: Path, published: Path) -> Installation:
    """`published` lies in <home>/builds/<id>/; its raw files are the repository's own."""
    home = published.resolve().parents[2]
    shutil.copytree(home, tmp_path / "home", symlinks=True)
    shutil.copytree(RAW, tmp_path / "raw")
    return Installation(tmp_path / "raw", tmp_path / "home")


EXPRESS = "customs/gacc/2026-03-10/express_cny.csv"
CAPACITY = "industry/trendforce/2025-01-31/capacity_share.csv"
SPOILT_SHARE = "mature process,South Korea,2024,90,actual,~2024-10..2025-01,planted by a test\n"


def test_a_second_refresh_says_that_nothing_changed(installation: Installation) -> None:
    before = installation.digest()
    done = installation.cli("refresh")
    assert done.returncode == 0, done.stderr
    assert "Nothing changed" in done.stdout
    assert installation.digest() == before


def test_a_failed_model_test_publishes_nothing(installation: Installation) -> None:
    before, target = installation.digest(), installation.published
    file = installation.raw / CAPACITY
    last = file.read_text(encoding="utf-8").splitlines()[-1] + "\n"
    installation.rewrite(CAPACITY, last, last + SPOILT_SHARE)

    done = installation.cli("refresh")

    assert done.returncode == 1
    assert "assert_capacity_shares_fit_into_100" in done.stderr
    assert "Traceback" not in done.stderr
    assert installation.published == target
    assert installation.digest() == before

    installation.rewrite(CAPACITY, SPOILT_SHARE, "")
    healed = installation.cli("refresh")
    assert healed.returncode == 0, healed.stderr
    assert installation.digest() == before


def test_bad_files_wait_while_their_last_good_rows_serve(installation: Installation) -> None:
    rows = installation.query("select count(*) from marts.fct_trade_flow where source_id = 'gacc'")
    installation.rewrite(EXPRESS, "1429.23116459", "n/a")
    untold = installation.raw / "industry/yole/2025-12-31/capacity_share.csv"
    untold.write_text(untold.read_text(encoding="utf-8").replace(",21,", ",22,"), encoding="utf-8")
    (installation.raw / "industry/semi/2024-04-10/source.yml").write_text("source_id: [", encoding="utf-8")
    claims = installation.raw / "articles/techovedas-160b-chip-exports/claims.csv"
    claims.write_text(claims.read_text(encoding="utf-8").replace("$160B", "1.2.3", 1), encoding="utf-8")

    done = installation.cli("refresh")

    assert done.returncode == 3, done.stderr
    said = " ".join(done.stderr.split())
    assert re.search(
        rf"{EXPRESS}, line 2, column current_amount_100m_cny: not_a_number: found 'n/a', "
        "expected a plain decimal number",
        said,
    )
    assert "yole/2025-12-31/capacity_share.csv: its bytes are not those that source.yml records" in said
    assert "industry/semi/2024-04-10/source.yml: not readable as YAML" in said
    assert installation.query("select count(*) from marts.fct_trade_flow where source_id = 'gacc'") == rows
    assert "claims.csv, line 2, column printed: unreadable_figure: found '1.2.3'" in said
    assert installation.query(
        "select source_id from meta.sources where status = 'held_back' order by source_id"
    ) == [("gacc",), ("semi",), ("techovedas-160b-chip-exports",), ("yole",)]
    assert installation.query(
        "select share_pct::integer from marts.fct_capacity_share where source_id = 'yole' and year = 2024 "
        "and economy_iso3 = 'CHN'"
    ) == [(21,)]
    assert installation.query("select count(*) from marts.fct_industry_figure where source_id = 'semi'") != [
        (0,)
    ]
    assert installation.query(
        "select reason_code, column_name, value from meta.quarantine order by reason_code"
    ) == [("not_a_number", "current_amount_100m_cny", "n/a"), ("unreadable_figure", "printed", "1.2.3")]
    assert installation.query("select count(*) from marts.fct_claim_verdict where is_intended") == [(47,)]

    again = installation.cli("refresh")
    assert again.returncode == 3
    assert "Nothing changed" in again.stdout
    assert EXPRESS in again.stderr


def test_a_release_that_leaves_raw_leaves_the_marts_and_one_held_twice_counts_once(
    installation: Installation,
) -> None:
    rows = installation.query("select count(*) from marts.fct_capacity_share")
    shutil.rmtree(installation.raw / "customs/gacc/2026-03-10")
    twin = installation.raw / "industry/trendforce/2023-12-15"
    shutil.copytree(installation.raw / "industry/trendforce/2023-12-14", twin)
    source = twin / "source.yml"
    source.write_text(
        source.read_text(encoding="utf-8").replace("released_at: 2023-12-14", "released_at: 2023-12-15"),
        encoding="utf-8",
    )

    done = installation.cli("refresh")

    assert done.returncode == 0, done.stderr
    assert "releases new: trendforce/2023-12-15" in done.stdout
    assert "releases gone: gacc/2026-03-10" in done.stdout
    assert installation.query(
        "select count(*) from marts.fct_trade_flow where period_end_date = date '2026-02-28'"
    ) == [(0,)]
    assert installation.query("select count(*) from marts.fct_capacity_share") == rows
    assert installation.query(
        "select path, rows_read = rows_set_aside from meta.snapshots where status = 'duplicate'"
    ) == [("industry/trendforce/2023-12-15/capacity_share.csv", True)]
    assert installation.query(
        "select rows_removed > 0 from meta.changes where table_name = 'fct_trade_flow' "
        "and previous_build_id is not null"
    ) == [(True,)]


def test_a_second_refresh_at_the_same_time_is_refused(installation: Installation) -> None:
    with (installation.home / "work" / "refresh.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = installation.cli("refresh", "--force")
    assert done.returncode == 1
    assert "another refresh" in done.stderr


def test_a_missing_raw_folder_is_wrong_usage(tmp_path: Path) -> None:
    env = {"CHIPLEDGER_RAW": str(tmp_path / "none"), "CHIPLEDGER_HOME": str(tmp_path / "home")}
    done = run_cli("refresh", env=env)
    assert done.returncode == 2
    assert "CHIPLEDGER_RAW" in done.stderr
