{{ config(meta={'dagster': {'ref': {'name': 'fct_trade_share_yearly'}}}) }}
-- A world that is summed from reporters holds no group of economies, and one scope of the product:
-- a heading beside its own sub-headings would count the same trade twice.
with

shares as (

    select * from {{ ref('fct_trade_share_yearly') }}

),

flows as (

    select
        codes.source_id,
        codes.reporter_iso3,
        codes.flow,
        codes.year,
        counted.product_id,
        counted.product_scope
    from {{ ref('int_product_code_flow') }} as codes
    inner join {{ ref('fct_product_flow_row') }} as counted
        on
            codes.slice_id = counted.slice_id
            and codes.raw_row = counted.raw_row
            and counted.superseded_at is null
    where codes.superseded_at is null and codes.partner_iso3 = 'WLD' and codes.period_grain = 'A'

),

economies as (

    select * from {{ ref('dim_economy') }}

),

grouped as (

    select
        shares.source_id,
        shares.reporter_iso3,
        shares.flow,
        shares.product_id,
        shares.year,
        'reporter is a group' as problem
    from shares
    inner join economies
        on shares.reporter_iso3 = economies.economy_iso3
    where economies.is_group

),

mixed as (

    select
        source_id,
        reporter_iso3,
        flow,
        product_id,
        year,
        'several scopes of one product' as problem
    from flows
    group by source_id, reporter_iso3, flow, product_id, year
    having count(distinct product_scope) > 1

),

{#- No reporter alone breaks this: each has one scope, and together they have two. #}

worlds as (

    select
        source_id,
        cast(null as string) as reporter_iso3,
        flow,
        product_id,
        year,
        'reporters of several scopes in one world' as problem
    from shares
    where share_status = 'ok'
    group by source_id, flow, product_id, year
    having count(distinct product_scope) > 1

)

select * from grouped
union all
select * from mixed
union all
select * from worlds
