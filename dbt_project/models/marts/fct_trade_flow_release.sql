{#
  Every flow of every release. A code carries its product group only where it counts towards the
  group's total: not the sub-headings of a heading that is held too, nor codes of an incomplete set.
#}
with

flows as (

    select * from {{ ref('int_trade_flow_release') }}

),

products as (

    select * from {{ ref('int_product_flow') }}
    where vintage = 'latest'

),

final as (

    select
        flows.source_id,
        flows.dataset_id,
        flows.release_id,
        flows.released_at,
        flows.reporter_iso3,
        flows.partner_iso3,
        flows.flow,
        flows.hs_code,
        flows.hs_edition,
        cast(case when flows.hs_code is null then flows.product_id else products.product_id end as string) as product_id,
        cast(case when flows.hs_code is null then flows.product_scope else products.product_scope end as string) as product_scope,
        flows.period_grain,
        flows.period_start_date,
        flows.period_end_date,
        flows.year,
        flows.value_usd,
        flows.value_cny,
        flows.quantity,
        flows.quantity_unit,
        flows.value_local,
        flows.currency,
        flows.net_weight_kg,
        flows.valuation,
        flows.is_estimated,
        flows.is_preliminary,
        flows.is_secondary,
        flows.is_latest,
        flows.is_deleted,
        flows.snapshot_id,
        flows.raw_row
    from flows
    left join products
        on
            flows.source_id = products.source_id
            and flows.reporter_iso3 = products.reporter_iso3
            and flows.partner_iso3 = products.partner_iso3
            and flows.flow = products.flow
            and flows.product_id = products.product_id
            and flows.product_scope = products.product_scope
            and flows.period_grain = products.period_grain
            and flows.period_end_date = products.period_end_date

)

select * from final
