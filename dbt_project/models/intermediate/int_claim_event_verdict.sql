{#
  Claims without trade data: dated events, ranks of foundries, majorities of capacity.
  One row per claim and definition.
#}
with

claims as (

    select * from {{ ref('stg_article__claim') }}

),

events as (

    select * from {{ ref('stg_reference__policy_event') }}

),

capacity as (

    select * from {{ ref('fct_capacity_share') }}

),

matched_events as (

    select
        claims.claim_id,
        claims.period,
        claims.article_date,
        events.event_id,
        events.event_date,
        events.title,
        events.snapshot_id,
        events.raw_row,
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

{#- The first event judges; what had followed by the article's day may have changed it, so it is told. #}

later_events as (

    select
        claim_id,
        event_date,
        title,
        row_number() over (
            partition by claim_id
            order by event_date desc nulls last, event_id desc nulls last
        ) as later_order
    from matched_events
    where event_order > 1 and event_date <= article_date

),

dated_events as (

    select
        matched_events.claim_id,
        'policy events held' as definition_id,
        'meant' as definition_role,
        case when matched_events.event_id is null then 'unverifiable' else 'consistent' end as verdict,
        case
            when matched_events.event_id is null then 'no event held in ' || matched_events.period
            else 'held: ' || cast(matched_events.event_date as string) || ', ' || matched_events.title || coalesce(
                '; the last of those that followed: ' || cast(later_events.event_date as string) || ', '
                || later_events.title,
                ''
            )
        end as reason,
        cast(null as string) as release_id,
        matched_events.event_date as known_at,
        matched_events.snapshot_id,
        matched_events.raw_row
    from matched_events
    left join later_events
        on
            matched_events.claim_id = later_events.claim_id
            and later_events.later_order = 1
    where matched_events.event_order = 1

),

foundries as (

    select
        figures.period,
        figures.entity,
        figures.release_id,
        figures.released_at,
        figures.snapshot_id,
        figures.raw_row,
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
        'meant' as definition_role,
        case when foundries.home_rank = readings.value then 'consistent' else 'inconsistent' end as verdict,
        foundries.entity || ' is number ' || cast(foundries.home_rank as string) || ' among those of the ranking of '
        || foundries.period as reason,
        foundries.release_id,
        foundries.released_at as known_at,
        foundries.snapshot_id,
        foundries.raw_row
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
        own.edition_date,
        own.snapshot_id,
        own.raw_row,
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
    group by
        claims.claim_id, own.edition_id, own.edition_date, own.snapshot_id, own.raw_row,
        own.printed, own.share_pct, own.half_unit

),

majorities as (

    select
        claim_id,
        'more than half of capacity' as definition_id,
        'open' as definition_role,
        case when share_pct + half_unit > 50 then 'pending' else 'inconsistent' end as verdict,
        printed || ' % is forecast by the article itself, ' || case
            when share_pct + half_unit > 50 then 'half or more' else 'less than half'
        end as reason,
        edition_id as release_id,
        edition_date as known_at,
        snapshot_id,
        raw_row
    from capacity_leads
    union all
    select
        claim_id,
        'the largest share' as definition_id,
        'open' as definition_role,
        case when share_pct - half_unit > best_other_pct then 'pending' else 'inconsistent' end as verdict,
        printed || ' % is forecast by the article itself, ' || case
            when share_pct - half_unit > best_other_pct then 'the largest share it names' else 'not the largest share it names'
        end as reason,
        edition_id as release_id,
        edition_date as known_at,
        snapshot_id,
        raw_row
    from capacity_leads

),

unioned as (

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
        cast(definition_role as string) as definition_role,
        cast(verdict as string) as verdict,
        cast(release_id as string) as release_id,
        cast(known_at as date) as known_at,
        cast(snapshot_id as string) as snapshot_id,
        cast(raw_row as bigint) as raw_row,
        cast(reason as string) as reason
    from unioned

)

select * from final
