{# Compound growth between any two years held of the same scope. Formula: (end / start)^(1 / years) - 1, years by the calendar. #}
with

series as (

    select * from {{ ref('int_trade_series') }}
    where period_grain = 'A'

),

final as (

    select
        cast(later.source_id as string) as source_id,
        cast(later.reporter_iso3 as string) as reporter_iso3,
        cast(later.partner_iso3 as string) as partner_iso3,
        cast(later.flow as string) as flow,
        cast(later.product_id as string) as product_id,
        cast(later.basis as string) as basis,
        cast(later.vintage as string) as vintage,
        cast(earlier.year as integer) as start_year,
        cast(later.year as integer) as end_year,
        cast(later.year - earlier.year as integer) as years_elapsed,
        cast(earlier.value as decimal(24, 4)) as start_value,
        cast(later.value as decimal(24, 4)) as end_value,
        cast({{ change_pct('later.value', 'earlier.value') }} as double) as growth_total_pct,
        cast(
            case
                when earlier.value > 0 and later.value > 0
                    then 100e0 * (
                        exp(
                            ln({{ ratio('later.value', 'earlier.value') }})
                            / nullif(cast(later.year - earlier.year as double), 0)
                        ) - 1e0
                    )
            end as double
        ) as cagr_pct,
        cast(
            case
                when earlier.value <= 0 or later.value <= 0 then 'not_positive'
                when {{ is_base_unrevised('later.print_kind', 'earlier.print_kind') }} then 'base_not_revised'
                else 'ok'
            end as string
        ) as cagr_status
    from series as later
    inner join series as earlier
        on
            later.source_id = earlier.source_id
            and later.reporter_iso3 = earlier.reporter_iso3
            and later.partner_iso3 = earlier.partner_iso3
            and later.flow = earlier.flow
            and later.product_id = earlier.product_id
            and later.basis = earlier.basis
            and later.vintage = earlier.vintage
            and later.product_scope = earlier.product_scope
            and later.year > earlier.year

)

select * from final
