{#
  Flows put together from figures that a customs office printed: dollars, yuan and quantity of one release
  side by side. Grain: source × reporter × partner × flow × product × period × release.
#}
with

figures as (

    select * from {{ ref('int_ranked_figure') }}
    where measure = 'level'

),

grouped as (

    select
        source_id,
        coalesce(
            min(case when basis = 'usd' then dataset_id end),
            min(case when basis = 'cny' then dataset_id end),
            min(dataset_id)
        ) as dataset_id,
        release_id,
        released_at,
        reporter_iso3,
        partner_iso3,
        flow,
        product_id,
        product_scope,
        period_grain,
        period_start_date,
        period_end_date,
        year,
        max(case when basis = 'usd' then value end) as value_usd,
        max(case when basis = 'cny' then value end) as value_cny,
        max(case when basis = 'quantity' then value end) as quantity,
        max(case when basis = 'quantity' then unit end) as quantity_unit,
        max(case when print_kind = 'secondary' then 1 else 0 end) as is_secondary,
        coalesce(
            min(case when basis = 'usd' then snapshot_id end),
            min(case when basis = 'cny' then snapshot_id end),
            min(snapshot_id)
        ) as snapshot_id,
        coalesce(
            min(case when basis = 'usd' then raw_row end),
            min(case when basis = 'cny' then raw_row end),
            min(raw_row)
        ) as raw_row
    from figures
    group by
        source_id, release_id, released_at, reporter_iso3, partner_iso3, flow, product_id, product_scope,
        period_grain, period_start_date, period_end_date, year

),

ordered as (

    select
        *,
        lead(released_at) over (
            partition by source_id, reporter_iso3, partner_iso3, flow, product_id, period_grain, period_end_date
            order by released_at asc nulls last, release_id asc nulls last
        ) as superseded_at
    from grouped

),

final as (

    select
        cast(source_id as string) as source_id,
        cast(dataset_id as string) as dataset_id,
        cast(release_id as string) as release_id,
        cast(released_at as date) as released_at,
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(partner_iso3 as string) as partner_iso3,
        cast(flow as string) as flow,
        cast(product_id as string) as product_id,
        cast(product_scope as string) as product_scope,
        cast(period_grain as string) as period_grain,
        cast(period_start_date as date) as period_start_date,
        cast(period_end_date as date) as period_end_date,
        cast(year as integer) as year,
        cast(value_usd as decimal(24, 4)) as value_usd,
        cast(value_cny as decimal(24, 4)) as value_cny,
        cast(quantity as decimal(24, 4)) as quantity,
        cast(quantity_unit as string) as quantity_unit,
        cast(case when flow in ('M', 'RM') then 'cif' else 'fob' end as string) as valuation,
        cast(is_secondary = 1 as boolean) as is_secondary,
        cast(superseded_at as date) as superseded_at,
        cast(snapshot_id as string) as snapshot_id,
        cast(raw_row as bigint) as raw_row
    from ordered

)

select * from final
