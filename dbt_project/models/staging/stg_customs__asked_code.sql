{# Codes that files of customs offices were asked for. #}
with

source as (

    select * from {{ source('raw', 'asked_code') }}

),

final as (

    select
        cast(snapshot_id as string) as snapshot_id,
        cast(code_pattern as string) as code_pattern
    from source

)

select * from final
