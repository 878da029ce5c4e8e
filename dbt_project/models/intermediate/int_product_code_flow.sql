{#
  Flows of the HS codes that make up a product group, of every release held, in dollars: printed under the
  code itself, or summed from all national codes under it. Grain: slice × row × code. Everything that
  follows works on these rows, not on all flows.
#}
with

products as (

    select * from {{ ref('stg_reference__product_group') }}

),

product_codes as (

    select distinct hs_code from products

),

flows as (

    select flows.*
    from {{ ref('int_heading_flow') }} as flows
    inner join product_codes
        on flows.hs_code = product_codes.hs_code
    where flows.currency = 'USD' and flows.value is not null

),

national_codes as (

    select * from {{ ref('int_national_code_product') }}
    where is_group_code and product_id is not null

),

sums as (

    select * from {{ ref('int_national_product_flow') }}
    where completeness_status = 'complete' and currency = 'USD'

),

slices as (

    select * from {{ ref('dim_flow_slice') }}

),

native as (

    select
        flows.*,
        products.product_id,
        products.product_scope
    from flows
    inner join products
        on
            flows.hs_code = products.hs_code
            and flows.hs_edition = products.hs_edition
    where flows.product_system = 'HS'

),

{#- Codes without an edition: that of the source on the days of the period. #}

dated as (

    select
        flows.*,
        national_codes.hs_edition as code_edition,
        national_codes.product_id,
        national_codes.product_scope
    from flows
    inner join national_codes
        on
            flows.source_id = national_codes.source_id
            and flows.product_system = national_codes.product_system
            and flows.hs_code = national_codes.hs_code
            and flows.period_start_date = national_codes.period_start_date
            and flows.period_end_date = national_codes.period_end_date
    where flows.hs_edition is null

),

{%- set shared = [
    'slice_id', 'raw_row', 'snapshot_id', 'source_id', 'release_id', 'released_at', 'reporter_iso3', 'partner_iso3',
    'flow', 'hs_code', 'product_id', 'product_scope', 'period_grain', 'period_start_date', 'period_end_date', 'year',
    'valuation',
] %}

unioned as (

    select
        {{ shared | join(',\n        ') }},
        hs_edition,
        value as value_usd,
        superseded_at,
        is_told_elsewhere,
        false as is_sum
    from native
    union all
    select
        {{ shared | join(',\n        ') }},
        code_edition as hs_edition,
        value as value_usd,
        superseded_at,
        is_told_elsewhere,
        false as is_sum
    from dated
    union all
    select
        sums.{{ shared | join(',\n        sums.') }},
        sums.hs_edition,
        sums.value as value_usd,
        slices.superseded_at,
        false as is_told_elsewhere,
        true as is_sum
    from sums
    inner join slices
        on sums.slice_id = slices.slice_id

),

final as (

    select
        cast(slice_id as bigint) as slice_id,
        cast(raw_row as bigint) as raw_row,
        cast(snapshot_id as string) as snapshot_id,
        cast(source_id as string) as source_id,
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
        cast(valuation as string) as valuation,
        cast(value_usd as decimal(24, 4)) as value_usd,
        cast(superseded_at as date) as superseded_at,
        cast(is_told_elsewhere as boolean) as is_told_elsewhere,
        cast(is_sum as boolean) as is_sum
    from unioned

)

select * from final
