with

growth as (

    select * from {{ ref('int_growth') }}
    where period_grain = 'A'

),

final as (

    select
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        product_id,
        product_scope,
        year,
        basis,
        vintage,
        value,
        base_value,
        growth_yoy_pct,
        growth_low_pct,
        growth_high_pct,
        growth_status,
        growth_log_pct,
        growth_log_status,
        growth_symmetric_pct,
        growth_symmetric_status,
        published_growth_pct,
        published_growth_status,
        implied_base_low,
        implied_base_high,
        implied_revision_low_pct,
        implied_revision_high_pct,
        print_kind,
        is_sum_of_months,
        release_id,
        base_release_id,
        snapshot_id,
        raw_row
    from growth

)

select * from final
