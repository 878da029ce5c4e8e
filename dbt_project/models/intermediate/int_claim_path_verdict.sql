{#
  Claims about the course of one series: a record, the sign of a change, growth in every year.
  One row per claim and definition for which any value is held.
#}
with

claims as (

    select * from {{ ref('stg_article__claim') }}
    where formula_id in ('record', 'growth_sign', 'growth_every_year')

),

definitions as (

    select * from {{ ref('int_claim_definition') }}

),

series as (

    select * from {{ ref('int_claim_series') }}
    where product_role = 'subject' and length(period) = 4

),

growth as (

    select
        series.*,
        base.value as base_value,
        {{ change_pct('series.value', 'base.value') }} as growth_yoy_pct,
        {{ change_pct('series.value + series.half_unit', 'base.value - base.half_unit') }} as growth_high_pct
    from series
    left join series as base
        on
            series.claim_id = base.claim_id
            and series.definition_id = base.definition_id
            and series.source_id = base.source_id
            and series.year = base.year + 1
            and series.product_scope = base.product_scope
            and base.value - base.half_unit > 0

),

records as (

    select
        claims.claim_id,
        growth.definition_id,
        case
            when max(case when growth.year = claims.year then 1 else 0 end) = 0 then 'unverifiable'
            when
                max(case when growth.year = claims.year then growth.value - growth.half_unit end)
                > max(case when growth.year < claims.year then growth.value + growth.half_unit end)
                then 'consistent'
            when
                max(case when growth.year = claims.year then growth.value + growth.half_unit end)
                < max(case when growth.year < claims.year then growth.value - growth.half_unit end)
                then 'inconsistent'
            when count(*) = 1 then 'unverifiable'
            else 'consistent'
        end as verdict,
        max(case when growth.year = claims.year then growth.release_id end) as release_id,
        max(growth.released_at) as known_at,
        'against the ' || cast(count(*) as string) || ' years held from ' || cast(min(growth.year) as string)
        || '; years not held: ' || cast(max(claims.year) - min(growth.year) + 1 - count(*) as string) as reason
    from claims
    inner join growth
        on claims.claim_id = growth.claim_id
    where claims.formula_id = 'record'
    group by claims.claim_id, growth.definition_id

),

paths as (

    select
        claims.claim_id,
        growth.definition_id,
        claims.formula_id,
        claims.year - claims.base_year as years_claimed,
        count(case when growth.year > claims.base_year then growth.growth_yoy_pct end) as years_held,
        min(case when growth.year > claims.base_year then growth.growth_yoy_pct end) as lowest_growth_pct,
        min(case when growth.year > claims.base_year then growth.growth_high_pct end) as lowest_growth_high_pct,
        max(case when growth.year = claims.year then growth.value end) as end_value,
        max(case when growth.year = claims.base_year then growth.value end) as start_value,
        max(case when growth.year = claims.year then growth.release_id end) as release_id,
        max(growth.released_at) as known_at
    from claims
    inner join growth
        on
            claims.claim_id = growth.claim_id
            and growth.year >= claims.base_year
    where claims.formula_id in ('growth_every_year', 'growth_sign')
    group by claims.claim_id, growth.definition_id, claims.formula_id, claims.year, claims.base_year

),

path_verdicts as (

    select
        claim_id,
        definition_id,
        case
            when formula_id = 'growth_every_year' and lowest_growth_high_pct < 0 then 'inconsistent'
            when end_value is null or start_value is null then 'unverifiable'
            when formula_id = 'growth_every_year' and years_held < years_claimed then 'unverifiable'
            when formula_id = 'growth_every_year' or end_value > start_value then 'consistent'
            else 'inconsistent'
        end as verdict,
        release_id,
        known_at,
        case
            when end_value is null or start_value is null
                then
                    'the first or the last year is not held; the lowest of ' || cast(years_held as string)
                    || ' yearly changes held is ' || coalesce({{ shown('lowest_growth_pct', 2) }} || ' %', 'unknown')
            when formula_id = 'growth_every_year'
                then
                    'the lowest of ' || cast(years_held as string) || ' yearly changes is '
                    || coalesce({{ shown('lowest_growth_pct', 2) }} || ' %', 'unknown') || ', the whole change '
                    || {{ shown(change_pct('end_value', 'start_value'), 2) }} || ' %'
            else
                'the whole change is ' || {{ shown(change_pct('end_value', 'start_value'), 2) }}
                || ' %, the lowest of ' || cast(years_held as string) || ' yearly changes '
                || coalesce({{ shown('lowest_growth_pct', 2) }} || ' %', 'unknown')
                || '; what caused it is not judged'
        end as reason
    from paths

),

unioned as (

    select * from records
    union all
    select * from path_verdicts

),

final as (

    select
        cast(unioned.claim_id as string) as claim_id,
        cast(unioned.definition_id as string) as definition_id,
        cast(definitions.definition_role as string) as definition_role,
        cast(unioned.verdict as string) as verdict,
        cast(unioned.release_id as string) as release_id,
        cast(unioned.known_at as date) as known_at,
        cast(unioned.reason as string) as reason
    from unioned
    inner join definitions
        on
            unioned.claim_id = definitions.claim_id
            and unioned.definition_id = definitions.definition_id

)

select * from final
