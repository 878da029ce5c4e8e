{#
  Every source's flows in one shape. Grain: source × release × reporter × partner × flow ×
  HS code or product × period. Money and quantities printed apart are put side by side here.
#}
with

figures as (

    select * from {{ ref('int_ranked_figure') }}
    where measure = 'level'

),

national as (

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
        cast(null as string) as hs_code,
        cast(null as string) as hs_edition,
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

comtrade as (

    select * from {{ ref('stg_comtrade__annual') }}

),

snapshots as (

    select * from {{ ref('stg_ledger__snapshot') }}

),

areas as (

    select * from {{ ref('stg_reference__economy_code') }}
    where code_system = 'comtrade'

),

products as (

    select * from {{ ref('stg_reference__product_group') }}

),

international as (

    select
        snapshots.source_id,
        snapshots.dataset_id,
        snapshots.release_id,
        snapshots.released_at,
        reporters.economy_iso3 as reporter_iso3,
        partners.economy_iso3 as partner_iso3,
        comtrade.flow,
        comtrade.hs_code,
        comtrade.hs_edition,
        products.product_id,
        products.product_scope,
        'A' as period_grain,
        make_date(comtrade.year, 1, 1) as period_start_date,
        make_date(comtrade.year, 12, 31) as period_end_date,
        comtrade.year,
        comtrade.value_usd,
        comtrade.valuation,
        comtrade.snapshot_id,
        comtrade.raw_row
    from comtrade
    inner join snapshots
        on comtrade.snapshot_id = snapshots.snapshot_id
    inner join areas as reporters
        on comtrade.reporter_code = reporters.code
    inner join areas as partners
        on comtrade.partner_code = partners.code
    left join products
        on
            comtrade.hs_edition = products.hs_edition
            and comtrade.hs_code = products.hs_code

),

customs as (

    select * from {{ ref('stg_customs__flow') }}

),

unioned as (

    select
        source_id,
        dataset_id,
        release_id,
        released_at,
        reporter_iso3,
        partner_iso3,
        flow,
        hs_code,
        hs_edition,
        product_id,
        product_scope,
        period_grain,
        period_start_date,
        period_end_date,
        year,
        value_usd,
        value_cny,
        quantity,
        quantity_unit,
        cast(case when flow in ('M', 'RM') then 'cif' else 'fob' end as string) as valuation,
        false as is_estimated,
        is_secondary,
        cast(null as decimal(24, 4)) as net_weight_kg,
        cast(null as decimal(24, 4)) as value_local,
        cast(null as string) as currency,
        false as is_preliminary,
        snapshot_id,
        raw_row
    from national
    union all
    select
        source_id,
        dataset_id,
        release_id,
        released_at,
        reporter_iso3,
        partner_iso3,
        flow,
        hs_code,
        hs_edition,
        product_id,
        product_scope,
        period_grain,
        period_start_date,
        period_end_date,
        year,
        value_usd,
        cast(null as decimal(24, 4)) as value_cny,
        cast(null as decimal(24, 4)) as quantity,
        cast(null as string) as quantity_unit,
        valuation,
        cast(null as boolean) as is_estimated,
        0 as is_secondary,
        cast(null as decimal(24, 4)) as net_weight_kg,
        cast(null as decimal(24, 4)) as value_local,
        cast(null as string) as currency,
        false as is_preliminary,
        snapshot_id,
        raw_row
    from international
    union all
    select
        customs.source_id,
        customs.dataset_id,
        customs.release_id,
        customs.released_at,
        customs.reporter_iso3,
        customs.partner_iso3,
        customs.flow,
        customs.hs_code,
        customs.hs_edition,
        products.product_id,
        products.product_scope,
        customs.period_grain,
        customs.period_start_date,
        customs.period_end_date,
        customs.year,
        case when customs.currency = 'USD' then customs.value end as value_usd,
        case when customs.currency = 'CNY' then customs.value end as value_cny,
        customs.quantity,
        customs.quantity_unit,
        customs.valuation,
        customs.is_estimated,
        0 as is_secondary,
        customs.net_weight_kg,
        case when customs.currency not in ('USD', 'CNY') then customs.value end as value_local,
        case when customs.currency not in ('USD', 'CNY') then customs.currency end as currency,
        customs.is_preliminary,
        customs.snapshot_id,
        customs.raw_row
    from customs
    left join products
        on
            customs.product_system = 'HS'
            and customs.hs_edition = products.hs_edition
            and customs.hs_code = products.hs_code

),

{#- Two files of one release may hold the same figure: the first by name speaks. #}

spoken as (

    select
        *,
        row_number() over (
            partition by
                source_id, release_id, reporter_iso3, partner_iso3, flow, hs_code, product_id, period_grain, period_end_date
            order by dataset_id asc nulls last, snapshot_id asc nulls last, raw_row asc nulls last
        ) as file_order
    from unioned

),

ranked as (

    select
        *,
        row_number() over (
            partition by
                source_id, reporter_iso3, partner_iso3, flow, hs_code, product_id, period_grain, period_end_date
            order by released_at desc nulls last, release_id desc nulls last
        ) as release_order
    from spoken
    where file_order = 1

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
        cast(hs_code as string) as hs_code,
        cast(hs_edition as string) as hs_edition,
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
        cast(value_local as decimal(24, 4)) as value_local,
        cast(currency as string) as currency,
        cast(net_weight_kg as decimal(24, 4)) as net_weight_kg,
        cast(valuation as string) as valuation,
        cast(is_estimated as boolean) as is_estimated,
        cast(is_preliminary as boolean) as is_preliminary,
        cast(is_secondary = 1 as boolean) as is_secondary,
        cast(release_order = 1 as boolean) as is_latest,
        cast(false as boolean) as is_deleted,
        cast(snapshot_id as string) as snapshot_id,
        cast(raw_row as bigint) as raw_row
    from ranked

)

select * from final
