{#
  The printed figures with the choice among several prints of the same thing: within a release the
  first print of the finest precision speaks for it (release_rank 1); conflicts and misprints never do.
  latest_rank 1 is the newest release's figure, first_rank 1 the first print of all.
#}
with

figures as (

    select * from {{ ref('int_printed_figure') }}

),

eligible as (

    select
        *,
        row_number() over (
            partition by
                source_id, release_id, reporter_iso3, partner_iso3, flow, product_id,
                period_grain, period_end_date, measure, basis
            order by
                case print_kind when 'first' then 1 when 'revised_base' then 2 else 3 end asc nulls last,
                half_unit asc nulls last,
                dataset_id desc nulls last,
                path asc nulls last,
                raw_row asc nulls last,
                raw_column asc nulls last
        ) as release_rank
    from figures
    where print_kind in ('first', 'revised_base', 'secondary')

),

chosen as (

    select
        *,
        row_number() over (
            partition by
                source_id, reporter_iso3, partner_iso3, flow, product_id,
                period_grain, period_end_date, measure, basis
            order by released_at desc nulls last, release_id desc nulls last
        ) as latest_rank,
        row_number() over (
            partition by
                source_id, reporter_iso3, partner_iso3, flow, product_id,
                period_grain, period_end_date, measure, basis
            order by
                case print_kind when 'first' then 1 else 2 end asc nulls last,
                released_at asc nulls last,
                release_id asc nulls last
        ) as first_order
    from eligible
    where release_rank = 1

),

final as (

    select
        cast(snapshot_id as string) as snapshot_id,
        cast(raw_row as bigint) as raw_row,
        cast(raw_column as string) as raw_column,
        cast(source_id as string) as source_id,
        cast(dataset_id as string) as dataset_id,
        cast(release_id as string) as release_id,
        cast(released_at as date) as released_at,
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(partner_iso3 as string) as partner_iso3,
        cast(flow as string) as flow,
        cast(product_id as string) as product_id,
        cast(product_scope as string) as product_scope,
        cast(period_grain as string) as period_grain,
        cast(period_start_date as date) as period_start_date,
        cast(period_end_date as date) as period_end_date,
        cast(year as integer) as year,
        cast(measure as string) as measure,
        cast(basis as string) as basis,
        cast(unit as string) as unit,
        cast(value as decimal(24, 4)) as value,
        cast(half_unit as decimal(24, 6)) as half_unit,
        cast(print_kind as string) as print_kind,
        cast(latest_rank = 1 as boolean) as is_latest,
        cast(first_order = 1 and print_kind = 'first' as boolean) as is_first_print
    from chosen

)

select * from final
