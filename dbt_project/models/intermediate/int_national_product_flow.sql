{#
  Sums of national codes under each code of a product group, and whether they are its total. They are
  only where the file holds all codes of its reporter and period (a bulk file), prints one length of
  codes, and hides none of the chapter. An extract of some codes is never taken for the total.
#}
with

codes as (

    select * from {{ ref('int_national_code_product') }}
    where product_id is not null

),

flows as (

    select
        flows.*,
        codes.group_code,
        codes.hs_edition as code_edition,
        codes.product_id,
        codes.product_scope,
        length(flows.hs_code) as digits
    from {{ ref('int_heading_flow') }} as flows
    inner join codes
        on
            flows.source_id = codes.source_id
            and flows.product_system = codes.product_system
            and flows.hs_code = codes.hs_code
            and flows.period_start_date = codes.period_start_date
            and flows.period_end_date = codes.period_end_date
    where flows.hs_edition is null and flows.value is not null

),

slices as (

    select * from {{ ref('dim_flow_slice') }}

),

economies as (

    select * from {{ ref('stg_reference__economy_code') }}

),

hidden as (

    select distinct
        source.snapshot_id,
        reporters.economy_iso3 as reporter_iso3,
        partners.economy_iso3 as partner_iso3,
        source.flow,
        substr(source.product_code, 1, 2) as chapter,
        source.period_end_date
    from {{ source('raw', 'customs_aside') }} as source
    inner join economies as reporters
        on
            source.code_system = reporters.code_system
            and source.reporter_code = reporters.code
    inner join economies as partners
        on
            source.code_system = partners.code_system
            and source.partner_code = partners.code
    where source.row_kind = 'confidential'

),

sums as (

    select
        min(case when hs_code <> group_code then slice_id end) as slice_id,
        source_id,
        dataset_id,
        release_id,
        released_at,
        snapshot_id,
        reporter_iso3,
        partner_iso3,
        flow,
        group_code,
        code_edition,
        product_id,
        product_scope,
        period_grain,
        period_start_date,
        period_end_date,
        year,
        currency,
        valuation,
        sum(case when hs_code <> group_code then value end) as value,
        max(case when hs_code = group_code then value end) as printed_value,
        count(case when hs_code <> group_code then 1 end) as codes_held,
        min(case when hs_code <> group_code then digits end) as shortest,
        max(case when hs_code <> group_code then digits end) as longest,
        min(raw_row) as raw_row
    from flows
    group by
        source_id, dataset_id, release_id, released_at, snapshot_id, reporter_iso3, partner_iso3, flow, group_code,
        code_edition, product_id, product_scope, period_grain, period_start_date, period_end_date, year, currency,
        valuation

),

judged as (

    select
        sums.*,
        case
            when sums.printed_value is not null then 'printed_beside'
            when sums.shortest < sums.longest then 'parents_beside_children'
            when not coalesce(slices.covers_whole, false) then 'completeness_not_known'
            when hidden.chapter is not null then 'confidential_in_chapter'
            else 'complete'
        end as completeness_status
    from sums
    inner join slices
        on sums.slice_id = slices.slice_id
    left join hidden
        on
            sums.snapshot_id = hidden.snapshot_id
            and sums.reporter_iso3 = hidden.reporter_iso3
            and sums.partner_iso3 = hidden.partner_iso3
            and sums.flow = hidden.flow
            and sums.period_end_date = hidden.period_end_date
            and substr(sums.group_code, 1, 2) = hidden.chapter
    where sums.codes_held > 0

),

final as (

    select
        cast(slice_id as bigint) as slice_id,
        cast(source_id as string) as source_id,
        cast(dataset_id as string) as dataset_id,
        cast(release_id as string) as release_id,
        cast(released_at as date) as released_at,
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(partner_iso3 as string) as partner_iso3,
        cast(flow as string) as flow,
        cast(group_code as string) as hs_code,
        cast(code_edition as string) as hs_edition,
        cast(case when completeness_status = 'complete' then product_id end as string) as product_id,
        cast(case when completeness_status = 'complete' then product_scope end as string) as product_scope,
        cast(period_grain as string) as period_grain,
        cast(period_start_date as date) as period_start_date,
        cast(period_end_date as date) as period_end_date,
        cast(year as integer) as year,
        cast(currency as string) as currency,
        cast(valuation as string) as valuation,
        cast(value as decimal(24, 4)) as value,
        cast(codes_held as integer) as codes_held,
        cast(completeness_status as string) as completeness_status,
        cast(snapshot_id as string) as snapshot_id,
        cast(raw_row as bigint) as raw_row
    from judged

)

select * from final
