with

source as (

    select * from {{ source('raw', 'seasonal_adjustment') }}

),

final as (

    select
        cast(source_id as string) as source_id,
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(partner_iso3 as string) as partner_iso3,
        cast(flow as string) as flow,
        cast(product_id as string) as product_id,
        cast(basis as string) as basis,
        cast(slot as integer) as slot,
        cast({{ to_decimal('adjusted_value', 24, 4) }} as decimal(24, 4)) as adjusted_value,
        cast(adjustment_status as string) as adjustment_status,
        cast(method as string) as method
    from source

)

select * from final
