{#
  Claims of growth for so many months running, held against the streak of `int_claim_streak`, counted in months
  or in releases as the definition has it. One row per claim and definition.
#}
with

claims as (

    select * from {{ ref('stg_article__claim') }}
    where formula_id = 'growth_streak'

),

definitions as (

    select * from {{ ref('int_claim_definition') }}

),

readings as (

    select * from {{ ref('stg_article__claim_reading') }}
    where reading = 1

),

streaks as (

    select * from {{ ref('int_claim_streak') }}

),

stated_streaks as (

    select
        product_id,
        reporter_iso3,
        flow,
        year,
        max(cast(value as bigint)) as months,
        max(release_id) as release_id
    from {{ ref('int_printed_figure') }}
    where measure = 'streak_months' and print_kind = 'first'
    group by product_id, reporter_iso3, flow, year

),

{#- The day the month's own release came out; nothing later is needed for a streak that ends with it. #}

releases as (

    select
        release_id,
        max(released_at) as released_at
    from {{ ref('stg_ledger__snapshot') }}
    group by release_id

),

counted as (

    select
        claims.claim_id,
        claims.period,
        definitions.definition_id,
        definitions.definition_role,
        definitions.compared,
        readings.value as claimed,
        streaks.streak_months,
        streaks.streak_releases,
        streaks.streak_status,
        streaks.value,
        streaks.release_id,
        streaks.snapshot_id,
        streaks.raw_row,
        releases.released_at as known_at,
        stated_streaks.months as stated_months,
        stated_streaks.release_id as stated_release_id,
        case definitions.compared when 'months' then streaks.streak_months else streaks.streak_releases end as streak
    from claims
    inner join definitions
        on claims.claim_id = definitions.claim_id
    inner join readings
        on claims.claim_id = readings.claim_id
    left join streaks
        on
            claims.claim_id = streaks.claim_id
            and definitions.definition_id = streaks.definition_id
            and claims.year = extract(year from streaks.period_end_date)
            and cast(substr(claims.period, 6, 2) as integer) = extract(month from streaks.period_end_date)
    left join releases
        on streaks.release_id = releases.release_id
    left join stated_streaks
        on
            claims.subject = stated_streaks.product_id
            and claims.economy_iso3 = stated_streaks.reporter_iso3
            and claims.flow = stated_streaks.flow
            and claims.year = stated_streaks.year

),

final as (

    select
        cast(claim_id as string) as claim_id,
        cast(definition_id as string) as definition_id,
        cast(definition_role as string) as definition_role,
        cast(
            case
                when streak is null then 'unverifiable'
                when streak = claimed and streak_status = 'complete' then 'exact'
                when streak >= claimed then 'consistent'
                when streak_status = 'at_least' then 'unverifiable'
                else 'inconsistent'
            end as string
        ) as verdict,
        cast(streak as double) as computed_low,
        cast(case when streak_status <> 'at_least' then streak end as double) as computed_high,
        cast(value as decimal(24, 4)) as value,
        cast(release_id as string) as release_id,
        cast(snapshot_id as string) as snapshot_id,
        cast(raw_row as bigint) as raw_row,
        cast(known_at as date) as known_at,
        cast(
            case
                when streak is null
                    then
                        'the monthly figures and their bases up to ' || period || ' are not all held; '
                        || coalesce(
                            cast(stated_months as string) || ' months are stated in ' || stated_release_id
                            || ', which names no currency; ', ''
                        )
                        || 'a January-February counts as two months but one release'
                else
                    'a streak of ' || case streak_status when 'at_least' then 'at least ' else '' end
                    || cast(streak_months as string) || ' months, ' || cast(streak_releases as string) || ' releases'
            end as string
        ) as reason
    from counted

)

select * from final
