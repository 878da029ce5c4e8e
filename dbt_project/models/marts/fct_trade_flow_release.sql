with

flows as (

    select * from {{ ref('int_trade_flow_release') }}

),

final as (

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
        value_cny,
        quantity,
        quantity_unit,
        net_weight_kg,
        valuation,
        is_estimated,
        is_secondary,
        is_latest,
        is_deleted,
        snapshot_id,
        raw_row
    from flows

)

select * from final
