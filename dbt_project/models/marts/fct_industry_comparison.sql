{#
  Two market reports, or two editions of one, on the same figure: subject, measure, entity, period and
  unit are the same. The earlier release is a.
#}
with

figures as (

    select * from {{ ref('fct_industry_figure') }}
    where value is not null

),

pairs as (

    select
        a.subject,
        a.measure,
        a.entity,
        a.economy_iso3,
        a.period,
        a.unit,
        a.source_id as source_a,
        b.source_id as source_b,
        a.release_id as release_a,
        b.release_id as release_b,
        a.printed as printed_a,
        b.printed as printed_b,
        a.vintage as vintage_a,
        b.vintage as vintage_b,
        a.value as value_a,
        b.value as value_b,
        a.half_unit + b.half_unit as slack,
        a.snapshot_id as snapshot_id_a,
        a.raw_row as raw_row_a,
        a.raw_column as raw_column_a,
        b.snapshot_id as snapshot_id_b,
        b.raw_row as raw_row_b,
        b.raw_column as raw_column_b
    from figures as a
    inner join figures as b
        on
            a.subject = b.subject
            and a.measure = b.measure
            and a.entity = b.entity
            and a.period = b.period
            and a.unit = b.unit
            and (
                a.released_at < b.released_at
                or (a.released_at = b.released_at and a.release_id < b.release_id)
                or (a.release_id = b.release_id and a.raw_row < b.raw_row)
            )

),

final as (

    select
        cast(subject as string) as subject,
        cast(measure as string) as measure,
        cast(entity as string) as entity,
        cast(economy_iso3 as string) as economy_iso3,
        cast(period as string) as period,
        cast(unit as string) as unit,
        cast(source_a as string) as source_a,
        cast(source_b as string) as source_b,
        cast(release_a as string) as release_a,
        cast(release_b as string) as release_b,
        cast(printed_a as string) as printed_a,
        cast(printed_b as string) as printed_b,
        cast(vintage_a as string) as vintage_a,
        cast(vintage_b as string) as vintage_b,
        cast(value_a as decimal(24, 4)) as value_a,
        cast(value_b as decimal(24, 4)) as value_b,
        cast(value_b - value_a as decimal(24, 4)) as difference,
        cast({{ change_pct('value_b', 'value_a') }} as double) as difference_pct,
        cast(case when value_a = 0 then 'zero_base' else 'ok' end as string) as difference_status,
        cast(
            case
                when abs(value_b - value_a) <= slack then 'within_rounding'
                when source_a = source_b then 'revised'
                else 'differs'
            end as string
        ) as agreement,
        cast(snapshot_id_a as string) as snapshot_id_a,
        cast(raw_row_a as bigint) as raw_row_a,
        cast(raw_column_a as string) as raw_column_a,
        cast(snapshot_id_b as string) as snapshot_id_b,
        cast(raw_row_b as bigint) as raw_row_b,
        cast(raw_column_b as string) as raw_column_b
    from pairs

)

select * from final
