with

source as (

    select * from {{ source('raw', 'currency_area') }}

),

final as (

    select
        cast(economy_iso3 as string) as economy_iso3,
        cast(country as string) as country,
        cast(currency as string) as currency,
        cast(valid_from as integer) as valid_from_year
    from source

)

select * from final
