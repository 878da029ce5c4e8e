{{ config(meta={'dagster': {'ref': {'name': 'fct_product_comparison'}}}) }}
-- The leader is the larger of the two, and the difference and the ratio are those of the values.
select *
from {{ ref('fct_product_comparison') }}
where
    difference <> value_a - value_b
    or abs(ratio * cast(value_b as double) - cast(value_a as double)) > 1e-9 * abs(cast(value_a as double))
    or (leader = product_a and value_a <= value_b)
    or (leader = product_b and value_b <= value_a)
    or leader not in (product_a, product_b)
    or (leader is null and leader_status = 'ok')
    or (leader is not null and leader_status <> 'ok')
    or product_a >= product_b
