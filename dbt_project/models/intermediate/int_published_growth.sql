{# The change on the year before that the source itself printed: one per period, basis and release that prints it. #}
with

figures as (

    select * from {{ ref('int_ranked_figure') }}
    where measure = 'growth_yoy_pct'

),

final as (

    select
        cast(source_id as string) as source_id,
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(partner_iso3 as string) as partner_iso3,
        cast(flow as string) as flow,
        cast(product_id as string) as product_id,
        cast(period_grain as string) as period_grain,
        cast(period_end_date as date) as period_end_date,
        cast(basis as string) as basis,
        cast(value as decimal(9, 4)) as growth_pct,
        cast(half_unit as decimal(9, 4)) as half_unit,
        cast(release_id as string) as release_id,
        cast(is_latest as boolean) as is_latest
    from figures

)

select * from final
