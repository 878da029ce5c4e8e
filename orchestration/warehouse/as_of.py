"""What was known on a day: table functions of the published file, over the releases up to that day.

`select * from marts.trade_flow_as_of(date '2025-06-30')` and the same for growth and share. A release
counts from the day it became known (meta.releases.released_at); before the first release held there
is nothing, and nothing is ever projected back.
"""

from __future__ import annotations

import duckdb

from orchestration.warehouse.ledger import DRAFT

_KEY = (
    "source_id, reporter_iso3, partner_iso3, flow, hs_code, product_id, product_scope, "
    "period_grain, period_start_date, period_end_date, year"
)


def _newest(column: str) -> str:
    return (
        f"arg_max({column}, struct_pack(d := released_at, r := release_id)) "
        f"filter (where {column} is not null) as {column}"
    )


_FLOW = f"""
create or replace macro {DRAFT}.marts.trade_flow_as_of(as_of) as table
select {_KEY}, {_newest("value_usd")}, {_newest("value_cny")}, {_newest("quantity")},
    max(released_at) as newest_released_at, count(*) as releases
from (select *, cast(null as varchar) as hs_code from marts.fct_announced_flow_release)
where released_at <= cast(as_of as date)
group by {_KEY}
union all
select {_KEY}, value_usd, value_cny, quantity, released_at, 1
from marts.fct_trade_flow_release
where hs_code is not null and not is_deleted and released_at <= cast(as_of as date)
    and (superseded_at is null or superseded_at > cast(as_of as date))
"""
_GROWTH = f"""
create or replace macro {DRAFT}.marts.trade_growth_yearly_as_of(as_of) as table
with figures as (
    unpivot (
        select * from marts.trade_flow_as_of(as_of) where product_id is not null and period_grain = 'A'
    )
    on value_usd, value_cny, quantity into name measure value value
),
series as (
    select source_id, reporter_iso3, partner_iso3, flow, product_id, year,
        case measure when 'value_usd' then 'usd' when 'value_cny' then 'cny' else 'quantity' end as basis,
        sum(value) as value
    from figures group by all
)
select series.*, base.value as base_value,
    100 * (cast(series.value as double) / nullif(cast(base.value as double), 0) - 1) as growth_yoy_pct,
    case when base.value is null then 'no_base' when base.value = 0 then 'zero_base' else 'ok' end
        as growth_status
from series
left join series as base
    on series.source_id = base.source_id and series.reporter_iso3 = base.reporter_iso3
    and series.partner_iso3 = base.partner_iso3 and series.flow = base.flow
    and series.product_id = base.product_id and series.basis = base.basis and series.year = base.year + 1
"""
_SHARE = f"""
create or replace macro {DRAFT}.marts.trade_share_yearly_as_of(as_of) as table
with reporters as (
    select source_id, reporter_iso3, flow, product_id, year, sum(value_usd) as value_usd
    from marts.trade_flow_as_of(as_of)
    where hs_code is not null and product_id is not null and partner_iso3 = 'WLD' and period_grain = 'A'
    group by all
)
select *, sum(value_usd) over of_year as world_value_usd,
    100 * cast(value_usd as double) / nullif(cast(sum(value_usd) over of_year as double), 0) as share_pct,
    count(*) over of_year as reporters_in_world
from reporters
window of_year as (partition by source_id, flow, product_id, year)
"""


def create(connection: duckdb.DuckDBPyConnection) -> None:
    """Writes the table functions into the draft; they read the tables beside them."""
    connection.execute(f"use {DRAFT}")
    try:
        for statement in (_FLOW, _GROWTH, _SHARE):
            connection.execute(statement)
    finally:
        connection.execute("use ledger")
