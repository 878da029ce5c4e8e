{#
  What each verdict rests on: one row per claim, definition and source record used. Values up to the
  claimed period for a record, those between the two years for a path, both years for a growth.
#}
with

claims as (

    select * from {{ ref('stg_article__claim') }}

),

definitions as (

    select * from {{ ref('int_claim_definition') }}

),

series as (

    select * from {{ ref('int_claim_series') }}

),

evidence as (

    select * from {{ ref('int_claim_evidence') }}

),

events as (

    select * from {{ ref('int_claim_event_verdict') }}

),

capacity as (

    select * from {{ ref('fct_capacity_share') }}

),

streaks as (

    select * from {{ ref('int_claim_streak_verdict') }}

),

values_used as (

    select
        series.claim_id,
        series.definition_id,
        series.product_role || ' ' || series.period as input_role,
        series.product_id || ' ' || series.period as input_subject,
        series.value,
        series.snapshot_id,
        series.raw_row
    from series
    inner join claims
        on series.claim_id = claims.claim_id
    inner join definitions
        on
            series.claim_id = definitions.claim_id
            and series.definition_id = definitions.definition_id
    where
        claims.period = series.period
        or claims.formula_id = 'record'
        or (
            claims.base_period = series.period
            and (claims.formula_id in ('growth_yoy', 'growth_sign') or definitions.compared = 'growth')
        )
        or (claims.formula_id = 'growth_every_year' and series.year >= claims.base_year)

),

months_used as (

    select
        streaks.claim_id,
        streaks.definition_id,
        'month ' || claims.period as input_role,
        definitions.product_id || ' ' || claims.period as input_subject,
        streaks.value,
        streaks.snapshot_id,
        streaks.raw_row
    from streaks
    inner join claims
        on streaks.claim_id = claims.claim_id
    inner join definitions
        on
            streaks.claim_id = definitions.claim_id
            and streaks.definition_id = definitions.definition_id
    where streaks.snapshot_id is not null

),

evidence_used as (

    select
        evidence.claim_id,
        evidence.definition_id,
        'figure' as input_role,
        evidence.evidence as input_subject,
        cast(null as decimal(24, 4)) as value,
        evidence.snapshot_id,
        evidence.raw_row
    from evidence
    inner join claims
        on evidence.claim_id = claims.claim_id
    where claims.formula_id <> 'level' and evidence.snapshot_id is not null
    union all
    select
        claim_id,
        definition_id,
        'second figure' as input_role,
        evidence as input_subject,
        cast(null as decimal(24, 4)) as value,
        other_snapshot_id as snapshot_id,
        other_raw_row as raw_row
    from evidence
    where other_snapshot_id is not null
    union all
    select
        claim_id,
        definition_id,
        'record' as input_role,
        reason as input_subject,
        cast(null as decimal(24, 4)) as value,
        snapshot_id,
        raw_row
    from events
    where snapshot_id is not null

),

crossover_points as (

    select
        claims.claim_id,
        evidence.definition_id,
        capacity.economy_iso3 || ' ' || cast(capacity.year as string) as input_role,
        'share of ' || capacity.economy_iso3 || ' in ' || cast(capacity.year as string) as input_subject,
        cast(capacity.share_pct as decimal(24, 4)) as value,
        capacity.snapshot_id,
        capacity.raw_row
    from claims
    inner join evidence
        on claims.claim_id = evidence.claim_id
    inner join capacity
        on
            evidence.release_id = capacity.edition_id
            and substr(capacity.scope, 1, 6) = substr(claims.subject, 1, 6)
            and capacity.economy_iso3 in (claims.economy_iso3, claims.comparand)
    where claims.formula_id = 'capacity_crossover'

),

unioned as (

    select * from values_used
    union all
    select * from months_used
    union all
    select * from evidence_used
    union all
    select * from crossover_points

),

final as (

    select
        cast(unioned.claim_id as string) as claim_id,
        cast(unioned.definition_id as string) as definition_id,
        cast(unioned.input_role as string) as input_role,
        cast(unioned.input_subject as string) as input_subject,
        cast(unioned.value as decimal(24, 4)) as value,
        cast(snapshots.source_id as string) as source_id,
        cast(snapshots.release_id as string) as release_id,
        cast(snapshots.released_at as date) as released_at,
        cast(unioned.snapshot_id as string) as snapshot_id,
        cast(unioned.raw_row as bigint) as raw_row
    from unioned
    inner join {{ ref('stg_ledger__snapshot') }} as snapshots
        on unioned.snapshot_id = snapshots.snapshot_id

)

select * from final
