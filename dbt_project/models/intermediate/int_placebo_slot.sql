{# Releases with no policy event within the window: the dates that placebos are taken from. Grain: kind of year × release × window. #}
with

releases as (

    select
        releases_a_year,
        window_releases,
        slot
    from {{ ref('int_window_change') }}
    group by releases_a_year, window_releases, slot

),

events as (

    select * from {{ ref('int_policy_event_slot') }}

),

counted as (

    select
        releases.releases_a_year,
        releases.window_releases,
        releases.slot,
        count(events.event_id) as events_in_window
    from releases
    left join events
        on
            releases.releases_a_year = events.releases_a_year
            and events.slot between releases.slot - releases.window_releases and releases.slot + releases.window_releases
    group by releases.releases_a_year, releases.window_releases, releases.slot

),

final as (

    select
        cast(releases_a_year as integer) as releases_a_year,
        cast(window_releases as integer) as window_releases,
        cast(slot as integer) as slot
    from counted
    where events_in_window = 0

)

select * from final
