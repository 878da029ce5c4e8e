{#
  Items of a product's total, each with itself one year earlier. Only totals in dollars of the newest
  release have items. An item without a base stays, with empty base columns.
#}
with

items as (

    select * from {{ ref('int_code_flow') }}

),

totals as (

    select * from {{ ref('int_growth') }}
    where basis = 'usd' and vintage = 'latest' and growth_status = 'ok' and print_kind = 'database'

),

final as (

    select
        cast(totals.source_id as string) as source_id,
        cast(totals.reporter_iso3 as string) as reporter_iso3,
        cast(totals.partner_iso3 as string) as partner_iso3,
        cast(totals.flow as string) as flow,
        cast(totals.product_id as string) as product_id,
        cast(totals.product_scope as string) as product_scope,
        cast(totals.period_grain as string) as period_grain,
        cast(totals.period_start_date as date) as period_start_date,
        cast(totals.period_end_date as date) as period_end_date,
        cast(totals.year as integer) as year,
        cast(items.hs_code as string) as hs_code,
        cast(items.hs_edition as string) as hs_edition,
        cast(items.value_usd as decimal(24, 4)) as value_usd,
        cast(items.quantity as decimal(24, 4)) as quantity,
        cast(items.quantity_unit as string) as quantity_unit,
        cast(base.hs_edition as string) as base_hs_edition,
        cast(base.value_usd as decimal(24, 4)) as base_value_usd,
        cast(base.quantity as decimal(24, 4)) as base_quantity,
        cast(base.quantity_unit as string) as base_quantity_unit,
        cast(totals.value as decimal(24, 4)) as total_value,
        cast(totals.base_value as decimal(24, 4)) as total_base_value,
        cast(coalesce(items.is_estimated, false) or coalesce(base.is_estimated, false) as boolean) as is_estimated,
        cast(items.snapshot_id as string) as snapshot_id,
        cast(items.raw_row as bigint) as raw_row
    from totals
    inner join items
        on
            totals.source_id = items.source_id
            and totals.reporter_iso3 = items.reporter_iso3
            and totals.partner_iso3 = items.partner_iso3
            and totals.flow = items.flow
            and totals.product_id = items.product_id
            and totals.product_scope = items.product_scope
            and totals.period_grain = items.period_grain
            and totals.period_end_date = items.period_end_date
    left join items as base
        on
            items.source_id = base.source_id
            and items.reporter_iso3 = base.reporter_iso3
            and items.partner_iso3 = base.partner_iso3
            and items.flow = base.flow
            and items.product_id = base.product_id
            and items.product_scope = base.product_scope
            and items.hs_code = base.hs_code
            and items.period_grain = base.period_grain
            and items.year = base.year + 1
            and extract(month from items.period_end_date) = extract(month from base.period_end_date)

)

select * from final
