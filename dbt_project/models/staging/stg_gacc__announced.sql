with

source as (

    select * from {{ source('raw', 'gacc_announced') }}

),

units as (

    select * from (
        values
        ('100m USD', 'usd', 'USD', cast(100000000 as decimal(13, 0))),
        ('USD bn', 'usd', 'USD', cast(1000000000 as decimal(13, 0))),
        ('10k USD', 'usd', 'USD', cast(10000 as decimal(13, 0))),
        ('100m CNY', 'cny', 'CNY', cast(100000000 as decimal(13, 0))),
        ('100m pcs', 'quantity', 'items', cast(100000000 as decimal(13, 0))),
        ('100m units', 'quantity', 'items', cast(100000000 as decimal(13, 0))),
        ('10k units', 'quantity', 'items', cast(10000 as decimal(13, 0))),
        ('million units', 'quantity', 'items', cast(1000000 as decimal(13, 0))),
        ('pct', null, 'percent', cast(1 as decimal(13, 0))),
        ('months', null, 'months', cast(1 as decimal(13, 0)))
    ) as units (unit, basis, base_unit, scale)

),

measures as (

    select * from (
        values
        ('value', 'level', null, 'WLD'),
        ('quantity', 'level', null, 'WLD'),
        ('yoy_value', 'growth_yoy_pct', 'currency_not_stated', 'WLD'),
        ('yoy_value_usd', 'growth_yoy_pct', 'usd', 'WLD'),
        ('yoy_value_cny', 'growth_yoy_pct', 'cny', 'WLD'),
        ('yoy_qty', 'growth_yoy_pct', 'quantity', 'WLD'),
        ('streak_months_yoy_growth', 'streak_months', 'usd', 'WLD'),
        ('value_to_hong_kong', 'level', null, 'HKG'),
        ('value_to_vietnam', 'level', null, 'VNM'),
        ('value_to_usa', 'level', null, 'USA')
    ) as measures (raw_measure, measure, basis, partner_iso3)

),

final as (

    select
        cast(source.snapshot_id as string) as snapshot_id,
        cast(source.raw_row as bigint) as raw_row,
        cast('value' as string) as raw_column,
        cast(source.commodity as string) as source_label,
        cast(source.flow as string) as flow,
        cast(measures.partner_iso3 as string) as partner_iso3,
        cast(source.period_type as string) as period_type,
        cast(substr(source.period, 1, 4) as integer) as year,
        cast(case when length(source.period) = 7 then substr(source.period, 6, 2) else '12' end as integer) as last_month,
        cast(measures.measure as string) as measure,
        cast(coalesce(measures.basis, units.basis) as string) as basis,
        cast(source.value as string) as printed,
        cast(source.unit as string) as printed_unit,
        cast(units.base_unit as string) as unit,
        cast({{ to_decimal('source.value') }} * units.scale as decimal(24, 4)) as value,
        cast({{ half_unit('source.value', units_are_significant='source.unit = \'pct\'') }} * units.scale as decimal(24, 6)) as half_unit,
        cast(
            case source.vintage
                when 'as_first_published_that_year' then 'first'
                when 'as_first_published' then 'first'
                when 'revised_base_in_2025-12_table' then 'revised_base'
                when 'secondary' then 'secondary'
                when 'CONFLICT' then 'conflict'
                else 'misprint'
            end as string
        ) as print_kind,
        {#- Figures by partner come from press reports that say which codes they count. -#}
        cast(case when instr(source.note, 'HS 8542') > 0 then 'HS 8542' end as string) as stated_scope,
        cast(source.source_url as string) as read_at,
        cast(source.note as string) as note
    from source
    inner join units
        on source.unit = units.unit
    inner join measures
        on source.measure = measures.raw_measure

)

select * from final
