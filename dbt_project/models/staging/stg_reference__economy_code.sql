{# Every code of an economy at any source, by the system that it belongs to. #}
with

economies as (

    select * from {{ source('raw', 'economy') }}

),

aliases as (

    select * from {{ source('raw', 'comtrade_code_alias') }}

),

offices as (

    select * from {{ source('raw', 'economy_code') }}

),

unioned as (

    select
        'comtrade' as code_system,
        comtrade_code as code,
        economy_iso3,
        is_group
    from economies
    where comtrade_code is not null
    union all
    select
        'comtrade' as code_system,
        comtrade_code as code,
        economy_iso3,
        'false' as is_group
    from aliases
    union all
    select
        'gacc' as code_system,
        gacc_code as code,
        economy_iso3,
        is_group
    from economies
    where gacc_code is not null
    union all
    select
        'gacc' as code_system,
        'WLD' as code,
        'WLD' as economy_iso3,
        'true' as is_group
    union all
    select
        code_system,
        code,
        economy_iso3,
        case economy_iso3 when 'WLD' then 'true' else 'false' end as is_group
    from offices
    union all
    select distinct
        'iso3' as code_system,
        economy_iso3 as code,
        economy_iso3,
        'false' as is_group
    from economies

),

final as (

    select
        cast(code_system as string) as code_system,
        cast(code as string) as code,
        cast(economy_iso3 as string) as economy_iso3,
        cast(is_group = 'true' as boolean) as is_group
    from unioned

)

select * from final
