{#
  Items with a unit-value relative, outliers marked by the modified z-score of Iglewicz and Hoaglin (1993):
  0.6745 |x - median| / MAD > 3.5, x being the log relative. With fewer than 5 matched items, or a MAD
  of 0, none is marked. Medians are exact: twice the median and four times the MAD, in decimals.
#}
{%- set index_key = 'source_id, reporter_iso3, partner_iso3, flow, product_id, product_scope, period_grain, period_end_date' %}
with

items as (

    select * from {{ ref('int_item_relative') }}

),

placed as (

    select
        *,
        row_number() over (
            partition by {{ index_key }}
            order by log_relative asc nulls last, hs_code asc nulls last
        ) as place,
        count(log_relative) over (partition by {{ index_key }}) as matched_items
    from items

),

centred as (

    select
        *,
        sum(case when place * 2 between matched_items and matched_items + 2 then log_relative end)
            over (partition by {{ index_key }}) as middle_sum,
        count(case when place * 2 between matched_items and matched_items + 2 then log_relative end)
            over (partition by {{ index_key }}) as middles
    from placed

),

deviated as (

    select
        *,
        abs(log_relative * 2 - middle_sum * case when middles = 1 then 2 else 1 end) as twice_deviation
    from centred

),

placed_again as (

    select
        *,
        row_number() over (
            partition by {{ index_key }}
            order by twice_deviation asc nulls last, hs_code asc nulls last
        ) as deviation_place
    from deviated

),

spread as (

    select
        *,
        sum(case when deviation_place * 2 between matched_items and matched_items + 2 then twice_deviation end)
            over (partition by {{ index_key }}) as deviation_sum,
        count(case when deviation_place * 2 between matched_items and matched_items + 2 then twice_deviation end)
            over (partition by {{ index_key }}) as deviation_middles
    from placed_again

),

judged as (

    select
        *,
        case
            when relative_status <> 'matched' then relative_status
            when matched_items < 5 then 'matched'
            when
                13490 * twice_deviation
                > 35000 * deviation_sum * case when deviation_middles = 1 then 2 else 1 end
                and deviation_sum > 0
                then 'outlier'
            else 'matched'
        end as item_status
    from spread

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
        cast(hs_code as string) as hs_code,
        cast(hs_edition as string) as hs_edition,
        cast(value_usd as decimal(24, 4)) as value_usd,
        cast(base_value_usd as decimal(24, 4)) as base_value_usd,
        cast(quantity as decimal(24, 4)) as quantity,
        cast(base_quantity as decimal(24, 4)) as base_quantity,
        cast(quantity_unit as string) as quantity_unit,
        cast(total_value as decimal(24, 4)) as total_value,
        cast(total_base_value as decimal(24, 4)) as total_base_value,
        cast(log_relative as decimal(24, 12)) as log_relative,
        cast(item_status as string) as item_status,
        cast(is_estimated as boolean) as is_estimated,
        cast(snapshot_id as string) as snapshot_id,
        cast(raw_row as bigint) as raw_row
    from judged

)

select * from final
