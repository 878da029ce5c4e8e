{{ config(meta={'dagster': {'ref': {'name': 'fct_printed_figure'}}}) }}
-- No row of a source is lost on its way into the marts: an unknown unit, commodity or area code
-- would drop out of an inner join without a word.
{%- set paths = [
    ('gacc_announced', 'fct_printed_figure'),
    ('capacity_share', 'fct_capacity_share'),
    ('equipment_sales', 'fct_industry_figure'),
    ('foundry_revenue', 'fct_industry_figure'),
    ('rare_earth_production', 'fct_industry_figure'),
    ('ai_accelerators', 'fct_industry_figure'),
    ('semiconductor_sales', 'fct_industry_figure'),
    ('policy_event', 'dim_policy_event'),
    ('fx_annual', 'fct_exchange_rate'),
    ('fx_monthly', 'fct_exchange_rate'),
] %}

with

lost_rows as (

    {%- for table, mart in paths %}
        select
            '{{ table }}' as raw_table,
            source.snapshot_id,
            source.raw_row
        from {{ source('raw', table) }} as source
        left join {{ ref(mart) }} as mart
            on
                source.snapshot_id = mart.snapshot_id
                and source.raw_row = mart.raw_row
        where mart.snapshot_id is null
        {% if not loop.last %}union all{% endif %}
    {%- endfor %}

),

lost_cells as (

    select
        'gacc_express' as raw_table,
        cells.snapshot_id,
        cells.raw_row
    from {{ ref('stg_gacc__express') }} as cells
    left join {{ ref('fct_printed_figure') }} as mart
        on
            cells.snapshot_id = mart.snapshot_id
            and cells.raw_row = mart.raw_row
            and cells.raw_column = mart.raw_column
    where mart.snapshot_id is null or cells.value is null

)

select * from lost_rows
union all
select * from lost_cells
