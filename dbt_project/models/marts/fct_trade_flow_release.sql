{#
  A view: flows of customs files with the slice that they belong to, flows that a release withdrew, and
  flows that a customs office announced. Which release is the latest is a join, never a window.
#}
{{ config(materialized='view') }}

with

flows as (

    select * from {{ source('landed', 'fct_customs_flow') }}

),

slices as (

    select * from {{ ref('dim_flow_slice') }}

),

superseded as (

    select * from {{ ref('fct_superseded_flow') }}

),

products as (

    select * from {{ ref('fct_product_flow_row') }}

),

withdrawn as (

    select * from {{ ref('fct_withdrawn_flow') }}

),

announced as (

    select * from {{ ref('fct_announced_flow_release') }}

),

customs as (

    select
        slices.source_id,
        slices.dataset_id,
        slices.release_id,
        slices.released_at,
        slices.reporter_iso3,
        flows.partner_iso3,
        slices.flow,
        flows.hs_code,
        slices.hs_edition,
        products.product_id,
        products.product_scope,
        slices.period_grain,
        slices.period_start_date,
        slices.period_end_date,
        slices.year,
        case when slices.currency = 'USD' then flows.value end as value_usd,
        case when slices.currency = 'CNY' then flows.value end as value_cny,
        flows.quantity,
        flows.quantity_unit,
        case when slices.currency not in ('USD', 'CNY') then flows.value end as value_local,
        case when slices.currency not in ('USD', 'CNY') then slices.currency end as currency,
        flows.net_weight_kg,
        slices.valuation,
        flows.is_estimated,
        flows.is_preliminary,
        false as is_secondary,
        coalesce(superseded.superseded_at, slices.superseded_at) as superseded_at,
        false as is_deleted,
        slices.slice_id,
        slices.snapshot_id,
        flows.raw_row
    from flows
    inner join slices
        on flows.slice_id = slices.slice_id
    left join superseded
        on
            flows.slice_id = superseded.slice_id
            and flows.raw_row = superseded.raw_row
    left join products
        on
            flows.slice_id = products.slice_id
            and flows.raw_row = products.raw_row
            and products.superseded_at is null
    where superseded.superseded_by_release_id is null or superseded.superseded_by_release_id <> slices.release_id

),

deleted as (

    select
        slices.source_id,
        slices.dataset_id,
        withdrawn.release_id,
        withdrawn.released_at,
        slices.reporter_iso3,
        withdrawn.partner_iso3,
        slices.flow,
        withdrawn.hs_code,
        slices.hs_edition,
        slices.period_grain,
        slices.period_start_date,
        slices.period_end_date,
        slices.year,
        slices.valuation,
        withdrawn.superseded_at,
        slices.slice_id,
        slices.snapshot_id,
        withdrawn.raw_row
    from withdrawn
    inner join slices
        on withdrawn.slice_id = slices.slice_id

),

unioned as (

    select * from customs
    union all
    select
        source_id,
        dataset_id,
        release_id,
        released_at,
        reporter_iso3,
        partner_iso3,
        flow,
        hs_code,
        hs_edition,
        cast(null as string) as product_id,
        cast(null as string) as product_scope,
        period_grain,
        period_start_date,
        period_end_date,
        year,
        cast(null as decimal(24, 4)) as value_usd,
        cast(null as decimal(24, 4)) as value_cny,
        cast(null as decimal(24, 4)) as quantity,
        cast(null as string) as quantity_unit,
        cast(null as decimal(24, 4)) as value_local,
        cast(null as string) as currency,
        cast(null as decimal(24, 4)) as net_weight_kg,
        valuation,
        cast(null as boolean) as is_estimated,
        false as is_preliminary,
        false as is_secondary,
        superseded_at,
        true as is_deleted,
        slice_id,
        snapshot_id,
        raw_row
    from deleted
    union all
    select
        source_id,
        dataset_id,
        release_id,
        released_at,
        reporter_iso3,
        partner_iso3,
        flow,
        cast(null as string) as hs_code,
        cast(null as string) as hs_edition,
        product_id,
        product_scope,
        period_grain,
        period_start_date,
        period_end_date,
        year,
        value_usd,
        value_cny,
        quantity,
        quantity_unit,
        cast(null as decimal(24, 4)) as value_local,
        cast(null as string) as currency,
        cast(null as decimal(24, 4)) as net_weight_kg,
        valuation,
        false as is_estimated,
        false as is_preliminary,
        is_secondary,
        superseded_at,
        false as is_deleted,
        cast(null as bigint) as slice_id,
        snapshot_id,
        raw_row
    from announced

),

final as (

    select
        cast(source_id as string) as source_id,
        cast(dataset_id as string) as dataset_id,
        cast(release_id as string) as release_id,
        cast(released_at as date) as released_at,
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(partner_iso3 as string) as partner_iso3,
        cast(flow as string) as flow,
        cast(hs_code as string) as hs_code,
        cast(hs_edition as string) as hs_edition,
        cast(product_id as string) as product_id,
        cast(product_scope as string) as product_scope,
        cast(period_grain as string) as period_grain,
        cast(period_start_date as date) as period_start_date,
        cast(period_end_date as date) as period_end_date,
        cast(year as integer) as year,
        cast(value_usd as decimal(24, 4)) as value_usd,
        cast(value_cny as decimal(24, 4)) as value_cny,
        cast(quantity as decimal(24, 4)) as quantity,
        cast(quantity_unit as string) as quantity_unit,
        cast(value_local as decimal(24, 4)) as value_local,
        cast(currency as string) as currency,
        cast(net_weight_kg as decimal(24, 4)) as net_weight_kg,
        cast(valuation as string) as valuation,
        cast(is_estimated as boolean) as is_estimated,
        cast(is_preliminary as boolean) as is_preliminary,
        cast(is_secondary as boolean) as is_secondary,
        cast(superseded_at is null as boolean) as is_latest,
        cast(is_deleted as boolean) as is_deleted,
        cast(superseded_at as date) as superseded_at,
        cast(slice_id as bigint) as slice_id,
        cast(snapshot_id as string) as snapshot_id,
        cast(raw_row as bigint) as raw_row
    from unioned

)

select * from final
