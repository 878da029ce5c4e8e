"""Lands tables kept by hand (articles, announced figures, market reports, reference): declared CSVs.

All files of a layout are read into one temp table and checked by its pandera contract at once, inside
the engine. Rows that break a rule are quarantined; a file with too many of them is held back. The
books are kept by `snapshots`.
"""

from __future__ import annotations

import hashlib
import inspect
import sys

import duckdb
import ibis

from orchestration.claims import printed, words
from orchestration.contracts import rules
from orchestration.contracts.validate import failing_rows, open_table, validate
from orchestration.sources import csv_layout
from orchestration.sources.csv_layout import CsvLayout
from orchestration.sources.layout import FileRefused
from orchestration.sources.release import Holdings, RawFile
from orchestration.warehouse import corrections, observed, snapshots
from orchestration.warehouse.observed import Seen
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
    snapshots.forget_gone(connection, book, holdings)
    seen, new = snapshots.to_read(connection, book, files, holdings)
    ids = seen.ids
    layout.create_landing(connection, LANDING)
    refused, malformed, aside = _read(connection, layout, new, ids)
    corrections.apply(connection, LANDING, *sorted({ids[file.relative_path] for file in new}))
    findings: list[str] = []
    if count(connection, f"select count(*) from {LANDING}"):
        table = open_table(connection, "temp.main", LANDING)
        broken = validate(table, layout.contract(), f"raw.{layout.raw_table}")
        findings = [finding.sentence() for finding in broken]
    _collect_broken(connection, layout, bool(findings), malformed)
    _check_rows(connection, layout, new, ids)
    landed = _decide(connection, layout, new, seen, refused, aside)
    snapshots.record(connection, book, landed)
    _store(connection, layout, landed)
    rows = count(connection, f"select count(*) from raw.{layout.raw_table}")
    return Report(tuple(landed), len(files) - len(new), rows, tuple(findings))


def layout_hash(layout: CsvLayout) -> str:
    """Changes when the columns or rules of a layout change, so that its files are read again."""
    parts = [layout.dataset_id, *layout.columns, *layout.key]
    parts += [inspect.getsource(module) for module in (rules, csv_layout)]
    if layout.check_row:
        # What a row check calls may lie in other modules of ours: figures are read by `claims`.
        judges = (sys.modules[layout.check_row.__module__], printed, words)
        parts += [inspect.getsource(module) for module in judges]
    if layout.set_aside_where:
        parts.append(f"{layout.set_aside_where}")
    for item in layout.fields:
        parts += [f"{rule.reason_code}|{rule.expected}" for rule in item.rules] + [str(item.required)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _read(
    connection: duckdb.DuckDBPyConnection,
    layout: CsvLayout,
    files: list[RawFile],
    ids: dict[str, str],
) -> tuple[dict[str, str], list[tuple[str, int, str, str]], dict[str, int]]:
    """Reads each new file into the landing table; returns refusals by path, malformed lines, and the
    number of rows set aside by snapshot."""
    refused: dict[str, str] = {}
    aside: dict[str, int] = {}
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
            lines, aside[snapshot] = layout.land(connection, LANDING, file.path, snapshot)
            malformed += [(snapshot, line, problem, text) for line, problem, text in lines]
        except FileRefused as error:
            refused[file.relative_path] = f"{file.relative_path}, {error}"
    return refused, malformed, aside


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


def _check_rows(
    connection: duckdb.DuckDBPyConnection,
    layout: CsvLayout,
    new: list[RawFile],
    ids: dict[str, str],
) -> None:
    """Runs the row check of the layout on every row whose cells are good."""
    if layout.check_row is None:
        return
    released = {ids[file.relative_path]: file.release.released_at for file in new}
    names = [*layout.columns, "snapshot_id", "raw_row"]
    shown = ", ".join(f'"{name}"' for name in names)
    rows = connection.execute(
        f"select {shown} from {LANDING} as row where not exists (select 1 from {BROKEN} as broken "
        "where broken.snapshot_id = row.snapshot_id and broken.raw_row = row.raw_row)"
    ).fetchall()
    for row in rows:
        record = dict(zip(names, row, strict=True))
        problem = layout.check_row(record, released[record["snapshot_id"]])
        if problem:
            connection.execute(
                f"insert into {BROKEN} values (?, ?, ?, ?, ?, ?)",
                [
                    record["snapshot_id"],
                    record["raw_row"],
                    problem.reason_code,
                    problem.column,
                    problem.value,
                    problem.expected,
                ],
            )


def _held_elsewhere(
    connection: duckdb.DuckDBPyConnection, layout: CsvLayout, file: RawFile, snapshot: str, seen: set[str]
) -> str:
    """The refusal of a file whose keys another file holds already, where keys are global; else empty."""
    if not layout.is_key_global:
        return ""
    key = layout.key[0]
    others = ", ".join(f"'{item}'" for item in seen) or "''"
    found = connection.execute(
        f"""
        select mine."{key}", mine.raw_row, other.path from {LANDING} as mine
        join (
            select held."{key}", snapshot.path from raw.{layout.raw_table} as held
            join raw.snapshot as snapshot on held.snapshot_id = snapshot.snapshot_id
            union all
            select "{key}", 'another new file' from {LANDING} where snapshot_id in ({others})
        ) as other on mine."{key}" = other."{key}"
        where mine.snapshot_id = ? and other.path <> ? order by mine.raw_row limit 1
        """,
        [snapshot, file.relative_path],
    ).fetchall()
    if not found:
        return ""
    value, line, path = found[0]
    return (
        f"{file.relative_path}, line {line}, column {key}: duplicate_key: found {value!r}, "
        f"expected an id that {path} does not hold"
    )


def _decide(
    connection: duckdb.DuckDBPyConnection,
    layout: CsvLayout,
    new: list[RawFile],
    looked: Seen,
    refused: dict[str, str],
    aside: dict[str, int],
) -> list[Landed]:
    landed: list[Landed] = []
    seen = snapshots.loaded_snapshots(connection, book_of(layout))
    for file in new:
        snapshot = looked.ids[file.relative_path]
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
        # Drafts that nobody has confirmed, and rows that a correction took out.
        waiting = aside.get(snapshot, 0) + corrections.dropped(connection, snapshot)
        read = landed_rows + lost_lines + waiting
        reason = observed.in_motion(file, looked) or refused.get(file.relative_path, "")
        if not reason and bad_rows > layout.tolerance * max(read, 1):
            reason = snapshots.first_broken(connection, file, snapshot, bad_rows)
        reason = reason or observed.changed_bytes(file, snapshot)
        reason = reason or _held_elsewhere(connection, layout, file, snapshot, seen)
        if not reason and read == 0:
            reason = f"{file.relative_path}: no rows under the header; expected at least one"
        if reason:
            landed.append(Landed(file, snapshot, "held_back", reason, read, 0, bad_rows, read - bad_rows))
        elif snapshot in seen:
            landed.append(Landed(file, snapshot, "duplicate", "same bytes held already", read, 0, 0, read))
        else:
            seen.add(snapshot)
            good = read - bad_rows - waiting
            landed.append(Landed(file, snapshot, "loaded", "", read, good, bad_rows, waiting))
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
