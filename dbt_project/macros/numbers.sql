{#
  Reading printed numbers and rounding computed ones, the same on every engine.

  Text becomes a number only through a regular expression; computed doubles become text or decimals
  only through floor(x + 0.5) and integers, because engines round doubles differently.
#}

{# Whether the whole text matches; the one function whose name differs between the engines. #}
{% macro matches_fully(expression, pattern) -%}
  {%- if target.type == 'duckdb' -%}
    regexp_full_match({{ expression }}, '{{ pattern }}')
  {%- else -%}
    {{ expression }} rlike '^({{ pattern }})$'
  {%- endif -%}
{%- endmacro %}

{# Text to decimal; null where the text is no plain number. #}
{% macro to_decimal(column, precision=22, scale=10) -%}
  case when {{ matches_fully(column, '-?[0-9]+([.][0-9]+)?') }}
    then cast({{ column }} as decimal({{ precision }}, {{ scale }})) end
{%- endmacro %}

{#
  Half of the last significant digit of a printed number, in the printed unit: '1594.99' -> 0.005,
  '4795' -> 0.5, '80200' -> 50. Zeros that end an integer are not taken as significant: the wider
  reading never accuses a source of a difference that rounding explains. `units_are_significant` is a
  condition under which they are: a percentage of 20 is 19.5 to 20.5.
#}
{% macro half_unit(column, units_are_significant='false') -%}
  case
    when instr({{ column }}, '.') > 0 then
      case length({{ column }}) - instr({{ column }}, '.')
        {%- for decimals in range(1, 10) %}
        when {{ decimals }} then cast(0.{{ '0' * decimals }}5 as decimal(22, 10))
        {%- endfor %}
      end
    when {{ units_are_significant }} then cast(0.5 as decimal(22, 10))
    else
      case length({{ column }}) - length(trim(trailing '0' from {{ column }}))
        {%- for zeros in range(0, 10) %}
        when {{ zeros }} then cast({{ '0.5' if zeros == 0 else '5' ~ '0' * (zeros - 1) }} as decimal(22, 10))
        {%- endfor %}
      end
  end
{%- endmacro %}

{# A double rounded half up to `decimals` (0 to 9), as an exact decimal. #}
{% macro rounded(expression, decimals=0) -%}
  cast(cast(floor(({{ expression }}) * 1{{ '0' * decimals }}e0 + 5e-1) as bigint) as decimal(18, 0))
  * cast({{ '1' if decimals == 0 else '0.' ~ '0' * (decimals - 1) ~ '1' }} as decimal({{ decimals + 1 }}, {{ decimals }}))
{%- endmacro %}

{# The same as text, for sentences. #}
{% macro shown(expression, decimals=0) -%}
  cast({{ rounded(expression, decimals) }} as string)
{%- endmacro %}

{# A double bound of an amount, rounded outwards to whole units. #}
{% macro rounded_down(expression) -%}
  cast(cast(floor({{ expression }}) as bigint) as decimal(24, 4))
{%- endmacro %}

{% macro rounded_up(expression) -%}
  cast(cast(ceil({{ expression }}) as bigint) as decimal(24, 4))
{%- endmacro %}

{# numerator / denominator as doubles; null where the denominator is zero. #}
{% macro ratio(numerator, denominator) -%}
  (cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0))
{%- endmacro %}

{# Why a claim is not judged, as a sentence; the codes stand in claims.csv. #}
{% macro not_judged(code) -%}
  'not judged: ' || case {{ code }}
    when 'source_not_held' then 'what could check it is not held'
    when 'no_node_in_customs_codes' then 'customs codes do not separate mature from advanced chips'
    when 'no_period_stated' then 'it states no period'
    when 'order_of_magnitude_only' then 'it gives an order of magnitude only'
    when 'causal' then 'it says what caused something, which these data cannot show'
    when 'plan' then 'it tells of a plan, not of something that was measured'
    when 'opinion' then 'it is an opinion'
    else {{ code }}
  end
{%- endmacro %}

{# Whether a growth is there: every other growth_status is the reason why not. #}
{% macro is_known_growth(status) -%}
  coalesce({{ status }}, 'not_held') in ('ok', 'derived_from_ytd', 'base_derived_from_ytd', 'base_not_revised')
{%- endmacro %}

{# Whether a value is a later, revised print and its base a first one: the growth mixes two states of the books. #}
{% macro is_base_unrevised(value_kind, base_kind) -%}
  {{ value_kind }} = 'revised_base' and {{ base_kind }} = 'first'
{%- endmacro %}

{# Change from base to value, per cent. Formula: 100 (value / base - 1). #}
{% macro change_pct(value, base) -%}
  100e0 * ({{ ratio(value, base) }} - 1e0)
{%- endmacro %}

{# Log change from base to value, 100 times the natural logarithm; both must be above zero. Formula: 100 ln(value / base). #}
{% macro change_log_pct(value, base) -%}
  100e0 * ln({{ ratio(value, base) }})
{%- endmacro %}

{# Change over the mean of both, -200 to 200; null where both are zero. Formula: 200 (value - base) / (value + base). #}
{% macro change_symmetric_pct(value, base) -%}
  200e0 * {{ ratio(value ~ ' - ' ~ base, value ~ ' + ' ~ base) }}
{%- endmacro %}

{#
  Logarithmic mean L(a, b) = (a - b) / ln(a / b), L(a, a) = a, of two numbers above zero. Where they are close, the
  logarithm of a ratio near 1 has few true digits; there the series of z / atanh(z), z = (a - b) / (a + b), is used:
  with |z| below 1/1000 what it leaves out is below 1e-18.
#}
{% macro log_mean(a, b) -%}
  {%- set z = ratio(a ~ ' - ' ~ b, a ~ ' + ' ~ b) -%}
  case
    when abs({{ a }} - {{ b }}) * 1000 < {{ a }} + {{ b }}
      then 5e-1 * cast({{ a }} + {{ b }} as double)
        / nullif(1e0 + {{ z }} * {{ z }} * (1e0 / 3e0 + {{ z }} * {{ z }} * (2e-1 + {{ z }} * {{ z }} / 7e0)), 0)
    else cast({{ a }} - {{ b }} as double) / nullif(ln({{ ratio(a, b) }}), 0)
  end
{%- endmacro %}

{# Log growth from value, base_value and growth_status, with the reason where there is none. #}
{% macro growth_log_pct() -%}
  case
    when {{ is_known_growth('growth_status') }} and value > 0
      then {{ change_log_pct('value', 'base_value') }}
  end
{%- endmacro %}

{% macro growth_log_status() -%}
  case
    when {{ is_known_growth('growth_status') }} and value <= 0 then 'not_positive'
    else growth_status
  end
{%- endmacro %}

{# Symmetric growth, which an entry (200) and an exit (-200) have too. #}
{% macro growth_symmetric_pct() -%}
  case
    when ({{ is_known_growth('growth_status') }} or growth_status = 'zero_base') and value >= 0
      then {{ change_symmetric_pct('value', 'base_value') }}
  end
{%- endmacro %}

{% macro growth_symmetric_status() -%}
  case
    when growth_status = 'zero_base' and value > 0 then 'new_flow'
    when growth_status = 'zero_base' and value = 0 then 'both_zero'
    when ({{ is_known_growth('growth_status') }} or growth_status = 'zero_base') and value < 0
      then 'negative_value'
    when growth_status = 'ok' and value = 0 then 'ended_flow'
    else growth_status
  end
{%- endmacro %}
