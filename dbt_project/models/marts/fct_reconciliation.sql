{#
  Printed totals against the sum of their parts, where one release prints both: partners of the world,
  sub-headings of a heading, months of a year, places of a flow. Codes under the headings of the product
  groups and figures of product groups are compared, each once; nothing is corrected here. Figures are
  rounded to millions or thousands where all of a sum are whole millions or thousands, else to units.
#}
with

figures as (

    select
        *,
        case when value % 1000000 = 0 then 1000000 when value % 1000 = 0 then 1000 else 1 end as unit
    from {{ ref('int_reconcilable_flow') }}

),

economies as (

    select * from {{ ref('dim_economy') }}

),

partners as (

    select
        figures.source_id,
        figures.release_id,
        figures.reporter_iso3,
        figures.flow,
        figures.hs_code,
        figures.hs_edition,
        figures.product_id,
        figures.product_scope,
        figures.period_grain,
        figures.period_start_date,
        figures.period_end_date,
        figures.year,
        figures.currency,
        max(case when figures.partner_iso3 = 'WLD' then figures.value end) as total_value,
        sum(case when not economies.is_group then figures.value end) as parts_value,
        count(case when not economies.is_group then 1 end) as parts_held,
        min(figures.unit) as unit
    from figures
    inner join economies
        on figures.partner_iso3 = economies.economy_iso3
    where figures.figure_kind = 'figure' and (figures.partner_iso3 = 'WLD' or not economies.is_group)
    group by
        figures.source_id, figures.release_id, figures.reporter_iso3, figures.flow, figures.hs_code,
        figures.hs_edition, figures.product_id, figures.product_scope, figures.period_grain,
        figures.period_start_date, figures.period_end_date, figures.year, figures.currency

),

{#- A code is a part of its heading and, where it is longer, of its sub-heading; lengths never mix. #}

nested as (

    select
        *,
        substr(hs_code, 1, 4) as total_code,
        length(hs_code) as parts_digits
    from figures
    where figure_kind = 'figure' and length(hs_code) > 4
    union all
    select
        *,
        substr(hs_code, 1, 6) as total_code,
        length(hs_code) as parts_digits
    from figures
    where figure_kind = 'figure' and length(hs_code) > 6

),

subheadings as (

    select
        source_id,
        release_id,
        reporter_iso3,
        partner_iso3,
        flow,
        hs_edition,
        product_id,
        product_scope,
        period_grain,
        period_start_date,
        period_end_date,
        year,
        currency,
        total_code,
        parts_digits,
        sum(value) as parts_value,
        count(*) as parts_held,
        min(unit) as unit
    from nested
    group by
        source_id, release_id, reporter_iso3, partner_iso3, flow, hs_edition, product_id, product_scope,
        period_grain, period_start_date, period_end_date, year, currency, total_code, parts_digits

),

months as (

    select
        source_id,
        release_id,
        reporter_iso3,
        partner_iso3,
        flow,
        hs_code,
        hs_edition,
        product_id,
        product_scope,
        year,
        currency,
        max(case when period_grain = 'A' then period_start_date end) as year_start_date,
        max(case when period_grain = 'A' then period_end_date end) as year_end_date,
        max(case when period_grain = 'A' then value end) as total_value,
        sum(case when period_grain = 'M' and extract(month from period_end_date) > 2 then value else 0 end)
            as later_value,
        count(case when period_grain = 'M' and extract(month from period_end_date) > 2 then 1 end) as later_held,
        sum(case when period_grain = 'M' and extract(month from period_end_date) <= 2 then value else 0 end)
            as early_value,
        count(case when period_grain = 'M' and extract(month from period_end_date) <= 2 then 1 end) as early_held,
        max(case when period_grain = 'JF' then value end) as joint_value,
        min(unit) as unit
    from figures
    where figure_kind = 'figure' and period_grain in ('A', 'M', 'JF')
    group by
        source_id, release_id, reporter_iso3, partner_iso3, flow, hs_code, hs_edition, product_id,
        product_scope, year, currency

),

places as (

    select
        places.source_id,
        places.release_id,
        places.reporter_iso3,
        places.partner_iso3,
        places.flow,
        places.hs_code,
        places.hs_edition,
        places.product_id,
        places.product_scope,
        places.period_grain,
        places.period_start_date,
        places.period_end_date,
        places.year,
        places.currency,
        places.raw_column,
        flows.value as total_value,
        sum(places.value) as parts_value,
        sum(places.rows_held) as parts_held,
        min(places.unit) as unit
    from figures as places
    inner join {{ ref('int_heading_flow') }} as flows
        on
            places.snapshot_id = flows.snapshot_id
            and places.raw_column = flows.raw_column
            and places.reporter_iso3 = flows.reporter_iso3
            and places.partner_iso3 = flows.partner_iso3
            and places.flow = flows.flow
            and places.hs_code = flows.hs_code
            and coalesce(places.hs_edition, '') = coalesce(flows.hs_edition, '')
            and places.period_grain = flows.period_grain
            and places.period_end_date = flows.period_end_date
            and places.currency = flows.currency
    where places.figure_kind = 'places' and flows.value is not null
    group by
        places.source_id, places.release_id, places.reporter_iso3, places.partner_iso3, places.flow,
        places.hs_code, places.hs_edition, places.product_id, places.product_scope, places.period_grain,
        places.period_start_date, places.period_end_date, places.year, places.currency, places.raw_column,
        flows.value

),

sums as (

    select
        'partners_of_world' as sum_kind,
        source_id,
        release_id,
        reporter_iso3,
        'WLD' as partner_iso3,
        flow,
        hs_code,
        hs_edition,
        product_id,
        product_scope,
        period_grain,
        period_start_date,
        period_end_date,
        year,
        currency,
        cast(null as integer) as parts_digits,
        cast(null as string) as raw_column,
        total_value,
        parts_value,
        parts_held,
        cast(null as integer) as parts_expected,
        unit
    from partners
    where total_value is not null and parts_held > 0
    union all
    select
        'subheadings_of_heading' as sum_kind,
        subheadings.source_id,
        subheadings.release_id,
        subheadings.reporter_iso3,
        subheadings.partner_iso3,
        subheadings.flow,
        subheadings.total_code as hs_code,
        subheadings.hs_edition,
        subheadings.product_id,
        subheadings.product_scope,
        subheadings.period_grain,
        subheadings.period_start_date,
        subheadings.period_end_date,
        subheadings.year,
        subheadings.currency,
        subheadings.parts_digits,
        cast(null as string) as raw_column,
        totals.value as total_value,
        subheadings.parts_value,
        subheadings.parts_held,
        cast(null as integer) as parts_expected,
        case when totals.unit < subheadings.unit then totals.unit else subheadings.unit end as unit
    from subheadings
    inner join figures as totals
        on
            subheadings.source_id = totals.source_id
            and subheadings.release_id = totals.release_id
            and subheadings.reporter_iso3 = totals.reporter_iso3
            and subheadings.partner_iso3 = totals.partner_iso3
            and subheadings.flow = totals.flow
            and subheadings.total_code = totals.hs_code
            and coalesce(subheadings.hs_edition, '') = coalesce(totals.hs_edition, '')
            and coalesce(subheadings.product_id, '') = coalesce(totals.product_id, '')
            and coalesce(subheadings.product_scope, '') = coalesce(totals.product_scope, '')
            and subheadings.period_grain = totals.period_grain
            and subheadings.period_start_date = totals.period_start_date
            and subheadings.period_end_date = totals.period_end_date
            and subheadings.year = totals.year
            and subheadings.currency = totals.currency
            and totals.figure_kind = 'figure'
    union all
    select
        'months_of_year' as sum_kind,
        source_id,
        release_id,
        reporter_iso3,
        partner_iso3,
        flow,
        hs_code,
        hs_edition,
        product_id,
        product_scope,
        'A' as period_grain,
        year_start_date as period_start_date,
        year_end_date as period_end_date,
        year,
        currency,
        cast(null as integer) as parts_digits,
        cast(null as string) as raw_column,
        total_value,
        later_value + case when early_held = 2 or joint_value is null then early_value else joint_value end as parts_value,
        later_held + case when early_held < 2 and joint_value is not null then 2 else early_held end as parts_held,
        12 as parts_expected,
        unit
    from months
    where total_value is not null and (later_held > 0 or early_held > 0 or joint_value is not null)
    union all
    select
        'places_of_flow' as sum_kind,
        source_id,
        release_id,
        reporter_iso3,
        partner_iso3,
        flow,
        hs_code,
        hs_edition,
        product_id,
        product_scope,
        period_grain,
        period_start_date,
        period_end_date,
        year,
        currency,
        cast(null as integer) as parts_digits,
        raw_column,
        total_value,
        parts_value,
        parts_held,
        cast(null as integer) as parts_expected,
        unit
    from places

),

judged as (

    select
        *,
        total_value - parts_value as difference_value,
        cast(0.5 as decimal(2, 1)) * unit * (parts_held + 1) as rounding_value
    from sums

),

final as (

    select
        cast(source_id as string) as source_id,
        cast(release_id as string) as release_id,
        cast(sum_kind as string) as sum_kind,
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(partner_iso3 as string) as partner_iso3,
        cast(flow as string) as flow,
        cast(hs_code as string) as hs_code,
        cast(hs_edition as string) as hs_edition,
        cast(product_id as string) as product_id,
        cast(product_scope as string) as product_scope,
        cast(period_grain as string) as period_grain,
        cast(period_start_date as date) as period_start_date,
        cast(period_end_date as date) as period_end_date,
        cast(year as integer) as year,
        cast(currency as string) as currency,
        cast(parts_digits as integer) as parts_digits,
        cast(raw_column as string) as raw_column,
        cast(total_value as decimal(24, 4)) as total_value,
        cast(parts_value as decimal(24, 4)) as parts_value,
        cast(difference_value as decimal(24, 4)) as difference_value,
        cast(100e0 * {{ ratio('difference_value', 'total_value') }} as double) as difference_pct,
        cast(rounding_value as decimal(24, 4)) as rounding_value,
        cast(parts_held as integer) as parts_held,
        cast(parts_expected as integer) as parts_expected,
        cast(
            case
                when difference_value < -rounding_value then 'exceeds'
                when difference_value > rounding_value or parts_held < parts_expected then 'incomplete'
                else 'complete'
            end as string
        ) as reconciliation_status
    from judged

)

select * from final
