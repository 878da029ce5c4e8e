{#
  What the data held say about each claim that prints a number: an interval per claim and definition.
  An end that is null is open. `is_circular` marks figures known only through the article itself,
  `is_outcome` those of the claimed time itself: they judge a forecast, others only stand beside it.
  Growth has its own model, for the base it implies.
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

capacity as (

    select * from {{ ref('fct_capacity_share') }}

),

crossovers as (

    select * from {{ ref('fct_capacity_crossover') }}

),

figures as (

    select * from {{ ref('fct_industry_figure') }}

),

levels as (

    select
        claims.claim_id,
        definitions.definition_id,
        definitions.definition_role,
        cast(series.value - series.half_unit as double) as computed_low,
        cast(series.value + series.half_unit as double) as computed_high,
        0 as is_circular,
        1 as is_outcome,
        series.release_id,
        series.released_at as known_at,
        series.snapshot_id,
        series.raw_row,
        cast(null as string) as other_snapshot_id,
        cast(null as bigint) as other_raw_row,
        case
            when definitions.counted_by = 'comtrade' then 'value of ' || series.product_scope || ' in '
            when definitions.vintage = 'first' then 'first print in '
            when definitions.vintage = 'latest' then 'latest print in '
            else 'newest print of the article''s day, in '
        end || series.release_id || case
            when definitions.counted_by = 'comtrade'
                then ', ' || {{ shown('cast(series.value as double) * 1e-9', 3) }} || ' bn USD'
            else ''
        end as evidence
    from claims
    inner join definitions
        on claims.claim_id = definitions.claim_id
    inner join series
        on
            definitions.claim_id = series.claim_id
            and definitions.definition_id = series.definition_id
            and claims.period = series.period
    where claims.formula_id = 'level'

),

capacity_shares as (

    select
        claims.claim_id,
        'edition ' || capacity.edition_id as definition_id,
        case when instr(capacity.read_at, claims.article_url) > 0 then 'meant' else 'other' end as definition_role,
        cast(capacity.share_pct - capacity.half_unit as double) as computed_low,
        cast(capacity.share_pct + capacity.half_unit as double) as computed_high,
        case when instr(capacity.read_at, claims.article_url) > 0 then 1 else 0 end as is_circular,
        case when capacity.is_forecast then 0 else 1 end as is_outcome,
        capacity.edition_id as release_id,
        capacity.edition_date as known_at,
        capacity.snapshot_id,
        capacity.raw_row,
        cast(null as string) as other_snapshot_id,
        cast(null as bigint) as other_raw_row,
        capacity.printed || ' % in the edition of ' || capacity.edition_label as evidence
    from claims
    inner join capacity
        on
            claims.economy_iso3 = capacity.economy_iso3
            and claims.year = capacity.year
            and substr(capacity.scope, 1, 6) = substr(claims.subject, 1, 6)
    where claims.formula_id = 'capacity_share'

),

capacity_crossovers as (

    select
        claims.claim_id,
        'edition ' || crossovers.edition_id as definition_id,
        'open' as definition_role,
        crossovers.crossover_year_low as computed_low,
        crossovers.crossover_year_high as computed_high,
        0 as is_circular,
        0 as is_outcome,
        crossovers.edition_id as release_id,
        crossovers.edition_date as known_at,
        cast(null as string) as snapshot_id,
        cast(null as bigint) as raw_row,
        cast(null as string) as other_snapshot_id,
        cast(null as bigint) as other_raw_row,
        'crossing of the straight lines between ' || cast(crossovers.first_year as string) || ' and '
        || cast(crossovers.last_year as string) || ' in ' || {{ shown('crossovers.crossover_year', 2) }} as evidence
    from claims
    inner join crossovers
        on
            claims.economy_iso3 = crossovers.economy_iso3
            and claims.comparand = crossovers.other_economy_iso3
            and substr(crossovers.scope, 1, 6) = substr(claims.subject, 1, 6)
            and crossovers.crossover_status = 'ok'
    where claims.formula_id = 'capacity_crossover'

),

world_totals as (

    select * from figures
    where economy_iso3 = 'WLD' and measure = 'mine_production'

),

production_shares as (

    select
        claims.claim_id,
        figures.release_id || ', ' || figures.period || ', ' || figures.vintage as definition_id,
        'open' as definition_role,
        100e0 * {{ ratio('figures.value - figures.half_unit', 'world_totals.value + world_totals.half_unit') }} as computed_low,
        100e0 * {{ ratio('figures.value + figures.half_unit', 'world_totals.value - world_totals.half_unit') }} as computed_high,
        0 as is_circular,
        0 as is_outcome,
        figures.release_id,
        figures.released_at as known_at,
        figures.snapshot_id,
        figures.raw_row,
        world_totals.snapshot_id as other_snapshot_id,
        world_totals.raw_row as other_raw_row,
        {{ shown('100e0 * ' ~ ratio('figures.value', 'world_totals.value'), 1) }}
        || ' % of mine production in ' || figures.period || ' by ' || figures.release_id as evidence
    from claims
    inner join figures
        on
            claims.subject = figures.subject
            and claims.economy_iso3 = figures.economy_iso3
            and figures.measure = 'mine_production'
    inner join world_totals
        on
            figures.subject = world_totals.subject
            and figures.snapshot_id = world_totals.snapshot_id
            and figures.period = world_totals.period
    where claims.formula_id = 'production_share'
    union all
    select
        claims.claim_id,
        figures.release_id || ', ' || figures.period || ', share as stated' as definition_id,
        'open' as definition_role,
        cast(figures.value - figures.half_unit as double) as computed_low,
        cast(figures.value + figures.half_unit as double) as computed_high,
        0 as is_circular,
        0 as is_outcome,
        figures.release_id,
        figures.released_at as known_at,
        figures.snapshot_id,
        figures.raw_row,
        cast(null as string) as other_snapshot_id,
        cast(null as bigint) as other_raw_row,
        figures.printed || ' % stated for ' || figures.period || ' by ' || figures.release_id || case
            when instr(figures.read_at, 'unreliable') > 0 then ' (marked unreliable: it differs from the source it names)'
            else ''
        end as evidence
    from claims
    inner join figures
        on
            claims.subject = figures.subject
            and claims.economy_iso3 = figures.economy_iso3
            and figures.measure = 'share_pct'
    where claims.formula_id = 'production_share'

),

{#- A target is a plan and a die is not a chip: neither is output. #}

outputs as (

    select
        *,
        lower(substr(entity, 1, instr(entity, ':') - 1)) || '_' || subject as output_subject,
        case when instr(vintage, 'at or below') > 0 then 1 else 0 end as is_upper_bound,
        case when instr(vintage, 'over ') > 0 then 1 else 0 end as is_lower_bound
    from figures
    where
        measure = 'output'
        and substr(vintage, 1, 6) <> 'target'
        and substr(vintage, 1, 4) <> 'dies'

),

unit_outputs as (

    select
        claims.claim_id,
        outputs.entity || ', ' || outputs.period as definition_id,
        'open' as definition_role,
        case
            when outputs.is_upper_bound = 1 then cast(null as double)
            when outputs.is_lower_bound = 1 then cast(outputs.value as double)
            else cast(outputs.value - outputs.half_unit as double)
        end as computed_low,
        case
            when outputs.is_lower_bound = 1 then cast(null as double)
            when outputs.is_upper_bound = 1 then cast(outputs.value as double)
            else cast(outputs.value + outputs.half_unit as double)
        end as computed_high,
        0 as is_circular,
        0 as is_outcome,
        outputs.release_id,
        outputs.released_at as known_at,
        outputs.snapshot_id,
        outputs.raw_row,
        cast(null as string) as other_snapshot_id,
        cast(null as bigint) as other_raw_row,
        'statement about ' || outputs.period || ': ' || outputs.vintage as evidence
    from claims
    inner join outputs
        on claims.subject = outputs.output_subject
    where claims.formula_id = 'unit_output'

),

{#- A lower bound over an upper bound is a lower bound of the ratio; other pairs of bounds give none. #}

output_ratios as (

    select
        claims.claim_id,
        outputs.entity || ', ' || outputs.period || ' over ' || others.entity || ', ' || others.period as definition_id,
        'open' as definition_role,
        {{ ratio('outputs.value', 'others.value') }} as computed_low,
        cast(null as double) as computed_high,
        0 as is_circular,
        0 as is_outcome,
        outputs.release_id,
        greatest(outputs.released_at, others.released_at) as known_at,
        outputs.snapshot_id,
        outputs.raw_row,
        others.snapshot_id as other_snapshot_id,
        others.raw_row as other_raw_row,
        'ratio of at least ' || {{ shown(ratio('outputs.value', 'others.value'), 0) }} || ', '
        || outputs.entity || ' (' || outputs.period || ') over ' || others.entity || ' (' || others.period || ')' as evidence
    from claims
    inner join outputs
        on claims.subject = outputs.output_subject and outputs.is_lower_bound = 1
    inner join outputs as others
        on claims.comparand = others.output_subject and others.is_upper_bound = 1
    where claims.formula_id = 'output_ratio'

),

required_growth as (

    select
        claims.claim_id,
        figures.release_id as definition_id,
        'open' as definition_role,
        {%- set bases = {
            'growth_pct': 'figures.value',
            'growth_low_pct': 'figures.value + figures.half_unit',
            'growth_high_pct': 'figures.value - figures.half_unit',
        } %}
        {%- for name, base in bases.items() %}
            100e0 * (
                exp(ln({{ ratio('readings.value', base) }}) / nullif(cast(claims.year - claims.base_year as double), 0))
                - 1e0
            ) as {{ name }},
        {%- endfor %}
        figures.release_id,
        figures.released_at as known_at,
        figures.snapshot_id,
        figures.raw_row,
        claims.base_year,
        claims.year
    from claims
    inner join {{ ref('stg_article__claim_reading') }} as readings
        on claims.claim_id = readings.claim_id and readings.reading = 1
    inner join figures
        on
            figures.subject = 'semiconductor_sales'
            and figures.measure = 'annual sales'
            and figures.economy_iso3 = 'WLD'
            and figures.period = cast(claims.base_year as string)
    where claims.formula_id = 'required_growth'

),

required as (

    select
        claim_id,
        definition_id,
        definition_role,
        growth_low_pct as computed_low,
        growth_high_pct as computed_high,
        0 as is_circular,
        0 as is_outcome,
        release_id,
        known_at,
        snapshot_id,
        raw_row,
        cast(null as string) as other_snapshot_id,
        cast(null as bigint) as other_raw_row,
        'growth it needs is ' || {{ shown('growth_pct', 2) }} || ' % a year from ' || cast(base_year as string)
        || ' to ' || cast(year as string) as evidence
    from required_growth

),

unioned as (

    select * from levels
    union all
    select * from capacity_shares
    union all
    select * from capacity_crossovers
    union all
    select * from production_shares
    union all
    select * from unit_outputs
    union all
    select * from output_ratios
    union all
    select * from required

),

final as (

    select
        cast(claim_id as string) as claim_id,
        cast(definition_id as string) as definition_id,
        cast(definition_role as string) as definition_role,
        cast(computed_low as double) as computed_low,
        cast(computed_high as double) as computed_high,
        cast(is_circular = 1 as boolean) as is_circular,
        cast(is_outcome = 1 as boolean) as is_outcome,
        cast(release_id as string) as release_id,
        cast(known_at as date) as known_at,
        cast(snapshot_id as string) as snapshot_id,
        cast(raw_row as bigint) as raw_row,
        cast(other_snapshot_id as string) as other_snapshot_id,
        cast(other_raw_row as bigint) as other_raw_row,
        cast(evidence as string) as evidence
    from unioned

)

select * from final
