{#
  The codes that hold the whole of each product group, by edition: its widest scope, so that a heading
  stands for its sub-headings and no good is counted twice. A code belongs to a group when it begins
  with one of these.
#}
with

groups as (

    select * from {{ ref('stg_reference__product_group') }}

),

widest as (

    select
        product_id,
        hs_edition,
        min(length(hs_code)) as digits
    from groups
    group by product_id, hs_edition

),

final as (

    select
        cast(groups.product_id as string) as product_id,
        cast(groups.product_scope as string) as product_scope,
        cast(groups.hs_edition as string) as hs_edition,
        cast(groups.hs_code as string) as hs_code,
        cast(widest.digits as integer) as digits
    from groups
    inner join widest
        on
            groups.product_id = widest.product_id
            and groups.hs_edition = widest.hs_edition
            and length(groups.hs_code) = widest.digits

)

select * from final
