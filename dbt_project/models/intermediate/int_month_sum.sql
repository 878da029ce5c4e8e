{#
  Years to date, January-Februaries and years as sums of months, for sources that publish months by HS
  code and do not publish the longer period themselves. A sum needs every month from January on, all of
  one scope; what is missing is never filled.
#}
with

flows as (

    select * from {{ ref('int_product_flow') }}

),

running as (

    select
        *,
        extract(month from period_end_date) as month_number,
        sum(value_usd) over (
            partition by source_id, reporter_iso3, partner_iso3, flow, product_id, product_scope, year, vintage
            order by period_end_date asc nulls last
            rows between unbounded preceding and current row
        ) as value_to_date,
        count(*) over (
            partition by source_id, reporter_iso3, partner_iso3, flow, product_id, product_scope, year, vintage
            order by period_end_date asc nulls last
            rows between unbounded preceding and current row
        ) as months_held,
        max(released_at) over (
            partition by source_id, reporter_iso3, partner_iso3, flow, product_id, product_scope, year, vintage
            order by period_end_date asc nulls last
            rows between unbounded preceding and current row
        ) as newest_released_at
    from flows
    where period_grain = 'M'

),

grains as (

    select * from (
        values
        ('YTD', 1, 12),
        ('JF', 2, 2),
        ('A', 12, 12)
    ) as grains (period_grain, first_month_number, last_month_number)

),

summed as (

    select
        running.source_id,
        running.reporter_iso3,
        running.partner_iso3,
        running.flow,
        running.product_id,
        running.product_scope,
        grains.period_grain,
        running.period_end_date,
        running.year,
        running.vintage,
        running.value_to_date,
        running.months_held,
        running.release_id,
        running.newest_released_at,
        running.snapshot_id,
        running.raw_row
    from running
    inner join grains
        on running.month_number between grains.first_month_number and grains.last_month_number
    where running.months_held = running.month_number

),

final as (

    select
        cast(summed.source_id as string) as source_id,
        cast(summed.reporter_iso3 as string) as reporter_iso3,
        cast(summed.partner_iso3 as string) as partner_iso3,
        cast(summed.flow as string) as flow,
        cast(summed.product_id as string) as product_id,
        cast(summed.product_scope as string) as product_scope,
        cast(summed.period_grain as string) as period_grain,
        cast(make_date(summed.year, 1, 1) as date) as period_start_date,
        cast(summed.period_end_date as date) as period_end_date,
        cast(summed.year as integer) as year,
        cast(summed.vintage as string) as vintage,
        cast(summed.value_to_date as decimal(24, 4)) as value_usd,
        cast(summed.months_held as integer) as months,
        cast(summed.release_id as string) as release_id,
        cast(summed.newest_released_at as date) as released_at,
        cast(summed.snapshot_id as string) as snapshot_id,
        cast(summed.raw_row as bigint) as raw_row
    from summed
    left join flows
        on
            summed.source_id = flows.source_id
            and summed.reporter_iso3 = flows.reporter_iso3
            and summed.partner_iso3 = flows.partner_iso3
            and summed.flow = flows.flow
            and summed.product_id = flows.product_id
            and summed.period_grain = flows.period_grain
            and summed.period_end_date = flows.period_end_date
            and summed.vintage = flows.vintage
    where flows.product_id is null

)

select * from final
