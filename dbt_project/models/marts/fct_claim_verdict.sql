{#
  The verdict of every claim, under every definition that applies. One row of a claim is intended and
  holds the claim's own verdict: the definition the sentence means; or, where the sentence leaves open
  which it means and these disagree, a row 'not stated' with definition_dependent; or, where nothing can
  judge the claim, a row 'none'.
#}
with

claims as (

    select * from {{ ref('stg_article__claim') }}

),

matrix as (

    select * from {{ ref('int_claim_definition_verdict') }}

),

{#- Who speaks: the definitions meant, or else those left open, or else whatever the claim is held against. #}

standings as (

    select
        claim_id,
        min(case definition_role when 'meant' then 1 when 'open' then 2 else 3 end) as standing,
        count(*) as definitions
    from matrix
    group by claim_id

),

ranked as (

    select
        matrix.*,
        standings.definitions,
        case matrix.verdict when 'exact' then 'consistent' else matrix.verdict end as verdict_class,
        row_number() over (
            partition by matrix.claim_id
            order by matrix.definition_id desc nulls last
        ) as definition_order
    from matrix
    inner join standings
        on
            matrix.claim_id = standings.claim_id
            and case matrix.definition_role when 'meant' then 1 when 'open' then 2 else 3 end = standings.standing

),

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

dissent as (

    select * from parting
    where parting_order = 1

),

rows_of_definitions as (

    select
        matrix.claim_id,
        case when spokesman.definition_id = matrix.definition_id and dissent.claim_id is null then 1 else 0 end as is_intended,
        matrix.definition_id,
        matrix.definition_role,
        matrix.product_id,
        matrix.counted_by,
        matrix.basis,
        matrix.compared,
        matrix.vintage,
        matrix.reading,
        matrix.verdict,
        matrix.computed_low,
        matrix.computed_high,
        matrix.implied_base_low,
        matrix.implied_base_high,
        matrix.release_id,
        matrix.known_at,
        spokesman.definitions,
        matrix.reason
    from matrix
    inner join spokesman
        on matrix.claim_id = spokesman.claim_id
    left join dissent
        on matrix.claim_id = dissent.claim_id

),

rows_of_dissent as (

    select
        spokesman.claim_id,
        1 as is_intended,
        'not stated' as definition_id,
        'open' as definition_role,
        cast(null as string) as product_id,
        cast(null as string) as counted_by,
        cast(null as string) as basis,
        cast(null as string) as compared,
        cast(null as string) as vintage,
        cast(null as integer) as reading,
        'definition_dependent' as verdict,
        cast(null as double) as computed_low,
        cast(null as double) as computed_high,
        cast(null as decimal(24, 4)) as implied_base_low,
        cast(null as decimal(24, 4)) as implied_base_high,
        cast(null as string) as release_id,
        cast(null as date) as known_at,
        spokesman.definitions,
        spokesman.definition_id || ': ' || spokesman.verdict || ', ' || spokesman.reason || '. '
        || dissent.definition_id || ': ' || dissent.verdict || ', ' || dissent.reason as reason
    from spokesman
    inner join dissent
        on spokesman.claim_id = dissent.claim_id

),

rows_without_definition as (

    select
        claims.claim_id,
        1 as is_intended,
        'none' as definition_id,
        'other' as definition_role,
        cast(null as string) as product_id,
        cast(null as string) as counted_by,
        cast(null as string) as basis,
        cast(null as string) as compared,
        cast(null as string) as vintage,
        cast(null as integer) as reading,
        case when claims.untestable_reason = 'opinion' then 'opinion' else 'unverifiable' end as verdict,
        cast(null as double) as computed_low,
        cast(null as double) as computed_high,
        cast(null as decimal(24, 4)) as implied_base_low,
        cast(null as decimal(24, 4)) as implied_base_high,
        cast(null as string) as release_id,
        cast(null as date) as known_at,
        0 as definitions,
        case
            when claims.untestable_reason = 'opinion' then 'a view, not a statement of fact'
            when claims.untestable_reason is not null then {{ not_judged('claims.untestable_reason') }}
            else 'nothing held that could judge it'
        end as reason
    from claims
    left join standings
        on claims.claim_id = standings.claim_id
    where standings.claim_id is null

),

unioned as (

    select * from rows_of_definitions
    union all
    select * from rows_of_dissent
    union all
    select * from rows_without_definition

),

final as (

    select
        cast(claims.claim_id as string) as claim_id,
        cast(unioned.definition_id as string) as definition_id,
        cast(unioned.is_intended = 1 as boolean) as is_intended,
        cast(unioned.definition_role as string) as definition_role,
        cast(claims.article_id as string) as article_id,
        cast(claims.paragraph as string) as paragraph,
        cast(claims.printed as string) as printed,
        cast(claims.modality as string) as modality,
        cast(claims.subject as string) as subject,
        cast(claims.metric as string) as metric,
        cast(claims.period as string) as period,
        cast(claims.in_own_words as string) as in_own_words,
        cast(unioned.product_id as string) as product_id,
        cast(unioned.counted_by as string) as counted_by,
        cast(unioned.basis as string) as basis,
        cast(unioned.compared as string) as compared,
        cast(unioned.vintage as string) as vintage,
        cast(unioned.verdict as string) as verdict,
        cast(unioned.definitions as integer) as definitions,
        cast(unioned.reading as integer) as reading,
        cast(unioned.computed_low as double) as computed_low,
        cast(unioned.computed_high as double) as computed_high,
        cast(unioned.implied_base_low as decimal(24, 4)) as implied_base_low,
        cast(unioned.implied_base_high as decimal(24, 4)) as implied_base_high,
        cast(unioned.reason as string) as reason,
        cast(claims.formula_id as string) as formula_id,
        cast(unioned.release_id as string) as release_id,
        cast(unioned.known_at as date) as known_at,
        cast(claims.snapshot_id as string) as snapshot_id,
        cast(claims.raw_row as bigint) as raw_row
    from unioned
    inner join claims
        on unioned.claim_id = claims.claim_id

)

select * from final
