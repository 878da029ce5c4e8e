"""Parts that are more than their total, within one customs file: one of these figures is wrong.

Three sums: partners of the world, sub-headings of a heading, places of a flow. Less than the total is no
contradiction, as a query may leave parts out. The rule is that of `fct_reconciliation` and its test, which
proves it again on what is published: more than 0.1 % of the total, and more than rounding can explain.
"""

from __future__ import annotations

import duckdb

from orchestration.warehouse.snapshots import BROKEN

# Share of a total by which its parts may exceed it.
SLACK = 0.001
_SERIES = "reporter_code, flow, hs_edition, period_grain, period_end_date, currency"
# What a value may be rounded to: offices print units, thousands or millions.
_UNIT = "case when value % 1000000 = 0 then 1000000 when value % 1000 = 0 then 1000 else 1 end"


def collect(connection: duckdb.DuckDBPyConnection, incoming: str, snapshot: str, good: str) -> None:
    """Adds the rows of every such sum to the table of broken rows; `good` is the condition of the others."""
    connection.execute(
        f"""
        create or replace temp table sum_economy as
        select code_system, code, economy_iso3, economy_iso3 = 'WLD' as is_world,
            economy_iso3 <> 'WLD' and economy_iso3 in (
                select economy_iso3 from raw.economy where is_group = 'true'
            ) as is_group
        from raw.economy_of
        """
    )
    # Groups of economies do not count: they hold each other's members.
    _quarantine(
        connection,
        snapshot,
        f"""
        select hash({_SERIES}, product_code) as sum_id, raw_row, value, is_world as is_total, product_code as of
        from {_rows(incoming, good)}
        where row_kind = 'flow' and not is_group or row_kind = 'subtotal' and is_world
        """,
        "partner_code",
        "the total of all partners of",
    )
    # Only codes under the headings of the product groups are compared, as in fct_reconciliation.
    connection.execute(
        f"""
        create or replace temp table sum_row as
        select {_SERIES}, economy_iso3, product_code, raw_column, row_kind, raw_row, value
        from {_rows(incoming, good)}
        where substr(product_code, 1, 4) in (select substr(hs_code, 1, 4) from raw.product_group)
        and row_kind in ('flow', 'subtotal', 'breakdown_place')
        """
    )
    # A code is a part of its heading and, where it is longer, of its sub-heading; lengths never mix.
    _quarantine(
        connection,
        snapshot,
        f"""
        with figures as (
            select *, length(product_code) as digits from sum_row where row_kind <> 'breakdown_place'
            qualify row_number() over (
                partition by {_SERIES}, economy_iso3, product_code order by value desc, raw_row
            ) = 1
        )
        select hash({_SERIES}, economy_iso3, substr(product_code, 1, of_digits), digits) as sum_id, raw_row, value,
            false as is_total, substr(product_code, 1, of_digits) as of
        from figures, (values (4), (6)) as totals (of_digits) where digits > of_digits
        union all
        select hash({_SERIES}, economy_iso3, product_code, lengths.digits), raw_row, value, true, product_code
        from figures join (select distinct digits from figures) as lengths on lengths.digits > figures.digits
        where figures.digits in (4, 6)
        """,
        "product_code",
        "the total of",
    )
    _quarantine(
        connection,
        snapshot,
        f"""
        select hash({_SERIES}, economy_iso3, product_code, raw_column) as sum_id, raw_row, value,
            row_kind = 'flow' as is_total, product_code as of
        from sum_row where row_kind in ('flow', 'breakdown_place')
        """,
        "place",
        "the total of all places of",
    )


def _rows(incoming: str, good: str) -> str:
    """Rows of the file with their partner as an economy; `good` speaks of columns of the file alone."""
    return (
        f"(select incoming.*, known.economy_iso3, known.is_world, known.is_group from {incoming} as incoming "
        "join sum_economy as known on incoming.code_system = known.code_system "
        f"and incoming.partner_code = known.code where value is not null and flow is not null "
        f"and period_grain is not null and {good})"
    )


def _quarantine(
    connection: duckdb.DuckDBPyConnection, snapshot: str, placed: str, column: str, what: str
) -> None:
    """placed: SQL of (sum_id, raw_row, value, is_total, of), a row for each sum that a figure is in."""
    connection.execute(
        f"""
        insert into {BROKEN}
        with placed as ({placed}),
        suspects as (
            select sum_id, max(value) filter (where is_total) as total,
                sum(value) filter (where not is_total) as parts, count(*) filter (where not is_total) as held
            from placed group by sum_id having parts - total > total * {SLACK}
        ),
        wrong as (
            select sum_id, any_value(total) as total, any_value(parts) as parts
            from placed join suspects using (sum_id) group by sum_id
            having any_value(parts - total) > 0.5 * min({_UNIT}) * (any_value(held) + 1)
        )
        select distinct ?, raw_row, 'parts_exceed_total', '{column}', parts::varchar,
            'parts of no more than ' || total || ', {what} ' || of
        from placed join wrong using (sum_id)
        """,
        [snapshot],
    )
