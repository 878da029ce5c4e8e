{#
  The flows whose code counts towards its product group's total: not the sub-headings of a heading that is
  held too, nor codes of an incomplete set.
#}
with

codes as (

    select * from {{ ref('int_product_code_flow') }}
    where not is_sum

),

products as (

    select * from {{ ref('int_product_flow') }}
    where vintage = 'latest'

),

final as (

    select
        cast(codes.slice_id as bigint) as slice_id,
        cast(codes.raw_row as bigint) as raw_row,
        cast(codes.product_id as string) as product_id,
        cast(codes.product_scope as string) as product_scope
    from codes
    inner join products
        on
            codes.source_id = products.source_id
            and codes.reporter_iso3 = products.reporter_iso3
            and codes.partner_iso3 = products.partner_iso3
            and codes.flow = products.flow
            and codes.product_id = products.product_id
            and codes.product_scope = products.product_scope
            and codes.period_grain = products.period_grain
            and codes.period_end_date = products.period_end_date

)

select * from final
