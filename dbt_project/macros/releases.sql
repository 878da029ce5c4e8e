{# Which release is newer, and which slices, flows, products and series speak of the same thing. Each takes two aliases. #}

{# By day, then by name: two releases of one day have different folders. #}
{% macro is_newer(newer, older) -%}
  ({{ newer }}.released_at > {{ older }}.released_at
    or {{ newer }}.released_at = {{ older }}.released_at and {{ newer }}.release_id > {{ older }}.release_id)
{%- endmacro %}

{# The same source, reporter and period. #}
{% macro same_period(one, other) -%}
  {{ one }}.source_id = {{ other }}.source_id
  and {{ one }}.reporter_iso3 = {{ other }}.reporter_iso3
  and {{ one }}.period_grain = {{ other }}.period_grain
  and {{ one }}.period_end_date = {{ other }}.period_end_date
{%- endmacro %}

{# And the same direction of trade, in whatever currency. #}
{% macro same_slice(one, other) -%}
  {{ same_period(one, other) }}
  and {{ one }}.flow = {{ other }}.flow
{%- endmacro %}

{# And the same currency: what a source prints in yuan says nothing of what it prints in dollars. #}
{% macro same_money(one, other) -%}
  {{ same_slice(one, other) }}
  and {{ one }}.currency = {{ other }}.currency
{%- endmacro %}

{# And the same partner and code. #}
{% macro same_flow(one, other) -%}
  {{ same_money(one, other) }}
  and {{ one }}.partner_iso3 = {{ other }}.partner_iso3
  and {{ one }}.hs_code = {{ other }}.hs_code
{%- endmacro %}

{# The same series: what a growth is of. #}
{% macro same_series(one, other) -%}
  {{ one }}.source_id = {{ other }}.source_id
  and {{ one }}.reporter_iso3 = {{ other }}.reporter_iso3
  and {{ one }}.partner_iso3 = {{ other }}.partner_iso3
  and {{ one }}.flow = {{ other }}.flow
  and {{ one }}.product_id = {{ other }}.product_id
  and {{ one }}.basis = {{ other }}.basis
  and {{ one }}.vintage = {{ other }}.vintage
{%- endmacro %}

{# The same flow of a product group, whatever codes it is the sum of. #}
{% macro same_product_flow(one, other) -%}
  {{ one }}.source_id = {{ other }}.source_id
  and {{ one }}.reporter_iso3 = {{ other }}.reporter_iso3
  and {{ one }}.partner_iso3 = {{ other }}.partner_iso3
  and {{ one }}.flow = {{ other }}.flow
  and {{ one }}.product_id = {{ other }}.product_id
  and {{ one }}.period_grain = {{ other }}.period_grain
  and {{ one }}.period_end_date = {{ other }}.period_end_date
{%- endmacro %}
