"""Lands tables kept by hand (articles, announced figures, market reports, reference): declared CSVs.

All files of a layout are read into one temp table and checked by its pandera contract at once, inside
the engine. Rows that break a rule are quarantined; a file with too many of them is held back. The
books are kept by `snapshots`.
"""

from __future__ import annotations

import hashlib

import duckdb
import ibis

from orchestration.contracts.validate import failing_rows, open_table, validate
from orchestration.sources.csv_layout import CsvLayout
from orchestration.sources.layout import FileRefused
from orchestration.sources.release import Holdings, RawFile
from orchestration.warehouse import snapshots
from orchestration.warehouse.files import snapshot_id
from orchestration.warehouse.snapshots import BROKEN, Book, Landed, Report, count

LANDING = "landing"


def book_of(layout: CsvLayout) -> Book:
    return Book(layout.dataset_id, layout.dataset_id, layout.raw_table, layout_hash(layout))


def land_dataset(connection: duckdb.DuckDBPyConnection, layout: CsvLayout, holdings: Holdings) -> Report:
    """Brings the raw table of one layout in line with its files, in one transaction."""
    return snapshots.in_one_transaction(connection, lambda: _land_dataset(connection, layout, holdings))


def _land_dataset(connection: duckdb.DuckDBPyConnection, layout: CsvLayout, holdings: Holdings) -> Report:
    book = book_of(layout)
    files = [file for file in holdings.files if file.layout is layout]
    ids = {file.relative_path: snapshot_id(file.path) for file in files}
    snapshots.forget_gone(connection, book, holdings)
    known = snapshots.known(connection, book)
    new = [file for file in files if known.get(file.relative_path) != ids[file.relative_path]]
    layout.create_landing(connection, LANDING)
    refused, malformed = _read(connection, layout, new, ids)
    findings: list[str] = []
    if count(connection, f"select count(*) from {LANDING}"):
        table = open_table(connection, "temp.main", LANDING)
        broken = validate(table, layout.contract(), f"raw.{layout.raw_table}")
        findings = [finding.sentence() for finding in broken]
    _collect_broken(connection, layout, bool(findings), malformed)
    landed = _decide(connection, layout, new, ids, refused)
    snapshots.record(connection, book, landed)
    _store(connection, layout, landed)
    rows = count(connection, f"select count(*) from raw.{layout.raw_table}")
    return Report(tuple(landed), len(files) - len(new), rows, tuple(findings))


def layout_hash(layout: CsvLayout) -> str:
    """Changes when the columns or rules of a layout change, so that its files are read again."""
    parts = [layout.dataset_id, *layout.columns, *layout.key]
    for item in layout.fields:
        parts += [f"{check.name}|{check.error}" for check in item.rules] + [str(item.required)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _read(
    connection: duckdb.DuckDBPyConnection,
    layout: CsvLayout,
    files: list[RawFile],
    ids: dict[str, str],
) -> tuple[dict[str, str], list[tuple[str, int, str, str]]]:
    """Reads each new file into the landing table; returns refusals by path and malformed lines."""
    refused: dict[str, str] = {}
    malformed: list[tuple[str, int, str, str]] = []
    seen: dict[str, str] = {}
    for file in files:
        snapshot = ids[file.relative_path]
        if snapshot in seen:
            twin = seen[snapshot]
            if twin in refused:
                refused[file.relative_path] = refused[twin].replace(twin, file.relative_path, 1)
            continue
        seen[snapshot] = file.relative_path
        try:
            layout.check_header(file.path)
            for line, problem, text in layout.land(connection, LANDING, file.path, snapshot):
                malformed.append((snapshot, line, problem, text))
        except FileRefused as error:
            refused[file.relative_path] = f"{file.relative_path}, {error}"
    return refused, malformed


def _collect_broken(
    connection: duckdb.DuckDBPyConnection,
    layout: CsvLayout,
    has_findings: bool,
    malformed: list[tuple[str, int, str, str]],
) -> None:
    """Fills the temp table of broken rows: one row per row and broken rule."""
    snapshots.create_broken(connection)
    if has_findings:
        table = open_table(connection, "temp.main", LANDING)
        broken = failing_rows(table, layout.contract())
        if broken is not None:
            connection.execute(f"insert into {BROKEN} {ibis.to_sql(broken, dialect='duckdb')}")
    for snapshot, line, problem, text in malformed:
        connection.execute(
            f"insert into {BROKEN} values (?, ?, 'malformed_row', null, ?, ?)",
            [snapshot, line, text, f"{len(layout.columns)} columns ({problem})"],
        )


def _decide(
    connection: duckdb.DuckDBPyConnection,
    layout: CsvLayout,
    new: list[RawFile],
    ids: dict[str, str],
    refused: dict[str, str],
) -> list[Landed]:
    landed: list[Landed] = []
    seen = snapshots.loaded_snapshots(connection, book_of(layout))
    for file in new:
        snapshot = ids[file.relative_path]
        landed_rows = count(connection, f"select count(*) from {LANDING} where snapshot_id = ?", snapshot)
        bad_rows = count(
            connection,
            f"select count(distinct raw_row) from {BROKEN} where snapshot_id = ?",
            snapshot,
        )
        lost_lines = count(
            connection,
            f"select count(distinct raw_row) from {BROKEN} "
            "where snapshot_id = ? and reason_code = 'malformed_row'",
            snapshot,
        )
        read = landed_rows + lost_lines
        reason = refused.get(file.relative_path, "")
        if not reason and bad_rows > layout.tolerance * max(read, 1):
            reason = snapshots.first_broken(connection, file, snapshot, bad_rows)
        reason = reason or snapshots.changed_bytes(file, snapshot)
        if not reason and read == 0:
            reason = f"{file.relative_path}: no rows under the header; expected at least one"
        if reason:
            landed.append(Landed(file, snapshot, "held_back", reason, read, 0, bad_rows, read - bad_rows))
        elif snapshot in seen:
            landed.append(Landed(file, snapshot, "duplicate", "same bytes held already", read, 0, 0, read))
        else:
            seen.add(snapshot)
            good = read - bad_rows
            landed.append(Landed(file, snapshot, "loaded", "", read, good, bad_rows, 0))
    return landed


def _store(connection: duckdb.DuckDBPyConnection, layout: CsvLayout, landed: list[Landed]) -> None:
    columns = ", ".join(f'"{name}"' for name in (*layout.columns, "snapshot_id", "raw_row"))
    for item in landed:
        if item.status != "loaded":
            continue
        connection.execute(
            f"insert into raw.{layout.raw_table} ({columns}) select {columns} from {LANDING} "
            f"where snapshot_id = ? and raw_row not in "
            f"(select raw_row from {BROKEN} where snapshot_id = ?) order by raw_row",
            [item.snapshot_id, item.snapshot_id],
        )
        snapshots.refuse_loss(item, snapshots.stored_rows(connection, book_of(layout), item.snapshot_id))
