{{ config(meta={'dagster': {'ref': {'name': 'fct_trade_flow'}}}) }}
-- No reporter is the world, no flow has a heading beside its own sub-headings, and no row is empty.
with

flows as (

    select * from {{ ref('fct_trade_flow') }}

),

world_reporters as (

    select
        source_id,
        reporter_iso3,
        flow,
        product_id,
        hs_code,
        period_end_date,
        'the reporter is the world' as problem
    from flows
    where reporter_iso3 = 'WLD'

),

nested_codes as (

    select
        parts.source_id,
        parts.reporter_iso3,
        parts.flow,
        parts.product_id,
        parts.hs_code,
        parts.period_end_date,
        'the same product also stands under ' || headings.hs_code as problem
    from flows as parts
    inner join flows as headings
        on
            parts.source_id = headings.source_id
            and parts.reporter_iso3 = headings.reporter_iso3
            and parts.partner_iso3 = headings.partner_iso3
            and parts.flow = headings.flow
            and parts.product_id = headings.product_id
            and parts.period_grain = headings.period_grain
            and parts.period_end_date = headings.period_end_date
            and parts.hs_code <> headings.hs_code
            and substr(parts.hs_code, 1, length(headings.hs_code)) = headings.hs_code

),

empty_rows as (

    select
        source_id,
        reporter_iso3,
        flow,
        product_id,
        hs_code,
        period_end_date,
        'no measure at all' as problem
    from flows
    where
        value_usd is null
        and value_cny is null
        and value_local is null
        and quantity is null
        and net_weight_kg is null

)

select * from world_reporters
union all
select * from nested_codes
union all
select * from empty_rows
