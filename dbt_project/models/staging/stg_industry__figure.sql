{# Figures of market reports in one long shape; each keeps the words of its source. #}
with

equipment as (

    select
        snapshot_id,
        raw_row,
        'usd_bn' as raw_column,
        'semiconductor_equipment' as subject,
        'sales' as measure,
        region as entity,
        period,
        usd_bn as printed,
        'USD' as unit,
        cast(1000000000 as decimal(13, 0)) as scale,
        'published' as vintage,
        source as read_at
    from {{ source('raw', 'equipment_sales') }}

),

equipment_growth as (

    select
        snapshot_id,
        raw_row,
        'yoy_pct_as_published' as raw_column,
        'semiconductor_equipment' as subject,
        'growth_yoy_pct' as measure,
        region as entity,
        period,
        yoy_pct_as_published as printed,
        'percent' as unit,
        cast(1 as decimal(13, 0)) as scale,
        'published' as vintage,
        source as read_at
    from {{ source('raw', 'equipment_sales') }}
    where yoy_pct_as_published is not null

),

foundries as (

    select
        snapshot_id,
        raw_row,
        'revenue_musd' as raw_column,
        'foundry_revenue' as subject,
        'sales' as measure,
        company as entity,
        '20' || substr(quarter, 3, 2) || 'Q' || substr(quarter, 1, 1) as period,
        revenue_musd as printed,
        'USD' as unit,
        cast(1000000 as decimal(13, 0)) as scale,
        'published' as vintage,
        source as read_at
    from {{ source('raw', 'foundry_revenue') }}

),

foundry_shares as (

    select
        snapshot_id,
        raw_row,
        'share_pct' as raw_column,
        'foundry_revenue' as subject,
        'share_pct' as measure,
        company as entity,
        '20' || substr(quarter, 3, 2) || 'Q' || substr(quarter, 1, 1) as period,
        share_pct as printed,
        'percent' as unit,
        cast(1 as decimal(13, 0)) as scale,
        'published' as vintage,
        source as read_at
    from {{ source('raw', 'foundry_revenue') }}
    where share_pct is not null

),

rare_earths as (

    select
        snapshot_id,
        raw_row,
        'tonnes_REO' as raw_column,
        'rare_earths' as subject,
        'mine_production' as measure,
        country as entity,
        year as period,
        tonnes_reo as printed,
        'tonnes_reo' as unit,
        cast(1 as decimal(13, 0)) as scale,
        vintage,
        source as read_at
    from {{ source('raw', 'rare_earth_production') }}

),

rare_earth_shares as (

    select
        snapshot_id,
        raw_row,
        'share_pct_stated' as raw_column,
        'rare_earths' as subject,
        'share_pct' as measure,
        country as entity,
        year as period,
        share_pct_stated as printed,
        'percent' as unit,
        cast(1 as decimal(13, 0)) as scale,
        vintage,
        source as read_at
    from {{ source('raw', 'rare_earth_production') }}
    where share_pct_stated is not null

),

accelerators as (

    select
        snapshot_id,
        raw_row,
        'units' as raw_column,
        'ai_accelerators' as subject,
        'output' as measure,
        vendor || ': ' || product as entity,
        period,
        units as printed,
        'items' as unit,
        cast(1 as decimal(13, 0)) as scale,
        qualifier as vintage,
        source as read_at
    from {{ source('raw', 'ai_accelerators') }}

),

sales as (

    select
        snapshot_id,
        raw_row,
        'value' as raw_column,
        'semiconductor_sales' as subject,
        measure,
        region as entity,
        period,
        value as printed,
        case unit when 'USD bn' then 'USD' else 'percent' end as unit,
        cast(case unit when 'USD bn' then 1000000000 else 1 end as decimal(13, 0)) as scale,
        vintage,
        source as read_at
    from {{ source('raw', 'semiconductor_sales') }}

),

unioned as (

    select * from equipment
    union all
    select * from equipment_growth
    union all
    select * from foundries
    union all
    select * from foundry_shares
    union all
    select * from rare_earths
    union all
    select * from rare_earth_shares
    union all
    select * from accelerators
    union all
    select * from sales

),

final as (

    select
        cast(snapshot_id as string) as snapshot_id,
        cast(raw_row as bigint) as raw_row,
        cast(raw_column as string) as raw_column,
        cast(subject as string) as subject,
        cast(measure as string) as measure,
        cast(entity as string) as entity,
        cast(period as string) as period,
        cast(printed as string) as printed,
        cast(unit as string) as unit,
        cast({{ to_decimal('printed') }} * scale as decimal(24, 4)) as value,
        cast({{ half_unit('printed', units_are_significant="unit = 'percent'") }} * scale as decimal(24, 6)) as half_unit,
        cast(vintage as string) as vintage,
        cast(read_at as string) as read_at
    from unioned

)

select * from final
