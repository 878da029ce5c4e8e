with

source as (

    select * from {{ source('raw', 'company') }}

),

final as (

    select
        cast(company_id as string) as company_id,
        cast(company as string) as company,
        cast(headquarters_iso3 as string) as headquarters_iso3
    from source

)

select * from final
