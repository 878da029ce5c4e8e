with

source as (

    select * from {{ source('raw', 'national_code_edition') }}

),

final as (

    select
        cast(source_id as string) as source_id,
        cast(product_system as string) as product_system,
        cast(valid_from as date) as valid_from,
        cast(valid_to as date) as valid_to,
        cast(hs_edition as string) as hs_edition,
        cast(evidence as string) as evidence,
        cast(note as string) as note
    from source

)

select * from final
