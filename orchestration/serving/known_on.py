"""The published file as it would have looked on a day: only tables that have such a meaning.

Belongs here: which tables they are. What a table held on a day is computed by the table functions that
`warehouse.as_of` publishes. Tables that are kept for today only are not shown at all, because a number of
today under a date of the past would be wrong.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb

_FILE = "published"
# Tables of today that say nothing about a day: names and codes, and what columns and metrics mean.
_UNDATED = ("marts.dim_economy", "marts.dim_product_group", "meta.columns", "meta.metrics")
# Rows of these were known from their release on. What replaced them later is not told; is_latest means
# today's latest and is left out.
_NOT_YET = "case when superseded_at <= {known} then superseded_at end as superseded_at"
_RELEASED = {
    "marts.fct_announced_flow_release": (f"* replace ({_NOT_YET})", "released_at"),
    "marts.fct_printed_figure": ("* exclude (is_latest)", "released_at"),
    "marts.fct_flow_by_currency": (f"* replace ({_NOT_YET})", "released_at"),
    "marts.fct_product_flow_release": (f"* replace ({_NOT_YET})", "known_at"),
    "marts.fct_product_flow_row": (f"* replace ({_NOT_YET})", "known_at"),
    "meta.releases": ("*", "released_at"),
}
# Which product's total a row counted towards is that of the day, too.
_FLOWS = f"""
select flows.* exclude (is_latest) replace ({_NOT_YET},
    case when flows.hs_code is null then flows.product_id else counted.product_id end as product_id,
    case when flows.hs_code is null then flows.product_scope else counted.product_scope end as product_scope)
from {_FILE}.marts.fct_trade_flow_release as flows
left join (
    select slice_id, raw_row, product_id, product_scope from marts.fct_product_flow_row
    where superseded_at is null
) as counted
    on flows.slice_id = counted.slice_id and flows.raw_row = counted.raw_row
where released_at <= {{known}}
"""


def connect(path: Path, day: dt.date) -> duckdb.DuckDBPyConnection:
    """A database in memory whose marts are those of the day; the file is attached read-only."""
    connection = duckdb.connect(":memory:")
    quoted = str(path).replace("'", "''")
    connection.execute(f"attach '{quoted}' as {_FILE} (read_only)")
    connection.execute("create schema marts")
    connection.execute("create schema meta")
    known = f"date '{day.isoformat()}'"
    for table, (columns, day_column) in _RELEASED.items():
        connection.execute(
            f"create view {table} as select {columns.format(known=known)} from {_FILE}.{table} "
            f"where {day_column} <= {known}"
        )
    connection.execute(f"create view marts.fct_trade_flow_release as {_FLOWS.format(known=known)}")
    for table in _UNDATED:
        connection.execute(f"create view {table} as select * from {_FILE}.{table}")
    # The table functions name one another without a database, so they are made here as well.
    for function, parameter, body in connection.execute(
        "select function_name, parameters[1], macro_definition from duckdb_functions() "
        f"where database_name = '{_FILE}' and schema_name = 'marts' and ends_with(function_name, '_as_of') "
        "order by function_name"
    ).fetchall():
        # Verdicts are judged by the matrix of today, cut at what was public; its name is that of the view.
        body = str(body).replace("marts.fct_claim_verdict", f"{_FILE}.marts.fct_claim_verdict")
        connection.execute(f'create macro marts."{function}"("{parameter}") as table {body}')
    for (function,) in connection.execute(
        "select distinct function_name from duckdb_functions() "
        "where database_name = 'memory' and schema_name = 'marts' order by function_name"
    ).fetchall():
        view = f"fct_{str(function).removesuffix('_as_of')}"
        connection.execute(f'create view marts."{view}" as select * from marts."{function}"({known})')
    return connection


def names(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The tables that are there for a day."""
    rows = connection.execute(
        "select schema_name || '.' || view_name from duckdb_views() "
        "where database_name = 'memory' and schema_name in ('marts', 'meta') order by 1"
    ).fetchall()
    return [str(row[0]) for row in rows]
