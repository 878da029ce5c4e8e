{{ config(meta={'dagster': {'ref': {'name': 'fct_trade_flow'}}}) }}
-- Every figure that speaks for its period is the value of fct_trade_flow, in its own currency or unit.
with

figures as (

    select * from {{ ref('fct_printed_figure') }}
    where is_latest and measure = 'level'

),

flows as (

    select * from {{ ref('fct_trade_flow') }}
    where hs_code is null

),

compared as (

    select
        figures.snapshot_id,
        figures.raw_row,
        figures.raw_column,
        figures.product_id,
        figures.period_grain,
        figures.period_end_date,
        figures.basis,
        figures.value,
        figures.release_id,
        case figures.basis
            when 'usd' then flows.value_usd
            when 'cny' then flows.value_cny
            when 'quantity' then flows.quantity
        end as flow_value,
        case figures.basis
            when 'usd' then flows.value_usd_release_id
            when 'cny' then flows.value_cny_release_id
            when 'quantity' then flows.quantity_release_id
        end as flow_release_id
    from figures
    left join flows
        on
            figures.source_id = flows.source_id
            and figures.reporter_iso3 = flows.reporter_iso3
            and figures.partner_iso3 = flows.partner_iso3
            and figures.flow = flows.flow
            and figures.product_id = flows.product_id
            and figures.period_grain = flows.period_grain
            and figures.period_end_date = flows.period_end_date

)

select * from compared
where flow_value is null or flow_value <> value or flow_release_id is null or flow_release_id <> release_id
