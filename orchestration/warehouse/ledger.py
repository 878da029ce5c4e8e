"""The private database of the refresh: opening it, its raw schema, the lock that keeps it to one writer.

Here belongs what every writer of the ledger needs. Landing rows is `landing`'s, meta tables `meta`'s.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, Any

import duckdb

from orchestration.errors import LedgerError
from orchestration.warehouse.settings import STORAGE_VERSION, Settings
from orchestration.warehouse.trouble import tell

# How the draft of the published file is called once attached to the ledger.
DRAFT = "chipledger"

_SCHEMA = """
create schema if not exists raw;
create table if not exists raw.release (
    release_id varchar, source_id varchar, source_kind varchar, released_at date,
    released_at_basis varchar, producer varchar, title varchar, url varchar, licence varchar,
    citation varchar, accessed_at date, note varchar
);
create table if not exists raw.snapshot (
    snapshot_id varchar, source_id varchar, dataset_id varchar, release_id varchar, path varchar,
    bytes bigint, status varchar, reason varchar, rows_read bigint, rows_loaded bigint,
    rows_quarantined bigint, rows_set_aside bigint, layout_hash varchar, layout_id varchar,
    covers_whole boolean, flow_rows bigint
);
create table if not exists raw.quarantine (
    source_id varchar, dataset_id varchar, snapshot_id varchar, path varchar, raw_row bigint,
    reason_code varchar, column_name varchar, value varchar, expected varchar
);
create table if not exists raw.snapshot_note (snapshot_id varchar, position integer, note varchar);
create table if not exists raw.snapshot_said (snapshot_id varchar, said varchar);
create table if not exists raw.correction_rule (
    position integer, correction_id varchar, path varchar, snapshot_id varchar, definition varchar
);
create table if not exists raw.correction (
    correction_id varchar, action varchar, path varchar, snapshot_id varchar, raw_row bigint,
    raw_column varchar, column_name varchar, source_value varchar, corrected_value varchar,
    factor varchar, reason varchar, found_by varchar, found_on date, url varchar
);
create schema if not exists audit;
create table if not exists audit.check_result (
    stage varchar, table_name varchar, check_name varchar, is_passed boolean, severity varchar,
    failures bigint, message varchar
);
create table if not exists audit.model_state (node_id varchar, fingerprint varchar, rows bigint);
"""


_held: set[str] = set()


def _make_home(settings: Settings) -> None:
    try:
        settings.work_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerError(
            f"cannot write to {settings.home}: {error.strerror}; set CHIPLEDGER_HOME to a folder of yours"
        ) from error


def _open_lock(settings: Settings) -> IO[str]:
    try:
        return settings.lock_path.open("a+")
    except OSError as error:
        trouble = tell(str(error), settings)
        raise LedgerError(trouble.sentence if trouble else str(error)) from error


@contextmanager
def exclusive(settings: Settings) -> Iterator[None]:
    """Holds the refresh lock; a second refresh is refused, not queued. Re-entrant in one process: a run has
    it from its first step to its end, so that nobody writes between two steps. It goes with the process."""
    if str(settings.lock_path) in _held:
        yield
        return
    _make_home(settings)
    with _open_lock(settings) as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            handle.seek(0)
            owner = handle.read().strip() or "unknown"
            raise LedgerError(
                f"another refresh (process {owner}) is at work in {settings.home}; "
                "wait for it to end, then run this again"
            ) from error
        # Only told to others; a full disk must not stop a refresh that has nothing to do.
        with suppress(OSError):
            handle.truncate(0)
            handle.write(str(os.getpid()))
            handle.flush()
        _held.add(str(settings.lock_path))
        try:
            yield
        finally:
            _held.discard(str(settings.lock_path))


@dataclass(frozen=True)
class CheckResult:
    """The outcome of one check of one table or file; severity is error or warn."""

    table: str
    name: str
    is_passed: bool
    severity: str
    failures: int
    message: str


def record_checks(connection: duckdb.DuckDBPyConnection, stage: str, results: list[CheckResult]) -> None:
    """Replaces the results of `stage`; published later as meta.checks."""
    connection.execute("delete from audit.check_result where stage = ?", [stage])
    for item in results:
        connection.execute(
            "insert into audit.check_result values (?, ?, ?, ?, ?, ?, ?)",
            [
                stage,
                item.table,
                item.name,
                item.is_passed,
                item.severity,
                item.failures,
                item.message,
            ],
        )


def first_row(
    connection: duckdb.DuckDBPyConnection, sql: str, values: Sequence[object] = ()
) -> tuple[Any, ...] | None:
    """The first row of a query that gives few. All is fetched: DuckDB 2 refuses other work on a
    connection whose result is not read to its end."""
    rows = connection.execute(sql, list(values)).fetchall()
    return rows[0] if rows else None


def _drop_old_shape(settings: Settings) -> None:
    """A ledger of another shape is dropped: all of it can be made again from `raw/`."""
    # Here, not above: the layouts are heavy to import, and a refresh without news never gets here.
    from orchestration.sources.layout import FLOW_COLUMNS, PRINTED_COLUMNS
    from orchestration.warehouse.flows import FACT_COLUMNS

    shapes = f"{_SCHEMA}{FLOW_COLUMNS}{PRINTED_COLUMNS}{FACT_COLUMNS}"
    shape = hashlib.sha256(shapes.encode()).hexdigest()
    mark = settings.work_dir / "shape"
    if mark.is_file() and mark.read_text(encoding="utf-8") == shape:
        return
    for path in (settings.ledger_path, settings.draft_path):
        path.unlink(missing_ok=True)
        path.with_name(path.name + ".wal").unlink(missing_ok=True)
    mark.write_text(shape, encoding="utf-8")


def _connect(settings: Settings) -> duckdb.DuckDBPyConnection:
    """Both private databases, opened. One that is damaged is put aside: all of it can be made again."""
    try:
        return _attach(settings)
    except duckdb.Error as error:
        if tell(str(error), settings):
            raise
    for path in (settings.ledger_path, settings.draft_path):
        for name in (path.name, path.name + ".wal"):
            held = path.with_name(name)
            if held.is_file():
                held.replace(path.with_name(f"{name}.damaged"))
    return _attach(settings)


def _attach(settings: Settings) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(str(settings.ledger_path), config={"memory_limit": settings.memory_limit})
    try:
        draft = str(settings.draft_path).replace("'", "''")
        connection.execute(f"attach '{draft}' as {DRAFT} (storage_version '{STORAGE_VERSION}')")
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def open_ledger(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the ledger with the draft attached as `chipledger`; closed on leaving."""
    settings.work_dir.mkdir(parents=True, exist_ok=True)
    _drop_old_shape(settings)
    connection = _connect(settings)
    try:
        connection.execute(_SCHEMA)
        for schema in ("marts", "meta"):
            connection.execute(f"create schema if not exists {DRAFT}.{schema}")
        yield connection
    finally:
        connection.close()
