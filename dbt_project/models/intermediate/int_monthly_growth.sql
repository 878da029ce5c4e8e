{#
  Growth, streaks and twelve-month sums over the release slots of each series.
  A streak counts slots and months of growth above zero without a break; a slot whose growth is
  unknown ends it, and what follows counts 'at least'. Twelve months need a year of slots without a gap.
#}
with

slots as (

    select * from {{ ref('int_monthly_slot') }}

),

paired as (

    select
        slots.*,
        base.value as base_value,
        base.half_unit as base_half_unit,
        base.value_status as base_status,
        base.print_kind as base_print_kind,
        base.product_scope as base_product_scope
    from slots
    left join slots as base
        on
            slots.source_id = base.source_id
            and slots.reporter_iso3 = base.reporter_iso3
            and slots.partner_iso3 = base.partner_iso3
            and slots.flow = base.flow
            and slots.product_id = base.product_id
            and slots.basis = base.basis
            and slots.vintage = base.vintage
            and slots.slot = base.slot + slots.releases_a_year

),

grown as (

    select
        *,
        case
            when value is null then 'not_held'
            when base_value is null then 'no_base'
            when base_product_scope <> product_scope then 'scope_changed'
            when base_value = 0 then 'zero_base'
            when base_value < 0 then 'negative_base'
            when value_status = 'derived_from_ytd' then 'derived_from_ytd'
            when base_status = 'derived_from_ytd' then 'base_derived_from_ytd'
            when {{ is_base_unrevised('print_kind', 'base_print_kind') }} then 'base_not_revised'
            else 'ok'
        end as growth_status,
        case when value > base_value and base_value > 0 and base_product_scope = product_scope then 1 else 0 end as is_growth,
        case
            when value is null or base_value is null or base_value <= 0 or base_product_scope <> product_scope then 1
            else 0
        end as is_unknown
    from paired

),

runs as (

    select
        *,
        sum(1 - is_growth) over (
            partition by source_id, reporter_iso3, partner_iso3, flow, product_id, basis, vintage
            order by slot asc nulls last
            rows between unbounded preceding and current row
        ) as run,
        sum(value) over (
            partition by source_id, reporter_iso3, partner_iso3, flow, product_id, basis, vintage
            order by slot asc nulls last
            rows between 10 preceding and current row
        ) as sum_of_eleven,
        count(value) over (
            partition by source_id, reporter_iso3, partner_iso3, flow, product_id, basis, vintage
            order by slot asc nulls last
            rows between 10 preceding and current row
        ) as held_of_eleven,
        min(product_scope) over (
            partition by source_id, reporter_iso3, partner_iso3, flow, product_id, basis, vintage
            order by slot asc nulls last
            rows between 10 preceding and current row
        ) as first_scope_of_eleven,
        max(product_scope) over (
            partition by source_id, reporter_iso3, partner_iso3, flow, product_id, basis, vintage
            order by slot asc nulls last
            rows between 10 preceding and current row
        ) as last_scope_of_eleven,
        sum(value) over (
            partition by source_id, reporter_iso3, partner_iso3, flow, product_id, basis, vintage
            order by slot asc nulls last
            rows between 11 preceding and current row
        ) as sum_of_twelve,
        count(value) over (
            partition by source_id, reporter_iso3, partner_iso3, flow, product_id, basis, vintage
            order by slot asc nulls last
            rows between 11 preceding and current row
        ) as held_of_twelve,
        min(product_scope) over (
            partition by source_id, reporter_iso3, partner_iso3, flow, product_id, basis, vintage
            order by slot asc nulls last
            rows between 11 preceding and current row
        ) as first_scope_of_twelve,
        max(product_scope) over (
            partition by source_id, reporter_iso3, partner_iso3, flow, product_id, basis, vintage
            order by slot asc nulls last
            rows between 11 preceding and current row
        ) as last_scope_of_twelve
    from grown

),

counted as (

    select
        *,
        case when releases_a_year = 12 then sum_of_twelve else sum_of_eleven end as sum_of_a_year,
        case
            when case when releases_a_year = 12 then held_of_twelve else held_of_eleven end < releases_a_year
                then 'fewer_than_12_months'
            when releases_a_year = 12 and first_scope_of_twelve <> last_scope_of_twelve then 'scope_changed'
            when releases_a_year = 11 and first_scope_of_eleven <> last_scope_of_eleven then 'scope_changed'
            else 'ok'
        end as rolling_12m_status,
        sum(is_growth) over (
            partition by source_id, reporter_iso3, partner_iso3, flow, product_id, basis, vintage, run
            order by slot asc nulls last
            rows between unbounded preceding and current row
        ) as streak_releases,
        sum(is_growth * slot_months) over (
            partition by source_id, reporter_iso3, partner_iso3, flow, product_id, basis, vintage, run
            order by slot asc nulls last
            rows between unbounded preceding and current row
        ) as streak_months,
        first_value(is_unknown) over (
            partition by source_id, reporter_iso3, partner_iso3, flow, product_id, basis, vintage, run
            order by slot asc nulls last
            rows between unbounded preceding and current row
        ) as starts_unknown
    from runs

),

rolled as (

    select
        *,
        case when rolling_12m_status = 'ok' then sum_of_a_year end as rolling_12m_value
    from counted

),

compared as (

    select
        rolled.*,
        base.rolling_12m_value as rolling_12m_base_value,
        case
            when rolled.rolling_12m_value is null then rolled.rolling_12m_status
            when base.rolling_12m_value is null then 'no_base'
            when base.product_scope <> rolled.product_scope then 'scope_changed'
            when base.rolling_12m_value = 0 then 'zero_base'
            when base.rolling_12m_value < 0 then 'negative_base'
            else 'ok'
        end as rolling_12m_growth_status
    from rolled
    left join rolled as base
        on
            {{ same_series('rolled', 'base') }}
            and rolled.slot = base.slot + rolled.releases_a_year

),

final as (

    select
        cast(source_id as string) as source_id,
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(partner_iso3 as string) as partner_iso3,
        cast(flow as string) as flow,
        cast(product_id as string) as product_id,
        cast(product_scope as string) as product_scope,
        cast(basis as string) as basis,
        cast(vintage as string) as vintage,
        cast(period_grain as string) as period_grain,
        cast(period_start_date as date) as period_start_date,
        cast(period_end_date as date) as period_end_date,
        cast(year as integer) as year,
        cast(slot as integer) as slot,
        cast(slot_months as integer) as slot_months,
        cast(releases_a_year as integer) as releases_a_year,
        cast(value as decimal(24, 4)) as value,
        cast(value_status as string) as value_status,
        cast(base_value as decimal(24, 4)) as base_value,
        cast(
            case
                when {{ is_known_growth('growth_status') }}
                    then {{ change_pct('value', 'base_value') }}
            end as double
        ) as growth_yoy_pct,
        cast(growth_status as string) as growth_status,
        cast(rolling_12m_value as decimal(24, 4)) as rolling_12m_value,
        cast(rolling_12m_status as string) as rolling_12m_status,
        cast(
            case
                when rolling_12m_growth_status = 'ok'
                    then {{ change_pct('rolling_12m_value', 'rolling_12m_base_value') }}
            end as double
        ) as rolling_12m_growth_pct,
        cast(rolling_12m_growth_status as string) as rolling_12m_growth_status,
        cast(case when is_unknown = 0 then streak_months end as integer) as streak_months,
        cast(case when is_unknown = 0 then streak_releases end as integer) as streak_releases,
        cast(
            case
                when is_unknown = 1 then 'unknown'
                when is_growth = 0 then 'none'
                when starts_unknown = 1 then 'at_least'
                when run = 0 then 'at_least'
                else 'complete'
            end as string
        ) as streak_status,
        cast(release_id as string) as release_id,
        cast(snapshot_id as string) as snapshot_id,
        cast(raw_row as bigint) as raw_row
    from compared

)

select * from final
