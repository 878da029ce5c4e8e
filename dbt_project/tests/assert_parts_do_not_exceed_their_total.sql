{{ config(meta={'dagster': {'ref': {'name': 'fct_reconciliation'}}}) }}
-- Parts of a printed total never exceed it by more than their rounding and 0.1 % of it, which is what a
-- single file may. Months are reported only: data banks compile the year and its months apart.
select
    source_id,
    release_id,
    sum_kind,
    reporter_iso3,
    partner_iso3,
    flow,
    hs_code,
    product_id,
    period_grain,
    period_end_date,
    currency,
    total_value,
    parts_value,
    parts_held
from {{ ref('fct_reconciliation') }}
where
    reconciliation_status = 'exceeds'
    and sum_kind <> 'months_of_year'
    and 1000 * (parts_value - total_value) > total_value
