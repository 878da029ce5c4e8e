with

figures as (

    select * from {{ ref('int_printed_figure') }}

),

ranked as (

    select * from {{ ref('int_ranked_figure') }}

),

final as (

    select
        cast(figures.source_id as string) as source_id,
        cast(figures.dataset_id as string) as dataset_id,
        cast(figures.release_id as string) as release_id,
        cast(figures.released_at as date) as released_at,
        cast(figures.reporter_iso3 as string) as reporter_iso3,
        cast(figures.partner_iso3 as string) as partner_iso3,
        cast(figures.flow as string) as flow,
        cast(figures.product_id as string) as product_id,
        cast(figures.product_scope as string) as product_scope,
        cast(figures.period_grain as string) as period_grain,
        cast(figures.period_start_date as date) as period_start_date,
        cast(figures.period_end_date as date) as period_end_date,
        cast(figures.year as integer) as year,
        cast(figures.measure as string) as measure,
        cast(figures.basis as string) as basis,
        cast(figures.printed as string) as printed,
        cast(figures.printed_unit as string) as printed_unit,
        cast(figures.unit as string) as unit,
        cast(figures.value as decimal(24, 4)) as value,
        cast(figures.half_unit as decimal(24, 6)) as half_unit,
        cast(figures.print_kind as string) as print_kind,
        cast(ranked.snapshot_id is not null as boolean) as is_used,
        cast(coalesce(ranked.is_latest, false) as boolean) as is_latest,
        cast(coalesce(ranked.is_first_print, false) as boolean) as is_first_print,
        cast(figures.read_at as string) as read_at,
        cast(figures.note as string) as note,
        cast(figures.path as string) as path,
        cast(figures.snapshot_id as string) as snapshot_id,
        cast(figures.raw_row as bigint) as raw_row,
        cast(figures.raw_column as string) as raw_column
    from figures
    left join ranked
        on
            figures.snapshot_id = ranked.snapshot_id
            and figures.raw_row = ranked.raw_row
            and figures.raw_column = ranked.raw_column
            and figures.period_grain = ranked.period_grain

)

select * from final
