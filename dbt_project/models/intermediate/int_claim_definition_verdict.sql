{#
  The verdict matrix: every claim that a rule judges, under every definition that applies. A definition
  whose figures are not held is unverifiable; it is never left out.
#}
with

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

final as (

    select
        cast(unioned.claim_id as string) as claim_id,
        cast(unioned.definition_id as string) as definition_id,
        cast(unioned.definition_role as string) as definition_role,
        cast(definitions.product_id as string) as product_id,
        cast(definitions.counted_by as string) as counted_by,
        cast(definitions.basis as string) as basis,
        cast(definitions.compared as string) as compared,
        cast(definitions.vintage as string) as vintage,
        cast(unioned.reading as integer) as reading,
        cast(unioned.verdict as string) as verdict,
        cast(unioned.computed_low as double) as computed_low,
        cast(unioned.computed_high as double) as computed_high,
        cast(unioned.implied_base_low as decimal(24, 4)) as implied_base_low,
        cast(unioned.implied_base_high as decimal(24, 4)) as implied_base_high,
        cast(unioned.release_id as string) as release_id,
        cast(unioned.known_at as date) as known_at,
        cast(unioned.reason as string) as reason
    from unioned
    left join definitions
        on
            unioned.claim_id = definitions.claim_id
            and unioned.definition_id = definitions.definition_id

)

select * from final
