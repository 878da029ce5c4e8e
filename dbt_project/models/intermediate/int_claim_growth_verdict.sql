{#
  A printed growth against the growth of the printed levels, first prints in dollars. Where they part,
  the base that the printed growth implies is compared with the printed base: if the source is known
  to revise by that much, the growth is explained by a base that was revised and not reprinted.
  All comparisons of growth are multiplications of decimals.
#}
with

claims as (

    select * from {{ ref('stg_article__claim') }}
    where formula_id = 'growth_yoy'

),

readings as (

    select * from {{ ref('stg_article__claim_reading') }}

),

growth as (

    select * from {{ ref('int_growth') }}
    where period_grain = 'A' and vintage = 'first' and basis = 'usd' and print_kind <> 'database'

),

joined as (

    select
        claims.claim_id,
        claims.modality,
        readings.reading,
        readings.low,
        readings.high,
        growth.value,
        growth.half_unit,
        growth.base_value,
        growth.base_half_unit,
        growth.growth_yoy_pct,
        growth.growth_low_pct,
        growth.growth_high_pct,
        growth.band_low_pct,
        growth.band_high_pct,
        growth.release_id,
        cast(growth.value - growth.half_unit as double)
        / nullif(1e0 + cast(readings.high as double) / nullif(100e0, 0), 0) as implied_base_low,
        cast(growth.value + growth.half_unit as double)
        / nullif(1e0 + cast(readings.low as double) / nullif(100e0, 0), 0) as implied_base_high
    from claims
    inner join readings
        on claims.claim_id = readings.claim_id
    inner join growth
        on
            claims.subject = growth.product_id
            and claims.economy_iso3 = growth.reporter_iso3
            and growth.partner_iso3 = 'WLD'
            and claims.flow = growth.flow
            and claims.year = growth.year
            and growth.growth_status = 'ok'

),

implied as (

    select
        *,
        {{ change_pct('implied_base_low', 'base_value + base_half_unit') }} as revision_low_pct,
        {{ change_pct('implied_base_high', 'base_value - base_half_unit') }} as revision_high_pct,
        case
            when
                cast(value - half_unit as decimal(20, 4)) * 100
                <= cast(100 + high as decimal(12, 8)) * cast(base_value + base_half_unit as decimal(20, 4))
                and cast(value + half_unit as decimal(20, 4)) * 100
                >= cast(100 + low as decimal(12, 8)) * cast(base_value - base_half_unit as decimal(20, 4))
                then 1
            else 0
        end as agrees
    from joined

),

judged as (

    select
        *,
        case
            when modality = 'forecast' then 'pending'
            when agrees = 1 then 'consistent'
            when revision_low_pct <= band_high_pct and revision_high_pct >= band_low_pct then 'explained_by_revision'
            else 'inconsistent'
        end as verdict,
        row_number() over (
            partition by claim_id
            order by agrees desc nulls last, reading asc nulls last
        ) as reading_order
    from implied

),

final as (

    select
        cast(claim_id as string) as claim_id,
        cast('first print, USD' as string) as definition_id,
        cast(true as boolean) as is_intended,
        cast(reading as integer) as reading,
        cast(verdict as string) as verdict,
        cast(growth_low_pct as double) as computed_low,
        cast(growth_high_pct as double) as computed_high,
        cast(case when agrees = 0 then {{ rounded_down('implied_base_low') }} end as decimal(24, 4)) as implied_base_low,
        cast(case when agrees = 0 then {{ rounded_up('implied_base_high') }} end as decimal(24, 4)) as implied_base_high,
        cast(release_id as string) as release_id,
        cast(
            case verdict
                when 'consistent' then 'the printed levels give ' || {{ shown('growth_yoy_pct', 3) }} || ' %'
                else
                    'the printed levels give ' || {{ shown('growth_yoy_pct', 3) }}
                    || ' %, which no rounding makes the printed figure; it needs a base of '
                    || {{ shown('implied_base_low * 1e-9', 3) }} || ' to ' || {{ shown('implied_base_high * 1e-9', 3) }}
                    || ' bn USD where ' || {{ shown('cast(base_value as double) * 1e-9', 3) }} || ' was printed ('
                    || {{ shown('revision_low_pct', 2) }} || ' to ' || {{ shown('revision_high_pct', 2) }} || ' %); '
                    || case
                        when verdict = 'explained_by_revision' then 'the source has revised bases by '
                        else 'more than the source is known to revise, '
                    end
                    || {{ shown('band_low_pct', 2) }} || ' to ' || {{ shown('band_high_pct', 2) }} || ' %'
            end as string
        ) as reason
    from judged
    where reading_order = 1

)

select * from final
