{#
  Revealed comparative advantage of exporters: the share of an item in a reporter's exports over its share
  in those of all reporters of the sample. The sample are the reporters that report every item of the
  universe that year: a code that is not held is not taken as zero.
#}
with

totals as (

    select * from {{ ref('int_item_total') }}
    where flow = 'X'

),

universes as (

    select
        universe,
        source_id,
        year,
        count(distinct item_id) as universe_items
    from totals
    group by universe, source_id, year

),

reporters as (

    select
        totals.universe,
        totals.source_id,
        totals.year,
        totals.reporter_iso3,
        sum(totals.value_usd) as reporter_usd,
        count(*) as items,
        max(universes.universe_items) as universe_items
    from totals
    inner join universes
        on
            totals.universe = universes.universe
            and totals.source_id = universes.source_id
            and totals.year = universes.year
    group by totals.universe, totals.source_id, totals.year, totals.reporter_iso3

),

marked as (

    select
        totals.*,
        reporters.reporter_usd,
        reporters.items,
        reporters.universe_items,
        reporters.items = reporters.universe_items as is_sampled
    from totals
    inner join reporters
        on
            totals.universe = reporters.universe
            and totals.source_id = reporters.source_id
            and totals.year = reporters.year
            and totals.reporter_iso3 = reporters.reporter_iso3

),

items as (

    select
        universe,
        source_id,
        year,
        item_id,
        sum(value_usd) as world_item_usd,
        count(*) as reporters_in_world
    from marked
    where is_sampled
    group by universe, source_id, year, item_id

),

worlds as (

    select
        universe,
        source_id,
        year,
        sum(world_item_usd) as world_usd
    from items
    group by universe, source_id, year

),

joined as (

    select
        marked.*,
        items.world_item_usd,
        items.reporters_in_world,
        worlds.world_usd,
        case
            when marked.universe_items = 1 then 'one_item_only'
            when not marked.is_sampled then 'items_missing'
            when items.reporters_in_world = 1 then 'one_reporter_only'
            when marked.reporter_usd = 0 then 'zero_exports'
            when items.world_item_usd = 0 then 'zero_world_item'
            else 'ok'
        end as rca_status
    from marked
    left join items
        on
            marked.universe = items.universe
            and marked.source_id = items.source_id
            and marked.year = items.year
            and marked.item_id = items.item_id
    left join worlds
        on
            marked.universe = worlds.universe
            and marked.source_id = worlds.source_id
            and marked.year = worlds.year

),

indices as (

    select
        *,
        case
            when rca_status = 'ok'
                then {{ ratio('value_usd', 'reporter_usd') }} / nullif({{ ratio('world_item_usd', 'world_usd') }}, 0)
        end as rca,
        case
            when rca_status = 'ok'
                then
                    {{ ratio('value_usd', 'reporter_usd') }}
                    / nullif({{ ratio('world_item_usd - value_usd', 'world_usd - reporter_usd') }}, 0)
        end as rca_of_others
    from joined

),

final as (

    select
        cast(universe as string) as universe,
        cast(source_id as string) as source_id,
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(item_id as string) as item_id,
        cast(year as integer) as year,
        cast(value_usd as decimal(24, 4)) as value_usd,
        cast(reporter_usd as decimal(24, 4)) as reporter_value_usd,
        cast(world_item_usd as decimal(24, 4)) as world_item_value_usd,
        cast(world_usd as decimal(24, 4)) as world_value_usd,
        cast(items as integer) as items,
        cast(universe_items as integer) as universe_items,
        cast(reporters_in_world as integer) as reporters_in_world,
        cast(rca as double) as rca_ratio,
        cast({{ ratio('rca - 1e0', 'rca + 1e0') }} as double) as rsca_ratio,
        cast(rca_of_others as double) as rca_without_own_ratio,
        cast(rca_status as string) as rca_status,
        cast(
            case
                when rca_status <> 'ok' then rca_status
                when rca_of_others is null then 'no_other_exporter'
                else 'ok'
            end as string
        ) as rca_without_own_status
    from indices

)

select * from final
