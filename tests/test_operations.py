"""Keeping, going back, verifying, comparing: what an operator does. Alerts are in test_alerts.

Deployment files are read by the linters that are there.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
import yaml
from helpers import RAW, ROOT, clean_environment, run_cli
from receivers import Web

from orchestration.errors import LedgerError
from orchestration.scope import EVERYTHING, Scope
from orchestration.warehouse import arrivals, attempts, builds, digest, keep
from orchestration.warehouse import calendar as release_calendar
from orchestration.warehouse.ledger import exclusive, open_ledger
from orchestration.warehouse.publish import point_to, taken_in
from orchestration.warehouse.settings import Settings

DEPLOY = ROOT / "deploy"


# --- scope ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scope", "path", "is_in"),
    [
        (EVERYTHING, "customs/gacc/2025-01-14/a.csv", True),
        (Scope(source="gacc"), "customs/gacc/2025-01-14/a.csv", True),
        (Scope(source="gacc"), "customs/comtrade/2025-01-14/a.csv", False),
        (Scope(source="gacc"), "reference", False),
        (Scope(source="reference"), "reference/economies.csv", True),
        (Scope(since=dt.date(2025, 1, 14)), "customs/gacc/2025-01-14b", True),
        (Scope(since=dt.date(2025, 1, 15)), "customs/gacc/2025-01-14", False),
        (Scope(since=dt.date(2025, 1, 15)), "articles/some-article/claims.csv", True),
        (Scope(release="customs/gacc/2025-01-14"), "customs/gacc/2025-01-14/a.csv", True),
        (Scope(release="customs/gacc/2025-01-14"), "customs/gacc/2025-01-14b/a.csv", False),
    ],
)
def test_a_scope_covers_whole_release_folders(scope: Scope, path: str, is_in: bool) -> None:
    assert scope.covers(path) is is_in


@pytest.fixture
def settings(tmp_path: Path, published: Path) -> Settings:
    """A copy of raw/ and of the finished warehouse."""
    shutil.copytree(RAW, tmp_path / "raw")
    shutil.copytree(published.resolve().parents[2], tmp_path / "home", symlinks=True)
    return Settings(tmp_path / "raw", tmp_path / "home")


def cli(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = {"CHIPLEDGER_RAW": str(settings.raw_root), "CHIPLEDGER_HOME": str(settings.home)}
    return run_cli(*arguments, env=env)


def add_note(settings: Settings, source: str) -> None:
    """Something for a refresh to do that no mart shows: a note in the source.yml of an industry release."""
    file = sorted((settings.raw_root / "industry" / source).glob("*/source.yml"))[0]
    file.write_text(file.read_text(encoding="utf-8") + "note: planted by a test\n", encoding="utf-8")


@pytest.mark.slow
def test_a_refresh_of_one_source_leaves_the_others_and_the_next_one_takes_them_in(settings: Settings) -> None:
    for source in ("semi", "sia"):
        add_note(settings, source)

    done = cli(settings, "refresh", "--source", "semi")

    assert done.returncode == 0, done.stderr
    noted = "select source_id from meta.releases where note = 'planted by a test' order by 1"
    path = settings.published_path
    with duckdb.connect(str(path.resolve()), read_only=True) as connection:
        assert connection.execute(noted).fetchall() == [("semi",)]
    again = cli(settings, "refresh", "--source", "semi")
    assert "Nothing changed" in again.stdout
    assert cli(settings, "refresh").returncode == 0
    with duckdb.connect(str(path.resolve()), read_only=True) as connection:
        assert connection.execute(noted).fetchall() == [("semi",), ("sia",)]
    assert cli(settings, "refresh", "--source", "nobody").returncode == 2
    assert "expected a day" in cli(settings, "refresh", "--since", "2025-13-01").stderr


def test_a_scope_widens_when_the_others_are_not_sure(settings: Settings) -> None:
    before = builds.current(settings)
    found = builds.parts(settings)
    scope = Scope(source="gacc")
    assert attempts.why_everything(settings, scope, found, before) is None
    attempts.begin(settings, scope)
    assert "did not end" in str(attempts.why_everything(settings, scope, found, before))
    attempts.end(settings)
    assert "corrections.yml changed" in str(
        attempts.why_everything(settings, scope, {**found, "corrections.yml": "other"}, before)
    )


# --- keeping and going back ----------------------------------------------------------------------------

NAMES = [f"2026010{day}T000000Z-{day:08x}" for day in range(1, 8)]


@pytest.mark.parametrize(
    ("policy", "current", "gone"),
    [
        ("10", NAMES[6], []),
        ("2", NAMES[6], NAMES[:5]),
        ("2", NAMES[0], NAMES[1:5]),
        ("3d", NAMES[6], NAMES[:4]),
        ("1 3d", NAMES[6], NAMES[:4]),
        ("all", NAMES[6], []),
    ],
)
def test_builds_are_kept_by_number_and_days(policy: str, current: str, gone: list[str]) -> None:
    assert keep.to_drop(NAMES, current, policy, dt.datetime(2026, 1, 8)) == gone


@pytest.mark.parametrize("policy", ["", "0", "ten", "-1", "3w"])
def test_a_policy_that_cannot_be_meant_is_refused(policy: str) -> None:
    with pytest.raises(LedgerError, match="CHIPLEDGER_KEEP"):
        keep.to_drop(NAMES, None, policy, dt.datetime(2026, 1, 8))


@pytest.mark.slow
def test_rollback_holds_until_something_changes_and_history_goes_on(settings: Settings) -> None:
    first = builds.current(settings)
    assert first
    assert cli(settings, "refresh", "--force").returncode == 0
    second = builds.current(settings)
    assert second
    assert second.build_id != first.build_id
    assert "no mart differs" in cli(settings, "diff").stdout

    assert cli(settings, "rollback", first.build_id).returncode == 0
    # The fixture's code is this code, so its fingerprint is the same: a refresh has nothing to do.
    assert cli(settings, "refresh").returncode == 0
    assert builds.current(settings) == first
    assert cli(settings, "rollback", "19990101").returncode == 2

    add_note(settings, "semi")
    assert cli(settings, "refresh").returncode == 0
    with duckdb.connect(str(settings.published_path.resolve()), read_only=True) as connection:
        rows = connection.execute("select build_id from meta.builds order by 1").fetchall()
    third = builds.current(settings)
    assert third
    assert [row[0] for row in rows] == [first.build_id, second.build_id, third.build_id]


def test_verify_finds_what_was_changed_behind_its_back(settings: Settings) -> None:
    assert cli(settings, "verify").returncode == 0
    events = settings.raw_root / "reference/policy_events.csv"
    events.write_text(events.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    shutil.rmtree(settings.raw_root / "customs/gacc/2026-03-10")
    add_note(settings, "semi")
    (settings.raw_root / "corrections.yml").write_text("[]\n", encoding="utf-8")
    file = settings.published_path.resolve()
    record = builds.current(settings)
    assert record
    other = settings.builds_dir / "20260101T000000Z-00000000"
    shutil.copytree(file.parent, other)
    (other / file.name).chmod(0o644)
    with (other / file.name).open("r+b") as stream:
        stream.seek(-1, 2)
        stream.write(b"\x01")

    done = cli(settings, "verify")

    assert done.returncode == 1
    said = " ".join(done.stderr.split())
    assert "build 20260101T000000Z-00000000: its file is not the one that was published" in said
    assert "reference/policy_events.csv: changed since it was read" in said
    assert "customs/gacc/2026-03-10/express_cny.csv: is in the build but not in raw/" in said
    assert "customs/gacc/2026-03-10: is not" not in said
    noted = sorted((settings.raw_root / "industry/semi").iterdir())[0].name
    for part in (f"industry/semi/{noted}", "corrections.yml"):
        assert f"{part}: is not what the build was made from" in said


@pytest.mark.slow
def test_a_build_that_was_never_pointed_to_goes_with_the_next_refresh(settings: Settings) -> None:
    left = settings.builds_dir / "29990101T000000Z-00000000"
    shutil.copytree(settings.published_path.resolve().parent, left)
    (settings.home / ".current.99999").symlink_to("builds/nowhere")
    record = builds.current(settings)
    assert record
    point_to(settings, settings.builds_dir / record.build_id)
    assert not list(settings.home.glob(".current.*"))
    add_note(settings, "semi")
    done = cli(settings, "refresh")
    assert done.returncode == 0, done.stderr
    assert not left.exists()


def test_doctor_names_what_is_wrong_and_what_to_do(settings: Settings, tmp_path: Path) -> None:
    done = cli(settings, "doctor")
    assert done.returncode == 0, done.stdout
    assert not re.search("^bad", done.stdout, re.MULTILINE)
    empty = run_cli("doctor", env={"CHIPLEDGER_HOME": str(tmp_path / "new"), "CHIPLEDGER_KEEP": "ten"})
    assert empty.returncode == 1
    assert "bad  current            nothing is published" in empty.stdout
    assert "CHIPLEDGER_KEEP is 'ten'" in empty.stdout


def test_a_refresh_that_died_behind_the_flip_has_ended_and_is_told_by_the_next(
    settings: Settings, receiver: Web
) -> None:
    path = settings.published_path.resolve()
    path.chmod(0o644)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "insert into meta.digest select max(build_id), 'coverage', 'gacc', '9', '8', null, 'planted' "
            "from meta.builds"
        )
    attempts.begin(settings, EVERYTHING)
    assert "did not end" in str(attempts.untold(settings))
    note = settings.work_dir / "refresh.json"
    facts = json.loads(note.read_text(encoding="utf-8"))
    note.write_text(json.dumps(facts | {"before": "20000101T000000Z-00000000"}), encoding="utf-8")
    assert attempts.untold(settings) is None and attempts.unfinished(settings) is None
    assert "no refresh is at work" in " ".join(cli(settings, "doctor").stdout.split())
    env = {"CHIPLEDGER_RAW": str(settings.raw_root), "CHIPLEDGER_HOME": str(settings.home)}
    env |= {"CHIPLEDGER_WEBHOOK_URL": receiver.url, "CHIPLEDGER_WEBHOOK_SECRET": "made-for-the-tests"}
    for _ in range(2):
        assert "Nothing changed" in run_cli("refresh", env=env).stdout
    said = [json.loads(body) for _, body in receiver.got]
    assert [alert["lines"] for alert in said if alert["kind"] == "coverage"] == [["planted"]]


def test_a_folder_that_was_away_while_its_table_was_landed_is_not_taken_in(settings: Settings) -> None:
    away = "industry/sia/2024-08-05"
    with exclusive(settings):
        attempts.begin(settings, EVERYTHING)
        attempt = attempts.mine(settings)
        assert taken_in(settings, attempt) == attempt.parts == builds.parts(settings)
        with open_ledger(settings) as connection:
            connection.execute("delete from raw.snapshot where path = ?", [f"{away}/semiconductor_sales.csv"])
        assert set(attempt.parts) - set(taken_in(settings, attempt)) == {away}
        # Landed as other bytes than those that lie there before and after.
        with open_ledger(settings) as connection:
            connection.execute(
                "insert into raw.snapshot (path, snapshot_id) values (?, 'made for the test')",
                [f"{away}/semiconductor_sales.csv"],
            )
        assert set(attempt.parts) - set(taken_in(settings, attempt)) == {away}
        # A refresh of another source leaves it as it is.
        other = replace(attempt, scope=Scope(source="semi"))
        assert taken_in(settings, other) == attempt.parts


# --- arrivals ------------------------------------------------------------------------------------------


def test_new_files_are_seen_once_they_stand_still(settings: Settings) -> None:
    first = arrivals.look(settings, None)
    assert first.fingerprint is None
    settled = arrivals.look(settings, first.cursor)
    assert settled.why == "the published build holds what is in raw/"
    folder = settings.raw_root / "industry/semi/2024-04-10"
    (folder / "source.yml").write_text(
        (folder / "source.yml").read_text(encoding="utf-8") + "note: x\n", encoding="utf-8"
    )
    moving = arrivals.look(settings, settled.cursor)
    assert moving.fingerprint is None
    assert "stand still" in moving.why
    found = arrivals.look(settings, moving.cursor)
    assert found.releases == ("industry/semi/2024-04-10",)
    assert found.fingerprint == builds.fingerprint(settings)
    assert arrivals.look(settings, found.cursor).fingerprint is None


def test_bytes_that_went_and_came_back_are_a_new_arrival(settings: Settings) -> None:
    """Dagster starts one run for each key, for ever: the same bytes a second time need another key."""
    path = settings.raw_root / "industry/semi/2024-04-10/source.yml"
    text, cursor, found = path.read_text(encoding="utf-8"), None, []
    for said in (text + "note: x\n", text + "note: y\n", text + "note: x\n"):
        path.write_text(said, encoding="utf-8")
        moving = arrivals.look(settings, cursor)
        found.append(arrivals.look(settings, moving.cursor))
        cursor = found[-1].cursor
    assert found[0].fingerprint == found[2].fingerprint
    assert len({look.arrival for look in found}) == 3


def test_a_touched_file_with_the_same_bytes_is_no_news(settings: Settings) -> None:
    looked = arrivals.look(settings, arrivals.look(settings, None).cursor)
    (settings.raw_root / "corrections.yml").touch()
    again = arrivals.look(settings, arrivals.look(settings, looked.cursor).cursor)
    assert again.fingerprint is None


def test_the_calendar_is_read_and_a_bad_line_takes_no_other_away(tmp_path: Path) -> None:
    (tmp_path / "reference").mkdir()
    text = (RAW / "reference/release_calendar.csv").read_text(encoding="utf-8")
    (tmp_path / "reference/release_calendar.csv").write_text(
        text.replace("Asia/Taipei", "Mars/Olympus"), encoding="utf-8"
    )
    names = {entry.entry_id for entry in release_calendar.read(tmp_path)}
    assert names == {entry.entry_id for entry in release_calendar.read(RAW)} - {"taiwan"}
    assert release_calendar.read(tmp_path / "none") == []


SLIPS = [
    (b"0 17 7-12 * *", b"0 27 7-12 * *", {"taiwan"}),
    (b"0 17 7-12 * *", b"at five o clock today", {"taiwan"}),
    (b"0 17 7-12 * *", b"0 17 30 2 *", {"taiwan"}),
    (b"\ntaiwan,", "\ntäiwan,".encode(), {"taiwan"}),
    (b"Asia/Taipei", b"Asia", {"taiwan"}),
    (b"Taiwan customs", b"Ta\xefwan customs", set()),
]

# As a refresh loads them: whatever is wrong with the file, the definitions must come up. In one process, for
# it is Dagster that takes the seconds; what depends on the calendar is loaded anew for each raw/.
SCHEDULED = """
import importlib, json, os, sys
from orchestration.defs import automation, published
for raw in sys.argv[1:]:
    os.environ["CHIPLEDGER_RAW"] = raw
    importlib.reload(published)
    importlib.reload(automation)
    names = [schedule.name.removesuffix("_release") for schedule in automation.RELEASE_SCHEDULES]
    print(json.dumps(sorted(names)), flush=True)
"""


def test_a_slip_in_the_calendar_leaves_all_other_schedules(tmp_path: Path, parsed: Path) -> None:
    text = (RAW / "reference/release_calendar.csv").read_bytes()
    folders = []
    for number, (right, slip, _) in enumerate(SLIPS):
        assert right in text
        folders.append(tmp_path / str(number))
        (folders[-1] / "reference").mkdir(parents=True)
        (folders[-1] / "reference/release_calendar.csv").write_bytes(text.replace(right, slip))
    done = subprocess.run(
        [sys.executable, "-c", SCHEDULED, *map(str, folders)],
        env=clean_environment({"CHIPLEDGER_RAW": str(RAW), "CHIPLEDGER_HOME": str(parsed)}),
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = [set(json.loads(line)) for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"{SLIPS[len(found) : len(found) + 1]}: {done.stderr[-2000:]}"
    everything = {entry.entry_id for entry in release_calendar.read(RAW)}
    assert [everything - names for names in found] == [gone for _, _, gone in SLIPS]
    assert all(names <= everything for names in found)


# --- the digest ----------------------------------------------------------------------------------------

TABLES = """
create schema {0}.meta; create schema {0}.marts;
create table {0}.meta.releases as select unnest({1}) as release_id;
create table {0}.meta.sources as
select 'gacc' as source_id, {2} as rows_loaded, date '{3}' as newest_period_end;
create table {0}.meta.snapshots (path varchar, status varchar, reason varchar, snapshot_id varchar);
create table {0}.marts.fct_claim_verdict as
select 'c1' as claim_id, '{4}' as verdict, true as is_intended
union all select 'c1', 'unverifiable', false;
create table {0}.marts.fct_revision as
select 'gacc' as source_id, 'CHN' as reporter_iso3, 'WLD' as partner_iso3, 'X' as flow,
    'chips' as product_id, null::varchar as hs_code, date '2025-12-31' as period_end_date,
    'usd' as basis, unnest({1}) as release_id, 100.0::decimal(24,4) as previous_value,
    {5}::decimal(24,4) as value;
create table {0}.marts.dim_flow_slice (slice_id bigint, snapshot_id varchar, source_id varchar,
    release_id varchar, reporter_iso3 varchar, flow varchar, period_grain varchar, period_end_date date,
    hs_edition varchar, currency varchar, valuation varchar);
create table {0}.marts.fct_customs_flow (slice_id bigint, raw_row bigint, partner_iso3 varchar,
    hs_code varchar, value decimal(24,4));
create table {0}.marts.fct_superseded_flow (slice_id bigint, raw_row bigint, superseded_at date,
    superseded_by_release_id varchar);
create table {0}.marts.fct_reconciliation (source_id varchar, release_id varchar, sum_kind varchar,
    reporter_iso3 varchar, partner_iso3 varchar, flow varchar, hs_code varchar, period_end_date date,
    currency varchar, parts_digits integer, raw_column varchar, total_value decimal(24,4),
    parts_value decimal(24,4), reconciliation_status varchar);
"""


def test_the_digest_tells_what_a_person_should_look_at() -> None:
    with duckdb.connect() as connection:
        for name in ("published", "chipledger"):
            connection.execute(f"attach ':memory:' as {name}")
        connection.execute(TABLES.format("published", ["r1"], 50, "2026-02-28", "exact", "100"))
        connection.execute(TABLES.format("chipledger", ["r2"], 40, "2026-01-31", "inconsistent", "106"))
        connection.execute(
            "insert into chipledger.meta.snapshots values ('a.csv', 'held_back', 'a.csv: bad', 's')"
        )
        entry = release_calendar.Entry("gacc_express", "gacc", "t", "0 0 * * *", "UTC", 80, "rule")
        found = digest.find(connection, True, [entry], dt.date(2026, 5, 1))
    assert [(item.kind, item.subject, item.change_pct) for item in found] == [
        ("held_back", "a.csv", None),
        ("late", "gacc_express", None),
        ("release_gone", "r1", None),
        ("release_new", "r2", None),
        ("revision", "gacc CHN WLD X chips 2025-12-31 usd", pytest.approx(6.0)),
        ("coverage", "gacc", None),
        ("verdict", "c1", None),
    ]


# File -> hs_code -> value.
Prints = dict[str, dict[str, int]]
# Files that say another edition than H4, or none.
EDITION = {"newer": "H5", "without": None}


def hold(connection: duckdb.DuckDBPyConnection, database: str, files: Prints) -> None:
    """Files of the release t/r; of a flow that several print, the first file's speaks."""

    def insert(table: str, *values: object) -> None:
        holes = ", ".join("?" for _ in values)
        connection.execute(f"insert into {database}.{table} values ({holes})", list(values))

    told: set[str] = set()
    for number, (name, printed) in enumerate(files.items(), start=1):
        insert("meta.snapshots", f"{name}.csv", "loaded", None, name)
        slices = (
            number,
            name,
            "t",
            "t/r",
            "MLT",
            "X",
            "A",
            "2012-12-31",
            EDITION.get(name, "H4"),
            "USD",
            "fob",
        )
        insert("marts.dim_flow_slice", *slices)
        for row, (code, value) in enumerate(printed.items(), start=2):
            insert("marts.fct_customs_flow", number, row, "WLD", code, value)
            if code in told:
                insert("marts.fct_superseded_flow", number, row, "2024-01-01", "t/r")
        told |= set(printed)


def contradictions(draft: Prints, published: Prints | None) -> list[digest.Finding]:
    """What the digest says of a draft with these files, the build before having had those."""
    with duckdb.connect() as connection:
        for name in ("published", "chipledger"):
            connection.execute(f"attach ':memory:' as {name}")
            connection.execute(TABLES.format(name, ["r1"], 50, "2026-02-28", "exact", "100"))
        hold(connection, "chipledger", draft)
        hold(connection, "published", published or {})
        found = digest.find(connection, published is not None, [], dt.date(2026, 5, 1))
    assert {item.kind for item in found} <= {"contradiction"}
    return found


def test_files_of_one_release_that_contradict_each_other_are_told_once() -> None:
    files = {"a": {"8541": 100, "8542": 5}, "b": {"8541": 101, "8542": 5}}
    (found,) = contradictions(files, None)
    assert (found.subject, found.before, found.after) == ("t MLT WLD X 8541 2012-12-31 USD", None, "100.0000")
    assert found.message == (
        "release t/r prints t MLT WLD X 8541 2012-12-31 USD as 100.0000 (a.csv, line 2) and as 101.0000 "
        "(b.csv, line 2); the first counts"
    )
    assert contradictions(files, {}) == [found]
    assert contradictions(files, {"a": {"8541": 100}}) == [found]
    assert contradictions(files, files) == []
    (third,) = contradictions({**files, "c": {"8541": 100, "8542": 6}}, files)
    assert third.subject == "t MLT WLD X 8542 2012-12-31 USD"


def test_prints_of_two_editions_of_the_nomenclature_are_no_contradiction() -> None:
    assert contradictions({"a": {"8541": 100}, "newer": {"8541": 101}}, None) == []
    assert len(contradictions({"a": {"8541": 100}, "without": {"8541": 101}}, None)) == 1


def test_a_total_below_its_parts_in_another_file_is_told_once() -> None:
    row = "'t', 't/r', '{0}', 'MLT', 'WLD', 'X', '8541', '2012-12-31', 'USD', 6, null, {1}, {2}, '{3}'"
    with duckdb.connect() as connection:
        for name in ("published", "chipledger"):
            connection.execute(f"attach ':memory:' as {name}")
            connection.execute(TABLES.format(name, ["r1"], 50, "2026-02-28", "exact", "100"))
        for facts in (
            ("subheadings_of_heading", 100, 170, "exceeds"),
            ("months_of_year", 100, 170, "exceeds"),
            ("partners_of_world", 100_000, 100_100, "exceeds"),
            ("partners_of_world", 100, 70, "incomplete"),
        ):
            connection.execute(
                f"insert into chipledger.marts.fct_reconciliation values ({row.format(*facts)})"
            )
        (found,) = digest.find(connection, True, [], dt.date(2026, 5, 1))
        connection.execute(
            "insert into published.marts.fct_reconciliation from chipledger.marts.fct_reconciliation"
        )
        assert digest.find(connection, True, [], dt.date(2026, 5, 1)) == []
    assert (found.kind, found.subject) == ("contradiction", "t MLT WLD X 8541 2012-12-31 USD")
    assert found.message == (
        "release t/r prints t MLT WLD X 8541 2012-12-31 USD as 100.0000 and its sub-headings as 170.0000 "
        "together"
    )


def test_many_contradictions_are_counted_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The largest come first."""
    monkeypatch.setattr(digest, "MOST", 2)
    files = {"a": {str(8500 + n): 100 for n in range(5)}, "b": {str(8500 + n): 101 + n for n in range(5)}}
    found = contradictions(files, {})
    assert [item.after for item in found] == ["100.0000", "100.0000", "3"]
    assert [item.subject.split()[4] for item in found[:2]] == ["8504", "8503"]
    assert found[2].message == "3 more flows are printed with two values by files of one release"


# --- deployment ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["chipledger-daemon.service", "chipledger-webserver.service"])
def test_the_units_are_those_that_systemd_accepts(name: str, tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    # The program and the user are not on this machine: stand-ins, so that all else is judged.
    text = (DEPLOY / name).read_text(encoding="utf-8").replace("User=chipledger", "User=root")
    unit = tmp_path / name
    unit.write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", text), encoding="utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )
    about = [line for line in (done.stdout + done.stderr).splitlines() if name in line]
    assert about == []


def test_the_container_file_is_one_that_hadolint_accepts() -> None:
    hadolint = Path(sys.executable).parent / "hadolint"
    done = subprocess.run(
        [str(hadolint), str(DEPLOY / "Containerfile")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_the_volumes_of_the_container_belong_to_its_user() -> None:
    lines = (DEPLOY / "Containerfile").read_text(encoding="utf-8").splitlines()
    made, user = lines.index("RUN mkdir raw warehouse"), lines.index("USER 10001:10001")
    assert user < made < next(number for number, line in enumerate(lines) if line.startswith("VOLUME"))


def test_the_settings_of_dagster_are_those_that_dagster_reads(tmp_path: Path) -> None:
    from dagster import DagsterInstance

    shutil.copy(DEPLOY / "dagster.yaml", tmp_path / "dagster.yaml")
    with DagsterInstance.from_config(str(tmp_path)) as instance:
        assert instance.run_retries_enabled
        assert instance.run_monitoring_enabled
    facts = yaml.safe_load((DEPLOY / "dagster.yaml").read_text(encoding="utf-8"))
    assert facts["concurrency"]["pools"] == {"granularity": "run", "default_limit": 1}


# --- logs and traces -----------------------------------------------------------------------------------


def run_python(code: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Runs code in a process of its own, which is to end well."""
    return subprocess.run(
        [sys.executable, "-c", code],
        env=clean_environment(env),
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )


def test_logs_are_one_object_a_line_with_the_id_of_the_run(tmp_path: Path) -> None:
    log = tmp_path / "refresh.log"
    code = (
        "from orchestration.warehouse import logs, progress\n"
        "logs.of_command_line(); logs.begin('run-1')\n"
        "with progress.step('raw', 'economy') as work: work.rows = 3\n"
    )
    place = str(tmp_path)
    run_python(code, CHIPLEDGER_LOG=str(log), CHIPLEDGER_HOME=place, CHIPLEDGER_RAW=place)
    (line,) = [json.loads(text) for text in log.read_text(encoding="utf-8").splitlines()]
    assert (line["run_id"], line["stage"], line["step"], line["rows"]) == ("run-1", "raw", "economy", 3)
    assert line["seconds"] >= 0


def test_a_log_on_a_full_disk_is_told_once_and_stops_nothing() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    code = (
        "from orchestration.warehouse import logs\n"
        "logs.of_command_line(); logs.say('one'); logs.say('two'); print('worked')\n"
    )
    done = run_python(code, CHIPLEDGER_LOG="/dev/full")
    assert done.stdout == "worked\n"
    assert done.stderr == "note: no log is written: CHIPLEDGER_LOG: No space left on device: /dev/full\n"


def test_traces_reach_the_endpoint(receiver: Web) -> None:
    code = "from orchestration.warehouse import progress\nwith progress.step('raw', 'economy'): pass\n"
    run_python(code, OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url)
    assert any(b"raw economy" in body and b"chipledger" in body for _, body in receiver.got)


def test_missing_trace_libraries_are_told_and_stop_nothing() -> None:
    code = (
        "import sys; sys.modules['opentelemetry.sdk'] = None\n"
        "from orchestration.warehouse import progress\n"
        "with progress.step('raw', 'economy'): print('worked')\n"
    )
    done = run_python(code, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1")
    assert done.stdout == "worked\n"
    assert "uv sync --extra traces" in done.stderr
