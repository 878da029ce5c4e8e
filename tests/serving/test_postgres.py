"""What PostgreSQL holds after a publish: the same cells, types, comments and keys as the file.

The planted file below is made for the test: it holds what goes wrong between two engines.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

import duckdb
import live
import psycopg
import pytest
from helpers import run_cli

from orchestration.errors import LedgerError
from orchestration.serving import catalog, postgres, programs, roles, server


@pytest.fixture(scope="module")
def build(endpoint: live.Live) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(endpoint.home / "current" / "chipledger.duckdb"), read_only=True) as opened:
        yield opened


def test_every_cell_of_every_table_is_there(endpoint: live.Live, build: duckdb.DuckDBPyConnection) -> None:
    with endpoint.connect() as reader:
        for table in catalog.tables(build):
            query = f"select * from {table.path}"
            mine = Counter(build.execute(query).fetchall())
            theirs = Counter(reader.execute(query).fetchall())  # type: ignore[arg-type]
            assert theirs == mine, table.name


def test_sums_agree_in_both_engines(endpoint: live.Live, build: duckdb.DuckDBPyConnection) -> None:
    query = (
        "select source_id, flow, count(*), sum(value_usd), sum(value_cny), sum(quantity), "
        "min(period_start_date) from marts.fct_trade_flow group by source_id, flow order by source_id, flow"
    )
    with endpoint.connect() as reader:
        assert reader.execute(query).fetchall() == build.execute(query).fetchall()


def test_types_comments_keys_and_order_of_columns(
    endpoint: live.Live, build: duckdb.DuckDBPyConnection
) -> None:
    plain = {"VARCHAR": "text", "DOUBLE": "double precision", "TIMESTAMP": "timestamp without time zone"}
    with endpoint.connect() as reader:
        for table in catalog.tables(build):
            held = reader.execute(
                "select attname, format_type(atttypid, atttypmod), not attnotnull, "
                "coalesce(col_description(attrelid, attnum), '') from pg_attribute "
                "where attrelid = %s::regclass and attnum > 0 and not attisdropped order by attnum",
                [table.path],
            ).fetchall()
            wanted = [
                (
                    column.name,
                    plain.get(column.type, column.type.lower().replace("decimal", "numeric")),
                    column.is_nullable and not (table.schema == "meta" and column.name in table.key),
                    column.comment,
                )
                for column in table.columns
            ]
            assert held == wanted, table.name
            (said,) = reader.execute("select obj_description(%s::regclass)", [table.path]).fetchall()
            assert said == (table.comment,)
            keys = reader.execute(
                "select array_agg(attname::text order by position) from pg_constraint, "
                "unnest(conkey) with ordinality as part (number, position), pg_attribute "
                "where conrelid = %s::regclass and contype in ('p', 'u') "
                "and attrelid = conrelid and attnum = number group by conname",
                [table.path],
            ).fetchall()
            assert keys == ([(list(table.key),)] if table.key else []), table.name


def test_every_mart_has_a_key(build: duckdb.DuckDBPyConnection) -> None:
    assert [t.name for t in catalog.tables(build) if t.schema == "marts" and not t.key] == []


def test_a_slice_of_a_large_table_is_found_by_index(endpoint: live.Live) -> None:
    with endpoint.owner() as owner:
        indexed = owner.execute(
            "select indexdef from pg_indexes where tablename = 'fct_exchange_rate' order by indexdef"
        ).fetchall()
    assert any("(period_start_date)" in definition for (definition,) in indexed), indexed


AWKWARD = [
    (1, "", "0.0000", dt.date(1, 1, 1), True, -0.0),
    (2, None, None, None, None, None),
    (3, "\\N", "99999999999999999999.9999", dt.date(9999, 12, 31), False, 1e308),
    (4, 'a "quoted", comma', "-0.0001", dt.date(2024, 2, 29), None, 5e-324),
    (5, "two\nlines\r\n", "1.0000", None, True, 0.1),
    (6, "集成电路 ± ' \\ \t", "-99999999999999999999.9999", None, True, 1 / 3),
    (7, "NULL", None, None, None, float("1e-7")),
    (8, "\\.", None, None, None, 17.4),
]


def _planted(path: Path, rows: int, extra: str = "") -> Path:
    """A file as a build leaves it, with one awkward mart."""
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as made:
        made.execute("create schema marts; create schema meta")
        made.execute(
            "create table marts.fct_awkward (number bigint not null, said varchar, value_usd decimal(24, 4), "
            f"day date, is_so boolean, ratio double{extra})"
        )
        made.execute("comment on table marts.fct_awkward is 'It''s \"awkward\"'")
        if not extra:
            made.executemany("insert into marts.fct_awkward values (?, ?, ?, ?, ?, ?)", AWKWARD[:rows])
        made.execute("create table meta.builds (build_id varchar)")
        made.execute(f"insert into meta.builds values ('build-{rows}{extra.strip(', ')[:4]}')")
        made.execute(
            "create table meta.columns (schema_name varchar, table_name varchar, column_name varchar, "
            "key_position integer)"
        )
        made.execute("insert into meta.columns values ('marts', 'fct_awkward', 'number', 1)")
    return path


@pytest.fixture
def spare(endpoint: live.Live) -> Iterator[str]:
    """An empty database beside the published one."""
    with endpoint.owner() as owner:
        owner.execute("create database spare")
    yield endpoint.owner_url.replace("/chipledger?", "/spare?")
    with endpoint.owner() as owner:
        owner.execute("drop database spare with (force)")


def _publish(url: str, path: Path) -> None:
    with postgres.publishing(url, path):
        pass


def _read(url: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as reader:
        return reader.execute("select * from marts.fct_awkward order by number").fetchall()


def test_awkward_values_survive(spare: str, tmp_path: Path) -> None:
    _publish(spare, _planted(tmp_path / "a.duckdb", len(AWKWARD)))
    wanted = [
        (n, said, None if value is None else Decimal(value), day, flag, ratio)
        for n, said, value, day, flag, ratio in AWKWARD
    ]
    assert _read(spare) == wanted
    with psycopg.connect(spare) as reader:
        said = reader.execute("select obj_description('marts.fct_awkward'::regclass)").fetchall()
    assert said == [('It\'s "awkward"',)]


def test_only_what_changed_is_written_and_a_view_on_it_lives_on(spare: str, tmp_path: Path) -> None:
    """A downstream project's view keeps reading through publishes that leave the columns as they are."""
    _publish(spare, _planted(tmp_path / "a.duckdb", 3))
    with psycopg.connect(spare, autocommit=True) as downstream:
        downstream.execute("create schema downstream")
        downstream.execute("create view downstream.rows as select count(*) as n from marts.fct_awkward")
        before = downstream.execute("select xmin::text from marts.fct_awkward").fetchall()
        _publish(spare, _planted(tmp_path / "a.duckdb", 3))
        assert downstream.execute("select xmin::text from marts.fct_awkward").fetchall() == before
        _publish(spare, _planted(tmp_path / "a.duckdb", 5))
        assert downstream.execute("select n from downstream.rows").fetchall() == [(5,)]
        # New columns need a new table; what hangs on the old one is never dropped with it.
        with pytest.raises(LedgerError, match="PostgreSQL refused the build"):
            _publish(spare, _planted(tmp_path / "a.duckdb", 5, ", note varchar"))
        assert downstream.execute("select n from downstream.rows").fetchall() == [(5,)]
        downstream.execute("drop schema downstream cascade")
        _publish(spare, _planted(tmp_path / "a.duckdb", 5, ", note varchar"))
    assert _read(spare) == []


def test_a_table_that_is_gone_goes(spare: str, tmp_path: Path) -> None:
    path = _planted(tmp_path / "a.duckdb", 2)
    _publish(spare, path)
    with duckdb.connect(str(path)) as made:
        made.execute("drop table marts.fct_awkward; create table marts.fct_other (a integer)")
    _publish(spare, path)
    with psycopg.connect(spare) as reader:
        held = reader.execute("select tablename from pg_tables where schemaname = 'marts'").fetchall()
    assert held == [("fct_other",)]


def test_what_happens_between_load_and_flip_takes_the_load_back(spare: str, tmp_path: Path) -> None:
    _publish(spare, _planted(tmp_path / "a.duckdb", 2))
    with (
        pytest.raises(RuntimeError, match="the link"),
        postgres.publishing(spare, _planted(tmp_path / "b.duckdb", 4)),
    ):
        assert len(_read(spare)) == 2
        raise RuntimeError("the link cannot be made")
    assert len(_read(spare)) == 2


def test_what_goes_wrong_after_the_commit_takes_nothing_back(
    spare: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody's index of an expression that fails, and only while the publisher tidies up."""
    _publish(spare, _planted(tmp_path / "a.duckdb", 2))
    with psycopg.connect(spare, autocommit=True) as downstream:
        downstream.execute(
            "create function fails(bigint) returns bigint language plpgsql immutable as $$ begin "
            "if current_setting('lock_timeout') = '2s' then raise 'no space left'; end if; "
            "return $1; end $$"
        )
        downstream.execute("create index on marts.fct_awkward (fails(number))")
        # So that the table counts as never analysed, whatever the server has had time to book.
        downstream.execute("select pg_stat_reset()")
    _publish(spare, _planted(tmp_path / "b.duckdb", 4))
    assert len(_read(spare)) == 4
    assert "not tidied up" in caplog.text and "no space left" in caplog.text


def test_doctor_tries_the_server_that_is_named(endpoint: live.Live, spare: str, tmp_path: Path) -> None:
    def said(url: str) -> str:
        done = endpoint.cli("doctor", CHIPLEDGER_POSTGRES_URL=url)
        (line,) = [line for line in done.stdout.splitlines() if " postgres " in line]
        return line

    assert said(endpoint.owner_url).startswith("ok   postgres           it answers and holds build 2")
    empty = said(spare)
    assert empty.startswith("warn") and "it holds no build" in empty
    refused = said("postgresql://me:hunter2hunter2@127.0.0.1:1/x")
    assert refused.startswith("bad") and "hunter2" not in refused
    with endpoint.owner() as owner:
        owner.execute("create role nobody_special")
    try:
        url = spare + "&options=-c%20role%3Dnobody_special"
        assert "its user may not create schemas there" in said(url)
        assert "read-only" in said(spare + "&options=-c%20default_transaction_read_only%3Don")
    finally:
        with endpoint.owner() as owner:
            owner.execute("drop role nobody_special")


def test_an_owner_who_is_no_superuser_publishes(endpoint: live.Live, tmp_path: Path) -> None:
    """As on a server of somebody else's; what it may not take from everybody is named."""
    with endpoint.owner() as owner:
        owner.execute("create role plain createrole")
        owner.execute("create database plain owner plain")
    url = endpoint.owner_url.replace("/chipledger?", "/plain?") + "&options=-c%20role%3Dplain"
    try:
        _publish(url, _planted(tmp_path / "a.duckdb", 3))
        _publish(url, _planted(tmp_path / "a.duckdb", 4))
        with server.connect(url) as plain:
            assert plain.execute("select current_user, count(*) from marts.fct_awkward").fetchall() == [
                ("plain", 4)
            ]
            refused = roles.harden(plain)
            assert "DO blocks" in refused and "temporary tables" not in refused
            roles.add(plain, "ada", "a-long-enough-password")
            held = plain.execute(
                "select has_table_privilege('ada', 'marts.fct_awkward', 'select'), "
                "has_schema_privilege('ada', 'chipledger', 'usage')"
            ).fetchall()
            assert held == [(True, False)]
            roles.remove(plain, "ada")
    finally:
        with endpoint.owner() as owner:
            owner.execute("drop database plain with (force)")
            owner.execute("drop role plain")


def test_errors_name_no_password() -> None:
    for url in (
        "postgresql://me:hunter2hunter2@127.0.0.1:1/x",
        "postgresql//me:hunter2hunter2@127.0.0.1/x",
        "postgresql://me:hunter2hunter2@[::1/x",
        "postgresql://me:p@hunter2@127.0.0.1:1/x",
        "postgresql://me:hunter2/x@127.0.0.1:1/x",
        "postgresql://me:p/x@127.0.0.1:hunter2/x",
    ):
        with pytest.raises(LedgerError) as caught:
            server.connect(url)
        assert "hunter2" not in str(caught.value) and len(str(caught.value).splitlines()) == 1


def test_connections_are_encrypted_and_the_certificate_is_checked(endpoint: live.Live) -> None:
    with pytest.raises(psycopg.OperationalError, match="SSL required"):
        psycopg.connect(endpoint.url(mode="disable"))
    checked = f"{endpoint.url(mode='verify-full')}&sslrootcert={quote(str(endpoint.certificate))}"
    with psycopg.connect(checked) as connection:
        assert connection.pgconn.ssl_in_use
    with pytest.raises(psycopg.OperationalError, match="certificate"):
        psycopg.connect(checked.replace("127.0.0.1", "127.0.0.2").replace("@127.0.0.2", "@127.0.0.1") + "x")


def test_users_are_added_listed_and_removed(endpoint: live.Live) -> None:
    done = endpoint.cli("user", "add", "grace")
    assert done.returncode == 0, done.stderr
    password = done.stdout.split("password ")[1].split(" ")[0]
    assert endpoint.cli("user", "list").stdout.split() == [live.USER, "grace"]
    with psycopg.connect(endpoint.url("grace", password), autocommit=True) as grace:
        assert grace.execute("show search_path").fetchall() == [("marts, meta",)]
        assert grace.execute("show default_transaction_read_only").fetchall() == [("on",)]
        # What a reader can come to own must not keep its role.
        grace.execute("set default_transaction_read_only = off")
        for what in (
            "grant select on tables to public",
            "grant all on functions to current_user",
            "revoke execute on functions from public",
            "revoke all on types from public",
            "in schema marts grant all on tables to public",
        ):
            grace.execute(f"alter default privileges {what}")  # type: ignore[arg-type]
        again = endpoint.cli("user", "add", "grace")
        assert again.returncode == 1 and "is there already" in again.stderr
        assert endpoint.cli("user", "remove", "grace").returncode == 0
        with pytest.raises(psycopg.OperationalError):
            grace.execute("select 1")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(endpoint.url("grace", password))
    written = [
        path
        for path in (endpoint.home / "serve").rglob("*")
        if path.suffix in (".txt", ".ini", ".log", ".conf")
    ]
    assert written and not [path for path in written if password in path.read_text(errors="replace")]


@pytest.mark.parametrize("name", ["Grace", "pg_grace", "chipledger_x", "x; drop role analyst", "", "a" * 40])
def test_a_name_that_is_none_is_refused(endpoint: live.Live, name: str) -> None:
    done = endpoint.cli("user", "add", name)
    assert done.returncode == 2 and "is no name for a user" in " ".join(done.stderr.split())


def test_a_short_password_is_refused(endpoint: live.Live) -> None:
    done = endpoint.cli("user", "add", "grace", CHIPLEDGER_USER_PASSWORD="short")
    assert done.returncode == 2 and "expected 12 or more" in done.stderr and "'short'" not in done.stderr


def test_missing_programs_are_named_with_their_packages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(programs, "_ELSEWHERE", ())
    with pytest.raises(LedgerError) as caught:
        programs.find()
    assert str(caught.value).endswith("apt-get install openssl pgbouncer postgresql")
    assert shutil.which("sh", path=str(tmp_path)) is None


def test_a_home_that_postgres_cannot_enter_is_named(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root starts PostgreSQL as another user")
    (tmp_path / "builds" / "b").mkdir(parents=True)
    (tmp_path / "current").symlink_to("builds/b")
    (tmp_path / "builds" / "b" / "chipledger.duckdb").touch()
    (tmp_path / "builds" / "b" / "build.json").write_text(
        '{"build_id": "b", "fingerprint": "", "held_back": []}'
    )
    tmp_path.chmod(0o700)
    if reason := live.missing():
        pytest.skip(reason)
    done = run_cli("serve", "--port", str(live.free_port()), env={"CHIPLEDGER_HOME": str(tmp_path)})
    assert done.returncode == 1 and "does not run as root" in done.stderr
