{#
  The year in which one economy's capacity share passes another's, on the straight lines between the
  first and the last year of an edition: t0 + d (b0 - a0) / ((a1 - a0) - (b1 - b0)).
  The envelope moves each of the four shares by half of its last digit; the quotient is monotonic in
  each, so the ends are g0/(g0+g1) with the starting gap least and the final gap greatest, and the reverse.
#}
with

shares as (

    select * from {{ ref('fct_capacity_share') }}

),

spans as (

    select
        edition_id,
        scope,
        economy_iso3,
        min(year) as first_year,
        max(year) as last_year
    from shares
    group by edition_id, scope, economy_iso3

),

paths as (

    select
        spans.edition_id,
        spans.scope,
        spans.economy_iso3,
        spans.first_year,
        spans.last_year,
        starts.share_pct as start_pct,
        starts.half_unit as start_half_unit,
        ends.share_pct as end_pct,
        ends.half_unit as end_half_unit,
        starts.source_id,
        starts.edition_date
    from spans
    inner join shares as starts
        on
            spans.edition_id = starts.edition_id
            and spans.scope = starts.scope
            and spans.economy_iso3 = starts.economy_iso3
            and spans.first_year = starts.year
    inner join shares as ends
        on
            spans.edition_id = ends.edition_id
            and spans.scope = ends.scope
            and spans.economy_iso3 = ends.economy_iso3
            and spans.last_year = ends.year
    where spans.last_year > spans.first_year

),

pairs as (

    select
        challenger.source_id,
        challenger.edition_id,
        challenger.edition_date,
        challenger.scope,
        challenger.economy_iso3,
        leader.economy_iso3 as other_economy_iso3,
        challenger.first_year,
        challenger.last_year,
        cast(challenger.last_year - challenger.first_year as double) as years,
        cast(leader.start_pct - challenger.start_pct as double) as start_gap_pp,
        cast(challenger.end_pct - leader.end_pct as double) as end_lead_pp,
        cast(leader.start_half_unit + challenger.start_half_unit as double) as start_slack_pp,
        cast(leader.end_half_unit + challenger.end_half_unit as double) as end_slack_pp
    from paths as challenger
    inner join paths as leader
        on
            challenger.edition_id = leader.edition_id
            and challenger.scope = leader.scope
            and challenger.first_year = leader.first_year
            and challenger.last_year = leader.last_year
            and challenger.economy_iso3 <> leader.economy_iso3
            and challenger.start_pct < leader.start_pct

),

crossed as (

    select
        *,
        case
            when end_lead_pp - end_slack_pp > 0 and start_gap_pp - start_slack_pp > 0 then 'ok'
            when end_lead_pp + end_slack_pp <= 0 then 'no_crossover'
            when end_lead_pp < 0 then 'no_crossover_within_rounding'
            else 'ends_within_rounding'
        end as crossover_status
    from pairs

),

final as (

    select
        cast(source_id as string) as source_id,
        cast(edition_id as string) as edition_id,
        cast(edition_date as date) as edition_date,
        cast(scope as string) as scope,
        cast(economy_iso3 as string) as economy_iso3,
        cast(other_economy_iso3 as string) as other_economy_iso3,
        cast(first_year as integer) as first_year,
        cast(last_year as integer) as last_year,
        cast('linear' as string) as method,
        cast(
            case
                when crossover_status in ('ok', 'ends_within_rounding')
                    then cast(first_year as double) + years * {{ ratio('start_gap_pp', 'start_gap_pp + end_lead_pp') }}
            end as double
        ) as crossover_year,
        cast(
            case
                when crossover_status = 'ok'
                    then
                        cast(first_year as double)
                        + years * {{ ratio(
                            'start_gap_pp - start_slack_pp',
                            'start_gap_pp - start_slack_pp + end_lead_pp + end_slack_pp'
                        ) }}
            end as double
        ) as crossover_year_low,
        cast(
            case
                when crossover_status = 'ok'
                    then
                        cast(first_year as double)
                        + years * {{ ratio(
                            'start_gap_pp + start_slack_pp',
                            'start_gap_pp + start_slack_pp + end_lead_pp - end_slack_pp'
                        ) }}
            end as double
        ) as crossover_year_high,
        cast(crossover_status as string) as crossover_status
    from crossed

)

select * from final
