{#
  Unit values of items against themselves one year earlier, with the reason where there is no relative.
  A relative beyond 1/1000 to 1000 is a change of unit, not of price; quantities of no known unit
  compare with none. Grain: that of int_item_growth.
#}
with

items as (

    select * from {{ ref('int_item_growth') }}

),

valued as (

    select
        *,
        {{ ratio('value_usd', 'quantity') }} as unit_value,
        {{ ratio('base_value_usd', 'base_quantity') }} as base_unit_value
    from items

),

related as (

    select
        *,
        case
            when base_value_usd is null then 'no_base'
            when quantity is null or base_quantity is null then 'no_quantity'
            when coalesce(quantity_unit, 'N/A') = 'N/A' or coalesce(base_quantity_unit, 'N/A') = 'N/A' then 'no_unit'
            when quantity_unit <> base_quantity_unit then 'unit_changed'
            when hs_edition <> base_hs_edition then 'edition_changed'
            when value_usd <= 0 or base_value_usd <= 0 or quantity <= 0 or base_quantity <= 0 then 'not_positive'
            when unit_value > 1e3 * base_unit_value or base_unit_value > 1e3 * unit_value then 'implausible'
            else 'matched'
        end as relative_status
    from valued

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
        cast(total_value as decimal(24, 4)) as total_value,
        cast(total_base_value as decimal(24, 4)) as total_base_value,
        cast(
            case when relative_status = 'matched' then {{ rounded('ln(' ~ ratio('unit_value', 'base_unit_value') ~ ')', 12) }} end
            as decimal(24, 12)
        ) as log_relative,
        cast(relative_status as string) as relative_status,
        cast(is_estimated as boolean) as is_estimated,
        cast(snapshot_id as string) as snapshot_id,
        cast(raw_row as bigint) as raw_row
    from related

)

select * from final
