{#
  One value per source × reporter × partner × flow × product × period × basis × vintage:
  `first` is the first print, `latest` the newest release held. A national figure that is known only
  as a later, revised print has no first vintage. Where a source publishes only months, the longer
  periods are their sums, marked as such.
#}
with

figures as (

    select * from {{ ref('int_ranked_figure') }}
    where measure = 'level'

),

products as (

    select * from {{ ref('int_product_flow') }}

),

printed_in_dollars as (

    select
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        product_id,
        period_grain,
        period_end_date
    from figures
    where basis = 'usd'
    group by source_id, reporter_iso3, partner_iso3, flow, product_id, period_grain, period_end_date

),

{#- A sum never stands beside a figure that the source printed for the same period. #}

month_sums as (

    select sums.*
    from {{ ref('int_month_sum') }} as sums
    left join printed_in_dollars
        on
            sums.source_id = printed_in_dollars.source_id
            and sums.reporter_iso3 = printed_in_dollars.reporter_iso3
            and sums.partner_iso3 = printed_in_dollars.partner_iso3
            and sums.flow = printed_in_dollars.flow
            and sums.product_id = printed_in_dollars.product_id
            and sums.period_grain = printed_in_dollars.period_grain
            and sums.period_end_date = printed_in_dollars.period_end_date
    where printed_in_dollars.product_id is null

),

unioned as (

    select
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        product_id,
        product_scope,
        period_grain,
        period_start_date,
        period_end_date,
        year,
        basis,
        'latest' as vintage,
        value,
        half_unit,
        print_kind,
        false as is_sum_of_months,
        release_id,
        released_at,
        snapshot_id,
        raw_row
    from figures
    where is_latest
    union all
    select
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        product_id,
        product_scope,
        period_grain,
        period_start_date,
        period_end_date,
        year,
        basis,
        'first' as vintage,
        value,
        half_unit,
        print_kind,
        false as is_sum_of_months,
        release_id,
        released_at,
        snapshot_id,
        raw_row
    from figures
    where is_first_print
    union all
    select
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        product_id,
        product_scope,
        period_grain,
        period_start_date,
        period_end_date,
        year,
        'usd' as basis,
        vintage,
        value_usd as value,
        cast(0 as decimal(24, 6)) as half_unit,
        'database' as print_kind,
        false as is_sum_of_months,
        release_id,
        released_at,
        snapshot_id,
        raw_row
    from products
    union all
    select
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        product_id,
        product_scope,
        period_grain,
        period_start_date,
        period_end_date,
        year,
        'usd' as basis,
        vintage,
        value_usd as value,
        cast(0 as decimal(24, 6)) as half_unit,
        'database' as print_kind,
        true as is_sum_of_months,
        release_id,
        released_at,
        snapshot_id,
        raw_row
    from month_sums

),

final as (

    select
        cast(source_id as string) as source_id,
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(partner_iso3 as string) as partner_iso3,
        cast(flow as string) as flow,
        cast(product_id as string) as product_id,
        cast(product_scope as string) as product_scope,
        cast(period_grain as string) as period_grain,
        cast(period_start_date as date) as period_start_date,
        cast(period_end_date as date) as period_end_date,
        cast(year as integer) as year,
        cast(basis as string) as basis,
        cast(vintage as string) as vintage,
        cast(value as decimal(24, 4)) as value,
        cast(half_unit as decimal(24, 6)) as half_unit,
        cast(print_kind as string) as print_kind,
        cast(is_sum_of_months as boolean) as is_sum_of_months,
        cast(release_id as string) as release_id,
        cast(released_at as date) as released_at,
        cast(snapshot_id as string) as snapshot_id,
        cast(raw_row as bigint) as raw_row
    from unioned

)

select * from final
