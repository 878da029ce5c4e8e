{{ config(meta={'dagster': {'ref': {'name': 'fct_trade_flow_release'}}}) }}
-- One release of each flow is the latest, and none of its other releases is newer.
with

releases as (

    select * from {{ ref('fct_trade_flow_release') }}

)

select
    source_id,
    reporter_iso3,
    partner_iso3,
    flow,
    hs_code,
    product_id,
    period_grain,
    period_end_date
from releases
group by source_id, reporter_iso3, partner_iso3, flow, hs_code, product_id, period_grain, period_end_date
having
    sum(case when is_latest then 1 else 0 end) <> 1
    or max(released_at) <> max(case when is_latest then released_at end)
