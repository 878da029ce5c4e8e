with

shares as (

    select * from {{ ref('stg_industry__capacity_share') }}

),

snapshots as (

    select * from {{ ref('stg_ledger__snapshot') }}

),

aliases as (

    select * from {{ ref('stg_reference__economy_alias') }}

),

final as (

    select
        cast(snapshots.source_id as string) as source_id,
        cast(snapshots.release_id as string) as edition_id,
        cast(snapshots.released_at as date) as edition_date,
        cast(shares.edition_label as string) as edition_label,
        cast(shares.scope as string) as scope,
        cast(aliases.economy_iso3 as string) as economy_iso3,
        cast(shares.year as integer) as year,
        cast(shares.printed as string) as printed,
        cast(shares.share_pct as decimal(9, 4)) as share_pct,
        cast(shares.half_unit as decimal(9, 4)) as half_unit,
        cast(shares.is_forecast as boolean) as is_forecast,
        cast(shares.kind as string) as kind,
        cast(shares.read_at as string) as read_at,
        cast(shares.snapshot_id as string) as snapshot_id,
        cast(shares.raw_row as bigint) as raw_row
    from shares
    inner join snapshots
        on shares.snapshot_id = snapshots.snapshot_id
    inner join aliases
        on shares.region = aliases.alias

)

select * from final
