{{ config(meta={'dagster': {'ref': {'name': 'fct_trade_flow_release'}}}) }}
-- Of each flow one release is the latest, and none of its other releases is newer. Looked at are the
-- flows that two slices may hold (a deletion names no product), or a file withdraws; a flow of one slice alone is judged when it is landed.
with

slices as (

    select * from {{ ref('dim_flow_slice') }}

),

shared as (

    select distinct
        one.source_id,
        one.reporter_iso3,
        one.flow,
        one.period_grain,
        one.period_end_date
    from slices as one
    inner join slices as other
        on {{ same_period('one', 'other') }}
    where one.slice_id <> other.slice_id and (one.snapshot_id <> other.snapshot_id or one.flow = other.flow)

),

releases as (

    select flows.*
    from {{ ref('fct_trade_flow_release') }} as flows
    inner join shared
        on {{ same_slice('flows', 'shared') }}
    where flows.hs_code is not null
    union all
    select *
    from {{ ref('fct_trade_flow_release') }}
    where hs_code is null

)

select
    source_id,
    reporter_iso3,
    partner_iso3,
    flow,
    hs_code,
    case when hs_code is null then product_id end as product_id,
    period_grain,
    period_end_date
from releases
group by
    source_id, reporter_iso3, partner_iso3, flow, hs_code, case when hs_code is null then product_id end, period_grain,
    period_end_date
having
    sum(case when is_latest then 1 else 0 end) <> 1
    or max(released_at) <> max(case when is_latest then released_at end)
