"""Holds what is published against itself, its contracts and the files of `raw/`; changes nothing.

Each finding is one sentence. Files are read again from the first byte to the last: their hash, and how
many records they hold.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator

import duckdb

from orchestration.contracts import landed, marts
from orchestration.contracts.stage import check_table
from orchestration.sources.csv_layout import CsvLayout
from orchestration.sources.layout import FileRefused
from orchestration.sources.release import RawFile, scan
from orchestration.warehouse import builds
from orchestration.warehouse.files import sha256_of, sha256_in
from orchestration.warehouse.ledger import DRAFT
from orchestration.warehouse.settings import PUBLISHED_NAME, Settings


def kept_files(settings: Settings) -> Iterator[str]:
    """Builds whose file is not the one that was written."""
    for name in builds.all_builds(settings):
        folder = settings.builds_dir / name
        record = builds.read_record(folder)
        if record is None:
            yield f"build {name}: its build.json is missing or not readable; remove the build"
        elif not (folder / PUBLISHED_NAME).is_file():
            yield f"build {name}: its file is missing; remove the build"
        elif strange := builds.strangers(folder):
            yield f"build {name}: {strange[0]} lies in it, which no refresh wrote; do not use it, remove the build"
        elif record.sha256 and sha256_of(folder / PUBLISHED_NAME) != record.sha256:
            yield f"build {name}: its file is not the one that was published; do not use it, remove the build"


def open_current(settings: Settings) -> duckdb.DuckDBPyConnection:
    """The published file under the name that the contracts know."""
    connection = duckdb.connect()
    path = str(settings.published_path.resolve()).replace("'", "''")
    connection.execute(f"attach '{path}' as {DRAFT} (read_only)")
    return connection


def contracts(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Broken rules of the marts, as they lie in the published file."""
    for table, contract in {**landed.CONTRACTS, **marts.CONTRACTS}.items():
        for finding in check_table(connection, f"{DRAFT}.marts", table, contract):
            yield finding.sentence()


def accounts(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Files whose rows do not add up, and slices whose flows are not all there."""
    for path, read, loaded, quarantined, aside in connection.execute(
        f"select path, rows_read, rows_loaded, rows_quarantined, rows_set_aside from {DRAFT}.meta.snapshots "
        "where rows_read <> rows_loaded + rows_quarantined + rows_set_aside order by path"
    ).fetchall():
        yield f"{path}: {read} rows read, {loaded} loaded, {quarantined} quarantined, {aside} set aside"
    for slice_id, booked, held in connection.execute(
        f"""
        select coalesce(slices.slice_id, facts.slice_id), coalesce(flow_rows, 0), coalesce(facts.rows, 0)
        from {DRAFT}.marts.dim_flow_slice as slices
        full join (
            select slice_id, count(*) as rows from {DRAFT}.marts.fct_customs_flow group by slice_id
        ) as facts on slices.slice_id = facts.slice_id
        where coalesce(flow_rows, 0) <> coalesce(facts.rows, 0) order by 1
        """
    ).fetchall():
        yield f"slice {slice_id}: {booked} flows in the books, {held} in fct_customs_flow"


def _raw_files(settings: Settings, connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Files of raw/ that the build does not hold as they are now, and rows that it does not account for."""
    held = {
        str(path): (str(snapshot), str(status), int(rows))
        for path, snapshot, status, rows in connection.execute(
            f"select path, snapshot_id, status, rows_read from {DRAFT}.meta.snapshots "
            "where dataset_id is not null and status <> 'held_back'"
        ).fetchall()
    }
    waiting = {
        str(row[0])
        for row in connection.execute(
            f"select path from {DRAFT}.meta.snapshots where status = 'held_back'"
        ).fetchall()
    }
    holdings = scan(settings.raw_root)
    for file in holdings.files:
        path = file.relative_path
        if path not in held:
            if path not in waiting:
                yield f"{path}: lies in raw/ but not in the build; run `chipledger refresh`"
            continue
        snapshot, _, rows = held.pop(path)
        if path in waiting:
            continue
        if sha256_of(file.path) != sha256_in(snapshot):
            yield f"{path}: changed since it was read; restore it or run `chipledger refresh`"
            continue
        found = _records(file)
        if found is not None and found != rows:
            yield f"{path}: holds {found} records, the build accounts for {rows}; run `chipledger refresh --force`"
    refused = tuple(f"{item.relative_path}/" for item in holdings.refusals)
    for path in sorted(held):
        if not path.startswith(refused):
            yield f"{path}: is in the build but not in raw/; restore it or run `chipledger refresh`"


def raw(settings: Settings, connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """All of raw/ against the build: files of data one by one, the rest by what it belongs to."""
    told = list(_raw_files(settings, connection))
    yield from told
    yield from _raw_parts(settings, told)


def _raw_parts(settings: Settings, told: list[str]) -> Iterator[str]:
    """Folders and corrections that are not what the build was made from, though each file of data in them is:
    a source.yml, an entry of corrections.yml. told: what was found by file."""
    record = builds.current(settings)
    if record is None or not record.parts:
        return
    found = builds.parts(settings)
    for name in sorted({*found, *record.parts} - {"code"}):
        if found.get(name) != record.parts.get(name) and not any(said.startswith(f"{name}/") for said in told):
            yield f"{name}: is not what the build was made from; restore it or run `chipledger refresh`"


def _records(file: RawFile) -> int | None:
    """Records of a file, counted anew; None where its layout cannot read it any more."""
    if isinstance(file.layout, CsvLayout):
        with file.path.open(encoding="utf-8-sig", newline="") as stream:
            return max(sum(1 for row in csv.reader(stream) if row) - 1, 0)
    with duckdb.connect() as scratch:
        try:
            return file.layout.read(scratch, file.path, "incoming").records
        except FileRefused:
            return None

