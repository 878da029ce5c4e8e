{{ config(meta={'dagster': {'ref': {'name': 'fct_claim_verdict'}}}) }}
-- Every claim of the articles loaded has one intended verdict, and every verdict a claim.
with

claims as (

    select
        claim_id,
        count(*) as claims
    from {{ source('raw', 'article_claim') }}
    group by claim_id

),

verdicts as (

    select
        claim_id,
        sum(case when is_intended then 1 else 0 end) as verdicts
    from {{ ref('fct_claim_verdict') }}
    group by claim_id

)

select
    claims.claim_id,
    verdicts.claim_id as verdict_claim_id,
    claims.claims,
    verdicts.verdicts
from claims
full outer join verdicts
    on claims.claim_id = verdicts.claim_id
where claims.claims is null or verdicts.verdicts is null or claims.claims <> 1 or verdicts.verdicts <> 1
