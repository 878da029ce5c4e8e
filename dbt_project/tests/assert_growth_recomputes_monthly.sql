{{ config(meta={'dagster': {'ref': {'name': 'fct_trade_growth_monthly'}}}) }}
-- The base and the growth give the value back, within 1e-9 of the larger of the two.
select *
from {{ ref('fct_trade_growth_monthly') }}
where
    growth_yoy_pct is not null
    and (
        value is null
        or base_value is null
        or abs(cast(base_value as double) * (1e0 + growth_yoy_pct * 1e-2) - cast(value as double))
        > 1e-9 * greatest(abs(cast(value as double)), abs(cast(base_value as double)))
    )
