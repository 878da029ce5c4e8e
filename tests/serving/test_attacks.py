"""The attack lists of tests/attacks against the locked DuckDB and against PostgreSQL.

Judged by what is there afterwards, not by what was said: files, tables, roles, connections to a server that
listens for them. Resource attacks must end at a limit while a bystander goes on.
"""

from __future__ import annotations

import hashlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import live
import psycopg
import pytest
from helpers import ROOT, run_cli

from orchestration.errors import LedgerError
from orchestration.serving import roles
from orchestration.serving.cluster import Places
from orchestration.warehouse.query import open_published, single_statement
from orchestration.warehouse.settings import Settings

LISTS = ROOT / "tests" / "attacks"
SECRET = "the-secret-that-nobody-reads"
# An attack that no limit ends goes on for hours: what ends before this was ended, also on a busy machine.
PATIENCE_S = 60


@dataclass(frozen=True)
class Attack:
    """One line of a list."""

    name: str
    expected: str
    statement: str

    def on(self, **names: object) -> str:
        """The statement with its places filled in; other braces stay."""
        text = self.statement
        for name, value in names.items():
            text = text.replace("{" + name + "}", str(value))
        return text


def attacks(name: str) -> list[Attack]:
    lines = (LISTS / name).read_text(encoding="utf-8").splitlines()
    return [
        Attack(*(part.strip() for part in line.split(" | ", 2)))
        for line in lines
        if line.strip() and not line.startswith("#")
    ]


def of_kind(name: str, expected: str) -> list[Attack]:
    return [attack for attack in attacks(name) if attack.expected == expected]


def named(attack: Attack) -> str:
    return attack.name.replace(" ", "-")


def test_lists_are_as_long_as_promised() -> None:
    kinds = {"refused", "own"}
    for name, least, expected in (("duckdb.txt", 60, kinds), ("postgres.txt", 40, {*kinds, "undone"})):
        listed = attacks(name)
        assert len(listed) >= least and len({attack.name for attack in listed}) == len(listed)
        assert {attack.expected for attack in listed} == expected


class Listener:
    """A server on loopback that counts who connects."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self.visits = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                visitor, _ = self._socket.accept()
            except OSError:
                return
            self.visits += 1
            visitor.close()

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    opened = Listener()
    yield opened
    opened.close()


def test_the_listener_counts(listener: Listener) -> None:
    host, port = listener.address.split(":")
    before = listener.visits
    socket.create_connection((host, int(port))).close()
    deadline = time.monotonic() + PATIENCE_S
    while listener.visits == before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert listener.visits == before + 1


@pytest.mark.parametrize("attack", attacks("duckdb.txt"), ids=named)
def test_duckdb_attack_reaches_nothing(
    attack: Attack, home: Path, published: Path, tmp_path: Path, listener: Listener
) -> None:
    """On the engine itself: `chipledger sql` lets only single reading statements come so far."""
    secret = tmp_path / "secret.csv"
    secret.write_text(f"a\n{SECRET}\n")
    before = hashlib.sha256(published.read_bytes()).hexdigest()
    visits = listener.visits
    statement = attack.on(secret=secret, place=tmp_path, file=published.resolve(), net=listener.address)
    rows: list[Any] = []
    with open_published(Settings(ROOT / "raw", home)) as connection:
        try:
            rows = connection.execute(statement).fetchall()
            outcome = "own"
        except duckdb.Error:
            outcome = "refused"
        assert connection.execute("select 40 + 2").fetchall() == [(42,)] if outcome == "own" else True
    assert outcome == attack.expected, rows
    assert SECRET not in repr(rows)
    assert [path.name for path in tmp_path.iterdir()] == ["secret.csv"]
    assert hashlib.sha256(published.read_bytes()).hexdigest() == before
    assert sorted(path.name for path in published.parent.iterdir()) == ["build.json", "chipledger.duckdb"]
    assert listener.visits == visits


@pytest.mark.parametrize("attack", attacks("duckdb_statements.txt"), ids=named)
def test_only_statements_that_read_come_to_the_engine(
    attack: Attack, home: Path, published: Path, tmp_path: Path
) -> None:
    statement = attack.on(secret=tmp_path, place=tmp_path, file=published.resolve(), net="127.0.0.1:1")
    with open_published(Settings(ROOT / "raw", home)) as connection:
        with pytest.raises((LedgerError, duckdb.Error)):
            single_statement(connection, statement)
        assert single_statement(connection, "explain analyze select 1")


def test_a_query_writes_no_byte_into_a_file_even_past_the_statement_check(
    home: Path, published: Path, tmp_path: Path
) -> None:
    """The limit of the process, tried with the engine's own COPY on a copy of the build."""
    own = tmp_path / "home"
    shutil.copytree(home, own, symlinks=True)
    log = own / "current" / "chipledger.duckdb.wal"
    script = (
        "import sys; from pathlib import Path; from orchestration.warehouse.query import *\n"
        "with open_published(Settings(Path('raw'), Path(sys.argv[1]))) as connection:\n"
        "    bound_process('2GB'); connection.execute(sys.argv[2])"
    )
    command = [sys.executable, "-c", script, str(own), f"copy (select 1) to '{log}' (use_tmp_file false)"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode != 0 and "Error" in done.stderr
    assert not log.exists() or log.stat().st_size == 0
    # What lies beside the file is told before anything opens it.
    log.write_bytes(b"x")
    for command_name in (("sql", "select 1"), ("verify",)):
        done = run_cli(*command_name, env={"CHIPLEDGER_HOME": str(own), "CHIPLEDGER_RAW": str(ROOT / "raw")})
        assert done.returncode == 1, done.stdout
        assert "chipledger.duckdb.wal" in done.stderr + done.stdout


def limited(attack: Attack, home: Path) -> None:
    """Runs the attack as `chipledger sql` does and holds it against its limit."""
    started = time.perf_counter()
    done = run_cli(
        *("sql", attack.statement, "--seconds", "3", "--memory", "200MB"),
        env={"CHIPLEDGER_HOME": str(home)},
    )
    assert time.perf_counter() - started < PATIENCE_S
    assert done.returncode == 1 and done.stdout == "", done.stdout[:200]
    (line,) = done.stderr.splitlines()
    assert "3 s" in line or "memory" in line.lower(), line
    if attack.expected == "time":
        assert "stopped after 3 s" in line, line


@pytest.mark.parametrize("attack", of_kind("duckdb_resources.txt", "memory"), ids=named)
def test_duckdb_memory_attack_ends_at_its_limit(attack: Attack, home: Path) -> None:
    limited(attack, home)


def test_duckdb_time_attacks_end_at_their_limit_all_at_once(home: Path) -> None:
    listed = of_kind("duckdb_resources.txt", "time")
    assert len(listed) >= 4
    with ThreadPoolExecutor(len(listed)) as pool:
        list(pool.map(lambda attack: limited(attack, home), listed))
    assert run_cli("sql", "select 40 + 2", env={"CHIPLEDGER_HOME": str(home)}).returncode == 0


def _state(server: psycopg.Connection[Any]) -> dict[str, list[Any]]:
    """All that a reader might leave behind or change, but its own role."""
    questions = {
        "schemas": "select nspname, nspacl::text from pg_namespace "
        "where nspname !~ '^pg_(toast_)?temp' order by 1",
        "relations": "select oid::regclass::text, relkind, relowner::regrole::text, relacl::text "
        "from pg_class where relnamespace <> all (array['pg_catalog', 'information_schema']::regnamespace[]) "
        "and relkind <> 't' and relpersistence = 'p' order by 1",
        "columns": "select count(*) from pg_attribute where attnum > 0 and not attisdropped",
        "functions": "select count(*) from pg_proc",
        "types": "select count(*) from pg_type where typname not like 'pg\\_toast%'",
        "comments": "select count(*), sum(hashtext(description)) from pg_description",
        "roles": "select rolname, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolcanlogin "
        "from pg_roles order by 1",
        "passwords": f"select rolname, rolpassword from pg_authid where rolname <> '{live.USER}' order by 1",
        "memberships": "select roleid::regrole::text, member::regrole::text "
        "from pg_auth_members order by 1, 2",
        "settings": "select setdatabase, setrole::regrole::text, setconfig from pg_db_role_setting "
        f"where setrole <> '{live.USER}'::regrole or setdatabase <> 0 order by 1, 2",
        "default privileges": "select defaclrole::regrole::text, defaclobjtype, defaclacl::text "
        f"from pg_default_acl where defaclrole <> '{live.USER}'::regrole order by 1, 2",
        "comments on roles": "select count(*), sum(hashtext(description)) from pg_shdescription",
        "extensions": "select extname from pg_extension order by 1",
        "servers": "select srvname from pg_foreign_server",
        "publications": "select pubname from pg_publication",
        "slots": "select slot_name from pg_replication_slots",
        "large objects": "select oid from pg_largeobject_metadata",
        "file settings": "select name, setting from pg_file_settings "
        "where sourcefile like '%postgresql.auto.conf'",
        "build": "select * from chipledger.build",
        "claims": "select sum(hashtext(fct::text)) from marts.fct_claim_verdict as fct",
        "economies": "select sum(hashtext(dim::text)) from marts.dim_economy as dim",
        "started": "select pg_postmaster_start_time()",
    }
    return {name: server.execute(question).fetchall() for name, question in questions.items()}  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def victim(endpoint: live.Live) -> Iterator[str]:
    """Another reader, to be attacked."""
    done = endpoint.cli("user", "add", "victim", CHIPLEDGER_USER_PASSWORD="the-password-of-the-victim")
    assert done.returncode == 0, done.stderr
    yield "victim"
    endpoint.cli("user", "remove", "victim")


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A folder that the server's own user may read and write: not its rights may stop an attack."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        place.chmod(0o777)
        yield place


@pytest.mark.parametrize("attack", attacks("postgres.txt"), ids=named)
def test_postgres_attack_reaches_nothing(
    attack: Attack, endpoint: live.Live, victim: str, open_place: Path
) -> None:
    secret = open_place / "secret.txt"
    secret.write_text(SECRET)
    statement = attack.on(secret=secret, place=open_place, other=victim, password=live.PASSWORD)
    rows: list[Any] = []
    with endpoint.owner() as owner:
        before = _state(owner)
        with endpoint.connect() as connection:
            try:
                cursor = connection.execute(statement)  # type: ignore[arg-type]
                rows = cursor.fetchall() if cursor.description else []
                outcome = "own"
            except psycopg.Error:
                outcome = "refused"
        assert outcome == ("own" if attack.expected == "undone" else attack.expected), rows
        assert rows == []
        after = _state(owner)
        if attack.expected == "undone":
            assert after != before
            # As a publish connects: what a session was started with would be taken for the server's limit.
            with psycopg.connect(endpoint.owner_url, autocommit=True) as publisher:
                roles.prepare(publisher)
            after = _state(owner)
    assert after == before
    assert [path.name for path in open_place.iterdir()] == ["secret.txt"]
    with endpoint.connect() as connection:
        assert connection.execute("select 40 + 2").fetchall() == [(42,)]


def test_what_a_reader_did_to_its_own_role_is_undone_by_the_next_publish(endpoint: live.Live) -> None:
    with endpoint.connect() as connection:
        connection.execute("begin read write; alter role current_user set work_mem = '1GB'; commit")
    with psycopg.connect(endpoint.owner_url) as owner:
        roles.prepare(owner)
        owner.commit()
        found = owner.execute("select useconfig from pg_user where usename = %s", [live.USER]).fetchall()
    assert "work_mem=1GB" not in found[0][0]
    assert "default_transaction_read_only=on" in found[0][0]


def test_only_one_database_and_only_readers_are_let_in(endpoint: live.Live) -> None:
    addresses = [endpoint.url().replace("/chipledger?", f"/{name}?") for name in ("postgres", "pgbouncer")]
    addresses += [endpoint.url(user, "x") for user in ("chipledger_owner", "chipledger_pooler", "nobody")]
    addresses.append(endpoint.url(password="wrong"))
    for address in addresses:
        with pytest.raises(psycopg.OperationalError):
            # The pooler's own database lets nobody in and does not say so: there the time is what ends it.
            psycopg.connect(address, connect_timeout=3)


def test_grants_are_exactly_select(endpoint: live.Live) -> None:
    with endpoint.owner() as owner:
        granted = owner.execute(
            "select distinct table_schema, privilege_type, is_grantable "
            "from information_schema.role_table_grants where grantee = %s",
            [roles.READERS],
        ).fetchall()
        assert sorted(granted) == [("marts", "SELECT", "NO"), ("meta", "SELECT", "NO")]
        direct = owner.execute(
            "select count(*) from information_schema.role_table_grants where grantee in (%s, 'PUBLIC') "
            "and table_schema not in ('pg_catalog', 'information_schema')",
            [live.USER],
        ).fetchall()
        assert direct == [(0,)]
        missing = owner.execute(
            "select tablename from pg_tables where schemaname in ('marts', 'meta') "
            "and not has_table_privilege(%s, schemaname || '.' || tablename, 'select')",
            [live.USER],
        ).fetchall()
        assert missing == []


def overdone(attack: Attack, endpoint: live.Live) -> None:
    """Lifts what a session may lift, attacks, and holds the end against the limits that it may not lift."""
    started = time.perf_counter()
    with endpoint.connect() as connection:
        connection.execute("set statement_timeout = 0")
        with pytest.raises(psycopg.Error) as caught:
            connection.execute(attack.statement).fetchall()  # type: ignore[arg-type]
    assert time.perf_counter() - started < PATIENCE_S
    said = str(caught.value)
    if attack.expected == "time":
        assert "query timeout" in said or "closed the connection" in said or "temp" in said, said


@pytest.fixture
def undisturbed(endpoint: live.Live) -> Iterator[None]:
    """The server goes on, a bystander's connection works, and nothing of the attack is left running."""
    with endpoint.owner() as owner, endpoint.connect() as bystander:
        (began,) = owner.execute("select pg_postmaster_start_time()").fetchall()
        yield
        assert bystander.execute("select 40 + 2").fetchall() == [(42,)]
        assert owner.execute("select pg_postmaster_start_time()").fetchall() == [began]
        deadline = time.monotonic() + PATIENCE_S
        busy = 1
        while busy and time.monotonic() < deadline:
            ((busy,),) = owner.execute(
                "select count(*) from pg_stat_activity where usename = %s and state = 'active'", [live.USER]
            ).fetchall()
            time.sleep(0.1)
        assert busy == 0
    with endpoint.connect() as connection:
        assert connection.execute("select count(*) > 0 from marts.dim_economy").fetchall() == [(True,)]


@pytest.mark.usefixtures("undisturbed")
@pytest.mark.parametrize("attack", of_kind("postgres_resources.txt", "memory"), ids=named)
def test_postgres_memory_attack_ends_at_its_limit(attack: Attack, endpoint: live.Live) -> None:
    overdone(attack, endpoint)


@pytest.mark.usefixtures("undisturbed")
def test_postgres_time_attacks_end_at_their_limit_all_at_once(endpoint: live.Live) -> None:
    listed = of_kind("postgres_resources.txt", "time")
    assert len(listed) >= 5
    with ThreadPoolExecutor(len(listed)) as pool:
        list(pool.map(lambda attack: overdone(attack, endpoint), listed))


def test_a_servers_process_may_not_take_more_memory_than_its_limit(endpoint: live.Live) -> None:
    """The operating system's limit, not the settings of a session."""
    with endpoint.owner() as owner:
        ((pid,),) = owner.execute("select pg_backend_pid()").fetchall()
        limits = Path(f"/proc/{pid}/limits")
        if not limits.is_file():
            pytest.skip("this system shows no limits of a process")
        (line,) = [line for line in limits.read_text().splitlines() if line.startswith("Max address space")]
        assert line.split()[3:5] == [str(2048 << 20)] * 2
        owner.execute("set statement_timeout = 0")
        with pytest.raises(psycopg.errors.OutOfMemory):
            owner.execute(
                "select "
                + ", ".join(f"length(string_agg(repeat('{x}', 90000000), ''))" for x in "abc")
                + " from generate_series(1, 9)"
            )


def test_attack_lists_are_run_as_someone_without_rights(endpoint: live.Live) -> None:
    """A refusal means nothing where everything is refused."""
    with endpoint.connect() as connection:
        assert connection.execute("select current_user").fetchall() == [(live.USER,)]
        assert connection.execute("select count(*) > 10 from marts.fct_claim_verdict").fetchall() == [(True,)]


def test_no_process_listens_but_the_pooler(endpoint: live.Live) -> None:
    """PostgreSQL itself has no port: the pooler's limits cannot be gone around."""
    with endpoint.owner() as owner:
        assert owner.execute("show listen_addresses").fetchall() == [("",)]
    place = Places(endpoint.home / "serve").socket
    said = subprocess.run(["ls", "-ld", str(place)], capture_output=True, text=True)
    assert said.stdout.startswith("drwx------")
