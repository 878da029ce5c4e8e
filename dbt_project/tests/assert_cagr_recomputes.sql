{{ config(meta={'dagster': {'ref': {'name': 'fct_trade_cagr'}}}) }}
-- Compound growth over the years elapsed gives the end value back, within 1e-9 of the larger of the two.
select *
from {{ ref('fct_trade_cagr') }}
where
    years_elapsed <> end_year - start_year
    or (cagr_pct is null and cagr_status <> 'not_positive')
    or (cagr_pct is not null and cagr_status = 'not_positive')
    or abs(
        cast(start_value as double) * exp(cast(years_elapsed as double) * ln(1e0 + cagr_pct * 1e-2)) - cast(end_value as double)
    ) > 1e-9 * greatest(cast(start_value as double), cast(end_value as double))
