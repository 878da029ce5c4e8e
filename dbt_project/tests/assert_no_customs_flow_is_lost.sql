{{ config(meta={'dagster': {'ref': {'name': 'fct_trade_flow_release'}}}) }}
-- Every flow of a customs file, as landed, is in the staged flows once: no join drops or doubles one.
with

landed as (

    select
        snapshot_id,
        count(*) as flows
    from {{ source('raw', 'customs_flow') }}
    where row_kind = 'flow'
    group by snapshot_id

),

staged as (

    select
        snapshot_id,
        count(*) as flows
    from {{ ref('stg_customs__flow') }}
    group by snapshot_id

),

releases as (

    select count(*) as flows
    from {{ ref('fct_trade_flow_release') }}

)

select
    landed.snapshot_id,
    landed.flows as landed_flows,
    staged.flows as staged_flows,
    releases.flows as flows_of_all_releases
from landed
left join staged
    on landed.snapshot_id = staged.snapshot_id
cross join releases
where coalesce(staged.flows, 0) <> landed.flows
