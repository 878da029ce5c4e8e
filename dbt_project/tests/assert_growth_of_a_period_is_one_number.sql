{{ config(meta={'dagster': {'ref': {'name': 'fct_growth_calendar'}}}) }}
-- The growth of a series and period is the same number, with the same status, in every mart that shows it.
with

monthly as (

    select * from {{ ref('fct_trade_growth_monthly') }}

),

yearly as (

    select * from {{ ref('fct_trade_growth_yearly') }}

),

calendar as (

    select * from {{ ref('fct_growth_calendar') }}

),

compared as (

    select
        calendar.*,
        monthly.growth_yoy_pct as other_growth_pct,
        monthly.growth_status as other_status
    from calendar
    inner join monthly
        on
            {{ same_series('calendar', 'monthly') }}
            and calendar.period_grain = monthly.period_grain
            and calendar.period_start_date = monthly.period_start_date
            and calendar.period_end_date = monthly.period_end_date
    union all
    select
        calendar.*,
        yearly.growth_yoy_pct as other_growth_pct,
        yearly.growth_status as other_status
    from calendar
    inner join yearly
        on
            {{ same_series('calendar', 'yearly') }}
            and calendar.year = yearly.year
    where calendar.period_grain = 'A'

)

select * from compared
where
    growth_status <> other_status
    or coalesce(growth_yoy_pct, -1000) <> coalesce(other_growth_pct, -1000)
