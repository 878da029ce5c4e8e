"""The books of what was landed: releases, snapshots, quarantine, and the fate of every file.

Shared by the two ways of landing (`landing` for tables kept by hand, `customs` for files of customs
offices). Each file is a snapshot (`observed` says which); a snapshot that is known is not read again.
A file that cannot be used is held back and, if an earlier snapshot of the same path is there, that
one stays. For every file: rows read = rows loaded + quarantined + set aside.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import duckdb

from orchestration.errors import LedgerError
from orchestration.sources import CUSTOMS, LAYOUTS
from orchestration.sources.layout import PRINTED_COLUMNS
from orchestration.sources.release import Holdings, RawFile
from orchestration.warehouse import flows
from orchestration.warehouse.files import sha256_in
from orchestration.warehouse.ledger import CheckResult, first_row
from orchestration.warehouse.observed import Seen, look

Done = TypeVar("Done")
# Temp table of broken rows: one row per row and broken rule.
BROKEN = "landing_broken"
# Where the rows of the customs layouts go, by the shape that they share.
FLOWS = "customs_slice"
CELLS = "printed_cell"


@dataclass(frozen=True)
class Landed:
    """What became of one file. status: loaded, duplicate (same bytes elsewhere), held_back.

    flow_rows: rows in the fact table, which may be several per record; null where the file has none.
    covers_whole: the file holds all products and partners of its reporter-periods.
    """

    file: RawFile
    snapshot_id: str
    status: str
    reason: str
    rows_read: int
    rows_loaded: int
    rows_quarantined: int
    rows_set_aside: int
    flow_rows: int | None = None
    covers_whole: bool = False


@dataclass(frozen=True)
class Report:
    """What landing did for one layout; `findings` are sentences about broken rules."""

    landed: tuple[Landed, ...]
    unchanged: int
    rows: int
    findings: tuple[str, ...]

    @property
    def held_back(self) -> list[Landed]:
        return [item for item in self.landed if item.status == "held_back"]


@dataclass(frozen=True)
class Book:
    """The entries of one layout: its id, the raw table it fills, and a hash of its rules."""

    layout_id: str
    dataset_id: str
    raw_table: str
    layout_hash: str


def together(reports: list[Report]) -> Report:
    """The reports of several layouts of one raw table as one; the rows are the table's."""
    return Report(
        landed=tuple(item for report in reports for item in report.landed),
        unchanged=sum(report.unchanged for report in reports),
        rows=max((report.rows for report in reports), default=0),
        findings=tuple(said for report in reports for said in report.findings),
    )


def in_one_transaction(connection: duckdb.DuckDBPyConnection, work: Callable[[], Done]) -> Done:
    """All of a layout's files are in, or nothing is; a failure keeps its own message."""
    connection.execute("begin")
    try:
        report = work()
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")
    return report


def prepare_raw(connection: duckdb.DuckDBPyConnection, holdings: Holdings) -> None:
    """Creates the raw tables that are missing, writes the releases held and the folders refused."""
    for layout in LAYOUTS:
        columns = ", ".join(f'"{name}" varchar' for name in layout.columns)
        connection.execute(
            f"create table if not exists raw.{layout.raw_table} "
            f"({columns}, snapshot_id varchar, raw_row bigint)"
        )
        # A layout may have gained a column since the table was made; its files are then read again.
        for name in layout.columns:
            connection.execute(
                f'alter table raw.{layout.raw_table} add column if not exists "{name}" varchar'
            )
    columns = ", ".join(f"{name} {kind}" for name, (kind, _) in PRINTED_COLUMNS.items())
    connection.execute(f"create table if not exists raw.{CELLS} (snapshot_id varchar, {columns})")
    flows.create(connection)
    flows.heal(connection)
    _note_refusals(connection, holdings)
    releases = {
        file.release.release_id: file.release
        for file in holdings.files
        if holdings.scope.covers(file.relative_path)
    }
    keep = "', '".join(key.replace("'", "''") for key in releases)
    connection.execute(f"delete from raw.release where release_id in ('{keep}')")
    for item in releases.values():
        connection.execute(
            "insert into raw.release values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                item.release_id,
                item.source_id,
                item.source_kind,
                item.released_at,
                item.released_at_basis,
                item.producer,
                item.title,
                item.url,
                item.licence,
                item.citation,
                item.accessed_at,
                item.note,
            ],
        )


def drop_empty_releases(connection: duckdb.DuckDBPyConnection) -> None:
    """Forgets releases none of whose files is held any more; to be called when all files have landed."""
    connection.execute(
        "delete from raw.release where release_id not in "
        "(select release_id from raw.snapshot where release_id is not null)"
    )


def _note_refusals(connection: duckdb.DuckDBPyConnection, holdings: Holdings) -> None:
    """Folders that cannot be used stand in raw.snapshot as held back, with no data set."""
    connection.execute("delete from raw.snapshot where dataset_id is null")
    for item in holdings.refusals:
        connection.execute(
            "insert into raw.snapshot by name select ? as source_id, ? as path, 'held_back' as status, "
            "? as reason, 0 as rows_read, 0 as rows_loaded, 0 as rows_quarantined, 0 as rows_set_aside",
            [item.source_id, item.relative_path, item.message],
        )


def forget_gone(connection: duckdb.DuckDBPyConnection, book: Book, holdings: Holdings) -> None:
    """Drops files that left `raw/`, earlier refusals, and rows landed under other rules.

    Files below a folder whose source.yml is refused are not gone: their last good rows stay. Files outside
    the scope stay as they are.
    """
    present = {file.relative_path for file in holdings.files}
    refused = tuple(f"{refusal.relative_path}/" for refusal in holdings.refusals)
    rows = connection.execute(
        "select path, snapshot_id, status, layout_hash from raw.snapshot where layout_id = ?",
        [book.layout_id],
    ).fetchall()
    for path, snapshot, status, code in rows:
        if not holdings.scope.covers(str(path)):
            continue
        gone = path not in present and not str(path).startswith(refused)
        if gone or status == "held_back" or code != book.layout_hash:
            _forget(connection, book, path, snapshot, status)


def known(connection: duckdb.DuckDBPyConnection, book: Book) -> dict[str, str]:
    """path -> snapshot of the files whose fate is decided; a duplicate needs its original."""
    rows = connection.execute(
        "select path, snapshot_id from raw.snapshot as copy where layout_id = $1 "
        "and (status = 'loaded' or status = 'duplicate' and exists ("
        "select 1 from raw.snapshot where status = 'loaded' and snapshot_id = copy.snapshot_id))",
        [book.layout_id],
    ).fetchall()
    return {str(path): str(snapshot) for path, snapshot in rows}


def to_read(
    connection: duckdb.DuckDBPyConnection,
    book: Book,
    files: list[RawFile],
    holdings: Holdings,
) -> tuple[Seen, list[RawFile]]:
    """The files of a layout as they are now, and those to be read: new ones within the scope, and those whose
    bytes are as landed but are another snapshot now, because of what the scope holds."""
    booked = _booked(connection)

    def counts(file: RawFile) -> bool:
        """What waits outside the scope decides nothing yet."""
        return holdings.scope.covers(file.relative_path) or file.relative_path in booked

    counted = replace(holdings, files=tuple(filter(counts, holdings.files)))
    seen = look(list(filter(counts, files)), counted, known(connection, book))
    is_ours = {
        path: holdings.scope.covers(path) or sha256_in(snapshot) in booked.get(path, ())
        for path, snapshot in seen.ids.items()
    }
    _forget_moved(connection, book, seen, is_ours)
    decided = known(connection, book)
    new = [
        file
        for file in files
        if is_ours.get(file.relative_path)
        and decided.get(file.relative_path) != seen.ids[file.relative_path]
    ]
    # The file that a snapshot belongs to is read before its copies.
    owners = set(seen.owners.values())
    return seen, sorted(new, key=lambda file: file.relative_path not in owners)


def _booked(connection: duckdb.DuckDBPyConnection) -> dict[str, set[str]]:
    """path -> sha256 of the files in the books, of every layout; two where the newest is held back."""
    booked: dict[str, set[str]] = {}
    rows = connection.execute("select path, snapshot_id from raw.snapshot where snapshot_id is not null")
    for path, snapshot in rows.fetchall():
        booked.setdefault(str(path), set()).add(sha256_in(str(snapshot)))
    return booked


def _forget_moved(
    connection: duckdb.DuckDBPyConnection, book: Book, seen: Seen, is_ours: dict[str, bool]
) -> None:
    """Drops what was landed of a file whose snapshot is another file's now: the two changed names, or a
    release was added before the one that said the same.

    is_ours: path -> whether this refresh decides on the file.
    """
    rows = connection.execute(
        "select path, snapshot_id, status from raw.snapshot where layout_id = ?", [book.layout_id]
    ).fetchall()
    for path, snapshot, status in rows:
        owner = seen.owners.get(snapshot)
        is_moved = seen.ids.get(path) != snapshot or status == "loaded"
        if owner is None or owner == path:
            continue
        if is_moved and is_ours.get(path) and is_ours[owner]:
            _forget(connection, book, path, snapshot, status)


def loaded_snapshots(connection: duckdb.DuckDBPyConnection, book: Book) -> set[str]:
    rows = connection.execute(
        "select snapshot_id from raw.snapshot where layout_id = ? and status = 'loaded'",
        [book.layout_id],
    ).fetchall()
    return {str(row[0]) for row in rows}


def create_broken(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        f"create or replace temp table {BROKEN} (snapshot_id varchar, raw_row bigint, "
        "reason_code varchar, column_name varchar, value varchar, expected varchar)"
    )


def first_broken(connection: duckdb.DuckDBPyConnection, file: RawFile, snapshot: str, bad_rows: int) -> str:
    """The refusal of a file by its first broken rule: file, line, column, value, expectation."""
    row = first_row(
        connection,
        f"select raw_row, column_name, value, expected, reason_code from {BROKEN} "
        "where snapshot_id = ? order by raw_row, column_name nulls first, reason_code limit 1",
        [snapshot],
    )
    assert row is not None
    line, column, value, expected, reason = row
    more = f" (and {bad_rows - 1} more bad rows)" if bad_rows > 1 else ""
    place = f", column {column}" if column else ""
    shown = "nothing" if value is None else repr(value)
    return f"{file.relative_path}, line {line}{place}: {reason}: found {shown}, expected {expected}{more}"


def record(connection: duckdb.DuckDBPyConnection, book: Book, landed: list[Landed]) -> None:
    """Writes the fate of each file; files that landed anew lose their old snapshot, and a held-back
    file leaves its old one."""
    for item in landed:
        if item.status != "held_back":
            rows = connection.execute(
                "select path, snapshot_id, status from raw.snapshot where layout_id = ? and path = ?",
                [book.layout_id, item.file.relative_path],
            ).fetchall()
            for path, snapshot, status in rows:
                _forget(connection, book, path, snapshot, status)
    for item in landed:
        release = item.file.release
        connection.execute(
            "insert into raw.snapshot values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                item.snapshot_id,
                release.source_id,
                book.dataset_id,
                release.release_id,
                item.file.relative_path,
                _size(item.file),
                item.status,
                item.reason,
                item.rows_read,
                item.rows_loaded,
                item.rows_quarantined,
                item.rows_set_aside,
                book.layout_hash,
                book.layout_id,
                item.covers_whole,
                item.flow_rows,
            ],
        )
        if item.status != "duplicate":
            connection.execute(
                f"insert into raw.quarantine select ?, ?, snapshot_id, ?, raw_row, reason_code, "
                f"column_name, value, expected from {BROKEN} where snapshot_id = ?",
                [release.source_id, book.dataset_id, item.file.relative_path, item.snapshot_id],
            )


def _size(file: RawFile) -> int | None:
    """Bytes of the file; null when it went away after it was read."""
    try:
        return file.path.stat().st_size
    except FileNotFoundError:
        return None


def _forget(connection: duckdb.DuckDBPyConnection, book: Book, path: str, snapshot: str, status: str) -> None:
    place = [book.dataset_id, path, snapshot]
    for table in ("snapshot", "quarantine"):
        connection.execute(
            f"delete from raw.{table} where dataset_id = ? and path = ? and snapshot_id = ?", place
        )
    if status == "loaded" and book.raw_table == FLOWS:
        flows.forget(connection, snapshot)
    elif status == "loaded":
        connection.execute(f"delete from raw.{book.raw_table} where snapshot_id = ?", [snapshot])


def stored_rows(connection: duckdb.DuckDBPyConnection, book: Book, snapshot: str) -> int:
    """Records of the snapshot in its raw table; the rows of one record count once."""
    return count(
        connection,
        f"select count(distinct raw_row) from raw.{book.raw_table} where snapshot_id = ?",
        snapshot,
    )


def refuse_loss(item: Landed, stored: int) -> None:
    """Stops everything when a file's loaded rows are not in its raw table."""
    if stored != item.rows_loaded:
        raise LedgerError(
            f"{item.file.relative_path}: {item.rows_loaded} rows should have been loaded "
            f"but {stored} are there; nothing was changed"
        )


def count(connection: duckdb.DuckDBPyConnection, sql: str, *values: object) -> int:
    row = first_row(connection, sql, values)
    return int(row[0]) if row else 0


def unbalanced(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Files whose rows do not add up, or whose loaded rows are not in their table; one sentence each."""
    tables = {layout.dataset_id: layout.raw_table for layout in LAYOUTS}
    tables |= {layout.layout_id: CELLS for layout in CUSTOMS if layout.columns is PRINTED_COLUMNS}
    sentences = [
        f"{path}: {booked} flows in the books, {by_slice} by slice, {facts} in the fact table"
        for path, booked, by_slice, facts in flows.unbalanced(connection)
    ]
    sentences += _uneven(connection)
    for layout_id, table in tables.items():
        kept = " where row_kind = 'figure'" if table == CELLS else ""
        rows = connection.execute(
            f"""
            select snapshot.path, rows_read, rows_loaded, rows_quarantined, rows_set_aside,
                   coalesce(held.rows, 0)
            from raw.snapshot as snapshot
            left join (
                select snapshot_id, count(distinct raw_row) as rows
                from raw.{table}{kept} group by snapshot_id
            ) as held
            on snapshot.snapshot_id = held.snapshot_id and snapshot.status = 'loaded'
            where layout_id = ? and rows_loaded <> coalesce(held.rows, 0)
            order by snapshot.path
            """,
            [layout_id],
        ).fetchall()
        for path, read, loaded, quarantined, aside, held in rows:
            sentences.append(
                f"{path}: {read} rows read, {loaded} loaded ({held} in raw.{table}), "
                f"{quarantined} quarantined, {aside} set aside"
            )
    return sentences


def _uneven(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Files whose rows read are not all loaded, quarantined or set aside."""
    rows = connection.execute(
        "select path, rows_read, rows_loaded, rows_quarantined, rows_set_aside from raw.snapshot "
        "where rows_read <> rows_loaded + rows_quarantined + rows_set_aside order by path"
    ).fetchall()
    return [
        f"{path}: {read} rows read, {loaded} loaded, {quarantined} quarantined, {aside} set aside"
        for path, read, loaded, quarantined, aside in rows
    ]


def check_results(connection: duckdb.DuckDBPyConnection) -> list[CheckResult]:
    """The outcome of the raw contract for every file, as warnings: a held-back file stops nothing."""
    rows = connection.execute(
        "select path, status, reason, rows_quarantined from raw.snapshot order by path, status"
    ).fetchall()
    return [
        CheckResult(
            str(path),
            "raw_contract",
            status != "held_back" and quarantined == 0,
            "warn",
            int(quarantined),
            str(reason) if status == "held_back" else "",
        )
        for path, status, reason, quarantined in rows
    ]
