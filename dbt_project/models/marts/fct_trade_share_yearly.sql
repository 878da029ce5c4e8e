{#
  Share of each reporter in the sum of the reporters held for that year, and in the sum of those that
  report in every year held (the constant sample): the first moves when a reporter is late, the second
  does not. The world here is what is held, not the world.
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

years_held as (

    select
        source_id,
        flow,
        product_id,
        count(distinct year) as years
    from reporter_years
    group by source_id, flow, product_id

),

reporters_held as (

    select
        reporter_years.source_id,
        reporter_years.flow,
        reporter_years.product_id,
        reporter_years.reporter_iso3,
        case when count(*) = max(years_held.years) then 1 else 0 end as is_constant
    from reporter_years
    inner join years_held
        on
            reporter_years.source_id = years_held.source_id
            and reporter_years.flow = years_held.flow
            and reporter_years.product_id = years_held.product_id
    group by
        reporter_years.source_id, reporter_years.flow, reporter_years.product_id, reporter_years.reporter_iso3

),

marked as (

    select
        reporter_years.*,
        reporters_held.is_constant
    from reporter_years
    inner join reporters_held
        on
            reporter_years.source_id = reporters_held.source_id
            and reporter_years.flow = reporters_held.flow
            and reporter_years.product_id = reporters_held.product_id
            and reporter_years.reporter_iso3 = reporters_held.reporter_iso3

),

worlds as (

    select
        source_id,
        flow,
        product_id,
        year,
        sum(value_usd) as world_value_usd,
        sum(case when is_constant = 1 then value_usd end) as constant_world_value_usd,
        count(*) as reporters_in_world,
        sum(is_constant) as reporters_in_constant_sample
    from marked
    group by source_id, flow, product_id, year

),

final as (

    select
        cast(marked.source_id as string) as source_id,
        cast(marked.reporter_iso3 as string) as reporter_iso3,
        cast(marked.flow as string) as flow,
        cast(marked.product_id as string) as product_id,
        cast(marked.product_scope as string) as product_scope,
        cast(marked.year as integer) as year,
        cast(marked.value_usd as decimal(24, 4)) as value_usd,
        cast(worlds.world_value_usd as decimal(24, 4)) as world_value_usd,
        cast(100e0 * {{ ratio('marked.value_usd', 'worlds.world_value_usd') }} as double) as share_pct,
        cast(
            case
                when marked.is_constant = 1
                    then 100e0 * {{ ratio('marked.value_usd', 'worlds.constant_world_value_usd') }}
            end as double
        ) as constant_sample_share_pct,
        cast(
            case when marked.is_constant = 1 then 'ok' else 'not_in_every_year' end as string
        ) as constant_sample_status,
        cast(worlds.reporters_in_world as integer) as reporters_in_world,
        cast(worlds.reporters_in_constant_sample as integer) as reporters_in_constant_sample
    from marked
    inner join worlds
        on
            marked.source_id = worlds.source_id
            and marked.flow = worlds.flow
            and marked.product_id = worlds.product_id
            and marked.year = worlds.year

)

select * from final
