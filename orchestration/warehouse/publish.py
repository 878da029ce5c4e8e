"""Audits the draft and publishes it: a whole new file behind one atomic flip of a folder link.

Readers that hold the old file keep it; new connections see the new one. Nothing is published
unless the audit passes, and a refresh that dies anywhere here leaves `current` as it was.
"""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import os
import shutil
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import duckdb

from orchestration.errors import LedgerError
from orchestration.sources.release import scan
from orchestration.warehouse import (
    as_of,
    attempts,
    builds,
    calendar,
    digest,
    keep,
    logs,
    meta,
    progress,
)
from orchestration.warehouse.files import sha256_of, sha256_in, sync
from orchestration.warehouse.ledger import DRAFT, first_row, open_ledger
from orchestration.warehouse.settings import PUBLISHED_NAME, Settings

ALLOWED_TYPES = ("VARCHAR", "DATE", "TIMESTAMP", "BOOLEAN", "INTEGER", "BIGINT", "DOUBLE")


@dataclass(frozen=True)
class Published:
    """One published build and what it changed: rows as (mart, added, removed, total)."""

    build_id: str
    path: Path
    changes: tuple[tuple[str, int, int, int], ...]
    held_back: tuple[str, ...]


def publish(settings: Settings, seconds: float, force: bool = False) -> Published:
    """Audits the draft, copies it to `builds/<build_id>/` and flips `current` to it.

    The build is known by what lay in `raw/` when its refresh began: a file that came later is new to the
    next one. Where the current build is of the very same files and code there is nothing to publish,
    unless it is asked for.
    """
    parts = taken_in(settings, attempts.mine(settings))
    fingerprint = builds.fingerprint_of(parts)
    before, back = builds.current(settings), keep.rolled_back(settings)
    same = {before.fingerprint if before else "", back["fingerprint"] if back else ""}
    if before and fingerprint in same and not force:
        attempts.end(settings)
        catch_up_postgres(settings)
        path = settings.published_path.resolve()
        return Published(before.build_id, path, (), before.held_back)
    build_id = builds.new_build_id(settings, fingerprint)
    with open_ledger(settings) as connection:
        _balance(connection)
        meta.write(connection)
        changes = _write_history(connection, settings, build_id, fingerprint, seconds)
        as_of.create(connection)
        meta.write_columns(connection)
        _audit(connection)
        held_back = tuple(
            str(row[0])
            for row in connection.execute(
                "select reason from raw.snapshot where status = 'held_back' order by path"
            ).fetchall()
        )
        connection.execute(f"checkpoint {DRAFT}")
    record = builds.BuildRecord(build_id, fingerprint, held_back, parts)
    _drop_unpublished(settings)
    folder = _copy(settings, record)
    try:
        with _in_postgres(folder / PUBLISHED_NAME):
            point_to(settings, folder)
    except BaseException:
        if folder.resolve() != settings.current_link.resolve():
            shutil.rmtree(folder)
        raise
    attempts.end(settings)
    keep.drop_old(settings)
    return Published(build_id, folder / PUBLISHED_NAME, changes, held_back)


def taken_in(settings: Settings, attempt: attempts.Attempt) -> dict[str, str]:
    """The parts of the build, without release folders of which a file is not in the books as it lies in `raw/`:
    it was away or other bytes while its table was landed, as when a mount goes and comes back, or an editor
    saves and takes it back. The next refresh looks there again."""
    with open_ledger(settings) as connection:
        rows = connection.execute("select path, snapshot_id from raw.snapshot where snapshot_id is not null")
        held = {(str(path), sha256_in(str(snapshot))) for path, snapshot in rows.fetchall()}
    missed = {
        builds.part_of(PurePosixPath(file.relative_path))
        for file in scan(settings.raw_root, attempt.scope).files
        if attempt.scope.covers(file.relative_path) and (file.relative_path, _now(file.path)) not in held
    }
    return {name: digest for name, digest in attempt.parts.items() if name not in missed}


def _now(path: Path) -> str | None:
    """sha256 of the file's bytes at this moment; None when it just went away."""
    try:
        return sha256_of(path)
    except FileNotFoundError:
        return None


def _in_postgres(path: Path) -> AbstractContextManager[None]:
    """Loads the build into PostgreSQL too, where one is named; its readers change right after the file's."""
    url = os.environ.get("CHIPLEDGER_POSTGRES_URL")
    if not url:
        return nullcontext()
    from orchestration.serving.postgres import publishing

    return publishing(url, path)


def catch_up_postgres(settings: Settings) -> str | None:
    """Brings PostgreSQL, where one is named, to the current build: it may hold another, if it was named or
    `current` was set back since, or a publish was killed in between. Returns the build, None if it was there."""
    url = os.environ.get("CHIPLEDGER_POSTGRES_URL")
    if not url:
        return None
    from orchestration.serving.postgres import catch_up

    return catch_up(settings, url)


def drop_unknown_marts(settings: Settings, known: set[str]) -> None:
    """Removes tables of the draft that no model makes any more, so that they are not published."""
    with open_ledger(settings) as connection:
        for name, kind in connection.execute(
            "select table_name, 'table' from duckdb_tables() where database_name = $1 and schema_name = 'marts' "
            "union all select view_name, 'view' from duckdb_views() "
            "where database_name = $1 and schema_name = 'marts'",
            [DRAFT],
        ).fetchall():
            if name not in known:
                connection.execute(f'drop {kind} {DRAFT}.marts."{name}"')


def _balance(connection: duckdb.DuckDBPyConnection) -> None:
    """Nothing lost: rows read = loaded + quarantined + set aside, file by file."""
    row = first_row(
        connection,
        "select path, rows_read, rows_loaded, rows_quarantined, rows_set_aside from raw.snapshot "
        "where rows_read <> rows_loaded + rows_quarantined + rows_set_aside order by path limit 1",
    )
    if row:
        raise LedgerError(
            f"{row[0]}: {row[1]} rows read but {row[2]} loaded, {row[3]} quarantined and "
            f"{row[4]} set aside; nothing was published"
        )


def _write_history(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    build_id: str,
    fingerprint: str,
    seconds: float,
) -> tuple[tuple[str, int, int, int], ...]:
    """Carries meta.builds and the tables that go with it over from the published file and adds this build."""
    meta.create(connection, meta.BUILDS)
    meta.create(connection, meta.BUILD_STEPS)
    meta.create(connection, meta.CHANGES)
    meta.create(connection, meta.DIGEST)
    before = builds.current(settings)
    _carry_over(connection, settings)
    if before:
        path = str(settings.published_path.resolve()).replace("'", "''")
        connection.execute(f"attach '{path}' as published (read_only)")
    changes = count_changes(connection, published=before is not None)
    today = dt.datetime.now(dt.UTC).date()
    found = digest.find(connection, before is not None, calendar.read(settings.raw_root), today)
    for item in found:
        connection.execute(
            f"insert into {DRAFT}.meta.digest values (?, ?, ?, ?, ?, ?, ?)",
            [build_id, item.kind, item.subject, item.before, item.after, item.change_pct, item.message],
        )
    for name, added, removed, total in changes:
        connection.execute(
            f"insert into {DRAFT}.meta.changes values (?, ?, ?, ?, ?, ?)",
            [build_id, before.build_id if before else None, name, added, removed, total],
        )
    connection.execute(
        f"insert into {DRAFT}.meta.builds select ?, ?, ?, ?, version(), "
        "count(*) filter (where status = 'loaded'), count(*) filter (where status = 'held_back'), "
        "coalesce(sum(rows_loaded), 0), (select count(*) from audit.check_result), ? "
        "from raw.snapshot",
        [
            build_id,
            dt.datetime.now(dt.UTC).replace(tzinfo=None, microsecond=0),
            fingerprint,
            importlib.metadata.version("chipledger"),
            seconds,
        ],
    )
    _write_steps(connection, build_id)
    if before:
        connection.execute("detach published")
    return changes


def _write_steps(connection: duckdb.DuckDBPyConnection, build_id: str) -> None:
    """What was done for this build, with the size of the files that each raw table holds."""
    sizes: dict[str, int] = dict(
        connection.execute(
            "select case when flow_rows is not null then 'fct_customs_flow' else dataset_id end, sum(bytes)::bigint "
            "from raw.snapshot where status = 'loaded' group by all"
        ).fetchall()
    )
    for place, step in enumerate(progress.taken(), start=1):
        size = sizes.get(step.name) if step.stage == "raw" else None
        connection.execute(
            f"insert into {DRAFT}.meta.build_steps values (?, ?, ?, ?, ?, ?, ?, ?)",
            [build_id, logs.begin(), place, step.stage, step.name, step.rows, size, step.seconds],
        )


def _carry_over(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """The history of all builds so far goes on, also of those that were gone back from.

    A build of an older version may lack tables or columns; those that both have are carried over.
    """
    newest = keep.newest_history(settings)
    if newest is None:
        return
    path = str(settings.builds_dir / newest / PUBLISHED_NAME).replace("'", "''")
    connection.execute(f"attach '{path}' as history (read_only)")
    for table in ("builds", "build_steps", "changes", "digest"):
        shared = first_row(
            connection,
            "select string_agg(column_name, ', ') from (select column_name from duckdb_columns() "
            "where schema_name = 'meta' and table_name = $1 and database_name in ('history', $2) "
            "group by column_name having count(*) = 2)",
            [table, DRAFT],
        )
        if shared and shared[0]:
            connection.execute(
                f"insert into {DRAFT}.meta.{table} by name select {shared[0]} from history.meta.{table}"
            )
    connection.execute("detach history")


def count_changes(connection: duckdb.DuckDBPyConnection, published: bool) -> tuple[tuple[str, int, int, int], ...]:
    """Rows of each mart that are new or gone against the published file, by content.

    Flows of customs files are compared slice by slice: the key of a slice stands for its bytes.
    """
    old = _tables(connection, "published") if published else {}
    has_slices = "dim_flow_slice" in old and "fct_superseded_flow" in old
    changes: dict[str, tuple[int, int, int]] = {}
    for name, columns in _tables(connection, DRAFT).items():
        if name == "fct_customs_flow":
            changes[name] = _slice_changes(connection, has_slices, current=False)
            continue
        mine = f'{DRAFT}.marts."{name}"'
        (total,) = _row(connection, f"select count(*) from {mine}")
        if old.get(name) == columns:
            theirs = f'published.marts."{name}"'
            (added,) = _row(connection, f"select count(*) from (from {mine} except all from {theirs})")
            (gone,) = _row(connection, f"select count(*) from (from {theirs} except all from {mine})")
        else:
            theirs_rows = (
                _row(connection, f'select count(*) from published.marts."{name}"')[0] if name in old else 0
            )
            added, gone = total, theirs_rows
        changes[name] = (added, gone, total)
    for view, parts, current in _VIEWS:
        sums = [_slice_changes(connection, has_slices, current), *(changes[part] for part in parts)]
        changes[view] = (sum(s[0] for s in sums), sum(s[1] for s in sums), sum(s[2] for s in sums))
    return tuple((name, *changes[name]) for name in sorted(changes))


# The views over customs flows and the small tables that are their other parts.
_VIEWS = (
    ("fct_trade_flow", ("fct_announced_flow",), True),
    ("fct_trade_flow_release", ("fct_announced_flow_release", "fct_withdrawn_flow"), False),
)


def _slice_changes(
    connection: duckdb.DuckDBPyConnection, has_slices: bool, current: bool
) -> tuple[int, int, int]:
    """Flows of customs files that are new, gone and there; `current`: only those nothing has replaced."""

    def counts(database: str) -> str:
        if not current:
            return f"select slice_id, flow_rows as rows from {database}.marts.dim_flow_slice"
        return (
            f"select slice_id, flow_rows - coalesce(replaced, 0) as rows from {database}.marts.dim_flow_slice "
            f"left join (select slice_id, count(*) as replaced from {database}.marts.fct_superseded_flow "
            "group by slice_id) using (slice_id) where superseded_at is null"
        )

    before = counts("published") if has_slices else "select null::bigint as slice_id, 0 as rows where false"
    added, gone, total = _row(
        connection,
        f"""
        select coalesce(sum(greatest(coalesce(now.rows, 0) - coalesce(old.rows, 0), 0)), 0),
               coalesce(sum(greatest(coalesce(old.rows, 0) - coalesce(now.rows, 0), 0)), 0),
               coalesce(sum(now.rows), 0)
        from ({counts(DRAFT)}) as now full join ({before}) as old on now.slice_id = old.slice_id
        """,
    )
    return added, gone, total


def _tables(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, list[str]]:
    rows = connection.execute(
        "select table_name, list(column_name || ' ' || data_type order by column_index) "
        "from duckdb_columns() where database_name = $1 and schema_name = 'marts' and table_name in "
        "(select table_name from duckdb_tables() where database_name = $1) "
        "group by table_name order by table_name",
        [database],
    ).fetchall()
    return {str(name): list(columns) for name, columns in rows}


def _audit(connection: duckdb.DuckDBPyConnection) -> None:
    """What a reader relies on: no failed check, a comment on every column, plain types, no stray schema."""
    failed = first_row(
        connection,
        "select table_name, check_name, message from audit.check_result "
        "where not is_passed and severity = 'error' order by all limit 1",
    )
    if failed:
        raise LedgerError(f"{failed[0]}: {failed[1]} failed: {failed[2]}; nothing was published")
    silent = first_row(
        connection,
        "select table_name || '.' || column_name from duckdb_columns() where database_name = ? "
        "and schema_name in ('marts', 'meta') and coalesce(comment, '') = '' order by all limit 1",
        [DRAFT],
    )
    if silent:
        raise LedgerError(f"{silent[0]} has no comment; describe it in the model's yml")
    typed = first_row(
        connection,
        "select table_name || '.' || column_name, data_type from duckdb_columns() "
        "where database_name = ? and schema_name in ('marts', 'meta') and data_type not in "
        f"{ALLOWED_TYPES} and not starts_with(data_type, 'DECIMAL') order by all limit 1",
        [DRAFT],
    )
    if typed:
        raise LedgerError(
            f"{typed[0]} is {typed[1]}; BI drivers need one of {', '.join(ALLOWED_TYPES)} or DECIMAL"
        )
    stray = first_row(
        connection,
        "select schema_name from duckdb_tables() where database_name = ? "
        "and schema_name not in ('marts', 'meta') limit 1",
        [DRAFT],
    )
    if stray:
        raise LedgerError(f"schema {stray[0]} is in the draft; only marts and meta are published")


def _drop_unpublished(settings: Settings) -> None:
    """Builds that were written but never pointed to: a refresh died between the two. After going back,
    newer builds are meant to stay."""
    record = builds.current(settings)
    if record is None or keep.rolled_back(settings):
        return
    for name in builds.all_builds(settings):
        if name > record.build_id:
            keep.remove(settings, name)


def _copy(settings: Settings, record: builds.BuildRecord) -> Path:
    """Puts the draft into a folder of its own, complete and on disk, before anyone can see it."""
    settings.builds_dir.mkdir(parents=True, exist_ok=True)
    for leftover in settings.builds_dir.glob("*.partial"):
        shutil.rmtree(leftover)
    partial = settings.builds_dir / f"{record.build_id}.partial"
    partial.mkdir()
    target = partial / PUBLISHED_NAME
    shutil.copyfile(settings.draft_path, target)
    builds.write_record(partial, replace(record, sha256=sha256_of(target)))
    for path in (target, partial / builds.RECORD):
        path.chmod(0o444)
        sync(path)
    sync(partial)
    _compare(settings.draft_path, target)
    folder = settings.builds_dir / record.build_id
    partial.rename(folder)
    sync(settings.builds_dir)
    return folder


def _compare(draft: Path, published: Path) -> None:
    """The published file must open on its own and hold as many rows as the draft, table by table."""
    counts = []
    for path in (draft, published):
        with duckdb.connect(str(path), read_only=True) as connection:
            tables = connection.execute(
                "select schema_name, table_name from duckdb_tables() order by all"
            ).fetchall()
            counts.append(
                {
                    (schema, name): _row(connection, f'select count(*) from {schema}."{name}"')
                    for schema, name in tables
                }
            )
    if counts[0] != counts[1]:
        raise LedgerError(f"{published} does not hold what was built; nothing was published")


def point_to(settings: Settings, folder: Path) -> None:
    """Makes a build the current one, in one step; links of refreshes that died on the way go."""
    for leftover in settings.home.glob(".current.*"):
        leftover.unlink(missing_ok=True)
    link = settings.home / f".current.{os.getpid()}"
    link.symlink_to(folder.relative_to(settings.home), target_is_directory=True)
    link.replace(settings.current_link)
    sync(settings.home)


def _row(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[int, ...]:
    row = first_row(connection, sql)
    assert row is not None
    return tuple(int(item) for item in row)
