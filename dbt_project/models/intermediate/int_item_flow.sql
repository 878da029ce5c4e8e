{#
  What the share and comparison marts read: the newest yearly dollar flows, at two levels of detail.
  universe products: one row per product group (its total); universe <product_id>: one row per six-digit
  HS code of that group. Never add rows of two universes. Grain: universe × item × source × reporter ×
  partner × flow × year.
#}
with

series as (

    select * from {{ ref('int_trade_series') }}
    where basis = 'usd' and vintage = 'latest' and period_grain = 'A'

),

releases as (

    select * from {{ ref('int_trade_flow_release') }}
    where
        is_latest and not is_deleted and period_grain = 'A'
        and product_id is not null and value_usd is not null and length(hs_code) = 6

),

unioned as (

    select
        'products' as universe,
        product_id as item_id,
        product_id,
        product_scope,
        cast(null as string) as hs_edition,
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        year,
        value as value_usd,
        half_unit
    from series
    union all
    select
        product_id as universe,
        hs_code as item_id,
        product_id,
        product_scope,
        hs_edition,
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        year,
        value_usd,
        cast(0 as decimal(24, 6)) as half_unit
    from releases

),

final as (

    select
        cast(universe as string) as universe,
        cast(item_id as string) as item_id,
        cast(product_id as string) as product_id,
        cast(product_scope as string) as product_scope,
        cast(hs_edition as string) as hs_edition,
        cast(source_id as string) as source_id,
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(partner_iso3 as string) as partner_iso3,
        cast(flow as string) as flow,
        cast(year as integer) as year,
        cast(value_usd as decimal(24, 4)) as value_usd,
        cast(half_unit as decimal(24, 6)) as half_unit
    from unioned

)

select * from final
