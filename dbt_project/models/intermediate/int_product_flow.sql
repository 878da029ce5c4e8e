{#
  Flows of product groups from sources that report by HS code: the codes of one scope added up, if all
  of them are held. Where a heading and its sub-headings are both held, the heading speaks; a scope with
  a missing code has no total. Grain: source × reporter × partner × flow × product × period × vintage.
#}
with

releases as (

    select * from {{ ref('int_product_code_flow') }}
    where not is_told_elsewhere

),

ordered as (

    select
        *,
        row_number() over (
            partition by
                source_id, reporter_iso3, partner_iso3, flow, product_id, hs_code, period_grain, period_end_date
            order by released_at asc nulls last, release_id asc nulls last
        ) as release_order
    from releases

),

vintages as (

    select
        'latest' as vintage,
        *
    from ordered
    where superseded_at is null
    union all
    select
        'first' as vintage,
        *
    from ordered
    where release_order = 1

),

codes as (

    select
        *,
        row_number() over (
            partition by
                source_id, reporter_iso3, partner_iso3, flow, product_id, product_scope, hs_edition,
                period_grain, period_end_date, vintage
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
        period_grain, period_start_date, period_end_date, year, vintage

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
                sums.period_grain, sums.period_end_date, sums.vintage
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
        cast(period_grain as string) as period_grain,
        cast(period_start_date as date) as period_start_date,
        cast(period_end_date as date) as period_end_date,
        cast(year as integer) as year,
        cast(vintage as string) as vintage,
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
