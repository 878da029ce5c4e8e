{#
  Price and quantity of a product's trade between a period and the same period one year before, over
  the six-digit items matched in both. Laspeyres: sum of s0 p1/p0. Paasche: 1 / sum of s1 p0/p1. Fisher:
  the root of their product. Törnqvist: exp of the sum of (s0 + s1)/2 ln(p1/p0). Shares are of the matched
  items. Terms are rounded to 12 decimals before they are added, so that their order does not matter.
  Built on unit values, which move with the mix inside an item: not a price index in the strict sense.
#}
{%- set index_key = 'source_id, reporter_iso3, partner_iso3, flow, product_id, product_scope, period_grain, period_end_date' %}
with

items as (

    select * from {{ ref('int_matched_item') }}

),

weighed as (

    select
        *,
        case when item_status = 'matched' then value_usd end as matched_value,
        case when item_status = 'matched' then base_value_usd end as matched_base_value,
        case when item_status = 'matched' then exp(cast(log_relative as double)) end as relative,
        sum(case when item_status = 'matched' then value_usd end) over (partition by {{ index_key }}) as matched_total,
        sum(case when item_status = 'matched' then base_value_usd end)
            over (partition by {{ index_key }}) as matched_base_total
    from items

),

terms as (

    select
        *,
        {{ rounded(ratio('matched_base_value', 'matched_base_total') ~ ' * relative', 12) }} as laspeyres_term,
        {{ rounded(ratio('matched_value', 'matched_total') ~ ' * exp(-cast(log_relative as double))', 12) }} as paasche_term,
        {{ rounded(
            '5e-1 * (' ~ ratio('matched_base_value', 'matched_base_total') ~ ' + ' ~ ratio('matched_value', 'matched_total')
            ~ ') * cast(log_relative as double)', 12
        ) }} as tornqvist_term
    from weighed

),

sums as (

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
        total_value,
        total_base_value,
        count(*) as items_held,
        count(matched_value) as items_matched,
        sum(case when item_status = 'outlier' then 1 else 0 end) as items_outlier,
        sum(matched_value) as matched_value,
        sum(matched_base_value) as matched_base_value,
        sum(laspeyres_term) as laspeyres,
        sum(paasche_term) as paasche,
        sum(tornqvist_term) as tornqvist
    from terms
    group by
        source_id, reporter_iso3, partner_iso3, flow, product_id, product_scope, period_grain, period_start_date,
        period_end_date, year, total_value, total_base_value

),

indexed as (

    select
        *,
        sqrt({{ ratio('laspeyres', 'paasche') }}) as fisher
    from sums

),

final as (

    select
        cast(source_id as string) as source_id,
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(partner_iso3 as string) as partner_iso3,
        cast(flow as string) as flow,
        cast(product_id as string) as product_id,
        cast(product_scope as string) as product_scope,
        cast(period_grain as string) as period_grain,
        cast(period_start_date as date) as period_start_date,
        cast(period_end_date as date) as period_end_date,
        cast(year as integer) as year,
        cast(items_held as integer) as items_held,
        cast(items_matched as integer) as items_matched,
        cast(items_outlier as integer) as items_outlier,
        cast(matched_value as decimal(24, 4)) as matched_value_usd,
        cast(matched_base_value as decimal(24, 4)) as matched_base_value_usd,
        cast(100e0 * {{ ratio('coalesce(matched_value, 0)', 'total_value') }} as double) as coverage_pct,
        cast(100e0 * {{ ratio('coalesce(matched_base_value, 0)', 'total_base_value') }} as double) as base_coverage_pct,
        cast(case when total_value = 0 then 'zero_total' else 'ok' end as string) as coverage_status,
        cast({{ ratio('matched_value', 'matched_base_value') }} as double) as value_ratio,
        cast(laspeyres as double) as price_laspeyres_ratio,
        cast({{ ratio('1', 'paasche') }} as double) as price_paasche_ratio,
        cast(fisher as double) as price_fisher_ratio,
        cast(exp(cast(tornqvist as double)) as double) as price_tornqvist_ratio,
        cast({{ ratio(ratio('matched_value', 'matched_base_value'), 'fisher') }} as double) as quantity_fisher_ratio,
        cast({{ ratio(ratio('matched_value', 'matched_base_value'), 'exp(cast(tornqvist as double))') }} as double)
            as quantity_tornqvist_ratio,
        cast(case when items_matched = 0 then 'no_matched_item' else 'ok' end as string) as price_index_status,
        cast('unit_value_mix_sensitive' as string) as price_kind
    from indexed

)

select * from final
