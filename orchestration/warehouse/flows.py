"""Where flows of customs files are kept: one fact table of rows, and one small table of slices.

A slice is what one file says of one reporter, flow and period (in one HS edition, currency and
valuation); its row holds all that its flows have in common, and a fact carries the slice's key. The
fact table lies in the draft of the published file, so that a row is written once; which slices are
still current is a join to the small table. Rows that are no flows (breakdowns, subtotals, groups)
are kept apart in `raw.customs_aside`.

A flow counts only while its slice is in `raw.customs_slice`: a refresh that dies between writing the
facts and the books leaves rows that `drop_orphans` removes.
"""

from __future__ import annotations

import duckdb

from orchestration.sources.layout import FLOW_COLUMNS
from orchestration.warehouse import questions, unread
from orchestration.warehouse.ledger import DRAFT, first_row

FACT = f"{DRAFT}.marts.fct_customs_flow"
SLICES = "raw.customs_slice"
ASIDE = "raw.customs_aside"

# name -> (type, comment); the comments reach the published file.
FACT_COLUMNS: dict[str, tuple[str, str]] = {
    "slice_id": ("bigint", "Slice that the row belongs to: file, reporter, flow and period; see dim_flow_slice"),
    "raw_row": ("bigint", "Line of the record in its file, the header being 1; row of the sheet"),
    "raw_column": ("varchar", "Column of its value, as the file calls it"),
    "partner_iso3": ("varchar", "Partner economy; WLD is all partners together"),
    "hs_code": ("varchar", "Product code with leading zeros; TOTAL is all goods"),
    "value": ("decimal(24,4)", "Value in whole units of the slice's currency; null when the source has none"),
    "quantity": ("decimal(24,4)", "Quantity in quantity_unit; null when not available, never a 0 that means that"),
    "quantity_unit": ("varchar", "items, kg, or the unit as the file has it; null without a quantity"),
    "net_weight_kg": ("decimal(24,4)", "Net weight, kilograms; null when not available"),
    "is_estimated": ("boolean", "The source marks quantity or weight as estimated; null when it says nothing"),
    "is_preliminary": ("boolean", "The source marks the figure as preliminary"),
}  # fmt: skip
FACT_COMMENT = (
    "Every flow of every customs file held, as landed. Grain: slice × partner × product code. Join "
    "dim_flow_slice for reporter, flow, period, release and currency; fct_trade_flow_release shows both."
)
_KEPT_ASIDE = [name for name in FLOW_COLUMNS if not name.startswith("problem")]

# What a slice is made of, as the columns of a landed row.
_PARTS = (
    "code_system", "reporter_code", "flow", "period_grain", "period_end_date", "product_system", "hs_edition",
    "currency", "valuation",
)  # fmt: skip
# Groups the rows of one file: fast, and of no meaning outside it.
_GROUP = f"hash({', '.join(f'groups.{name}' for name in _PARTS)})"
# The key: the same file gives the same keys wherever and whenever it is landed.
_SLICE_ID = (
    "(md5_number_lower(concat_ws('|', $1, known.economy_iso3, flow, period_grain, period_end_date, "
    "coalesce(product_system, ''), coalesce(hs_edition, ''), coalesce(currency, ''), coalesce(valuation, ''))) "
    ">> 1)::bigint"
)


def create(connection: duckdb.DuckDBPyConnection) -> None:
    """The tables that are missing, with the comments of the fact table."""
    columns = ", ".join(f"{name} {kind}" for name, (kind, _) in FACT_COLUMNS.items())
    connection.execute(f"create table if not exists {FACT} ({columns})")
    for target, text in (
        (f"table {FACT}", FACT_COMMENT),
        *((f"column {FACT}.{name}", comment) for name, (_, comment) in FACT_COLUMNS.items()),
    ):
        connection.execute(f"comment on {target} is '{text.replace(chr(39), chr(39) * 2)}'")
    connection.execute(
        f"create table if not exists {SLICES} (slice_id bigint, snapshot_id varchar, reporter_iso3 varchar, "
        "flow varchar, period_grain varchar, period_start_date date, period_end_date date, "
        "product_system varchar, hs_edition varchar, currency varchar, valuation varchar, flow_rows bigint)"
    )
    kept = ", ".join(f"{name} {FLOW_COLUMNS[name][0]}" for name in _KEPT_ASIDE)
    connection.execute(f"create table if not exists {ASIDE} (snapshot_id varchar, {kept})")
    questions.create(connection)
    unread.create(connection)


def drop_orphans(connection: duckdb.DuckDBPyConnection) -> None:
    """Removes flows whose slice is not in the books; two counts tell whether there are any."""
    counts = first_row(
        connection, f"select (select count(*) from {FACT}), (select coalesce(sum(flow_rows), 0) from {SLICES})"
    )
    if counts and counts[0] != counts[1]:
        connection.execute(f"delete from {FACT} where slice_id not in (select slice_id from {SLICES})")


def write_facts(connection: duckdb.DuckDBPyConnection, snapshot: str, incoming: str, good: str) -> int:
    """Writes the good flows of `incoming` to the fact table; returns how many.

    good: SQL condition of the rows that broke no rule. The slices stay in the temp table `incoming_slice`
    until `write_books` makes them count.
    """
    connection.execute(
        f"""
        create or replace temp table incoming_slice as
        with groups as (
            select {', '.join(_PARTS)}, min(period_start_date) as period_start_date, count(*) as flow_rows
            from {incoming} where row_kind = 'flow' and {good} group by {', '.join(_PARTS)}
        )
        select {_GROUP} as of_file, {_SLICE_ID} as slice_id, $1 as snapshot_id,
               known.economy_iso3 as reporter_iso3, flow, period_grain, period_start_date, period_end_date,
               product_system, hs_edition, currency, valuation, flow_rows
        from groups
        join raw.economy_of as known
        on groups.code_system = known.code_system and groups.reporter_code = known.code
        """,
        [snapshot],
    )
    connection.execute(
        f"""
        insert into {FACT}
        select slice_id, raw_row, raw_column, known.economy_iso3, product_code, value, quantity, quantity_unit,
               net_weight_kg,
               case when is_quantity_estimated is null and is_weight_estimated is null then null
                    else coalesce(is_quantity_estimated, false) or coalesce(is_weight_estimated, false) end,
               coalesce(is_preliminary, false)
        from {incoming} as groups
        join (select of_file, slice_id from incoming_slice) as slices on {_GROUP} = of_file
        join raw.economy_of as known
        on groups.code_system = known.code_system and groups.partner_code = known.code
        where row_kind = 'flow' and {good}
        """
    )
    row = first_row(connection, "select coalesce(sum(flow_rows), 0) from incoming_slice")
    return int(row[0]) if row else 0


def write_books(connection: duckdb.DuckDBPyConnection, snapshot: str, incoming: str, good: str) -> None:
    """Writes the slices and what is kept aside; to be called in the transaction of the books."""
    connection.execute(f"insert into {SLICES} by name select * exclude (of_file, flow_rows), sum(flow_rows) as flow_rows "
        "from incoming_slice group by all")
    names = ", ".join(_KEPT_ASIDE)
    connection.execute(
        f"insert into {ASIDE} select ?, {names} from {incoming} where row_kind <> 'flow' and {good}",
        [snapshot],
    )


def heal(connection: duckdb.DuckDBPyConnection) -> None:
    """After a refresh that died, or a draft that was deleted: drops facts without books, and forgets
    snapshots whose facts are gone, so that their files are read again."""
    drop_orphans(connection)
    for path, *_ in unbalanced(connection):
        rows = connection.execute(
            "select snapshot_id from raw.snapshot where path = ? and flow_rows is not null", [path]
        ).fetchall()
        for (snapshot,) in rows:
            forget(connection, str(snapshot))
            connection.execute("delete from raw.snapshot where snapshot_id = ?", [snapshot])
            connection.execute("delete from raw.quarantine where snapshot_id = ?", [snapshot])
    drop_orphans(connection)


def forget(connection: duckdb.DuckDBPyConnection, snapshot: str) -> None:
    """Takes a snapshot out of the books; its facts are orphans from now on."""
    questions.forget(connection, snapshot)
    unread.forget(connection, snapshot)
    for table in (SLICES, ASIDE):
        connection.execute(f"delete from {table} where snapshot_id = ?", [snapshot])


def unbalanced(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, int, int, int]]:
    """Snapshots whose flows are not all there: (path, flows booked, flows by slice, flows in the fact table)."""
    rows = connection.execute(
        f"""
        with held as (select slice_id, count(*) as rows from {FACT} group by slice_id),
        booked as (
            select snapshot_id, sum(flow_rows) as flows, sum(coalesce(held.rows, 0)) as facts
            from {SLICES} as slices left join held using (slice_id) group by snapshot_id
        )
        select path, flow_rows, coalesce(flows, 0), coalesce(facts, 0)
        from raw.snapshot as snapshot left join booked using (snapshot_id)
        where snapshot.status = 'loaded' and flow_rows is not null
        and (flow_rows <> coalesce(flows, 0) or flow_rows <> coalesce(facts, 0))
        order by path
        """
    ).fetchall()
    return [(str(path), int(a), int(b), int(c)) for path, a, b, c in rows]
