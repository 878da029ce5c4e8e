{#
  Claims without a number that the data can still judge: records, orders, signs, streaks, events,
  majorities. One row per claim and definition, first prints in dollars.
#}
with

claims as (

    select * from {{ ref('stg_article__claim') }}

),

growth as (

    select * from {{ ref('int_growth') }}
    where
        period_grain = 'A'
        and vintage = 'first'
        and basis = 'usd'
        and print_kind <> 'database'
        and partner_iso3 = 'WLD'

),

comparison as (

    select * from {{ ref('fct_product_comparison') }}
    where period_grain = 'A' and vintage = 'first' and basis = 'usd' and partner_iso3 = 'WLD'

),

monthly as (

    select * from {{ ref('int_monthly_growth') }}
    where vintage = 'latest' and basis = 'usd' and partner_iso3 = 'WLD'

),

events as (

    select * from {{ ref('stg_reference__policy_event') }}

),

capacity as (

    select * from {{ ref('fct_capacity_share') }}

),

records as (

    select
        claims.claim_id,
        'first prints, USD' as definition_id,
        case
            when max(case when growth.year = claims.year then 1 else 0 end) = 0 then 'unverifiable'
            when
                max(case when growth.year = claims.year then growth.value - growth.half_unit end)
                > max(case when growth.year < claims.year then growth.value + growth.half_unit end)
                then 'consistent'
            else 'inconsistent'
        end as verdict,
        'against the ' || cast(count(*) as string) || ' years held from ' || cast(min(growth.year) as string)
        || '; years not held: ' || cast(max(claims.year) - min(growth.year) + 1 - count(*) as string) as reason
    from claims
    inner join growth
        on
            claims.subject = growth.product_id
            and claims.economy_iso3 = growth.reporter_iso3
            and claims.flow = growth.flow
            and claims.year >= growth.year
    where claims.formula_id = 'record'
    group by claims.claim_id

),

paths as (

    select
        claims.claim_id,
        claims.formula_id,
        claims.year - claims.base_year as years_claimed,
        count(growth.growth_yoy_pct) as years_held,
        min(growth.growth_yoy_pct) as lowest_growth_pct,
        min(growth.growth_high_pct) as lowest_growth_high_pct,
        max(case when growth.year = claims.year then growth.value end) as end_value,
        max(case when growth.year = claims.base_year + 1 then growth.base_value end) as start_value
    from claims
    inner join growth
        on
            claims.subject = growth.product_id
            and claims.economy_iso3 = growth.reporter_iso3
            and claims.flow = growth.flow
            and growth.year > claims.base_year
            and growth.year <= claims.year
    where claims.formula_id in ('growth_every_year', 'growth_sign')
    group by claims.claim_id, claims.formula_id, claims.year, claims.base_year

),

path_verdicts as (

    select
        claim_id,
        'first prints, USD' as definition_id,
        case
            when formula_id = 'growth_every_year' and lowest_growth_high_pct < 0 then 'inconsistent'
            when years_held < years_claimed then 'unverifiable'
            when formula_id = 'growth_every_year' or end_value > start_value then 'consistent'
            else 'inconsistent'
        end as verdict,
        case
            when formula_id = 'growth_every_year'
                then
                    'the lowest of ' || cast(years_held as string) || ' yearly changes is '
                    || {{ shown('lowest_growth_pct', 2) }} || ' %, the whole change '
                    || {{ shown(change_pct('end_value', 'start_value'), 2) }} || ' %'
            else
                'the whole change is ' || {{ shown(change_pct('end_value', 'start_value'), 2) }}
                || ' %; what caused it is not judged'
        end as reason
    from paths

),

orders as (

    select
        claims.claim_id,
        claims.formula_id,
        'first prints, USD' as definition_id,
        case
            when comparison.leader = claims.subject then 'consistent'
            when comparison.leader_status = 'within_rounding' then 'consistent'
            else 'inconsistent'
        end as verdict,
        'in ' || cast(claims.year as string) || ' the larger was ' || coalesce(comparison.leader, 'neither')
        || ', by ' || {{ shown('abs(cast(comparison.difference as double)) * 1e-9', 3) }}
        || ' bn USD; whether it was the first time is not judged' as reason
    from claims
    inner join comparison
        on
            claims.economy_iso3 = comparison.reporter_iso3
            and claims.flow = comparison.flow
            and claims.year = comparison.year
            and claims.subject in (comparison.product_a, comparison.product_b)
            and claims.comparand in (comparison.product_a, comparison.product_b)
    where claims.formula_id in ('level_order', 'growth_order')

),

growth_orders as (

    select
        claims.claim_id,
        'growth of first prints, USD' as definition_id,
        case
            when a.growth_yoy_pct is null or b.growth_yoy_pct is null then 'unverifiable'
            when a.growth_yoy_pct > b.growth_yoy_pct then 'consistent'
            else 'inconsistent'
        end as verdict,
        case
            when b.growth_yoy_pct is null
                then
                    'growth of ' || claims.comparand || ' in ' || cast(claims.year as string)
                    || ' cannot be computed: its base is not held'
            else 'growth of ' || {{ shown('a.growth_yoy_pct', 2) }} || ' against ' || {{ shown('b.growth_yoy_pct', 2) }} || ' %'
        end as reason
    from claims
    left join growth as a
        on
            claims.subject = a.product_id
            and claims.economy_iso3 = a.reporter_iso3
            and claims.flow = a.flow
            and claims.year = a.year
    left join growth as b
        on
            claims.comparand = b.product_id
            and claims.economy_iso3 = b.reporter_iso3
            and claims.flow = b.flow
            and claims.year = b.year
    where claims.formula_id = 'growth_order'

),

level_orders as (

    select
        claim_id,
        'level of first prints, USD' as definition_id,
        verdict,
        reason
    from orders
    where formula_id = 'growth_order'

),

plain_orders as (

    select
        claim_id,
        definition_id,
        verdict,
        reason
    from orders
    where formula_id = 'level_order'

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

streaks as (

    select
        claims.claim_id,
        'calendar months, USD' as definition_id,
        case
            when max(monthly.streak_months) is null then 'unverifiable'
            when max(monthly.streak_months) = max(readings.value) and max(monthly.streak_status) = 'complete' then 'exact'
            when max(monthly.streak_months) >= max(readings.value) then 'consistent'
            when max(monthly.streak_status) = 'at_least' then 'unverifiable'
            else 'inconsistent'
        end as verdict,
        case
            when max(monthly.streak_months) is null
                then
                    'the monthly figures and their bases up to ' || max(claims.period)
                    || ' are not all held; ' || coalesce(
                        cast(max(stated_streaks.months) as string) || ' months are stated in ' || max(stated_streaks.release_id) || '; ', ''
                    ) || 'a January-February counts as two months but one release'
            else
                'a streak of ' || cast(max(monthly.streak_months) as string) || ' months, '
                || cast(max(monthly.streak_releases) as string) || ' releases'
        end as reason
    from claims
    inner join {{ ref('stg_article__claim_reading') }} as readings
        on claims.claim_id = readings.claim_id and readings.reading = 1
    left join monthly
        on
            claims.subject = monthly.product_id
            and claims.economy_iso3 = monthly.reporter_iso3
            and claims.flow = monthly.flow
            and claims.year = extract(year from monthly.period_end_date)
            and cast(substr(claims.period, 6, 2) as integer) = extract(month from monthly.period_end_date)
    left join stated_streaks
        on
            claims.subject = stated_streaks.product_id
            and claims.economy_iso3 = stated_streaks.reporter_iso3
            and claims.flow = stated_streaks.flow
            and claims.year = stated_streaks.year
    where claims.formula_id = 'growth_streak'
    group by claims.claim_id

),

matched_events as (

    select
        claims.claim_id,
        claims.period,
        events.event_id,
        events.event_date,
        events.title,
        row_number() over (
            partition by claims.claim_id
            order by events.event_date asc nulls last, events.event_id asc nulls last
        ) as event_order
    from claims
    left join events
        on
            substr(cast(events.event_date as string), 1, length(claims.period)) = claims.period
            and (claims.comparand is null or instr(lower(events.title), claims.comparand) > 0)
    where claims.formula_id = 'event_date'

),

dated_events as (

    select
        claim_id,
        'policy events held' as definition_id,
        case when event_id is null then 'inconsistent' else 'consistent' end as verdict,
        case
            when event_id is null then 'no event held in ' || period
            else 'held: ' || cast(event_date as string) || ', ' || title
        end as reason
    from matched_events
    where event_order = 1

),

foundries as (

    select
        figures.period,
        figures.entity,
        companies.company_id,
        companies.headquarters_iso3,
        row_number() over (
            partition by figures.period, companies.headquarters_iso3
            order by figures.value desc nulls last, figures.entity asc nulls last
        ) as home_rank,
        row_number() over (
            partition by figures.entity
            order by figures.period desc nulls last
        ) as period_order
    from {{ ref('fct_industry_figure') }} as figures
    inner join {{ ref('stg_reference__company') }} as companies
        on
            figures.entity = companies.company
            and figures.subject = 'foundry_revenue'
            and figures.measure = 'sales'

),

foundry_ranks as (

    select
        claims.claim_id,
        'revenue of foundries with headquarters in ' || claims.economy_iso3 as definition_id,
        case when foundries.home_rank = readings.value then 'consistent' else 'inconsistent' end as verdict,
        foundries.entity || ' is number ' || cast(foundries.home_rank as string) || ' among those of the ranking of '
        || foundries.period as reason
    from claims
    inner join {{ ref('stg_article__claim_reading') }} as readings
        on claims.claim_id = readings.claim_id and readings.reading = 1
    inner join foundries
        on
            claims.subject = foundries.company_id
            and claims.economy_iso3 = foundries.headquarters_iso3
            and foundries.period_order = 1
    where claims.formula_id = 'foundry_rank'

),

capacity_leads as (

    select
        claims.claim_id,
        own.edition_id,
        own.printed,
        own.share_pct,
        own.half_unit,
        max(others.share_pct + others.half_unit) as best_other_pct
    from claims
    inner join capacity as own
        on
            claims.economy_iso3 = own.economy_iso3
            and claims.year = own.year
            and substr(own.scope, 1, 6) = substr(claims.subject, 1, 6)
            and instr(own.read_at, claims.article_url) > 0
    inner join capacity as others
        on
            own.edition_id = others.edition_id
            and own.scope = others.scope
            and own.year = others.year
            and own.economy_iso3 <> others.economy_iso3
    where claims.formula_id = 'capacity_majority'
    group by claims.claim_id, own.edition_id, own.printed, own.share_pct, own.half_unit

),

majorities as (

    select
        claim_id,
        'more than half of capacity' as definition_id,
        case when share_pct + half_unit > 50 then 'pending' else 'inconsistent' end as verdict,
        printed || ' % is forecast by the article itself, less than half' as reason
    from capacity_leads
    union all
    select
        claim_id,
        'the largest share' as definition_id,
        case when share_pct - half_unit > best_other_pct then 'pending' else 'inconsistent' end as verdict,
        printed || ' % is forecast by the article itself, the largest share it names' as reason
    from capacity_leads

),

unioned as (

    select * from records
    union all
    select * from path_verdicts
    union all
    select * from plain_orders
    union all
    select * from level_orders
    union all
    select * from growth_orders
    union all
    select * from streaks
    union all
    select * from dated_events
    union all
    select * from foundry_ranks
    union all
    select * from majorities

),

final as (

    select
        cast(claim_id as string) as claim_id,
        cast(definition_id as string) as definition_id,
        cast(verdict as string) as verdict,
        cast(reason as string) as reason
    from unioned

)

select * from final
