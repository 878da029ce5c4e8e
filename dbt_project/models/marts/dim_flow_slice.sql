{#
  Slices and the day from which each is no longer what its source says: a file that covers all of a
  reporter's period replaces every older slice of it. Files that cover less replace single rows: these
  are in fct_superseded_flow.
#}
with

slices as (

    select * from {{ ref('stg_customs__slice') }}

),

whole as (

    select distinct
        source_id,
        release_id,
        released_at,
        reporter_iso3,
        period_grain,
        period_end_date
    from slices
    where covers_whole

),

newer as (

    select
        slices.slice_id,
        whole.released_at as superseded_at,
        whole.release_id as superseded_by_release_id,
        row_number() over (
            partition by slices.slice_id
            order by whole.released_at asc nulls last, whole.release_id asc nulls last
        ) as release_order
    from slices
    inner join whole
        on
            slices.source_id = whole.source_id
            and slices.reporter_iso3 = whole.reporter_iso3
            and slices.period_grain = whole.period_grain
            and slices.period_end_date = whole.period_end_date
    where {{ is_newer('whole', 'slices') }}

),

several as (

    select distinct one.slice_id
    from slices as one
    inner join slices as other
        on {{ same_slice('one', 'other') }}
    where one.currency <> other.currency

),

final as (

    select
        cast(slices.slice_id as bigint) as slice_id,
        cast(slices.snapshot_id as string) as snapshot_id,
        cast(slices.source_id as string) as source_id,
        cast(slices.dataset_id as string) as dataset_id,
        cast(slices.release_id as string) as release_id,
        cast(slices.released_at as date) as released_at,
        cast(slices.reporter_iso3 as string) as reporter_iso3,
        cast(slices.flow as string) as flow,
        cast(slices.period_grain as string) as period_grain,
        cast(slices.period_start_date as date) as period_start_date,
        cast(slices.period_end_date as date) as period_end_date,
        cast(slices.year as integer) as year,
        cast(slices.product_system as string) as product_system,
        cast(slices.hs_edition as string) as hs_edition,
        cast(slices.currency as string) as currency,
        cast(slices.valuation as string) as valuation,
        cast(slices.covers_whole as boolean) as covers_whole,
        cast(several.slice_id is not null as boolean) as has_other_currency,
        cast(slices.flow_rows as bigint) as flow_rows,
        cast(newer.superseded_at as date) as superseded_at,
        cast(newer.superseded_by_release_id as string) as superseded_by_release_id
    from slices
    left join newer
        on
            slices.slice_id = newer.slice_id
            and newer.release_order = 1
    left join several
        on slices.slice_id = several.slice_id

)

select * from final
