"""Nobody sees a mixture, an older build or an error while builds are published or publishers are killed.

The short form; `make serve-test` runs the full one (50 publishes, 32 readers, 30 kills).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import live
import psycopg
import pytest
import stress
from helpers import run_cli

from orchestration.errors import LedgerError
from orchestration.serving import postgres
from orchestration.warehouse.ledger import exclusive
from orchestration.warehouse.settings import Settings


@pytest.fixture(scope="module")
def restless(home: Path) -> Iterator[live.Live]:
    """An endpoint of its own: the builds published here are not those of other tests."""
    if reason := live.missing():
        pytest.skip(reason)
    with live.copied_home(home) as copied, live.served(copied, seconds=60) as running:
        yield running


@pytest.mark.slow
def test_readers_see_whole_builds_in_order(restless: live.Live) -> None:
    seen, _ = stress.under_readers(restless.home, restless.owner_url, restless.url(), publishes=3, readers=4)
    for kind, found in seen.items():
        assert found.is_clean, (kind, found)
        assert found.builds > 1 and found.reads > 20, (kind, found)


@pytest.mark.slow
def test_killed_publisher_leaves_old_or_new(restless: live.Live) -> None:
    outcome = stress.killed(restless.home, restless.owner_url, restless.url(), first=100, times=4)
    assert outcome["wrong"] == 0 and outcome["leftovers"] == 0, outcome
    # One of the four is killed right after the link was flipped.
    assert outcome["file new"] >= 1 and outcome["file old"] >= 1, outcome
    assert sum(outcome[f"{kind} {word}"] for kind in ("file", "PostgreSQL") for word in ("old", "new")) == 8


def test_watcher_notices_what_it_is_for() -> None:
    """A watcher that saw nothing would make the tests above pass."""
    watcher = stress.Watcher()
    watcher.read(["stress 0001"] * 4, 2)
    watcher.read(["stress 0001", "stress 0002"], 2)
    watcher.read(["stress 0002"] * 4, 3)
    watcher.read(["stress 0001"] * 4, 2)
    watcher.read(["stress 0002"] * 4, 2)
    assert (len(watcher.seen.mixed), len(watcher.seen.backward), watcher.seen.reads) == (2, 1, 5)


def test_second_refresh_of_a_home_is_refused(tmp_path: Path) -> None:
    with exclusive(Settings(stress.ROOT / "raw", tmp_path)):
        done = run_cli("refresh", env={"CHIPLEDGER_HOME": str(tmp_path)})
    assert done.returncode == 1
    said = " ".join(done.stderr.split())
    assert f"another refresh (process {os.getpid()}) is at work in {tmp_path}" in said and "wait" in said


def test_second_publisher_into_one_database_is_refused(endpoint: live.Live) -> None:
    with endpoint.owner() as first, first.transaction():
        first.execute("lock table chipledger.build in exclusive mode")
        path = endpoint.home / "current" / "chipledger.duckdb"
        with (
            pytest.raises(LedgerError, match="another refresh is publishing into this PostgreSQL database"),
            postgres.publishing(endpoint.owner_url, path),
        ):
            raise AssertionError("the load went on")


def test_nothing_is_published_where_postgres_refuses(restless: live.Live) -> None:
    """A server that is named and cannot be had holds the file back as well, and says so in one sentence."""
    before = (restless.home / "current").readlink()
    process = stress.publisher(restless.home, "postgresql://nobody@127.0.0.1:1/none", 900, 900)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1 and "PostgreSQL cannot be reached" in err
    assert (restless.home / "current").readlink() == before
    assert [path.name for path in (restless.home / "builds").iterdir()].count(before.name) == 1


@pytest.mark.slow
def test_a_refresh_without_news_brings_a_server_up_to_date(endpoint: live.Live) -> None:
    """It may have been named since, or its publisher was killed between the file and the commit."""
    with endpoint.owner() as owner:
        ((build,),) = owner.execute("select build_id from chipledger.build").fetchall()
        owner.execute("update chipledger.build set build_id = 'another'")
    done = endpoint.cli("refresh", CHIPLEDGER_POSTGRES_URL=endpoint.owner_url)
    assert done.returncode == 0, done.stderr
    assert "Nothing changed" in done.stdout and f"PostgreSQL was brought to build {build}" in done.stdout
    again = endpoint.cli("refresh", CHIPLEDGER_POSTGRES_URL=endpoint.owner_url)
    assert again.returncode == 0 and "PostgreSQL" not in again.stdout


def test_serve_follows_the_current_build(restless: live.Live) -> None:
    """A refresh that knows nothing of the server: `chipledger serve` brings the new build in by itself."""
    number = 950
    process = stress.publisher(restless.home, "", number, number)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    arrived = threading.Event()
    for _ in range(300):
        if stress.state(restless.home, restless.url()) == ([f"stress {number:04d}"],) * 2:
            arrived.set()
            break
        arrived.wait(0.1)
    assert arrived.is_set()


def test_a_second_serve_of_a_home_is_refused(endpoint: live.Live) -> None:
    done = endpoint.cli("serve", "--port", str(live.free_port()))
    assert done.returncode == 1
    assert f"is up for this home already (process {endpoint.process.pid})" in " ".join(done.stderr.split())


def test_an_endpoint_that_was_killed_starts_again(home: Path) -> None:
    """kill -9 of `chipledger serve` leaves its servers; the next start ends them and serves."""
    if reason := live.missing():
        pytest.skip(reason)
    with live.copied_home(home) as copied:
        first = live.start(copied)
        first.process.kill()
        first.process.wait()
        with first.connect() as orphan:
            assert orphan.execute("select 1").fetchone() == (1,)
        with live.served(copied) as second:
            with pytest.raises(psycopg.OperationalError):
                first.connect()
            with second.connect() as connection:
                (rows,) = connection.execute("select count(*) from marts.fct_trade_cagr").fetchone() or (0,)
            assert rows > 1000
