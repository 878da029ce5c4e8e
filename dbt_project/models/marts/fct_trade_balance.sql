{#
  Exports less imports of a product, of one source in one currency and vintage, for every period held in
  both directions. Exports are valued at the border of the exporter (FOB), imports at that of the importer
  (mostly CIF): the balance of the two is that of customs, not of the balance of payments.
#}
with

series as (

    select * from {{ ref('int_trade_series') }}
    where basis in ('usd', 'cny')

),

exports as (

    select * from series
    where flow = 'X'

),

imports as (

    select * from series
    where flow = 'M'

),

sides as (

    select
        coalesce(exports.source_id, imports.source_id) as source_id,
        coalesce(exports.reporter_iso3, imports.reporter_iso3) as reporter_iso3,
        coalesce(exports.partner_iso3, imports.partner_iso3) as partner_iso3,
        coalesce(exports.product_id, imports.product_id) as product_id,
        coalesce(exports.period_grain, imports.period_grain) as period_grain,
        coalesce(exports.period_start_date, imports.period_start_date) as period_start_date,
        coalesce(exports.period_end_date, imports.period_end_date) as period_end_date,
        coalesce(exports.year, imports.year) as year,
        coalesce(exports.basis, imports.basis) as basis,
        coalesce(exports.vintage, imports.vintage) as vintage,
        exports.value as exports_value,
        imports.value as imports_value,
        exports.half_unit + imports.half_unit as slack,
        case
            when exports.source_id is null then 'no_exports'
            when imports.source_id is null then 'no_imports'
            when exports.product_scope <> imports.product_scope then 'scope_differs'
            else 'ok'
        end as balance_status
    from exports
    full outer join imports
        on
            exports.source_id = imports.source_id
            and exports.reporter_iso3 = imports.reporter_iso3
            and exports.partner_iso3 = imports.partner_iso3
            and exports.product_id = imports.product_id
            and exports.period_grain = imports.period_grain
            and exports.period_end_date = imports.period_end_date
            and exports.basis = imports.basis
            and exports.vintage = imports.vintage

),

balances as (

    select
        *,
        case when balance_status = 'ok' then exports_value - imports_value end as balance,
        case when balance_status = 'ok' then exports_value + imports_value end as gross
    from sides

),

final as (

    select
        cast(source_id as string) as source_id,
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(partner_iso3 as string) as partner_iso3,
        cast(product_id as string) as product_id,
        cast(period_grain as string) as period_grain,
        cast(period_start_date as date) as period_start_date,
        cast(period_end_date as date) as period_end_date,
        cast(year as integer) as year,
        cast(basis as string) as basis,
        cast(vintage as string) as vintage,
        cast(exports_value as decimal(24, 4)) as exports_value,
        cast(imports_value as decimal(24, 4)) as imports_value,
        cast(balance as decimal(24, 4)) as balance,
        cast(balance - slack as decimal(24, 4)) as balance_low,
        cast(balance + slack as decimal(24, 4)) as balance_high,
        cast(
            case when balance_status = 'ok' then 100e0 * {{ ratio('exports_value', 'imports_value') }} end as double
        ) as coverage_pct,
        cast(100e0 * {{ ratio('balance', 'gross') }} as double) as normalised_balance_pct,
        cast(balance_status as string) as balance_status,
        cast(
            case
                when balance_status <> 'ok' then balance_status
                when imports_value = 0 then 'zero_imports'
                else 'ok'
            end as string
        ) as coverage_status,
        cast(
            case
                when balance_status <> 'ok' then balance_status
                when gross = 0 then 'no_trade'
                else 'ok'
            end as string
        ) as normalised_balance_status
    from balances

)

select * from final
