{# What each customs file says of one reporter, flow and period, with the release it belongs to. #}
with

slices as (

    select * from {{ source('raw', 'customs_slice') }}

),

snapshots as (

    select * from {{ ref('stg_ledger__snapshot') }}

),

final as (

    select
        cast(slices.slice_id as bigint) as slice_id,
        cast(slices.snapshot_id as string) as snapshot_id,
        cast(snapshots.source_id as string) as source_id,
        cast(snapshots.dataset_id as string) as dataset_id,
        cast(snapshots.release_id as string) as release_id,
        cast(snapshots.released_at as date) as released_at,
        cast(slices.reporter_iso3 as string) as reporter_iso3,
        cast(slices.flow as string) as flow,
        cast(slices.period_grain as string) as period_grain,
        cast(slices.period_start_date as date) as period_start_date,
        cast(slices.period_end_date as date) as period_end_date,
        cast(extract(year from slices.period_end_date) as integer) as year,
        cast(slices.product_system as string) as product_system,
        cast(slices.hs_edition as string) as hs_edition,
        cast(slices.currency as string) as currency,
        cast(slices.valuation as string) as valuation,
        cast(snapshots.covers_whole as boolean) as covers_whole,
        cast(slices.flow_rows as bigint) as flow_rows
    from slices
    inner join snapshots
        on slices.snapshot_id = snapshots.snapshot_id

)

select * from final
