{#
  The gap between importer and exporter, ln(M / X), and what may explain it. The factors are multiplied,
  so their logs add up: CIF margin, goods under way at the turn of the year, goods through Hong Kong. Each is
  a range; what the ranges leave is unexplained. A factor that cannot be computed stays in the unexplained.
#}
with

pairs as (

    select * from {{ ref('int_mirror_pair') }}

),

routes as (

    select * from {{ ref('int_hong_kong_route') }}

),

parameters as (

    select
        max(case when parameter = 'cif_margin' and bound = 'low' then cast(value as double) end) as cif_low,
        max(case when parameter = 'cif_margin' and bound = 'central' then cast(value as double) end) as cif_central,
        max(case when parameter = 'cif_margin' and bound = 'high' then cast(value as double) end) as cif_high,
        cast(max(case when parameter = 'transit_time' and bound = 'low' then value end) as double) / 365e0 as lag_low,
        cast(max(case when parameter = 'transit_time' and bound = 'high' then value end) as double) / 365e0 as lag_high
    from {{ ref('stg_reference__mirror_parameter') }}

),

joined as (

    select
        pairs.*,
        routes.routed_low_usd,
        routes.routed_high_usd,
        parameters.cif_low,
        parameters.cif_high,
        parameters.lag_low,
        parameters.lag_high,
        case pairs.importer_valuation when 'fob' then 0e0 else parameters.cif_central end as cif_central,
        {{ ratio('previous.exporter_value_usd', 'pairs.exporter_value_usd') }} as previous_ratio,
        case
            when pairs.exporter_value_usd is null or pairs.importer_value_usd is null then 'no_mirror'
            when pairs.exporter_scope <> pairs.importer_scope then 'scope_differs'
            when pairs.exporter_value_usd <= 0 or pairs.importer_value_usd <= 0 then 'zero_value'
            else 'ok'
        end as mirror_status
    from pairs
    cross join parameters
    left join pairs as previous
        on
            pairs.universe = previous.universe
            and pairs.item_id = previous.item_id
            and pairs.exporter_iso3 = previous.exporter_iso3
            and pairs.importer_iso3 = previous.importer_iso3
            and pairs.exporter_source_id = previous.exporter_source_id
            and pairs.exporter_scope = previous.exporter_scope
            and pairs.year = previous.year + 1
    left join routes
        on
            pairs.universe = routes.universe
            and pairs.item_id = routes.item_id
            and pairs.exporter_iso3 = routes.exporter_iso3
            and pairs.importer_iso3 = routes.importer_iso3
            and pairs.year = routes.year

),

factors as (

    select
        *,
        cast({{ rounded(ratio('importer_value_usd', '1e0 + cif_central'), 4) }} as decimal(24, 4))
            as importer_fob_value_usd,
        case when importer_valuation = 'fob' then 0e0 else ln(1e0 + cif_low) end as cif_log_low,
        case
            when importer_valuation = 'fob' then 0e0
            else ln(1e0 + cif_high)
        end as cif_log_high,
        1e0 + lag_low * (previous_ratio - 1e0) as timing_short,
        1e0 + lag_high * (previous_ratio - 1e0) as timing_long,
        case
            when exporter_iso3 in ('HKG', 'WLD') or importer_iso3 in ('HKG', 'WLD') or exporter_iso3 = importer_iso3
                then 'not_applicable'
            when routed_high_usd is null then 'no_hong_kong_data'
            else 'ok'
        end as hong_kong_status,
        case when previous_ratio is null then 'no_previous_year' else 'ok' end as timing_status
    from joined

),

logs as (

    select
        *,
        case when mirror_status = 'ok' then ln({{ ratio('importer_value_usd', 'exporter_value_usd') }}) end as gap_log,
        case
            when mirror_status = 'ok' and timing_status = 'ok'
                then ln(case when timing_short < timing_long then timing_short else timing_long end)
        end as timing_log_low,
        case
            when mirror_status = 'ok' and timing_status = 'ok'
                then ln(case when timing_short < timing_long then timing_long else timing_short end)
        end as timing_log_high,
        case
            when mirror_status <> 'ok' then null
            when hong_kong_status = 'not_applicable' then 0e0
            when hong_kong_status = 'ok' then ln(1e0 + {{ ratio('routed_low_usd', 'exporter_value_usd') }})
        end as hong_kong_log_low,
        case
            when mirror_status <> 'ok' then null
            when hong_kong_status = 'not_applicable' then 0e0
            when hong_kong_status = 'ok' then ln(1e0 + {{ ratio('routed_high_usd', 'exporter_value_usd') }})
        end as hong_kong_log_high
    from factors

),

final as (

    select
        cast(universe as string) as universe,
        cast(item_id as string) as item_id,
        cast(product_id as string) as product_id,
        cast(exporter_iso3 as string) as exporter_iso3,
        cast(importer_iso3 as string) as importer_iso3,
        cast(year as integer) as year,
        cast(exporter_source_id as string) as exporter_source_id,
        cast(importer_source_id as string) as importer_source_id,
        cast(exporter_scope as string) as exporter_scope,
        cast(importer_scope as string) as importer_scope,
        cast(importer_valuation as string) as importer_valuation,
        cast(exporter_value_usd as decimal(24, 4)) as exporter_value_usd,
        cast(importer_value_usd as decimal(24, 4)) as importer_value_usd,
        cast(importer_fob_value_usd as decimal(24, 4)) as importer_fob_value_usd,
        cast(
            case
                when mirror_status = 'scope_differs' then null
                when exporter_value_usd is null then importer_fob_value_usd
                when importer_value_usd is null then exporter_value_usd
                else (exporter_value_usd + importer_fob_value_usd) * cast(0.5 as decimal(2, 1))
            end as decimal(24, 4)
        ) as reconciled_value_usd,
        cast(
            case
                when mirror_status = 'scope_differs' then 'none'
                when exporter_value_usd is null then 'importer_only'
                when importer_value_usd is null then 'exporter_only'
                else 'both'
            end as string
        ) as reconciled_basis,
        cast(mirror_status as string) as mirror_status,
        cast(case when mirror_status = 'ok' then importer_value_usd - exporter_value_usd end as decimal(24, 4)) as gap_usd,
        cast(gap_log as double) as gap_log,
        cast(
            case
                when mirror_status = 'ok'
                    then 200e0 * {{ ratio('importer_value_usd - exporter_value_usd', 'importer_value_usd + exporter_value_usd') }}
            end as double
        ) as gap_symmetric_pct,
        cast(
            case when mirror_status = 'ok' then ln({{ ratio('importer_fob_value_usd', 'exporter_value_usd') }}) end as double
        ) as gap_fob_log,
        cast(case when mirror_status = 'ok' then cif_log_low end as double) as cif_margin_log_low,
        cast(case when mirror_status = 'ok' then cif_log_high end as double) as cif_margin_log_high,
        cast(timing_log_low as double) as timing_log_low,
        cast(timing_log_high as double) as timing_log_high,
        cast(routed_low_usd as decimal(24, 4)) as hong_kong_routed_low_usd,
        cast(routed_high_usd as decimal(24, 4)) as hong_kong_routed_high_usd,
        cast(hong_kong_log_low as double) as hong_kong_log_low,
        cast(hong_kong_log_high as double) as hong_kong_log_high,
        cast(
            gap_log - cif_log_high - coalesce(timing_log_high, 0e0) - coalesce(hong_kong_log_high, 0e0) as double
        ) as unexplained_log_low,
        cast(
            gap_log - cif_log_low - coalesce(timing_log_low, 0e0) - coalesce(hong_kong_log_low, 0e0) as double
        ) as unexplained_log_high,
        cast(case when mirror_status = 'ok' then timing_status else mirror_status end as string) as timing_status,
        cast(case when mirror_status = 'ok' then hong_kong_status else mirror_status end as string) as hong_kong_status
    from logs

)

select * from final
