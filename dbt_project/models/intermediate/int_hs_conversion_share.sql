{#
  What share of a code's value each conversion sends into a product group: at least `share_low`, at most
  `share_high`. Where a conversion has no published weight for a code, the concordance answers if it
  leaves one answer only, else the share is open (0 to 1). A heading lies between its codes.
#}
with

pairs as (

    select * from {{ ref('dim_hs_concordance') }}
    where is_complete

),

conversions as (

    select * from {{ ref('stg_reference__hs_conversion') }}

),

headings as (

    select * from {{ ref('int_product_heading') }}

),

codes as (

    select
        from_edition,
        from_code,
        to_edition,
        max(from_product_id) as from_product_id,
        count(*) as counterparts
    from pairs
    group by from_edition, from_code, to_edition

),

reached as (

    select
        from_edition,
        from_code,
        to_edition,
        to_product_id as product_id,
        count(*) as counterparts
    from pairs
    where to_product_id is not null
    group by from_edition, from_code, to_edition, to_product_id

),

{#- Own group and groups that can be reached; all others get nothing. #}

possible as (

    select
        from_edition,
        from_code,
        to_edition,
        from_product_id as product_id
    from codes
    where from_product_id is not null
    union
    select
        from_edition,
        from_code,
        to_edition,
        product_id
    from reached

),

correlated as (

    select
        possible.from_edition,
        possible.from_code,
        possible.to_edition,
        possible.product_id,
        case when reached.counterparts = codes.counterparts then 1 else 0 end as share_low,
        case when reached.counterparts > 0 then 1 else 0 end as share_high
    from possible
    inner join codes
        on
            possible.from_edition = codes.from_edition
            and possible.from_code = codes.from_code
            and possible.to_edition = codes.to_edition
    left join reached
        on
            possible.from_edition = reached.from_edition
            and possible.from_code = reached.from_code
            and possible.to_edition = reached.to_edition
            and possible.product_id = reached.product_id

),

methods as (

    select
        'un_correlation' as conversion_id,
        from_edition,
        to_edition
    from codes
    union
    select
        conversion_id,
        from_edition,
        to_edition
    from conversions

),

listed as (

    select distinct
        conversion_id,
        from_edition,
        from_code,
        to_edition
    from conversions

),

weighed as (

    select
        conversions.conversion_id,
        conversions.from_edition,
        conversions.from_code,
        conversions.to_edition,
        headings.product_id,
        sum(conversions.weight) as weight
    from conversions
    inner join headings
        on
            conversions.to_edition = headings.hs_edition
            and substr(conversions.to_code, 1, headings.digits) = headings.hs_code
    group by
        conversions.conversion_id, conversions.from_edition, conversions.from_code, conversions.to_edition,
        headings.product_id

),

six_digits as (

    select
        methods.conversion_id,
        correlated.from_edition,
        correlated.from_code,
        correlated.to_edition,
        correlated.product_id,
        case
            when listed.from_code is not null then coalesce(weighed.weight, 0)
            else correlated.share_low
        end as share_low,
        case
            when listed.from_code is not null then coalesce(weighed.weight, 0)
            else correlated.share_high
        end as share_high
    from correlated
    inner join methods
        on
            correlated.from_edition = methods.from_edition
            and correlated.to_edition = methods.to_edition
    left join listed
        on
            methods.conversion_id = listed.conversion_id
            and correlated.from_edition = listed.from_edition
            and correlated.from_code = listed.from_code
            and correlated.to_edition = listed.to_edition
    left join weighed
        on
            methods.conversion_id = weighed.conversion_id
            and correlated.from_edition = weighed.from_edition
            and correlated.from_code = weighed.from_code
            and correlated.to_edition = weighed.to_edition
            and correlated.product_id = weighed.product_id

),

sizes as (

    select
        codes.from_edition,
        headings.hs_code as heading,
        codes.to_edition,
        count(*) as codes
    from codes
    inner join headings
        on
            codes.from_edition = headings.hs_edition
            and substr(codes.from_code, 1, 4) = headings.hs_code
    group by codes.from_edition, headings.hs_code, codes.to_edition

),

four_digits as (

    select
        six_digits.conversion_id,
        six_digits.from_edition,
        sizes.heading as from_code,
        six_digits.to_edition,
        six_digits.product_id,
        case when count(*) = max(sizes.codes) then min(six_digits.share_low) else 0 end as share_low,
        max(six_digits.share_high) as share_high
    from six_digits
    inner join sizes
        on
            six_digits.from_edition = sizes.from_edition
            and six_digits.to_edition = sizes.to_edition
            and substr(six_digits.from_code, 1, 4) = sizes.heading
    group by
        six_digits.conversion_id, six_digits.from_edition, sizes.heading, six_digits.to_edition,
        six_digits.product_id

),

unioned as (

    select * from six_digits
    union all
    select * from four_digits

),

final as (

    select
        cast(unioned.conversion_id as string) as conversion_id,
        cast(unioned.from_edition as string) as from_edition,
        cast(unioned.from_code as string) as from_code,
        cast(unioned.to_edition as string) as to_edition,
        cast(unioned.product_id as string) as product_id,
        cast(headings.product_id is not null as boolean) as is_in_product,
        cast(unioned.share_low as decimal(9, 6)) as share_low,
        cast(unioned.share_high as decimal(9, 6)) as share_high
    from unioned
    left join headings
        on
            unioned.from_edition = headings.hs_edition
            and unioned.product_id = headings.product_id
            and substr(unioned.from_code, 1, headings.digits) = headings.hs_code

)

select * from final
