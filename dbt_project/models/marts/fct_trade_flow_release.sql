{#
  A view: flows of customs files with the slice that they belong to, flows that a release withdrew, and
  flows that a customs office announced. Which release is the latest is a join; only the few flows that a
  source prints in several currencies are brought together here.
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

by_currency as (

    select
        flows.*,
        products.product_id,
        products.product_scope,
        row_number() over (
            partition by
                flows.source_id, flows.reporter_iso3, flows.partner_iso3, flows.flow, flows.hs_code,
                flows.period_grain, flows.period_end_date, flows.release_id
            order by flows.currency_rank asc nulls last, flows.currency asc nulls last
        ) as currency_order
    from {{ ref('fct_flow_by_currency') }} as flows
    left join products
        on
            flows.slice_id = products.slice_id
            and flows.raw_row = products.raw_row
            and products.superseded_at is null

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
    where
        not slices.has_other_currency
        and (superseded.superseded_by_release_id is null or superseded.superseded_by_release_id <> slices.release_id)

),

{#- One row per flow and release, its currencies side by side; quantities stand in each of them. #}

side_by_side as (

    select
        source_id,
        max(case when currency_order = 1 then dataset_id end) as dataset_id,
        release_id,
        max(released_at) as released_at,
        reporter_iso3,
        partner_iso3,
        flow,
        hs_code,
        max(hs_edition) as hs_edition,
        max(product_id) as product_id,
        max(product_scope) as product_scope,
        period_grain,
        max(period_start_date) as period_start_date,
        period_end_date,
        max(year) as year,
        max(case when currency = 'USD' then value end) as value_usd,
        max(case when currency = 'CNY' then value end) as value_cny,
        max(case when currency_order = 1 then quantity end) as quantity,
        max(case when currency_order = 1 then quantity_unit end) as quantity_unit,
        max(case when currency not in ('USD', 'CNY') then value end) as value_local,
        max(case when currency not in ('USD', 'CNY') then currency end) as currency,
        max(case when currency_order = 1 then net_weight_kg end) as net_weight_kg,
        max(valuation) as valuation,
        max(is_estimated) as is_estimated,
        max(is_preliminary) as is_preliminary,
        false as is_secondary,
        false as is_deleted,
        max(case when currency_order = 1 then slice_id end) as slice_id,
        max(case when currency_order = 1 then snapshot_id end) as snapshot_id,
        max(case when currency_order = 1 then raw_row end) as raw_row
    from by_currency
    group by
        source_id, release_id, reporter_iso3, partner_iso3, flow, hs_code, period_grain, period_end_date

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
        slices.has_other_currency,
        row_number() over (
            partition by
                withdrawn.release_id, slices.reporter_iso3, withdrawn.partner_iso3, slices.flow, withdrawn.hs_code,
                slices.period_grain, slices.period_end_date
            order by slices.currency asc nulls last, slices.slice_id asc nulls last, withdrawn.raw_row asc nulls last
        ) as deletion_order,
        slices.slice_id,
        slices.snapshot_id,
        withdrawn.raw_row
    from withdrawn
    inner join slices
        on withdrawn.slice_id = slices.slice_id

),

{#- A flow that one currency was taken back of, while another still stands, is not taken back. #}

still_printed as (

    select distinct
        deleted.slice_id,
        deleted.raw_row,
        deleted.release_id
    from deleted
    inner join by_currency
        on
            deleted.source_id = by_currency.source_id
            and deleted.reporter_iso3 = by_currency.reporter_iso3
            and deleted.partner_iso3 = by_currency.partner_iso3
            and deleted.flow = by_currency.flow
            and deleted.hs_code = by_currency.hs_code
            and deleted.period_grain = by_currency.period_grain
            and deleted.period_end_date = by_currency.period_end_date
    where
        by_currency.released_at <= deleted.released_at
        and (by_currency.superseded_at is null or by_currency.superseded_at > deleted.released_at)

),

side_by_side_or_deleted as (

    select * from side_by_side
    union all
    select
        deleted.source_id,
        deleted.dataset_id,
        deleted.release_id,
        deleted.released_at,
        deleted.reporter_iso3,
        deleted.partner_iso3,
        deleted.flow,
        deleted.hs_code,
        deleted.hs_edition,
        cast(null as string) as product_id,
        cast(null as string) as product_scope,
        deleted.period_grain,
        deleted.period_start_date,
        deleted.period_end_date,
        deleted.year,
        cast(null as decimal(24, 4)) as value_usd,
        cast(null as decimal(24, 4)) as value_cny,
        cast(null as decimal(24, 4)) as quantity,
        cast(null as string) as quantity_unit,
        cast(null as decimal(24, 4)) as value_local,
        cast(null as string) as currency,
        cast(null as decimal(24, 4)) as net_weight_kg,
        deleted.valuation,
        cast(null as boolean) as is_estimated,
        false as is_preliminary,
        false as is_secondary,
        true as is_deleted,
        deleted.slice_id,
        deleted.snapshot_id,
        deleted.raw_row
    from deleted
    left join still_printed
        on
            deleted.slice_id = still_printed.slice_id
            and deleted.raw_row = still_printed.raw_row
            and deleted.release_id = still_printed.release_id
    where deleted.has_other_currency and deleted.deletion_order = 1 and still_printed.slice_id is null

),

dated as (

    select
        *,
        lead(released_at) over (
            partition by
                source_id, reporter_iso3, partner_iso3, flow, hs_code, period_grain, period_end_date
            order by released_at asc nulls last, release_id asc nulls last
        ) as superseded_at
    from side_by_side_or_deleted

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
        value_local,
        currency,
        net_weight_kg,
        valuation,
        is_estimated,
        is_preliminary,
        is_secondary,
        superseded_at,
        is_deleted,
        slice_id,
        snapshot_id,
        raw_row
    from dated
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
    where not has_other_currency
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
