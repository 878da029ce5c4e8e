with

source as (

    select * from {{ source('raw', 'economy_alias') }}

),

final as (

    select
        cast(alias as string) as alias,
        cast(economy_iso3 as string) as economy_iso3
    from source

)

select * from final
