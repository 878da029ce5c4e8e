{#
  The reporters' currencies against the dollar, market averages, each beside that of one year before. Years and
  months are as printed; January-Februaries, years to date and years that are not printed (the pound) are the
  mean of their months, where all of them are held. Both rates of a row are of one kind, the printed one where
  there is a choice.
#}
with

areas as (

    select * from {{ ref('stg_reference__currency_area') }}

),

printed as (

    select
        country,
        period_grain,
        period_start_date,
        case
            when period_grain = 'A' then make_date(cast(extract(year from period_start_date) as integer), 12, 31)
            else last_day(period_start_date)
        end as period_end_date,
        cast(extract(year from period_start_date) as integer) as year,
        rate,
        'printed' as rate_kind
    from {{ ref('stg_reference__exchange_rate') }}
    where rate > 0

),

running as (

    select
        country,
        year,
        period_end_date,
        cast(extract(month from period_end_date) as integer) as months,
        sum(rate) over (
            partition by country, year
            order by period_start_date asc nulls last
            rows between unbounded preceding and current row
        ) as sum_of_months,
        count(rate) over (
            partition by country, year
            order by period_start_date asc nulls last
            rows between unbounded preceding and current row
        ) as months_held
    from printed
    where period_grain = 'M'

),

spans as (

    select * from (
        values ('JF', 2, 2), ('YTD', 1, 12), ('A', 12, 12)
    ) as spans (period_grain, first_month, last_month)

),

means as (

    select
        running.country,
        spans.period_grain,
        make_date(running.year, 1, 1) as period_start_date,
        running.period_end_date,
        running.year,
        cast({{ rounded(ratio('running.sum_of_months', 'running.months_held'), 6) }} as decimal(18, 6)) as rate,
        'mean_of_months' as rate_kind
    from running
    inner join spans
        on running.months between spans.first_month and spans.last_month
    where running.months_held = running.months

),

rates as (

    select * from printed
    union all
    select * from means

),

paired as (

    select
        areas.economy_iso3,
        areas.currency,
        rates.period_grain,
        rates.period_start_date,
        rates.period_end_date,
        rates.rate as rate_per_usd,
        base.rate as base_rate_per_usd,
        rates.rate_kind,
        row_number() over (
            partition by areas.economy_iso3, rates.period_grain, rates.period_end_date
            order by
                case when base.rate is null then 1 else 0 end asc nulls last,
                case rates.rate_kind when 'printed' then 0 else 1 end asc nulls last
        ) as choice
    from areas
    inner join rates
        on
            areas.country = rates.country
            and areas.valid_from_year <= rates.year
    left join rates as base
        on
            areas.country = base.country
            and areas.valid_from_year <= base.year
            and rates.period_grain = base.period_grain
            and rates.rate_kind = base.rate_kind
            and rates.year = base.year + 1
            and extract(month from rates.period_end_date) = extract(month from base.period_end_date)

),

final as (

    select
        cast(economy_iso3 as string) as economy_iso3,
        cast(currency as string) as currency,
        cast(period_grain as string) as period_grain,
        cast(period_start_date as date) as period_start_date,
        cast(period_end_date as date) as period_end_date,
        cast(rate_per_usd as decimal(18, 6)) as rate_per_usd,
        cast(base_rate_per_usd as decimal(18, 6)) as base_rate_per_usd,
        cast(rate_kind as string) as rate_kind
    from paired
    where choice = 1

)

select * from final
