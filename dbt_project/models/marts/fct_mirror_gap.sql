{#
  Mirror gaps of product groups: exporter's value, importer's value and a reconciled one side by side, with
  the gap split into ranges. The work is done in int_mirror_gap.
#}
with

gaps as (

    select * from {{ ref('int_mirror_gap') }}
    where universe = 'products'

),

final as (

    select
        product_id,
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
