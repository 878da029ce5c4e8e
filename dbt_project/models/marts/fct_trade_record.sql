{#
  Whether a value is the highest or lowest of its series so far, and over which window that is known.
  A record holds over the periods held, not over all time: the window and its gaps stand beside it.
  Months are compared with all months, January-Februaries, years and years to date with their like.
  Formula: value - half_unit above the largest earlier value + half_unit; ties are equals_record. It is no
  record only where some earlier value less its own half unit is above value + half_unit.
#}
with

printed as (

    select * from {{ ref('int_trade_series') }}

),

{#- A month of which newer years to date speak is their difference, as in fct_trade_growth_monthly. #}

derived as (

    select * from {{ ref('int_monthly_slot') }}
    where value_status = 'derived_from_ytd'

),

figures as (

    select
        printed.source_id,
        printed.reporter_iso3,
        printed.partner_iso3,
        printed.flow,
        printed.product_id,
        printed.product_scope,
        printed.period_grain,
        printed.period_start_date,
        printed.period_end_date,
        printed.year,
        printed.basis,
        printed.vintage,
        printed.value,
        printed.half_unit,
        case when printed.is_sum_of_months then 'sum_of_months' else 'printed' end as value_status,
        printed.snapshot_id,
        printed.raw_row
    from printed
    left join derived
        on
            {{ same_series('printed', 'derived') }}
            and printed.period_grain = derived.period_grain
            and printed.period_end_date = derived.period_end_date
    where derived.source_id is null
    union all
    select
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        product_id,
        product_scope,
        period_grain,
        period_start_date,
        period_end_date,
        year,
        basis,
        vintage,
        value,
        half_unit,
        value_status,
        snapshot_id,
        raw_row
    from derived

),

series as (

    select
        *,
        case when period_grain = 'YTD' then extract(month from period_end_date) else 0 end as like_month
    from figures

),

windows as (

    select
        *,
        extract(year from period_end_date) * 12 + extract(month from period_end_date) as month_index,
        min(period_start_date) over earlier_and_this as window_start_date,
        min(extract(year from period_end_date) * 12 + extract(month from period_end_date))
            over earlier_and_this as first_month_index,
        min(year) over earlier_and_this as first_year,
        count(*) over earlier_and_this as periods_held,
        lag(value) over of_series as previous_value,
        lag(period_end_date) over of_series as previous_end_date,
        max(value + half_unit) over earlier as highest_before_high,
        max(value) over earlier as highest_before,
        max(value - half_unit) over earlier as highest_before_low,
        min(value - half_unit) over earlier as lowest_before_low,
        min(value) over earlier as lowest_before,
        min(value + half_unit) over earlier as lowest_before_high
    from series
    window
        of_series as (
            partition by
                source_id, reporter_iso3, partner_iso3, flow, product_id, product_scope,
                period_grain, like_month, basis, vintage
            order by period_end_date asc nulls last
        ),
        earlier_and_this as (
            partition by
                source_id, reporter_iso3, partner_iso3, flow, product_id, product_scope,
                period_grain, like_month, basis, vintage
            order by period_end_date asc nulls last
            rows between unbounded preceding and current row
        ),
        earlier as (
            partition by
                source_id, reporter_iso3, partner_iso3, flow, product_id, product_scope,
                period_grain, like_month, basis, vintage
            order by period_end_date asc nulls last
            rows between unbounded preceding and 1 preceding
        )

),

{#- Where the period before was as high, it is the answer; the others look further back. #}

since as (

    select
        windows.source_id,
        windows.reporter_iso3,
        windows.partner_iso3,
        windows.flow,
        windows.product_id,
        windows.period_grain,
        windows.period_end_date,
        windows.basis,
        windows.vintage,
        max(earlier.period_end_date) as reached_last_date
    from windows
    inner join series as earlier
        on
            windows.source_id = earlier.source_id
            and windows.reporter_iso3 = earlier.reporter_iso3
            and windows.partner_iso3 = earlier.partner_iso3
            and windows.flow = earlier.flow
            and windows.product_id = earlier.product_id
            and windows.product_scope = earlier.product_scope
            and windows.period_grain = earlier.period_grain
            and windows.like_month = earlier.like_month
            and windows.basis = earlier.basis
            and windows.vintage = earlier.vintage
            and windows.period_end_date > earlier.period_end_date
            and windows.value <= earlier.value
    where windows.value > windows.previous_value and windows.value <= windows.highest_before
    group by
        windows.source_id, windows.reporter_iso3, windows.partner_iso3, windows.flow, windows.product_id,
        windows.period_grain, windows.period_end_date, windows.basis, windows.vintage

),

final as (

    select
        cast(windows.source_id as string) as source_id,
        cast(windows.reporter_iso3 as string) as reporter_iso3,
        cast(windows.partner_iso3 as string) as partner_iso3,
        cast(windows.flow as string) as flow,
        cast(windows.product_id as string) as product_id,
        cast(windows.product_scope as string) as product_scope,
        cast(windows.period_grain as string) as period_grain,
        cast(windows.period_start_date as date) as period_start_date,
        cast(windows.period_end_date as date) as period_end_date,
        cast(windows.year as integer) as year,
        cast(windows.basis as string) as basis,
        cast(windows.vintage as string) as vintage,
        cast(windows.value as decimal(24, 4)) as value,
        cast(windows.value_status as string) as value_status,
        cast(
            case
                when windows.highest_before is null then 'no_earlier_period'
                when windows.value - windows.half_unit > windows.highest_before_high then 'record'
                when windows.value = windows.highest_before then 'equals_record'
                when windows.value + windows.half_unit >= windows.highest_before_low then 'within_rounding'
                else 'below_record'
            end as string
        ) as record_high_status,
        cast(
            case
                when windows.lowest_before is null then 'no_earlier_period'
                when windows.value + windows.half_unit < windows.lowest_before_low then 'record'
                when windows.value = windows.lowest_before then 'equals_record'
                when windows.value - windows.half_unit <= windows.lowest_before_high then 'within_rounding'
                else 'above_record'
            end as string
        ) as record_low_status,
        cast(windows.highest_before as decimal(24, 4)) as highest_before_value,
        cast(
            case when windows.value <= windows.previous_value then windows.previous_end_date else since.reached_last_date end
            as date
        ) as highest_since_date,
        cast(
            case
                when windows.highest_before is null then 'no_earlier_period'
                when windows.value > windows.highest_before then 'since_window_start'
                else 'ok'
            end as string
        ) as highest_since_status,
        cast(windows.window_start_date as date) as window_start_date,
        cast(windows.periods_held as integer) as window_periods_held,
        cast(
            case windows.period_grain
                when 'M' then windows.month_index - windows.first_month_index + 1
                else windows.year - windows.first_year + 1
            end - windows.periods_held as integer
        ) as window_periods_missing,
        cast(windows.snapshot_id as string) as snapshot_id,
        cast(windows.raw_row as bigint) as raw_row
    from windows
    left join since
        on
            windows.source_id = since.source_id
            and windows.reporter_iso3 = since.reporter_iso3
            and windows.partner_iso3 = since.partner_iso3
            and windows.flow = since.flow
            and windows.product_id = since.product_id
            and windows.period_grain = since.period_grain
            and windows.period_end_date = since.period_end_date
            and windows.basis = since.basis
            and windows.vintage = since.vintage

)

select * from final
