{#
  The definitions that a claim about trade may be held against, before any data are looked at: what is
  counted (the product alone, or all semiconductors), who counts it (the customs authority's prints, or
  Comtrade), the currency, months or releases, and which vintage of the data. One row per claim and
  definition; `definition_role` says whether the sentence means it, leaves it open, or neither.
#}
with

claims as (

    select * from {{ ref('stg_article__claim') }}
    where formula_id in (
        'level', 'growth_yoy', 'record', 'growth_sign', 'growth_every_year', 'level_order', 'growth_order', 'growth_streak'
    )

),

{#- Economies whose customs authority prints figures; the others are known from Comtrade alone. #}

printing as (

    select * from {{ ref('int_printing_source') }}

),

stated as (

    select
        claims.claim_id,
        claims.formula_id,
        claims.subject,
        claims.modality,
        printing.reporter_iso3 is not null as has_prints,
        case
            when claims.currency is not null then lower(claims.currency)
            when claims.formula_id <> 'level' then 'usd'
            when claims.unit in ('pieces', 'units', 'chips') then 'quantity'
        end as meant_basis
    from claims
    left join printing
        on claims.economy_iso3 = printing.reporter_iso3

),

choices as (

    select * from (
        values
        ('prints', 'subject', 'first'),
        ('prints', 'subject', 'printed_day'),
        ('prints', 'subject', 'latest'),
        ('comtrade', 'subject', 'latest'),
        ('comtrade', 'semiconductors', 'latest')
    ) as choices (counted_by, product_definition, vintage)

),

bases as (

    select * from (
        values ('usd'), ('cny'), ('quantity')
    ) as bases (basis)

),

measures as (

    select * from (
        values
        ('growth_streak', 'months'),
        ('growth_streak', 'releases'),
        ('growth_order', 'level'),
        ('growth_order', 'growth')
    ) as measures (formula_id, compared)

),

crossed as (

    select
        stated.claim_id,
        stated.formula_id,
        stated.subject,
        stated.has_prints,
        stated.meant_basis,
        choices.counted_by,
        choices.product_definition,
        choices.vintage,
        bases.basis,
        measures.compared
    from stated
    cross join choices
    cross join bases
    left join measures
        on stated.formula_id = measures.formula_id
    where
        {#- An amount is in the currency printed beside it; quantities are compared with quantities only. #}
        (
            stated.meant_basis = bases.basis
            or (stated.formula_id <> 'level' and stated.meant_basis in ('usd', 'cny') and bases.basis in ('usd', 'cny'))
        )
        and (stated.has_prints or choices.counted_by = 'comtrade')
        and (choices.counted_by = 'prints' or bases.basis = 'usd')
        and (choices.product_definition = 'subject' or stated.subject = 'integrated_circuits')

),

marked as (

    select
        *,
        case product_definition when 'subject' then subject else 'semiconductors' end as product_id,
        case
            when
                product_definition = 'subject'
                and basis = meant_basis
                and (vintage = 'first' or (not has_prints))
                and coalesce(compared, '') <> 'releases'
                then case when formula_id = 'growth_order' then 'open' else 'meant' end
            else 'other'
        end as definition_role
    from crossed

),

final as (

    select
        cast(claim_id as string) as claim_id,
        cast(
            case when compared is null then '' else compared || ', ' end || product_id || ', '
            || case counted_by when 'prints' then '' else 'Comtrade, ' end
            || case basis when 'quantity' then basis else upper(basis) end || ', '
            || case vintage when 'first' then 'first print' when 'printed_day' then 'on the article''s day' else 'latest' end
            as string
        ) as definition_id,
        cast(definition_role as string) as definition_role,
        cast(product_id as string) as product_id,
        cast(counted_by as string) as counted_by,
        cast(basis as string) as basis,
        cast(compared as string) as compared,
        cast(vintage as string) as vintage
    from marked

)

select * from final
