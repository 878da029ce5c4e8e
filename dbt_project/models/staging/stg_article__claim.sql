with

source as (

    select * from {{ source('raw', 'article_claim') }}

),

snapshots as (

    select * from {{ ref('stg_ledger__snapshot') }}

),

final as (

    select
        cast(snapshots.source_id as string) as article_id,
        cast(snapshots.released_at as date) as article_date,
        cast(snapshots.url as string) as article_url,
        cast(source.claim_id as string) as claim_id,
        cast(source.paragraph as string) as paragraph,
        cast(source.other_paragraphs as string) as other_paragraphs,
        cast(source.printed as string) as printed,
        cast(source.unit as string) as unit,
        cast(source.currency as string) as currency,
        cast(source.subject as string) as subject,
        cast(source.metric as string) as metric,
        cast(source.economy_iso3 as string) as economy_iso3,
        cast(source.flow as string) as flow,
        cast(source.period as string) as period,
        cast(case when length(source.period) >= 4 then substr(source.period, 1, 4) end as integer) as year,
        cast(case when length(source.base_period) >= 4 then substr(source.base_period, 1, 4) end as integer) as base_year,
        cast(
            case
                when source.base_period is not null then source.base_period
                when source.formula_id in ('growth_yoy', 'growth_order') and length(source.period) >= 4
                    then cast(cast(substr(source.period, 1, 4) as integer) - 1 as string) || substr(source.period, 5)
            end as string
        ) as base_period,
        cast(source.comparand as string) as comparand,
        cast(source.modality as string) as modality,
        cast(source.attributed_source as string) as attributed_source,
        cast(source.in_own_words as string) as in_own_words,
        cast(source.formula_id as string) as formula_id,
        cast(source.untestable_reason as string) as untestable_reason,
        cast(source.snapshot_id as string) as snapshot_id,
        cast(source.raw_row as bigint) as raw_row
    from source
    inner join snapshots
        on
            source.snapshot_id = snapshots.snapshot_id
            and snapshots.dataset_id = 'claims'
    where source.confirmed is null or source.confirmed = 'yes'

)

select * from final
