{#
  Every figure that a national customs authority printed, with its release, product and period.
  Grain: source cell × period grain (a year to date of two months is also the January-February release,
  one of twelve is also the year, one of one month also that month).
#}
with

announced as (

    select
        'announced' as dataset_id,
        *
    from {{ ref('stg_gacc__announced') }}

),

express as (

    select
        'express_cny' as dataset_id,
        *
    from {{ ref('stg_gacc__express') }}

),

snapshots as (

    select * from {{ ref('stg_ledger__snapshot') }}

),

tables as (

    select
        snapshots.dataset_id,
        cells.*
    from {{ ref('stg_gacc__printed_cell') }} as cells
    inner join snapshots
        on cells.snapshot_id = snapshots.snapshot_id

),

unioned as (

    select * from announced
    union all
    select * from express
    union all
    select * from tables

),

commodities as (

    select * from {{ ref('stg_reference__commodity_map') }}

),

grains as (

    select * from (
        values
        ('annual', 12, 'A'),
        ('ytd', 12, 'A'),
        ('ytd', 1, 'M'),
        ('ytd', 2, 'JF')
    ) as grains (period_type, last_month, period_grain)

),

months as (

    select
        *,
        case period_type when 'month' then 'M' else 'YTD' end as period_grain
    from unioned
    where period_type in ('month', 'ytd')

),

others as (

    select
        unioned.*,
        grains.period_grain
    from unioned
    inner join grains
        on
            unioned.period_type = grains.period_type
            and unioned.last_month = grains.last_month

),

expanded as (

    select * from months
    union all
    select * from others

),

final as (

    select
        cast(snapshots.source_id as string) as source_id,
        cast(expanded.dataset_id as string) as dataset_id,
        cast(snapshots.release_id as string) as release_id,
        cast(snapshots.released_at as date) as released_at,
        cast('CHN' as string) as reporter_iso3,
        cast(expanded.partner_iso3 as string) as partner_iso3,
        cast(expanded.flow as string) as flow,
        cast(commodities.product_id as string) as product_id,
        cast(coalesce(expanded.stated_scope, commodities.product_scope) as string) as product_scope,
        cast(expanded.period_grain as string) as period_grain,
        cast(
            case expanded.period_grain
                when 'M' then make_date(expanded.year, expanded.last_month, 1)
                else make_date(expanded.year, 1, 1)
            end as date
        ) as period_start_date,
        cast(last_day(make_date(expanded.year, expanded.last_month, 1)) as date) as period_end_date,
        cast(expanded.year as integer) as year,
        cast(expanded.measure as string) as measure,
        cast(expanded.basis as string) as basis,
        cast(expanded.printed as string) as printed,
        cast(expanded.printed_unit as string) as printed_unit,
        cast(expanded.unit as string) as unit,
        cast(expanded.value as decimal(24, 4)) as value,
        cast(expanded.half_unit as decimal(24, 6)) as half_unit,
        cast(expanded.print_kind as string) as print_kind,
        cast(expanded.read_at as string) as read_at,
        cast(expanded.note as string) as note,
        cast(snapshots.path as string) as path,
        cast(expanded.snapshot_id as string) as snapshot_id,
        cast(expanded.raw_row as bigint) as raw_row,
        cast(expanded.raw_column as string) as raw_column
    from expanded
    inner join snapshots
        on expanded.snapshot_id = snapshots.snapshot_id
    inner join commodities
        on
            snapshots.source_id = commodities.source_id
            and expanded.dataset_id = commodities.dataset_id
            and expanded.source_label = commodities.source_label

)

select * from final
