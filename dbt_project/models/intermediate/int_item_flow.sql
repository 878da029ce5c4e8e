{#
  What the share and comparison marts read: the newest yearly dollar flows, at two levels of detail.
  universe products: one row per product group (its total); universe <product_id>: one row per six-digit
  HS code of that group. Never add rows of two universes. A source that prints months only has a year where
  all twelve are held; nothing is filled. Grain: universe × item × source × reporter × partner × flow × year.
#}
with

series as (

    select * from {{ ref('int_trade_series') }}
    where basis = 'usd' and vintage = 'latest' and period_grain in ('A', 'M') and not is_sum_of_months

),

releases as (

    select * from {{ ref('int_product_code_flow') }}
    where
        superseded_at is null and not is_told_elsewhere and period_grain in ('A', 'M')
        and length(hs_code) = 6

),

figures as (

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
        period_grain,
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
        period_grain,
        year,
        value_usd,
        cast(0 as decimal(24, 6)) as half_unit
    from releases

),

years as (

    select * from figures
    where period_grain = 'A'

),

twelve_months as (

    select
        universe,
        item_id,
        product_id,
        min(product_scope) as product_scope,
        max(hs_edition) as hs_edition,
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        year,
        sum(value_usd) as value_usd,
        sum(half_unit) as half_unit
    from figures
    where period_grain = 'M'
    group by universe, item_id, product_id, source_id, reporter_iso3, partner_iso3, flow, year
    having count(*) = 12 and min(product_scope) = max(product_scope)

),

unioned as (

    select
        universe,
        item_id,
        product_id,
        product_scope,
        hs_edition,
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        year,
        value_usd,
        half_unit,
        'printed' as year_kind
    from years
    union all
    select
        twelve_months.*,
        'twelve_months' as year_kind
    from twelve_months
    left join years
        on
            twelve_months.universe = years.universe
            and twelve_months.item_id = years.item_id
            and twelve_months.product_id = years.product_id
            and twelve_months.source_id = years.source_id
            and twelve_months.reporter_iso3 = years.reporter_iso3
            and twelve_months.partner_iso3 = years.partner_iso3
            and twelve_months.flow = years.flow
            and twelve_months.year = years.year
    where years.item_id is null

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
        cast(half_unit as decimal(24, 6)) as half_unit,
        cast(year_kind as string) as year_kind
    from unioned

)

select * from final
