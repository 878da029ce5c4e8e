with

source as (

    select * from {{ source('raw', 'policy_event') }}

),

final as (

    select
        cast(event_id as string) as event_id,
        cast(case when length(event_date) = 7 then event_date || '-01' else event_date end as date) as event_date,
        cast(date_precision as string) as date_precision,
        cast(title as string) as title,
        cast(fr_citation as string) as fr_citation,
        cast(source as string) as read_at,
        cast(note as string) as note,
        cast(snapshot_id as string) as snapshot_id,
        cast(raw_row as bigint) as raw_row
    from source

)

select * from final
