with

source as (

    select * from {{ source('raw', 'mirror_parameter') }}

),

final as (

    select
        cast(parameter as string) as parameter,
        cast(bound as string) as bound,
        cast({{ to_decimal('value', 18, 6) }} as decimal(18, 6)) as value,
        cast(unit as string) as unit,
        cast(source as string) as read_at,
        cast(note as string) as note,
        cast(snapshot_id as string) as snapshot_id,
        cast(raw_row as bigint) as raw_row
    from source

)

select * from final
