with

figures as (

    select * from {{ ref('stg_industry__figure') }}

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
        cast(snapshots.dataset_id as string) as dataset_id,
        cast(snapshots.release_id as string) as release_id,
        cast(snapshots.released_at as date) as released_at,
        cast(figures.subject as string) as subject,
        cast(figures.measure as string) as measure,
        cast(figures.entity as string) as entity,
        cast(aliases.economy_iso3 as string) as economy_iso3,
        cast(figures.period as string) as period,
        cast(figures.printed as string) as printed,
        cast(figures.unit as string) as unit,
        cast(figures.value as decimal(24, 4)) as value,
        cast(figures.half_unit as decimal(24, 6)) as half_unit,
        cast(figures.vintage as string) as vintage,
        cast(figures.read_at as string) as read_at,
        cast(figures.snapshot_id as string) as snapshot_id,
        cast(figures.raw_row as bigint) as raw_row,
        cast(figures.raw_column as string) as raw_column
    from figures
    inner join snapshots
        on figures.snapshot_id = snapshots.snapshot_id
    left join aliases
        on figures.entity = aliases.alias

)

select * from final
