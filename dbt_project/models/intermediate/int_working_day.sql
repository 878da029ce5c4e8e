{# Working days of months, January-Februaries, years to date and years, per economy; null where a month's are not known. #}
with

months as (

    select
        *,
        cast(extract(year from month_start_date) as integer) as year,
        cast(extract(month from month_start_date) as integer) as month_number
    from {{ ref('stg_derived__calendar_month') }}

),

running as (

    select
        *,
        sum(working_days) over (
            partition by economy_iso3, year
            order by month_number asc nulls last
            rows between unbounded preceding and current row
        ) as working_days_to_date,
        count(working_days) over (
            partition by economy_iso3, year
            order by month_number asc nulls last
            rows between unbounded preceding and current row
        ) as months_known
    from months

),

grains as (

    select * from (
        values
        ('M', 1, 12),
        ('JF', 2, 2),
        ('YTD', 1, 12),
        ('A', 12, 12)
    ) as grains (period_grain, first_month_number, last_month_number)

),

final as (

    select
        cast(running.economy_iso3 as string) as economy_iso3,
        cast(grains.period_grain as string) as period_grain,
        cast(last_day(running.month_start_date) as date) as period_end_date,
        cast(running.year as integer) as year,
        cast(running.month_number as integer) as last_month,
        cast(
            case
                when grains.period_grain = 'M' then running.working_days
                when running.months_known = running.month_number then running.working_days_to_date
            end as integer
        ) as working_days,
        cast(running.calendar_status as string) as calendar_status
    from running
    inner join grains
        on running.month_number between grains.first_month_number and grains.last_month_number

)

select * from final
