{#
  The change around each release beside that of a control product of the same source, reporter,
  partner, flow and basis, and their difference; control `none` is the change alone. The sums are not
  yet divided by the window. Grain: series × control × release × window.
#}
with

changes as (

    select * from {{ ref('int_window_change') }}

),

alone as (

    select
        *,
        'none' as control_product_id,
        cast(null as decimal(28, 9)) as control_change_sum,
        change_sum as difference_sum
    from changes

),

against as (

    select
        changes.*,
        controls.product_id as control_product_id,
        controls.change_sum as control_change_sum,
        changes.change_sum - controls.change_sum as difference_sum
    from changes
    inner join changes as controls
        on
            changes.source_id = controls.source_id
            and changes.reporter_iso3 = controls.reporter_iso3
            and changes.partner_iso3 = controls.partner_iso3
            and changes.flow = controls.flow
            and changes.basis = controls.basis
            and changes.releases_a_year = controls.releases_a_year
            and changes.slot = controls.slot
            and changes.window_releases = controls.window_releases
            and changes.product_id <> controls.product_id

),

unioned as (

    select * from alone
    union all
    select * from against

),

final as (

    select
        cast(source_id as string) as source_id,
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(partner_iso3 as string) as partner_iso3,
        cast(flow as string) as flow,
        cast(product_id as string) as product_id,
        cast(control_product_id as string) as control_product_id,
        cast(basis as string) as basis,
        cast(slot as integer) as slot,
        cast(releases_a_year as integer) as releases_a_year,
        cast(period_end_date as date) as period_end_date,
        cast(window_releases as integer) as window_releases,
        cast(before_held as integer) as before_held,
        cast(after_held as integer) as after_held,
        cast(change_sum as decimal(28, 9)) as change_sum,
        cast(control_change_sum as decimal(28, 9)) as control_change_sum,
        cast(difference_sum as decimal(28, 9)) as difference_sum,
        cast(anticipation_sum as decimal(28, 9)) as anticipation_sum
    from unioned

)

select * from final
