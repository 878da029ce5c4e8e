{#
  The crossover of two capacity shares on three paths between the first and last year of an edition: straight
  lines of the shares (linear, as in fct_capacity_crossover), of their logs (constant growth rates) and of
  their log odds (logit, which cannot leave 0 to 100). With gap g0 at the start and lead g1 at the end, both
  on the path's scale, the crossing is at g0 / (g0 + g1) of the span. Each path rises with its share, so of
  the sixteen corners of rounding the least and the greatest are the two taken here.
#}
with

shares as (

    select
        edition_id,
        scope,
        economy_iso3,
        year,
        cast(share_pct as double) as middle,
        cast(share_pct - half_unit as double) as low,
        cast(share_pct + half_unit as double) as high
    from {{ ref('fct_capacity_share') }}

),

crossovers as (

    select * from {{ ref('fct_capacity_crossover') }}

),

scaled as (

    select
        'linear' as method,
        edition_id,
        scope,
        economy_iso3,
        year,
        middle,
        low,
        high
    from shares
    union all
    select
        'log' as method,
        edition_id,
        scope,
        economy_iso3,
        year,
        case when middle > 0 then ln(middle) end as middle,
        case when low > 0 then ln(low) end as low,
        case when high > 0 then ln(high) end as high
    from shares
    union all
    select
        'logit' as method,
        edition_id,
        scope,
        economy_iso3,
        year,
        case when middle > 0 and middle < 100 then ln({{ ratio('middle', '100e0 - middle') }}) end as middle,
        case when low > 0 and low < 100 then ln({{ ratio('low', '100e0 - low') }}) end as low,
        case when high > 0 and high < 100 then ln({{ ratio('high', '100e0 - high') }}) end as high
    from shares

),

gaps as (

    select
        crossovers.*,
        a0.method as path_method,
        cast(crossovers.last_year - crossovers.first_year as double) as years,
        b0.middle - a0.middle as start_gap,
        a1.middle - b1.middle as end_lead,
        b0.low - a0.high as start_gap_least,
        b0.high - a0.low as start_gap_greatest,
        a1.low - b1.high as end_lead_least,
        a1.high - b1.low as end_lead_greatest
    from crossovers
    inner join scaled as a0
        on
            crossovers.edition_id = a0.edition_id
            and crossovers.scope = a0.scope
            and crossovers.economy_iso3 = a0.economy_iso3
            and crossovers.first_year = a0.year
    inner join scaled as a1
        on
            crossovers.edition_id = a1.edition_id
            and crossovers.scope = a1.scope
            and crossovers.economy_iso3 = a1.economy_iso3
            and crossovers.last_year = a1.year
            and a0.method = a1.method
    inner join scaled as b0
        on
            crossovers.edition_id = b0.edition_id
            and crossovers.scope = b0.scope
            and crossovers.other_economy_iso3 = b0.economy_iso3
            and crossovers.first_year = b0.year
            and a0.method = b0.method
    inner join scaled as b1
        on
            crossovers.edition_id = b1.edition_id
            and crossovers.scope = b1.scope
            and crossovers.other_economy_iso3 = b1.economy_iso3
            and crossovers.last_year = b1.year
            and a0.method = b1.method

),

placed as (

    select
        *,
        case
            when crossover_status <> 'ok' then crossover_status
            when start_gap_least + start_gap_greatest + end_lead_least + end_lead_greatest is null then 'path_not_defined'
            else 'ok'
        end as path_status
    from gaps

),

final as (

    select
        cast(source_id as string) as source_id,
        cast(edition_id as string) as edition_id,
        cast(edition_date as date) as edition_date,
        cast(scope as string) as scope,
        cast(economy_iso3 as string) as economy_iso3,
        cast(other_economy_iso3 as string) as other_economy_iso3,
        cast(path_method as string) as method,
        cast(first_year as integer) as first_year,
        cast(last_year as integer) as last_year,
        cast(
            case
                when path_status in ('ok', 'ends_within_rounding', 'path_not_defined')
                    then cast(first_year as double) + years * {{ ratio('start_gap', 'start_gap + end_lead') }}
            end as double
        ) as crossover_year,
        cast(
            case
                when path_status = 'ok'
                    then
                        cast(first_year as double)
                        + years * {{ ratio('start_gap_least', 'start_gap_least + end_lead_greatest') }}
            end as double
        ) as crossover_year_low,
        cast(
            case
                when path_status = 'ok'
                    then
                        cast(first_year as double)
                        + years * {{ ratio('start_gap_greatest', 'start_gap_greatest + end_lead_least') }}
            end as double
        ) as crossover_year_high,
        cast(path_status as string) as crossover_status
    from placed

)

select * from final
