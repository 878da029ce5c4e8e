{#
  One row per cell that holds a figure. Last year's year to date is a figure about last year, printed
  a year later: a revised base.
#}
{%- set cells = [
    ('current_qty', 'month', 0, 'level', 'quantity', 'first'),
    ('current_amount_100m_cny', 'month', 0, 'level', 'cny', 'first'),
    ('ytd_qty', 'ytd', 0, 'level', 'quantity', 'first'),
    ('ytd_amount_100m_cny', 'ytd', 0, 'level', 'cny', 'first'),
    ('ytd_last_year_qty', 'ytd', 1, 'level', 'quantity', 'revised_base'),
    ('ytd_last_year_amount_100m_cny', 'ytd', 1, 'level', 'cny', 'revised_base'),
    ('yoy_ytd_qty_pct', 'ytd', 0, 'growth_yoy_pct', 'quantity', 'first'),
    ('yoy_ytd_amount_pct', 'ytd', 0, 'growth_yoy_pct', 'cny', 'first'),
] -%}
with

source as (

    select * from {{ source('raw', 'gacc_express') }}

),

cells as (

    {%- for column, period_type, years_back, measure, basis, print_kind in cells %}
        select
            snapshot_id,
            raw_row,
            '{{ column }}' as raw_column,
            commodity_cn,
            period,
            '{{ period_type }}' as period_type,
            {{ years_back }} as years_back,
            '{{ measure }}' as measure,
            '{{ basis }}' as basis,
            '{{ print_kind }}' as print_kind,
            {{ column }} as printed,
            unit as quantity_unit,
            source_file_in_repo,
            precision
        from source
        where {{ column }} is not null
        {% if not loop.last %}union all{% endif %}
    {%- endfor %}

),

final as (

    select
        cast(snapshot_id as string) as snapshot_id,
        cast(raw_row as bigint) as raw_row,
        cast(raw_column as string) as raw_column,
        cast(commodity_cn as string) as source_label,
        cast('X' as string) as flow,
        cast('WLD' as string) as partner_iso3,
        cast(period_type as string) as period_type,
        cast(cast(substr(period, 1, 4) as integer) - years_back as integer) as year,
        cast(substr(period, 6, 2) as integer) as last_month,
        cast(measure as string) as measure,
        cast(basis as string) as basis,
        cast(printed as string) as printed,
        cast(
            case
                when measure = 'growth_yoy_pct' then 'pct'
                when basis = 'cny' then '亿元'
                else quantity_unit
            end as string
        ) as printed_unit,
        cast(
            case
                when measure = 'growth_yoy_pct' then 'percent'
                when basis = 'cny' then 'CNY'
                else 'items'
            end as string
        ) as unit,
        cast(
            {{ to_decimal('printed') }}
            * cast(
                case
                    when measure = 'growth_yoy_pct' then 1
                    when basis = 'cny' or quantity_unit = '亿个' then 100000000
                    when quantity_unit = '万台' then 10000
                end as decimal(13, 0)
            ) as decimal(24, 4)
        ) as value,
        cast(
            {#- The table prints changes to one decimal; a stored 12 is 12.0. -#}
            case when measure = 'growth_yoy_pct' then cast(0.05 as decimal(22, 10)) else {{ half_unit('printed') }} end
            * cast(
                case
                    when measure = 'growth_yoy_pct' then 1
                    when basis = 'cny' or quantity_unit = '亿个' then 100000000
                    when quantity_unit = '万台' then 10000
                end as decimal(13, 0)
            ) as decimal(24, 6)
        ) as half_unit,
        cast(print_kind as string) as print_kind,
        cast(null as string) as stated_scope,
        cast(source_file_in_repo as string) as read_at,
        cast(precision as string) as note
    from cells

)

select * from final
