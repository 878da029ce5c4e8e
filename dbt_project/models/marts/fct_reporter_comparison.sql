{#
  Two reporters side by side in one item and flow. Pairs are of the reporters that were among the ten
  largest of some year held: all pairs of two hundred reporters would be millions of rows about nothing.
#}
with

totals as (

    select * from {{ ref('int_item_total') }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by universe, item_id, source_id, flow, year
            order by value_usd desc nulls last, reporter_iso3 asc nulls last
        ) as reporter_rank
    from totals

),

large as (

    select distinct
        universe,
        item_id,
        source_id,
        flow,
        reporter_iso3
    from ranked
    where reporter_rank <= 10

),

compared as (

    select ranked.*
    from ranked
    inner join large
        on
            ranked.universe = large.universe
            and ranked.item_id = large.item_id
            and ranked.source_id = large.source_id
            and ranked.flow = large.flow
            and ranked.reporter_iso3 = large.reporter_iso3

),

pairs as (

    select
        a.universe,
        a.item_id,
        a.source_id,
        a.flow,
        a.year,
        a.reporter_iso3 as reporter_a,
        b.reporter_iso3 as reporter_b,
        a.value_usd as value_a_usd,
        b.value_usd as value_b_usd,
        a.reporter_rank as rank_a,
        b.reporter_rank as rank_b,
        case
            when a.product_scope <> b.product_scope then 'scope_differs'
            when abs(a.value_usd - b.value_usd) > a.half_unit + b.half_unit then 'ok'
            else 'within_rounding'
        end as leader_status
    from compared as a
    inner join compared as b
        on
            a.universe = b.universe
            and a.item_id = b.item_id
            and a.source_id = b.source_id
            and a.flow = b.flow
            and a.year = b.year
            and a.reporter_iso3 < b.reporter_iso3

),

final as (

    select
        cast(universe as string) as universe,
        cast(item_id as string) as item_id,
        cast(source_id as string) as source_id,
        cast(flow as string) as flow,
        cast(year as integer) as year,
        cast(reporter_a as string) as reporter_a,
        cast(reporter_b as string) as reporter_b,
        cast(value_a_usd as decimal(24, 4)) as value_a_usd,
        cast(value_b_usd as decimal(24, 4)) as value_b_usd,
        cast(value_a_usd - value_b_usd as decimal(24, 4)) as difference_usd,
        cast({{ ratio('value_a_usd', 'value_b_usd') }} as double) as ratio,
        cast(rank_a as integer) as rank_a,
        cast(rank_b as integer) as rank_b,
        cast(
            case
                when leader_status = 'ok' and value_a_usd > value_b_usd then reporter_a
                when leader_status = 'ok' then reporter_b
            end as string
        ) as leader,
        cast(leader_status as string) as leader_status,
        cast(case when value_b_usd = 0 then 'zero_denominator' else 'ok' end as string) as ratio_status
    from pairs

)

select * from final
