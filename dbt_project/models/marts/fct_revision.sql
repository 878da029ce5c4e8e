{#
  Every print of a figure against the first print of it: how much it changed, after how long.
  A figure known only as a later, revised print has no first value and is left out.
#}
with

figures as (

    select * from {{ ref('int_ranked_figure') }}
    where measure = 'level' and print_kind in ('first', 'revised_base')

),

flows as (

    select * from {{ ref('int_trade_flow_release') }}
    where hs_code is not null and value_usd is not null

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
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        product_id,
        hs_code,
        period_grain,
        period_start_date,
        period_end_date,
        'usd' as basis,
        release_id,
        released_at,
        'first' as print_kind,
        value_usd as value,
        snapshot_id,
        raw_row
    from flows

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
