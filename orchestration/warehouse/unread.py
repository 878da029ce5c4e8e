"""Which flows the quarantined rows of a file would have been, as far as that can be read.

A newer file that lacks a flow took it back, unless the flow stands in a row that was quarantined: of that
flow it is not known what the file says; see fct_withdrawn_flow. A part of the key that cannot be read is
null and stands for any, so that a broken row hides a withdrawal and never invents one.
"""

from __future__ import annotations

import duckdb

TABLE = "raw.quarantined_flow"


def create(connection: duckdb.DuckDBPyConnection) -> None:
    """The table, where it is missing."""
    connection.execute(
        f"create table if not exists {TABLE} (snapshot_id varchar, raw_row bigint, reporter_iso3 varchar, "
        "partner_iso3 varchar, flow varchar, hs_code varchar, period_grain varchar, period_end_date date)"
    )


def forget(connection: duckdb.DuckDBPyConnection, snapshot: str) -> None:
    connection.execute(f"delete from {TABLE} where snapshot_id = ?", [snapshot])


def write(connection: duckdb.DuckDBPyConnection, snapshot: str, incoming: str, broken: str) -> None:
    """Writes the keys of the rows of `incoming` that `broken` names; to be called with the file's books.

    A record may be a row for each of its measures; rows that are no flows by their kind are left out.
    """
    connection.execute(
        f"""
        insert into {TABLE}
        select distinct ?, broken.raw_row, reporters.economy_iso3, partners.economy_iso3, incoming.flow,
            case when regexp_full_match(incoming.product_code, '[0-9]+') then incoming.product_code end,
            incoming.period_grain, incoming.period_end_date
        from (select distinct raw_row from {broken} where snapshot_id = ?) as broken
        left join {incoming} as incoming on broken.raw_row = incoming.raw_row
        left join raw.economy_of as reporters
        on incoming.code_system = reporters.code_system and incoming.reporter_code = reporters.code
        left join raw.economy_of as partners
        on incoming.code_system = partners.code_system and incoming.partner_code = partners.code
        where coalesce(incoming.row_kind, 'flow') = 'flow'
        """,
        [snapshot, snapshot],
    )
