{{ config(meta={'dagster': {'ref': {'name': 'fct_trade_flow_release'}}}) }}
-- Every flow of a customs file, as landed, is a row of fct_trade_flow_release, unless another file of its
-- own release holds it too: no join drops or doubles one. Flows in several currencies share a row per release.
with

landed as (

    select count(*) as flows
    from {{ source('landed', 'fct_customs_flow') }}

),

told_elsewhere as (

    select count(*) as flows
    from {{ ref('fct_superseded_flow') }} as superseded
    inner join {{ ref('dim_flow_slice') }} as slices
        on superseded.slice_id = slices.slice_id
    where superseded.superseded_by_release_id = slices.release_id

),

by_currency as (

    select
        count(*) as flows,
        count(*) - count(
            distinct source_id || ' ' || release_id || ' ' || reporter_iso3 || ' ' || partner_iso3 || ' ' || flow
            || ' ' || hs_code || ' ' || period_grain || ' ' || cast(period_end_date as string)
        ) as beside_another
    from {{ ref('fct_flow_by_currency') }}

),

releases as (

    select count(*) as flows
    from {{ ref('fct_trade_flow_release') }}
    where hs_code is not null and not is_deleted

)

select
    landed.flows as landed_flows,
    told_elsewhere.flows as told_elsewhere_flows,
    by_currency.beside_another as flows_beside_another_currency,
    releases.flows as flows_of_all_releases
from landed
cross join by_currency
cross join told_elsewhere
cross join releases
where landed.flows <> told_elsewhere.flows + by_currency.beside_another + releases.flows
