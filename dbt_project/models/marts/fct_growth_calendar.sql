{#
  Growth on the year before with the calendar taken out: per day (exact; a leap year's February has 29)
  and per working day of the reporter. Formula: 100 ((x1 / d1) / (x0 / d0) - 1). The moving New Year is
  not taken out of single months: use January-February as one, or the seasonally adjusted series.
#}
with

growth as (

    select
        *,
        {{ days_between('period_start_date', 'period_end_date') }} + 1 as days,
        cast(extract(month from period_end_date) as integer) as last_month
    from {{ ref('int_period_growth') }}

),

working_days as (

    select * from {{ ref('int_working_day') }}

),

paired as (

    select
        growth.*,
        {{ days_between(
            "make_date(growth.year - 1, cast(extract(month from growth.period_start_date) as integer), 1)",
            "last_day(make_date(growth.year - 1, growth.last_month, 1))"
        ) }} + 1 as base_days,
        working_days.working_days,
        base.working_days as base_working_days,
        case
            when working_days.economy_iso3 is null or base.economy_iso3 is null then 'no_calendar'
            when working_days.working_days is null then working_days.calendar_status
            when base.working_days is null then base.calendar_status
            when working_days.working_days = 0 or base.working_days = 0 then 'no_working_day'
            else 'ok'
        end as calendar_status
    from growth
    left join working_days
        on
            growth.reporter_iso3 = working_days.economy_iso3
            and growth.period_grain = working_days.period_grain
            and growth.period_end_date = working_days.period_end_date
    left join working_days as base
        on
            growth.reporter_iso3 = base.economy_iso3
            and growth.period_grain = base.period_grain
            and growth.year = base.year + 1
            and growth.last_month = base.last_month

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
        cast(base_value as decimal(24, 4)) as base_value,
        cast(growth_yoy_pct as double) as growth_yoy_pct,
        cast(growth_status as string) as growth_status,
        cast(days as integer) as days,
        cast(base_days as integer) as base_days,
        cast(
            case
                when {{ is_known_growth('growth_status') }}
                    then {{ change_pct('value * cast(base_days as decimal(4, 0))', 'base_value * cast(days as decimal(4, 0))') }}
            end as double
        ) as growth_per_day_pct,
        cast(working_days as integer) as working_days,
        cast(base_working_days as integer) as base_working_days,
        cast(
            case
                when {{ is_known_growth('growth_status') }} and calendar_status = 'ok'
                    then {{ change_pct(
                        'value * cast(base_working_days as decimal(4, 0))', 'base_value * cast(working_days as decimal(4, 0))'
                    ) }}
            end as double
        ) as growth_per_working_day_pct,
        cast(
            case
                when {{ is_known_growth('growth_status') }} and calendar_status <> 'ok' then calendar_status
                else growth_status
            end as string
        ) as growth_per_working_day_status,
        cast(calendar_status as string) as working_days_status
    from paired

)

select * from final
