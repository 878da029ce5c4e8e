{#
  Value as unit value times quantity, and the change of the value split between the two (LMDI):
  quantity part L(V1, V0) ln(Q1 / Q0) with L(a, b) = (a - b) / ln(a / b) and L(a, a) = a, rounded to a
  whole dollar or yuan; the rest of the change is the unit value's part, so the two add up exactly.
  A unit value moves with the mix of goods as well as with prices: it is not a price index.
#}
with

growth as (

    select * from {{ ref('int_period_growth') }}

),

paired as (

    select
        money.*,
        items.value as quantity,
        items.base_value as base_quantity,
        items.growth_yoy_pct as growth_quantity_pct,
        items.growth_status as quantity_status,
        items.product_scope as quantity_scope,
        items.value_status as quantity_value_status,
        {{ ratio('money.value', 'items.value') }} as unit_value,
        {{ ratio('money.base_value', 'items.base_value') }} as base_unit_value
    from growth as money
    inner join growth as items
        on
            money.source_id = items.source_id
            and money.reporter_iso3 = items.reporter_iso3
            and money.partner_iso3 = items.partner_iso3
            and money.flow = items.flow
            and money.product_id = items.product_id
            and money.period_grain = items.period_grain
            and money.period_end_date = items.period_end_date
            and money.vintage = items.vintage
            and items.basis = 'quantity'
    where money.basis in ('usd', 'cny')

),

judged as (

    select
        *,
        case
            when product_scope <> quantity_scope then 'scope_differs'
            when value_status <> quantity_value_status then 'one_is_derived'
            when not {{ is_known_growth('growth_status') }} then growth_status
            when not {{ is_known_growth('quantity_status') }} then 'quantity_' || quantity_status
            when 'base_not_revised' in (growth_status, quantity_status) and growth_status <> quantity_status
                then 'one_base_is_not_revised'
            when growth_status <> quantity_status then 'one_base_is_derived'
            when growth_status in ('derived_from_ytd', 'base_not_revised') then growth_status
            when value <= 0 or quantity <= 0 then 'not_positive'
            else 'ok'
        end as unit_value_status,
        product_scope = quantity_scope and value_status = quantity_value_status as is_of_one_kind
    from paired

),

split as (

    select
        *,
        case
            when unit_value_status = 'ok'
                then {{ log_mean('value', 'base_value') }} * ln({{ ratio('quantity', 'base_quantity') }})
        end as quantity_part
    from judged

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
        cast(value as decimal(24, 4)) as value,
        cast(base_value as decimal(24, 4)) as base_value,
        cast(quantity as decimal(24, 4)) as quantity,
        cast(base_quantity as decimal(24, 4)) as base_quantity,
        cast(
            case when quantity > 0 and value >= 0 and is_of_one_kind then {{ rounded('unit_value', 6) }} end
            as decimal(24, 6)
        ) as unit_value,
        cast(
            case
                when base_quantity > 0 and base_value >= 0 and is_of_one_kind and growth_status = quantity_status
                    then {{ rounded('base_unit_value', 6) }}
            end
            as decimal(24, 6)
        ) as base_unit_value,
        cast(case when unit_value_status = 'ok' then growth_yoy_pct end as double) as growth_value_pct,
        cast(case when unit_value_status = 'ok' then growth_quantity_pct end as double) as growth_quantity_pct,
        cast(
            case when unit_value_status = 'ok' then {{ change_pct('unit_value', 'base_unit_value') }} end as double
        ) as growth_unit_value_pct,
        cast(case when unit_value_status = 'ok' then value - base_value end as decimal(24, 4)) as value_change,
        cast({{ rounded('quantity_part', 0) }} as decimal(24, 4)) as value_change_by_quantity,
        cast(
            value - base_value - {{ rounded('quantity_part', 0) }} as decimal(24, 4)
        ) as value_change_by_unit_value,
        cast(unit_value_status as string) as unit_value_status,
        cast('unit_value_mix_sensitive' as string) as price_kind
    from split

)

select * from final
