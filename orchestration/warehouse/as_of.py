"""What was known on a day: table functions of the published file, over the releases up to that day.

`select * from marts.trade_flow_as_of(date '2025-06-30')` and the same for growth of years and months, share and
the verdicts of claims. A release counts from the day it became known (meta.releases.released_at); before the
first release held there is nothing, and nothing is ever projected back.
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


def _of_newest(column: str) -> str:
    """What the newest release says of a flow in several currencies, its dollars first."""
    newest = "struct_pack(d := released_at, r := release_id, c := -currency_rank)"
    return f"arg_max({column}, {newest}) filter (where {column} is not null)"


_KNOWN = "known_at <= cast(as_of as date) and (superseded_at is null or superseded_at > cast(as_of as date))"

# Which codes counted towards a product's total is asked of the day, not of today.
FLOW = f"""
create or replace macro {DRAFT}.marts.trade_flow_as_of(as_of) as table
select {_KEY}, {_newest("value_usd")}, {_newest("value_cny")}, {_newest("quantity")},
    max(released_at) as newest_released_at, count(*) as releases, {_newest("value_local")},
    {_newest("currency")}, {_newest("quantity_unit")}, {_newest("valuation")}, {_newest("release_id")},
    {_newest("snapshot_id")}, {_newest("raw_row")}
from (
    select *, cast(null as varchar) as hs_code, cast(null as decimal(24, 4)) as value_local,
        cast(null as varchar) as currency
    from marts.fct_announced_flow_release
)
where released_at <= cast(as_of as date)
group by {_KEY}
union all
select {_KEY}, value_usd, value_cny, quantity, released_at, 1, value_local, currency, quantity_unit, valuation,
    release_id, snapshot_id, raw_row
from (
    select flows.* replace (counted.product_id as product_id, counted.product_scope as product_scope)
    from marts.fct_trade_flow_release as flows
    left join (select * from marts.fct_product_flow_row where {_KNOWN}) as counted
        on flows.slice_id = counted.slice_id and flows.raw_row = counted.raw_row
    where flows.hs_code is not null and not flows.is_deleted
        and flows.slice_id not in (select slice_id from marts.fct_flow_by_currency)
)
where released_at <= cast(as_of as date)
    and (superseded_at is null or superseded_at > cast(as_of as date))
union all
select source_id, reporter_iso3, partner_iso3, flow, hs_code, max(product_id), max(product_scope), period_grain,
    min(period_start_date), period_end_date, min(year), max(value) filter (where currency = 'USD'),
    max(value) filter (where currency = 'CNY'), {_of_newest("quantity")}, max(released_at),
    count(distinct release_id), max(value) filter (where currency not in ('USD', 'CNY')),
    max(currency) filter (where currency not in ('USD', 'CNY')), {_of_newest("quantity_unit")},
    min(valuation), {_of_newest("release_id")}, arg_min(snapshot_id, currency_rank),
    arg_min(raw_row, currency_rank)
from (
    select flows.*, counted.product_id, counted.product_scope
    from marts.fct_flow_by_currency as flows
    left join (select * from marts.fct_product_flow_row where {_KNOWN}) as counted
        on flows.slice_id = counted.slice_id and flows.raw_row = counted.raw_row
)
where released_at <= cast(as_of as date)
    and (superseded_at is null or superseded_at > cast(as_of as date))
group by source_id, reporter_iso3, partner_iso3, flow, hs_code, period_grain, period_end_date
"""

_SERIES = "source_id, reporter_iso3, partner_iso3, flow, product_id, basis"
_NEWEST = "struct_pack(d := released_at, r := release_id)"

# As in int_trade_series: announced figures and totals of codes, each as the newest release has it.
_PRINTED = f"""
with announced as (
    select {_SERIES}, period_grain, period_start_date, period_end_date, year,
        arg_max(product_scope, {_NEWEST}) as product_scope, arg_max(value, {_NEWEST}) as value,
        arg_max(print_kind, {_NEWEST}) as print_kind, max(released_at) as released_at
    from marts.fct_printed_figure
    where is_used and measure = 'level' and basis in ('usd', 'cny', 'quantity')
        and released_at <= cast(as_of as date)
    group by all
),
totals as (
    select *, 'usd' as basis, value_usd as value, 'database' as print_kind
    from marts.fct_product_flow_release where {_KNOWN}
),
printed as (
    from announced
    union all by name
    select {_SERIES}, period_grain, period_start_date, period_end_date, year, product_scope, value, print_kind,
        released_at
    from totals
),
"""

_GROWTH_PCT = """
    case when base.product_scope = series.product_scope and base.value > 0
        then 100 * (cast(series.value as double) / cast(base.value as double) - 1) end as growth_yoy_pct"""
_NO_GROWTH = """when base.product_scope <> series.product_scope then 'scope_changed'
        when base.value = 0 then 'zero_base' when base.value < 0 then 'negative_base'"""
_OLD_BASE = "when series.print_kind = 'revised_base' and base.print_kind = 'first' then 'base_not_revised'"
_SAME_SERIES = """series.source_id = base.source_id and series.reporter_iso3 = base.reporter_iso3
    and series.partner_iso3 = base.partner_iso3 and series.flow = base.flow
    and series.product_id = base.product_id and series.basis = base.basis and series.year = base.year + 1"""

# Years that are not printed are sums of their months.
GROWTH = f"""
create or replace macro {DRAFT}.marts.trade_growth_yearly_as_of(as_of) as table
{_PRINTED}
years as (
    select {_SERIES}, product_scope, year, value, print_kind from printed where period_grain = 'A'
),
month_sums as (
    select {_SERIES}, product_scope, year, sum(value) as value, 'database' as print_kind
    from totals where period_grain = 'M'
    group by all
    having count(*) = 12
),
series as (
    from years
    union all by name
    select month_sums.* from month_sums anti join years using ({_SERIES}, year)
)
select series.* exclude (print_kind), base.value as base_value, {_GROWTH_PCT},
    case when base.value is null then 'no_base' {_NO_GROWTH}
        {_OLD_BASE} else 'ok' end as growth_status
from series
left join series as base on {_SAME_SERIES}
"""

# As in int_month_sum and int_monthly_slot: years to date and January-Februaries that are not printed are sums
# of months of one scope, a month the difference of two years to date where no newer print of it is held.
# Streaks, twelve-month sums and what is not held at all have no form by day.
MONTHLY = f"""
create or replace macro {DRAFT}.marts.trade_growth_monthly_as_of(as_of) as table
{_PRINTED}
spans as (
    select {_SERIES}, min(period_end_date) as first_end_date, max(period_end_date) as last_end_date,
        bool_or(period_grain = 'JF') as has_joint_months
    from printed where period_grain in ('M', 'JF')
    group by all
),
differences as (
    select {", ".join(f"later.{column}" for column in _SERIES.split(", "))}, 'M' as period_grain,
        cast(date_trunc('month', later.period_end_date) as date) as period_start_date, later.period_end_date,
        later.year, later.product_scope, later.value - earlier.value as value,
        least(later.released_at, earlier.released_at) as released_at
    from printed as later
    join printed as earlier using ({_SERIES}, period_grain, year, product_scope)
    join spans using ({_SERIES})
    where period_grain = 'YTD' and later.period_end_date between first_end_date and last_end_date
        and month(later.period_end_date) = month(earlier.period_end_date) + 1
        and (month(later.period_end_date) > 2 or not has_joint_months)
),
running as (
    select {_SERIES}, period_end_date, year, product_scope, print_kind,
        sum(value) over to_date as value, count(*) over to_date as months
    from totals where period_grain = 'M'
    window to_date as (
        partition by {_SERIES}, product_scope, year order by period_end_date
        rows between unbounded preceding and current row
    )
),
month_sums as (
    select {_SERIES}, period_grain, make_date(year, 1, 1) as period_start_date, period_end_date, year,
        product_scope, value, print_kind, 'sum_of_months' as value_status
    from running
    join (values ('YTD', 1, 12), ('JF', 2, 2)) as grains (period_grain, first_month, last_month)
        on month(period_end_date) between first_month and last_month
    where months = month(period_end_date)
),
series as (
    select printed.* exclude (released_at), 'printed' as value_status
    from printed
    left join differences using ({_SERIES}, period_grain, period_end_date)
    where period_grain in ('M', 'JF', 'YTD')
        and (differences.value is null or differences.released_at <= printed.released_at)
    union all by name
    select differences.* exclude (released_at), 'derived_from_ytd' as value_status
    from differences
    left join printed using ({_SERIES}, period_grain, period_end_date)
    where printed.value is null or differences.released_at > printed.released_at
    union all by name
    select month_sums.* from month_sums anti join printed using ({_SERIES}, period_grain, period_end_date)
)
select series.* exclude (print_kind), base.value as base_value, {_GROWTH_PCT},
    case when base.value is null and series.period_grain = 'M' and month(series.period_end_date) <= 2
            and has_joint_months then 'combined_release'
        when base.value is null then 'no_base' {_NO_GROWTH}
        when series.value_status = 'derived_from_ytd' then 'derived_from_ytd'
        when base.value_status = 'derived_from_ytd' then 'base_derived_from_ytd'
        {_OLD_BASE} else 'ok' end as growth_status
from series
left join spans using ({_SERIES})
left join series as base on {_SAME_SERIES}
    and series.period_grain = base.period_grain and month(series.period_end_date) = month(base.period_end_date)
"""
SHARE = f"""
create or replace macro {DRAFT}.marts.trade_share_yearly_as_of(as_of) as table
with reporters as (
    select totals.source_id, totals.reporter_iso3, totals.flow, totals.product_id, totals.product_scope,
        totals.year, totals.value_usd
    from marts.fct_product_flow_release as totals
    semi join (from marts.dim_economy where not is_group) as economies
        on totals.reporter_iso3 = economies.economy_iso3
    where totals.partner_iso3 = 'WLD' and totals.period_grain = 'A' and {_KNOWN}
),
scopes as (
    select source_id, flow, product_id, year, product_scope as world_scope
    from reporters group by source_id, flow, product_id, year, product_scope
    qualify row_number() over (
        partition by source_id, flow, product_id, year order by count(*) desc, product_scope
    ) = 1
),
scoped as (
    select reporters.*, product_scope = world_scope as is_in_world
    from reporters join scopes using (source_id, flow, product_id, year)
),
marked as (
    select *, count(*) filter (where is_in_world) over (partition by source_id, flow, product_id, reporter_iso3)
        = count(distinct year) over (partition by source_id, flow, product_id) as is_constant
    from scoped
),
summed as (
    select *, sum(value_usd) filter (where is_in_world) over of_year as world_value_usd,
        sum(value_usd) filter (where is_constant) over of_year as constant_world_value_usd,
        count(*) filter (where is_in_world) over of_year as reporters_in_world,
        count(*) filter (where is_constant) over of_year as reporters_in_constant_sample
    from marked
    window of_year as (partition by source_id, flow, product_id, year)
),
judged as (
    select *,
        case when not is_in_world then 'scope_differs' when world_value_usd = 0 then 'zero_world' else 'ok' end
            as share_status,
        case when not is_constant then 'not_in_every_year' when constant_world_value_usd = 0 then 'zero_world'
            else 'ok' end as constant_sample_status
    from summed
)
select source_id, reporter_iso3, flow, product_id, product_scope, year, value_usd, world_value_usd,
    case when share_status = 'ok'
        then 100 * (cast(value_usd as double) / cast(world_value_usd as double)) end as share_pct,
    share_status,
    case when constant_sample_status = 'ok'
        then 100 * (cast(value_usd as double) / cast(constant_world_value_usd as double)) end
        as constant_sample_share_pct,
    constant_sample_status, reporters_in_world, reporters_in_constant_sample
from judged
"""

# First prints do not change, so a verdict from them holds from the day all it rests on was public.
# The latest vintage and the definitions shown beside the claim have no say, here as in the mart.
_CLAIM = f"""
create or replace macro {DRAFT}.marts.claim_verdict_as_of(as_of) as table
with matrix as (
    select *, case definition_role when 'meant' then 1 when 'open' then 2 else 3 end as standing
    from marts.fct_claim_verdict where definition_id not in ('not stated', 'none')
),
speaking as (
    select * from matrix
    qualify standing = min(standing) over (partition by claim_id)
),
known as (
    select *, case verdict when 'exact' then 'consistent' else verdict end as verdict_class
    from speaking where known_at <= cast(as_of as date)
),
summed as (
    select claim_id, count(distinct verdict_class) as classes, max(known_at) as known_at,
        first(verdict order by definition_id desc) as verdict, first(reason order by definition_id desc) as reason,
        first(computed_low order by definition_id desc) as computed_low,
        first(computed_high order by definition_id desc) as computed_high,
        string_agg(definition_id || ': ' || verdict, '; ' order by definition_id desc) as verdicts
    from known group by claim_id
)
select claims.claim_id, claims.article_id, claims.paragraph, claims.printed, claims.modality,
    case when claims.definition_id = 'none' then claims.verdict
        when summed.claim_id is null then 'unverifiable'
        when summed.classes > 1 then 'definition_dependent' else summed.verdict end as verdict,
    case when summed.classes = 1 then summed.computed_low end as computed_low,
    case when summed.classes = 1 then summed.computed_high end as computed_high,
    case when claims.definition_id = 'none' then claims.reason
        when summed.claim_id is null then 'what judges it was not all public on ' || cast(as_of as date)
        when summed.classes > 1 then summed.verdicts else summed.reason end as reason,
    claims.formula_id, summed.known_at, claims.raw_row
from marts.fct_claim_verdict as claims
left join summed on claims.claim_id = summed.claim_id
where claims.is_intended
"""


def create(connection: duckdb.DuckDBPyConnection) -> None:
    """Writes the table functions into the draft; they read the tables beside them."""
    connection.execute(f"use {DRAFT}")
    try:
        for statement in (FLOW, GROWTH, MONTHLY, SHARE, _CLAIM):
            connection.execute(statement)
    finally:
        connection.execute("use ledger")
