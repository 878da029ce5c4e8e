{#
  Streaks of growth as each definition of a claim counts them, in months and in releases: a January-February
  is two months and one release. Who counts the months is as in `int_claim_series`: the customs authority that
  prints them, or Comtrade. First and latest prints have their streaks in `int_monthly_growth`; what was known
  on the article's day, and all semiconductors, are counted here. One row per claim, definition and period.
#}
with

claims as (

    select * from {{ ref('stg_article__claim') }}
    where formula_id = 'growth_streak'

),

definitions as (

    select * from {{ ref('int_claim_definition') }}

),

printing as (

    select * from {{ ref('int_printing_source') }}

),

growth as (

    select * from {{ ref('int_monthly_growth') }}
    where partner_iso3 = 'WLD'

),

monthly as (

    select
        'prints' as counted_by,
        growth.*
    from growth
    inner join printing
        on
            growth.reporter_iso3 = printing.reporter_iso3
            and growth.source_id = printing.source_id
    union all
    select
        'comtrade' as counted_by,
        growth.*
    from growth
    where source_id = 'comtrade'

),

{#- Slots of the definitions without a series of their own, as `int_monthly_slot` numbers them. #}

every_print as (

    select
        figures.*,
        max(case when figures.period_grain = 'JF' then 11 else 0 end) over (
            partition by figures.source_id, figures.reporter_iso3, figures.flow, figures.product_id, figures.basis
        ) as combined
    from {{ ref('int_ranked_figure') }} as figures
    inner join printing
        on
            figures.reporter_iso3 = printing.reporter_iso3
            and figures.source_id = printing.source_id
    where figures.measure = 'level' and figures.period_grain in ('JF', 'M') and figures.partner_iso3 = 'WLD'

),

known_then as (

    select
        claims.claim_id,
        definitions.definition_id,
        figures.period_grain,
        figures.period_end_date,
        figures.product_scope,
        figures.value,
        figures.release_id,
        figures.snapshot_id,
        figures.raw_row,
        case when figures.combined = 11 then 11 else 12 end as releases_a_year,
        row_number() over (
            partition by claims.claim_id, definitions.definition_id, figures.period_grain, figures.period_end_date
            order by figures.released_at desc nulls last, figures.release_id desc nulls last
        ) as newest
    from claims
    inner join definitions
        on claims.claim_id = definitions.claim_id
    inner join every_print as figures
        on
            claims.economy_iso3 = figures.reporter_iso3
            and claims.flow = figures.flow
            and definitions.product_id = figures.product_id
            and definitions.basis = figures.basis
            and claims.article_date >= figures.released_at
    where definitions.vintage = 'printed_day'

),

semiconductors as (

    select
        claims.claim_id,
        definitions.definition_id,
        circuits.period_grain,
        circuits.period_end_date,
        circuits.product_scope || ' + ' || devices.product_scope as product_scope,
        circuits.value + devices.value as value,
        circuits.release_id,
        circuits.snapshot_id,
        circuits.raw_row,
        circuits.releases_a_year
    from claims
    inner join definitions
        on claims.claim_id = definitions.claim_id
    inner join growth as circuits
        on
            claims.economy_iso3 = circuits.reporter_iso3
            and claims.flow = circuits.flow
            and definitions.basis = circuits.basis
            and definitions.vintage = circuits.vintage
            and circuits.source_id = 'comtrade'
            and circuits.product_id = 'integrated_circuits'
    inner join growth as devices
        on
            circuits.source_id = devices.source_id
            and circuits.reporter_iso3 = devices.reporter_iso3
            and circuits.flow = devices.flow
            and circuits.basis = devices.basis
            and circuits.vintage = devices.vintage
            and circuits.releases_a_year = devices.releases_a_year
            and circuits.period_grain = devices.period_grain
            and circuits.period_end_date = devices.period_end_date
            and devices.product_id = 'semiconductor_devices'
    where definitions.product_id = 'semiconductors'

),

other_values as (

    select
        claim_id,
        definition_id,
        period_grain,
        period_end_date,
        product_scope,
        value,
        release_id,
        snapshot_id,
        raw_row,
        releases_a_year
    from known_then
    where
        newest = 1
        and (
            (releases_a_year = 11 and (period_grain = 'JF' or extract(month from period_end_date) >= 3))
            or (releases_a_year = 12 and period_grain = 'M')
        )
    union all
    select * from semiconductors

),

other_slots as (

    select
        *,
        case when period_grain = 'JF' then 2 else 1 end as slot_months,
        case
            when releases_a_year = 12 then extract(year from period_end_date) * 12 + extract(month from period_end_date) - 1
            else extract(year from period_end_date) * 11 + extract(month from period_end_date) - 2
        end as slot
    from other_values

),

other_growth as (

    select
        this.claim_id,
        this.definition_id,
        this.period_end_date,
        this.value,
        this.release_id,
        this.snapshot_id,
        this.raw_row,
        this.slot,
        this.slot_months,
        case when this.value > base.value then 1 else 0 end as is_growth
    from other_slots as this
    inner join other_slots as base
        on
            this.claim_id = base.claim_id
            and this.definition_id = base.definition_id
            and this.product_scope = base.product_scope
            and this.slot = base.slot + this.releases_a_year
    where base.value > 0 and this.value is not null

),

{#- Slots of growth that follow one another keep their distance to their own count. #}

islands as (

    select
        *,
        slot - row_number() over (
            partition by claim_id, definition_id
            order by slot asc nulls last
        ) as island
    from other_growth
    where is_growth = 1

),

other_streaks as (

    select
        this.claim_id,
        this.definition_id,
        this.period_end_date,
        this.value,
        this.release_id,
        this.snapshot_id,
        this.raw_row,
        this.is_growth,
        case when this.is_growth = 1 then sum(run.slot_months) else 0 end as streak_months,
        count(run.slot) as streak_releases,
        min(run.slot) as first_slot
    from other_growth as this
    left join islands as place
        on
            this.claim_id = place.claim_id
            and this.definition_id = place.definition_id
            and this.slot = place.slot
    left join islands as run
        on
            place.claim_id = run.claim_id
            and place.definition_id = run.definition_id
            and place.island = run.island
            and place.slot >= run.slot
    group by
        this.claim_id, this.definition_id, this.period_end_date, this.value, this.release_id, this.snapshot_id,
        this.raw_row, this.is_growth

),

streaks as (

    select
        claims.claim_id,
        definitions.definition_id,
        monthly.period_end_date,
        monthly.streak_months,
        monthly.streak_releases,
        monthly.streak_status,
        monthly.value,
        monthly.release_id,
        monthly.snapshot_id,
        monthly.raw_row
    from claims
    inner join definitions
        on claims.claim_id = definitions.claim_id
    inner join monthly
        on
            definitions.counted_by = monthly.counted_by
            and definitions.product_id = monthly.product_id
            and definitions.basis = monthly.basis
            and definitions.vintage = monthly.vintage
            and claims.economy_iso3 = monthly.reporter_iso3
            and claims.flow = monthly.flow
            and monthly.period_grain in ('M', 'JF')
    {#- February ends with January-February: the one that is a release of its own has the streak. #}
    where monthly.streak_status not in ('part_of_a_release', 'cumulative_period')
    union all
    select
        other.claim_id,
        other.definition_id,
        other.period_end_date,
        other.streak_months,
        other.streak_releases,
        case
            when other.is_growth = 0 then 'none'
            when stopped.is_growth = 0 then 'complete'
            else 'at_least'
        end as streak_status,
        other.value,
        other.release_id,
        other.snapshot_id,
        other.raw_row
    from other_streaks as other
    left join other_growth as stopped
        on
            other.claim_id = stopped.claim_id
            and other.definition_id = stopped.definition_id
            and other.first_slot = stopped.slot + 1

),

final as (

    select
        cast(claim_id as string) as claim_id,
        cast(definition_id as string) as definition_id,
        cast(period_end_date as date) as period_end_date,
        cast(streak_months as integer) as streak_months,
        cast(streak_releases as integer) as streak_releases,
        cast(streak_status as string) as streak_status,
        cast(value as decimal(24, 4)) as value,
        cast(release_id as string) as release_id,
        cast(snapshot_id as string) as snapshot_id,
        cast(raw_row as bigint) as raw_row
    from streaks

)

select * from final
