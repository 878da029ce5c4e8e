{#
  How much of an exporter's trade may have reached the importer through Hong Kong, in dollars at the
  exporter's border: bounds, not a point. The importer names the origin, the exporter only Hong Kong
  (Schindler and Beckett 2005). At most what the exporter sent to Hong Kong, and at most what Hong Kong sent
  on to the importer without its margin. At least what Hong Kong sent on, at the highest margin, beyond all
  that it bought from others.
#}
with

pairs as (

    select * from {{ ref('int_mirror_pair') }}

),

flows as (

    select * from {{ ref('int_item_flow') }}
    where reporter_iso3 = 'HKG' and source_id = 'comtrade'

),

parameters as (

    select
        max(case when bound = 'low' then cast(value as double) end) as margin_low,
        max(case when bound = 'high' then cast(value as double) end) as margin_high
    from {{ ref('stg_reference__mirror_parameter') }}
    where parameter = 'hong_kong_margin'

),

{#- Re-exports where Hong Kong reports them apart, else its exports, which hold them. #}

onward as (

    select
        universe,
        item_id,
        partner_iso3 as importer_iso3,
        year,
        coalesce(
            max(case when flow = 'RX' then value_usd end), max(case when flow = 'X' then value_usd end)
        ) as onward_usd
    from flows
    where flow in ('X', 'RX') and partner_iso3 <> 'WLD'
    group by universe, item_id, partner_iso3, year

),

inward as (

    select
        universe,
        item_id,
        exporter_iso3,
        year,
        exporter_value_usd as to_hong_kong_usd,
        importer_value_usd as hong_kong_import_usd
    from pairs
    where importer_iso3 = 'HKG'

),

bought as (

    select
        universe,
        item_id,
        year,
        max(value_usd) as all_imports_usd
    from flows
    where flow = 'M' and partner_iso3 = 'WLD'
    group by universe, item_id, year

),

joined as (

    select
        pairs.universe,
        pairs.item_id,
        pairs.exporter_iso3,
        pairs.importer_iso3,
        pairs.year,
        cast(inward.to_hong_kong_usd as double) as to_hong_kong,
        {{ ratio('onward.onward_usd', '1e0 + parameters.margin_low') }} as onward_most,
        {{ ratio('onward.onward_usd', '1e0 + parameters.margin_high') }}
        - cast(bought.all_imports_usd - inward.hong_kong_import_usd as double) as onward_beyond_others
    from pairs
    cross join parameters
    left join inward
        on
            pairs.universe = inward.universe
            and pairs.item_id = inward.item_id
            and pairs.exporter_iso3 = inward.exporter_iso3
            and pairs.year = inward.year
    left join onward
        on
            pairs.universe = onward.universe
            and pairs.item_id = onward.item_id
            and pairs.importer_iso3 = onward.importer_iso3
            and pairs.year = onward.year
    left join bought
        on
            pairs.universe = bought.universe
            and pairs.item_id = bought.item_id
            and pairs.year = bought.year
    where
        pairs.exporter_iso3 not in ('HKG', 'WLD')
        and pairs.importer_iso3 not in ('HKG', 'WLD')
        and pairs.exporter_iso3 <> pairs.importer_iso3

),

most as (

    select
        *,
        case
            when to_hong_kong is null then onward_most
            when onward_most is null or to_hong_kong < onward_most then to_hong_kong
            else onward_most
        end as routed_high
    from joined

),

bounds as (

    select
        *,
        case
            when routed_high is null then null
            when onward_beyond_others is null or onward_beyond_others < 0 then 0e0
            when onward_beyond_others > routed_high then routed_high
            else onward_beyond_others
        end as routed_low
    from most

),

final as (

    select
        cast(universe as string) as universe,
        cast(item_id as string) as item_id,
        cast(exporter_iso3 as string) as exporter_iso3,
        cast(importer_iso3 as string) as importer_iso3,
        cast(year as integer) as year,
        cast({{ rounded('routed_low', 4) }} as decimal(24, 4)) as routed_low_usd,
        cast({{ rounded('routed_high', 4) }} as decimal(24, 4)) as routed_high_usd
    from bounds
    where routed_high is not null

)

select * from final
