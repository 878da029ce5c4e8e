{#
  Codes of national sources, which name no HS edition, and the product groups whose codes they begin
  with: the edition is that of the source's codes on the days of the period. Only codes under the
  headings of the product groups. A period of two editions keeps its product where both agree.
#}
with

groups as (

    select * from {{ ref('stg_reference__product_group') }}

),

headings as (

    select distinct substr(hs_code, 1, 4) as heading
    from groups

),

editions as (

    select * from {{ ref('stg_reference__national_code_edition') }}

),

codes as (

    select distinct
        flows.source_id,
        flows.product_system,
        flows.hs_code,
        flows.period_start_date,
        flows.period_end_date
    from {{ ref('int_heading_flow') }} as flows
    inner join headings
        on substr(flows.hs_code, 1, 4) = headings.heading
    where flows.hs_edition is null

),

periods as (

    select distinct
        source_id,
        period_start_date,
        period_end_date
    from codes

),

in_force as (

    select
        periods.source_id,
        periods.period_start_date,
        periods.period_end_date,
        editions.hs_edition,
        editions.valid_from,
        editions.valid_to
    from periods
    inner join editions
        on
            periods.source_id = editions.source_id
            and periods.period_start_date <= editions.valid_to
            and periods.period_end_date >= editions.valid_from

),

{#- Known only where the spans reach from the first day of the period to the last. #}

known as (

    select
        source_id,
        period_start_date,
        period_end_date,
        count(*) as editions,
        max(hs_edition) as newest_edition
    from in_force
    group by source_id, period_start_date, period_end_date
    having min(valid_from) <= period_start_date and max(valid_to) >= period_end_date

),

matched as (

    select
        codes.source_id,
        codes.product_system,
        codes.hs_code,
        codes.period_start_date,
        codes.period_end_date,
        groups.hs_code as group_code,
        groups.product_id,
        groups.product_scope,
        count(*) as editions
    from codes
    inner join in_force
        on
            codes.source_id = in_force.source_id
            and codes.period_start_date = in_force.period_start_date
            and codes.period_end_date = in_force.period_end_date
    inner join groups
        on
            in_force.hs_edition = groups.hs_edition
            and substr(codes.hs_code, 1, length(groups.hs_code)) = groups.hs_code
    group by
        codes.source_id, codes.product_system, codes.hs_code, codes.period_start_date, codes.period_end_date,
        groups.hs_code, groups.product_id, groups.product_scope

),

judged as (

    select
        codes.*,
        known.newest_edition,
        known.editions,
        matched.group_code,
        matched.product_id,
        matched.product_scope,
        case
            when known.editions is null then 'edition_not_known'
            when matched.group_code is null then 'no_product_group'
            when matched.editions < known.editions then 'two_editions_differ'
            when known.editions > 1 then 'two_editions_agree'
            else 'ok'
        end as mapping_status
    from codes
    left join known
        on
            codes.source_id = known.source_id
            and codes.period_start_date = known.period_start_date
            and codes.period_end_date = known.period_end_date
    left join matched
        on
            codes.source_id = matched.source_id
            and codes.product_system = matched.product_system
            and codes.hs_code = matched.hs_code
            and codes.period_start_date = matched.period_start_date
            and codes.period_end_date = matched.period_end_date

),

final as (

    select
        cast(source_id as string) as source_id,
        cast(product_system as string) as product_system,
        cast(hs_code as string) as hs_code,
        cast(period_start_date as date) as period_start_date,
        cast(period_end_date as date) as period_end_date,
        cast(case when mapping_status in ('ok', 'two_editions_agree', 'no_product_group') then newest_edition end as string)
            as hs_edition,
        cast(group_code as string) as group_code,
        cast(case when mapping_status in ('ok', 'two_editions_agree') then product_id end as string) as product_id,
        cast(case when mapping_status in ('ok', 'two_editions_agree') then product_scope end as string) as product_scope,
        cast(hs_code = group_code as boolean) as is_group_code,
        cast(mapping_status as string) as mapping_status
    from judged

)

select * from final
