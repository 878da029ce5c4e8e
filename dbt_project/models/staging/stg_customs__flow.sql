{# Flows of customs files of every layout; breakdowns, subtotals and groups are left out here. #}
with

source as (

    select * from {{ source('raw', 'customs_flow') }}
    where row_kind = 'flow'

),

snapshots as (

    select * from {{ ref('stg_ledger__snapshot') }}

),

codes as (

    select * from {{ ref('stg_reference__economy_code') }}

),

final as (

    select
        cast(snapshots.source_id as string) as source_id,
        cast(snapshots.dataset_id as string) as dataset_id,
        cast(snapshots.release_id as string) as release_id,
        cast(snapshots.released_at as date) as released_at,
        cast(reporters.economy_iso3 as string) as reporter_iso3,
        cast(partners.economy_iso3 as string) as partner_iso3,
        cast(source.flow as string) as flow,
        cast(source.product_code as string) as hs_code,
        cast(source.product_system as string) as product_system,
        cast(source.hs_edition as string) as hs_edition,
        cast(source.period_grain as string) as period_grain,
        cast(source.period_start_date as date) as period_start_date,
        cast(source.period_end_date as date) as period_end_date,
        cast(extract(year from source.period_end_date) as integer) as year,
        cast(source.value as decimal(24, 4)) as value,
        cast(source.currency as string) as currency,
        cast(source.valuation as string) as valuation,
        cast(source.quantity as decimal(24, 4)) as quantity,
        cast(source.quantity_unit as string) as quantity_unit,
        cast(source.net_weight_kg as decimal(24, 4)) as net_weight_kg,
        cast(
            coalesce(source.is_quantity_estimated, false) or coalesce(source.is_weight_estimated, false) as boolean
        ) as is_estimated,
        cast(coalesce(source.is_preliminary, false) as boolean) as is_preliminary,
        cast(source.snapshot_id as string) as snapshot_id,
        cast(source.raw_row as bigint) as raw_row,
        cast(source.raw_column as string) as raw_column
    from source
    inner join snapshots
        on source.snapshot_id = snapshots.snapshot_id
    inner join codes as reporters
        on
            source.code_system = reporters.code_system
            and source.reporter_code = reporters.code
    inner join codes as partners
        on
            source.code_system = partners.code_system
            and source.partner_code = partners.code

)

select * from final
