{{ config(meta={'dagster': {'ref': {'name': 'fct_trade_flow_release'}}}) }}
-- Every flow of a customs file, as landed, is a row of fct_trade_flow_release, unless another file of its
-- own release holds it too: no join drops or doubles one.
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

releases as (

    select count(*) as flows
    from {{ ref('fct_trade_flow_release') }}
    where hs_code is not null and not is_deleted

)

select
    landed.flows as landed_flows,
    told_elsewhere.flows as told_elsewhere_flows,
    releases.flows as flows_of_all_releases
from landed
cross join told_elsewhere
cross join releases
where landed.flows <> told_elsewhere.flows + releases.flows
