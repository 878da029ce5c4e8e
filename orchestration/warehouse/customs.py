"""Lands files of customs offices: each layout reads its own, all land in one of two shared tables.

A record whose economy has no ISO code, or that breaks a rule of its layout, is quarantined; where
such records carry more than `TOLERANCE` of a slice's value, the whole file is held back. Breakdowns,
subtotals and groups land too, with their kind, and never become flows.
"""

from __future__ import annotations

import hashlib
import inspect
import sys
from dataclasses import replace
from pathlib import Path

import duckdb

import orchestration.sources as layouts
from orchestration.sources.layout import FLOW_COLUMNS, CustomsLayout, FileRefused, Reading
from orchestration.sources.release import Holdings, RawFile
from orchestration.warehouse import corrections, notes, snapshots
from orchestration.warehouse.files import snapshot_id
from orchestration.warehouse.snapshots import (
    BROKEN,
    CELLS,
    FLOWS,
    Book,
    Landed,
    Report,
    count,
)

INCOMING = "incoming"
# Share of a slice's value that quarantined records may carry before their file is held back.
TOLERANCE = 0.001

# Every code of an economy, by the system that it belongs to.
_CODES = """
create or replace temp table economy_of as
select 'comtrade' as code_system, comtrade_code as code, economy_iso3
from raw.economy where comtrade_code is not null
union all select 'comtrade', comtrade_code, economy_iso3 from raw.comtrade_code_alias
union all select 'gacc', gacc_code, economy_iso3 from raw.economy where gacc_code is not null
union all select 'gacc', 'WLD', 'WLD'
union all select code_system, code, economy_iso3 from raw.economy_code
union all select distinct 'iso3', economy_iso3, economy_iso3 from raw.economy
"""


def book_of(layout: CustomsLayout) -> Book:
    table = FLOWS if layout.columns is FLOW_COLUMNS else CELLS
    return Book(layout.layout_id, layout.dataset_id, table, _code_hash(layout))


def _code_hash(layout: CustomsLayout) -> str:
    """Changes with the code that reads and judges the layout's files, so that they are read again."""
    package = Path(layouts.__file__).parent
    shared = [*sorted(package.glob("_*.py")), package / "layout.py", Path(__file__)]
    own = inspect.getsource(sys.modules[type(layout).__module__])
    texts = [own, *(path.read_text(encoding="utf-8") for path in shared)]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


def _with_codes(connection: duckdb.DuckDBPyConnection, book: Book) -> Book:
    """The book under the code lists now held: a code that is added lets its quarantined rows in."""
    rows = connection.execute(
        "select snapshot_id from raw.snapshot where status = 'loaded' and layout_id in "
        "('economies', 'economy_codes', 'comtrade_code_aliases') order by snapshot_id"
    ).fetchall()
    lists = "".join(str(row[0]) for row in rows)
    return replace(book, layout_hash=hashlib.sha256(f"{book.layout_hash}{lists}".encode()).hexdigest()[:16])


def land_layout(connection: duckdb.DuckDBPyConnection, layout: CustomsLayout, holdings: Holdings) -> Report:
    """Brings the rows of one layout in line with its files; each file is in or out as a whole.

    A file is read between two transactions, as the engine gives up a transaction at the first error of a
    query, and a file that cannot be read must not undo those before it.
    """
    return snapshots.in_one_transaction(connection, lambda: _land_layout(connection, layout, holdings))


def _land_layout(connection: duckdb.DuckDBPyConnection, layout: CustomsLayout, holdings: Holdings) -> Report:
    book = _with_codes(connection, book_of(layout))
    files = [file for file in holdings.files if file.layout is layout]
    ids = {file.relative_path: snapshot_id(file.path) for file in files}
    snapshots.forget_gone(connection, book, holdings)
    known = snapshots.known(connection, book)
    new = [file for file in files if known.get(file.relative_path) != ids[file.relative_path]]
    landed: list[Landed] = []
    if new:
        connection.execute(_CODES)
        held = snapshots.loaded_snapshots(connection, book)
        for file in new:
            landed.append(_land_file(connection, layout, book, file, ids[file.relative_path], held))
    rows = count(connection, f"select count(*) from raw.{book.raw_table}")
    reasons = tuple(item.reason for item in landed if item.status == "held_back")
    return Report(tuple(landed), len(files) - len(new), rows, reasons)


def _land_file(
    connection: duckdb.DuckDBPyConnection,
    layout: CustomsLayout,
    book: Book,
    file: RawFile,
    snapshot: str,
    held: set[str],
) -> Landed:
    snapshots.create_broken(connection)
    if snapshot in held:
        rows = count(
            connection,
            "select max(rows_read) from raw.snapshot where snapshot_id = ? and status = 'loaded'",
            snapshot,
        )
        landed = Landed(file, snapshot, "duplicate", "same bytes held already", rows, 0, 0, rows)
        snapshots.record(connection, book, [landed])
        return landed
    connection.execute("commit")
    try:
        reading = layout.read(connection, file.path, INCOMING)
    except FileRefused as error:
        connection.execute("begin")
        landed = Landed(file, snapshot, "held_back", f"{file.relative_path}: {error}", 0, 0, 0, 0)
        snapshots.record(connection, book, [landed])
        return landed
    except BaseException:
        connection.execute("begin")
        raise
    connection.execute("begin")
    notes.keep(connection, snapshot, reading.notes)
    corrections.apply(connection, INCOMING, snapshot)
    _collect(connection, layout, snapshot, reading)
    if layout.columns is FLOW_COLUMNS:
        _collect_unfinished(connection, file, snapshot)
        _collect_exceeding(connection, snapshot)
    landed = _decide(connection, layout, file, snapshot, reading)
    snapshots.record(connection, book, [landed])
    if landed.status == "loaded":
        held.add(snapshot)
        _store(connection, book, landed, reading)
    return landed


def _collect(
    connection: duckdb.DuckDBPyConnection, layout: CustomsLayout, snapshot: str, reading: Reading
) -> None:
    """Fills the table of broken rows: what the layout found, codes without an economy, duplicates."""
    column = "problem_column" if layout.columns is FLOW_COLUMNS else "raw_column"
    connection.execute(
        f"insert into {BROKEN} select ?, raw_row, problem, {column}, problem_value, problem_expected "
        f"from {INCOMING} where problem is not null",
        [snapshot],
    )
    for line, problem, text in reading.malformed:
        connection.execute(
            f"insert into {BROKEN} values (?, ?, 'malformed_row', null, ?, ?)",
            [snapshot, line, text[:200], f"a record of {layout.layout_id} ({problem})"],
        )
    if layout.columns is not FLOW_COLUMNS:
        return
    for side in ("reporter", "partner"):
        connection.execute(
            f"""
            insert into {BROKEN}
            select ?, raw_row, 'unmapped_economy', '{side}', incoming.{side}_code,
                   'a code of ' || incoming.code_system || ' that economies.csv or economy_codes.csv knows'
            from {INCOMING} as incoming
            join (
                select distinct code_system, {side}_code from {INCOMING}
                where row_kind = 'flow' and problem is null
            ) as codes using (code_system, {side}_code)
            left join economy_of as known
            on codes.code_system = known.code_system and codes.{side}_code = known.code
            where known.code is null and row_kind = 'flow' and problem is null
            """,
            [snapshot],
        )
    connection.execute(
        f"""
        insert into {BROKEN}
        select ?, raw_row, 'duplicate_key', 'product_code', product_code, 'one row per key'
        from {INCOMING}
        where row_kind = 'flow' and problem is null
        qualify count(*) over (
            partition by reporter_code, partner_code, flow, product_code, hs_edition, period_grain,
            period_end_date, currency
        ) > 1
        """,
        [snapshot],
    )


def _collect_unfinished(connection: duckdb.DuckDBPyConnection, file: RawFile, snapshot: str) -> None:
    """Flows of a period that was not over when the file was released: a part of it, shown as the whole."""
    released = file.release.released_at
    connection.execute(
        f"insert into {BROKEN} select ?, raw_row, 'incomplete_period', 'period_end_date', "
        f"period_end_date::varchar, 'a period that was over on {released}, the day of the release' "
        f"from {INCOMING} where row_kind = 'flow' and problem is null and period_end_date > ? "
        f"and raw_row not in (select raw_row from {BROKEN})",
        [snapshot, released],
    )


def _collect_exceeding(connection: duckdb.DuckDBPyConnection, snapshot: str) -> None:
    """Partners that sum up to more than the total of all partners beside them: one of them is wrong.

    Less than the total is no contradiction, as a query may leave partners out. Groups of economies do
    not count. Values rounded to thousands may be off by half of that each.
    """
    has_total = (
        f"select count(*) from (select distinct code_system, partner_code from {INCOMING}) as used "
        "join economy_of as known on used.code_system = known.code_system and used.partner_code = known.code "
        "where economy_iso3 = 'WLD'"
    )
    if not count(connection, has_total):
        return
    key = "reporter_code, flow, product_code, hs_edition, period_grain, period_end_date, currency"
    connection.execute(
        f"""
        insert into {BROKEN}
        with placed as (
            select incoming.*, known.economy_iso3 = 'WLD' as is_total
            from {INCOMING} as incoming
            join economy_of as known
            on incoming.code_system = known.code_system and incoming.partner_code = known.code
            where problem is null and value is not null
            and raw_row not in (select raw_row from {BROKEN}) and (
                row_kind = 'flow' and known.economy_iso3 not in (
                    select economy_iso3 from raw.economy where is_group = 'true' and economy_iso3 <> 'WLD'
                ) or row_kind = 'subtotal' and known.economy_iso3 = 'WLD'
            )
        ),
        judged as (
            select raw_row, product_code, max(value) filter (where is_total) over one as total,
                sum(value) filter (where not is_total) over one as parts,
                count(*) filter (where not is_total) over one as partners
            from placed window one as (partition by {key})
        )
        select distinct ?, raw_row, 'parts_exceed_total', 'partner_code', parts::varchar,
            'no more than ' || total || ', the total of all partners of ' || product_code
        from judged where parts - total > greatest(total * {TOLERANCE}, partners * 1000)
        """,
        [snapshot],
    )


def _decide(
    connection: duckdb.DuckDBPyConnection,
    layout: CustomsLayout,
    file: RawFile,
    snapshot: str,
    reading: Reading,
) -> Landed:
    kinds = "('flow', 'figure')"
    bad = count(connection, f"select count(distinct raw_row) from {BROKEN}")
    good = count(
        connection,
        f"select count(distinct raw_row) from {INCOMING} where row_kind in {kinds} "
        f"and raw_row not in (select raw_row from {BROKEN})",
    )
    read = reading.records
    reason = snapshots.changed_bytes(file, snapshot)
    if not reason and bad and _share_lost(connection, layout, read, bad) > TOLERANCE:
        reason = snapshots.first_broken(connection, file, snapshot, bad)
    if not reason and read == 0:
        note = "; ".join(reading.notes) or "expected at least one"
        reason = f"{file.relative_path}: no records: {note}"
    if reason:
        return Landed(file, snapshot, "held_back", reason, read, 0, bad, read - bad)
    return Landed(file, snapshot, "loaded", "", read, good, bad, read - good - bad)


def _share_lost(connection: duckdb.DuckDBPyConnection, layout: CustomsLayout, read: int, bad: int) -> float:
    """The largest share that broken records have in a slice (reporter, flow, period): of its value,
    or of its records where they have no value."""
    by_rows = bad / max(read, 1)
    if layout.columns is not FLOW_COLUMNS:
        return by_rows
    rows = connection.execute(
        f"""
        select max(coalesce(lost, 0) / nullif(total, 0)) from (
            select
                cast(sum(case when broken.raw_row is not null then value end) as double) as lost,
                cast(sum(value) as double) as total
            from {INCOMING} as incoming
            left join (select distinct raw_row from {BROKEN}) as broken
            on incoming.raw_row = broken.raw_row
            where row_kind = 'flow'
            group by reporter_code, flow, period_end_date
        )
        """
    ).fetchall()
    worthless = count(
        connection,
        f"select count(*) from {BROKEN} where reason_code not in ('unmapped_economy', 'duplicate_key')",
    )
    by_value = float(rows[0][0] or 0) if rows else 0.0
    return max(by_value, by_rows if worthless else 0.0)


def _store(connection: duckdb.DuckDBPyConnection, book: Book, landed: Landed, reading: Reading) -> None:
    connection.execute(
        f"insert into raw.{book.raw_table} select ? as snapshot_id, incoming.* from {INCOMING} as incoming "
        f"where raw_row not in (select raw_row from {BROKEN})",
        [landed.snapshot_id],
    )
    connection.execute(
        "update raw.snapshot set covers_whole = ? where snapshot_id = ?",
        [reading.covers_whole, landed.snapshot_id],
    )
    stored = count(
        connection,
        f"select count(distinct raw_row) from raw.{book.raw_table} where snapshot_id = ? "
        "and row_kind in ('flow', 'figure')",
        landed.snapshot_id,
    )
    snapshots.refuse_loss(landed, stored)
