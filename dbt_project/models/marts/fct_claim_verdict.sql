{#
  One verdict per claim. Definitions that agree give their verdict; definitions that part give
  definition_dependent. What no data can judge is unverifiable with its reason, or an opinion.
#}
with

claims as (

    select * from {{ ref('stg_article__claim') }}

),

numbers as (

    select * from {{ ref('int_claim_number_verdict') }}

),

growth as (

    select * from {{ ref('int_claim_growth_verdict') }}

),

statements as (

    select * from {{ ref('int_claim_statement_verdict') }}

),

judged as (

    select
        claim_id,
        definition_id,
        case when is_intended then 1 else 0 end as is_intended,
        reading,
        verdict,
        computed_low,
        computed_high,
        cast(null as decimal(24, 4)) as implied_base_low,
        cast(null as decimal(24, 4)) as implied_base_high,
        release_id,
        reason
    from numbers
    union all
    select
        claim_id,
        definition_id,
        1 as is_intended,
        reading,
        verdict,
        computed_low,
        computed_high,
        implied_base_low,
        implied_base_high,
        release_id,
        reason
    from growth
    union all
    select
        claim_id,
        definition_id,
        1 as is_intended,
        cast(null as integer) as reading,
        verdict,
        cast(null as double) as computed_low,
        cast(null as double) as computed_high,
        cast(null as decimal(24, 4)) as implied_base_low,
        cast(null as decimal(24, 4)) as implied_base_high,
        cast(null as string) as release_id,
        reason
    from statements

),

ranked as (

    select
        *,
        case when verdict = 'exact' then 'consistent' else verdict end as verdict_class,
        row_number() over (
            partition by claim_id
            order by is_intended desc nulls last, definition_id desc nulls last
        ) as definition_order
    from judged

),

{#- The first definition speaks; where another one parts from it, the first that does is named too. #}

spokesman as (

    select * from ranked
    where definition_order = 1

),

parting as (

    select
        ranked.claim_id,
        ranked.definition_id,
        ranked.verdict,
        ranked.reason,
        row_number() over (
            partition by ranked.claim_id
            order by ranked.definition_order asc nulls last
        ) as parting_order
    from ranked
    inner join spokesman
        on
            ranked.claim_id = spokesman.claim_id
            and ranked.verdict_class <> spokesman.verdict_class

),

counts as (

    select
        claim_id,
        count(*) as definitions
    from ranked
    group by claim_id

),

summaries as (

    select
        spokesman.claim_id,
        counts.definitions,
        parting.claim_id is not null as is_definition_dependent,
        spokesman.verdict,
        spokesman.definition_id,
        spokesman.reading,
        spokesman.computed_low,
        spokesman.computed_high,
        spokesman.implied_base_low,
        spokesman.implied_base_high,
        spokesman.release_id,
        case
            when parting.claim_id is null then spokesman.reason
            else
                spokesman.definition_id || ': ' || spokesman.verdict || ', ' || spokesman.reason || '. '
                || parting.definition_id || ': ' || parting.verdict || ', ' || parting.reason
        end as reason
    from spokesman
    inner join counts
        on spokesman.claim_id = counts.claim_id
    left join parting
        on
            spokesman.claim_id = parting.claim_id
            and parting.parting_order = 1

),

final as (

    select
        cast(claims.claim_id as string) as claim_id,
        cast(claims.article_id as string) as article_id,
        cast(claims.paragraph as string) as paragraph,
        cast(claims.printed as string) as printed,
        cast(claims.modality as string) as modality,
        cast(claims.subject as string) as subject,
        cast(claims.metric as string) as metric,
        cast(claims.period as string) as period,
        cast(claims.in_own_words as string) as in_own_words,
        cast(
            case
                when claims.untestable_reason = 'opinion' then 'opinion'
                when claims.untestable_reason is not null then 'unverifiable'
                when summaries.claim_id is null then 'unverifiable'
                when summaries.is_definition_dependent then 'definition_dependent'
                else summaries.verdict
            end as string
        ) as verdict,
        cast(coalesce(summaries.definitions, 0) as integer) as definitions,
        cast(case when not summaries.is_definition_dependent then summaries.definition_id end as string) as definition_id,
        cast(summaries.reading as integer) as reading,
        cast(case when not summaries.is_definition_dependent then summaries.computed_low end as double) as computed_low,
        cast(case when not summaries.is_definition_dependent then summaries.computed_high end as double) as computed_high,
        cast(summaries.implied_base_low as decimal(24, 4)) as implied_base_low,
        cast(summaries.implied_base_high as decimal(24, 4)) as implied_base_high,
        cast(
            case
                when claims.untestable_reason = 'opinion' then 'a view, not a statement of fact'
                when claims.untestable_reason is not null then 'not judged: ' || claims.untestable_reason
                when summaries.claim_id is null then 'nothing held that could judge it'
                else summaries.reason
            end as string
        ) as reason,
        cast(claims.formula_id as string) as formula_id,
        cast(case when not summaries.is_definition_dependent then summaries.release_id end as string) as release_id,
        cast(claims.snapshot_id as string) as snapshot_id,
        cast(claims.raw_row as bigint) as raw_row
    from claims
    left join summaries
        on claims.claim_id = summaries.claim_id

)

select * from final
