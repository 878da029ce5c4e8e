{#
  Each reading of a printed number against each interval of evidence. Intervals are closed at both
  ends: half up and half even are both allowed. A reading survives by double rounding when one
  rounding to a tenth of its unit in between explains it (159.499 -> 159.5 -> 160).
#}
with

evidence as (

    select * from {{ ref('int_claim_evidence') }}

),

claims as (

    select * from {{ ref('stg_article__claim') }}

),

readings as (

    select * from {{ ref('stg_article__claim_reading') }}

),

compared as (

    select
        evidence.*,
        claims.modality,
        readings.reading,
        readings.note,
        case
            when claims.modality = 'forecast' and not evidence.is_outcome then 'pending'
            when evidence.is_circular then 'unverifiable'
            when
                cast(readings.low as double) = evidence.computed_low
                and cast(readings.high as double) = evidence.computed_high
                then 'exact'
            when
                (readings.low is null or evidence.computed_high is null or evidence.computed_high >= cast(readings.low as double))
                and (readings.high is null or evidence.computed_low is null or evidence.computed_low <= cast(readings.high as double))
                then 'consistent'
            when
                evidence.computed_high >= cast(readings.low as double) - 1e-1 * cast(readings.half_unit as double)
                and evidence.computed_low <= cast(readings.high as double) + 1e-1 * cast(readings.half_unit as double)
                then 'consistent_double_rounding'
            else 'inconsistent'
        end as verdict
    from evidence
    inner join claims
        on evidence.claim_id = claims.claim_id
    inner join readings
        on evidence.claim_id = readings.claim_id

),

{#- The finest reading that survives speaks for the definition; none surviving, the finest. #}

ranked as (

    select
        *,
        row_number() over (
            partition by claim_id, definition_id
            order by case verdict when 'inconsistent' then 1 else 0 end asc nulls last, reading asc nulls last
        ) as reading_order
    from compared

),

final as (

    select
        cast(claim_id as string) as claim_id,
        cast(definition_id as string) as definition_id,
        cast(definition_role as string) as definition_role,
        cast(reading as integer) as reading,
        cast(verdict as string) as verdict,
        cast(computed_low as double) as computed_low,
        cast(computed_high as double) as computed_high,
        cast(release_id as string) as release_id,
        cast(known_at as date) as known_at,
        cast(
            case verdict
                when 'exact' then 'the same figure as the ' || evidence
                when 'consistent' then 'the printed figure agrees with the ' || evidence
                when 'consistent_double_rounding'
                    then 'read to the last digit only by rounding twice, read more loosely by rounding once; ' || evidence
                when 'pending' then 'a forecast, not due yet; ' || evidence
                when 'unverifiable' then 'the only source held is the article itself; ' || evidence
                else 'no reading of the printed figure agrees; ' || evidence
            end as string
        ) as reason
    from ranked
    where reading_order = 1

)

select * from final
