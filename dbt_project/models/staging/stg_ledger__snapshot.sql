with

snapshots as (

    select * from {{ source('raw', 'snapshot') }}

),

releases as (

    select * from {{ source('raw', 'release') }}

),

final as (

    select
        cast(snapshots.snapshot_id as string) as snapshot_id,
        cast(snapshots.source_id as string) as source_id,
        cast(snapshots.dataset_id as string) as dataset_id,
        cast(snapshots.release_id as string) as release_id,
        cast(releases.released_at as date) as released_at,
        cast(releases.source_kind as string) as source_kind,
        cast(releases.url as string) as url,
        cast(snapshots.path as string) as path,
        cast(snapshots.covers_whole as boolean) as covers_whole
    from snapshots
    inner join releases
        on snapshots.release_id = releases.release_id
    -- Reference tables have no releases; a new one changes nothing for those that do.
    where
        snapshots.status = 'loaded'
        and releases.source_kind <> 'reference'

)

select * from final
