{#
  Every day of the years that trade is held of or forecast for: MetricFlow's time spine, read by no mart. Days are
  put together as text, so that no engine's arithmetic of dates has a part in it.
#}
{{ config(materialized='view') }}

with

years as (

    select year_number from (
        values
        {%- for year in range(1988, 2051) %}
            ({{ year }}){{ ',' if not loop.last }}
        {%- endfor %}
    ) as held (year_number)

),

months as (

    select
        month_text,
        days
    from (
        values
        ('01', 31), ('02', 28), ('03', 31), ('04', 30), ('05', 31), ('06', 30),
        ('07', 31), ('08', 31), ('09', 30), ('10', 31), ('11', 30), ('12', 31)
    ) as held (month_text, days)

),

days as (

    select
        day_number,
        day_text
    from (
        values
        {%- for day in range(1, 32) %}
            ({{ day }}, '{{ '%02d' % day }}'){{ ',' if not loop.last }}
        {%- endfor %}
    ) as held (day_number, day_text)

),

dated as (

    select cast(years.year_number as string) || '-' || months.month_text || '-' || days.day_text as day_iso
    from years
    cross join months
    cross join days
    where
        days.day_number <= months.days
        -- No year here is a century without a leap day.
        or (days.day_number = 29 and months.month_text = '02' and years.year_number % 4 = 0)

),

final as (

    select cast(day_iso as date) as calendar_date
    from dated

)

select * from final
