{{ config(meta={'dagster': {'ref': {'name': 'fct_trade_growth_monthly'}}}) }}
-- Every null of the monthly growth table has a status that explains it, and no figure lacks its own.
select *
from {{ ref('fct_trade_growth_monthly') }}
where
    (growth_yoy_pct is null and {{ is_known_growth('growth_status') }})
    or (growth_yoy_pct is not null and not {{ is_known_growth('growth_status') }})
    or (value is null and value_status in ('printed', 'derived_from_ytd', 'sum_of_months'))
    or (value is not null and value_status not in ('printed', 'derived_from_ytd', 'sum_of_months'))
    or (release_id is null and value_status = 'printed')
    or (rolling_12m_value is null and rolling_12m_status = 'ok')
    or (rolling_12m_value is not null and rolling_12m_status <> 'ok')
    or (streak_months is null and streak_status in ('complete', 'at_least', 'none'))
    or (streak_months is not null and streak_status not in ('complete', 'at_least', 'none'))
    or (streak_months = 0 and streak_status <> 'none')
    or streak_releases > streak_months
    or (implied_base_low is null and published_growth_status not in ('not_published', 'printed_beside_another_value'))
    or (implied_base_low is not null and published_growth_status in ('not_published', 'printed_beside_another_value'))
