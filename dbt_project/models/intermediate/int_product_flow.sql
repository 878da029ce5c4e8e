{#
  Product groups from sources that report by HS code, as the newest data say (`latest`) and as first printed
  (`first`). Grain: source × reporter × partner × flow × product × period × vintage.
#}
with

versions as (

    select * from {{ ref('int_product_flow_version') }}

),

final as (

    select
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        product_id,
        product_scope,
        period_grain,
        period_start_date,
        period_end_date,
        year,
        cast(case when vintage = 'first' then vintage else 'latest' end as string) as vintage,
        value_usd,
        codes,
        release_id,
        released_at,
        snapshot_id,
        raw_row
    from versions
    where known_until is null

)

select * from final
