{#
  The mirror gaps of fct_mirror_gap, for single six-digit HS codes. Kept apart so that nobody adds a group
  to its own codes.
#}
with

gaps as (

    select * from {{ ref('int_mirror_gap') }}
    where universe <> 'products'

),

final as (

    select
        product_id,
        item_id as hs_code,
        exporter_iso3,
        importer_iso3,
        year,
        exporter_source_id,
        importer_source_id,
        exporter_scope,
        importer_scope,
        importer_valuation,
        exporter_value_usd,
        importer_value_usd,
        importer_fob_value_usd,
        reconciled_value_usd,
        reconciled_basis,
        mirror_status,
        gap_usd,
        gap_log,
        gap_symmetric_pct,
        gap_fob_log,
        cif_margin_log_low,
        cif_margin_log_high,
        timing_log_low,
        timing_log_high,
        timing_status,
        hong_kong_routed_low_usd,
        hong_kong_routed_high_usd,
        hong_kong_log_low,
        hong_kong_log_high,
        hong_kong_status,
        unexplained_log_low,
        unexplained_log_high
    from gaps

)

select * from final
