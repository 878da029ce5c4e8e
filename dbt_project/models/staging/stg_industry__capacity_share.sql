with

source as (

    select * from {{ source('raw', 'capacity_share') }}

),

final as (

    select
        cast(snapshot_id as string) as snapshot_id,
        cast(raw_row as bigint) as raw_row,
        cast(scope as string) as scope,
        cast(region as string) as region,
        cast(year as integer) as year,
        cast(share_pct as string) as printed,
        cast({{ to_decimal('share_pct', 9, 4) }} as decimal(9, 4)) as share_pct,
        cast({{ half_unit('share_pct', units_are_significant='true') }} as decimal(9, 4)) as half_unit,
        cast(substr(kind, 1, 8) = 'forecast' as boolean) as is_forecast,
        cast(kind as string) as kind,
        cast(vintage as string) as edition_label,
        cast(source as string) as read_at
    from source

)

select * from final
