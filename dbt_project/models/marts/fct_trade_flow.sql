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
    from flows
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
