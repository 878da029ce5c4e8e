{{ config(meta={'dagster': {'ref': {'name': 'fct_trade_growth_yearly'}}}) }}
-- Growth is there exactly where its status is ok, and so is the base of growth.
select *
from {{ ref('fct_trade_growth_yearly') }}
where
    (growth_yoy_pct is null and {{ is_known_growth('growth_status') }})
    or (growth_yoy_pct is not null and not {{ is_known_growth('growth_status') }})
    or (base_value is null and growth_status <> 'no_base')
    or (published_growth_pct is null and published_growth_status <> 'not_published')
    or (published_growth_pct is not null and published_growth_status = 'not_published')
    or growth_low_pct > growth_yoy_pct
    or growth_high_pct < growth_yoy_pct
    or implied_base_low > implied_base_high
    or (implied_base_low is null and published_growth_status not in ('not_published', 'printed_beside_another_value'))
    or (implied_base_low is not null and published_growth_status in ('not_published', 'printed_beside_another_value'))
