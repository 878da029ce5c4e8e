"""What customs files were asked for, as tables: which reporters, flows and periods, codes and partners.

A file with such a question covers all of it, whether it has a row of it or not; see fct_superseded_flow.
Belongs here: looking the codes of the question up, and filling in by the file's rows what it leaves out.
"""

from __future__ import annotations

import duckdb

from orchestration.sources.asked import ALL, Asked
from orchestration.warehouse.ledger import first_row

SLICES, CODES, PARTNERS = "raw.asked_slice", "raw.asked_code", "raw.asked_partner"


def create(connection: duckdb.DuckDBPyConnection) -> None:
    """The tables that are missing."""
    connection.execute(
        f"create table if not exists {SLICES} (snapshot_id varchar, reporter_iso3 varchar, flow varchar, "
        "period_grain varchar, period_start_date date, period_end_date date)"
    )
    # A pattern of LIKE; a partner that is null stands for all.
    connection.execute(f"create table if not exists {CODES} (snapshot_id varchar, code_pattern varchar)")
    connection.execute(f"create table if not exists {PARTNERS} (snapshot_id varchar, partner_iso3 varchar)")


def forget(connection: duckdb.DuckDBPyConnection, snapshot: str) -> None:
    for table in (SLICES, CODES, PARTNERS):
        connection.execute(f"delete from {table} where snapshot_id = ?", [snapshot])


def write(connection: duckdb.DuckDBPyConnection, snapshot: str, incoming: str, asked: Asked, good: str) -> None:
    """Writes the question of a file whose rows are in `incoming`; to be called with its books."""
    _resolve(connection, incoming, asked, good)
    connection.execute(
        f"insert into {SLICES} select ?, reporter_iso3, flow, period_grain, period_start_date, period_end_date "
        "from question_reporter, question_flow, question_period",
        [snapshot],
    )
    connection.execute(f"insert into {CODES} select ?, code_pattern from question_code", [snapshot])
    connection.execute(f"insert into {PARTNERS} select ?, partner_iso3 from question_partner", [snapshot])


def outside(connection: duckdb.DuckDBPyConnection, incoming: str, asked: Asked, good: str) -> str:
    """What the file holds beyond its question, as a part of a sentence; empty where there is nothing.

    A row beyond it would stand beside the older one that it should replace.
    """
    _resolve(connection, incoming, asked, good)
    row = first_row(
        connection,
        f"""
        with held as ({_HELD.format(incoming=incoming, good=good)}),
        beyond as (
            select raw_row, 'reporters' as part, reporter_iso3 as value from held
            where reporter_iso3 not in (select reporter_iso3 from question_reporter)
            union all
            select raw_row, 'flows', flow from held where flow not in (select flow from question_flow)
            union all
            select raw_row, 'periods', strftime(period_start_date, '%Y-%m-%d') || ' to ' || period_end_date from held
            where not exists (
                select 1 from question_period as asked where asked.period_grain = held.period_grain
                and asked.period_end_date = held.period_end_date
            )
            union all
            select raw_row, 'codes', product_code from held
            where not exists (select 1 from question_code where product_code like code_pattern)
            union all
            select raw_row, 'partners', partner_iso3 from held
            where not exists (
                select 1 from question_partner as asked
                where asked.partner_iso3 is null or asked.partner_iso3 = held.partner_iso3
            )
        )
        select raw_row, part, value from beyond order by all limit 1
        """,
    )
    if row is None:
        return ""
    line, part, value = row
    return (
        f"line {line}: it holds {value}, which is not among asked.{part} of its source.yml; correct "
        f"asked.{part}, or leave it out"
    )


# The file's flows, with economies as they are published.
_HELD = """
    select raw_row, reporters.economy_iso3 as reporter_iso3, partners.economy_iso3 as partner_iso3, flow,
        product_code, period_grain, period_start_date, period_end_date
    from {incoming} as incoming
    join raw.economy_of as reporters
    on incoming.code_system = reporters.code_system and incoming.reporter_code = reporters.code
    join raw.economy_of as partners
    on incoming.code_system = partners.code_system and incoming.partner_code = partners.code
    where row_kind = 'flow' and {good}
"""


def _resolve(connection: duckdb.DuckDBPyConnection, incoming: str, asked: Asked, good: str) -> None:
    """The parts of the question as temp tables; a part that is not said is what the file holds."""
    held = _HELD.format(incoming=incoming, good=good)
    for name, column, given in (
        ("reporter", "reporter_iso3", _economies(connection, incoming, asked.reporters)),
        ("flow", "flow", asked.flows),
        ("code", "code_pattern", asked.patterns),
        ("partner", "partner_iso3", _economies(connection, incoming, asked.partners)),
    ):
        if given is None:
            source = "product_code" if name == "code" else column
            connection.execute(
                f"create or replace temp table question_{name} as select distinct {source} as {column} from ({held})"
            )
        else:
            connection.execute(
                f"create or replace temp table question_{name} as "
                f"select distinct unnest(?::varchar[]) as {column}",
                [list(given)],
            )
    connection.execute(
        "create or replace temp table question_period as select distinct period_grain, period_start_date, "
        f"period_end_date from ({held})"
    )
    if asked.spans is not None:
        connection.execute("truncate question_period")
        connection.executemany("insert into question_period values (?, ?, ?)", list(asked.spans))


def _economies(
    connection: duckdb.DuckDBPyConnection, incoming: str, given: tuple[str, ...] | None
) -> tuple[str | None, ...] | None:
    """Codes of the file's source, or ISO codes, as economies; one that nobody knows can have no flow."""
    if given is None:
        return None
    if given == (ALL,):
        return (None,)
    rows = connection.execute(
        f"""
        with systems as (select distinct code_system from {incoming} where code_system is not null),
        given as (select unnest(?) as code),
        own as (
            select given.code, economy_iso3 from given join raw.economy_of as known using (code)
            join systems using (code_system)
        )
        select economy_iso3 from own
        union
        select economy_iso3 from given join raw.economy_of as known using (code)
        where known.code_system = 'iso3' and code not in (select code from own)
        """,
        [list(given)],
    ).fetchall()
    return tuple(str(row[0]) for row in rows)
