{#
  Share of each reporter in the sum of the reporters held for that year, and in the sum of those that
  report in every year held (the constant sample): the first moves when a reporter is late, the second
  does not. The world here is what is held, not the world. A sum holds one scope, that of most reporters:
  a reporter of another scope keeps its row and is in no sum, as in int_share_member.
#}
with

products as (

    select * from {{ ref('int_product_flow') }}
    where vintage = 'latest' and partner_iso3 = 'WLD' and period_grain = 'A'

),

economies as (

    select * from {{ ref('dim_economy') }}
    where not is_group

),

reporter_years as (

    select
        products.source_id,
        products.reporter_iso3,
        products.flow,
        products.product_id,
        products.product_scope,
        products.year,
        products.value_usd
    from products
    inner join economies
        on products.reporter_iso3 = economies.economy_iso3

),

scopes as (

    select
        source_id,
        flow,
        product_id,
        year,
        product_scope as world_scope,
        row_number() over (
            partition by source_id, flow, product_id, year
            order by count(*) desc nulls last, product_scope asc nulls last
        ) as scope_order
    from reporter_years
    group by source_id, flow, product_id, year, product_scope

),

scoped as (

    select
        reporter_years.*,
        case when reporter_years.product_scope = scopes.world_scope then 1 else 0 end as is_in_world
    from reporter_years
    inner join scopes
        on
            reporter_years.source_id = scopes.source_id
            and reporter_years.flow = scopes.flow
            and reporter_years.product_id = scopes.product_id
            and reporter_years.year = scopes.year
            and scopes.scope_order = 1

),

years_held as (

    select
        source_id,
        flow,
        product_id,
        count(distinct year) as years
    from scoped
    group by source_id, flow, product_id

),

reporters_held as (

    select
        scoped.source_id,
        scoped.flow,
        scoped.product_id,
        scoped.reporter_iso3,
        case when sum(scoped.is_in_world) = max(years_held.years) then 1 else 0 end as is_constant
    from scoped
    inner join years_held
        on
            scoped.source_id = years_held.source_id
            and scoped.flow = years_held.flow
            and scoped.product_id = years_held.product_id
    group by scoped.source_id, scoped.flow, scoped.product_id, scoped.reporter_iso3

),

marked as (

    select
        scoped.*,
        reporters_held.is_constant
    from scoped
    inner join reporters_held
        on
            scoped.source_id = reporters_held.source_id
            and scoped.flow = reporters_held.flow
            and scoped.product_id = reporters_held.product_id
            and scoped.reporter_iso3 = reporters_held.reporter_iso3

),

worlds as (

    select
        source_id,
        flow,
        product_id,
        year,
        sum(case when is_in_world = 1 then value_usd end) as world_value_usd,
        sum(case when is_constant = 1 then value_usd end) as constant_world_value_usd,
        sum(is_in_world) as reporters_in_world,
        sum(is_constant) as reporters_in_constant_sample
    from marked
    group by source_id, flow, product_id, year

),

judged as (

    select
        marked.*,
        worlds.world_value_usd,
        worlds.constant_world_value_usd,
        worlds.reporters_in_world,
        worlds.reporters_in_constant_sample,
        case
            when marked.is_in_world = 0 then 'scope_differs'
            when worlds.world_value_usd = 0 then 'zero_world'
            else 'ok'
        end as share_status,
        case
            when marked.is_constant = 0 then 'not_in_every_year'
            when worlds.constant_world_value_usd = 0 then 'zero_world'
            else 'ok'
        end as constant_sample_status
    from marked
    inner join worlds
        on
            marked.source_id = worlds.source_id
            and marked.flow = worlds.flow
            and marked.product_id = worlds.product_id
            and marked.year = worlds.year

),

final as (

    select
        cast(source_id as string) as source_id,
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(flow as string) as flow,
        cast(product_id as string) as product_id,
        cast(product_scope as string) as product_scope,
        cast(year as integer) as year,
        cast(value_usd as decimal(24, 4)) as value_usd,
        cast(world_value_usd as decimal(24, 4)) as world_value_usd,
        cast(
            case when share_status = 'ok' then 100e0 * {{ ratio('value_usd', 'world_value_usd') }} end as double
        ) as share_pct,
        cast(share_status as string) as share_status,
        cast(
            case
                when constant_sample_status = 'ok' then 100e0 * {{ ratio('value_usd', 'constant_world_value_usd') }}
            end as double
        ) as constant_sample_share_pct,
        cast(constant_sample_status as string) as constant_sample_status,
        cast(reporters_in_world as integer) as reporters_in_world,
        cast(reporters_in_constant_sample as integer) as reporters_in_constant_sample
    from judged

)

select * from final
