with

source as (

    select * from {{ source('raw', 'product_group') }}

),

final as (

    select
        cast(product_id as string) as product_id,
        cast(product_name as string) as product_name,
        cast(hs_edition as string) as hs_edition,
        cast(hs_code as string) as hs_code,
        cast(scope as string) as product_scope,
        cast(note as string) as note
    from source

)

select * from final
