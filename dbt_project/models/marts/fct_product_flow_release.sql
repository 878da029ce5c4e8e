{#
  What was known of each product group's flow, from each release that changed it to the next. The newest
  row of a flow is the one that growth and share stand on.
#}
with

versions as (

    select * from {{ ref('int_product_flow_version') }}
    where vintage = 'known'

),

final as (

    select
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        product_id,
        product_scope,
        hs_edition,
        period_grain,
        period_start_date,
        period_end_date,
        year,
        value_usd,
        codes,
        known_at,
        known_until as superseded_at,
        release_id,
        released_at,
        snapshot_id,
        raw_row
    from versions

)

select * from final
