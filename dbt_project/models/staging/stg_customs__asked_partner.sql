{# Partners that files of customs offices were asked for. #}
with

source as (

    select * from {{ source('raw', 'asked_partner') }}

),

final as (

    select
        cast(snapshot_id as string) as snapshot_id,
        cast(partner_iso3 as string) as partner_iso3
    from source

)

select * from final
