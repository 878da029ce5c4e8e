{#
  Months, January-February releases and years to date of every series. January and February alone are
  there too: with their figure where the source split them, else null with `combined_release`. Where
  a source publishes months only, years to date and January-Februaries are sums of its months.
#}
with

slots as (

    select * from {{ ref('int_monthly_growth') }}

),

growth as (

    select * from {{ ref('int_growth') }}

),

single_months as (

    select * from growth
    where period_grain = 'M' and extract(month from period_end_date) <= 2

),

first_months as (

    select * from (values (1), (2)) as first_months (month_number)

),

combined as (

    select
        slots.*,
        first_months.month_number,
        make_date(slots.year, first_months.month_number, 1) as month_start_date
    from slots
    cross join first_months
    where slots.period_grain = 'JF'

),

january_february as (

    select
        combined.source_id,
        combined.reporter_iso3,
        combined.partner_iso3,
        combined.flow,
        combined.product_id,
        combined.product_scope,
        combined.basis,
        combined.vintage,
        'M' as period_grain,
        combined.month_start_date as period_start_date,
        last_day(combined.month_start_date) as period_end_date,
        combined.year,
        single_months.value,
        case when single_months.value is null then 'combined_release' else 'printed' end as value_status,
        single_months.base_value,
        single_months.growth_yoy_pct,
        coalesce(
            case when single_months.value is not null and single_months.base_value is null then 'combined_release' end,
            single_months.growth_status,
            'combined_release'
        ) as growth_status,
        single_months.release_id,
        single_months.snapshot_id,
        single_months.raw_row
    from combined
    left join single_months
        on
            combined.source_id = single_months.source_id
            and combined.reporter_iso3 = single_months.reporter_iso3
            and combined.partner_iso3 = single_months.partner_iso3
            and combined.flow = single_months.flow
            and combined.product_id = single_months.product_id
            and combined.basis = single_months.basis
            and combined.vintage = single_months.vintage
            and combined.month_start_date = single_months.period_start_date

),

summed_january_february as (

    select growth.*
    from growth
    left join slots
        on
            growth.source_id = slots.source_id
            and growth.reporter_iso3 = slots.reporter_iso3
            and growth.partner_iso3 = slots.partner_iso3
            and growth.flow = slots.flow
            and growth.product_id = slots.product_id
            and growth.basis = slots.basis
            and growth.vintage = slots.vintage
            and growth.period_end_date = slots.period_end_date
            and slots.period_grain = 'JF'
    where growth.period_grain = 'JF' and growth.is_sum_of_months and slots.product_id is null

),

cumulative as (

    select * from growth
    where period_grain = 'YTD'
    union all
    select * from summed_january_february

),

unioned as (

    select
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        product_id,
        product_scope,
        basis,
        vintage,
        period_grain,
        period_start_date,
        period_end_date,
        year,
        value,
        value_status,
        base_value,
        growth_yoy_pct,
        growth_status,
        rolling_12m_value,
        rolling_12m_status,
        rolling_12m_growth_pct,
        rolling_12m_growth_status,
        streak_months,
        streak_releases,
        streak_status,
        release_id,
        snapshot_id,
        raw_row
    from slots
    union all
    select
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        product_id,
        product_scope,
        basis,
        vintage,
        period_grain,
        period_start_date,
        period_end_date,
        year,
        value,
        value_status,
        base_value,
        growth_yoy_pct,
        growth_status,
        cast(null as decimal(24, 4)) as rolling_12m_value,
        'part_of_a_release' as rolling_12m_status,
        cast(null as double) as rolling_12m_growth_pct,
        'part_of_a_release' as rolling_12m_growth_status,
        cast(null as integer) as streak_months,
        cast(null as integer) as streak_releases,
        'part_of_a_release' as streak_status,
        release_id,
        snapshot_id,
        raw_row
    from january_february
    union all
    select
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        product_id,
        product_scope,
        basis,
        vintage,
        period_grain,
        period_start_date,
        period_end_date,
        year,
        value,
        case when is_sum_of_months then 'sum_of_months' else 'printed' end as value_status,
        base_value,
        growth_yoy_pct,
        growth_status,
        cast(null as decimal(24, 4)) as rolling_12m_value,
        'cumulative_period' as rolling_12m_status,
        cast(null as double) as rolling_12m_growth_pct,
        'cumulative_period' as rolling_12m_growth_status,
        cast(null as integer) as streak_months,
        cast(null as integer) as streak_releases,
        'cumulative_period' as streak_status,
        release_id,
        snapshot_id,
        raw_row
    from cumulative

),

published as (

    select
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        product_id,
        basis,
        vintage,
        period_grain,
        period_end_date,
        published_growth_pct,
        published_growth_status,
        implied_base_low,
        implied_base_high
    from growth

),

measured as (

    select
        *,
        {{ growth_log_pct() }} as growth_log_pct,
        {{ growth_log_status() }} as growth_log_status,
        {{ growth_symmetric_pct() }} as growth_symmetric_pct,
        {{ growth_symmetric_status() }} as growth_symmetric_status
    from unioned

),

final as (

    select
        cast(measured.source_id as string) as source_id,
        cast(measured.reporter_iso3 as string) as reporter_iso3,
        cast(measured.partner_iso3 as string) as partner_iso3,
        cast(measured.flow as string) as flow,
        cast(measured.product_id as string) as product_id,
        cast(measured.product_scope as string) as product_scope,
        cast(measured.period_grain as string) as period_grain,
        cast(measured.period_start_date as date) as period_start_date,
        cast(measured.period_end_date as date) as period_end_date,
        cast(measured.year as integer) as year,
        cast(measured.basis as string) as basis,
        cast(measured.vintage as string) as vintage,
        cast(measured.value as decimal(24, 4)) as value,
        cast(measured.value_status as string) as value_status,
        cast(measured.base_value as decimal(24, 4)) as base_value,
        cast(measured.growth_yoy_pct as double) as growth_yoy_pct,
        cast(measured.growth_status as string) as growth_status,
        cast(measured.growth_log_pct as double) as growth_log_pct,
        cast(measured.growth_log_status as string) as growth_log_status,
        cast(measured.growth_symmetric_pct as double) as growth_symmetric_pct,
        cast(measured.growth_symmetric_status as string) as growth_symmetric_status,
        cast(published.published_growth_pct as decimal(9, 4)) as published_growth_pct,
        cast(
            case
                when measured.value_status = 'derived_from_ytd' and published.published_growth_pct is not null
                    then 'printed_beside_another_value'
                when measured.growth_status = 'base_derived_from_ytd' and published.published_growth_pct is not null
                    then 'base_derived_from_ytd'
                else coalesce(published.published_growth_status, 'not_published')
            end as string
        ) as published_growth_status,
        cast(
            case when measured.value_status <> 'derived_from_ytd' then published.implied_base_low end as decimal(24, 4)
        ) as implied_base_low,
        cast(
            case when measured.value_status <> 'derived_from_ytd' then published.implied_base_high end as decimal(24, 4)
        ) as implied_base_high,
        cast(measured.rolling_12m_value as decimal(24, 4)) as rolling_12m_value,
        cast(measured.rolling_12m_status as string) as rolling_12m_status,
        cast(measured.rolling_12m_growth_pct as double) as rolling_12m_growth_pct,
        cast(measured.rolling_12m_growth_status as string) as rolling_12m_growth_status,
        cast(measured.streak_months as integer) as streak_months,
        cast(measured.streak_releases as integer) as streak_releases,
        cast(measured.streak_status as string) as streak_status,
        cast(measured.release_id as string) as release_id,
        cast(measured.snapshot_id as string) as snapshot_id,
        cast(measured.raw_row as bigint) as raw_row
    from measured
    left join published
        on
            measured.source_id = published.source_id
            and measured.reporter_iso3 = published.reporter_iso3
            and measured.partner_iso3 = published.partner_iso3
            and measured.flow = published.flow
            and measured.product_id = published.product_id
            and measured.basis = published.basis
            and measured.vintage = published.vintage
            and measured.period_grain = published.period_grain
            and measured.period_end_date = published.period_end_date

)

select * from final
