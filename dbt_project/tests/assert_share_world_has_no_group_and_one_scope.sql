{{ config(meta={'dagster': {'ref': {'name': 'fct_trade_share_yearly'}}}) }}
-- A world that is summed from reporters holds no group of economies, and one scope of the product:
-- a heading beside its own sub-headings would count the same trade twice.
with

shares as (

    select * from {{ ref('fct_trade_share_yearly') }}

),

flows as (

    select * from {{ ref('fct_trade_flow') }}
    where hs_code is not null and partner_iso3 = 'WLD' and period_grain = 'A'

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
    where product_id is not null
    group by source_id, reporter_iso3, flow, product_id, year
    having count(distinct product_scope) > 1

)

select * from grouped
union all
select * from mixed
