{#
  What files of customs offices were asked for, by reporter, flow and period, in each currency that the
  file prints: it covers these whether it has a row of them or not.
#}
with

asked as (

    select * from {{ source('raw', 'asked_slice') }}

),

currencies as (

    select distinct
        snapshot_id,
        currency
    from {{ source('raw', 'customs_slice') }}

),

snapshots as (

    select * from {{ ref('stg_ledger__snapshot') }}
    where not covers_whole

),

final as (

    select
        cast(asked.snapshot_id as string) as snapshot_id,
        cast(snapshots.source_id as string) as source_id,
        cast(snapshots.release_id as string) as release_id,
        cast(snapshots.released_at as date) as released_at,
        cast(asked.reporter_iso3 as string) as reporter_iso3,
        cast(asked.flow as string) as flow,
        cast(asked.period_grain as string) as period_grain,
        cast(asked.period_start_date as date) as period_start_date,
        cast(asked.period_end_date as date) as period_end_date,
        cast(currencies.currency as string) as currency
    from asked
    inner join currencies
        on asked.snapshot_id = currencies.snapshot_id
    inner join snapshots
        on asked.snapshot_id = snapshots.snapshot_id

)

select * from final
