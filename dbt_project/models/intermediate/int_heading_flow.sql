{#
  Flows of customs files under the headings that a product group or a conversion between HS editions
  touches, with what their slice says of them. All flows are read here, once; what follows reads these.
#}
with

flows as (

    select * from {{ source('landed', 'fct_customs_flow') }}

),

headings as (

    select substr(hs_code, 1, 4) as heading
    from {{ ref('stg_reference__product_group') }}
    union
    select substr(from_code, 1, 4) as heading
    from {{ ref('int_hs_conversion_share') }}

),

slices as (

    select * from {{ ref('dim_flow_slice') }}

),

superseded as (

    select * from {{ ref('fct_superseded_flow') }}

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
        cast(coalesce(superseded.superseded_at, slices.superseded_at) as date) as superseded_at,
        cast(coalesce(superseded.superseded_by_release_id = slices.release_id, false) as boolean) as is_told_elsewhere,
        cast(flows.raw_row as bigint) as raw_row,
        cast(flows.raw_column as string) as raw_column
    from flows
    inner join headings
        on substr(flows.hs_code, 1, 4) = headings.heading
    inner join slices
        on flows.slice_id = slices.slice_id
    left join superseded
        on
            flows.slice_id = superseded.slice_id
            and flows.raw_row = superseded.raw_row

)

select * from final
