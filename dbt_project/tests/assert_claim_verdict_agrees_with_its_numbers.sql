{{ config(meta={'dagster': {'ref': {'name': 'fct_claim_verdict'}}}) }}
-- Only judged claims carry numbers, intervals are not reversed, and a claim that nothing could judge says so.
select *
from {{ ref('fct_claim_verdict') }}
where
    computed_low > computed_high
    or implied_base_low > implied_base_high
    or (is_intended and definitions = 0 and verdict not in ('unverifiable', 'opinion'))
    or (verdict = 'opinion' and computed_low is not null)
    or (verdict = 'definition_dependent' and definitions < 2)
    or (verdict = 'explained_by_revision' and implied_base_low is null)
