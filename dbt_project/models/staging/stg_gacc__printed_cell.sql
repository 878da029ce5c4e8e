{# Cells of GACC's own tables (express table, bulletin), as printed. #}
with

source as (

    select * from {{ source('raw', 'printed_cell') }}
    where row_kind in ('figure', 'change_row') and printed is not null

),

final as (

    select
        cast(snapshot_id as string) as snapshot_id,
        cast(raw_row as bigint) as raw_row,
        cast(raw_column as string) as raw_column,
        cast(source_label as string) as source_label,
        cast(flow as string) as flow,
        cast('WLD' as string) as partner_iso3,
        cast(period_type as string) as period_type,
        cast(year as integer) as year,
        cast(last_month as integer) as last_month,
        cast(measure as string) as measure,
        cast(basis as string) as basis,
        cast(printed as string) as printed,
        cast(printed_unit as string) as printed_unit,
        cast(unit as string) as unit,
        cast({{ to_decimal('printed') }} * scale as decimal(24, 4)) as value,
        cast(
            case
                when measure = 'growth_yoy_pct' then cast(0.05 as decimal(22, 10))
                else {{ half_unit('printed') }}
            end * scale as decimal(24, 6)
        ) as half_unit,
        cast(print_kind as string) as print_kind,
        cast(null as string) as stated_scope,
        cast(null as string) as read_at,
        cast(null as string) as note
    from source

)

select * from final
