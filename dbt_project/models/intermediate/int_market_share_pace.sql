{#
  Exports expected at the world's pace, x0 · w1 / w0 with x the exporter's and w the world's exports, taken over
  the total, over each item, over each market and over each cell, and added up by exporter. Expected
  exports become decimals of 0.0001 dollars before they are added: doubles are never summed.
#}
with

cells as (

    select * from {{ ref('int_market_share_cell') }}
    where sample_status = 'ok'

),

worlds as (

    select
        *,
        sum(value_usd) over (partition by market_level, universe, source_id, year) as total_usd,
        sum(base_value_usd) over (partition by market_level, universe, source_id, year) as total_base_usd,
        sum(value_usd) over (partition by market_level, universe, source_id, year, item_id) as item_usd,
        sum(base_value_usd) over (partition by market_level, universe, source_id, year, item_id) as item_base_usd,
        sum(value_usd) over (partition by market_level, universe, source_id, year, market_iso3) as market_usd,
        sum(base_value_usd) over (partition by market_level, universe, source_id, year, market_iso3) as market_base_usd,
        sum(value_usd) over (partition by market_level, universe, source_id, year, item_id, market_iso3) as cell_usd,
        sum(base_value_usd) over (partition by market_level, universe, source_id, year, item_id, market_iso3) as cell_base_usd
    from cells

),

paced as (

    select
        *,
        {{ rounded('cast(base_value_usd as double) * ' ~ ratio('total_usd', 'total_base_usd'), 4) }} as at_total_pace_usd,
        {{ rounded('cast(base_value_usd as double) * ' ~ ratio('item_usd', 'item_base_usd'), 4) }} as at_item_pace_usd,
        {{ rounded('cast(base_value_usd as double) * ' ~ ratio('market_usd', 'market_base_usd'), 4) }} as at_market_pace_usd,
        {{ rounded('cast(base_value_usd as double) * ' ~ ratio('cell_usd', 'cell_base_usd'), 4) }} as at_cell_pace_usd
    from worlds

),

reporters as (

    select
        market_level,
        universe,
        source_id,
        year,
        count(distinct reporter_iso3) as reporters_in_world
    from cells
    group by market_level, universe, source_id, year

),

sums as (

    select
        market_level,
        universe,
        source_id,
        reporter_iso3,
        year,
        sum(at_total_pace_usd) as at_total_pace_usd,
        sum(at_item_pace_usd) as at_item_pace_usd,
        sum(at_market_pace_usd) as at_market_pace_usd,
        sum(at_cell_pace_usd) as at_cell_pace_usd,
        sum(case when base_value_usd = 0 then value_usd else cast(0 as decimal(24, 4)) end) as new_usd,
        max(total_usd) as world_usd,
        max(total_base_usd) as world_base_usd,
        count(*) as cells
    from paced
    group by market_level, universe, source_id, reporter_iso3, year

),

final as (

    select
        cast(sums.market_level as string) as market_level,
        cast(sums.universe as string) as universe,
        cast(sums.source_id as string) as source_id,
        cast(sums.reporter_iso3 as string) as reporter_iso3,
        cast(sums.year as integer) as year,
        cast(sums.at_total_pace_usd as decimal(24, 4)) as at_total_pace_usd,
        cast(sums.at_item_pace_usd as decimal(24, 4)) as at_item_pace_usd,
        cast(sums.at_market_pace_usd as decimal(24, 4)) as at_market_pace_usd,
        cast(sums.at_cell_pace_usd as decimal(24, 4)) as at_cell_pace_usd,
        cast(sums.new_usd as decimal(24, 4)) as new_usd,
        cast(sums.world_usd as decimal(24, 4)) as world_usd,
        cast(sums.world_base_usd as decimal(24, 4)) as world_base_usd,
        cast(sums.cells as integer) as cells,
        cast(reporters.reporters_in_world as integer) as reporters_in_world
    from sums
    inner join reporters
        on
            sums.market_level = reporters.market_level
            and sums.universe = reporters.universe
            and sums.source_id = reporters.source_id
            and sums.year = reporters.year

)

select * from final
