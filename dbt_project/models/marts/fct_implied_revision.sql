{#
  Every published triple of level, level one year before and stated growth: the base that the
  statistician must have used, beside the bases that were printed and the revisions that were observed.
  Formula: [(x - h) / (1 + g + hg), (x + h) / (1 + g - hg)]. A fit is decided with decimals, by multiplication.
#}
with

figures as (

    select
        *,
        cast(extract(month from period_end_date) as integer) as last_month
    from {{ ref('int_ranked_figure') }}

),

growths as (

    select
        *,
        cast(value as decimal(9, 4)) as growth_pct,
        cast(half_unit as decimal(9, 4)) as growth_half_unit
    from figures
    where measure = 'growth_yoy_pct' and basis in ('usd', 'cny', 'quantity')

),

levels as (

    select * from figures
    where measure = 'level'

),

{#- The level that the release prints beside its growth, else the newest one known by then. #}

paired as (

    select
        growths.*,
        levels.product_scope as level_scope,
        levels.value as level_value,
        levels.half_unit as level_half_unit,
        levels.release_id as level_release_id,
        row_number() over (
            partition by
                growths.source_id, growths.reporter_iso3, growths.partner_iso3, growths.flow, growths.product_id,
                growths.period_grain, growths.period_end_date, growths.basis, growths.release_id
            order by levels.released_at desc nulls last, levels.release_id desc nulls last
        ) as level_order
    from growths
    left join levels
        on
            growths.source_id = levels.source_id
            and growths.reporter_iso3 = levels.reporter_iso3
            and growths.partner_iso3 = levels.partner_iso3
            and growths.flow = levels.flow
            and growths.product_id = levels.product_id
            and growths.period_grain = levels.period_grain
            and growths.period_end_date = levels.period_end_date
            and growths.basis = levels.basis
            and growths.released_at >= levels.released_at

),

triples as (

    select
        *,
        cast(level_value - level_half_unit as double)
        / nullif(1e0 + cast(growth_pct + growth_half_unit as double) * 1e-2, 0) as implied_low,
        cast(level_value + level_half_unit as double)
        / nullif(1e0 + cast(growth_pct - growth_half_unit as double) * 1e-2, 0) as implied_high
    from paired
    where level_order = 1

),

{#- All prints of the base period, and whether each lies where the stated growth puts the base. #}

bases as (

    select
        triples.source_id,
        triples.reporter_iso3,
        triples.partner_iso3,
        triples.flow,
        triples.product_id,
        triples.period_grain,
        triples.period_end_date,
        triples.basis,
        triples.release_id,
        levels.value as base_value,
        levels.half_unit as base_half_unit,
        levels.release_id as base_release_id,
        levels.is_latest,
        levels.is_first_print,
        levels.product_scope <> triples.level_scope as is_other_scope,
        row_number() over (
            partition by
                triples.source_id, triples.reporter_iso3, triples.partner_iso3, triples.flow, triples.product_id,
                triples.period_grain, triples.period_end_date, triples.basis, triples.release_id
            order by levels.released_at asc nulls last, levels.release_id asc nulls last
        ) as print_order,
        (triples.level_value - triples.level_half_unit) * 100
        <= (100 + triples.growth_pct + triples.growth_half_unit) * (levels.value + levels.half_unit)
        and (triples.level_value + triples.level_half_unit) * 100
        >= (100 + triples.growth_pct - triples.growth_half_unit) * (levels.value - levels.half_unit) as is_fitting
    from triples
    inner join levels
        on
            triples.source_id = levels.source_id
            and triples.reporter_iso3 = levels.reporter_iso3
            and triples.partner_iso3 = levels.partner_iso3
            and triples.flow = levels.flow
            and triples.product_id = levels.product_id
            and triples.period_grain = levels.period_grain
            and triples.basis = levels.basis
            and triples.year = levels.year + 1
            and triples.last_month = levels.last_month

),

summed as (

    select
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        product_id,
        period_grain,
        period_end_date,
        basis,
        release_id,
        max(case when print_order = 1 then base_value end) as base_value,
        max(case when print_order = 1 then base_half_unit end) as base_half_unit,
        max(case when print_order = 1 then base_release_id end) as base_release_id,
        max(case when is_latest then base_value end) as base_latest_value,
        max(case when is_latest then base_release_id end) as base_latest_release_id,
        max(case when is_other_scope then 1 else 0 end) as has_other_scope,
        min(case when is_fitting then print_order end) as fitting_order,
        count(*) as base_prints
    from bases
    group by
        source_id, reporter_iso3, partner_iso3, flow, product_id, period_grain, period_end_date, basis, release_id

),

bands as (

    select * from {{ ref('int_revision_band') }}

),

compared as (

    select
        triples.*,
        summed.base_value,
        summed.base_half_unit,
        summed.base_release_id,
        summed.base_latest_value,
        summed.base_latest_release_id,
        summed.base_prints,
        summed.fitting_order,
        summed.has_other_scope,
        bands.band_low_pct,
        bands.band_high_pct,
        case when summed.has_other_scope = 0 then {{ change_pct('triples.implied_low', 'summed.base_value + summed.base_half_unit') }} end
            as implied_revision_low_pct,
        case when summed.has_other_scope = 0 then {{ change_pct('triples.implied_high', 'summed.base_value - summed.base_half_unit') }} end
            as implied_revision_high_pct
    from triples
    left join summed
        on
            triples.source_id = summed.source_id
            and triples.reporter_iso3 = summed.reporter_iso3
            and triples.partner_iso3 = summed.partner_iso3
            and triples.flow = summed.flow
            and triples.product_id = summed.product_id
            and triples.period_grain = summed.period_grain
            and triples.period_end_date = summed.period_end_date
            and triples.basis = summed.basis
            and triples.release_id = summed.release_id
    left join bands
        on
            triples.source_id = bands.source_id
            and bands.figure_kind = case when triples.basis = 'quantity' then 'quantity' else 'value' end

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
        cast(release_id as string) as release_id,
        cast(released_at as date) as released_at,
        cast(growth_pct as decimal(9, 4)) as published_growth_pct,
        cast(growth_half_unit as decimal(9, 4)) as published_half_unit,
        cast(level_value as decimal(24, 4)) as value,
        cast(level_half_unit as decimal(24, 6)) as half_unit,
        cast(level_release_id as string) as level_release_id,
        cast(
            case
                when level_value is null then 'not_held'
                when level_release_id = release_id then 'same_release'
                else 'earlier_release'
            end as string
        ) as level_status,
        cast({{ rounded_down('implied_low') }} as decimal(24, 4)) as implied_base_low,
        cast({{ rounded_up('implied_high') }} as decimal(24, 4)) as implied_base_high,
        cast(base_value as decimal(24, 4)) as base_value,
        cast(base_half_unit as decimal(24, 6)) as base_half_unit,
        cast(base_release_id as string) as base_release_id,
        cast(coalesce(base_prints, 0) as integer) as base_prints,
        cast(implied_revision_low_pct as double) as implied_revision_low_pct,
        cast(implied_revision_high_pct as double) as implied_revision_high_pct,
        cast(base_latest_value as decimal(24, 4)) as base_latest_value,
        cast(base_latest_release_id as string) as base_latest_release_id,
        cast(
            case when base_prints > 1 then {{ change_pct('base_latest_value', 'base_value') }} end as double
        ) as observed_revision_pct,
        cast(
            case
                when base_prints is null then 'no_base'
                when base_value = 0 then 'zero_base'
                when base_prints = 1 then 'one_print'
                else 'ok'
            end as string
        ) as observed_revision_status,
        cast(band_low_pct as double) as band_low_pct,
        cast(band_high_pct as double) as band_high_pct,
        cast(case when band_low_pct is null then 'no_revision_held' else 'ok' end as string) as band_status,
        cast(
            case
                when level_value is null then 'no_level'
                when base_prints is null then 'no_base'
                when has_other_scope = 1 then 'scope_changed'
                when fitting_order = 1 then 'first_print_fits'
                when fitting_order > 1 then 'later_print_fits'
                when implied_revision_low_pct <= band_high_pct and implied_revision_high_pct >= band_low_pct
                    then 'within_observed_revisions'
                when band_low_pct is null then 'no_revision_held'
                else 'beyond_observed_revisions'
            end as string
        ) as implied_revision_status,
        cast(snapshot_id as string) as snapshot_id,
        cast(raw_row as bigint) as raw_row
    from compared

)

select * from final
