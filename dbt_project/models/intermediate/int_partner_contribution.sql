{#
  Partners' parts of the growth of a product's trade with the world. A partner counts where both
  periods are held in the scope of the total and its growth is of the same kind (both printed, or both from
  differences of years to date); groups and areas that are no economy are left to the residual.
#}
with

growth as (

    select * from {{ ref('int_period_growth') }}
    where base_value is not null and ({{ is_known_growth('growth_status') }} or growth_status = 'zero_base')

),

economies as (

    select economy_iso3
    from {{ ref('stg_reference__economy') }}
    group by economy_iso3
    having max(case when is_group then 1 else 0 end) = 0

),

final as (

    select
        cast(totals.source_id as string) as source_id,
        cast(totals.reporter_iso3 as string) as reporter_iso3,
        cast(totals.partner_iso3 as string) as partner_iso3,
        cast(totals.flow as string) as flow,
        cast(totals.product_id as string) as product_id,
        cast(totals.product_scope as string) as product_scope,
        cast(totals.period_grain as string) as period_grain,
        cast(totals.period_start_date as date) as period_start_date,
        cast(totals.period_end_date as date) as period_end_date,
        cast(totals.year as integer) as year,
        cast(totals.basis as string) as basis,
        cast(totals.vintage as string) as vintage,
        cast('partner' as string) as component_kind,
        cast(parts.partner_iso3 as string) as component_id,
        cast(parts.value as decimal(24, 4)) as value,
        cast(parts.base_value as decimal(24, 4)) as base_value,
        cast(totals.value as decimal(24, 4)) as total_value,
        cast(totals.base_value as decimal(24, 4)) as total_base_value,
        cast(totals.growth_status as string) as total_growth_status
    from growth as totals
    inner join growth as parts
        on
            totals.source_id = parts.source_id
            and totals.reporter_iso3 = parts.reporter_iso3
            and totals.flow = parts.flow
            and totals.product_id = parts.product_id
            and totals.product_scope = parts.product_scope
            and totals.period_grain = parts.period_grain
            and totals.period_end_date = parts.period_end_date
            and totals.basis = parts.basis
            and totals.vintage = parts.vintage
    inner join economies
        on parts.partner_iso3 = economies.economy_iso3
    where
        totals.partner_iso3 = 'WLD'
        and totals.growth_status <> 'zero_base'
        and totals.value_status = parts.value_status
        and (
            totals.growth_status = parts.growth_status
            or (totals.growth_status = 'ok' and parts.growth_status = 'zero_base')
        )

)

select * from final
