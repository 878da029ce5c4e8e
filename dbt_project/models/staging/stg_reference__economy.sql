with

source as (

    select * from {{ source('raw', 'economy') }}

),

final as (

    select
        cast(economy_iso3 as string) as economy_iso3,
        cast(name as string) as economy_name,
        cast(m49_code as string) as m49_code,
        cast(comtrade_code as string) as comtrade_code,
        cast(gacc_code as string) as gacc_code,
        cast(is_group = 'true' as boolean) as is_group,
        cast(valid_from as integer) as valid_from_year,
        cast(valid_to as integer) as valid_to_year,
        cast(note as string) as note
    from source

)

select * from final
