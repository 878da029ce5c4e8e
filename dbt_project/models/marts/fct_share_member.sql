{#
  Every share with the list of what it is a share of: one row per member of each denominator. The change
  on the year before is given twice: as printed, where the list may have changed, and over the members
  held in both years (matched), where it cannot.
#}
with

members as (

    select * from {{ ref('int_share_member') }}

),

compared as (

    select
        this.*,
        base.value_usd as base_value_usd,
        base.denominator_usd as base_denominator_usd,
        base.members as base_members,
        case
            when base.member_id is null then 'no_base'
            when this.member_status = 'scope_differs' or base.member_status = 'scope_differs' then 'scope_differs'
            when this.denominator_kind <> base.denominator_kind then 'denominator_changed'
            when this.denominator_scope <> base.denominator_scope then 'scope_changed'
            when this.denominator_usd = 0 or base.denominator_usd = 0 then 'zero_denominator'
            when base.value_usd = 0 then 'zero_base'
            else 'ok'
        end as change_status
    from members as this
    left join members as base
        on
            this.dimension = base.dimension
            and this.source_id = base.source_id
            and this.reporter_iso3 = base.reporter_iso3
            and this.flow = base.flow
            and this.item_id = base.item_id
            and this.member_id = base.member_id
            and this.year = base.year + 1

),

matched as (

    select
        dimension,
        source_id,
        reporter_iso3,
        flow,
        item_id,
        year,
        sum(value_usd) as matched_usd,
        sum(base_value_usd) as matched_base_usd,
        count(*) as matched_members
    from compared
    where not is_residual and change_status in ('ok', 'zero_base')
    group by dimension, source_id, reporter_iso3, flow, item_id, year

),

shares as (

    select
        compared.*,
        matched.matched_members,
        compared.change_status in ('ok', 'zero_base') as has_change,
        case
            when
                compared.change_status = 'ok' and compared.denominator_kind = 'sum_of_members'
                and (compared.members <> compared.base_members or compared.members <> matched.matched_members)
                then 'members_changed'
            else compared.change_status
        end as told_status,
        not compared.is_residual and compared.change_status in ('ok', 'zero_base') as is_matched,
        100e0 * {{ ratio('compared.value_usd', 'compared.denominator_usd') }} as share_pct,
        100e0 * {{ ratio('compared.base_value_usd', 'compared.base_denominator_usd') }} as base_pct,
        100e0 * {{ ratio('compared.value_usd', 'matched.matched_usd') }} as matched_pct,
        100e0 * {{ ratio('compared.base_value_usd', 'matched.matched_base_usd') }} as matched_base_pct
    from compared
    left join matched
        on
            compared.dimension = matched.dimension
            and compared.source_id = matched.source_id
            and compared.reporter_iso3 = matched.reporter_iso3
            and compared.flow = matched.flow
            and compared.item_id = matched.item_id
            and compared.year = matched.year

),

final as (

    select
        cast(dimension as string) as dimension,
        cast(source_id as string) as source_id,
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(flow as string) as flow,
        cast(item_id as string) as item_id,
        cast(year as integer) as year,
        cast(member_id as string) as member_id,
        cast(is_residual as boolean) as is_residual,
        cast(value_usd as decimal(24, 4)) as value_usd,
        cast(denominator_usd as decimal(24, 4)) as denominator_usd,
        cast(denominator_kind as string) as denominator_kind,
        cast(members as integer) as members,
        cast(case when member_status <> 'scope_differs' then share_pct end as double) as share_pct,
        cast(
            case when denominator_usd = 0 then 'zero_denominator' else member_status end as string
        ) as share_status,
        cast(case when has_change then base_pct end as double) as base_share_pct,
        cast(case when has_change then share_pct - base_pct end as double) as share_change_pp,
        cast(
            case when change_status = 'ok' then {{ change_pct('share_pct', 'base_pct') }} end as double
        ) as share_change_pct,
        cast(told_status as string) as share_change_status,
        cast(case when is_matched then matched_pct end as double) as matched_share_pct,
        cast(case when is_matched then matched_pct - matched_base_pct end as double) as matched_change_pp,
        cast(case when is_matched then matched_members end as integer) as matched_members,
        cast(
            case
                when is_residual then 'residual'
                when not is_matched then 'not_in_both_years'
                when matched_pct is null or matched_base_pct is null then 'zero_denominator'
                else 'ok'
            end as string
        ) as matched_status
    from shares

)

select * from final
