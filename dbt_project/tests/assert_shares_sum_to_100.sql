{{ config(meta={'dagster': {'ref': {'name': 'fct_trade_share_yearly'}}}) }}
-- The shares of a year sum to 100, over all reporters of its scope; a world of 0 has no shares.
with

sums as (

    select
        source_id,
        flow,
        product_id,
        year,
        count(*) as reporters,
        max(reporters_in_world) as reporters_stated,
        sum(share_pct) as total_pct
    from {{ ref('fct_trade_share_yearly') }}
    where share_status = 'ok'
    group by source_id, flow, product_id, year

)

select * from sums
where total_pct is null or abs(total_pct - 1e2) > 1e-9 or reporters <> reporters_stated
