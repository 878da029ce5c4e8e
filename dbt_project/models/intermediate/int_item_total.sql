{#
  A reporter's trade in an item with all partners: the total that the source printed; where it prints
  none (BACI), the sum over the partners held. Groups of economies are no reporters and no partners here.
#}
with

flows as (

    select * from {{ ref('int_item_flow') }}

),

economies as (

    select * from {{ ref('dim_economy') }}
    where not is_group

),

reported as (

    select flows.*
    from flows
    inner join economies
        on flows.reporter_iso3 = economies.economy_iso3

),

printed as (

    select * from reported
    where partner_iso3 = 'WLD'

),

summed as (

    select
        reported.universe,
        reported.item_id,
        reported.product_id,
        reported.product_scope,
        reported.source_id,
        reported.reporter_iso3,
        reported.flow,
        reported.year,
        sum(reported.value_usd) as value_usd,
        sum(reported.half_unit) as half_unit
    from reported
    inner join economies
        on reported.partner_iso3 = economies.economy_iso3
    left join printed
        on
            reported.universe = printed.universe
            and reported.item_id = printed.item_id
            and reported.product_id = printed.product_id
            and reported.source_id = printed.source_id
            and reported.reporter_iso3 = printed.reporter_iso3
            and reported.flow = printed.flow
            and reported.year = printed.year
    where printed.item_id is null
    group by
        reported.universe, reported.item_id, reported.product_id, reported.product_scope, reported.source_id,
        reported.reporter_iso3, reported.flow, reported.year

),

{#- Partners of two scopes would make two sums; the wider one, with more value, speaks. #}

ranked as (

    select
        *,
        row_number() over (
            partition by universe, item_id, source_id, reporter_iso3, flow, year
            order by value_usd desc nulls last, product_scope asc nulls last
        ) as scope_order
    from summed

),

unioned as (

    select
        universe,
        item_id,
        product_id,
        product_scope,
        source_id,
        reporter_iso3,
        flow,
        year,
        value_usd,
        half_unit,
        'printed' as total_kind
    from printed
    union all
    select
        universe,
        item_id,
        product_id,
        product_scope,
        source_id,
        reporter_iso3,
        flow,
        year,
        value_usd,
        half_unit,
        'sum_of_partners' as total_kind
    from ranked
    where scope_order = 1

),

final as (

    select
        cast(universe as string) as universe,
        cast(item_id as string) as item_id,
        cast(product_id as string) as product_id,
        cast(product_scope as string) as product_scope,
        cast(source_id as string) as source_id,
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(flow as string) as flow,
        cast(year as integer) as year,
        cast(value_usd as decimal(24, 4)) as value_usd,
        cast(half_unit as decimal(24, 6)) as half_unit,
        cast(total_kind as string) as total_kind
    from unioned

)

select * from final
