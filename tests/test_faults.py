"""Faults of the machine: after each, the published file is the old or the new one; the next refresh heals.

Here: a short form of the campaign (`make faults` is the long one) and the faults that need no killing. A
second refresh at the same time and bad files are tested in test_refresh.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import threading
import time
from pathlib import Path

import duckdb
import pytest
from helpers import RAW, run_cli

from orchestration.errors import LedgerError
from orchestration.scope import EVERYTHING, Scope
from orchestration.sources import layout_of
from orchestration.sources.release import Holdings, scan
from orchestration.warehouse import attempts, builds, landing, logs, models, snapshots
from orchestration.warehouse.ledger import exclusive, open_ledger
from orchestration.warehouse.publish import publish
from orchestration.warehouse.settings import Settings
from orchestration.warehouse.trouble import tell
from tests.faults.campaign import Campaign

EVENTS = "reference/policy_events.csv"


def test_a_kill_and_publishes_under_readers(home: Path, tmp_path: Path) -> None:
    """The campaign at its shortest. The kill comes when the refresh is amid the marts: it has work to do."""
    shutil.copytree(home, tmp_path / "home", symlinks=True)
    shutil.copytree(RAW, tmp_path / "raw")
    campaign = Campaign(tmp_path / "home", tmp_path / "raw", moves_release=False)
    with campaign.launcher():
        campaign.turn()
        campaign.kill_amid("marts")
        campaign.must_heal("after the kill")
        campaign.publish_under_readers(2, 2)
    assert campaign.counts.torn == []
    assert (campaign.counts.kills, campaign.counts.publishes) == (1, 2)
    assert campaign.counts.reads >= 2


@pytest.mark.slow
def test_kills_full_disks_and_readers_leave_the_old_file_or_the_new_one(home: Path, tmp_path: Path) -> None:
    shutil.copytree(home, tmp_path / "home", symlinks=True)
    shutil.copytree(RAW, tmp_path / "raw")
    campaign = Campaign(tmp_path / "home", tmp_path / "raw", seed=7)
    with campaign.launcher():
        campaign.turn()
        campaign.must_heal("at the start")
        campaign.kill_refreshes(2, heal_every=2)
        campaign.kill_publishes(2, heal_every=2)
        campaign.fill_disk([3_000_000])
        campaign.publish_under_readers(2, 4)
    assert campaign.counts.torn == []
    assert campaign.counts.kills >= 4
    assert campaign.counts.disk_full_refused >= 1
    assert campaign.counts.reads >= 4


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An empty home and the shipped raw/ copied."""
    shutil.copytree(RAW, tmp_path / "raw")
    return Settings(tmp_path / "raw", tmp_path / "home")


def land(settings: Settings) -> list[snapshots.Landed]:
    layout = layout_of("policy_events")
    assert layout is not None
    with open_ledger(settings) as connection:
        holdings = scan(settings.raw_root)
        snapshots.prepare_raw(connection, holdings)
        from orchestration.warehouse import corrections

        corrections.prepare(connection, settings.raw_root, holdings)
        return list(landing.land_dataset(connection, layout, holdings).landed)


def test_a_file_that_is_still_copied_is_held_back_and_taken_in_when_it_is_whole(settings: Settings) -> None:
    path = settings.raw_root / EVENTS
    whole = path.read_bytes()
    done = threading.Event()

    def copy() -> None:
        while not done.is_set():
            with path.open("ab") as stream:
                stream.write(b"\n")
            time.sleep(0.01)

    path.write_bytes(whole[: len(whole) // 2])
    writer = threading.Thread(target=copy)
    writer.start()
    try:
        (held,) = land(settings)
    finally:
        done.set()
        writer.join()
    assert held.status == "held_back"
    assert held.reason.startswith(f"{EVENTS}: it is still being written")
    path.write_bytes(whole)
    (loaded,) = land(settings)
    assert (loaded.status, loaded.rows_read) == ("loaded", 21)


def test_a_file_that_changes_while_it_is_read_is_not_used(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = settings.raw_root / EVENTS
    read = landing._read

    def read_and_change(*arguments: object) -> object:
        found = read(*arguments)  # type: ignore[arg-type]
        path.write_bytes(path.read_bytes() + b"\n")
        return found

    os.utime(path, (1, 1))
    monkeypatch.setattr(landing, "_read", read_and_change)
    (held,) = land(settings)
    assert held.reason.startswith(f"{EVENTS}: it changed while it was read")


def test_a_file_from_the_future_is_read_all_the_same(settings: Settings) -> None:
    later = time.time() + 10 * 365 * 86400
    os.utime(settings.raw_root / EVENTS, (later, later))
    (loaded,) = land(settings)
    assert loaded.status == "loaded"


def test_a_build_sorts_after_those_before_when_the_clock_was_set_back(settings: Settings) -> None:
    (settings.builds_dir / "29991231T235959Z-0123abcd").mkdir(parents=True)
    assert builds.new_build_id(settings, "f" * 64) == "30000101T000000Z-ffffffff"


def test_a_file_that_comes_during_a_refresh_is_new_to_the_next_one(settings: Settings) -> None:
    with exclusive(settings):
        attempts.begin(settings, Holdings((), ()).scope)
        began = attempts.unfinished(settings)
        (settings.raw_root / "corrections.yml").write_text("[]\n# later\n", encoding="utf-8")
    assert began is not None
    assert began.fingerprint != builds.fingerprint(settings)


def test_a_run_has_the_writer_from_its_first_step_and_returns_it_at_its_end(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dagster as dg

    from orchestration.defs import steps

    monkeypatch.setenv("CHIPLEDGER_HOME", str(settings.home))
    with dg.build_resources({"writer": steps.writer}) as resources:
        assert not settings.lock_path.exists()
        for _ in range(2):
            resources.writer()
            with settings.lock_path.open("a") as lock, pytest.raises(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with settings.lock_path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_no_run_publishes_by_the_note_of_another(settings: Settings) -> None:
    with exclusive(settings):
        attempts.begin(settings, Scope(source="gacc"))
        # Another run, such as Dagster makes where one is gone on with from its failed step.
        mine = logs.begin()
        logs.begin("another-run")
        try:
            with pytest.raises(
                LedgerError, match=rf"not of this run: .*process {os.getpid()}\); nothing was"
            ):
                publish(settings, 0.0)
            assert attempts.scope(settings) == EVERYTHING
        finally:
            logs.begin(mine)
        assert attempts.mine(settings).process == os.getpid()
        attempts.end(settings)
        with pytest.raises(
            LedgerError, match="it is not there; nothing was published; start a whole refresh"
        ):
            publish(settings, 0.0)


def test_damaged_databases_are_put_aside_and_made_again(settings: Settings) -> None:
    with open_ledger(settings) as connection:
        connection.execute("create table raw.witness (a integer)")
    settings.ledger_path.write_bytes(b"\0" * 4096 + settings.ledger_path.read_bytes()[4096:])
    with open_ledger(settings) as connection:
        assert connection.execute("select count(*) from raw.snapshot").fetchall() == [(0,)]
    assert settings.ledger_path.with_name("ledger.duckdb.damaged").is_file()


def test_a_database_that_another_process_holds_is_not_put_aside(settings: Settings) -> None:
    with open_ledger(settings):
        pass
    code = (
        "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print('held', flush=True); time.sleep(60)"
    )
    import subprocess
    import sys

    with subprocess.Popen(
        [sys.executable, "-c", code, str(settings.ledger_path)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout and holder.stdout.readline() == "held\n"
        try:
            with pytest.raises(duckdb.IOException, match="lock"), open_ledger(settings):
                pass
        finally:
            holder.kill()
    assert not settings.ledger_path.with_name("ledger.duckdb.damaged").exists()


@pytest.mark.slow
def test_a_half_written_manifest_is_made_again(settings: Settings, published: Path) -> None:
    whole = published.resolve().parents[2] / "work" / "dbt"
    shutil.copytree(whole, settings.dbt_target_dir)
    manifest = models.manifest_path(settings)
    manifest.write_text(manifest.read_text(encoding="utf-8")[:5000], encoding="utf-8")
    assert len(models.read_manifest(settings)["nodes"]) > 200


def test_a_note_of_a_refresh_that_cannot_be_read_means_that_it_did_not_end(settings: Settings) -> None:
    settings.work_dir.mkdir(parents=True)
    (settings.work_dir / "refresh.json").write_text("{", encoding="utf-8")
    left = attempts.unfinished(settings)
    assert left is not None
    assert left.scope == Holdings((), ()).scope


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user to be refused")
def test_a_folder_that_may_not_be_written_is_one_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    home = tmp_path / "home"
    (home / "work").mkdir(parents=True)
    settings = Settings(RAW, home)
    pid = os.fork()
    if pid == 0:
        os.setuid(65534)
        try:
            with exclusive(settings):
                os._exit(9)
        except LedgerError as error:
            said = str(error)
            os._exit(0 if "cannot write to" in said and "CHIPLEDGER_HOME" in said else 8)
    _, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code == 1:
        pytest.skip("the other user cannot even see the folder of the tests")
    assert code == 0


@pytest.mark.parametrize(
    ("said", "kind", "is_transient"),
    [
        ("[Errno 28] No space left on device: 'x'", "disk_full", True),
        ("IO Error: Could not write file: File too large", "disk_full", True),
        ("[Errno 30] Read-only file system: 'x'", "read_only", False),
        ("another refresh (process 5) is at work in x; wait", "locked", True),
        ("[Errno -3] Temporary failure in name resolution", "network", True),
        ("another refresh is publishing into this PostgreSQL database", "locked", True),
        ("PostgreSQL refused the build: canceling statement due to lock timeout", "locked", True),
        ('IO Error: Cannot open file "/x/y": Permission denied', "read_only", False),
    ],
)
def test_faults_of_the_machine_are_known(
    said: str, kind: str, is_transient: bool, settings: Settings
) -> None:
    trouble = tell(said, settings)
    assert trouble is not None
    assert (trouble.kind, trouble.is_transient) == (kind, is_transient)
    # The command line hears a step's sentence and must not tell it in its own brackets.
    assert tell(trouble.sentence, settings) == trouble


def test_a_file_that_may_not_be_read_is_told_once(settings: Settings) -> None:
    trouble = tell(f"[Errno 13] Permission denied: '{settings.raw_root}/x.csv'", settings)
    assert trouble is not None and trouble.kind == "unreadable"
    assert trouble.sentence.startswith("cannot read a file of raw/ (")
    assert tell(trouble.sentence, settings) == trouble


@pytest.mark.parametrize(
    "said",
    [
        "test allowed_values_x: value 'timeout' is not one of the values",
        "corrections.yml: the source shows 'File too large', expected '1'",
        "PostgreSQL refused the build: permission denied for schema marts",
    ],
)
def test_what_a_message_quotes_is_no_fault_of_the_machine(said: str, settings: Settings) -> None:
    assert tell(said, settings) is None


def test_a_failed_test_of_a_model_is_no_fault_of_the_machine(settings: Settings) -> None:
    assert tell("test assert_capacity_shares_fit_into_100: Got 1 result", settings) is None


def test_a_second_refresh_is_told_which_process_is_at_work(settings: Settings) -> None:
    with exclusive(settings):
        done = run_cli(
            "refresh",
            env={"CHIPLEDGER_RAW": str(settings.raw_root), "CHIPLEDGER_HOME": str(settings.home)},
        )
    assert done.returncode == 1
    assert f"another refresh (process {os.getpid()})" in done.stderr
    assert json.dumps(done.stderr).count("error:") == 1
