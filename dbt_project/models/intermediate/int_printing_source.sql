{#
  Whose prints claims about an economy are held against: the customs authority that prints figures, before
  any data bank. One row per economy, so that a claim has one source however many are held; the others
  have definitions of their own. Should two ever print for one economy, the first by name speaks.
#}
with

series as (

    select * from {{ ref('int_trade_series') }}
    where print_kind <> 'database'

),

final as (

    select
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(min(source_id) as string) as source_id
    from series
    group by reporter_iso3

)

select * from final
