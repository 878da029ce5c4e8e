{# The release that each policy event falls into, in years of 11 and of 12 releases. One row per event and kind of year. #}
with

events as (

    select
        event_id,
        event_date,
        cast(extract(year from event_date) as integer) as year,
        cast(extract(month from event_date) as integer) as month_number
    from {{ ref('stg_reference__policy_event') }}

),

final as (

    select
        cast(event_id as string) as event_id,
        cast(event_date as date) as event_date,
        cast(11 as integer) as releases_a_year,
        cast(year * 11 + case when month_number <= 2 then 0 else month_number - 2 end as integer) as slot
    from events
    union all
    select
        cast(event_id as string) as event_id,
        cast(event_date as date) as event_date,
        cast(12 as integer) as releases_a_year,
        cast(year * 12 + month_number - 1 as integer) as slot
    from events

)

select * from final
