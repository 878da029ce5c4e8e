{#
  Flows of customs files that their source prints in several currencies: one row per currency and release.
  fct_trade_flow and fct_trade_flow_release show the currencies of a flow side by side.
#}
with

flows as (

    select * from {{ source('landed', 'fct_customs_flow') }}

),

slices as (

    select * from {{ ref('dim_flow_slice') }}
    where has_other_currency

),

superseded as (

    select * from {{ ref('fct_superseded_flow') }}

),

final as (

    select
        cast(slices.source_id as string) as source_id,
        cast(slices.dataset_id as string) as dataset_id,
        cast(slices.release_id as string) as release_id,
        cast(slices.released_at as date) as released_at,
        cast(slices.reporter_iso3 as string) as reporter_iso3,
        cast(flows.partner_iso3 as string) as partner_iso3,
        cast(slices.flow as string) as flow,
        cast(flows.hs_code as string) as hs_code,
        cast(slices.hs_edition as string) as hs_edition,
        cast(slices.period_grain as string) as period_grain,
        cast(slices.period_start_date as date) as period_start_date,
        cast(slices.period_end_date as date) as period_end_date,
        cast(slices.year as integer) as year,
        cast(slices.currency as string) as currency,
        cast(case slices.currency when 'USD' then 1 when 'CNY' then 2 else 3 end as integer) as currency_rank,
        cast(flows.value as decimal(24, 4)) as value,
        cast(flows.quantity as decimal(24, 4)) as quantity,
        cast(flows.quantity_unit as string) as quantity_unit,
        cast(flows.net_weight_kg as decimal(24, 4)) as net_weight_kg,
        cast(slices.valuation as string) as valuation,
        cast(flows.is_estimated as boolean) as is_estimated,
        cast(flows.is_preliminary as boolean) as is_preliminary,
        cast(coalesce(superseded.superseded_at, slices.superseded_at) as date) as superseded_at,
        cast(slices.slice_id as bigint) as slice_id,
        cast(slices.snapshot_id as string) as snapshot_id,
        cast(flows.raw_row as bigint) as raw_row,
        cast(flows.raw_column as string) as raw_column
    from flows
    inner join slices
        on flows.slice_id = slices.slice_id
    left join superseded
        on
            flows.slice_id = superseded.slice_id
            and flows.raw_row = superseded.raw_row
    where superseded.superseded_by_release_id is null or superseded.superseded_by_release_id <> slices.release_id

)

select * from final
