{{ config(meta={'dagster': {'ref': {'name': 'fct_trade_share_yearly'}}}) }}
-- The shares in the constant sample sum to 100 in every year, over the same number of reporters.
with

sums as (

    select
        source_id,
        flow,
        product_id,
        year,
        count(constant_sample_share_pct) as reporters,
        max(reporters_in_constant_sample) as reporters_stated,
        sum(constant_sample_share_pct) as total_pct
    from {{ ref('fct_trade_share_yearly') }}
    where constant_sample_status <> 'zero_world'
    group by source_id, flow, product_id, year

)

select * from sums
where
    reporters <> reporters_stated
    or (reporters > 0 and (total_pct is null or abs(total_pct - 1e2) > 1e-9))
