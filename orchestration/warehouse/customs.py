"""Lands files of customs offices: each layout reads its own, all land in one of two shared shapes.

Flows go to the fact table and its slices (`flows`), cells of printed tables to `raw.printed_cell`. A
record that breaks a rule is quarantined (`customs_checks`); where such records carry more than
`TOLERANCE` of a slice's value, the whole file is held back. Breakdowns, subtotals and groups are kept
with their kind and never become flows. Files are read side by side, one per core.
"""

from __future__ import annotations

import hashlib
import inspect
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

import orchestration.sources as layouts
from orchestration.sources.layout import FLOW_COLUMNS, CustomsLayout, FileRefused, Reading
from orchestration.sources.release import Holdings, RawFile
from orchestration.warehouse import corrections, customs_checks, customs_sums, flows, notes, observed, questions, snapshots, unread
from orchestration.warehouse.customs_checks import TOLERANCE
from orchestration.warehouse.observed import Seen
from orchestration.warehouse.snapshots import BROKEN, CELLS, FLOWS, Book, Landed, Report, count

INCOMING = "incoming"
# Records that the layout or the key calls wrong weigh by their number as well as by their value.
_BY_VALUE_ALONE = "('unmapped_economy', 'duplicate_key')"
# The modules that decide, beside this one, what becomes of a record.
_JUDGES = (customs_checks, customs_sums, flows, questions, unread)


@dataclass(frozen=True)
class _Work:
    """What the readers of one layout's files share. `books` is held while books are written."""

    layout: CustomsLayout
    book: Book
    books: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_flows(self) -> bool:
        return self.layout.columns is FLOW_COLUMNS


def book_of(layout: CustomsLayout) -> Book:
    table = FLOWS if layout.columns is FLOW_COLUMNS else CELLS
    return Book(layout.layout_id, layout.dataset_id, table, _code_hash(layout))


def _code_hash(layout: CustomsLayout) -> str:
    """Changes with the code that reads and judges the layout's files, so that they are read again."""
    package = Path(layouts.__file__).parent
    shared = [*sorted(package.glob("_*.py")), package / "layout.py"]
    shared += [Path(str(module.__file__)) for module in (sys.modules[__name__], *_JUDGES)]
    own = inspect.getsource(sys.modules[type(layout).__module__])
    texts = [own, *(path.read_text(encoding="utf-8") for path in shared)]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


def _with_codes(connection: duckdb.DuckDBPyConnection, book: Book) -> Book:
    """The book under the code lists now held: a code that is added lets its quarantined rows in."""
    rows = connection.execute(
        f"select snapshot_id from raw.snapshot where status = 'loaded' and layout_id in {corrections.CODE_LISTS} "
        "order by snapshot_id"
    ).fetchall()
    lists = "".join(str(row[0]) for row in rows)
    return replace(book, layout_hash=hashlib.sha256(f"{book.layout_hash}{lists}".encode()).hexdigest()[:16])


def land_layout(connection: duckdb.DuckDBPyConnection, layout: CustomsLayout, holdings: Holdings) -> Report:
    """Brings the rows of one layout in line with its files; each file is in or out as a whole."""
    work = _Work(layout, _with_codes(connection, book_of(layout)))
    files = [file for file in holdings.files if file.layout is layout]
    snapshots.in_one_transaction(connection, lambda: snapshots.forget_gone(connection, work.book, holdings))
    seen, new = snapshots.to_read(connection, work.book, files, holdings)
    if work.is_flows:
        # A file that is read again has the slices that it had: its old flows must be gone first.
        flows.drop_orphans(connection)
    landed = _land_files(connection, work, new, seen) if new else []
    if work.is_flows:
        flows.drop_orphans(connection)
    rows = count(connection, f"select coalesce(sum(rows_loaded), 0) from raw.snapshot where layout_id = '{layout.layout_id}'")
    reasons = tuple(item.reason for item in landed if item.status == "held_back")
    return Report(tuple(landed), len(files) - len(new), rows, reasons)


def _land_files(
    connection: duckdb.DuckDBPyConnection, work: _Work, new: list[RawFile], seen: Seen
) -> list[Landed]:
    """Reads the new files side by side. Files of one snapshot are read once: the others are its copies. Where
    the first is held back, for its day or its source.yml, the next one may still be good."""
    connection.execute(customs_checks.CODES)
    held = snapshots.loaded_snapshots(connection, work.book)
    queues: dict[str, list[RawFile]] = {}
    for file in new:
        queues.setdefault(seen.ids[file.relative_path], []).append(file)

    def land(snapshot: str) -> list[Landed]:
        with connection.cursor() as own:
            is_held = snapshot in held
            landed: list[Landed] = []
            for file in queues[snapshot]:
                item = _copy(own, file, snapshot) if is_held else _land_file(own, work, file, seen)
                is_held = is_held or item.status == "loaded"
                landed.append(item)
            with work.books:
                snapshots.create_broken(own)
                snapshots.record(own, work.book, [item for item in landed if item.status == "duplicate"])
            return landed

    with ThreadPoolExecutor(max_workers=min(len(queues), os.cpu_count() or 1) or 1) as readers:
        found = {
            item.file.relative_path: item for landed in readers.map(land, queues) for item in landed
        }
    return [found[file.relative_path] for file in new]


def _copy(connection: duckdb.DuckDBPyConnection, file: RawFile, snapshot: str) -> Landed:
    """The fate of a file whose snapshot is loaded from another file."""
    read = count(
        connection,
        "select max(rows_read) from raw.snapshot where snapshot_id = ? and status = 'loaded'",
        snapshot,
    )
    return Landed(file, snapshot, "duplicate", "same bytes held already", read, 0, 0, read)


def _land_file(connection: duckdb.DuckDBPyConnection, work: _Work, file: RawFile, seen: Seen) -> Landed:
    """Reads, judges and stores one file. Facts are written first and count once the books say so."""
    snapshot = seen.ids[file.relative_path]
    snapshots.create_broken(connection)
    try:
        reading = work.layout.read(connection, file.path, INCOMING)
    except FileRefused as error:
        reason = observed.in_motion(file, seen) or f"{file.relative_path}: {error}"
        refused = Landed(file, snapshot, "held_back", reason, 0, 0, 0, 0)
        with work.books:
            snapshots.record(connection, work.book, [refused])
        return refused
    with work.books:
        notes.keep(connection, snapshot, reading.notes)
        corrections.apply(connection, INCOMING, snapshot)
    customs_checks.collect(connection, work.layout, INCOMING, snapshot, file.release.released_at, reading)
    landed = _decide(connection, work, file, seen, reading)
    if landed.status == "loaded" and work.is_flows:
        stored = flows.write_facts(connection, snapshot, INCOMING, customs_checks.good(connection))
        landed = replace(landed, flow_rows=stored, covers_whole=reading.covers_whole)
    with work.books:
        snapshots.in_one_transaction(connection, lambda: _write_books(connection, work, landed))
    return landed


def _write_books(connection: duckdb.DuckDBPyConnection, work: _Work, landed: Landed) -> None:
    snapshots.record(connection, work.book, [landed])
    if landed.status != "loaded":
        return
    if work.is_flows:
        good = customs_checks.good(connection)
        flows.write_books(connection, landed.snapshot_id, INCOMING, good)
        if landed.rows_quarantined:
            unread.write(connection, landed.snapshot_id, INCOMING, BROKEN)
        if landed.file.asked:
            questions.write(connection, landed.snapshot_id, INCOMING, landed.file.asked, good)
        return
    connection.execute(
        f"insert into raw.{CELLS} select ? as snapshot_id, incoming.* from {INCOMING} as incoming "
        f"where raw_row not in (select raw_row from {BROKEN})",
        [landed.snapshot_id],
    )
    stored = count(
        connection,
        f"select count(distinct raw_row) from raw.{CELLS} where snapshot_id = ? and row_kind = 'figure'",
        landed.snapshot_id,
    )
    snapshots.refuse_loss(landed, stored)


def _decide(
    connection: duckdb.DuckDBPyConnection, work: _Work, file: RawFile, seen: Seen, reading: Reading
) -> Landed:
    snapshot = seen.ids[file.relative_path]
    bad = count(connection, f"select count(distinct raw_row) from {BROKEN}")
    good = count(
        connection,
        f"select count(distinct raw_row) from {INCOMING} where row_kind in ('flow', 'figure') "
        f"and {customs_checks.good(connection)}",
    )
    read = reading.records
    reason = observed.in_motion(file, seen) or observed.changed_bytes(file, snapshot)
    if not reason and bad and share_lost(connection, work.is_flows, INCOMING, read, bad) > TOLERANCE:
        reason = snapshots.first_broken(connection, file, snapshot, bad)
    if not reason and file.asked:
        beyond = questions.outside(connection, INCOMING, file.asked, customs_checks.good(connection))
        reason = f"{file.relative_path}, {beyond}" if beyond else ""
    if not reason and read == 0:
        note = "; ".join(reading.notes) or "expected at least one"
        reason = f"{file.relative_path}: no records: {note}"
    if reason:
        return Landed(file, snapshot, "held_back", reason, read, 0, bad, read - bad)
    return Landed(file, snapshot, "loaded", "", read, good, bad, read - good - bad)


def share_lost(
    connection: duckdb.DuckDBPyConnection, is_flows: bool, incoming: str, read: int, bad: int
) -> float:
    """The largest share that broken records have in a slice (reporter, flow, period): of its value,
    or of its records where they have no value."""
    by_rows = bad / max(read, 1)
    if not is_flows:
        return by_rows
    rows = connection.execute(
        f"""
        select max(coalesce(lost, 0) / nullif(total, 0)) from (
            select
                cast(sum(case when broken.raw_row is not null then value end) as double) as lost,
                cast(sum(value) as double) as total
            from {incoming} as incoming
            left join (select distinct raw_row from {BROKEN}) as broken
            on incoming.raw_row = broken.raw_row
            where row_kind = 'flow'
            group by reporter_code, flow, period_end_date
        )
        """
    ).fetchall()
    worthless = count(connection, f"select count(*) from {BROKEN} where reason_code not in {_BY_VALUE_ALONE}")
    by_value = float(rows[0][0] or 0) if rows else 0.0
    return max(by_value, by_rows if worthless else 0.0)
