{{ config(meta={'dagster': {'ref': {'name': 'fct_trade_flow'}}}) }}
-- Every snapshot that a mart names is one that was loaded.
{%- set marts = [
    'dim_flow_slice',
    'dim_policy_event',
    'fct_announced_flow',
    'fct_capacity_share',
    'fct_claim_verdict',
    'fct_exchange_rate',
    'fct_industry_figure',
    'fct_printed_figure',
    'fct_trade_growth_monthly',
    'fct_trade_growth_yearly',
] %}

with

named as (

    {%- for mart in marts %}
        select
            '{{ mart }}' as mart,
            snapshot_id
        from {{ ref(mart) }}
        where snapshot_id is not null
        group by snapshot_id
        {% if not loop.last %}union all{% endif %}
    {%- endfor %}

),

loaded as (

    select snapshot_id
    from {{ source('raw', 'snapshot') }}
    where status = 'loaded'

)

select
    named.mart,
    named.snapshot_id
from named
left join loaded
    on named.snapshot_id = loaded.snapshot_id
where loaded.snapshot_id is null
