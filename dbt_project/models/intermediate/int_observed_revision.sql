{#
  First print against every later print of the same figure, as intervals of the change in per cent.
  What is certain of a revision is the end of its interval nearer to zero.
#}
with

figures as (

    select * from {{ ref('int_ranked_figure') }}
    {#- A January-February is also a year to date: counted once. #}
    where measure = 'level' and print_kind in ('first', 'revised_base') and period_grain <> 'JF'

),

final as (

    select
        cast(later.source_id as string) as source_id,
        cast(case when later.basis = 'quantity' then 'quantity' else 'value' end as string) as figure_kind,
        cast(later.reporter_iso3 as string) as reporter_iso3,
        cast(later.partner_iso3 as string) as partner_iso3,
        cast(later.flow as string) as flow,
        cast(later.product_id as string) as product_id,
        cast(later.period_grain as string) as period_grain,
        cast(later.period_end_date as date) as period_end_date,
        cast(later.basis as string) as basis,
        cast(later.release_id as string) as release_id,
        cast(first.release_id as string) as first_release_id,
        cast(first.value as decimal(24, 4)) as first_value,
        cast(later.value as decimal(24, 4)) as value,
        cast({{ change_pct('later.value', 'first.value') }} as double) as revision_pct,
        cast({{ change_pct('later.value - later.half_unit', 'first.value + first.half_unit') }} as double) as revision_low_pct,
        cast({{ change_pct('later.value + later.half_unit', 'first.value - first.half_unit') }} as double) as revision_high_pct
    from figures as later
    inner join figures as first
        on
            later.source_id = first.source_id
            and later.reporter_iso3 = first.reporter_iso3
            and later.partner_iso3 = first.partner_iso3
            and later.flow = first.flow
            and later.product_id = first.product_id
            and later.period_grain = first.period_grain
            and later.period_end_date = first.period_end_date
            and later.basis = first.basis
            and first.is_first_print
            and later.released_at > first.released_at

)

select * from final
