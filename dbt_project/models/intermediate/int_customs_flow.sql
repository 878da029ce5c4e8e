{# A view: flows of customs files with what their slice says of them. Filter it first: it is large. #}
{{ config(materialized='view') }}

with

flows as (

    select * from {{ source('landed', 'fct_customs_flow') }}

),

slices as (

    select * from {{ ref('dim_flow_slice') }}

),

final as (

    select
        cast(slices.slice_id as bigint) as slice_id,
        cast(slices.snapshot_id as string) as snapshot_id,
        cast(slices.source_id as string) as source_id,
        cast(slices.dataset_id as string) as dataset_id,
        cast(slices.release_id as string) as release_id,
        cast(slices.released_at as date) as released_at,
        cast(slices.reporter_iso3 as string) as reporter_iso3,
        cast(flows.partner_iso3 as string) as partner_iso3,
        cast(slices.flow as string) as flow,
        cast(slices.product_system as string) as product_system,
        cast(flows.hs_code as string) as hs_code,
        cast(slices.hs_edition as string) as hs_edition,
        cast(slices.period_grain as string) as period_grain,
        cast(slices.period_start_date as date) as period_start_date,
        cast(slices.period_end_date as date) as period_end_date,
        cast(slices.year as integer) as year,
        cast(flows.value as decimal(24, 4)) as value,
        cast(slices.currency as string) as currency,
        cast(slices.valuation as string) as valuation,
        cast(flows.quantity as decimal(24, 4)) as quantity,
        cast(flows.quantity_unit as string) as quantity_unit,
        cast(flows.is_estimated as boolean) as is_estimated,
        cast(slices.superseded_at as date) as superseded_at,
        cast(flows.raw_row as bigint) as raw_row,
        cast(flows.raw_column as string) as raw_column
    from flows
    inner join slices
        on flows.slice_id = slices.slice_id

)

select * from final
