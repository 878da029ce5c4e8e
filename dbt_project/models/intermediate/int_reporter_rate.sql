{#
  The reporters' currencies against the dollar, market averages of years and months, each beside that
  of one year before. The dollar's own rate is 1.
#}
with

areas as (

    select * from {{ ref('stg_reference__currency_area') }}

),

rates as (

    select
        *,
        cast(extract(year from period_start_date) as integer) as year
    from {{ ref('stg_reference__exchange_rate') }}
    where rate > 0

),

final as (

    select
        cast(areas.economy_iso3 as string) as economy_iso3,
        cast(areas.currency as string) as currency,
        cast(rates.period_grain as string) as period_grain,
        cast(rates.period_start_date as date) as period_start_date,
        cast(rates.rate as decimal(18, 6)) as rate_per_usd,
        cast(base.rate as decimal(18, 6)) as base_rate_per_usd
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
            and rates.year = base.year + 1
            and extract(month from rates.period_start_date) = extract(month from base.period_start_date)

)

select * from final
