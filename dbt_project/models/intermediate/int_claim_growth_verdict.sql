{#
  A printed growth against the growth of the levels, definition by definition. Where they part, the base
  that the printed growth implies is compared with the base held: if the source is known to revise by
  that much, the growth is explained by a base that was revised and not reprinted.
  All comparisons of growth are multiplications of decimals.
#}
with

claims as (

    select * from {{ ref('stg_article__claim') }}
    where formula_id = 'growth_yoy'

),

definitions as (

    select * from {{ ref('int_claim_definition') }}

),

series as (

    select * from {{ ref('int_claim_series') }}
    where product_role = 'subject'

),

{#- 'Fell by 15.4 %' is printed without its sign. #}

readings as (

    select
        readings.claim_id,
        readings.reading,
        case claims.metric when 'decline_yoy' then -readings.high else readings.low end as low,
        case claims.metric when 'decline_yoy' then -readings.low else readings.high end as high
    from {{ ref('stg_article__claim_reading') }} as readings
    inner join claims
        on readings.claim_id = claims.claim_id

),

bands as (

    select * from {{ ref('int_revision_band') }}

),

{#- The day from which the band was known: that of the last revision it is estimated from. #}

revision_days as (

    select
        revisions.source_id,
        revisions.figure_kind,
        max(snapshots.released_at) as known_at
    from {{ ref('int_observed_revision') }} as revisions
    inner join {{ ref('stg_ledger__snapshot') }} as snapshots
        on revisions.release_id = snapshots.release_id
    group by revisions.source_id, revisions.figure_kind

),

joined as (

    select
        claims.claim_id,
        definitions.definition_id,
        definitions.definition_role,
        definitions.basis,
        readings.reading,
        readings.low,
        readings.high,
        series.value,
        series.half_unit,
        base.value as base_value,
        base.half_unit as base_half_unit,
        bands.band_low_pct is not null as is_band_known,
        coalesce(bands.band_low_pct, 0e0) as band_low_pct,
        coalesce(bands.band_high_pct, 0e0) as band_high_pct,
        series.release_id,
        base.release_id as base_release_id,
        greatest(series.released_at, base.released_at) as levels_known_at,
        revision_days.known_at as band_known_at,
        cast(series.value - series.half_unit as double)
        / nullif(1e0 + cast(readings.high as double) / nullif(100e0, 0), 0) as implied_base_low,
        cast(series.value + series.half_unit as double)
        / nullif(1e0 + cast(readings.low as double) / nullif(100e0, 0), 0) as implied_base_high
    from claims
    inner join definitions
        on claims.claim_id = definitions.claim_id
    inner join readings
        on claims.claim_id = readings.claim_id
    inner join series
        on
            definitions.claim_id = series.claim_id
            and definitions.definition_id = series.definition_id
            and claims.period = series.period
    inner join series as base
        on
            definitions.claim_id = base.claim_id
            and definitions.definition_id = base.definition_id
            and series.source_id = base.source_id
            and claims.base_period = base.period
            and series.product_scope = base.product_scope
            and base.value - base.half_unit > 0
    left join bands
        on
            series.source_id = bands.source_id
            and bands.figure_kind = case when definitions.basis = 'quantity' then 'quantity' else 'value' end
    left join revision_days
        on
            bands.source_id = revision_days.source_id
            and bands.figure_kind = revision_days.figure_kind

),

implied as (

    select
        *,
        {{ change_pct('value', 'base_value') }} as growth_yoy_pct,
        {{ change_pct('value - half_unit', 'base_value + base_half_unit') }} as growth_low_pct,
        {{ change_pct('value + half_unit', 'base_value - base_half_unit') }} as growth_high_pct,
        {{ change_pct('implied_base_low', 'base_value + base_half_unit') }} as revision_low_pct,
        {{ change_pct('implied_base_high', 'base_value - base_half_unit') }} as revision_high_pct,
        case
            when
                (
                    high is null
                    or cast(value - half_unit as decimal(20, 4)) * 100
                    <= cast(100 + high as decimal(12, 8)) * cast(base_value + base_half_unit as decimal(20, 4))
                )
                and (
                    low is null
                    or cast(value + half_unit as decimal(20, 4)) * 100
                    >= cast(100 + low as decimal(12, 8)) * cast(base_value - base_half_unit as decimal(20, 4))
                )
                then 1
            else 0
        end as agrees
    from joined

),

compared as (

    select
        *,
        case
            when agrees = 1 then 'consistent'
            when revision_low_pct <= band_high_pct and revision_high_pct >= band_low_pct then 'explained_by_revision'
            else 'inconsistent'
        end as verdict
    from implied

),

judged as (

    select
        *,
        row_number() over (
            partition by claim_id, definition_id
            order by agrees desc nulls last, reading asc nulls last
        ) as reading_order
    from compared

),

final as (

    select
        cast(claim_id as string) as claim_id,
        cast(definition_id as string) as definition_id,
        cast(definition_role as string) as definition_role,
        cast(reading as integer) as reading,
        cast(verdict as string) as verdict,
        cast(growth_low_pct as double) as computed_low,
        cast(growth_high_pct as double) as computed_high,
        cast(case when agrees = 0 then {{ rounded_down('implied_base_low') }} end as decimal(24, 4)) as implied_base_low,
        cast(case when agrees = 0 then {{ rounded_up('implied_base_high') }} end as decimal(24, 4)) as implied_base_high,
        cast(release_id as string) as release_id,
        cast(
            case when verdict = 'explained_by_revision' then greatest(levels_known_at, band_known_at) else levels_known_at end
            as date
        ) as known_at,
        cast(
            case
                when agrees = 1 then 'the levels held give ' || {{ shown('growth_yoy_pct', 3) }} || ' %'
                when implied_base_low is null or implied_base_high is null
                    then 'the levels held give ' || {{ shown('growth_yoy_pct', 3) }} || ' %, outside the bound printed'
                else
                    'the printed levels give ' || {{ shown('growth_yoy_pct', 3) }}
                    || ' %, which no rounding makes the printed figure; it needs a base of '
                    || {{ shown('implied_base_low * 1e-9', 3) }} || ' to ' || {{ shown('implied_base_high * 1e-9', 3) }}
                    || ' bn ' || case basis when 'quantity' then 'units' else upper(basis) end
                    || ' where ' || {{ shown('cast(base_value as double) * 1e-9', 3) }} || ' was printed ('
                    || {{ shown('revision_low_pct', 2) }} || ' to ' || {{ shown('revision_high_pct', 2) }} || ' %); '
                    || case
                        when not is_band_known then 'how much this source revises is not known'
                        when verdict = 'explained_by_revision' then 'the source has revised bases by '
                        else 'more than the source is known to revise, '
                    end
                    || case
                        when is_band_known then {{ shown('band_low_pct', 2) }} || ' to ' || {{ shown('band_high_pct', 2) }} || ' %'
                        else ''
                    end
            end as string
        ) as reason
    from judged
    where reading_order = 1

)

select * from final
