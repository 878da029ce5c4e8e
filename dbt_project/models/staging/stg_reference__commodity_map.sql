with

source as (

    select * from {{ source('raw', 'commodity_map') }}

),

final as (

    select
        cast(source_id as string) as source_id,
        cast(dataset_id as string) as dataset_id,
        cast(source_label as string) as source_label,
        cast(product_id as string) as product_id,
        cast(product_scope as string) as product_scope
    from source

)

select * from final
