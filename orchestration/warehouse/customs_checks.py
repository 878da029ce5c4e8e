"""What is wrong with the rows of one customs file: fills the temp table of broken rows.

Here belong the rules that every customs file obeys, whatever its layout: codes that are known, one row
per key, periods that are over; that parts fit into their total is in `customs_sums`. What a layout's own
records must look like is judged when they are read. What happens to a file with broken rows is decided in `customs`.
"""

from __future__ import annotations

import datetime as dt

import duckdb

from orchestration.sources.layout import FLOW_COLUMNS, CustomsLayout, Reading
from orchestration.warehouse import customs_sums
from orchestration.warehouse.snapshots import BROKEN, count

# Share of a slice's value that quarantined records may carry before their file is held back.
TOLERANCE = 0.001

# Every code of an economy, by the system that it belongs to.
CODES = """
create or replace table raw.economy_of as
select 'comtrade' as code_system, comtrade_code as code, economy_iso3
from raw.economy where comtrade_code is not null
union all select 'comtrade', comtrade_code, economy_iso3 from raw.comtrade_code_alias
union all select 'gacc', gacc_code, economy_iso3 from raw.economy where gacc_code is not null
union all select 'gacc', 'WLD', 'WLD'
union all select code_system, code, economy_iso3 from raw.economy_code
union all select distinct 'iso3', economy_iso3, economy_iso3 from raw.economy
"""
_KEY = (
    "reporter_code", "partner_code", "flow", "product_code", "hs_edition", "period_grain", "period_end_date",
    "currency",
)  # fmt: skip


def collect(
    connection: duckdb.DuckDBPyConnection,
    layout: CustomsLayout,
    incoming: str,
    snapshot: str,
    released_at: dt.date,
    reading: Reading,
) -> None:
    """Fills the table of broken rows: one row per row and broken rule."""
    column = "problem_column" if layout.columns is FLOW_COLUMNS else "raw_column"
    connection.execute(
        f"insert into {BROKEN} select ?, raw_row, problem, {column}, problem_value, problem_expected "
        f"from {incoming} where problem is not null",
        [snapshot],
    )
    for line, problem, text in reading.malformed:
        connection.execute(
            f"insert into {BROKEN} values (?, ?, 'malformed_row', null, ?, ?)",
            [snapshot, line, text[:200], f"a record of {layout.layout_id} ({problem})"],
        )
    if layout.columns is FLOW_COLUMNS:
        _unmapped(connection, incoming, snapshot)
        _duplicates(connection, incoming, snapshot)
        _unfinished(connection, incoming, snapshot, released_at)
        customs_sums.collect(connection, incoming, snapshot, good(connection))


def good(connection: duckdb.DuckDBPyConnection) -> str:
    """SQL condition of the rows that broke no rule; plain where nothing is broken, the usual case."""
    if count(connection, f"select count(*) from {BROKEN}"):
        return f"problem is null and raw_row not in (select raw_row from {BROKEN})"
    return "problem is null"


def _unmapped(connection: duckdb.DuckDBPyConnection, incoming: str, snapshot: str) -> None:
    for side in ("reporter", "partner"):
        connection.execute(
            f"""
            insert into {BROKEN}
            with used as (
                select distinct code_system, {side}_code from {incoming}
                where row_kind = 'flow' and problem is null
            ),
            unknown as (
                select used.* from used left join raw.economy_of as known
                on used.code_system = known.code_system and used.{side}_code = known.code
                where known.code is null
            )
            select ?, raw_row, 'unmapped_economy', '{side}', incoming.{side}_code,
                   'a code of ' || incoming.code_system || ' that economies.csv or economy_codes.csv knows'
            from {incoming} as incoming
            join unknown on incoming.code_system = unknown.code_system
            and incoming.{side}_code is not distinct from unknown.{side}_code
            where row_kind = 'flow' and problem is null
            """,
            [snapshot],
        )


def _duplicates(connection: duckdb.DuckDBPyConnection, incoming: str, snapshot: str) -> None:
    """Two rows of one key. Hashes tell whether there are any; only then are keys compared one by one."""
    where = "where row_kind = 'flow' and problem is null"
    keys = ", ".join(_KEY)
    rows, hashes = connection.execute(
        f"select count(*), count(distinct hash({keys})) from {incoming} {where}"
    ).fetchall()[0]
    twins = _codes_of_one_economy(connection, incoming)
    if rows == hashes and not twins:
        return
    placed = f"select raw_row, product_code, {keys} from {incoming} {where}"
    if twins:
        names = "".join(f" when '{code}' then '{first}'" for code, first in twins.items())
        placed = f"select * replace (case partner_code{names} else partner_code end as partner_code) from ({placed})"
    connection.execute(
        f"""
        insert into {BROKEN}
        select ?, raw_row, 'duplicate_key', 'product_code', product_code, 'one row per key'
        from ({placed})
        qualify count(*) over (partition by {keys}) > 1
        """,
        [snapshot],
    )


def _codes_of_one_economy(connection: duckdb.DuckDBPyConnection, incoming: str) -> dict[str, str]:
    """Partner codes of the file that stand for the economy of another of its codes, and that one."""
    rows = connection.execute(
        f"""
        select code, min(code) over (partition by code_system, economy_iso3) as first
        from (select distinct code_system, partner_code as code from {incoming} where row_kind = 'flow')
        join raw.economy_of using (code_system, code)
        qualify count(*) over (partition by code_system, economy_iso3) > 1
        """
    ).fetchall()
    return {str(code): str(first) for code, first in rows if code != first}


def _unfinished(
    connection: duckdb.DuckDBPyConnection, incoming: str, snapshot: str, released_at: dt.date
) -> None:
    """Flows of a period that was not over when the file was released: a part of it, shown as the whole."""
    connection.execute(
        f"insert into {BROKEN} select ?, raw_row, 'incomplete_period', 'period_end_date', "
        f"period_end_date::varchar, 'a period that was over on {released_at}, the day of the release' "
        f"from {incoming} where row_kind = 'flow' and period_end_date > ? and {good(connection)}",
        [snapshot, released_at],
    )
