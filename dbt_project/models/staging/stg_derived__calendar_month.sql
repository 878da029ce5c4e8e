with

source as (

    select * from {{ source('raw', 'calendar_month') }}

),

final as (

    select
        cast(economy_iso3 as string) as economy_iso3,
        cast(month_start_date as date) as month_start_date,
        cast(working_days as integer) as working_days,
        cast(calendar_status as string) as calendar_status,
        cast(library as string) as library
    from source

)

select * from final
