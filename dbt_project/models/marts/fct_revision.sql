{#
  Every print of a figure against the first print of it: how much it changed, after how long.
  A figure known only as a later, revised print has no first value and is left out. Flows of customs files
  appear once a second release speaks of their reporter and period; a withdrawn one has no value.
#}
with

figures as (

    select * from {{ ref('int_ranked_figure') }}
    where measure = 'level' and print_kind in ('first', 'revised_base')

),

slices as (

    select * from {{ ref('dim_flow_slice') }}

),

flows as (

    select * from {{ source('landed', 'fct_customs_flow') }}
    where value is not null

),

superseded as (

    select * from {{ ref('fct_superseded_flow') }}

),

withdrawn as (

    select * from {{ ref('fct_withdrawn_flow') }}

),

products as (

    select * from {{ ref('stg_reference__product_group') }}

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

customs as (

    select
        slices.*,
        flows.raw_row,
        flows.partner_iso3,
        flows.hs_code,
        flows.value
    from contested
    inner join flows
        on contested.slice_id = flows.slice_id
    inner join slices
        on contested.slice_id = slices.slice_id
    left join superseded
        on
            flows.slice_id = superseded.slice_id
            and flows.raw_row = superseded.raw_row
    where superseded.superseded_by_release_id is null or superseded.superseded_by_release_id <> slices.release_id

),

prints as (

    select
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        product_id,
        cast(null as string) as hs_code,
        period_grain,
        period_start_date,
        period_end_date,
        basis,
        release_id,
        released_at,
        print_kind,
        value,
        snapshot_id,
        raw_row
    from figures
    union all
    select
        customs.source_id,
        customs.reporter_iso3,
        customs.partner_iso3,
        customs.flow,
        products.product_id,
        customs.hs_code,
        customs.period_grain,
        customs.period_start_date,
        customs.period_end_date,
        lower(customs.currency) as basis,
        customs.release_id,
        customs.released_at,
        'first' as print_kind,
        customs.value,
        customs.snapshot_id,
        customs.raw_row
    from customs
    left join products
        on
            customs.hs_edition = products.hs_edition
            and customs.hs_code = products.hs_code
    union all
    select
        slices.source_id,
        slices.reporter_iso3,
        withdrawn.partner_iso3,
        slices.flow,
        products.product_id,
        withdrawn.hs_code,
        slices.period_grain,
        slices.period_start_date,
        slices.period_end_date,
        lower(slices.currency) as basis,
        withdrawn.release_id,
        withdrawn.released_at,
        'withdrawn' as print_kind,
        cast(null as decimal(24, 4)) as value,
        slices.snapshot_id,
        withdrawn.raw_row
    from withdrawn
    inner join slices
        on withdrawn.slice_id = slices.slice_id
    left join products
        on
            slices.hs_edition = products.hs_edition
            and withdrawn.hs_code = products.hs_code

),

ordered as (

    select
        *,
        row_number() over (
            partition by
                source_id, reporter_iso3, partner_iso3, flow, product_id, hs_code, period_grain, period_end_date, basis
            order by released_at asc nulls last, release_id asc nulls last
        ) as print_order,
        lag(value) over (
            partition by
                source_id, reporter_iso3, partner_iso3, flow, product_id, hs_code, period_grain, period_end_date, basis
            order by released_at asc nulls last, release_id asc nulls last
        ) as previous_value,
        first_value(value) over (
            partition by
                source_id, reporter_iso3, partner_iso3, flow, product_id, hs_code, period_grain, period_end_date, basis
            order by released_at asc nulls last, release_id asc nulls last
        ) as first_value,
        first_value(released_at) over (
            partition by
                source_id, reporter_iso3, partner_iso3, flow, product_id, hs_code, period_grain, period_end_date, basis
            order by released_at asc nulls last, release_id asc nulls last
        ) as first_released_at,
        first_value(print_kind) over (
            partition by
                source_id, reporter_iso3, partner_iso3, flow, product_id, hs_code, period_grain, period_end_date, basis
            order by released_at asc nulls last, release_id asc nulls last
        ) as first_print_kind
    from prints

),

final as (

    select
        cast(source_id as string) as source_id,
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(partner_iso3 as string) as partner_iso3,
        cast(flow as string) as flow,
        cast(product_id as string) as product_id,
        cast(hs_code as string) as hs_code,
        cast(period_grain as string) as period_grain,
        cast(period_start_date as date) as period_start_date,
        cast(period_end_date as date) as period_end_date,
        cast(basis as string) as basis,
        cast(release_id as string) as release_id,
        cast(released_at as date) as released_at,
        cast(print_order as integer) as print_order,
        cast(first_value as decimal(24, 4)) as first_value,
        cast(previous_value as decimal(24, 4)) as previous_value,
        cast(value as decimal(24, 4)) as value,
        cast({{ change_pct('value', 'first_value') }} as double) as revision_pct,
        cast(
            case
                when print_kind = 'withdrawn' then 'withdrawn'
                when value > first_value then 'up'
                when value < first_value then 'down'
                else 'unchanged'
            end as string
        ) as direction,
        cast({{ days_between('first_released_at', 'released_at') }} as integer) as age_days,
        cast(snapshot_id as string) as snapshot_id,
        cast(raw_row as bigint) as raw_row
    from ordered
    where first_print_kind = 'first'

)

select * from final
