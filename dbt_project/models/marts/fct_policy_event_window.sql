{#
  Change after policy events: mean log growth on the year before over the w releases after an event,
  less that over the w before it, less the same of a control product. It is a change after an event, not
  the event's doing: other events in the window, buying ahead of it and the spread of the same figure on
  dates without any event (placebos) stand beside it. Formula: mean[e+1, e+w] - mean[e-w, e-1], less the control's.
#}
{%- set fewest_placebos = 8 %}
with

differences as (

    select * from {{ ref('int_window_difference') }}

),

event_slots as (

    select * from {{ ref('int_policy_event_slot') }}

),

placebo_slots as (

    select * from {{ ref('int_placebo_slot') }}

),

windows as (

    select window_releases
    from differences
    group by window_releases

),

crowded as (

    select
        event_slots.event_id,
        event_slots.releases_a_year,
        windows.window_releases,
        count(others.event_id) as other_events
    from event_slots
    cross join windows
    left join event_slots as others
        on
            event_slots.releases_a_year = others.releases_a_year
            and event_slots.event_id <> others.event_id
            and others.slot between event_slots.slot - windows.window_releases and event_slots.slot + windows.window_releases
    group by event_slots.event_id, event_slots.releases_a_year, windows.window_releases

),

happened as (

    select
        differences.*,
        event_slots.event_id,
        event_slots.event_date,
        crowded.other_events
    from differences
    inner join event_slots
        on
            differences.releases_a_year = event_slots.releases_a_year
            and differences.slot = event_slots.slot
    inner join crowded
        on
            event_slots.event_id = crowded.event_id
            and event_slots.releases_a_year = crowded.releases_a_year
            and differences.window_releases = crowded.window_releases

),

placebos as (

    select differences.*
    from differences
    inner join placebo_slots
        on
            differences.releases_a_year = placebo_slots.releases_a_year
            and differences.window_releases = placebo_slots.window_releases
            and differences.slot = placebo_slots.slot
    where differences.difference_sum is not null

),

spread as (

    select
        happened.source_id,
        happened.reporter_iso3,
        happened.partner_iso3,
        happened.flow,
        happened.product_id,
        happened.control_product_id,
        happened.basis,
        happened.window_releases,
        happened.event_id,
        count(*) as placebo_dates,
        min(placebos.difference_sum) as placebo_low_sum,
        max(placebos.difference_sum) as placebo_high_sum,
        sum(case when abs(placebos.difference_sum) >= abs(happened.difference_sum) then 1 else 0 end) as placebos_as_large,
        count(placebos.anticipation_sum) as anticipation_dates,
        max(placebos.anticipation_sum) as anticipation_high_sum
    from happened
    inner join placebos
        on
            happened.source_id = placebos.source_id
            and happened.reporter_iso3 = placebos.reporter_iso3
            and happened.partner_iso3 = placebos.partner_iso3
            and happened.flow = placebos.flow
            and happened.product_id = placebos.product_id
            and happened.control_product_id = placebos.control_product_id
            and happened.basis = placebos.basis
            and happened.window_releases = placebos.window_releases
    group by
        happened.source_id, happened.reporter_iso3, happened.partner_iso3, happened.flow, happened.product_id,
        happened.control_product_id, happened.basis, happened.window_releases, happened.event_id

),

judged as (

    select
        happened.*,
        spread.placebo_low_sum,
        spread.placebo_high_sum,
        spread.placebos_as_large,
        spread.anticipation_high_sum,
        coalesce(spread.placebo_dates, 0) as placebo_dates,
        coalesce(spread.anticipation_dates, 0) as anticipation_dates,
        case
            when happened.change_sum is null then 'window_not_held'
            when happened.difference_sum is null then 'control_not_held'
            else 'ok'
        end as change_status
    from happened
    left join spread
        on
            happened.source_id = spread.source_id
            and happened.reporter_iso3 = spread.reporter_iso3
            and happened.partner_iso3 = spread.partner_iso3
            and happened.flow = spread.flow
            and happened.product_id = spread.product_id
            and happened.control_product_id = spread.control_product_id
            and happened.basis = spread.basis
            and happened.window_releases = spread.window_releases
            and happened.event_id = spread.event_id

),

final as (

    select
        cast(event_id as string) as event_id,
        cast(event_date as date) as event_date,
        cast(source_id as string) as source_id,
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(partner_iso3 as string) as partner_iso3,
        cast(flow as string) as flow,
        cast(product_id as string) as product_id,
        cast(control_product_id as string) as control_product_id,
        cast(basis as string) as basis,
        cast(window_releases as integer) as window_releases,
        cast(period_end_date as date) as event_period_end_date,
        cast(before_held as integer) as releases_held_before,
        cast(after_held as integer) as releases_held_after,
        cast({{ ratio('change_sum', 'window_releases') }} as double) as change_after_pct,
        cast({{ ratio('control_change_sum', 'window_releases') }} as double) as control_change_after_pct,
        cast({{ ratio('difference_sum', 'window_releases') }} as double) as difference_pct,
        cast(change_status as string) as change_status,
        cast(other_events as integer) as other_events_in_window,
        cast(other_events > 0 as boolean) as is_overlapped,
        cast({{ ratio('anticipation_sum', 'window_releases * 3') }} as double) as anticipation_pct,
        cast(
            case
                when anticipation_sum is null then 'not_held'
                when anticipation_dates < {{ fewest_placebos }} then 'too_few_placebos'
                when anticipation_sum > anticipation_high_sum then 'above_placebos'
                else 'within_placebos'
            end as string
        ) as anticipation_status,
        cast(placebo_dates as integer) as placebo_dates,
        cast(
            case
                when placebo_dates >= {{ fewest_placebos }} and change_status = 'ok'
                    then {{ ratio('placebo_low_sum', 'window_releases') }}
            end
            as double
        ) as placebo_low_pct,
        cast(
            case
                when placebo_dates >= {{ fewest_placebos }} and change_status = 'ok'
                    then {{ ratio('placebo_high_sum', 'window_releases') }}
            end
            as double
        ) as placebo_high_pct,
        cast(
            case
                when placebo_dates >= {{ fewest_placebos }} and change_status = 'ok'
                    then 100e0 * {{ ratio('placebos_as_large', 'placebo_dates') }}
            end as double
        ) as placebos_as_large_pct,
        cast(
            case
                when change_status <> 'ok' then change_status
                when placebo_dates < {{ fewest_placebos }} then 'too_few_placebos'
                else 'ok'
            end as string
        ) as placebo_status
    from judged

)

select * from final
