{#
  The generic tests of this project. A test selects the rows that break it; no rows, no failure.
  Belongs here: what several models need. A rule of one model alone is a file under tests/.
#}

{# The columns together name one row. Grouping takes two nulls as equal, so a null in a key counts. #}
{% test unique_combination(model, columns) %}

select
    {{ columns | join(',\n    ') }},
    count(*) as rows_of_the_key
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1

{% endtest %}

{# None of the columns is ever null: one query for a whole key. #}
{% test no_nulls(model, columns) %}

select {{ columns | join(', ') }}
from {{ model }}
where {{ columns | join(' is null or ') }} is null

{% endtest %}

{# Between min and max, both included; leave one out for an open end. Nulls pass. #}
{% test in_range(model, column_name, min=none, max=none) %}

{%- set outside = [] -%}
{%- if min is not none %}{% do outside.append(column_name ~ ' < ' ~ min) %}{% endif -%}
{%- if max is not none %}{% do outside.append(column_name ~ ' > ' ~ max) %}{% endif -%}
{%- if not outside -%}
  {{ exceptions.raise_compiler_error("in_range of " ~ column_name ~ " needs min, max or both") }}
{%- endif %}

select {{ column_name }}
from {{ model }}
where {{ outside | join(' or ') }}

{% endtest %}
