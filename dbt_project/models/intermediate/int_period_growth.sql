{#
  One growth per series and period for the marts that go on from it. Years are as in `int_growth`; months,
  January-Februaries and years to date as in `fct_trade_growth_monthly`, which knows where a newer year to
  date speaks for a month: no two marts give one growth two values.
#}
with

growth as (

    select * from {{ ref('int_growth') }}

),

periods as (

    select * from {{ ref('fct_trade_growth_monthly') }}
    where value is not null

),

final as (

    select
        cast(growth.source_id as string) as source_id,
        cast(growth.reporter_iso3 as string) as reporter_iso3,
        cast(growth.partner_iso3 as string) as partner_iso3,
        cast(growth.flow as string) as flow,
        cast(growth.product_id as string) as product_id,
        cast(growth.product_scope as string) as product_scope,
        cast(growth.period_grain as string) as period_grain,
        cast(growth.period_start_date as date) as period_start_date,
        cast(growth.period_end_date as date) as period_end_date,
        cast(growth.year as integer) as year,
        cast(growth.basis as string) as basis,
        cast(growth.vintage as string) as vintage,
        cast(coalesce(periods.value, growth.value) as decimal(24, 4)) as value,
        cast(
            coalesce(periods.value_status, case when growth.is_sum_of_months then 'sum_of_months' else 'printed' end) as string
        ) as value_status,
        cast(case when periods.value is null then growth.base_value else periods.base_value end as decimal(24, 4))
            as base_value,
        cast(case when periods.value is null then growth.growth_yoy_pct else periods.growth_yoy_pct end as double)
            as growth_yoy_pct,
        cast(case when periods.value is null then growth.growth_status else periods.growth_status end as string)
            as growth_status
    from growth
    left join periods
        on
            {{ same_series('growth', 'periods') }}
            and growth.period_grain = periods.period_grain
            and growth.period_start_date = periods.period_start_date
            and growth.period_end_date = periods.period_end_date

)

select * from final
