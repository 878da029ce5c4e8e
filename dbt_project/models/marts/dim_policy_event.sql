with

events as (

    select * from {{ ref('stg_reference__policy_event') }}

),

final as (

    select
        event_id,
        event_date,
        date_precision,
        title,
        fr_citation,
        read_at,
        note,
        snapshot_id,
        raw_row
    from events

)

select * from final
