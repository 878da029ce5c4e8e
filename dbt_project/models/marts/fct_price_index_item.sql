{# The items behind each price index: unit values, their change, and whether the item is in the index or why not. #}
with

items as (

    select * from {{ ref('int_matched_item') }}

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
        cast(hs_code as string) as hs_code,
        cast(hs_edition as string) as hs_edition,
        cast(value_usd as decimal(24, 4)) as value_usd,
        cast(base_value_usd as decimal(24, 4)) as base_value_usd,
        cast(quantity as decimal(24, 4)) as quantity,
        cast(base_quantity as decimal(24, 4)) as base_quantity,
        cast(quantity_unit as string) as quantity_unit,
        cast(100e0 * (exp(cast(log_relative as double)) - 1e0) as double) as growth_unit_value_pct,
        cast(item_status = 'matched' as boolean) as is_in_index,
        cast(item_status as string) as item_status,
        cast(is_estimated as boolean) as is_estimated,
        cast(snapshot_id as string) as snapshot_id,
        cast(raw_row as bigint) as raw_row
    from items

)

select * from final
