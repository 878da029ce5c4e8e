{{ config(meta={'dagster': {'ref': {'name': 'fct_trade_flow'}}}) }}
-- No reporter is the world, no product total has a heading beside its own sub-headings, and no row is empty.
with

slices as (

    select * from {{ ref('dim_flow_slice') }}

),

products as (

    select
        codes.*,
        counted.product_id as counted_product_id
    from {{ ref('int_product_code_flow') }} as codes
    inner join {{ ref('fct_product_flow_row') }} as counted
        on
            codes.slice_id = counted.slice_id
            and codes.raw_row = counted.raw_row
            and counted.superseded_at is null
    where codes.superseded_at is null

),

world_reporters as (

    select
        source_id,
        reporter_iso3,
        flow,
        period_end_date,
        'the reporter is the world' as problem
    from slices
    where reporter_iso3 = 'WLD'

),

nested_codes as (

    select
        parts.source_id,
        parts.reporter_iso3,
        parts.flow,
        parts.period_end_date,
        'the same product also stands under ' || headings.hs_code as problem
    from products as parts
    inner join products as headings
        on
            {{ same_slice('parts', 'headings') }}
            and parts.partner_iso3 = headings.partner_iso3
            and parts.product_id = headings.product_id
            and parts.hs_code <> headings.hs_code
            and substr(parts.hs_code, 1, length(headings.hs_code)) = headings.hs_code

),

empty_rows as (

    select
        slices.source_id,
        slices.reporter_iso3,
        slices.flow,
        slices.period_end_date,
        'no measure at all' as problem
    from {{ source('landed', 'fct_customs_flow') }} as flows
    inner join slices
        on flows.slice_id = slices.slice_id
    where flows.value is null and flows.quantity is null and flows.net_weight_kg is null
    union all
    select
        source_id,
        reporter_iso3,
        flow,
        period_end_date,
        'no measure at all' as problem
    from {{ ref('fct_announced_flow') }}
    where value_usd is null and value_cny is null and quantity is null

)

select * from world_reporters
union all
select * from nested_codes
union all
select * from empty_rows
