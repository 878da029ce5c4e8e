{#
  The values that each definition of a claim about trade may use: those of the claim's product and of
  the product it is compared with, up to the claimed period. `on the article's day` is the newest
  release known that day. All semiconductors are HS 8541 and 8542 together, and nothing where one is
  not held. Years for a claim about a year, months for one about a month.
#}
with

claims as (

    select * from {{ ref('stg_article__claim') }}

),

definitions as (

    select * from {{ ref('int_claim_definition') }}
    where coalesce(compared, '') not in ('months', 'releases')

),

series as (

    select * from {{ ref('int_trade_series') }}
    where period_grain in ('A', 'M') and partner_iso3 = 'WLD'

),

printing as (

    select * from {{ ref('int_printing_source') }}

),

wanted as (

    select
        definitions.claim_id,
        definitions.definition_id,
        definitions.counted_by,
        definitions.basis,
        definitions.vintage,
        'subject' as product_role,
        definitions.product_id,
        claims.economy_iso3,
        claims.flow,
        claims.period,
        claims.article_date
    from definitions
    inner join claims
        on definitions.claim_id = claims.claim_id
    union all
    select
        definitions.claim_id,
        definitions.definition_id,
        definitions.counted_by,
        definitions.basis,
        definitions.vintage,
        'comparand' as product_role,
        claims.comparand as product_id,
        claims.economy_iso3,
        claims.flow,
        claims.period,
        claims.article_date
    from definitions
    inner join claims
        on definitions.claim_id = claims.claim_id
    where claims.formula_id in ('level_order', 'growth_order')

),

prints as (

    select
        series.source_id,
        series.reporter_iso3,
        series.flow,
        series.product_id,
        series.product_scope,
        series.period_grain,
        series.period_end_date,
        series.year,
        series.basis,
        series.vintage,
        series.value,
        series.half_unit,
        series.release_id,
        series.released_at,
        series.snapshot_id,
        series.raw_row,
        'prints' as counted_by
    from series
    inner join printing
        on
            series.reporter_iso3 = printing.reporter_iso3
            and series.source_id = printing.source_id
    where series.print_kind <> 'database'

),

comtrade as (

    select
        source_id,
        reporter_iso3,
        flow,
        product_id,
        product_scope,
        period_grain,
        period_end_date,
        year,
        basis,
        vintage,
        value,
        half_unit,
        release_id,
        released_at,
        snapshot_id,
        raw_row,
        'comtrade' as counted_by
    from series
    where source_id = 'comtrade'

),

{#- Circuits and devices of one release of Comtrade; the row traced is the circuits'. #}

semiconductors as (

    select
        circuits.source_id,
        circuits.reporter_iso3,
        circuits.flow,
        'semiconductors' as product_id,
        circuits.product_scope || ' + ' || devices.product_scope as product_scope,
        circuits.period_grain,
        circuits.period_end_date,
        circuits.year,
        circuits.basis,
        circuits.vintage,
        circuits.value + devices.value as value,
        circuits.half_unit + devices.half_unit as half_unit,
        circuits.release_id,
        greatest(circuits.released_at, devices.released_at) as released_at,
        circuits.snapshot_id,
        circuits.raw_row,
        'comtrade' as counted_by
    from comtrade as circuits
    inner join comtrade as devices
        on
            circuits.reporter_iso3 = devices.reporter_iso3
            and circuits.flow = devices.flow
            and circuits.period_grain = devices.period_grain
            and circuits.period_end_date = devices.period_end_date
            and circuits.basis = devices.basis
            and circuits.vintage = devices.vintage
            and circuits.product_id = 'integrated_circuits'
            and devices.product_id = 'semiconductor_devices'

),

first_or_latest as (

    select * from prints
    union all
    select * from comtrade
    union all
    select * from semiconductors

),

every_print as (

    select figures.*
    from {{ ref('int_ranked_figure') }} as figures
    inner join printing
        on
            figures.reporter_iso3 = printing.reporter_iso3
            and figures.source_id = printing.source_id
    where figures.measure = 'level' and figures.period_grain in ('A', 'M') and figures.partner_iso3 = 'WLD'

),

known_then as (

    select
        wanted.claim_id,
        wanted.definition_id,
        wanted.product_role,
        figures.*,
        row_number() over (
            partition by
                wanted.claim_id, wanted.definition_id, wanted.product_role,
                figures.source_id, figures.period_grain, figures.period_end_date
            order by figures.released_at desc nulls last, figures.release_id desc nulls last
        ) as newest
    from wanted
    inner join every_print as figures
        on
            wanted.economy_iso3 = figures.reporter_iso3
            and wanted.flow = figures.flow
            and wanted.product_id = figures.product_id
            and wanted.basis = figures.basis
            and figures.period_grain = case length(wanted.period) when 7 then 'M' else 'A' end
            and wanted.article_date >= figures.released_at
    where wanted.vintage = 'printed_day'

),

unioned as (

    select
        wanted.claim_id,
        wanted.definition_id,
        wanted.product_role,
        first_or_latest.source_id,
        first_or_latest.product_id,
        first_or_latest.product_scope,
        first_or_latest.period_grain,
        first_or_latest.period_end_date,
        first_or_latest.value,
        first_or_latest.half_unit,
        first_or_latest.release_id,
        first_or_latest.released_at,
        first_or_latest.snapshot_id,
        first_or_latest.raw_row
    from wanted
    inner join first_or_latest
        on
            wanted.economy_iso3 = first_or_latest.reporter_iso3
            and wanted.flow = first_or_latest.flow
            and wanted.product_id = first_or_latest.product_id
            and wanted.basis = first_or_latest.basis
            and wanted.vintage = first_or_latest.vintage
            and wanted.counted_by = first_or_latest.counted_by
            and first_or_latest.period_grain = case length(wanted.period) when 7 then 'M' else 'A' end
    union all
    select
        claim_id,
        definition_id,
        product_role,
        source_id,
        product_id,
        product_scope,
        period_grain,
        period_end_date,
        value,
        half_unit,
        release_id,
        released_at,
        snapshot_id,
        raw_row
    from known_then
    where newest = 1

),

final as (

    select
        cast(unioned.claim_id as string) as claim_id,
        cast(unioned.definition_id as string) as definition_id,
        cast(unioned.product_role as string) as product_role,
        cast(
            substr(cast(unioned.period_end_date as string), 1, case unioned.period_grain when 'M' then 7 else 4 end) as string
        ) as period,
        cast(extract(year from unioned.period_end_date) as integer) as year,
        cast(unioned.source_id as string) as source_id,
        cast(unioned.product_id as string) as product_id,
        cast(unioned.product_scope as string) as product_scope,
        cast(unioned.value as decimal(24, 4)) as value,
        cast(unioned.half_unit as decimal(24, 6)) as half_unit,
        cast(unioned.release_id as string) as release_id,
        cast(unioned.released_at as date) as released_at,
        cast(unioned.snapshot_id as string) as snapshot_id,
        cast(unioned.raw_row as bigint) as raw_row
    from unioned
    inner join claims
        on
            unioned.claim_id = claims.claim_id
            and claims.period >= substr(cast(unioned.period_end_date as string), 1, length(claims.period))

)

select * from final
