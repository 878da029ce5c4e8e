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

{# Each column holds one of its values: one query for all columns of a model. Nulls pass. #}
{% test allowed_values(model, columns) %}

{%- set outside = [] -%}
{%- for column, values in columns.items() -%}
  {%- set listed = [] -%}
  {%- for value in values -%}
    {%- do listed.append("'" ~ value ~ "'" if value is string else value | string) -%}
  {%- endfor -%}
  {%- do outside.append(column ~ ' not in (' ~ listed | join(', ') ~ ')') -%}
{%- endfor %}

select {{ columns | join(', ') }}
from {{ model }}
where {{ outside | join('\n    or ') }}

{% endtest %}

{# Each column lies between its min and max, both included; leave one out for an open end. Nulls pass. #}
{% test in_range(model, columns) %}

{%- set outside = [] -%}
{%- for column, ends in columns.items() -%}
  {%- if ends.min is defined %}{% do outside.append(column ~ ' < ' ~ ends.min) %}{% endif -%}
  {%- if ends.max is defined %}{% do outside.append(column ~ ' > ' ~ ends.max) %}{% endif -%}
  {%- if ends.min is not defined and ends.max is not defined -%}
    {{ exceptions.raise_compiler_error("in_range of " ~ column ~ " needs min, max or both") }}
  {%- endif -%}
{%- endfor %}

select {{ columns | join(', ') }}
from {{ model }}
where {{ outside | join('\n    or ') }}

{% endtest %}
