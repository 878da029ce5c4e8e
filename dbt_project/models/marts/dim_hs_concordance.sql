{# Codes of neighbouring editions that share goods, with the product group on each side. #}
with

pairs as (

    select * from {{ ref('stg_reference__hs_concordance') }}

),

headings as (

    select * from {{ ref('int_product_heading') }}

),

placed as (

    select
        pairs.*,
        here.product_id as from_product_id,
        there.product_id as to_product_id
    from pairs
    left join headings as here
        on
            pairs.from_edition = here.hs_edition
            and substr(pairs.from_code, 1, here.digits) = here.hs_code
    left join headings as there
        on
            pairs.to_edition = there.hs_edition
            and substr(pairs.to_code, 1, there.digits) = there.hs_code

),

{#- The extract has every counterpart of a code that is in a group or shares goods with one that is. #}

whole as (

    select
        from_edition,
        from_code,
        to_edition,
        count(*) as counterparts,
        count(from_product_id) + count(to_product_id) as in_groups
    from placed
    group by from_edition, from_code, to_edition

),

final as (

    select
        cast(placed.from_edition as string) as from_edition,
        cast(placed.from_code as string) as from_code,
        cast(placed.to_edition as string) as to_edition,
        cast(placed.to_code as string) as to_code,
        cast(placed.relationship as string) as relationship,
        cast(placed.from_product_id as string) as from_product_id,
        cast(placed.to_product_id as string) as to_product_id,
        cast(whole.counterparts as integer) as counterparts_held,
        cast(whole.in_groups > 0 as boolean) as is_complete
    from placed
    inner join whole
        on
            placed.from_edition = whole.from_edition
            and placed.from_code = whole.from_code
            and placed.to_edition = whole.to_edition

)

select * from final
