{#
  One growth in every measure: dollars, yuan and quantity as printed, and dollars at the exchange rate
  of the year before (converted by market averages, and labelled so). The currency effect is what the
  exchange rate does between two growths: 100 ((1 + g_local) / (1 + g_usd) - 1), above 0 where the dollar rose.
#}
with

growth as (

    select * from {{ ref('int_period_growth') }}

),

rates as (

    select * from {{ ref('int_reporter_rate') }}

),

areas as (

    select * from {{ ref('stg_reference__currency_area') }}

),

sides as (

    select
        source_id,
        reporter_iso3,
        partner_iso3,
        flow,
        product_id,
        period_grain,
        period_start_date,
        period_end_date,
        year,
        vintage,
        {#- The quantity may count other codes; the effect is of the two currencies only. #}
        min(case when basis in ('usd', 'cny') then product_scope end) as product_scope,
        max(case when basis in ('usd', 'cny') then product_scope end) as other_scope,
        max(case when basis = 'usd' then value end) as value_usd,
        max(case when basis = 'usd' then value_status end) as value_usd_status,
        max(case when basis = 'usd' then base_value end) as base_value_usd,
        max(case when basis = 'usd' then growth_yoy_pct end) as growth_usd_pct,
        max(case when basis = 'usd' then growth_status end) as growth_usd_status,
        max(case when basis = 'cny' then value end) as value_cny,
        max(case when basis = 'cny' then value_status end) as value_cny_status,
        max(case when basis = 'cny' then growth_yoy_pct end) as growth_cny_pct,
        max(case when basis = 'cny' then growth_status end) as growth_cny_status,
        max(case when basis = 'quantity' then growth_yoy_pct end) as growth_quantity_pct,
        max(case when basis = 'quantity' then growth_status end) as growth_quantity_status
    from growth
    group by
        source_id, reporter_iso3, partner_iso3, flow, product_id, period_grain, period_start_date,
        period_end_date, year, vintage

),

judged as (

    select
        *,
        case
            when not {{ is_known_growth('growth_usd_status') }} then 'no_growth_in_usd'
            when not {{ is_known_growth('growth_cny_status') }} then 'no_growth_in_cny'
            when product_scope <> other_scope then 'scope_differs'
            when 'base_not_revised' in (growth_usd_status, growth_cny_status) and growth_usd_status <> growth_cny_status
                then 'one_base_is_not_revised'
            when growth_usd_status <> growth_cny_status then 'one_is_derived'
            when growth_usd_pct <= -100 then 'zero_value'
            else 'ok'
        end as customs_currency_effect_status
    from sides

),

rated as (

    select
        judged.*,
        areas.currency,
        case when areas.currency = 'USD' then 1 else rates.rate_per_usd end as rate_per_usd,
        case when areas.currency = 'USD' then 1 else rates.base_rate_per_usd end as base_rate_per_usd,
        rates.rate_kind,
        case
            when not {{ is_known_growth('judged.growth_usd_status') }} then coalesce(judged.growth_usd_status, 'not_held')
            when areas.currency is null then 'no_currency'
            when areas.currency = 'USD' then 'local_currency_is_usd'
            when rates.rate_per_usd is null or rates.base_rate_per_usd is null then 'no_rate'
            else 'converted'
        end as growth_constant_fx_status,
        case
            when areas.currency is null then 'no_currency'
            when areas.currency = 'USD' then 'ok'
            when rates.rate_per_usd is null then 'no_rate'
            when rates.base_rate_per_usd is null then 'no_base_rate'
            else 'ok'
        end as market_rate_status,
        case
            when judged.value_usd is null then 'no_value_in_usd'
            when judged.value_cny is null then 'no_value_in_cny'
            when judged.product_scope <> judged.other_scope then 'scope_differs'
            when judged.value_usd_status <> judged.value_cny_status then 'one_is_derived'
            when judged.value_usd_status = 'derived_from_ytd' then 'derived_from_ytd'
            when judged.value_usd = 0 then 'zero_value'
            else 'ok'
        end as customs_cny_per_usd_status
    from judged
    left join areas
        on judged.reporter_iso3 = areas.economy_iso3
    left join rates
        on
            judged.reporter_iso3 = rates.economy_iso3
            and judged.period_grain = rates.period_grain
            and judged.period_end_date = rates.period_end_date

),

converted as (

    select
        *,
        case
            when growth_constant_fx_status in ('converted', 'local_currency_is_usd')
                then
                    100e0 * (
                        {{ ratio('value_usd', 'base_value_usd') }} * {{ ratio('rate_per_usd', 'base_rate_per_usd') }} - 1e0
                    )
        end as growth_constant_fx_pct
    from rated

),

final as (

    select
        cast(source_id as string) as source_id,
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(partner_iso3 as string) as partner_iso3,
        cast(flow as string) as flow,
        cast(product_id as string) as product_id,
        cast(period_grain as string) as period_grain,
        cast(period_start_date as date) as period_start_date,
        cast(period_end_date as date) as period_end_date,
        cast(year as integer) as year,
        cast(vintage as string) as vintage,
        cast(growth_usd_pct as double) as growth_usd_pct,
        cast(coalesce(growth_usd_status, 'not_held') as string) as growth_usd_status,
        cast(growth_cny_pct as double) as growth_cny_pct,
        cast(coalesce(growth_cny_status, 'not_held') as string) as growth_cny_status,
        cast(growth_quantity_pct as double) as growth_quantity_pct,
        cast(coalesce(growth_quantity_status, 'not_held') as string) as growth_quantity_status,
        cast(growth_constant_fx_pct as double) as growth_constant_fx_pct,
        cast(growth_constant_fx_status as string) as growth_constant_fx_status,
        cast(currency as string) as local_currency,
        cast(rate_per_usd as decimal(18, 6)) as market_rate_per_usd,
        cast(base_rate_per_usd as decimal(18, 6)) as base_market_rate_per_usd,
        cast(market_rate_status as string) as market_rate_status,
        cast(rate_kind as string) as market_rate_kind,
        cast(
            case
                when growth_constant_fx_pct is not null
                    then 100e0 * ({{ ratio('rate_per_usd', 'base_rate_per_usd') }} - 1e0)
            end as double
        ) as market_currency_effect_pct,
        cast(
            case
                when customs_currency_effect_status = 'ok'
                    then {{ change_pct('100e0 + growth_cny_pct', '100e0 + growth_usd_pct') }}
            end as double
        ) as customs_currency_effect_pct,
        cast(customs_currency_effect_status as string) as customs_currency_effect_status,
        cast(
            case when customs_cny_per_usd_status = 'ok' then {{ rounded(ratio('value_cny', 'value_usd'), 6) }} end
            as decimal(18, 6)
        ) as customs_cny_per_usd,
        cast(customs_cny_per_usd_status as string) as customs_cny_per_usd_status
    from converted

)

select * from final
