"""Brings schema `raw` in line with the files under `raw/`: new files land, gone ones leave, bad ones wait.

Each file is a snapshot (the sha256 of its bytes). Landing is idempotent: a snapshot that is already
there is not read again. For every file: rows read = rows loaded + quarantined + set aside.
A file that breaks its contract is held back and, if an earlier snapshot of the same path is there,
that one stays.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.contracts.validate import Finding, failing_rows, open_table, validate
from orchestration.errors import LedgerError
from orchestration.sources import LAYOUTS
from orchestration.sources.csv_layout import CsvLayout
from orchestration.sources.layout import FileRefused
from orchestration.sources.release import Holdings, RawFile
from orchestration.warehouse.ledger import CheckResult, first_row

LANDING = "landing"
BROKEN = "landing_broken"


@dataclass(frozen=True)
class Landed:
    """What became of one file. status: loaded, duplicate (same bytes elsewhere), held_back."""

    file: RawFile
    snapshot_id: str
    status: str
    reason: str
    rows_read: int
    rows_loaded: int
    rows_quarantined: int
    rows_set_aside: int


@dataclass(frozen=True)
class DatasetReport:
    """What landing did for one layout; `findings` are the broken rules, empty when all is well."""

    layout: CsvLayout
    landed: tuple[Landed, ...]
    unchanged: int
    rows: int
    findings: tuple[Finding, ...]

    @property
    def held_back(self) -> list[Landed]:
        return [item for item in self.landed if item.status == "held_back"]


def snapshot_id(path: Path) -> str:
    """sha256 of the file's bytes, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def prepare_raw(connection: duckdb.DuckDBPyConnection, holdings: Holdings) -> None:
    """Creates the raw tables that are missing, writes the releases held and the folders refused."""
    for layout in LAYOUTS:
        columns = ", ".join(f'"{name}" varchar' for name in layout.columns)
        connection.execute(
            f"create table if not exists raw.{layout.raw_table} "
            f"({columns}, snapshot_id varchar, raw_row bigint)"
        )
    _note_refusals(connection, holdings)
    releases = {file.release.release_id: file.release for file in holdings.files}
    keep = "', '".join(key.replace("'", "''") for key in releases)
    connection.execute(
        "delete from raw.release where release_id not in "
        "(select release_id from raw.snapshot where release_id is not null) "
        f"or release_id in ('{keep}')"
    )
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


def _note_refusals(connection: duckdb.DuckDBPyConnection, holdings: Holdings) -> None:
    """Folders that cannot be used stand in raw.snapshot as held back, with no data set."""
    connection.execute("delete from raw.snapshot where dataset_id is null")
    for item in holdings.refusals:
        connection.execute(
            "insert into raw.snapshot values (null, ?, null, null, ?, null, 'held_back', ?, 0, 0, 0, 0, null)",
            [item.source_id, item.relative_path, item.message],
        )


def land_dataset(
    connection: duckdb.DuckDBPyConnection, layout: CsvLayout, holdings: Holdings
) -> DatasetReport:
    """Lands all files of one layout in one transaction: all of the report is in, or nothing."""
    connection.execute("begin")
    try:
        report = _land_dataset(connection, layout, holdings)
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise
    return report


def _land_dataset(
    connection: duckdb.DuckDBPyConnection, layout: CsvLayout, holdings: Holdings
) -> DatasetReport:
    files = [file for file in holdings.files if file.layout is layout]
    ids = {file.relative_path: snapshot_id(file.path) for file in files}
    code = layout_hash(layout)
    _forget_gone(connection, layout, holdings, code)
    known = _known(connection, layout)
    new = [file for file in files if known.get(file.relative_path) != ids[file.relative_path]]
    layout.create_landing(connection, LANDING)
    refused, malformed = _read(connection, layout, new, ids)
    table = open_table(connection, "temp.main", LANDING)
    (landed_rows,) = _one(connection, f"select count(*) from {LANDING}")
    findings = (
        validate(table, layout.contract(), f"raw.{layout.raw_table}") if landed_rows else []
    )
    _collect_broken(connection, layout, bool(findings), malformed)
    landed = _decide(connection, layout, new, ids, refused)
    _forget_replaced(connection, layout, landed)
    _store(connection, layout, landed, code)
    (rows,) = _one(connection, f"select count(*) from raw.{layout.raw_table}")
    return DatasetReport(layout, tuple(landed), len(files) - len(new), rows, tuple(findings))


def layout_hash(layout: CsvLayout) -> str:
    """Changes when the columns or rules of a layout change, so that its files are read again."""
    parts = [layout.dataset_id, *layout.columns, *layout.key]
    for item in layout.fields:
        parts += [f"{check.name}|{check.error}" for check in item.rules] + [str(item.required)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _known(connection: duckdb.DuckDBPyConnection, layout: CsvLayout) -> dict[str, str]:
    """path -> snapshot of the files whose fate is decided; a duplicate needs its original."""
    rows = connection.execute(
        "select path, snapshot_id from raw.snapshot as copy where dataset_id = $1 "
        "and (status = 'loaded' or status = 'duplicate' and exists ("
        "select 1 from raw.snapshot where dataset_id = $1 and status = 'loaded' "
        "and snapshot_id = copy.snapshot_id))",
        [layout.dataset_id],
    ).fetchall()
    return {str(path): str(snapshot) for path, snapshot in rows}


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
    connection.execute(
        f"create or replace temp table {BROKEN} (snapshot_id varchar, raw_row bigint, "
        "reason_code varchar, column_name varchar, value varchar, expected varchar)"
    )
    if has_findings:
        table = open_table(connection, "temp.main", LANDING)
        broken = failing_rows(table, layout.contract())
        if broken is not None:
            import ibis

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
    seen: set[str] = {
        str(row[0])
        for row in connection.execute(
            "select snapshot_id from raw.snapshot where dataset_id = ? and status = 'loaded'",
            [layout.dataset_id],
        ).fetchall()
    }
    for file in new:
        snapshot = ids[file.relative_path]
        (landed_rows,) = _one(
            connection, f"select count(*) from {LANDING} where snapshot_id = ?", snapshot
        )
        (bad_rows,) = _one(
            connection,
            f"select count(distinct raw_row) from {BROKEN} where snapshot_id = ?",
            snapshot,
        )
        (lost_lines,) = _one(
            connection,
            f"select count(distinct raw_row) from {BROKEN} "
            "where snapshot_id = ? and reason_code = 'malformed_row'",
            snapshot,
        )
        read = landed_rows + lost_lines
        reason = refused.get(file.relative_path, "")
        if not reason and bad_rows > layout.tolerance * max(read, 1):
            reason = _first_broken(connection, file, snapshot, bad_rows)
        if not reason and file.expected_sha256 not in (None, snapshot):
            reason = (
                f"{file.relative_path}: its bytes are not those that source.yml records: expected "
                f"sha256 {file.expected_sha256}, found {snapshot}; restore the file, or write the "
                "new sha256 there if the change is meant"
            )
        if not reason and read == 0:
            reason = f"{file.relative_path}: no rows under the header; expected at least one"
        if reason:
            landed.append(
                Landed(file, snapshot, "held_back", reason, read, 0, bad_rows, read - bad_rows)
            )
        elif snapshot in seen:
            landed.append(
                Landed(file, snapshot, "duplicate", "same bytes held already", read, 0, 0, read)
            )
        else:
            seen.add(snapshot)
            good = read - bad_rows
            landed.append(Landed(file, snapshot, "loaded", "", read, good, bad_rows, 0))
    return landed


def _first_broken(
    connection: duckdb.DuckDBPyConnection, file: RawFile, snapshot: str, bad_rows: int
) -> str:
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
    return (
        f"{file.relative_path}, line {line}{place}: {reason}: "
        f"found {shown}, expected {expected}{more}"
    )


def _forget_gone(
    connection: duckdb.DuckDBPyConnection, layout: CsvLayout, holdings: Holdings, code: str
) -> None:
    """Drops files that left `raw/`, earlier refusals, and rows landed under other rules.

    Files below a folder whose source.yml is refused are not gone: their last good rows stay.
    """
    present = {file.relative_path for file in holdings.files}
    refused = tuple(f"{refusal.relative_path}/" for refusal in holdings.refusals)
    rows = connection.execute(
        "select path, snapshot_id, status, layout_hash from raw.snapshot where dataset_id = ?",
        [layout.dataset_id],
    ).fetchall()
    for path, snapshot, status, known_code in rows:
        gone = path not in present and not str(path).startswith(refused)
        if gone or status == "held_back" or known_code != code:
            _forget(connection, layout, path, snapshot, status)


def _forget_replaced(
    connection: duckdb.DuckDBPyConnection, layout: CsvLayout, landed: list[Landed]
) -> None:
    """Drops the old snapshots of files that landed anew; a held-back file leaves its old one."""
    for item in landed:
        if item.status == "held_back":
            continue
        rows = connection.execute(
            "select path, snapshot_id, status from raw.snapshot where dataset_id = ? and path = ?",
            [layout.dataset_id, item.file.relative_path],
        ).fetchall()
        for path, snapshot, status in rows:
            _forget(connection, layout, path, snapshot, status)


def _forget(
    connection: duckdb.DuckDBPyConnection,
    layout: CsvLayout,
    path: str,
    snapshot: str,
    status: str,
) -> None:
    place = [layout.dataset_id, path, snapshot]
    for table in ("snapshot", "quarantine"):
        connection.execute(
            f"delete from raw.{table} where dataset_id = ? and path = ? and snapshot_id = ?", place
        )
    if status == "loaded":
        connection.execute(f"delete from raw.{layout.raw_table} where snapshot_id = ?", [snapshot])


def _store(
    connection: duckdb.DuckDBPyConnection, layout: CsvLayout, landed: list[Landed], code: str
) -> None:
    columns = ", ".join(f'"{name}"' for name in (*layout.columns, "snapshot_id", "raw_row"))
    for item in landed:
        release = item.file.release
        connection.execute(
            "insert into raw.snapshot values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                item.snapshot_id,
                release.source_id,
                layout.dataset_id,
                release.release_id,
                item.file.relative_path,
                item.file.path.stat().st_size,
                item.status,
                item.reason,
                item.rows_read,
                item.rows_loaded,
                item.rows_quarantined,
                item.rows_set_aside,
                code,
            ],
        )
        if item.status == "duplicate":
            continue
        connection.execute(
            f"insert into raw.quarantine select ?, ?, snapshot_id, ?, raw_row, reason_code, "
            f"column_name, value, expected from {BROKEN} where snapshot_id = ?",
            [release.source_id, layout.dataset_id, item.file.relative_path, item.snapshot_id],
        )
        if item.status == "loaded":
            connection.execute(
                f"insert into raw.{layout.raw_table} ({columns}) select {columns} from {LANDING} "
                f"where snapshot_id = ? and raw_row not in "
                f"(select raw_row from {BROKEN} where snapshot_id = ?) order by raw_row",
                [item.snapshot_id, item.snapshot_id],
            )
            (stored,) = _one(
                connection,
                f"select count(*) from raw.{layout.raw_table} where snapshot_id = ?",
                item.snapshot_id,
            )
            if stored != item.rows_loaded:
                raise LedgerError(
                    f"{item.file.relative_path}: {item.rows_loaded} rows should have been loaded "
                    f"but {stored} are in raw.{layout.raw_table}; nothing was changed"
                )


def _one(connection: duckdb.DuckDBPyConnection, sql: str, *values: object) -> tuple[int, ...]:
    row = first_row(connection, sql, values)
    assert row is not None
    return tuple(int(item) for item in row)


def unbalanced(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Files whose rows do not add up, or whose loaded rows are not in their table; one sentence each."""
    sentences = []
    for layout in LAYOUTS:
        rows = connection.execute(
            f"""
            select snapshot.path, rows_read, rows_loaded, rows_quarantined, rows_set_aside,
                   coalesce(held.rows, 0)
            from raw.snapshot as snapshot
            left join (
                select snapshot_id, count(*) as rows from raw.{layout.raw_table} group by snapshot_id
            ) as held
            on snapshot.snapshot_id = held.snapshot_id and snapshot.status = 'loaded'
            where dataset_id = ? and (
                rows_read <> rows_loaded + rows_quarantined + rows_set_aside
                or rows_loaded <> coalesce(held.rows, 0)
            )
            order by snapshot.path
            """,
            [layout.dataset_id],
        ).fetchall()
        for path, read, loaded, quarantined, aside, held in rows:
            sentences.append(
                f"{path}: {read} rows read, {loaded} loaded ({held} in raw.{layout.raw_table}), "
                f"{quarantined} quarantined, {aside} set aside"
            )
    return sentences


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
