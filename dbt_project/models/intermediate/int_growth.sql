{#
  Value, base one year before, growth and what the source printed, for every period grain.
  Growth interval: [(x - h) / (b + hb) - 1, (x + h) / (b - hb) - 1], h being half of the last digit.
  Implied base of a printed growth g ± hg: [(x - h) / (1 + g + hg), (x + h) / (1 + g - hg)].
  Whether the printed growth agrees is decided with decimals, by multiplication. A printed growth is that of
  the release that prints the value; one of another release is shown, but implies nothing about this value.
#}
with

series as (

    select * from {{ ref('int_trade_series') }}

),

published as (

    select * from {{ ref('int_published_growth') }}

),

bands as (

    select * from {{ ref('int_revision_band') }}

),

paired as (

    select
        series.*,
        base.value as base_value,
        base.half_unit as base_half_unit,
        base.release_id as base_release_id,
        base.product_scope as base_product_scope,
        base.print_kind as base_print_kind,
        coalesce(beside.growth_pct, newest.growth_pct) as published_growth_pct,
        case when beside.growth_pct is null then newest.half_unit else beside.half_unit end as published_half_unit,
        case when beside.growth_pct is not null then 1 else 0 end as is_printed_beside,
        bands.band_low_pct,
        bands.band_high_pct
    from series
    left join series as base
        on
            series.source_id = base.source_id
            and series.reporter_iso3 = base.reporter_iso3
            and series.partner_iso3 = base.partner_iso3
            and series.flow = base.flow
            and series.product_id = base.product_id
            and series.period_grain = base.period_grain
            and series.basis = base.basis
            and series.vintage = base.vintage
            and series.year = base.year + 1
            and extract(month from series.period_end_date) = extract(month from base.period_end_date)
    left join published as beside
        on
            series.source_id = beside.source_id
            and series.reporter_iso3 = beside.reporter_iso3
            and series.partner_iso3 = beside.partner_iso3
            and series.flow = beside.flow
            and series.product_id = beside.product_id
            and series.period_grain = beside.period_grain
            and series.period_end_date = beside.period_end_date
            and series.basis = beside.basis
            and series.release_id = beside.release_id
    left join published as newest
        on
            series.source_id = newest.source_id
            and series.reporter_iso3 = newest.reporter_iso3
            and series.partner_iso3 = newest.partner_iso3
            and series.flow = newest.flow
            and series.product_id = newest.product_id
            and series.period_grain = newest.period_grain
            and series.period_end_date = newest.period_end_date
            and series.basis = newest.basis
            and newest.is_latest
    left join bands
        on
            series.source_id = bands.source_id
            and bands.figure_kind = case when series.basis = 'quantity' then 'quantity' else 'value' end

),

computed as (

    select
        *,
        case
            when base_value is null then 'no_base'
            when base_product_scope <> product_scope then 'scope_changed'
            when base_value = 0 then 'zero_base'
            when base_value < 0 then 'negative_base'
            when {{ is_base_unrevised('print_kind', 'base_print_kind') }} then 'base_not_revised'
            else 'ok'
        end as growth_status,
        case
            when is_printed_beside = 1
                then
                    cast(value - half_unit as double)
                    / nullif(1e0 + cast(published_growth_pct + published_half_unit as double) / nullif(100e0, 0), 0)
        end as implied_base_low,
        case
            when is_printed_beside = 1
                then
                    cast(value + half_unit as double)
                    / nullif(1e0 + cast(published_growth_pct - published_half_unit as double) / nullif(100e0, 0), 0)
        end as implied_base_high,
        case
            when published_growth_pct is null then 'not_published'
            when is_printed_beside = 0 then 'printed_beside_another_value'
            when base_value is null then 'no_base'
            when base_product_scope <> product_scope then 'scope_changed'
            when
                (value - half_unit) * 100 <= (100 + published_growth_pct + published_half_unit) * (base_value + base_half_unit)
                and (value + half_unit) * 100 >= (100 + published_growth_pct - published_half_unit) * (base_value - base_half_unit)
                then 'consistent'
            else 'differs'
        end as agreement
    from paired

),

revisions as (

    select
        *,
        {{ change_pct('implied_base_low', 'base_value + base_half_unit') }} as implied_revision_low_pct,
        {{ change_pct('implied_base_high', 'base_value - base_half_unit') }} as implied_revision_high_pct
    from computed

),

final as (

    select
        cast(source_id as string) as source_id,
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(partner_iso3 as string) as partner_iso3,
        cast(flow as string) as flow,
        cast(product_id as string) as product_id,
        cast(product_scope as string) as product_scope,
        cast(period_grain as string) as period_grain,
        cast(period_start_date as date) as period_start_date,
        cast(period_end_date as date) as period_end_date,
        cast(year as integer) as year,
        cast(basis as string) as basis,
        cast(vintage as string) as vintage,
        cast(value as decimal(24, 4)) as value,
        cast(half_unit as decimal(24, 6)) as half_unit,
        cast(base_value as decimal(24, 4)) as base_value,
        cast(base_half_unit as decimal(24, 6)) as base_half_unit,
        cast(case when {{ is_known_growth('growth_status') }} then {{ change_pct('value', 'base_value') }} end as double) as growth_yoy_pct,
        cast(
            case when {{ is_known_growth('growth_status') }} then {{ change_pct('value - half_unit', 'base_value + base_half_unit') }} end
            as double
        ) as growth_low_pct,
        cast(
            case when {{ is_known_growth('growth_status') }} then {{ change_pct('value + half_unit', 'base_value - base_half_unit') }} end
            as double
        ) as growth_high_pct,
        cast(growth_status as string) as growth_status,
        cast({{ growth_log_pct() }} as double) as growth_log_pct,
        cast({{ growth_log_status() }} as string) as growth_log_status,
        cast({{ growth_symmetric_pct() }} as double) as growth_symmetric_pct,
        cast({{ growth_symmetric_status() }} as string) as growth_symmetric_status,
        cast(published_growth_pct as decimal(9, 4)) as published_growth_pct,
        cast(published_half_unit as decimal(9, 4)) as published_half_unit,
        cast(
            case
                when agreement <> 'differs' then agreement
                when implied_revision_low_pct <= band_high_pct and implied_revision_high_pct >= band_low_pct
                    then 'explained_by_revision'
                else 'inconsistent'
            end as string
        ) as published_growth_status,
        cast({{ rounded_down('implied_base_low') }} as decimal(24, 4)) as implied_base_low,
        cast({{ rounded_up('implied_base_high') }} as decimal(24, 4)) as implied_base_high,
        cast(implied_revision_low_pct as double) as implied_revision_low_pct,
        cast(implied_revision_high_pct as double) as implied_revision_high_pct,
        cast(band_low_pct as double) as band_low_pct,
        cast(band_high_pct as double) as band_high_pct,
        cast(print_kind as string) as print_kind,
        cast(is_sum_of_months as boolean) as is_sum_of_months,
        cast(release_id as string) as release_id,
        cast(base_release_id as string) as base_release_id,
        cast(released_at as date) as released_at,
        cast(snapshot_id as string) as snapshot_id,
        cast(raw_row as bigint) as raw_row
    from revisions

)

select * from final
