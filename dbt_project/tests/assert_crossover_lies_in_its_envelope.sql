{{ config(meta={'dagster': {'ref': {'name': 'fct_capacity_crossover'}}}) }}
-- The crossing lies in its envelope and between the years it is drawn from; ok has all three, none of them without a status that says so.
select *
from {{ ref('fct_capacity_crossover') }}
where
    crossover_year < first_year
    or crossover_year > last_year
    or crossover_year_low < first_year
    or crossover_year_high > last_year
    or crossover_year < crossover_year_low
    or crossover_year > crossover_year_high
    or (
        crossover_status = 'ok'
        and (crossover_year is null or crossover_year_low is null or crossover_year_high is null)
    )
    or (crossover_status in ('no_crossover', 'no_crossover_within_rounding') and crossover_year is not null)
