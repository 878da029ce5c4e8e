{#
  Rows that a newer file replaces one by one: a file that covers only some codes and partners of a
  reporter's period replaces exactly those in its currency, whether it repeats them or not. What it covers is
  what was asked for, where its source.yml says so, else what it has rows of. And rows that another file of
  their own release holds too: the first by dataset and by the hash of its bytes speaks, whatever the file is called.
#}
with

slices as (

    select * from {{ ref('dim_flow_slice') }}

),

flows as (

    select * from {{ source('landed', 'fct_customs_flow') }}

),

asked as (

    select * from {{ ref('stg_customs__asked_slice') }}

),

asked_codes as (

    select * from {{ ref('stg_customs__asked_code') }}

),

asked_partners as (

    select * from {{ ref('stg_customs__asked_partner') }}

),

with_question as (

    select distinct snapshot_id from asked

),

extracts as (

    select slices.*
    from slices
    left join with_question
        on slices.snapshot_id = with_question.snapshot_id
    where not slices.covers_whole and with_question.snapshot_id is null

),

pairs as (

    select distinct
        older.slice_id,
        newer.slice_id as newer_slice_id,
        newer.released_at,
        newer.release_id
    from slices as older
    inner join extracts as newer
        on {{ same_money('older', 'newer') }}
    where {{ is_newer('newer', 'older') }}

),

asked_pairs as (

    select
        older.slice_id,
        asked.snapshot_id,
        asked.released_at,
        asked.release_id
    from slices as older
    inner join asked
        on {{ same_money('older', 'asked') }}
    where {{ is_newer('asked', 'older') }}

),

shared as (

    select distinct one.slice_id
    from slices as one
    inner join slices as other
        on {{ same_money('one', 'other') }}
    where one.release_id = other.release_id and one.slice_id <> other.slice_id

),

-- The fact table is read once, for the slices that any of these rules is about: mostly none of a bulk file.
watched as (

    select slice_id from extracts
    union
    select slice_id from pairs
    union
    select slice_id from asked_pairs
    union
    select slice_id from shared

),

watched_flows as (

    select
        flows.slice_id,
        flows.raw_row,
        flows.hs_code,
        flows.partner_iso3
    from watched
    inner join flows
        on watched.slice_id = flows.slice_id

),

extract_codes as (

    select distinct
        extracts.slice_id,
        watched_flows.hs_code
    from watched_flows
    inner join extracts
        on watched_flows.slice_id = extracts.slice_id

),

extract_partners as (

    select distinct
        extracts.slice_id,
        watched_flows.partner_iso3
    from watched_flows
    inner join extracts
        on watched_flows.slice_id = extracts.slice_id

),

replaced as (

    select
        watched_flows.slice_id,
        watched_flows.raw_row,
        pairs.released_at as superseded_at,
        pairs.release_id as superseded_by_release_id
    from pairs
    inner join watched_flows
        on pairs.slice_id = watched_flows.slice_id
    inner join extract_codes
        on
            pairs.newer_slice_id = extract_codes.slice_id
            and watched_flows.hs_code = extract_codes.hs_code
    inner join extract_partners
        on
            pairs.newer_slice_id = extract_partners.slice_id
            and watched_flows.partner_iso3 = extract_partners.partner_iso3
    union all
    select
        watched_flows.slice_id,
        watched_flows.raw_row,
        asked_pairs.released_at as superseded_at,
        asked_pairs.release_id as superseded_by_release_id
    from asked_pairs
    inner join watched_flows
        on asked_pairs.slice_id = watched_flows.slice_id
    inner join asked_codes
        on
            asked_pairs.snapshot_id = asked_codes.snapshot_id
            and watched_flows.hs_code like asked_codes.code_pattern
    inner join asked_partners
        on
            asked_pairs.snapshot_id = asked_partners.snapshot_id
            and (asked_partners.partner_iso3 is null or watched_flows.partner_iso3 = asked_partners.partner_iso3)

),

told as (

    select
        watched_flows.slice_id,
        watched_flows.raw_row,
        slices.released_at,
        slices.release_id,
        row_number() over (
            partition by
                slices.source_id, slices.release_id, slices.reporter_iso3, slices.flow, slices.period_grain,
                slices.period_end_date, slices.currency, watched_flows.partner_iso3, watched_flows.hs_code
            order by slices.dataset_id asc nulls last, slices.snapshot_id asc nulls last, watched_flows.raw_row asc nulls last
        ) as file_order
    from shared
    inner join watched_flows
        on shared.slice_id = watched_flows.slice_id
    inner join slices
        on shared.slice_id = slices.slice_id

),

unioned as (

    select * from replaced
    union all
    select
        slice_id,
        raw_row,
        released_at as superseded_at,
        release_id as superseded_by_release_id
    from told
    where file_order > 1

),

ordered as (

    select
        *,
        row_number() over (
            partition by slice_id, raw_row
            order by superseded_at asc nulls last, superseded_by_release_id asc nulls last
        ) as release_order
    from unioned

),

final as (

    select
        cast(ordered.slice_id as bigint) as slice_id,
        cast(ordered.raw_row as bigint) as raw_row,
        cast(ordered.superseded_at as date) as superseded_at,
        cast(ordered.superseded_by_release_id as string) as superseded_by_release_id
    from ordered
    inner join slices
        on ordered.slice_id = slices.slice_id
    where
        ordered.release_order = 1
        and (
            slices.superseded_at is null
            or ordered.superseded_at < slices.superseded_at
            or ordered.superseded_at = slices.superseded_at
            and ordered.superseded_by_release_id <= slices.superseded_by_release_id
        )

)

select * from final
