{#
  What a conversion of a year's trade from its native HS edition to a neighbouring one would move into
  and out of each product group. Counted are flows with the world of single reporters; a heading whose
  sub-headings are held and add up to it (to one dollar each) is counted by them, any other by itself.
#}
with

shares as (

    select * from {{ ref('int_hs_conversion_share') }}

),

convertible as (

    select distinct
        from_edition,
        from_code
    from shares

),

economies as (

    select * from {{ ref('dim_economy') }}
    where not is_group

),

flows as (

    select
        trade.source_id,
        trade.reporter_iso3,
        trade.flow,
        trade.year,
        trade.hs_edition,
        trade.hs_code,
        substr(trade.hs_code, 1, 4) as heading,
        trade.value as value_usd
    from {{ ref('int_heading_flow') }} as trade
    inner join economies
        on trade.reporter_iso3 = economies.economy_iso3
    inner join convertible
        on
            trade.hs_edition = convertible.from_edition
            and trade.hs_code = convertible.from_code
    where
        trade.superseded_at is null
        and trade.partner_iso3 = 'WLD'
        and trade.period_grain = 'A'
        and trade.currency = 'USD'
        and trade.value is not null

),

levels as (

    select
        source_id,
        reporter_iso3,
        flow,
        year,
        hs_edition,
        heading,
        max(case when length(hs_code) = 4 then value_usd end) as heading_usd,
        sum(case when length(hs_code) = 6 then value_usd end) as parts_usd,
        count(case when length(hs_code) = 6 then 1 end) as parts
    from flows
    group by source_id, reporter_iso3, flow, year, hs_edition, heading

),

{#- One level of each heading, never both. #}

counted as (

    select flows.*
    from flows
    inner join levels
        on
            flows.source_id = levels.source_id
            and flows.reporter_iso3 = levels.reporter_iso3
            and flows.flow = levels.flow
            and flows.year = levels.year
            and flows.hs_edition = levels.hs_edition
            and flows.heading = levels.heading
    where
        length(flows.hs_code) = case
            when levels.heading_usd is null then 6
            when abs(levels.heading_usd - levels.parts_usd) <= levels.parts then 6
            else 4
        end

),

codes as (

    select
        source_id,
        flow,
        year,
        hs_edition,
        hs_code,
        sum(value_usd) as value_usd
    from counted
    group by source_id, flow, year, hs_edition, hs_code

),

sums as (

    select
        codes.source_id,
        codes.flow,
        codes.year,
        codes.hs_edition as from_edition,
        shares.to_edition,
        shares.product_id,
        shares.conversion_id,
        sum(case when shares.is_in_product then codes.value_usd else 0 end) as native,
        sum(case when shares.is_in_product then codes.value_usd * shares.share_low else 0 end) as kept,
        sum(case when shares.is_in_product then codes.value_usd * (1 - shares.share_high) else 0 end) as moved_out,
        sum(case when shares.is_in_product then 0 else codes.value_usd * shares.share_low end) as moved_in,
        sum(case when shares.is_in_product then 0 else codes.value_usd * (shares.share_high - shares.share_low) end)
            as in_open,
        count(case when shares.is_in_product then 1 end) as codes_held
    from codes
    inner join shares
        on
            codes.hs_edition = shares.from_edition
            and codes.hs_code = shares.from_code
    group by
        codes.source_id, codes.flow, codes.year, codes.hs_edition, shares.to_edition, shares.product_id,
        shares.conversion_id

),

targets as (

    select distinct
        product_id,
        hs_edition
    from {{ ref('int_product_heading') }}

),

final as (

    select
        cast(sums.source_id as string) as source_id,
        cast(sums.flow as string) as flow,
        cast(sums.year as integer) as year,
        cast(sums.from_edition as string) as from_edition,
        cast(sums.to_edition as string) as to_edition,
        cast(sums.product_id as string) as product_id,
        cast(sums.conversion_id as string) as conversion_id,
        cast(sums.native as decimal(24, 4)) as native_value_usd,
        cast(sums.kept as decimal(24, 4)) as kept_value_usd,
        cast(sums.moved_out as decimal(24, 4)) as out_value_usd,
        cast(
            cast(sums.native as decimal(24, 4)) - cast(sums.kept as decimal(24, 4)) - cast(sums.moved_out as decimal(24, 4))
            as decimal(24, 4)
        ) as open_value_usd,
        cast(sums.moved_in as decimal(24, 4)) as in_value_usd,
        cast(sums.in_open as decimal(24, 4)) as in_open_value_usd,
        cast(100e0 * {{ ratio('sums.kept', 'sums.native') }} as double) as kept_share_pct,
        cast(100e0 * {{ ratio('sums.moved_out', 'sums.native') }} as double) as out_share_pct,
        cast(100e0 * {{ ratio('sums.native - sums.kept - sums.moved_out', 'sums.native') }} as double) as open_share_pct,
        cast(100e0 * {{ ratio('sums.moved_in', 'sums.native') }} as double) as in_share_pct,
        cast(sums.codes_held as integer) as codes_held,
        cast(
            case
                when sums.native = 0 then 'no_native_value'
                when targets.product_id is null then 'no_code_in_target_edition'
                when sums.native > sums.kept + sums.moved_out or sums.in_open > 0 then 'open_in_part'
                else 'ok'
            end as string
        ) as leakage_status
    from sums
    left join targets
        on
            sums.product_id = targets.product_id
            and sums.to_edition = targets.hs_edition
    where sums.native > 0 or sums.moved_in > 0 or sums.in_open > 0

)

select * from final
