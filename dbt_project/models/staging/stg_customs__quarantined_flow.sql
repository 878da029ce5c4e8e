{# Flows that quarantined rows of customs files would have been, with the release that they belong to. #}
with

source as (

    select * from {{ source('raw', 'quarantined_flow') }}

),

snapshots as (

    select * from {{ ref('stg_ledger__snapshot') }}

),

final as (

    select
        cast(source.snapshot_id as string) as snapshot_id,
        cast(snapshots.release_id as string) as release_id,
        cast(source.raw_row as bigint) as raw_row,
        cast(source.reporter_iso3 as string) as reporter_iso3,
        cast(source.partner_iso3 as string) as partner_iso3,
        cast(source.flow as string) as flow,
        cast(source.hs_code as string) as hs_code,
        cast(source.period_grain as string) as period_grain,
        cast(source.period_end_date as date) as period_end_date
    from source
    inner join snapshots
        on source.snapshot_id = snapshots.snapshot_id

)

select * from final
