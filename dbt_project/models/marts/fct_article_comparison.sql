{#
  Two printed figures of articles on the same thing: subject, metric, economy, flow, period and unit. They
  agree where some reading of one overlaps some reading of the other; nothing is said about which is right
  (that is fct_claim_verdict).
#}
with

claims as (

    select * from {{ ref('stg_article__claim') }}

),

readings as (

    select * from {{ ref('stg_article__claim_reading') }}

),

read_claims as (

    select
        claims.article_id,
        claims.claim_id,
        claims.paragraph,
        claims.printed,
        claims.modality,
        claims.subject,
        claims.metric,
        claims.economy_iso3,
        claims.flow,
        claims.period,
        readings.unit,
        readings.currency,
        readings.low,
        readings.high
    from claims
    inner join readings
        on claims.claim_id = readings.claim_id

),

pairs as (

    select
        a.claim_id as claim_a,
        b.claim_id as claim_b,
        max(a.article_id) as article_a,
        max(b.article_id) as article_b,
        max(a.paragraph) as paragraph_a,
        max(b.paragraph) as paragraph_b,
        max(a.printed) as printed_a,
        max(b.printed) as printed_b,
        max(a.modality) as modality_a,
        max(b.modality) as modality_b,
        max(a.subject) as subject,
        max(a.metric) as metric,
        max(a.economy_iso3) as economy_iso3,
        max(a.flow) as flow,
        max(a.period) as period,
        max(a.unit) as unit,
        max(a.currency) as currency,
        count(*) as pairs_of_readings,
        sum(
            case
                when (a.low is null or b.high is null or a.low <= b.high) and (b.low is null or a.high is null or b.low <= a.high) then 1
                else 0
            end
        ) as overlapping_pairs
    from read_claims as a
    inner join read_claims as b
        on
            a.claim_id < b.claim_id
            and a.subject = b.subject
            and a.metric = b.metric
            and coalesce(a.economy_iso3, '') = coalesce(b.economy_iso3, '')
            and coalesce(a.flow, '') = coalesce(b.flow, '')
            and coalesce(a.period, '') = coalesce(b.period, '')
            and coalesce(a.unit, '') = coalesce(b.unit, '')
            and coalesce(a.currency, '') = coalesce(b.currency, '')
    group by a.claim_id, b.claim_id

),

final as (

    select
        cast(claim_a as string) as claim_a,
        cast(claim_b as string) as claim_b,
        cast(article_a as string) as article_a,
        cast(article_b as string) as article_b,
        cast(article_a = article_b as boolean) as is_same_article,
        cast(paragraph_a as string) as paragraph_a,
        cast(paragraph_b as string) as paragraph_b,
        cast(subject as string) as subject,
        cast(metric as string) as metric,
        cast(economy_iso3 as string) as economy_iso3,
        cast(flow as string) as flow,
        cast(period as string) as period,
        cast(unit as string) as unit,
        cast(currency as string) as currency,
        cast(printed_a as string) as printed_a,
        cast(printed_b as string) as printed_b,
        cast(modality_a as string) as modality_a,
        cast(modality_b as string) as modality_b,
        cast(pairs_of_readings as integer) as pairs_of_readings,
        cast(overlapping_pairs as integer) as overlapping_pairs,
        cast(
            case
                when overlapping_pairs = pairs_of_readings then 'agrees'
                when overlapping_pairs > 0 then 'agrees_in_some_reading'
                else 'differs'
            end as string
        ) as agreement
    from pairs

)

select * from final
