{#
  Two products of one source side by side, in the same basis and vintage. The leader is the larger;
  where their rounding intervals touch, neither leads.
#}
with

series as (

    select * from {{ ref('int_trade_series') }}
    where basis in ('usd', 'cny')

),

final as (

    select
        cast(a.source_id as string) as source_id,
        cast(a.reporter_iso3 as string) as reporter_iso3,
        cast(a.partner_iso3 as string) as partner_iso3,
        cast(a.flow as string) as flow,
        cast(a.product_id as string) as product_a,
        cast(b.product_id as string) as product_b,
        cast(a.period_grain as string) as period_grain,
        cast(a.period_start_date as date) as period_start_date,
        cast(a.period_end_date as date) as period_end_date,
        cast(a.year as integer) as year,
        cast(a.basis as string) as basis,
        cast(a.vintage as string) as vintage,
        cast(a.value as decimal(24, 4)) as value_a,
        cast(b.value as decimal(24, 4)) as value_b,
        cast(a.value - b.value as decimal(24, 4)) as difference,
        cast({{ ratio('a.value', 'b.value') }} as double) as ratio,
        cast(
            case
                when a.value - a.half_unit > b.value + b.half_unit then a.product_id
                when b.value - b.half_unit > a.value + a.half_unit then b.product_id
            end as string
        ) as leader,
        cast(
            case
                when
                    a.value - a.half_unit > b.value + b.half_unit
                    or b.value - b.half_unit > a.value + a.half_unit
                    then 'ok'
                else 'within_rounding'
            end as string
        ) as leader_status,
        cast(case when b.value = 0 then 'zero_denominator' else 'ok' end as string) as ratio_status
    from series as a
    inner join series as b
        on
            a.source_id = b.source_id
            and a.reporter_iso3 = b.reporter_iso3
            and a.partner_iso3 = b.partner_iso3
            and a.flow = b.flow
            and a.period_grain = b.period_grain
            and a.period_end_date = b.period_end_date
            and a.basis = b.basis
            and a.vintage = b.vintage
            and a.product_id < b.product_id

)

select * from final
