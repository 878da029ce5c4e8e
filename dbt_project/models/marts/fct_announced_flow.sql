{#
  The newest printed figure of each measure. Dollars, yuan and quantity of one period may come from
  different releases: a customs table reprints last year's yuan but not its dollars.
#}
with

latest as (

    select * from {{ ref('fct_announced_flow_release') }}
    where superseded_at is null

),

series as (

    select * from {{ ref('int_trade_series') }}
    where vintage = 'latest' and print_kind <> 'database'

),

newest as (

    select
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        product_id,
        period_grain,
        period_end_date,
        max(case when basis = 'usd' then value end) as value_usd,
        max(case when basis = 'usd' then release_id end) as value_usd_release_id,
        max(case when basis = 'cny' then value end) as value_cny,
        max(case when basis = 'cny' then release_id end) as value_cny_release_id,
        max(case when basis = 'quantity' then value end) as quantity,
        max(case when basis = 'quantity' then release_id end) as quantity_release_id
    from series
    group by source_id, reporter_iso3, partner_iso3, flow, product_id, period_grain, period_end_date

),

final as (

    select
        cast(latest.source_id as string) as source_id,
        cast(latest.dataset_id as string) as dataset_id,
        cast(latest.release_id as string) as release_id,
        cast(latest.released_at as date) as released_at,
        cast(latest.reporter_iso3 as string) as reporter_iso3,
        cast(latest.partner_iso3 as string) as partner_iso3,
        cast(latest.flow as string) as flow,
        cast(latest.product_id as string) as product_id,
        cast(latest.product_scope as string) as product_scope,
        cast(latest.period_grain as string) as period_grain,
        cast(latest.period_start_date as date) as period_start_date,
        cast(latest.period_end_date as date) as period_end_date,
        cast(latest.year as integer) as year,
        cast(newest.value_usd as decimal(24, 4)) as value_usd,
        cast(newest.value_usd_release_id as string) as value_usd_release_id,
        cast(newest.value_cny as decimal(24, 4)) as value_cny,
        cast(newest.value_cny_release_id as string) as value_cny_release_id,
        cast(newest.quantity as decimal(24, 4)) as quantity,
        cast(newest.quantity_release_id as string) as quantity_release_id,
        cast(case when newest.quantity is not null then coalesce(latest.quantity_unit, 'items') end as string)
            as quantity_unit,
        cast(latest.valuation as string) as valuation,
        cast(latest.snapshot_id as string) as snapshot_id,
        cast(latest.raw_row as bigint) as raw_row
    from latest
    inner join newest
        on
            latest.source_id = newest.source_id
            and latest.reporter_iso3 = newest.reporter_iso3
            and latest.partner_iso3 = newest.partner_iso3
            and latest.flow = newest.flow
            and latest.product_id = newest.product_id
            and latest.period_grain = newest.period_grain
            and latest.period_end_date = newest.period_end_date

)

select * from final
