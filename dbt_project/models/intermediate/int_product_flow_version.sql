{#
  Flows of product groups from sources that report by HS code: the codes of one scope added up, if all of
  them are held. Where a heading and its sub-headings are both held, the heading speaks; a scope with a
  missing code has no total. Codes come and go with releases, so the total is made anew for each day on which
  one did: vintage `known` is what a reader knew from that day to the next, `first` the first print of each code.
  Grain: source × reporter × partner × flow × product × period × vintage × day.
#}
{%- set key = [
    'source_id', 'reporter_iso3', 'partner_iso3', 'flow', 'product_id', 'period_grain', 'period_end_date'
] %}
with

releases as (

    select
        *,
        row_number() over (
            partition by
                source_id, reporter_iso3, partner_iso3, flow, product_id, hs_code, period_grain, period_end_date
            order by released_at asc nulls last, release_id asc nulls last
        ) as release_order
    from {{ ref('int_product_code_flow') }}
    where not is_told_elsewhere

),

days as (

    select
        {{ key | join(',\n        ') }},
        released_at as known_at
    from releases
    union
    select
        {{ key | join(',\n        ') }},
        superseded_at as known_at
    from releases
    where superseded_at is not null

),

spans as (

    select
        *,
        lead(known_at) over (partition by {{ key | join(', ') }} order by known_at asc nulls last) as known_until
    from days

),

vintages as (

    select
        'known' as vintage,
        spans.known_at,
        spans.known_until,
        releases.*
    from releases
    inner join spans
        on {{ same_product_flow('releases', 'spans') }}
    where
        releases.released_at <= spans.known_at
        and (releases.superseded_at is null or releases.superseded_at > spans.known_at)
    union all
    select
        'first' as vintage,
        cast(null as date) as known_at,
        cast(null as date) as known_until,
        releases.*
    from releases
    where release_order = 1

),

codes as (

    select
        *,
        row_number() over (
            partition by
                source_id, reporter_iso3, partner_iso3, flow, product_id, product_scope, hs_edition,
                period_grain, period_end_date, vintage, known_at
            order by hs_code asc nulls last
        ) as code_order
    from vintages

),

sums as (

    select
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        product_id,
        product_scope,
        hs_edition,
        period_grain,
        period_start_date,
        period_end_date,
        year,
        vintage,
        known_at,
        known_until,
        sum(value_usd) as value_usd,
        count(*) as codes_held,
        min(length(hs_code)) as digits,
        max(released_at) as released_at,
        max(case when code_order = 1 then release_id end) as release_id,
        max(case when code_order = 1 then snapshot_id end) as snapshot_id,
        max(case when code_order = 1 then raw_row end) as raw_row
    from codes
    group by
        source_id, reporter_iso3, partner_iso3, flow, product_id, product_scope, hs_edition,
        period_grain, period_start_date, period_end_date, year, vintage, known_at, known_until

),

expected as (

    select
        product_id,
        product_scope,
        hs_edition,
        count(*) as codes_expected
    from {{ ref('stg_reference__product_group') }}
    group by product_id, product_scope, hs_edition

),

complete as (

    select
        sums.*,
        row_number() over (
            partition by
                sums.source_id, sums.reporter_iso3, sums.partner_iso3, sums.flow, sums.product_id,
                sums.period_grain, sums.period_end_date, sums.vintage, sums.known_at
            order by sums.digits asc nulls last, sums.hs_edition desc nulls last, sums.product_scope asc nulls last
        ) as scope_order
    from sums
    inner join expected
        on
            sums.product_id = expected.product_id
            and sums.product_scope = expected.product_scope
            and sums.hs_edition = expected.hs_edition
            and sums.codes_held = expected.codes_expected

),

final as (

    select
        cast(source_id as string) as source_id,
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(partner_iso3 as string) as partner_iso3,
        cast(flow as string) as flow,
        cast(product_id as string) as product_id,
        cast(product_scope as string) as product_scope,
        cast(hs_edition as string) as hs_edition,
        cast(period_grain as string) as period_grain,
        cast(period_start_date as date) as period_start_date,
        cast(period_end_date as date) as period_end_date,
        cast(year as integer) as year,
        cast(vintage as string) as vintage,
        cast(known_at as date) as known_at,
        cast(known_until as date) as known_until,
        cast(value_usd as decimal(24, 4)) as value_usd,
        cast(codes_held as integer) as codes,
        cast(release_id as string) as release_id,
        cast(released_at as date) as released_at,
        cast(snapshot_id as string) as snapshot_id,
        cast(raw_row as bigint) as raw_row
    from complete
    where scope_order = 1

)

select * from final
