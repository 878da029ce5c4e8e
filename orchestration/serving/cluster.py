"""A PostgreSQL server and its pooler for this machine, below the home: made, started, stopped.

PostgreSQL listens on a socket in a private folder only; people reach it through pgbouncer on loopback, which
speaks TLS, checks passwords (scram) and ends queries that take too long, whatever a client has SET.
What is published there is `postgres`'s, who may read it `roles`'s.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from orchestration.errors import LedgerError
from orchestration.serving import roles, tls
from orchestration.serving.programs import Runner, find
from orchestration.serving.server import Server, connect
from orchestration.serving.watch import watched
from orchestration.warehouse.settings import Settings

DATABASE = "chipledger"
OWNER = "chipledger_owner"
_POOLER = "chipledger_pooler"
HOST = "127.0.0.1"
PORT = 6432
# A socket's path must fit into the operating system's 108 bytes (104 on macOS), its name included.
_LONGEST_SOCKET_FOLDER = 80
# How long a transaction may stand open and do nothing.
_IDLE_S = 300
_START_S = 60
_STOP_S = 20

_CREDENTIALS = f"""
create or replace function chipledger.credential_of(wanted text, out name text, out secret text)
    language sql security definer set search_path = pg_catalog
    as $$
        select usename::text, passwd from pg_shadow
        where usename = wanted and pg_has_role(usename, '{roles.READERS}', 'member')
    $$;
revoke all on function chipledger.credential_of(text) from public;
revoke all on schema chipledger from public;
grant usage on schema chipledger to {_POOLER};
grant execute on function chipledger.credential_of(text) to {_POOLER};
"""


@dataclass(frozen=True)
class Limits:
    """What one query may take: seconds (ended by the pooler) and megabytes (each server process)."""

    seconds: int = 60
    memory_mb: int = 2048


@dataclass(frozen=True)
class Places:
    """Folders of the endpoint below the home."""

    home: Path

    @classmethod
    def of(cls, settings: Settings) -> Places:
        return cls(settings.home / "serve")

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def socket(self) -> Path:
        """Where PostgreSQL listens: below the home, or in /tmp where that path would be too long, or has a
        comma, which clients read as the end of it."""
        inside = self.home / "run"
        if len(str(inside)) <= _LONGEST_SOCKET_FOLDER and "," not in str(inside):
            return inside
        import hashlib

        return Path("/tmp") / f"chipledger-{hashlib.sha256(str(self.home).encode()).hexdigest()[:16]}"

    @property
    def url(self) -> str:
        """The owner's address; it holds no password, the system tells the server who connects."""
        return f"postgresql://{OWNER}@/{DATABASE}?host={quote(str(self.socket), safe='')}"


@dataclass(frozen=True)
class Endpoint:
    """A running endpoint: where it is, and the processes that make it."""

    places: Places
    port: int
    processes: dict[str, subprocess.Popen[bytes]]

    @property
    def certificate(self) -> Path:
        return self.places.home / "tls" / "server.crt"

    def check(self) -> None:
        """Raises when one of the processes has ended by itself."""
        for name, process in self.processes.items():
            if process.poll() is not None:
                log = self.places.home / "log" / f"{name.lower().replace('postgresql', 'postgres')}.log"
                raise LedgerError(f"{name} has ended; {_last_line(log)}")


def url_of_running(settings: Settings) -> str | None:
    """The owner's address of the endpoint of this home, if it is up."""
    places = Places.of(settings)
    return places.url if (places.socket / ".s.PGSQL.5432").exists() else None


@contextmanager
def running(settings: Settings, port: int = PORT, limits: Limits | None = None) -> Iterator[Endpoint]:
    """The endpoint, up and accepting connections; stopped at the end, however that comes about."""
    limits = limits or Limits()
    places = Places.of(settings)
    runner = find()
    _prepare_folders(settings, places, runner)
    with _only_one(places), _postgres(places, runner, limits) as postgres:
        with connect(places.url) as server:
            _prepare_database(server)
        # Seconds after the pooler, whose end is the better one: it says why.
        watch = watched(places.url, limits.seconds + 5, _IDLE_S + 5)
        with watch, _pooler(places, runner, port, limits) as pooler:
            yield Endpoint(places, port, {"PostgreSQL": postgres, "pgbouncer": pooler})


def _prepare_folders(settings: Settings, places: Places, runner: Runner) -> None:
    settings.home.mkdir(parents=True, exist_ok=True)
    for folder in (places.home, places.home / "tls", places.home / "log", places.socket):
        folder.mkdir(exist_ok=True)
        if folder.is_symlink() or folder.stat().st_uid not in (os.geteuid(), runner.uid):
            raise LedgerError(f"{folder} belongs to somebody else; remove it")
        runner.own(folder, 0o700)
    if not runner.reaches(places.home):
        raise LedgerError(
            f"PostgreSQL does not run as root, so it runs as {runner.name}, who cannot enter "
            f"{settings.home}; set CHIPLEDGER_HOME to a folder that others may enter, "
            "or start this as another user"
        )


@contextmanager
def _only_one(places: Places) -> Iterator[None]:
    with (places.home / "lock").open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            raise LedgerError(
                f"`chipledger serve` is up for this home already (process {handle.read().strip()}); "
                "stop it first"
            ) from None
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        yield


@contextmanager
def _postgres(places: Places, runner: Runner, limits: Limits) -> Iterator[subprocess.Popen[bytes]]:
    if not (places.data / "PG_VERSION").exists():
        runner.run(
            "initdb",
            *("-D", str(places.data), "-U", OWNER, "--auth=reject", "--encoding=UTF8", "--no-locale"),
            "--data-checksums",
        )
    _write(runner, places.data / "pg_hba.conf", _hba())
    _write(runner, places.data / "pg_ident.conf", _ident(runner))
    _end_orphan(places.data / "postmaster.pid", str(places.data), signal.SIGINT)
    settings = {
        "listen_addresses": "",
        # A list; the quotes keep what a path may hold from being read as its end.
        "unix_socket_directories": '"' + str(places.socket).replace('"', '""') + '"',
        "unix_socket_permissions": "0700",
        "password_encryption": "scram-sha-256",
        "max_connections": "120",
        "shared_buffers": "256MB",
        "work_mem": "32MB",
        "temp_file_limit": "2GB",
        "statement_timeout": f"{limits.seconds}s",
        # A backend whose client is gone ends by itself; where a session forbids it, `watch` ends it.
        "client_connection_check_interval": "1s",
        "log_statement": "none",
        "log_min_error_statement": "panic",
    }
    process = runner.popen(
        "postgres",
        *("-D", str(places.data)),
        *(item for name, value in settings.items() for item in ("-c", f"{name}={value}")),
        log=places.home / "log" / "postgres.log",
        memory=limits.memory_mb << 20,
    )
    try:
        _wait(process, places)
        yield process
    finally:
        _stop(process, signal.SIGINT, signal.SIGQUIT)


def _hba() -> str:
    return (
        f"local all {OWNER} peer map=chipledger\n"
        f"local {DATABASE} {_POOLER} peer map=chipledger\n"
        f"local {DATABASE} +{roles.READERS} scram-sha-256\n"
    )


def _ident(runner: Runner) -> str:
    import pwd

    names = {runner.name, pwd.getpwuid(os.geteuid()).pw_name}
    return "".join(f'chipledger "{name}" {role}\n' for name in sorted(names) for role in (OWNER, _POOLER))


def _prepare_database(server: Server) -> None:
    if server.execute("select 1 from pg_roles where rolname = %s", [_POOLER]).fetchone() is None:
        server.execute(sql.SQL("create role {} login").format(sql.Identifier(_POOLER)))
    server.execute("create schema if not exists chipledger")
    roles.prepare(server)
    roles.harden(server)
    server.execute(
        sql.SQL("grant connect on database {} to {}").format(
            sql.Identifier(DATABASE), sql.Identifier(_POOLER)
        )
    )
    server.execute(_CREDENTIALS)
    server.commit()


def _wait(process: subprocess.Popen[bytes], places: Places) -> None:
    """Until the server answers; makes the database at the first time."""
    administration = places.url.replace(f"/{DATABASE}?", "/postgres?")
    deadline = time.monotonic() + _START_S
    while True:
        if process.poll() is not None:
            raise LedgerError(f"PostgreSQL did not start; {_last_line(places.home / 'log' / 'postgres.log')}")
        try:
            with psycopg.connect(administration, autocommit=True, connect_timeout=5) as server:
                if (
                    server.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone()
                    is None
                ):
                    server.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))
            return
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@contextmanager
def _pooler(places: Places, runner: Runner, port: int, limits: Limits) -> Iterator[subprocess.Popen[bytes]]:
    certificate, key = tls.certificate(runner, places.home / "tls")
    users = places.home / "pooler-users.txt"
    # The pooler looks people up in the server. Its own name stands here with a word that opens nothing:
    # the server knows it by the system user, and nobody can log in as it.
    _write(runner, users, f'"{_POOLER}" "{secrets.token_hex(32)}"\n')
    log, pid = places.home / "log" / "pgbouncer.log", places.home / "pgbouncer.pid"
    configuration = places.home / "pgbouncer.ini"
    settings = {
        "listen_addr": HOST,
        "listen_port": str(port),
        "unix_socket_dir": "",
        "auth_type": "scram-sha-256",
        "auth_file": str(users),
        "auth_user": _POOLER,
        "auth_query": "select name, secret from chipledger.credential_of($1)",
        "pool_mode": "session",
        "client_tls_sslmode": "require",
        "client_tls_cert_file": str(certificate),
        "client_tls_key_file": str(key),
        "server_tls_sslmode": "disable",
        # Two seconds after the server's own limit, whose message is the better one.
        "query_timeout": str(limits.seconds + 2),
        "idle_transaction_timeout": str(_IDLE_S),
        "max_client_conn": "400",
        "default_pool_size": "40",
        "max_db_connections": "100",
        "query_wait_timeout": "60",
        "client_login_timeout": "15",
        "server_check_delay": "5",
        "ignore_startup_parameters": "extra_float_digits",
        "pidfile": str(pid),
        "log_connections": "0",
        "log_disconnections": "0",
    }
    lines = [f"{name} = {value}" for name, value in settings.items()]
    host = str(places.socket).replace("'", "''")
    database = f"{DATABASE} = host='{host}' dbname={DATABASE}"
    _write(runner, configuration, "\n".join(["[databases]", database, "[pgbouncer]", *lines, ""]))
    _end_orphan(pid, str(configuration), signal.SIGTERM)
    process = runner.popen("pgbouncer", str(configuration), log=log)
    try:
        _wait_for_port(process, port, log)
        yield process
    finally:
        _stop(process, signal.SIGTERM, signal.SIGKILL)


def _wait_for_port(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    import socket

    deadline = time.monotonic() + _START_S
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection((HOST, port), timeout=1):
            time.sleep(0.2)
            # Somebody else may sit on that port; then this process ends by itself.
            if process.poll() is None:
                return
        time.sleep(0.1)
    raise LedgerError(f"pgbouncer did not start on port {port}; {_last_line(log)}")


def _stop(process: subprocess.Popen[bytes], gently: signal.Signals, at_last: signal.Signals) -> None:
    if process.poll() is not None:
        return
    process.send_signal(gently)
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.send_signal(at_last)
        process.wait(_STOP_S)


def _end_orphan(pid_file: Path, belongs: str, how: signal.Signals) -> None:
    """Ends a server that a killed `chipledger serve` left; only one whose command names our files."""
    try:
        pid = int(pid_file.read_text(encoding="utf-8").split()[0])
    except (OSError, ValueError, IndexError):
        return
    said = subprocess.run(
        ["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False
    )
    if belongs not in said.stdout:
        return
    os.kill(pid, how)
    deadline = time.monotonic() + _STOP_S
    while time.monotonic() < deadline:
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    raise LedgerError(f"process {pid}, left by an earlier `chipledger serve`, does not end; stop it by hand")


def _write(runner: Runner, path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    runner.own(path, 0o600)


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.is_file() else []
    return f"the last line of {log}: {lines[-1] if lines else 'nothing'}"
