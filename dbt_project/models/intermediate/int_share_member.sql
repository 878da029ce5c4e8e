{#
  Members and denominators of every share, before any division. Four dimensions: reporters in the sum of
  reporters, partners in a reporter's printed total, product groups in the groups a reporter reports,
  six-digit codes in their group. What a printed total has beyond its members is the member _residual.
  A sum of partners is no printed total: the partners held differ from code to code.
#}
with

totals as (

    select * from {{ ref('int_item_total') }}

),

flows as (

    select * from {{ ref('int_item_flow') }}

),

economies as (

    select * from {{ ref('dim_economy') }}
    where not is_group

),

{#- The one reporter of a national source is no share of anything. #}

international as (

    select source_id
    from totals
    group by source_id
    having count(distinct reporter_iso3) > 1

),

candidates as (

    select
        'reporter' as dimension,
        totals.source_id,
        'WLD' as reporter_iso3,
        totals.flow,
        totals.item_id,
        totals.year,
        totals.reporter_iso3 as member_id,
        totals.product_scope as member_scope,
        totals.value_usd
    from totals
    inner join international
        on totals.source_id = international.source_id
    union all
    select
        'partner' as dimension,
        flows.source_id,
        flows.reporter_iso3,
        flows.flow,
        flows.item_id,
        flows.year,
        flows.partner_iso3 as member_id,
        flows.product_scope as member_scope,
        flows.value_usd
    from flows
    inner join economies
        on flows.partner_iso3 = economies.economy_iso3
    union all
    select
        'product' as dimension,
        totals.source_id,
        totals.reporter_iso3,
        totals.flow,
        'all_products' as item_id,
        totals.year,
        totals.item_id as member_id,
        'all' as member_scope,
        totals.value_usd
    from totals
    where totals.universe = 'products'
    union all
    select
        'hs_code' as dimension,
        totals.source_id,
        totals.reporter_iso3,
        totals.flow,
        totals.product_id as item_id,
        totals.year,
        totals.item_id as member_id,
        'all' as member_scope,
        totals.value_usd
    from totals
    where totals.universe <> 'products'

),

printed as (

    select
        'partner' as dimension,
        source_id,
        reporter_iso3,
        flow,
        item_id,
        year,
        product_scope as denominator_scope,
        value_usd
    from totals
    where total_kind = 'printed'
    union all
    select
        'hs_code' as dimension,
        source_id,
        reporter_iso3,
        flow,
        item_id,
        year,
        'all' as denominator_scope,
        value_usd
    from totals
    where universe = 'products' and total_kind = 'printed'

),

{#- A sum holds one scope: that of most members. A printed total brings its own. #}

scopes as (

    select
        dimension,
        source_id,
        reporter_iso3,
        flow,
        item_id,
        year,
        member_scope,
        row_number() over (
            partition by dimension, source_id, reporter_iso3, flow, item_id, year
            order by count(*) desc nulls last, member_scope asc nulls last
        ) as scope_order
    from candidates
    group by dimension, source_id, reporter_iso3, flow, item_id, year, member_scope

),

marked as (

    select
        candidates.*,
        printed.value_usd as printed_usd,
        coalesce(printed.denominator_scope, scopes.member_scope) as denominator_scope
    from candidates
    inner join scopes
        on
            candidates.dimension = scopes.dimension
            and candidates.source_id = scopes.source_id
            and candidates.reporter_iso3 = scopes.reporter_iso3
            and candidates.flow = scopes.flow
            and candidates.item_id = scopes.item_id
            and candidates.year = scopes.year
            and scopes.scope_order = 1
    left join printed
        on
            candidates.dimension = printed.dimension
            and candidates.source_id = printed.source_id
            and candidates.reporter_iso3 = printed.reporter_iso3
            and candidates.flow = printed.flow
            and candidates.item_id = printed.item_id
            and candidates.year = printed.year

),

sums as (

    select
        dimension,
        source_id,
        reporter_iso3,
        flow,
        item_id,
        year,
        max(denominator_scope) as denominator_scope,
        max(printed_usd) as printed_usd,
        coalesce(
            sum(case when member_scope = denominator_scope then value_usd end), cast(0 as decimal(24, 4))
        ) as members_usd,
        sum(case when member_scope = denominator_scope then 1 else 0 end) as members
    from marked
    group by dimension, source_id, reporter_iso3, flow, item_id, year

),

members as (

    select
        dimension,
        source_id,
        reporter_iso3,
        flow,
        item_id,
        year,
        member_id,
        false as is_residual,
        value_usd,
        case
            when member_scope <> denominator_scope then 'scope_differs'
            when value_usd > printed_usd then 'members_exceed_total'
            else 'ok'
        end as member_status
    from marked
    union all
    select
        dimension,
        source_id,
        reporter_iso3,
        flow,
        item_id,
        year,
        '_residual' as member_id,
        true as is_residual,
        printed_usd - members_usd as value_usd,
        case when printed_usd < members_usd then 'members_exceed_total' else 'ok' end as member_status
    from sums
    where printed_usd <> members_usd

),

final as (

    select
        cast(members.dimension as string) as dimension,
        cast(members.source_id as string) as source_id,
        cast(members.reporter_iso3 as string) as reporter_iso3,
        cast(members.flow as string) as flow,
        cast(members.item_id as string) as item_id,
        cast(members.year as integer) as year,
        cast(members.member_id as string) as member_id,
        cast(members.is_residual as boolean) as is_residual,
        cast(members.value_usd as decimal(24, 4)) as value_usd,
        cast(coalesce(sums.printed_usd, sums.members_usd) as decimal(24, 4)) as denominator_usd,
        cast(case when sums.printed_usd is null then 'sum_of_members' else 'printed' end as string) as denominator_kind,
        cast(sums.denominator_scope as string) as denominator_scope,
        cast(sums.members as integer) as members,
        cast(members.member_status as string) as member_status
    from members
    inner join sums
        on
            members.dimension = sums.dimension
            and members.source_id = sums.source_id
            and members.reporter_iso3 = sums.reporter_iso3
            and members.flow = sums.flow
            and members.item_id = sums.item_id
            and members.year = sums.year

)

select * from final
