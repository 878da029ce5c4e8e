{#
  Months, January-February releases and years to date of every series. January and February alone are
  there too: with their figure where the source split them, else null with `combined_release`.
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
        'printed' as value_status,
        base_value,
        growth_yoy_pct,
        growth_status,
        cast(null as decimal(24, 4)) as rolling_12m_value,
        'cumulative_period' as rolling_12m_status,
        cast(null as integer) as streak_months,
        cast(null as integer) as streak_releases,
        'cumulative_period' as streak_status,
        release_id,
        snapshot_id,
        raw_row
    from growth
    where period_grain = 'YTD'

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

final as (

    select
        cast(unioned.source_id as string) as source_id,
        cast(unioned.reporter_iso3 as string) as reporter_iso3,
        cast(unioned.partner_iso3 as string) as partner_iso3,
        cast(unioned.flow as string) as flow,
        cast(unioned.product_id as string) as product_id,
        cast(unioned.product_scope as string) as product_scope,
        cast(unioned.period_grain as string) as period_grain,
        cast(unioned.period_start_date as date) as period_start_date,
        cast(unioned.period_end_date as date) as period_end_date,
        cast(unioned.year as integer) as year,
        cast(unioned.basis as string) as basis,
        cast(unioned.vintage as string) as vintage,
        cast(unioned.value as decimal(24, 4)) as value,
        cast(unioned.value_status as string) as value_status,
        cast(unioned.base_value as decimal(24, 4)) as base_value,
        cast(unioned.growth_yoy_pct as double) as growth_yoy_pct,
        cast(unioned.growth_status as string) as growth_status,
        cast(published.published_growth_pct as decimal(9, 4)) as published_growth_pct,
        cast(coalesce(published.published_growth_status, 'not_published') as string) as published_growth_status,
        cast(published.implied_base_low as decimal(24, 4)) as implied_base_low,
        cast(published.implied_base_high as decimal(24, 4)) as implied_base_high,
        cast(unioned.rolling_12m_value as decimal(24, 4)) as rolling_12m_value,
        cast(unioned.rolling_12m_status as string) as rolling_12m_status,
        cast(unioned.streak_months as integer) as streak_months,
        cast(unioned.streak_releases as integer) as streak_releases,
        cast(unioned.streak_status as string) as streak_status,
        cast(unioned.release_id as string) as release_id,
        cast(unioned.snapshot_id as string) as snapshot_id,
        cast(unioned.raw_row as bigint) as raw_row
    from unioned
    left join published
        on
            unioned.source_id = published.source_id
            and unioned.reporter_iso3 = published.reporter_iso3
            and unioned.partner_iso3 = published.partner_iso3
            and unioned.flow = published.flow
            and unioned.product_id = published.product_id
            and unioned.basis = published.basis
            and unioned.vintage = published.vintage
            and unioned.period_grain = published.period_grain
            and unioned.period_end_date = published.period_end_date

)

select * from final
