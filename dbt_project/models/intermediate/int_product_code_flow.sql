{#
  Flows of the HS codes that make up a product group, of every release held, in dollars. Grain: slice ×
  partner × code. Everything that follows works on these rows, not on all flows.
#}
with

flows as (

    select * from {{ source('landed', 'fct_customs_flow') }}
    where value is not null

),

products as (

    select * from {{ ref('stg_reference__product_group') }}

),

slices as (

    select * from {{ ref('dim_flow_slice') }}
    where currency = 'USD' and product_system = 'HS'

),

superseded as (

    select * from {{ ref('fct_superseded_flow') }}

),

final as (

    select
        cast(slices.slice_id as bigint) as slice_id,
        cast(flows.raw_row as bigint) as raw_row,
        cast(slices.snapshot_id as string) as snapshot_id,
        cast(slices.source_id as string) as source_id,
        cast(slices.release_id as string) as release_id,
        cast(slices.released_at as date) as released_at,
        cast(slices.reporter_iso3 as string) as reporter_iso3,
        cast(flows.partner_iso3 as string) as partner_iso3,
        cast(slices.flow as string) as flow,
        cast(flows.hs_code as string) as hs_code,
        cast(slices.hs_edition as string) as hs_edition,
        cast(products.product_id as string) as product_id,
        cast(products.product_scope as string) as product_scope,
        cast(slices.period_grain as string) as period_grain,
        cast(slices.period_start_date as date) as period_start_date,
        cast(slices.period_end_date as date) as period_end_date,
        cast(slices.year as integer) as year,
        cast(flows.value as decimal(24, 4)) as value_usd,
        cast(coalesce(superseded.superseded_at, slices.superseded_at) as date) as superseded_at,
        cast(superseded.superseded_by_release_id is not null and superseded.superseded_by_release_id = slices.release_id as boolean)
            as is_told_elsewhere
    from flows
    inner join products
        on flows.hs_code = products.hs_code
    inner join slices
        on
            flows.slice_id = slices.slice_id
            and products.hs_edition = slices.hs_edition
    left join superseded
        on
            flows.slice_id = superseded.slice_id
            and flows.raw_row = superseded.raw_row

)

select * from final
