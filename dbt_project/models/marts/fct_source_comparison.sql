{#
  The same trade in dollars at two sources, for every period both hold. A source that holds the six-digit
  codes of a scope beside the heading is compared in both scopes, so that the line of China's customs
  (854231+32+33+39) can stand beside the same codes and beside heading 8542, which also has the parts.
#}
with

series as (

    select * from {{ ref('int_trade_series') }}
    where basis = 'usd'

),

item_flows as (

    select * from {{ ref('int_item_flow') }}
    where universe <> 'products'

),

groups as (

    select * from {{ ref('stg_reference__product_group') }}
    where length(hs_code) = 6

),

expected as (

    select
        product_id,
        product_scope,
        hs_edition,
        count(*) as codes
    from groups
    group by product_id, product_scope, hs_edition

),

code_sums as (

    select
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        product_id,
        product_scope,
        hs_edition,
        year,
        sum(value_usd) as value_usd,
        count(*) as codes
    from item_flows
    group by source_id, reporter_iso3, partner_iso3, flow, product_id, product_scope, hs_edition, year

),

complete_sums as (

    select code_sums.*
    from code_sums
    inner join expected
        on
            code_sums.product_id = expected.product_id
            and code_sums.product_scope = expected.product_scope
            and code_sums.hs_edition = expected.hs_edition
            and code_sums.codes = expected.codes

),

other_scope as (

    select complete_sums.*
    from complete_sums
    inner join series
        on
            complete_sums.source_id = series.source_id
            and complete_sums.reporter_iso3 = series.reporter_iso3
            and complete_sums.partner_iso3 = series.partner_iso3
            and complete_sums.flow = series.flow
            and complete_sums.product_id = series.product_id
            and complete_sums.product_scope <> series.product_scope
            and complete_sums.year = series.year
            and series.period_grain = 'A'
            and series.vintage = 'latest'

),

figures as (

    select
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        product_id,
        product_scope,
        period_grain,
        period_start_date,
        period_end_date,
        year,
        vintage,
        value as value_usd,
        half_unit
    from series
    union all
    select
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        product_id,
        product_scope,
        'A' as period_grain,
        make_date(year, 1, 1) as period_start_date,
        make_date(year, 12, 31) as period_end_date,
        year,
        'latest' as vintage,
        value_usd,
        cast(0 as decimal(24, 6)) as half_unit
    from other_scope

),

pairs as (

    select
        a.reporter_iso3,
        a.partner_iso3,
        a.flow,
        a.product_id,
        a.period_grain,
        a.period_start_date,
        a.period_end_date,
        a.year,
        a.vintage,
        a.source_id as source_a,
        b.source_id as source_b,
        a.product_scope as scope_a,
        b.product_scope as scope_b,
        a.value_usd as value_a_usd,
        b.value_usd as value_b_usd,
        a.half_unit + b.half_unit as slack_usd
    from figures as a
    inner join figures as b
        on
            a.reporter_iso3 = b.reporter_iso3
            and a.partner_iso3 = b.partner_iso3
            and a.flow = b.flow
            and a.product_id = b.product_id
            and a.period_grain = b.period_grain
            and a.period_end_date = b.period_end_date
            and a.vintage = b.vintage
            and a.source_id < b.source_id

),

final as (

    select
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(partner_iso3 as string) as partner_iso3,
        cast(flow as string) as flow,
        cast(product_id as string) as product_id,
        cast(period_grain as string) as period_grain,
        cast(period_start_date as date) as period_start_date,
        cast(period_end_date as date) as period_end_date,
        cast(year as integer) as year,
        cast(vintage as string) as vintage,
        cast(source_a as string) as source_a,
        cast(source_b as string) as source_b,
        cast(scope_a as string) as scope_a,
        cast(scope_b as string) as scope_b,
        cast(value_a_usd as decimal(24, 4)) as value_a_usd,
        cast(value_b_usd as decimal(24, 4)) as value_b_usd,
        cast(value_b_usd - value_a_usd as decimal(24, 4)) as difference_usd,
        cast({{ change_pct('value_b_usd', 'value_a_usd') }} as double) as difference_pct,
        cast(value_b_usd - value_a_usd - slack_usd as decimal(24, 4)) as difference_low_usd,
        cast(value_b_usd - value_a_usd + slack_usd as decimal(24, 4)) as difference_high_usd,
        cast(
            case
                when replace(scope_a, ' (GACC line)', '') = replace(scope_b, ' (GACC line)', '') then 'same_scope'
                else 'scopes_differ'
            end as string
        ) as scope_status,
        cast(case when value_a_usd = 0 then 'zero_base' else 'ok' end as string) as difference_status,
        cast(
            case when abs(value_b_usd - value_a_usd) <= slack_usd then 'within_rounding' else 'differs' end as string
        ) as agreement
    from pairs

)

select * from final
