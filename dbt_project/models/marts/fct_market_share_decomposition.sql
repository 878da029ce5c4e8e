{#
  Constant-market-share decomposition: growth of an exporter beyond the world's, split into what its products
  and markets explain (structure) and the rest (market share, new flows). Each effect is a difference of two
  sums of expected exports over the exports of the year before, so the effects add up exactly. Product and
  market depend on which is taken first: both orders are given, and their mean (Shapley).
#}
with

cells as (

    select * from {{ ref('int_market_share_cell') }}
    where sample_status <> 'no_base'

),

paces as (

    select * from {{ ref('int_market_share_pace') }}

),

reporters as (

    select
        market_level,
        universe,
        source_id,
        reporter_iso3,
        year,
        sum(value_usd) as value_usd,
        sum(base_value_usd) as base_value_usd,
        max(sample_status) as sample_status
    from cells
    group by market_level, universe, source_id, reporter_iso3, year

),

joined as (

    select
        reporters.*,
        paces.at_total_pace_usd,
        paces.at_item_pace_usd,
        paces.at_market_pace_usd,
        paces.at_cell_pace_usd,
        paces.new_usd,
        paces.world_usd,
        paces.world_base_usd,
        paces.cells,
        paces.reporters_in_world,
        case
            when reporters.sample_status <> 'ok' then reporters.sample_status
            when paces.reporters_in_world = 1 then 'one_reporter_only'
            when reporters.base_value_usd = 0 then 'zero_base'
            else 'ok'
        end as decomposition_status
    from reporters
    left join paces
        on
            reporters.market_level = paces.market_level
            and reporters.universe = paces.universe
            and reporters.source_id = paces.source_id
            and reporters.reporter_iso3 = paces.reporter_iso3
            and reporters.year = paces.year

),

effects as (

    select
        *,
        {{ ratio('100 * (value_usd - base_value_usd)', 'base_value_usd') }} as growth_pct,
        {{ ratio('100 * (at_total_pace_usd - base_value_usd)', 'base_value_usd') }} as world_growth_pct,
        {{ ratio('100 * (at_item_pace_usd - at_total_pace_usd)', 'base_value_usd') }} as product_first_pp,
        {{ ratio('100 * (at_cell_pace_usd - at_market_pace_usd)', 'base_value_usd') }} as product_last_pp,
        {{ ratio('100 * (at_market_pace_usd - at_total_pace_usd)', 'base_value_usd') }} as market_first_pp,
        {{ ratio('100 * (at_cell_pace_usd - at_item_pace_usd)', 'base_value_usd') }} as market_last_pp,
        {{ ratio('100 * (at_cell_pace_usd - at_total_pace_usd)', 'base_value_usd') }} as structure_pp,
        {{ ratio('100 * (value_usd - new_usd - at_cell_pace_usd)', 'base_value_usd') }} as market_share_pp,
        {{ ratio('100 * (new_usd)', 'base_value_usd') }} as new_flow_pp
    from joined

),

final as (

    select
        cast(market_level as string) as market_level,
        cast(universe as string) as universe,
        cast(source_id as string) as source_id,
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(year as integer) as year,
        cast(value_usd as decimal(24, 4)) as value_usd,
        cast(base_value_usd as decimal(24, 4)) as base_value_usd,
        cast(world_usd as decimal(24, 4)) as world_value_usd,
        cast(world_base_usd as decimal(24, 4)) as world_base_value_usd,
        cast(reporters_in_world as integer) as reporters_in_world,
        cast(cells as integer) as cells,
        cast(case when decomposition_status = 'ok' then growth_pct end as double) as growth_pct,
        cast(case when decomposition_status = 'ok' then world_growth_pct end as double) as world_growth_pct,
        cast(case when decomposition_status = 'ok' then growth_pct - world_growth_pct end as double) as growth_gap_pp,
        cast(case when decomposition_status = 'ok' then structure_pp end as double) as structure_effect_pp,
        cast(case when decomposition_status = 'ok' then 5e-1 * (product_first_pp + product_last_pp) end as double) as product_effect_pp,
        cast(case when decomposition_status = 'ok' then product_first_pp end as double) as product_effect_first_pp,
        cast(case when decomposition_status = 'ok' then product_last_pp end as double) as product_effect_last_pp,
        cast(case when decomposition_status = 'ok' then 5e-1 * (market_first_pp + market_last_pp) end as double) as market_effect_pp,
        cast(case when decomposition_status = 'ok' then market_first_pp end as double) as market_effect_first_pp,
        cast(case when decomposition_status = 'ok' then market_last_pp end as double) as market_effect_last_pp,
        cast(case when decomposition_status = 'ok' then market_share_pp end as double) as market_share_effect_pp,
        cast(case when decomposition_status = 'ok' then new_flow_pp end as double) as new_flow_effect_pp,
        cast(decomposition_status as string) as decomposition_status
    from effects

)

select * from final
