{# A view: the flows of the newest release of each, and the newest announced figure of each measure. #}
{{ config(materialized='view') }}

with

flows as (

    select * from {{ ref('fct_trade_flow_release') }}
    where is_latest and not is_deleted and hs_code is not null

),

announced as (

    select * from {{ ref('fct_announced_flow') }}

),

{#- The newest value in each currency; the rest is that of the currency first in rank. #}

by_currency as (

    select
        *,
        row_number() over (
            partition by
                source_id, reporter_iso3, partner_iso3, flow, hs_code, period_grain, period_end_date
            order by currency_rank asc nulls last, currency asc nulls last, slice_id asc nulls last
        ) as currency_order,
        row_number() over (
            partition by
                source_id, reporter_iso3, partner_iso3, flow, hs_code, period_grain, period_end_date
            order by released_at desc nulls last, release_id desc nulls last, currency_rank asc nulls last
        ) as release_order
    from {{ ref('fct_flow_by_currency') }}
    where superseded_at is null

),

side_by_side as (

    select
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        hs_code,
        period_grain,
        period_end_date,
        max(case when release_order = 1 then dataset_id end) as dataset_id,
        max(case when release_order = 1 then release_id end) as release_id,
        max(released_at) as released_at,
        max(hs_edition) as hs_edition,
        max(period_start_date) as period_start_date,
        max(year) as year,
        max(case when currency = 'USD' then value end) as value_usd,
        max(case when currency = 'USD' and value is not null then release_id end) as value_usd_release_id,
        max(case when currency = 'CNY' then value end) as value_cny,
        max(case when currency = 'CNY' and value is not null then release_id end) as value_cny_release_id,
        max(case when release_order = 1 then quantity end) as quantity,
        max(case when release_order = 1 and quantity is not null then release_id end) as quantity_release_id,
        max(case when release_order = 1 then quantity_unit end) as quantity_unit,
        max(case when currency not in ('USD', 'CNY') then value end) as value_local,
        max(case when currency not in ('USD', 'CNY') then currency end) as currency,
        max(case when release_order = 1 then net_weight_kg end) as net_weight_kg,
        max(valuation) as valuation,
        max(is_estimated) as is_estimated,
        max(is_preliminary) as is_preliminary,
        max(case when currency_order = 1 then slice_id end) as slice_id,
        max(case when currency_order = 1 then snapshot_id end) as snapshot_id,
        max(case when currency_order = 1 then raw_row end) as raw_row
    from by_currency
    group by source_id, reporter_iso3, partner_iso3, flow, hs_code, period_grain, period_end_date

),

several as (

    select slice_id from {{ ref('dim_flow_slice') }}
    where has_other_currency

),

products as (

    select * from {{ ref('fct_product_flow_row') }}
    where superseded_at is null

),

alone as (

    select flows.*
    from flows
    left join several
        on flows.slice_id = several.slice_id
    where several.slice_id is null

),

unioned as (

    select
        source_id,
        dataset_id,
        release_id,
        released_at,
        reporter_iso3,
        partner_iso3,
        flow,
        hs_code,
        hs_edition,
        product_id,
        product_scope,
        period_grain,
        period_start_date,
        period_end_date,
        year,
        value_usd,
        case when value_usd is not null then release_id end as value_usd_release_id,
        value_cny,
        case when value_cny is not null then release_id end as value_cny_release_id,
        quantity,
        case when quantity is not null then release_id end as quantity_release_id,
        quantity_unit,
        value_local,
        currency,
        net_weight_kg,
        valuation,
        is_estimated,
        is_preliminary,
        snapshot_id,
        raw_row
    from alone
    union all
    select
        side_by_side.source_id,
        side_by_side.dataset_id,
        side_by_side.release_id,
        side_by_side.released_at,
        side_by_side.reporter_iso3,
        side_by_side.partner_iso3,
        side_by_side.flow,
        side_by_side.hs_code,
        side_by_side.hs_edition,
        products.product_id,
        products.product_scope,
        side_by_side.period_grain,
        side_by_side.period_start_date,
        side_by_side.period_end_date,
        side_by_side.year,
        side_by_side.value_usd,
        side_by_side.value_usd_release_id,
        side_by_side.value_cny,
        side_by_side.value_cny_release_id,
        side_by_side.quantity,
        side_by_side.quantity_release_id,
        side_by_side.quantity_unit,
        side_by_side.value_local,
        side_by_side.currency,
        side_by_side.net_weight_kg,
        side_by_side.valuation,
        side_by_side.is_estimated,
        side_by_side.is_preliminary,
        side_by_side.snapshot_id,
        side_by_side.raw_row
    from side_by_side
    left join products
        on
            side_by_side.slice_id = products.slice_id
            and side_by_side.raw_row = products.raw_row
    union all
    select
        source_id,
        dataset_id,
        release_id,
        released_at,
        reporter_iso3,
        partner_iso3,
        flow,
        cast(null as string) as hs_code,
        cast(null as string) as hs_edition,
        product_id,
        product_scope,
        period_grain,
        period_start_date,
        period_end_date,
        year,
        value_usd,
        value_usd_release_id,
        value_cny,
        value_cny_release_id,
        quantity,
        quantity_release_id,
        quantity_unit,
        cast(null as decimal(24, 4)) as value_local,
        cast(null as string) as currency,
        cast(null as decimal(24, 4)) as net_weight_kg,
        valuation,
        false as is_estimated,
        false as is_preliminary,
        snapshot_id,
        raw_row
    from announced

),

final as (

    select
        cast(source_id as string) as source_id,
        cast(dataset_id as string) as dataset_id,
        cast(release_id as string) as release_id,
        cast(released_at as date) as released_at,
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(partner_iso3 as string) as partner_iso3,
        cast(flow as string) as flow,
        cast(hs_code as string) as hs_code,
        cast(hs_edition as string) as hs_edition,
        cast(product_id as string) as product_id,
        cast(product_scope as string) as product_scope,
        cast(period_grain as string) as period_grain,
        cast(period_start_date as date) as period_start_date,
        cast(period_end_date as date) as period_end_date,
        cast(year as integer) as year,
        cast(value_usd as decimal(24, 4)) as value_usd,
        cast(value_usd_release_id as string) as value_usd_release_id,
        cast(value_cny as decimal(24, 4)) as value_cny,
        cast(value_cny_release_id as string) as value_cny_release_id,
        cast(quantity as decimal(24, 4)) as quantity,
        cast(quantity_release_id as string) as quantity_release_id,
        cast(quantity_unit as string) as quantity_unit,
        cast(value_local as decimal(24, 4)) as value_local,
        cast(currency as string) as currency,
        cast(net_weight_kg as decimal(24, 4)) as net_weight_kg,
        cast(valuation as string) as valuation,
        cast(is_estimated as boolean) as is_estimated,
        cast(is_preliminary as boolean) as is_preliminary,
        cast(snapshot_id as string) as snapshot_id,
        cast(raw_row as bigint) as raw_row
    from unioned

)

select * from final
