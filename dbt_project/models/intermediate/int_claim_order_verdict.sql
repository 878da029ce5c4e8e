{#
  Claims that one product did better than another, in level or in growth. One row per claim and
  definition for which the values of both are held; whether it was the first time is not judged.
#}
with

claims as (

    select * from {{ ref('stg_article__claim') }}
    where formula_id in ('level_order', 'growth_order')

),

definitions as (

    select * from {{ ref('int_claim_definition') }}

),

series as (

    select * from {{ ref('int_claim_series') }}

),

paired as (

    select
        claims.claim_id,
        definitions.definition_id,
        definitions.definition_role,
        definitions.basis,
        coalesce(definitions.compared, 'level') as compared,
        definitions.product_id,
        claims.comparand,
        claims.period,
        a.value as a_value,
        a.half_unit as a_half_unit,
        b.value as b_value,
        b.half_unit as b_half_unit,
        a.release_id,
        {{ change_pct('a.value', 'a_base.value') }} as a_growth_pct,
        {{ change_pct('a.value - a.half_unit', 'a_base.value + a_base.half_unit') }} as a_growth_low_pct,
        {{ change_pct('a.value + a.half_unit', 'a_base.value - a_base.half_unit') }} as a_growth_high_pct,
        {{ change_pct('b.value', 'b_base.value') }} as b_growth_pct,
        {{ change_pct('b.value - b.half_unit', 'b_base.value + b_base.half_unit') }} as b_growth_low_pct,
        {{ change_pct('b.value + b.half_unit', 'b_base.value - b_base.half_unit') }} as b_growth_high_pct,
        greatest(
            a.released_at, b.released_at, coalesce(a_base.released_at, a.released_at), coalesce(b_base.released_at, b.released_at)
        ) as growth_known_at,
        greatest(a.released_at, b.released_at) as level_known_at
    from claims
    inner join definitions
        on claims.claim_id = definitions.claim_id
    inner join series as a
        on
            definitions.claim_id = a.claim_id
            and definitions.definition_id = a.definition_id
            and a.product_role = 'subject'
            and claims.period = a.period
    inner join series as b
        on
            definitions.claim_id = b.claim_id
            and definitions.definition_id = b.definition_id
            and b.product_role = 'comparand'
            and claims.period = b.period
            and a.source_id = b.source_id
    left join series as a_base
        on
            definitions.claim_id = a_base.claim_id
            and definitions.definition_id = a_base.definition_id
            and a_base.product_role = 'subject'
            and claims.base_period = a_base.period
            and a.source_id = a_base.source_id
            and a.product_scope = a_base.product_scope
    left join series as b_base
        on
            definitions.claim_id = b_base.claim_id
            and definitions.definition_id = b_base.definition_id
            and b_base.product_role = 'comparand'
            and claims.base_period = b_base.period
            and b.source_id = b_base.source_id
            and b.product_scope = b_base.product_scope

),

judged as (

    select
        *,
        case
            when compared = 'growth' and (a_growth_pct is null or b_growth_pct is null) then 'unverifiable'
            when compared = 'growth' and a_growth_high_pct < b_growth_low_pct then 'inconsistent'
            when compared = 'level' and a_value + a_half_unit < b_value - b_half_unit then 'inconsistent'
            else 'consistent'
        end as verdict,
        {{ shown('abs(cast(a_value as double) - cast(b_value as double)) * 1e-9', 3) }} as difference_bn
    from paired

),

final as (

    select
        cast(claim_id as string) as claim_id,
        cast(definition_id as string) as definition_id,
        cast(definition_role as string) as definition_role,
        cast(verdict as string) as verdict,
        cast(release_id as string) as release_id,
        cast(case compared when 'growth' then growth_known_at else level_known_at end as date) as known_at,
        cast(
            case
                when compared = 'growth' and b_growth_pct is null
                    then 'growth of ' || comparand || ' in ' || period || ' cannot be computed: its base is not held'
                when compared = 'growth' and a_growth_pct is null
                    then 'growth of ' || product_id || ' in ' || period || ' cannot be computed: its base is not held'
                when compared = 'growth'
                    then 'growth of ' || {{ shown('a_growth_pct', 2) }} || ' against ' || {{ shown('b_growth_pct', 2) }} || ' %'
                else
                    'in ' || period || ' the larger was ' || case
                        when abs(a_value - b_value) <= a_half_unit + b_half_unit then 'neither, within rounding'
                        when a_value > b_value then product_id
                        else comparand
                    end || ', by ' || difference_bn || ' bn ' || case basis when 'quantity' then 'units' else upper(basis) end
                    || '; whether it was the first time is not judged'
            end as string
        ) as reason
    from judged

)

select * from final
