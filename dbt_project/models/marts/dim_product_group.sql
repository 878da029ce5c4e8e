with

groups as (

    select * from {{ ref('stg_reference__product_group') }}

),

final as (

    select
        cast(product_id as string) as product_id,
        cast(hs_edition as string) as hs_edition,
        cast(hs_code as string) as hs_code,
        cast(product_name as string) as product_name,
        cast(product_scope as string) as product_scope,
        cast(note as string) as note
    from groups

)

select * from final
