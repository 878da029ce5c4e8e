with

rates as (

    select * from {{ ref('stg_reference__exchange_rate') }}

),

final as (

    select
        cast(country as string) as country,
        cast(period_grain as string) as period_grain,
        cast(period_start_date as date) as period_start_date,
        cast(rate as decimal(18, 6)) as rate_per_usd,
        cast(case when rate is null then 'not_quoted' else 'ok' end as string) as rate_status,
        cast(snapshot_id as string) as snapshot_id,
        cast(raw_row as bigint) as raw_row
    from rates

)

select * from final
