"""Turns the landed claims into raw.claim_reading: every plausible reading of every printed figure.

A figure that cannot be read never gets here: its file is held back when it lands.
"""

from __future__ import annotations

import duckdb

from orchestration.claims.printed import parse_printed

TABLE = """
create or replace table raw.claim_reading (
    claim_id varchar, reading integer, value varchar, low varchar, high varchar, half_unit varchar,
    significant_figures integer, unit varchar, currency varchar, note varchar,
    snapshot_id varchar, raw_row bigint
)
"""


def build_readings(connection: duckdb.DuckDBPyConnection) -> int:
    """Rebuilds raw.claim_reading from raw.article_claim, whose figures are all readable; returns its rows."""
    claims = connection.execute(
        "select claim_id, printed, modality, currency, snapshot_id, raw_row from raw.article_claim "
        "where printed is not null order by snapshot_id, raw_row"
    ).fetchall()
    connection.execute("begin")
    connection.execute(TABLE)
    rows = 0
    for claim_id, printed, modality, currency, snapshot, line in claims:
        for item in parse_printed(printed, modality, currency=currency):
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
    return rows
