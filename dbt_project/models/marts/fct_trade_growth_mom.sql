{#
  Change on the release before, newest releases: as printed, which holds the season, and seasonally
  adjusted, where five years of months are held. January-February as one release is taken per month.
  Formula: 100 ((x1 / m1) / (x0 / m0) - 1), m being the months of the release.
#}
with

slots as (

    select * from {{ ref('int_monthly_growth') }}
    where vintage = 'latest'

),

adjusted as (

    select * from {{ ref('stg_derived__seasonal_adjustment') }}

),

joined as (

    select
        slots.*,
        adjusted.adjusted_value,
        adjusted.method,
        coalesce(adjusted.adjustment_status, 'not_adjusted_for_partners') as adjustment_status
    from slots
    left join adjusted
        on
            slots.source_id = adjusted.source_id
            and slots.reporter_iso3 = adjusted.reporter_iso3
            and slots.partner_iso3 = adjusted.partner_iso3
            and slots.flow = adjusted.flow
            and slots.product_id = adjusted.product_id
            and slots.basis = adjusted.basis
            and slots.slot = adjusted.slot

),

paired as (

    select
        joined.*,
        before.value as previous_value,
        before.slot_months as previous_months,
        before.adjusted_value as previous_adjusted_value,
        before.product_scope as previous_scope
    from joined
    left join joined as before
        on
            joined.source_id = before.source_id
            and joined.reporter_iso3 = before.reporter_iso3
            and joined.partner_iso3 = before.partner_iso3
            and joined.flow = before.flow
            and joined.product_id = before.product_id
            and joined.basis = before.basis
            and joined.slot = before.slot + 1

),

judged as (

    select
        *,
        case
            when value is null then 'not_held'
            when previous_value is null then 'no_base'
            when previous_scope <> product_scope then 'scope_changed'
            when previous_value = 0 then 'zero_base'
            when previous_value < 0 then 'negative_base'
            else 'not_seasonally_adjusted'
        end as growth_mom_status
    from paired

),

final as (

    select
        cast(source_id as string) as source_id,
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(partner_iso3 as string) as partner_iso3,
        cast(flow as string) as flow,
        cast(product_id as string) as product_id,
        cast(product_scope as string) as product_scope,
        cast(basis as string) as basis,
        cast(period_grain as string) as period_grain,
        cast(period_start_date as date) as period_start_date,
        cast(period_end_date as date) as period_end_date,
        cast(year as integer) as year,
        cast(value as decimal(24, 4)) as value,
        cast(value_status as string) as value_status,
        cast(
            case
                when growth_mom_status = 'not_seasonally_adjusted'
                    then {{ change_pct(
                        'value * cast(previous_months as decimal(2, 0))', 'previous_value * cast(slot_months as decimal(2, 0))'
                    ) }}
            end as double
        ) as growth_mom_pct,
        cast(growth_mom_status as string) as growth_mom_status,
        cast(adjusted_value as decimal(24, 4)) as value_seasonally_adjusted,
        cast(adjustment_status as string) as value_seasonally_adjusted_status,
        cast(
            {{ change_pct(
                'adjusted_value * cast(previous_months as decimal(2, 0))',
                'previous_adjusted_value * cast(slot_months as decimal(2, 0))'
            ) }} as double
        ) as growth_mom_seasonally_adjusted_pct,
        cast(
            case
                when adjustment_status = 'ok' and previous_adjusted_value is null then 'no_base'
                else adjustment_status
            end as string
        ) as growth_mom_seasonally_adjusted_status,
        cast(method as string) as adjustment_method
    from judged

)

select * from final
