{# The tables between neighbouring editions, read in both directions. #}
with

source as (

    select * from {{ source('raw', 'hs_concordance') }}

),

both_ways as (

    select
        newer_edition as from_edition,
        newer_code as from_code,
        older_edition as to_edition,
        older_code as to_code,
        relationship
    from source
    union all
    select
        older_edition as from_edition,
        older_code as from_code,
        newer_edition as to_edition,
        newer_code as to_code,
        case relationship when '1:n' then 'n:1' when 'n:1' then '1:n' else relationship end as relationship
    from source

),

final as (

    select
        cast(from_edition as string) as from_edition,
        cast(from_code as string) as from_code,
        cast(to_edition as string) as to_edition,
        cast(to_code as string) as to_code,
        cast(relationship as string) as relationship
    from both_ways

)

select * from final
