"""Tables that Python computes between two dbt steps, each from the series and written to schema raw.

Belongs here: what needs a calendar or a statistics library. What SQL can say belongs to a dbt model.
Nothing here imports dagster.
"""
