{{ config(meta={'dagster': {'ref': {'name': 'fct_capacity_share'}}}) }}
-- The economies that an edition names do not hold more than all capacity, give or take the rounding.
select
    edition_id,
    scope,
    year,
    sum(share_pct) as total_pct,
    sum(half_unit) as slack_pp
from {{ ref('fct_capacity_share') }}
group by edition_id, scope, year
having sum(share_pct) > 100 + sum(half_unit)
