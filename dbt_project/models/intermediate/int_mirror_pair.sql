{#
  The two records of one trade: what the exporter says it sent and what the importer says it received.
  UN Comtrade speaks before a national source. BACI is left out: it is already reconciled, and would agree
  with itself. Groups of economies have no mirror, except the world. Valuation is that of the source's
  imports, of years and of months, whose sums are years here: some offices print them free on board.
#}
with

flows as (

    select * from {{ ref('int_item_flow') }}
    where source_id <> 'baci'

),

economies as (

    select * from {{ ref('dim_economy') }}
    where not is_group or economy_iso3 = 'WLD'

),

valued as (

    select
        source_id,
        reporter_iso3,
        case when min(valuation) = max(valuation) then min(valuation) else 'mixed' end as valuation
    from {{ ref('int_product_code_flow') }}
    where superseded_at is null and flow = 'M' and period_grain in ('A', 'M')
    group by source_id, reporter_iso3

),

ranked as (

    select
        flows.*,
        row_number() over (
            partition by
                flows.universe, flows.item_id, flows.reporter_iso3, flows.partner_iso3, flows.flow, flows.year
            order by
                case when flows.source_id = 'comtrade' then 0 else 1 end asc nulls last, flows.source_id asc nulls last
        ) as source_order
    from flows
    inner join economies as reporters
        on flows.reporter_iso3 = reporters.economy_iso3
    inner join economies as partners
        on flows.partner_iso3 = partners.economy_iso3

),

exports as (

    select * from ranked
    where source_order = 1 and flow = 'X'

),

imports as (

    select * from ranked
    where source_order = 1 and flow = 'M'

),

final as (

    select
        cast(coalesce(exports.universe, imports.universe) as string) as universe,
        cast(coalesce(exports.item_id, imports.item_id) as string) as item_id,
        cast(coalesce(exports.product_id, imports.product_id) as string) as product_id,
        cast(coalesce(exports.reporter_iso3, imports.partner_iso3) as string) as exporter_iso3,
        cast(coalesce(exports.partner_iso3, imports.reporter_iso3) as string) as importer_iso3,
        cast(coalesce(exports.year, imports.year) as integer) as year,
        cast(exports.source_id as string) as exporter_source_id,
        cast(imports.source_id as string) as importer_source_id,
        cast(exports.product_scope as string) as exporter_scope,
        cast(imports.product_scope as string) as importer_scope,
        cast(exports.value_usd as decimal(24, 4)) as exporter_value_usd,
        cast(imports.value_usd as decimal(24, 4)) as importer_value_usd,
        cast(valued.valuation as string) as importer_valuation
    from exports
    full outer join imports
        on
            exports.universe = imports.universe
            and exports.item_id = imports.item_id
            and exports.product_id = imports.product_id
            and exports.reporter_iso3 = imports.partner_iso3
            and exports.partner_iso3 = imports.reporter_iso3
            and exports.year = imports.year
    left join valued
        on
            imports.source_id = valued.source_id
            and imports.reporter_iso3 = valued.reporter_iso3

)

select * from final
