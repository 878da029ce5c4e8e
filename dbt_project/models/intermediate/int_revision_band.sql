{#
  How far a source is known to revise, for values and for quantities: from the lowest certain revision
  seen (or none, 0) to the highest. Estimated from the revisions held, never set by hand.
#}
with

revisions as (

    select * from {{ ref('int_observed_revision') }}

),

final as (

    select
        cast(source_id as string) as source_id,
        cast(figure_kind as string) as figure_kind,
        cast(least(min(revision_high_pct), 0e0) as double) as band_low_pct,
        cast(greatest(max(revision_low_pct), 0e0) as double) as band_high_pct,
        cast(count(*) as bigint) as revisions
    from revisions
    group by source_id, figure_kind

)

select * from final
