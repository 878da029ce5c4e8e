{# One row per economy code in force; historical codes stay in the reference table. #}
with

economies as (

    select * from {{ ref('stg_reference__economy') }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by economy_iso3
            order by
                case when valid_to_year is null then 0 else 1 end asc nulls last,
                valid_to_year desc nulls last,
                comtrade_code asc nulls last
        ) as code_order
    from economies

),

final as (

    select
        cast(economy_iso3 as string) as economy_iso3,
        cast(economy_name as string) as economy_name,
        cast(m49_code as string) as m49_code,
        cast(comtrade_code as string) as comtrade_code,
        cast(gacc_code as string) as gacc_code,
        cast(is_group as boolean) as is_group,
        cast(note as string) as note
    from ranked
    where code_order = 1

)

select * from final
