{#
  Grubel-Lloyd index of trade in both directions, measured three ways: on a product group's totals
  (product), on each six-digit code (hs_code), and over the codes of a group together (codes: the mean of
  the codes' indices weighted by their trade, not the index of their sums). A code that is held in one
  direction only is counted there, and left out.
#}
with

flows as (

    select * from {{ ref('int_item_flow') }}
    where flow in ('X', 'M')

),

sides as (

    select
        case when universe = 'products' then 'product' else 'hs_code' end as measured_on,
        item_id,
        product_id,
        source_id,
        reporter_iso3,
        partner_iso3,
        year,
        max(case when flow = 'X' then value_usd end) as exports_usd,
        max(case when flow = 'M' then value_usd end) as imports_usd,
        max(case when flow = 'X' then product_scope end) as export_scope,
        max(case when flow = 'M' then product_scope end) as import_scope
    from flows
    group by universe, item_id, product_id, source_id, reporter_iso3, partner_iso3, year

),

one_sided as (

    select
        product_id,
        source_id,
        reporter_iso3,
        partner_iso3,
        year,
        sum(case when exports_usd is null or imports_usd is null then 1 else 0 end) as codes_one_sided
    from sides
    where measured_on = 'hs_code'
    group by product_id, source_id, reporter_iso3, partner_iso3, year

),

two_sided as (

    select
        product_id,
        source_id,
        reporter_iso3,
        partner_iso3,
        year,
        sum(exports_usd) as exports_usd,
        sum(imports_usd) as imports_usd,
        sum(abs(exports_usd - imports_usd)) as net_usd,
        count(*) as codes
    from sides
    where measured_on = 'hs_code' and exports_usd is not null and imports_usd is not null
    group by product_id, source_id, reporter_iso3, partner_iso3, year

),

unioned as (

    select
        measured_on,
        item_id,
        product_id,
        source_id,
        reporter_iso3,
        partner_iso3,
        year,
        exports_usd,
        imports_usd,
        abs(exports_usd - imports_usd) as net_usd,
        cast(null as integer) as codes,
        cast(null as integer) as codes_one_sided,
        case
            when exports_usd is null then 'no_exports'
            when imports_usd is null then 'no_imports'
            when export_scope <> import_scope then 'scope_differs'
            when exports_usd + imports_usd = 0 then 'no_trade'
            else 'ok'
        end as grubel_lloyd_status
    from sides
    union all
    select
        'codes' as measured_on,
        one_sided.product_id as item_id,
        one_sided.product_id,
        one_sided.source_id,
        one_sided.reporter_iso3,
        one_sided.partner_iso3,
        one_sided.year,
        two_sided.exports_usd,
        two_sided.imports_usd,
        two_sided.net_usd,
        cast(coalesce(two_sided.codes, 0) as integer) as codes,
        cast(one_sided.codes_one_sided as integer) as codes_one_sided,
        case
            when two_sided.codes is null then 'no_code_in_both_directions'
            when two_sided.exports_usd + two_sided.imports_usd = 0 then 'no_trade'
            else 'ok'
        end as grubel_lloyd_status
    from one_sided
    left join two_sided
        on
            one_sided.product_id = two_sided.product_id
            and one_sided.source_id = two_sided.source_id
            and one_sided.reporter_iso3 = two_sided.reporter_iso3
            and one_sided.partner_iso3 = two_sided.partner_iso3
            and one_sided.year = two_sided.year

),

{#- The adjustment for an unbalanced total (Grubel and Lloyd 1975; its limits: Aquino 1978). #}

indices as (

    select
        *,
        exports_usd + imports_usd as gross_usd,
        abs(exports_usd - imports_usd) as imbalance_usd
    from unioned

),

final as (

    select
        cast(measured_on as string) as measured_on,
        cast(item_id as string) as item_id,
        cast(product_id as string) as product_id,
        cast(source_id as string) as source_id,
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(partner_iso3 as string) as partner_iso3,
        cast(year as integer) as year,
        cast(exports_usd as decimal(24, 4)) as exports_usd,
        cast(imports_usd as decimal(24, 4)) as imports_usd,
        cast(
            case when grubel_lloyd_status = 'ok' then 1e0 - {{ ratio('net_usd', 'gross_usd') }} end as double
        ) as grubel_lloyd_ratio,
        cast(
            case when grubel_lloyd_status = 'ok' then {{ ratio('imbalance_usd', 'gross_usd') }} end as double
        ) as imbalance_ratio,
        cast(
            case
                when grubel_lloyd_status = 'ok' and measured_on = 'codes'
                    then {{ ratio('gross_usd - net_usd', 'gross_usd - imbalance_usd') }}
            end as double
        ) as adjusted_grubel_lloyd_ratio,
        codes,
        codes_one_sided,
        cast(grubel_lloyd_status as string) as grubel_lloyd_status,
        cast(
            case
                when grubel_lloyd_status <> 'ok' then grubel_lloyd_status
                when measured_on <> 'codes' then 'not_over_codes'
                when gross_usd = imbalance_usd then 'one_direction_only'
                else 'ok'
            end as string
        ) as adjusted_status
    from indices

)

select * from final
