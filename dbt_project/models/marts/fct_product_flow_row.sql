{#
  The flows whose code counted towards its product group's total, and the days on which it did: not the
  sub-headings of a heading that was held too, nor codes of an incomplete set.
#}
with

codes as (

    select * from {{ ref('int_product_code_flow') }}
    where not is_sum

),

versions as (

    select * from {{ ref('int_product_flow_version') }}
    where vintage = 'known'

),

final as (

    select
        cast(codes.slice_id as bigint) as slice_id,
        cast(codes.raw_row as bigint) as raw_row,
        cast(codes.product_id as string) as product_id,
        cast(codes.product_scope as string) as product_scope,
        cast(versions.known_at as date) as known_at,
        cast(versions.known_until as date) as superseded_at
    from codes
    inner join versions
        on
            {{ same_product_flow('codes', 'versions') }}
            and codes.product_scope = versions.product_scope
            and codes.hs_edition = versions.hs_edition
    where
        codes.released_at <= versions.known_at
        and (codes.superseded_at is null or codes.superseded_at > versions.known_at)

)

select * from final
