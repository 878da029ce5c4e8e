{#
  What each partner, and each six-digit item, adds to the growth of a total, in percentage points.
  Formula: 100 (x1 - x0) / X0. What is not held in both periods, and what the list leaves out, is one
  residual row, so that the parts sum to the total's growth; a missing figure is never taken as zero.
  Items are those of the month as printed: where a newer year to date speaks for it, they are parts of
  another growth than its own and are left out.
#}
with

partners as (

    select * from {{ ref('int_partner_contribution') }}

),

periods as (

    select * from {{ ref('int_period_growth') }}
    where basis = 'usd' and vintage = 'latest' and growth_status = 'ok'

),

items as (

    select items.*
    from {{ ref('int_item_growth') }} as items
    inner join periods
        on
            items.source_id = periods.source_id
            and items.reporter_iso3 = periods.reporter_iso3
            and items.partner_iso3 = periods.partner_iso3
            and items.flow = periods.flow
            and items.product_id = periods.product_id
            and items.period_grain = periods.period_grain
            and items.period_start_date = periods.period_start_date
            and items.period_end_date = periods.period_end_date
    where items.base_value_usd is not null

),

parts as (

    select
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        product_id,
        product_scope,
        period_grain,
        period_start_date,
        period_end_date,
        year,
        basis,
        vintage,
        component_kind,
        component_id,
        value,
        base_value,
        total_value,
        total_base_value,
        total_growth_status
    from partners
    union all
    select
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        product_id,
        product_scope,
        period_grain,
        period_start_date,
        period_end_date,
        year,
        'usd' as basis,
        'latest' as vintage,
        'item' as component_kind,
        hs_code as component_id,
        value_usd as value,
        base_value_usd as base_value,
        total_value,
        total_base_value,
        'ok' as total_growth_status
    from items

),

residuals as (

    select
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        product_id,
        product_scope,
        period_grain,
        period_start_date,
        period_end_date,
        year,
        basis,
        vintage,
        component_kind,
        'residual' as component_id,
        total_value - sum(value) as value,
        total_base_value - sum(base_value) as base_value,
        total_value,
        total_base_value,
        total_growth_status
    from parts
    group by
        source_id, reporter_iso3, partner_iso3, flow, product_id, product_scope, period_grain, period_start_date,
        period_end_date, year, basis, vintage, component_kind, total_value, total_base_value, total_growth_status

),

components as (

    select * from parts
    union all
    select * from residuals

),

final as (

    select
        cast(source_id as string) as source_id,
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(partner_iso3 as string) as partner_iso3,
        cast(flow as string) as flow,
        cast(product_id as string) as product_id,
        cast(product_scope as string) as product_scope,
        cast(period_grain as string) as period_grain,
        cast(period_start_date as date) as period_start_date,
        cast(period_end_date as date) as period_end_date,
        cast(year as integer) as year,
        cast(basis as string) as basis,
        cast(vintage as string) as vintage,
        cast(component_kind as string) as component_kind,
        cast(component_id as string) as component_id,
        cast(value as decimal(24, 4)) as value,
        cast(base_value as decimal(24, 4)) as base_value,
        cast(value - base_value as decimal(24, 4)) as value_change,
        cast(total_value as decimal(24, 4)) as total_value,
        cast(total_base_value as decimal(24, 4)) as total_base_value,
        cast({{ change_pct('total_value', 'total_base_value') }} as double) as total_growth_pct,
        cast(total_growth_status as string) as total_growth_status,
        cast(100e0 * {{ ratio('value - base_value', 'total_base_value') }} as double) as contribution_pp,
        cast(
            case
                when abs(total_value - total_base_value) * 1000 >= total_base_value
                    then 100e0 * {{ ratio('value - base_value', 'total_value - total_base_value') }}
            end as double
        ) as share_of_growth_pct,
        cast(
            case
                when abs(total_value - total_base_value) * 1000 >= total_base_value then 'ok'
                else 'total_nearly_unchanged'
            end as string
        ) as share_of_growth_status
    from components

)

select * from final
