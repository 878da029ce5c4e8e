"""Publishes a build into PostgreSQL: one transaction in which every reader changes from old to new.

Tables whose rows changed are emptied and filled again with COPY (delete, not truncate), so a reader's
snapshot holds either the old build or the new one, also across two statements of one REPEATABLE READ
transaction. Nobody waits: readers take no lock that the publisher needs, and a publisher that is killed is
rolled back by the server. A table is created anew only when its columns or its key changed.

Roles and their rights are `roles`', the local server `cluster`'s.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import psycopg
from psycopg import sql

from orchestration.errors import LedgerError
from orchestration.serving import catalog, roles
from orchestration.serving.server import Server, connect, said
from orchestration.warehouse import builds
from orchestration.warehouse.settings import Settings

LOG = logging.getLogger("chipledger.postgres")

# Kept from readers: what is published, and the lock that keeps it to one publisher.
_PRIVATE = """
create schema if not exists chipledger;
create table if not exists chipledger.publication (
    schema_name text, table_name text, shape text, comments text, content text,
    primary key (schema_name, table_name)
);
create table if not exists chipledger.build (build_id text, published_at timestamptz);
create schema if not exists marts;
create schema if not exists meta;
"""
_TYPES = {"VARCHAR": "text", "DOUBLE": "double precision"}
# What BI queries filter by; each gets an index of its own where a table has it.
_FILTERED = ("product_id", "hs_code", "period_start_date", "year", "release_id")
# Below this many rows a scan is as quick as an index.
_INDEXED_FROM_ROWS = 1_000
_NULL = r"\N"
_BLOCK = 1 << 20


@contextmanager
def publishing(url: str, path: Path) -> Iterator[None]:
    """Loads the file at `path`; what the caller does inside happens just before readers see the load.

    An error on either side rolls the load back.
    """
    with connect(url) as server, duckdb.connect(str(path), read_only=True) as build:
        try:
            _lock(server)
            _load(server, build)
        except psycopg.Error as error:
            raise LedgerError(
                f"PostgreSQL refused the build: {said(error)}; nothing was published"
            ) from error
        yield
        try:
            server.commit()
        except psycopg.Error as error:
            raise LedgerError(
                f"the file was published, but PostgreSQL was not: {said(error)}; "
                "run `chipledger refresh` again to bring it up to date"
            ) from error
        _tidy(server)


def catch_up(settings: Settings, url: str) -> str | None:
    """Publishes the current build if PostgreSQL holds another one; returns its id, or None if it did not."""
    with connect(url) as server:
        record = builds.current(settings)
        if record is None or held_build(server) == record.build_id:
            return None
        try:
            _lock(server)
            # Only now is it certain that no other publisher is between its file and its commit.
            record = builds.current(settings)
            if record is None or held_build(server) == record.build_id:
                return None
            path = settings.builds_dir / record.build_id / settings.published_path.name
            with duckdb.connect(str(path), read_only=True) as build:
                _load(server, build)
            server.commit()
        except psycopg.Error as error:
            raise LedgerError(
                f"PostgreSQL refused build {record and record.build_id}: {said(error)}"
            ) from error
        _tidy(server)
        return record.build_id


def may_not_publish(server: Server) -> str | None:
    """What the publisher lacks the right to do in this database; None where it may publish."""
    row = server.execute(
        "select has_database_privilege(current_database(), 'create'), "
        "pg_is_in_recovery() or current_setting('transaction_read_only')::boolean, "
        "(select rolsuper or rolcreaterole from pg_roles where rolname = current_user), "
        "exists (select from pg_roles where rolname = %s), "
        "(select string_agg(nspname, ', ' order by nspname) from pg_namespace where nspname = any(%s) "
        "and not pg_has_role(nspowner, 'usage'))",
        [roles.READERS, ["marts", "meta", "chipledger"]],
    ).fetchone()
    assert row is not None
    creates, is_read_only, makes_roles, has_readers, foreign = row
    if is_read_only:
        return "write (the server or the database is read-only)"
    if not creates:
        return "create schemas"
    if not (makes_roles or has_readers):
        return f"create the role {roles.READERS}"
    return f"change schema {foreign}, which is somebody else's," if foreign else None


def held_build(server: Server) -> str | None:
    """The build that readers see; None before the first."""
    known = server.execute("select to_regclass('chipledger.build') is not null").fetchone()
    if known != (True,):
        return None
    row = server.execute("select build_id from chipledger.build").fetchone()
    return str(row[0]) if row else None


def _lock(server: Server) -> None:
    """One publisher at a time. What must be there first is made in a transaction of its own."""
    server.execute("set lock_timeout = '5s'")
    server.execute(_PRIVATE)
    roles.prepare(server)
    server.commit()
    try:
        server.execute("lock table chipledger.build in exclusive mode")
    except psycopg.errors.LockNotAvailable as error:
        raise LedgerError(
            "another refresh is publishing into this PostgreSQL database; "
            "wait for it to end, then run this again"
        ) from error
    # For a table that must be made anew while somebody reads it.
    server.execute("set local lock_timeout = '60s'")


def _load(server: Server, build: duckdb.DuckDBPyConnection) -> None:
    tables = catalog.tables(build)
    known = {
        (str(row[0]), str(row[1])): tuple(str(item) for item in row[2:])
        for row in server.execute(
            "select schema_name, table_name, shape, comments, content from chipledger.publication"
        ).fetchall()
    }
    _drop_unknown(server, {(table.schema, table.name) for table in tables}, set(known))
    for table in tables:
        facts = (_shape(table), _digest([table.comment, *(c.comment for c in table.columns)]))
        content = _content(build, table)
        held = known.get((table.schema, table.name), ("", "", ""))
        if held[0] != facts[0]:
            _create(server, table)
            _copy(server, build, table, frozen=True)
            _index(server, build, table)
        elif held[2] != content:
            server.execute(sql.SQL("delete from {}").format(_name(table)))
            _copy(server, build, table, frozen=False)
        if held[:2] != facts:
            _comment(server, table)
        server.execute(
            "insert into chipledger.publication values (%s, %s, %s, %s, %s) "
            "on conflict (schema_name, table_name) do update "
            "set shape = excluded.shape, comments = excluded.comments, content = excluded.content",
            [table.schema, table.name, *facts, content],
        )
    roles.grant(server)
    server.execute("delete from chipledger.build")
    server.execute("insert into chipledger.build values (%s, now())", [catalog.build_id(build)])


def _drop_unknown(server: Server, wanted: set[tuple[str, str]], known: set[tuple[str, str]]) -> None:
    """Tables that the build does not have any more, and strays that this publisher does not know."""
    for schema, name in server.execute(
        "select schemaname, tablename from pg_tables where schemaname in ('marts', 'meta')"
    ).fetchall():
        if (schema, name) in wanted and (schema, name) in known:
            continue
        table = sql.Identifier(str(schema), str(name))
        server.execute(sql.SQL("drop table {}").format(table))
        server.execute(
            "delete from chipledger.publication where schema_name = %s and table_name = %s", [schema, name]
        )


def _create(server: Server, table: catalog.Table) -> None:
    server.execute(sql.SQL("drop table if exists {}").format(_name(table)))
    columns = [
        sql.SQL("{} {}{}").format(
            sql.Identifier(column.name),
            sql.SQL(_TYPES.get(column.type, column.type.replace("DECIMAL", "numeric").lower())),
            sql.SQL("" if column.is_nullable else " not null"),
        )
        for column in table.columns
    ]
    server.execute(sql.SQL("create table {} ({})").format(_name(table), sql.SQL(", ").join(columns)))


def _copy(
    server: Server,
    build: duckdb.DuckDBPyConnection,
    table: catalog.Table,
    frozen: bool,
) -> None:
    """Streams the rows from one engine into the other; neither holds them."""
    reading, writing = os.pipe()
    failures: list[BaseException] = []
    own = build.cursor()

    def unload() -> None:
        try:
            own.execute(
                f"copy (select * from {table.path}) to '/dev/fd/{writing}' "
                f"(format csv, header false, nullstr '{_NULL}', use_tmp_file false)"
            )
        except BaseException as error:
            failures.append(error)
        finally:
            os.close(writing)

    unloader = threading.Thread(target=unload, name=f"unload {table.name}")
    options = "format csv, null '" + _NULL + "'" + (", freeze" if frozen else "")
    columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
    statement = sql.SQL("copy {} ({}) from stdin ({})").format(_name(table), columns, sql.SQL(options))
    try:
        with server.cursor() as cursor, cursor.copy(statement) as copy:
            unloader.start()
            while block := os.read(reading, _BLOCK):
                copy.write(block)
            unloader.join()
            if failures:
                raise LedgerError(f"{table.schema}.{table.name} cannot be read: {failures[0]}")
    finally:
        # Whoever still writes gets an error instead of waiting for ever.
        os.close(reading)
        if unloader.ident is None:
            os.close(writing)
        else:
            unloader.join()
        own.close()


def _index(server: Server, build: duckdb.DuckDBPyConnection, table: catalog.Table) -> None:
    """The key as a constraint, so that tools find it, and one index for each column that is filtered by."""
    key = sql.SQL(", ").join(sql.Identifier(name) for name in table.key)
    nullable = table.schema == "marts" and any(
        column.is_nullable for column in table.columns if column.name in table.key
    )
    if table.key and not nullable:
        server.execute(sql.SQL("alter table {} add primary key ({})").format(_name(table), key))
    elif table.key and server.info.server_version >= 150000:
        server.execute(sql.SQL("alter table {} add unique nulls not distinct ({})").format(_name(table), key))
    ((rows,),) = build.execute(f"select count(*) from {table.path}").fetchall()
    if rows < _INDEXED_FROM_ROWS:
        return
    for name in _FILTERED:
        if table.column(name) and name not in table.key[:1]:
            server.execute(sql.SQL("create index on {} ({})").format(_name(table), sql.Identifier(name)))


def _comment(server: Server, table: catalog.Table) -> None:
    server.execute(sql.SQL("comment on table {} is {}").format(_name(table), sql.Literal(table.comment)))
    for column in table.columns:
        place = sql.Identifier(table.schema, table.name, column.name)
        server.execute(sql.SQL("comment on column {} is {}").format(place, sql.Literal(column.comment)))


def _tidy(server: Server) -> None:
    """Gives the room of replaced rows back and counts anew. The build is already published: what goes wrong
    here (a full disk, a connection that ends) is left to the server's own vacuum."""
    try:
        _vacuum(server)
    except psycopg.Error as error:
        LOG.warning("PostgreSQL was published and not tidied up: %s", said(error))


def _vacuum(server: Server) -> None:
    server.autocommit = True
    server.execute("set lock_timeout = '2s'")
    changed = server.execute(
        "select schemaname, relname from pg_stat_user_tables where schemaname in ('marts', 'meta') "
        "and (n_dead_tup > 0 or n_mod_since_analyze > 0 or last_analyze is null)"
    ).fetchall()
    for schema, name in changed:
        table = sql.Identifier(str(schema), str(name))
        # Somebody in the way of one table.
        try:
            server.execute(sql.SQL("vacuum (analyze) {}").format(table))
        except psycopg.errors.LockNotAvailable:
            continue


def _name(table: catalog.Table) -> sql.Identifier:
    return sql.Identifier(table.schema, table.name)


def _shape(table: catalog.Table) -> str:
    """What decides whether the table must be made anew."""
    columns = [f"{column.name} {column.type} {column.is_nullable}" for column in table.columns]
    return _digest([*columns, f"key {table.key}"])


def _content(build: duckdb.DuckDBPyConnection, table: catalog.Table) -> str:
    """Changes when any row does: number of rows, sum and xor of their hashes, and the engine that hashed."""
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    ((said,),) = build.execute(
        f"select concat_ws(' ', version(), count(*), sum(cast(hash({columns}) as hugeint)), "
        f"bit_xor(hash({columns}))) from {table.path}"
    ).fetchall()
    return str(said)


def _digest(parts: list[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
