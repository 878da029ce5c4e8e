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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


ARTICLE = """Island news

China's exports of integrated circuits in 2024 were worth USD 159.499 billion, up 17.4 percent.
Imports fell by a third.
"""


@pytest.mark.slow
def test_no_draft_of_a_new_article_reaches_a_mart_before_a_person_confirms_it(
    installation: Installation, tmp_path: Path
) -> None:
    text = tmp_path / "island.txt"
    text.write_text(ARTICLE, encoding="utf-8")
    new = (
        "article",
        "new",
        str(text),
        "--url",
        "https://example.org/island",
        "--date",
        "2025-02",
        "--slug",
        "island",
    )
    done = installation.cli(*new)
    assert done.returncode == 0, done.stderr
    assert "3 drafts" in done.stdout
    # A second article of the name, or of the text, is refused.
    again = installation.cli(*new)
    assert again.returncode == 2 and "there already" in again.stderr
    other = installation.cli(*new[:-1], "elsewhere")
    assert other.returncode == 2 and "holds this text already" in other.stderr

    # What is not complete cannot be confirmed, and is named.
    refused = installation.cli("article", "confirm", "island", "C-1")
    assert refused.returncode == 1 and "C-1 is not complete" in refused.stderr
    claims = installation.raw / "articles/island/claims.csv"
    content = claims.read_text(encoding="utf-8")
    assert "yes" not in content
    written = content.replace(",exact,,,level,", ",exact,,Chips worth 159.499 bn left China.,level,", 1)
    claims.write_text(written, encoding="utf-8")
    confirmed = installation.cli("article", "confirm", "island", "C-1")
    assert confirmed.returncode == 0, confirmed.stderr
    assert "confirmed: C-1; 2 still wait" in confirmed.stdout

    done = installation.cli("refresh")
    assert done.returncode == 0, done.stderr
    assert "drafts waiting for a person: 2 in articles/island/claims.csv" in done.stdout
    found = installation.query(
        "select claim_id, verdict from marts.fct_claim_verdict where article_id = 'island' and is_intended"
    )
    assert found == [("C-1", "exact")]
    rows = "select rows_read, rows_loaded, rows_quarantined, rows_set_aside from meta.snapshots"
    assert installation.query(f"{rows} where path = 'articles/island/claims.csv'") == [(3, 1, 0, 2)]
    proved = installation.cli("verify-articles", str(tmp_path))
    assert "articles/island" not in proved.stderr
    basis = "select released_at_basis from meta.releases where release_id = 'island'"
    assert installation.query(basis) == [("printed_month",)]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--url", "example.org", "--date", "2025"), "--url is 'example.org'"),
        (("--url", "https://example.org", "--date", "May 2025"), "--date is 'May 2025'"),
        (("--url", "https://example.org", "--date", "2025-13"), "--date is '2025-13'"),
        (("--url", "https://example.org", "--date", "2025", "--slug", "../x"), "--slug is '../x'"),
    ],
)
def test_a_new_article_with_wrong_facts_is_refused(
    tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    text = tmp_path / "text.txt"
    text.write_text(ARTICLE, encoding="utf-8")
    done = run_cli("article", "new", str(text), *options, env={"CHIPLEDGER_RAW": str(tmp_path / "raw")})
    assert done.returncode == 2 and said in done.stderr and len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "raw").exists()


@pytest.mark.slow
def test_a_raw_folder_of_customs_files_alone_is_published(installation: Installation) -> None:
    """Articles, industry tables and printed figures need not be held: their marts are empty, with columns."""
    for gone in ("articles", "industry", "customs/gacc"):
        shutil.rmtree(installation.raw / gone)
    (installation.raw / "corrections.yml").unlink()
    done = installation.cli("refresh")
    assert done.returncode == 0, done.stderr
    assert "claims: none, no article is held" in done.stdout
    empty = ("fct_claim_verdict", "fct_claim_input", "fct_capacity_share", "fct_announced_flow")
    for table in empty:
        assert installation.query(f"select count(*) from marts.{table}") == [(0,)]
    ((held, growths),) = installation.query(
        "select (select count(*) from marts.fct_trade_flow), count(*) from marts.fct_trade_growth_yearly"
    )
    assert held == 260 and growths == 520
    for arguments, said in (
        (("claims",), "no claims: no such article is held"),
        (("claims", "--article", "x"), "held are: none"),
        (("trace", "fct_claim_verdict", "claim_id=A01"), "no row"),
        (("doctor",), "no file is held back"),
        (("verify",), "all is well"),
        (("report",), "index.html"),
    ):
        done = installation.cli(*arguments)
        assert said in done.stdout + done.stderr and "Traceback" not in done.stderr, done.stdout + done.stderr
