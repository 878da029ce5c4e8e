{#
  The verdict matrix: every claim that a rule judges, under every definition that applies. A definition
  whose figures are not held is unverifiable; it is never left out. A forecast that nothing judges is pending
  until the data held have passed its time.
#}
with

claims as (

    select * from {{ ref('stg_article__claim') }}

),

newest as (

    select cast(max(released_at) as string) as newest_day
    from {{ ref('stg_ledger__snapshot') }}

),

definitions as (

    select * from {{ ref('int_claim_definition') }}

),

judged as (

    select
        claim_id,
        definition_id,
        definition_role,
        reading,
        verdict,
        computed_low,
        computed_high,
        cast(null as decimal(24, 4)) as implied_base_low,
        cast(null as decimal(24, 4)) as implied_base_high,
        release_id,
        known_at,
        reason
    from {{ ref('int_claim_number_verdict') }}
    union all
    select
        claim_id,
        definition_id,
        definition_role,
        reading,
        verdict,
        computed_low,
        computed_high,
        implied_base_low,
        implied_base_high,
        release_id,
        known_at,
        reason
    from {{ ref('int_claim_growth_verdict') }}
    union all
    select
        claim_id,
        definition_id,
        definition_role,
        cast(null as integer) as reading,
        verdict,
        computed_low,
        computed_high,
        cast(null as decimal(24, 4)) as implied_base_low,
        cast(null as decimal(24, 4)) as implied_base_high,
        release_id,
        known_at,
        reason
    from {{ ref('int_claim_streak_verdict') }}
    {%- for model in ['int_claim_path_verdict', 'int_claim_order_verdict', 'int_claim_event_verdict'] %}
        union all
        select
            claim_id,
            definition_id,
            definition_role,
            cast(null as integer) as reading,
            verdict,
            cast(null as double) as computed_low,
            cast(null as double) as computed_high,
            cast(null as decimal(24, 4)) as implied_base_low,
            cast(null as decimal(24, 4)) as implied_base_high,
            release_id,
            known_at,
            reason
        from {{ ref(model) }}
    {%- endfor %}

),

not_held as (

    select
        definitions.claim_id,
        definitions.definition_id,
        definitions.definition_role,
        cast(null as integer) as reading,
        'unverifiable' as verdict,
        cast(null as double) as computed_low,
        cast(null as double) as computed_high,
        cast(null as decimal(24, 4)) as implied_base_low,
        cast(null as decimal(24, 4)) as implied_base_high,
        cast(null as string) as release_id,
        cast(null as date) as known_at,
        case
            when definitions.product_id = 'semiconductors' then 'HS 8541 and 8542 are not both held for this period'
            when definitions.vintage = 'printed_day' then 'what it needs is not in a release held of that day or before'
            else 'what it needs is not held'
        end as reason
    from definitions
    left join judged
        on
            definitions.claim_id = judged.claim_id
            and definitions.definition_id = judged.definition_id
    where judged.claim_id is null

),

unioned as (

    select * from judged
    union all
    select * from not_held

),

{#- Year against year, month against month: a time that has begun is not over. #}

awaited as (

    select
        unioned.*,
        unioned.verdict = 'unverifiable' and claims.modality = 'forecast'
        and (claims.period is null or claims.period >= substr(newest.newest_day, 1, length(claims.period))) as is_awaited
    from unioned
    inner join claims
        on unioned.claim_id = claims.claim_id
    cross join newest

),

final as (

    select
        cast(awaited.claim_id as string) as claim_id,
        cast(awaited.definition_id as string) as definition_id,
        cast(awaited.definition_role as string) as definition_role,
        cast(definitions.product_id as string) as product_id,
        cast(definitions.counted_by as string) as counted_by,
        cast(definitions.basis as string) as basis,
        cast(definitions.compared as string) as compared,
        cast(definitions.vintage as string) as vintage,
        cast(awaited.reading as integer) as reading,
        cast(case when awaited.is_awaited then 'pending' else awaited.verdict end as string) as verdict,
        cast(awaited.computed_low as double) as computed_low,
        cast(awaited.computed_high as double) as computed_high,
        cast(awaited.implied_base_low as decimal(24, 4)) as implied_base_low,
        cast(awaited.implied_base_high as decimal(24, 4)) as implied_base_high,
        cast(awaited.release_id as string) as release_id,
        cast(awaited.known_at as date) as known_at,
        cast(case when awaited.is_awaited then 'a forecast, not due yet; ' else '' end || awaited.reason as string) as reason
    from awaited
    left join definitions
        on
            awaited.claim_id = definitions.claim_id
            and awaited.definition_id = definitions.definition_id

)

select * from final
