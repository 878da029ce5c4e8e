with

annual as (

    select
        'A' as period_grain,
        *
    from {{ source('raw', 'fx_annual') }}

),

monthly as (

    select
        'M' as period_grain,
        *
    from {{ source('raw', 'fx_monthly') }}

),

unioned as (

    select * from annual
    union all
    select * from monthly

),

final as (

    select
        cast(period_grain as string) as period_grain,
        cast(date as date) as period_start_date,
        cast(country as string) as country,
        cast({{ to_decimal('exchange_rate', 18, 6) }} as decimal(18, 6)) as rate,
        cast(snapshot_id as string) as snapshot_id,
        cast(raw_row as bigint) as raw_row
    from unioned

)

select * from final
