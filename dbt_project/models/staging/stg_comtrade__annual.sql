with

source as (

    select * from {{ source('raw', 'comtrade_annual') }}

),

final as (

    select
        cast(snapshot_id as string) as snapshot_id,
        cast(raw_row as bigint) as raw_row,
        cast(period as integer) as year,
        cast(reportercode as string) as reporter_code,
        cast(partnercode as string) as partner_code,
        cast(flowcode as string) as flow,
        cast(classificationcode as string) as hs_edition,
        cast(cmdcode as string) as hs_code,
        cast({{ to_decimal('primaryvalue', 24, 4) }} as decimal(24, 4)) as value_usd,
        cast(case when flowcode in ('M', 'RM') then 'cif' else 'fob' end as string) as valuation,
        cast(isreported = 'true' as boolean) as is_reported
    from source

)

select * from final
