{#
  Every forecast of a capacity share with what the edition before had said, and with its error once an
  edition printed the year's share after the year was over. Editions name their scopes differently
  (mature process, mature (28nm and above)): they are lined up by the scope's first word, and
  `comparability` says when the words differ.
#}
with

shares as (

    select
        *,
        substr(scope, 1, instr(scope || ' ', ' ') - 1) as scope_family
    from {{ ref('fct_capacity_share') }}

),

forecasts as (

    select
        *,
        row_number() over (
            partition by source_id, scope_family, economy_iso3, year
            order by edition_date asc nulls last, edition_id asc nulls last, scope asc nulls last
        ) as edition_number
    from shares
    where is_forecast

),

outcomes as (

    select
        *,
        row_number() over (
            partition by source_id, scope_family, economy_iso3, year
            order by edition_date desc nulls last, edition_id desc nulls last, scope asc nulls last
        ) as outcome_order
    from shares
    where not is_forecast and edition_date > make_date(year, 12, 31)

),

known as (

    select max(edition_date) as newest_edition_date
    from shares

),

joined as (

    select
        this.*,
        previous.edition_id as previous_edition_id,
        previous.share_pct as previous_share_pct,
        previous.scope as previous_scope,
        outcomes.edition_id as outcome_edition_id,
        outcomes.share_pct as outcome_pct,
        outcomes.half_unit as outcome_half_unit,
        outcomes.scope as outcome_scope,
        known.newest_edition_date
    from forecasts as this
    cross join known
    left join forecasts as previous
        on
            this.source_id = previous.source_id
            and this.scope_family = previous.scope_family
            and this.economy_iso3 = previous.economy_iso3
            and this.year = previous.year
            and this.edition_number = previous.edition_number + 1
    left join outcomes
        on
            this.source_id = outcomes.source_id
            and this.scope_family = outcomes.scope_family
            and this.economy_iso3 = outcomes.economy_iso3
            and this.year = outcomes.year
            and outcomes.outcome_order = 1

),

final as (

    select
        cast(source_id as string) as source_id,
        cast(scope_family as string) as scope_family,
        cast(economy_iso3 as string) as economy_iso3,
        cast(year as integer) as year,
        cast(edition_number as integer) as edition_number,
        cast(edition_id as string) as edition_id,
        cast(edition_date as date) as edition_date,
        cast(scope as string) as scope,
        cast(share_pct as decimal(9, 4)) as forecast_pct,
        cast(half_unit as decimal(9, 4)) as half_unit,
        cast({{ days_between('edition_date', 'make_date(year, 12, 31)') }} as integer) as horizon_days,
        cast(previous_edition_id as string) as previous_edition_id,
        cast(previous_share_pct as decimal(9, 4)) as previous_forecast_pct,
        cast(share_pct - previous_share_pct as decimal(9, 4)) as revision_pp,
        cast(
            case
                when previous_edition_id is null then 'first_edition'
                when previous_scope <> scope then 'scope_worded_differently'
                else 'ok'
            end as string
        ) as revision_status,
        cast(outcome_edition_id as string) as outcome_edition_id,
        cast(outcome_pct as decimal(9, 4)) as outcome_pct,
        cast(share_pct - outcome_pct as decimal(9, 4)) as error_pp,
        cast(share_pct - outcome_pct - half_unit - outcome_half_unit as decimal(9, 4)) as error_low_pp,
        cast(share_pct - outcome_pct + half_unit + outcome_half_unit as decimal(9, 4)) as error_high_pp,
        cast(
            case
                when outcome_edition_id is null and newest_edition_date <= make_date(year, 12, 31) then 'pending'
                when outcome_edition_id is null then 'outcome_not_held'
                when outcome_scope <> scope then 'scope_worded_differently'
                else 'ok'
            end as string
        ) as error_status
    from joined

)

select * from final
