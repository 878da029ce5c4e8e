{#
  Who led when, between two products: spells of periods in a row with one leader (gaps and islands). A spell
  begins because the series begins, because the leader changed, or after a gap in what is held; what lay in
  a gap is not known. Yearly, monthly and Jan-Feb figures are spells of their own grain; years to date are
  left out, since they overlap.
#}
with

comparisons as (

    select
        *,
        case period_grain when 'M' then 12 * year + month(period_end_date) else year end as period_number,
        coalesce(leader, '_tie') as holder
    from {{ ref('fct_product_comparison') }}
    where period_grain in ('A', 'M', 'JF')

),

{%- set pair = 'source_id, reporter_iso3, partner_iso3, flow, product_a, product_b, period_grain, basis, vintage' %}

stepped as (

    select
        *,
        lag(period_number) over (partition by {{ pair }} order by period_number asc nulls last) as previous_number,
        lag(holder) over (partition by {{ pair }} order by period_number asc nulls last) as previous_holder
    from comparisons

),

started as (

    select
        *,
        case
            when previous_number is null then 'series_begins'
            when previous_number <> period_number - 1 then 'after_gap'
            when previous_holder <> holder then 'lead_changed'
        end as start_kind
    from stepped

),

numbered as (

    select
        *,
        sum(case when start_kind is null then 0 else 1 end) over (
            partition by {{ pair }} order by period_number asc nulls last
            rows between unbounded preceding and current row
        ) as spell
    from started

),

spells as (

    select
        {{ pair }},
        spell,
        max(holder) as holder,
        max(start_kind) as start_kind,
        min(period_start_date) as first_period_start_date,
        max(period_end_date) as last_period_end_date,
        count(*) as periods,
        min(period_number) as first_number,
        max(abs(difference)) as largest_lead,
        min(abs(difference)) as smallest_lead
    from numbered
    group by {{ pair }}, spell

),

linked as (

    select
        *,
        lead(start_kind) over (partition by {{ pair }} order by spell asc nulls last) as next_start_kind,
        min(spell) over (partition by {{ pair }}, holder) as first_spell_of_holder
    from spells

),

final as (

    select
        cast(source_id as string) as source_id,
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(partner_iso3 as string) as partner_iso3,
        cast(flow as string) as flow,
        cast(product_a as string) as product_a,
        cast(product_b as string) as product_b,
        cast(period_grain as string) as period_grain,
        cast(basis as string) as basis,
        cast(vintage as string) as vintage,
        cast(spell as integer) as spell,
        cast(case when holder <> '_tie' then holder end as string) as leader,
        cast(case when holder = '_tie' then 'within_rounding' else 'ok' end as string) as leader_status,
        cast(first_period_start_date as date) as first_period_start_date,
        cast(last_period_end_date as date) as last_period_end_date,
        cast(periods as integer) as periods,
        cast(smallest_lead as decimal(24, 4)) as smallest_lead,
        cast(largest_lead as decimal(24, 4)) as largest_lead,
        cast(
            case
                when holder = '_tie' then 'tie'
                when start_kind <> 'lead_changed' then start_kind
                when spell = first_spell_of_holder then 'took_lead'
                else 'regained'
            end as string
        ) as start_event,
        cast(
            case coalesce(next_start_kind, 'series_ends')
                when 'lead_changed' then case when holder = '_tie' then 'tie_ended' else 'lost' end
                when 'after_gap' then 'gap'
                else 'series_ends'
            end as string
        ) as end_event
    from linked

)

select * from final
