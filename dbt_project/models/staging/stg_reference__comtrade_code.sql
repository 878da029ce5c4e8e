with

economies as (

    select * from {{ source('raw', 'economy') }}

),

aliases as (

    select * from {{ source('raw', 'comtrade_code_alias') }}

),

unioned as (

    select
        comtrade_code,
        economy_iso3,
        is_group
    from economies
    where comtrade_code is not null
    union all
    select
        comtrade_code,
        economy_iso3,
        'false' as is_group
    from aliases

),

final as (

    select
        cast(comtrade_code as string) as comtrade_code,
        cast(economy_iso3 as string) as economy_iso3,
        cast(is_group = 'true' as boolean) as is_group
    from unioned

)

select * from final
