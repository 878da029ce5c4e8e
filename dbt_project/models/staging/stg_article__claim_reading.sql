with

source as (

    select * from {{ source('raw', 'claim_reading') }}

),

final as (

    select
        cast(claim_id as string) as claim_id,
        cast(reading as integer) as reading,
        cast(value as decimal(28, 8)) as value,
        cast(low as decimal(28, 8)) as low,
        cast(high as decimal(28, 8)) as high,
        cast(half_unit as decimal(28, 8)) as half_unit,
        cast(significant_figures as integer) as significant_figures,
        cast(unit as string) as unit,
        cast(currency as string) as currency,
        cast(note as string) as note,
        cast(snapshot_id as string) as snapshot_id,
        cast(raw_row as bigint) as raw_row
    from source

)

select * from final
