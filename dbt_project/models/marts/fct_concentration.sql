{#
  Herfindahl-Hirschman index of each list of members. What a printed total has beyond its members is not
  known by member: at the lowest it is many small ones (adds 0), at the highest a single one (adds r²).
  Squares are added as decimals of cents and divided once.
#}
with

members as (

    select
        *,
        cast(value_usd as decimal(19, 2)) as value_cents
    from {{ ref('int_share_member') }}
    where member_status <> 'scope_differs'

),

sums as (

    select
        dimension,
        source_id,
        reporter_iso3,
        flow,
        item_id,
        year,
        max(denominator_usd) as denominator_usd,
        max(denominator_kind) as denominator_kind,
        sum(case when is_residual then 0 else 1 end) as members,
        sum(case when is_residual then value_usd else cast(0 as decimal(24, 4)) end) as residual_usd,
        sum(case when is_residual then cast(0 as decimal(38, 4)) else value_cents * value_cents end) as squares,
        sum(case when is_residual then value_cents * value_cents else cast(0 as decimal(38, 4)) end) as residual_square
    from members
    group by dimension, source_id, reporter_iso3, flow, item_id, year

),

judged as (

    select
        *,
        cast(denominator_usd as double) * cast(denominator_usd as double) as denominator_square,
        case
            when denominator_usd = 0 then 'zero_denominator'
            when residual_usd < 0 then 'members_exceed_total'
            when residual_usd > 0 then 'bounded'
            else 'ok'
        end as hhi_status
    from sums

),

indices as (

    select
        *,
        case
            when hhi_status in ('ok', 'bounded') then {{ ratio('squares', 'denominator_square') }}
        end as lowest,
        case
            when hhi_status in ('ok', 'bounded') then {{ ratio('squares + residual_square', 'denominator_square') }}
        end as highest
    from judged

),

final as (

    select
        cast(dimension as string) as dimension,
        cast(source_id as string) as source_id,
        cast(reporter_iso3 as string) as reporter_iso3,
        cast(flow as string) as flow,
        cast(item_id as string) as item_id,
        cast(year as integer) as year,
        cast(members as integer) as members,
        cast(denominator_usd as decimal(24, 4)) as denominator_usd,
        cast(denominator_kind as string) as denominator_kind,
        cast(residual_usd as decimal(24, 4)) as residual_usd,
        cast(lowest as double) as hhi_low,
        cast(highest as double) as hhi_high,
        cast(10000e0 * lowest as double) as hhi_points_low,
        cast(10000e0 * highest as double) as hhi_points_high,
        cast(
            case
                when hhi_status = 'ok' and members > 1
                    then
                        {{ ratio('cast(members as double) * lowest - 1e0', 'cast(members as double) - 1e0') }}
            end as double
        ) as hhi_normalised_ratio,
        cast(
            case when hhi_status = 'ok' and members = 1 then 'single_member' else hhi_status end as string
        ) as hhi_status
    from indices

)

select * from final
