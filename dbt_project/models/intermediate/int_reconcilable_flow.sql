{#
  Flows and printed subtotals under the headings of the product groups, one money value per row, for
  checking sums. Places of one flow are added up here. The filter comes first: a bulk file has few rows
  under these headings. Two files of one release that print the same figure count once.
#}
with

headings as (

    select distinct substr(hs_code, 1, 4) as heading
    from {{ ref('int_product_heading') }}

),

flows as (

    select trade.*
    from {{ ref('int_heading_flow') }} as trade
    inner join headings
        on substr(trade.hs_code, 1, 4) = headings.heading
    where trade.value is not null

),

announced as (

    select * from {{ ref('fct_announced_flow_release') }}

),

set_aside as (

    select aside.*
    from {{ ref('stg_customs__set_aside') }} as aside
    inner join headings
        on substr(aside.hs_code, 1, 4) = headings.heading

),

unioned as (

    select
        'figure' as figure_kind,
        source_id,
        release_id,
        reporter_iso3,
        partner_iso3,
        flow,
        hs_code,
        hs_edition,
        cast(null as string) as product_id,
        cast(null as string) as product_scope,
        period_grain,
        period_start_date,
        period_end_date,
        year,
        currency,
        value
    from flows
    union all
    select
        'figure' as figure_kind,
        source_id,
        release_id,
        reporter_iso3,
        partner_iso3,
        flow,
        cast(null as string) as hs_code,
        cast(null as string) as hs_edition,
        product_id,
        product_scope,
        period_grain,
        period_start_date,
        period_end_date,
        year,
        'USD' as currency,
        value_usd as value
    from announced
    where value_usd is not null
    union all
    select
        'figure' as figure_kind,
        source_id,
        release_id,
        reporter_iso3,
        partner_iso3,
        flow,
        cast(null as string) as hs_code,
        cast(null as string) as hs_edition,
        product_id,
        product_scope,
        period_grain,
        period_start_date,
        period_end_date,
        year,
        'CNY' as currency,
        value_cny as value
    from announced
    where value_cny is not null
    union all
    select
        'figure' as figure_kind,
        source_id,
        release_id,
        reporter_iso3,
        partner_iso3,
        flow,
        hs_code,
        hs_edition,
        cast(null as string) as product_id,
        cast(null as string) as product_scope,
        period_grain,
        period_start_date,
        period_end_date,
        cast(extract(year from period_end_date) as integer) as year,
        currency,
        value
    from set_aside
    where row_kind = 'subtotal'

),

{#- The product of a code is left out of the key: a subtotal has none and must meet its flow. #}

figures as (

    select
        figure_kind,
        source_id,
        release_id,
        reporter_iso3,
        partner_iso3,
        flow,
        hs_code,
        hs_edition,
        case when hs_code is null then product_id end as product_id,
        case when hs_code is null then product_scope end as product_scope,
        period_grain,
        period_start_date,
        period_end_date,
        year,
        currency,
        max(value) as value,
        1 as rows_held
    from unioned
    group by
        figure_kind, source_id, release_id, reporter_iso3, partner_iso3, flow, hs_code, hs_edition,
        case when hs_code is null then product_id end, case when hs_code is null then product_scope end,
        period_grain, period_start_date, period_end_date, year, currency

),

{#- A file may break down several measures of one flow: each column is a sum of its own. #}

places as (

    select
        source_id,
        release_id,
        reporter_iso3,
        partner_iso3,
        flow,
        hs_code,
        hs_edition,
        period_grain,
        period_start_date,
        period_end_date,
        currency,
        snapshot_id,
        raw_column,
        sum(value) as value,
        count(*) as rows_held
    from set_aside
    where row_kind = 'breakdown_place'
    group by
        source_id, release_id, reporter_iso3, partner_iso3, flow, hs_code, hs_edition, period_grain,
        period_start_date, period_end_date, currency, snapshot_id, raw_column

),

final as (

    select
        cast(figure_kind as string) as figure_kind,
        cast(source_id as string) as source_id,
        cast(release_id as string) as release_id,
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(partner_iso3 as string) as partner_iso3,
        cast(flow as string) as flow,
        cast(hs_code as string) as hs_code,
        cast(hs_edition as string) as hs_edition,
        cast(product_id as string) as product_id,
        cast(product_scope as string) as product_scope,
        cast(period_grain as string) as period_grain,
        cast(period_start_date as date) as period_start_date,
        cast(period_end_date as date) as period_end_date,
        cast(year as integer) as year,
        cast(currency as string) as currency,
        cast(value as decimal(24, 4)) as value,
        cast(rows_held as bigint) as rows_held,
        cast(null as string) as snapshot_id,
        cast(null as string) as raw_column
    from figures
    union all
    select
        cast('places' as string) as figure_kind,
        cast(source_id as string) as source_id,
        cast(release_id as string) as release_id,
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(partner_iso3 as string) as partner_iso3,
        cast(flow as string) as flow,
        cast(hs_code as string) as hs_code,
        cast(hs_edition as string) as hs_edition,
        cast(null as string) as product_id,
        cast(null as string) as product_scope,
        cast(period_grain as string) as period_grain,
        cast(period_start_date as date) as period_start_date,
        cast(period_end_date as date) as period_end_date,
        cast(extract(year from period_end_date) as integer) as year,
        cast(currency as string) as currency,
        cast(value as decimal(24, 4)) as value,
        cast(rows_held as bigint) as rows_held,
        cast(snapshot_id as string) as snapshot_id,
        cast(raw_column as string) as raw_column
    from places

)

select * from final
