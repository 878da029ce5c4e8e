{# Periods: months as compile-time values, and the release slots of a year (January-February is one). #}

{# One row per month from January of first_year to December of last_year: month_start_date. #}
{% macro month_values(first_year, last_year) -%}
  (values
    {%- for year in range(first_year, last_year + 1) %}{% for month in range(1, 13) %}
    (cast('{{ year }}-{{ '%02d' % month }}-01' as date)){% if not (loop.last and year == last_year) %},{% endif %}
    {%- endfor %}{% endfor %}
  ) as months (month_start_date)
{%- endmacro %}

{# Days from one date to a later one. #}
{% macro days_between(earlier, later) -%}
  {%- if target.type == 'duckdb' -%}
    date_diff('day', {{ earlier }}, {{ later }})
  {%- else -%}
    datediff({{ later }}, {{ earlier }})
  {%- endif -%}
{%- endmacro %}

{# Lengths of the windows before and after a policy event, in releases. #}
{% macro event_windows() -%}
  {{ return([3, 6]) }}
{%- endmacro %}
