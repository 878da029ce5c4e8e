{#
  Flows that a newer release covers but no longer holds: the source took them back. One row per flow and
  the release that left it out, with the place of the last print. Only slices with a newer release are
  looked at. A flow whose row of the newer release is in quarantine is not known to be taken back.
#}
with

slices as (

    select * from {{ ref('dim_flow_slice') }}

),

flows as (

    select * from {{ source('landed', 'fct_customs_flow') }}

),

superseded as (

    select * from {{ ref('fct_superseded_flow') }}

),

unread as (

    select * from {{ ref('stg_customs__quarantined_flow') }}

),

contested as (

    select distinct one.slice_id
    from slices as one
    inner join slices as other
        on {{ same_period('one', 'other') }}
    where one.release_id <> other.release_id
    union
    select slices.slice_id
    from superseded
    inner join slices
        on superseded.slice_id = slices.slice_id
    where superseded.superseded_by_release_id <> slices.release_id

),

prints as (

    select
        slices.slice_id,
        slices.source_id,
        slices.release_id,
        slices.released_at,
        slices.reporter_iso3,
        slices.flow,
        slices.period_grain,
        slices.period_end_date,
        slices.currency,
        flows.raw_row,
        flows.partner_iso3,
        flows.hs_code,
        coalesce(superseded.superseded_at, slices.superseded_at) as superseded_at,
        coalesce(superseded.superseded_by_release_id, slices.superseded_by_release_id) as superseded_by_release_id
    from contested
    inner join flows
        on contested.slice_id = flows.slice_id
    inner join slices
        on contested.slice_id = slices.slice_id
    left join superseded
        on
            flows.slice_id = superseded.slice_id
            and flows.raw_row = superseded.raw_row

),

lapsed as (

    select * from prints
    where superseded_by_release_id <> release_id

),

repeated as (

    select distinct
        lapsed.slice_id,
        lapsed.raw_row
    from lapsed
    inner join prints
        on {{ same_flow('lapsed', 'prints') }}
    where lapsed.superseded_by_release_id = prints.release_id

),

in_quarantine as (

    select distinct
        lapsed.slice_id,
        lapsed.raw_row
    from lapsed
    inner join unread
        on
            lapsed.superseded_by_release_id = unread.release_id
            and lapsed.reporter_iso3 = coalesce(unread.reporter_iso3, lapsed.reporter_iso3)
            and lapsed.partner_iso3 = coalesce(unread.partner_iso3, lapsed.partner_iso3)
            and lapsed.flow = coalesce(unread.flow, lapsed.flow)
            and lapsed.hs_code = coalesce(unread.hs_code, lapsed.hs_code)
            and lapsed.period_grain = coalesce(unread.period_grain, lapsed.period_grain)
            and lapsed.period_end_date = coalesce(unread.period_end_date, lapsed.period_end_date)

),

withdrawn as (

    select lapsed.*
    from lapsed
    left join repeated
        on
            lapsed.slice_id = repeated.slice_id
            and lapsed.raw_row = repeated.raw_row
    left join in_quarantine
        on
            lapsed.slice_id = in_quarantine.slice_id
            and lapsed.raw_row = in_quarantine.raw_row
    where repeated.slice_id is null and in_quarantine.slice_id is null

),

printed_again as (

    select
        withdrawn.slice_id,
        withdrawn.raw_row,
        min(prints.released_at) as superseded_at
    from withdrawn
    inner join prints
        on {{ same_flow('withdrawn', 'prints') }}
    where
        prints.released_at > withdrawn.superseded_at
        or prints.released_at = withdrawn.superseded_at and prints.release_id > withdrawn.superseded_by_release_id
    group by withdrawn.slice_id, withdrawn.raw_row

),

final as (

    select
        cast(withdrawn.slice_id as bigint) as slice_id,
        cast(withdrawn.raw_row as bigint) as raw_row,
        cast(withdrawn.partner_iso3 as string) as partner_iso3,
        cast(withdrawn.hs_code as string) as hs_code,
        cast(withdrawn.superseded_by_release_id as string) as release_id,
        cast(withdrawn.superseded_at as date) as released_at,
        cast(printed_again.superseded_at as date) as superseded_at
    from withdrawn
    left join printed_again
        on
            withdrawn.slice_id = printed_again.slice_id
            and withdrawn.raw_row = printed_again.raw_row

)

select * from final
