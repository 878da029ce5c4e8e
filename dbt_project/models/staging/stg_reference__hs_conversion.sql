with

source as (

    select * from {{ source('raw', 'hs_conversion') }}

),

final as (

    select
        cast(conversion_id as string) as conversion_id,
        cast(from_edition as string) as from_edition,
        cast(from_code as string) as from_code,
        cast(to_edition as string) as to_edition,
        cast(to_code as string) as to_code,
        cast({{ to_decimal('weight', 9, 6) }} as decimal(9, 6)) as weight,
        cast(note as string) as note
    from source

)

select * from final
