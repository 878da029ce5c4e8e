{#
  Six-digit items of the product groups, newest release held, for what is computed item by item. Under a
  heading every six-digit code counts, also those of no product group (854290); under a list of codes,
  those codes. Grain: source × reporter × partner × flow × product × scope × code × period.
#}
with

flows as (

    select * from {{ ref('int_heading_flow') }}
    where
        superseded_at is null
        and currency = 'USD'
        and value is not null
        and length(hs_code) = 6

),

products as (

    select * from {{ ref('stg_reference__product_group') }}

),

final as (

    select
        cast(flows.source_id as string) as source_id,
        cast(flows.reporter_iso3 as string) as reporter_iso3,
        cast(flows.partner_iso3 as string) as partner_iso3,
        cast(flows.flow as string) as flow,
        cast(products.product_id as string) as product_id,
        cast(products.product_scope as string) as product_scope,
        cast(flows.hs_edition as string) as hs_edition,
        cast(flows.hs_code as string) as hs_code,
        cast(flows.period_grain as string) as period_grain,
        cast(flows.period_end_date as date) as period_end_date,
        cast(flows.year as integer) as year,
        cast(flows.value as decimal(24, 4)) as value_usd,
        cast(flows.quantity as decimal(24, 4)) as quantity,
        cast(flows.quantity_unit as string) as quantity_unit,
        cast(flows.is_estimated as boolean) as is_estimated,
        cast(flows.snapshot_id as string) as snapshot_id,
        cast(flows.raw_row as bigint) as raw_row
    from flows
    inner join products
        on
            flows.hs_edition = products.hs_edition
            and substr(flows.hs_code, 1, 4) = substr(products.hs_code, 1, 4)
            and (length(products.hs_code) = 4 or flows.hs_code = products.hs_code)

)

select * from final
