{#
  Around every release of a series: the log growth on the year before summed over the w releases after
  it and the w before it, and over the three before it. Growth on the year before takes the season out.
  Sums are of decimals; the release itself is in neither window. Grain: series × release × window.
#}
{%- set windows = event_windows() %}
with

growth as (

    select * from {{ ref('int_monthly_growth') }}
    where vintage = 'latest'

),

logs as (

    select
        *,
        case
            when {{ is_known_growth('growth_status') }} and value > 0 and base_value > 0
                then cast({{ rounded(change_log_pct('value', 'base_value'), 9) }} as decimal(24, 9))
        end as log_change_pct
    from growth

),
{% for w in windows %}
    of_{{ w }} as (

        select
            *,
            {{ w }} as window_releases,
            sum(log_change_pct) over (
                partition by source_id, reporter_iso3, partner_iso3, flow, product_id, basis order by slot asc nulls last
                rows between 1 following and {{ w }} following
            ) as after_sum,
            count(log_change_pct) over (
                partition by source_id, reporter_iso3, partner_iso3, flow, product_id, basis order by slot asc nulls last
                rows between 1 following and {{ w }} following
            ) as after_held,
            sum(log_change_pct) over (
                partition by source_id, reporter_iso3, partner_iso3, flow, product_id, basis order by slot asc nulls last
                rows between {{ w }} preceding and 1 preceding
            ) as before_sum,
            count(log_change_pct) over (
                partition by source_id, reporter_iso3, partner_iso3, flow, product_id, basis order by slot asc nulls last
                rows between {{ w }} preceding and 1 preceding
            ) as before_held,
            sum(log_change_pct) over (
                partition by source_id, reporter_iso3, partner_iso3, flow, product_id, basis order by slot asc nulls last
                rows between {{ w + 3 }} preceding and 4 preceding
            ) as earlier_sum,
            count(log_change_pct) over (
                partition by source_id, reporter_iso3, partner_iso3, flow, product_id, basis order by slot asc nulls last
                rows between {{ w + 3 }} preceding and 4 preceding
            ) as earlier_held,
            sum(log_change_pct) over (
                partition by source_id, reporter_iso3, partner_iso3, flow, product_id, basis order by slot asc nulls last
                rows between 3 preceding and 1 preceding
            ) as last_three_sum,
            count(log_change_pct) over (
                partition by source_id, reporter_iso3, partner_iso3, flow, product_id, basis order by slot asc nulls last
                rows between 3 preceding and 1 preceding
            ) as last_three_held
        from logs

    ),
{% endfor %}
unioned as (
    {% for w in windows %}
        select * from of_{{ w }}
        {% if not loop.last %}union all{% endif %}
    {%- endfor %}

),

final as (

    select
        cast(source_id as string) as source_id,
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(partner_iso3 as string) as partner_iso3,
        cast(flow as string) as flow,
        cast(product_id as string) as product_id,
        cast(basis as string) as basis,
        cast(slot as integer) as slot,
        cast(releases_a_year as integer) as releases_a_year,
        cast(period_end_date as date) as period_end_date,
        cast(window_releases as integer) as window_releases,
        cast(before_held as integer) as before_held,
        cast(after_held as integer) as after_held,
        cast(
            case when before_held = window_releases and after_held = window_releases then after_sum - before_sum end
            as decimal(28, 9)
        ) as change_sum,
        cast(
            case
                when last_three_held = 3 and earlier_held = window_releases
                    then last_three_sum * window_releases - earlier_sum * 3
            end as decimal(28, 9)
        ) as anticipation_sum
    from unioned

)

select * from final
