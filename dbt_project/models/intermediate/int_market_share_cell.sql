{#
  Cells of the constant-market-share decomposition: an exporter's exports of an item to a market in a year
  and the year before, beside those of the same reporters together (the world). Market level `world` has one
  market per item (all partners), `partner` one per partner. Only reporters that report the same items in
  both years are in the world: one that comes or goes would look like growth.
#}
with

totals as (

    select * from {{ ref('int_item_total') }}
    where flow = 'X'

),

flows as (

    select * from {{ ref('int_item_flow') }}
    where flow = 'X'

),

economies as (

    select * from {{ ref('dim_economy') }}
    where not is_group

),

cells as (

    select
        'world' as market_level,
        universe,
        source_id,
        reporter_iso3,
        year,
        item_id,
        product_scope,
        'WLD' as market_iso3,
        value_usd
    from totals
    union all
    select
        'partner' as market_level,
        flows.universe,
        flows.source_id,
        flows.reporter_iso3,
        flows.year,
        flows.item_id,
        flows.product_scope,
        flows.partner_iso3 as market_iso3,
        flows.value_usd
    from flows
    inner join economies as reporters
        on flows.reporter_iso3 = reporters.economy_iso3
    inner join economies as partners
        on flows.partner_iso3 = partners.economy_iso3

),

items as (

    select distinct
        market_level,
        universe,
        source_id,
        reporter_iso3,
        year,
        item_id,
        product_scope
    from cells

),

item_counts as (

    select
        market_level,
        universe,
        source_id,
        reporter_iso3,
        year,
        count(*) as items
    from items
    group by market_level, universe, source_id, reporter_iso3, year

),

matched_items as (

    select
        this.market_level,
        this.universe,
        this.source_id,
        this.reporter_iso3,
        this.year,
        count(*) as items
    from items as this
    inner join items as base
        on
            this.market_level = base.market_level
            and this.universe = base.universe
            and this.source_id = base.source_id
            and this.reporter_iso3 = base.reporter_iso3
            and this.item_id = base.item_id
            and this.product_scope = base.product_scope
            and this.year = base.year + 1
    group by this.market_level, this.universe, this.source_id, this.reporter_iso3, this.year

),

reporter_years as (

    select
        this.market_level,
        this.universe,
        this.source_id,
        this.reporter_iso3,
        this.year,
        case
            when base.items is null then 'no_base'
            when coalesce(matched_items.items, 0) <> this.items or this.items <> base.items then 'items_changed'
            else 'ok'
        end as sample_status
    from item_counts as this
    left join item_counts as base
        on
            this.market_level = base.market_level
            and this.universe = base.universe
            and this.source_id = base.source_id
            and this.reporter_iso3 = base.reporter_iso3
            and this.year = base.year + 1
    left join matched_items
        on
            this.market_level = matched_items.market_level
            and this.universe = matched_items.universe
            and this.source_id = matched_items.source_id
            and this.reporter_iso3 = matched_items.reporter_iso3
            and this.year = matched_items.year

),

both_years as (

    select
        reporter_years.market_level,
        reporter_years.universe,
        reporter_years.source_id,
        reporter_years.reporter_iso3,
        reporter_years.year,
        reporter_years.sample_status,
        cells.item_id,
        cells.market_iso3,
        cells.value_usd,
        cast(0 as decimal(24, 4)) as base_value_usd
    from reporter_years
    inner join cells
        on
            reporter_years.market_level = cells.market_level
            and reporter_years.universe = cells.universe
            and reporter_years.source_id = cells.source_id
            and reporter_years.reporter_iso3 = cells.reporter_iso3
            and reporter_years.year = cells.year
    union all
    select
        reporter_years.market_level,
        reporter_years.universe,
        reporter_years.source_id,
        reporter_years.reporter_iso3,
        reporter_years.year,
        reporter_years.sample_status,
        cells.item_id,
        cells.market_iso3,
        cast(0 as decimal(24, 4)) as value_usd,
        cells.value_usd as base_value_usd
    from reporter_years
    inner join cells
        on
            reporter_years.market_level = cells.market_level
            and reporter_years.universe = cells.universe
            and reporter_years.source_id = cells.source_id
            and reporter_years.reporter_iso3 = cells.reporter_iso3
            and reporter_years.year = cells.year + 1

),

final as (

    select
        cast(market_level as string) as market_level,
        cast(universe as string) as universe,
        cast(source_id as string) as source_id,
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(year as integer) as year,
        cast(item_id as string) as item_id,
        cast(market_iso3 as string) as market_iso3,
        cast(sum(value_usd) as decimal(24, 4)) as value_usd,
        cast(sum(base_value_usd) as decimal(24, 4)) as base_value_usd,
        cast(max(sample_status) as string) as sample_status
    from both_years
    group by market_level, universe, source_id, reporter_iso3, year, item_id, market_iso3

)

select * from final
