"""Turns the landed claims into raw.claim_reading: every plausible reading of every printed figure.

A figure that cannot be read sends its claim to the quarantine; the other claims go on.
"""

from __future__ import annotations

import duckdb

from orchestration.claims.printed import PrintedFigureError, parse_printed

TABLE = """
create or replace table raw.claim_reading (
    claim_id varchar, reading integer, value varchar, low varchar, high varchar, half_unit varchar,
    significant_figures integer, unit varchar, currency varchar, note varchar,
    snapshot_id varchar, raw_row bigint
)
"""


def build_readings(connection: duckdb.DuckDBPyConnection) -> tuple[int, list[str]]:
    """Rebuilds raw.claim_reading from raw.article_claim; returns its rows and the refusals, one
    sentence each (file, line, column, value, expected)."""
    claims = connection.execute(
        "select claim.claim_id, claim.printed, claim.modality, claim.snapshot_id, claim.raw_row, "
        "snapshot.path, snapshot.source_id from raw.article_claim as claim "
        "join raw.snapshot as snapshot on claim.snapshot_id = snapshot.snapshot_id "
        "and snapshot.status = 'loaded' where claim.printed is not null order by path, raw_row"
    ).fetchall()
    connection.execute("begin")
    connection.execute(TABLE)
    refusals: list[str] = []
    rows = 0
    for claim_id, printed, modality, snapshot, line, path, source_id in claims:
        try:
            readings = parse_printed(printed, modality)
        except PrintedFigureError as error:
            refusals.append(
                f"{path}, line {line}, column printed: unreadable_figure: found {printed!r}: {error}"
            )
            _quarantine(connection, source_id, snapshot, path, line, printed, str(error))
            continue
        for item in readings:
            connection.execute(
                "insert into raw.claim_reading values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    claim_id,
                    item.reading,
                    format(item.value, "f"),
                    None if item.low is None else format(item.low, "f"),
                    None if item.high is None else format(item.high, "f"),
                    format(item.half_unit, "f"),
                    item.significant_figures,
                    item.unit,
                    item.currency,
                    item.note,
                    snapshot,
                    line,
                ],
            )
            rows += 1
    connection.execute("commit")
    return rows, refusals


def _quarantine(
    connection: duckdb.DuckDBPyConnection,
    source_id: str,
    snapshot: str,
    path: str,
    line: int,
    printed: str,
    expected: str,
) -> None:
    connection.execute(
        "delete from raw.article_claim where snapshot_id = ? and raw_row = ?", [snapshot, line]
    )
    connection.execute(
        "insert into raw.quarantine values (?, 'claims', ?, ?, ?, 'unreadable_figure', 'printed', ?, ?)",
        [source_id, snapshot, path, line, printed, expected],
    )
    connection.execute(
        "update raw.snapshot set rows_loaded = rows_loaded - 1, "
        "rows_quarantined = rows_quarantined + 1 where snapshot_id = ? and path = ?",
        [snapshot, path],
    )
