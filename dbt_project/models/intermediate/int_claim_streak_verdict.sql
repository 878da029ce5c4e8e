{#
  Claims of growth for so many months running. A January-February counts as two months and as one
  release, so both counts are held against the claim. The months are those of the customs authority that
  prints them, as in `int_claim_series`. One row per claim and definition.
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

monthly as (

    select monthly.*
    from {{ ref('int_monthly_growth') }} as monthly
    inner join {{ ref('int_printing_source') }} as printing
        on
            monthly.reporter_iso3 = printing.reporter_iso3
            and monthly.source_id = printing.source_id
    where monthly.partner_iso3 = 'WLD'

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
        monthly.streak_months,
        monthly.streak_releases,
        monthly.streak_status,
        monthly.release_id,
        releases.released_at as known_at,
        stated_streaks.months as stated_months,
        stated_streaks.release_id as stated_release_id,
        case definitions.compared when 'months' then monthly.streak_months else monthly.streak_releases end as streak
    from claims
    inner join definitions
        on claims.claim_id = definitions.claim_id
    inner join readings
        on claims.claim_id = readings.claim_id
    left join monthly
        on
            definitions.product_id = monthly.product_id
            and definitions.basis = monthly.basis
            and definitions.vintage = monthly.vintage
            and claims.economy_iso3 = monthly.reporter_iso3
            and claims.flow = monthly.flow
            and claims.year = extract(year from monthly.period_end_date)
            and cast(substr(claims.period, 6, 2) as integer) = extract(month from monthly.period_end_date)
            and monthly.period_grain in ('M', 'JF')
    left join releases
        on monthly.release_id = releases.release_id
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
        cast(release_id as string) as release_id,
        cast(known_at as date) as known_at,
        cast(
            case
                when streak is null
                    then
                        'the monthly figures and their bases up to ' || period || ' are not all held; '
                        || coalesce(cast(stated_months as string) || ' months are stated in ' || stated_release_id || '; ', '')
                        || 'a January-February counts as two months but one release'
                else
                    'a streak of ' || case streak_status when 'at_least' then 'at least ' else '' end
                    || cast(streak_months as string) || ' months, ' || cast(streak_releases as string) || ' releases'
            end as string
        ) as reason
    from counted

)

select * from final
