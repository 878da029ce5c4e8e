{#
  Rows of customs files that repeat flows and therefore are none: printed subtotals, and breakdowns by
  place (customs district, port, state). They serve to check sums and never become flows.
#}
with

source as (

    select * from {{ source('raw', 'customs_aside') }}
    where row_kind in ('subtotal', 'breakdown_place') and value is not null

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
        cast(snapshots.release_id as string) as release_id,
        cast(source.row_kind as string) as row_kind,
        cast(reporters.economy_iso3 as string) as reporter_iso3,
        cast(partners.economy_iso3 as string) as partner_iso3,
        cast(source.flow as string) as flow,
        cast(source.product_code as string) as hs_code,
        cast(source.hs_edition as string) as hs_edition,
        cast(source.period_grain as string) as period_grain,
        cast(source.period_start_date as date) as period_start_date,
        cast(source.period_end_date as date) as period_end_date,
        cast(source.value as decimal(24, 4)) as value,
        cast(source.currency as string) as currency,
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
    where source.flow is not null and source.period_grain is not null

)

select * from final
