"""Parts that are more than their total, within one customs file: one of these figures is wrong.

Three sums: partners of the world, sub-headings of a heading, places of a flow. Less than the total is no
contradiction, as a query may leave parts out. The rule is that of `fct_reconciliation` and its test, which
proves it again on what is published: more than 0.1 % of the total, and more than rounding can explain.
Nearly all files keep it, and some are large: each sum is first looked at as a whole, then row by row where
that is needed.
"""

from __future__ import annotations

import duckdb

from orchestration.warehouse.snapshots import BROKEN, count

# Share of a total by which its parts may exceed it.
SLACK = 0.001
_SERIES = "reporter_code, flow, hs_edition, period_grain, period_end_date, currency"
# What a value may be rounded to: offices print units, thousands or millions.
_UNIT = "case when value % 1000000 = 0 then 1000000 when value % 1000 = 0 then 1000 else 1 end"
# Codes that are totals of longer ones: headings and sub-headings.
_TOTALS = (4, 6)


def collect(connection: duckdb.DuckDBPyConnection, incoming: str, snapshot: str, good: str) -> None:
    """Adds the rows of every such sum to the table of broken rows; `good` is the condition of the others."""
    connection.execute(
        """
        create or replace temp table sum_economy as
        select code_system, code, economy_iso3, economy_iso3 = 'WLD' as is_world,
            economy_iso3 <> 'WLD' and economy_iso3 in (
                select economy_iso3 from raw.economy where is_group = 'true'
            ) as is_group
        from raw.economy_of
        """
    )
    rows = _rows(incoming, good)
    # Groups of economies do not count: they hold each other's members.
    partners = (
        f"select hash({_SERIES}, product_code) as sum_id, raw_row, value, is_world as is_total, "
        f"product_code as of from ({rows}) "
        "where row_kind = 'flow' and not is_group or row_kind = 'subtotal' and is_world"
    )
    _quarantine(connection, snapshot, partners, partners, "partner_code", "the total of all partners of")
    # Only codes under the headings of the product groups are compared, as in fct_reconciliation.
    listed = f"{rows} and substr(product_code, 1, 4) in (select substr(hs_code, 1, 4) from raw.product_group)"
    figures = f"{listed} and row_kind in ('flow', 'subtotal')"
    # A code that stands twice, as a flow and as a subtotal, is one part.
    once = (
        f"{figures} qualify row_number() over "
        f"(partition by {_SERIES}, economy_iso3, product_code order by value desc, raw_row) = 1"
    )
    lengths = connection.execute(
        f"select distinct length(product_code) from ({figures}) where product_code is not null order by 1"
    ).fetchall()
    # A code is a part of its heading and, where it is longer, of its sub-heading; lengths never mix.
    for total, part in ((total, int(part)) for total in _TOTALS for (part,) in lengths if part > total):
        loosely, strictly = (
            f"select hash({_SERIES}, economy_iso3, substr(product_code, 1, {total})) as sum_id, raw_row, value, "
            f"length(product_code) = {total} as is_total, substr(product_code, 1, {total}) as of "
            f"from ({source}) where length(product_code) in ({total}, {part})"
            for source in (figures, once)
        )
        _quarantine(connection, snapshot, loosely, strictly, "product_code", "the total of")
    places = (
        f"select hash({_SERIES}, economy_iso3, product_code, raw_column) as sum_id, raw_row, value, "
        f"row_kind = 'flow' as is_total, product_code as of "
        f"from ({listed} and row_kind in ('flow', 'breakdown_place'))"
    )
    if count(connection, f"select count(*) from {incoming} where row_kind = 'breakdown_place'"):
        _quarantine(connection, snapshot, places, places, "place", "the total of all places of")


def _rows(incoming: str, good: str) -> str:
    """Rows of the file with their partner as an economy; `good` speaks of columns of the file alone."""
    return (
        f"select incoming.*, known.economy_iso3, known.is_world, known.is_group from {incoming} as incoming "
        "join sum_economy as known on incoming.code_system = known.code_system "
        f"and incoming.partner_code = known.code where value is not null and flow is not null "
        f"and period_grain is not null and {good}"
    )


def _quarantine(
    connection: duckdb.DuckDBPyConnection, snapshot: str, loosely: str, strictly: str, column: str, what: str
) -> None:
    """loosely, strictly: SQL of (sum_id, raw_row, value, is_total, of), a row for each sum that a figure is
    in; the first may count a part twice, and so only finds the sums that are worth the second."""
    connection.execute(
        f"create or replace temp table sum_suspect as select sum_id from ({loosely}) group by sum_id "
        "having sum(value) filter (where not is_total) "
        f"> max(value) filter (where is_total) * {1 + SLACK}"
    )
    if not count(connection, "select count(*) from sum_suspect"):
        return
    connection.execute(
        f"""
        insert into {BROKEN}
        with placed as (select * from ({strictly}) where sum_id in (select sum_id from sum_suspect)),
        wrong as (
            select sum_id, max(value) filter (where is_total) as total,
                sum(value) filter (where not is_total) as parts
            from placed group by sum_id
            having parts - total > total * {SLACK}
            and parts - total > 0.5 * min({_UNIT}) * (count(*) filter (where not is_total) + 1)
        )
        select distinct ?, raw_row, 'parts_exceed_total', '{column}', parts::varchar,
            'parts of no more than ' || total || ', {what} ' || of
        from placed join wrong using (sum_id)
        """,
        [snapshot],
    )
