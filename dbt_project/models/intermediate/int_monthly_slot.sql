{#
  The months of each series as releases come. Where January-February is one release, a year has 11
  slots; where they are published apart, 12. Every slot between a series' first and last is there, with its value or the reason why not.
  In the latest vintage a month that was not printed, or printed before both of the years to date around
  it, is their difference, if both count the same codes; such a value is marked, because it also holds the
  revisions of earlier months.
#}
with

series as (

    select * from {{ ref('int_trade_series') }}

),

months as (

    select month_start_date from {{ month_values(1988, 2035) }}

),

year_to_date as (

    select * from series
    where period_grain = 'YTD' and vintage = 'latest' and not is_sum_of_months

),

derived as (

    select
        current_month.source_id,
        current_month.reporter_iso3,
        current_month.partner_iso3,
        current_month.flow,
        current_month.product_id,
        current_month.product_scope,
        current_month.basis,
        current_month.vintage,
        current_month.period_end_date,
        current_month.value - month_before.value as value,
        current_month.half_unit + month_before.half_unit as half_unit,
        least(current_month.released_at, month_before.released_at) as released_at
    from year_to_date as current_month
    inner join year_to_date as month_before
        on
            current_month.source_id = month_before.source_id
            and current_month.reporter_iso3 = month_before.reporter_iso3
            and current_month.partner_iso3 = month_before.partner_iso3
            and current_month.flow = month_before.flow
            and current_month.product_id = month_before.product_id
            and current_month.product_scope = month_before.product_scope
            and current_month.basis = month_before.basis
            and current_month.year = month_before.year
            and extract(month from current_month.period_end_date)
            = extract(month from month_before.period_end_date) + 1

),

{#- A release grid per series: 12 a year where January and February are published apart, else 11. #}

grids as (

    select
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        product_id,
        basis,
        vintage,
        case
            when
                max(case when period_grain = 'JF' and not is_sum_of_months then 1 else 0 end) = 0
                and max(case when period_grain = 'M' and extract(month from period_end_date) <= 2 then 1 else 0 end) = 1
                then 12
            else 11
        end as releases_a_year
    from series
    where period_grain in ('JF', 'M')
    group by source_id, reporter_iso3, partner_iso3, flow, product_id, basis, vintage

),

{#- January and February that one release prints apart are its January-February, where it prints none. #}

added_up as (

    select
        february.source_id,
        february.reporter_iso3,
        february.partner_iso3,
        february.flow,
        february.product_id,
        february.product_scope,
        february.basis,
        february.vintage,
        'JF' as period_grain,
        january.period_start_date,
        february.period_end_date,
        february.year,
        january.value + february.value as value,
        january.half_unit + february.half_unit as half_unit,
        february.print_kind,
        true as is_sum_of_months,
        february.release_id,
        february.released_at,
        february.snapshot_id,
        february.raw_row
    from series as february
    inner join series as january
        on
            {{ same_series('february', 'january') }}
            and february.year = january.year
            and february.product_scope = january.product_scope
            and february.release_id = january.release_id
            and january.period_grain = 'M'
            and extract(month from january.period_end_date) = 1
    left join series as printed
        on
            {{ same_series('february', 'printed') }}
            and february.period_end_date = printed.period_end_date
            and printed.period_grain = 'JF'
    where
        february.period_grain = 'M'
        and extract(month from february.period_end_date) = 2
        and printed.source_id is null

),

held as (

    select
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        product_id,
        product_scope,
        basis,
        vintage,
        period_grain,
        period_start_date,
        period_end_date,
        year,
        value,
        half_unit,
        print_kind,
        is_sum_of_months,
        release_id,
        released_at,
        snapshot_id,
        raw_row
    from series
    union all
    select * from added_up

),

observed as (

    select
        held.*,
        grids.releases_a_year,
        case
            when grids.releases_a_year = 12
                then held.year * 12 + extract(month from held.period_end_date) - 1
            else held.year * 11 + extract(month from held.period_end_date) - 2
        end as slot
    from held
    inner join grids
        on
            held.source_id = grids.source_id
            and held.reporter_iso3 = grids.reporter_iso3
            and held.partner_iso3 = grids.partner_iso3
            and held.flow = grids.flow
            and held.product_id = grids.product_id
            and held.basis = grids.basis
            and held.vintage = grids.vintage
    where
        (held.period_grain = 'M' and (grids.releases_a_year = 12 or extract(month from held.period_end_date) >= 3))
        or (held.period_grain = 'JF' and grids.releases_a_year = 11)

),

spans as (

    select
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        product_id,
        basis,
        vintage,
        releases_a_year,
        min(product_scope) as product_scope,
        min(slot) as first_slot,
        max(slot) as last_slot
    from observed
    group by source_id, reporter_iso3, partner_iso3, flow, product_id, basis, vintage, releases_a_year

),

slots as (

    select
        11 as releases_a_year,
        case when extract(month from month_start_date) = 2 then 'JF' else 'M' end as period_grain,
        case
            when extract(month from month_start_date) = 2
                then make_date(cast(extract(year from month_start_date) as integer), 1, 1)
            else month_start_date
        end as period_start_date,
        last_day(month_start_date) as period_end_date,
        extract(year from month_start_date) as year,
        extract(year from month_start_date) * 11 + extract(month from month_start_date) - 2 as slot
    from months
    where extract(month from month_start_date) >= 2
    union all
    select
        12 as releases_a_year,
        'M' as period_grain,
        month_start_date as period_start_date,
        last_day(month_start_date) as period_end_date,
        extract(year from month_start_date) as year,
        extract(year from month_start_date) * 12 + extract(month from month_start_date) - 1 as slot
    from months

),

chosen as (

    select
        cast(spans.source_id as string) as source_id,
        cast(spans.reporter_iso3 as string) as reporter_iso3,
        cast(spans.partner_iso3 as string) as partner_iso3,
        cast(spans.flow as string) as flow,
        cast(spans.product_id as string) as product_id,
        cast(spans.basis as string) as basis,
        cast(spans.vintage as string) as vintage,
        cast(slots.period_grain as string) as period_grain,
        cast(slots.period_start_date as date) as period_start_date,
        cast(slots.period_end_date as date) as period_end_date,
        cast(slots.year as integer) as year,
        cast(slots.slot as integer) as slot,
        cast(spans.releases_a_year as integer) as releases_a_year,
        cast(case when slots.period_grain = 'JF' then 2 else 1 end as integer) as slot_months,
        case
            when observed.value is null and derived.value is null then 'not_held'
            when observed.value is null or derived.released_at > observed.released_at then 'derived_from_ytd'
            when observed.is_sum_of_months then 'sum_of_months'
            else 'printed'
        end as value_status,
        observed.product_scope as printed_scope,
        derived.product_scope as derived_scope,
        spans.product_scope as usual_scope,
        observed.value as printed_value,
        observed.half_unit as printed_half_unit,
        derived.value as derived_value,
        derived.half_unit as derived_half_unit,
        observed.print_kind,
        observed.release_id,
        observed.snapshot_id,
        observed.raw_row
    from spans
    inner join slots
        on
            spans.releases_a_year = slots.releases_a_year
            and slots.slot between spans.first_slot and spans.last_slot
    left join observed
        on
            spans.source_id = observed.source_id
            and spans.reporter_iso3 = observed.reporter_iso3
            and spans.partner_iso3 = observed.partner_iso3
            and spans.flow = observed.flow
            and spans.product_id = observed.product_id
            and spans.basis = observed.basis
            and spans.vintage = observed.vintage
            and slots.slot = observed.slot
    left join derived
        on
            spans.source_id = derived.source_id
            and spans.reporter_iso3 = derived.reporter_iso3
            and spans.partner_iso3 = derived.partner_iso3
            and spans.flow = derived.flow
            and spans.product_id = derived.product_id
            and spans.basis = derived.basis
            and spans.vintage = derived.vintage
            and slots.period_grain = 'M'
            and slots.period_end_date = derived.period_end_date

),

final as (

    select
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        product_id,
        {#- A slot without a value has the scope of the series. #}
        cast(
            case when value_status = 'derived_from_ytd' then derived_scope else coalesce(printed_scope, usual_scope) end
            as string
        ) as product_scope,
        basis,
        vintage,
        period_grain,
        period_start_date,
        period_end_date,
        year,
        slot,
        slot_months,
        releases_a_year,
        cast(case when value_status = 'derived_from_ytd' then derived_value else printed_value end as decimal(24, 4)) as value,
        cast(
            case when value_status = 'derived_from_ytd' then derived_half_unit else printed_half_unit end
            as decimal(24, 6)
        ) as half_unit,
        cast(value_status as string) as value_status,
        cast(case when value_status = 'printed' then print_kind end as string) as print_kind,
        cast(case when value_status = 'printed' then release_id end as string) as release_id,
        cast(case when value_status = 'printed' then snapshot_id end as string) as snapshot_id,
        cast(case when value_status = 'printed' then raw_row end as bigint) as raw_row
    from chosen

)

select * from final
