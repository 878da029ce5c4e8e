"""Who may read what in PostgreSQL: one group with SELECT on marts and meta, one login role per person.

The rights are the barrier. The settings of a role (read-only, time limit) are a convenience, because a
person may change those of its own role; every publish puts them back.
"""

from __future__ import annotations

import re
import secrets
from contextlib import suppress

import psycopg
from psycopg import sql

from orchestration.errors import EXIT_USAGE, LedgerError
from orchestration.serving.server import Server

READERS = "chipledger_reader"
PASSWORD_VARIABLE = "CHIPLEDGER_USER_PASSWORD"
SCHEMAS = ("marts", "meta")
_SETTINGS = {
    "default_transaction_read_only": "on",
    "idle_in_transaction_session_timeout": "5min",
    "search_path": "marts, meta",
}
# For a server that has no limit of its own.
_STATEMENT_TIMEOUT = "60s"
# Connections of one person at a time; BI tools keep a pool open.
_CONNECTIONS = 40
# Words that mean a role, all roles or none in the server's own language and files.
_RESERVED = {
    "all", "current_role", "current_user", "none", "postgres", "public", "replication", "role", "samegroup",
    "samehost", "samenet", "samerole", "sameuser", "session_user", "user",
}  # fmt: skip
_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
_SHORTEST_PASSWORD = 12
# What every role may call unless told otherwise, and what would leave something behind.
_WRITERS = ("lo_creat", "lo_create", "lo_from_bytea", "lo_import", "lo_export", "pg_logical_emit_message")

# Kinds of objects, as the server's book of default privileges names them; what everybody has on a new one.
_DEFAULTS = {
    "r": ("tables", ""),
    "S": ("sequences", ""),
    "f": ("functions", "execute"),
    "T": ("types", "usage"),
    "n": ("schemas", ""),
}


def prepare(server: Server) -> None:
    """Makes the group of readers, and takes back what its members did to their own roles and to the group."""
    if server.execute("select 1 from pg_roles where rolname = %s", [READERS]).fetchone() is None:
        server.execute(sql.SQL("create role {} nologin").format(sql.Identifier(READERS)))
    for name in (READERS, *members(server)):
        # A server of somebody else's may not let the publisher do this; the rights hold all the same.
        with suppress(psycopg.errors.InsufficientPrivilege), server.transaction():
            _forget_settings(server, name)
            if name == READERS:
                _forget_default_privileges(server, name)
            else:
                _limit(server, name)


def grant(server: Server) -> None:
    """Gives readers exactly this: USAGE on the two schemas, SELECT on their tables."""
    readers = sql.Identifier(READERS)
    for schema in SCHEMAS:
        place = sql.Identifier(schema)
        server.execute(sql.SQL("grant usage on schema {} to {}").format(place, readers))
        server.execute(sql.SQL("grant select on all tables in schema {} to {}").format(place, readers))


def harden(server: Server) -> list[str]:
    """Takes from everybody what no reader needs; returns what everybody still has.

    An owner who is no superuser is refused some of it, by an error or by a mere warning; so the rights are
    looked at afterwards.
    """
    database = sql.Identifier(server.info.dbname)
    functions = [
        str(function)
        for (function,) in server.execute(
            "select oid::regprocedure::text from pg_proc "
            "where pronamespace = 'pg_catalog'::regnamespace and proname = any(%s) order by 1",
            [list(_WRITERS)],
        ).fetchall()
    ]
    statements: list[sql.SQL | sql.Composed] = [
        sql.SQL("revoke all on database {} from public").format(database),
        sql.SQL("grant connect on database {} to {}").format(database, sql.Identifier(READERS)),
        sql.SQL("revoke all on schema public from public"),
        sql.SQL("revoke usage on language plpgsql from public"),
        *(sql.SQL(f"revoke execute on function {function} from public") for function in functions),
    ]
    for statement in statements:
        with suppress(psycopg.errors.InsufficientPrivilege), server.transaction():
            server.execute(statement)
    rights = [
        ("temporary tables", "has_database_privilege('public', current_database(), 'temp')"),
        ("schema public", "has_schema_privilege('public', 'public', 'create')"),
        ("DO blocks", "has_language_privilege('public', 'plpgsql', 'usage')"),
        *((function, f"has_function_privilege('public', '{function}', 'execute')") for function in functions),
    ]
    return [name for name, held in rights if server.execute(sql.SQL(f"select {held}")).fetchone() == (True,)]


def members(server: Server) -> list[str]:
    """Login roles in the group of readers."""
    rows = server.execute(
        "select member.rolname from pg_auth_members as belongs "
        "join pg_roles as grp on grp.oid = belongs.roleid "
        "join pg_roles as member on member.oid = belongs.member "
        "where grp.rolname = %s and member.rolcanlogin order by member.rolname",
        [READERS],
    ).fetchall()
    return [str(row[0]) for row in rows]


def add(server: Server, name: str, password: str | None) -> str:
    """Creates a reader and returns the password: the one given, or one made here and kept nowhere."""
    if not _NAME.fullmatch(name) or name.startswith(("pg_", "chipledger")) or name in _RESERVED:
        raise LedgerError(
            f"{name!r} is no name for a user; expected small letters, digits and _, 31 at most, "
            "not beginning with pg_ or chipledger, and no word that PostgreSQL keeps for itself",
            EXIT_USAGE,
        )
    if password is not None and len(password) < _SHORTEST_PASSWORD:
        raise LedgerError(
            f"the password in {PASSWORD_VARIABLE} has {len(password)} characters; "
            f"expected {_SHORTEST_PASSWORD} or more",
            EXIT_USAGE,
        )
    if server.execute("select 1 from pg_roles where rolname = %s", [name]).fetchone():
        raise LedgerError(
            f"user {name} is there already; remove it with `chipledger user remove {name}` first"
        )
    chosen = password or secrets.token_urlsafe(18)
    # The server is sent the verifier only: a password in clear text could end in its log.
    verifier = server.pgconn.encrypt_password(chosen.encode(), name.encode(), b"scram-sha-256").decode()
    prepare(server)
    server.execute(
        sql.SQL("create role {} login password {} in role {} connection limit {}").format(
            sql.Identifier(name), sql.Literal(verifier), sql.Identifier(READERS), sql.Literal(_CONNECTIONS)
        )
    )
    _limit(server, name)
    server.commit()
    return chosen


def remove(server: Server, name: str) -> None:
    """Drops a reader and ends what it has open; no other role is touched."""
    if name not in members(server):
        raise LedgerError(f"there is no user {name}; `chipledger user list` names them", EXIT_USAGE)
    # A role that is gone has no sessions by name, so they are looked up first.
    rows = server.execute("select pid from pg_stat_activity where usename = %s", [name]).fetchall()
    # All that a reader can come to own, and it would keep the role.
    with suppress(psycopg.errors.InsufficientPrivilege), server.transaction():
        _forget_default_privileges(server, name)
    try:
        server.execute(sql.SQL("drop role {}").format(sql.Identifier(name)))
    except psycopg.errors.DependentObjectsStillExist as error:
        raise LedgerError(
            f"user {name} stays: it owns something in this server, or was given more than this program "
            "gives; drop that first"
        ) from error
    server.commit()
    server.execute(
        "select pg_terminate_backend(pid) from unnest(%s::int[]) as pid", [[pid for (pid,) in rows]]
    )
    server.commit()


def _forget_settings(server: Server, name: str) -> None:
    """Of the role everywhere, and of the role in this database, which would win."""
    role, database = sql.Identifier(name), sql.Identifier(server.info.dbname)
    server.execute(sql.SQL("alter role {} reset all").format(role))
    server.execute(sql.SQL("alter role {} in database {} reset all").format(role, database))


def _forget_default_privileges(server: Server, name: str) -> None:
    """Sets each default privilege of the role to what it is without one; then the server holds none."""
    role = sql.Identifier(name)
    for kind, schema, grantees in server.execute(
        "select defaclobjtype::text, nspname, (select array_agg(distinct coalesce(rolname, '')) "
        "from aclexplode(defaclacl) left join pg_roles on pg_roles.oid = grantee) "
        "from pg_default_acl left join pg_namespace on pg_namespace.oid = defaclnamespace "
        "where defaclrole = %s::regrole",
        [name],
    ).fetchall():
        place = sql.SQL("for role {}").format(role)
        if schema:
            place += sql.SQL(" in schema {}").format(sql.Identifier(schema))
        objects, given = _DEFAULTS[kind]
        changes = [
            sql.SQL("revoke all on {} from {}").format(
                sql.SQL(objects), sql.Identifier(grantee) if grantee else sql.SQL("public")
            )
            for grantee in grantees or ()
        ]
        if not schema:
            changes.append(sql.SQL("grant all on {} to {}").format(sql.SQL(objects), role))
            if given:
                changes.append(sql.SQL("grant {} on {} to public").format(sql.SQL(given), sql.SQL(objects)))
        for change in changes:
            server.execute(sql.SQL("alter default privileges {} {}").format(place, change))


def _limit(server: Server, name: str) -> None:
    role = sql.Identifier(name)
    settings = dict(_SETTINGS)
    if server.execute("select reset_val from pg_settings where name = 'statement_timeout'").fetchone() == (
        "0",
    ):
        settings["statement_timeout"] = _STATEMENT_TIMEOUT
    for setting, value in settings.items():
        values = sql.SQL(", ").join(sql.Literal(item.strip()) for item in value.split(","))
        server.execute(sql.SQL("alter role {} set {} = {}").format(role, sql.Identifier(setting), values))
