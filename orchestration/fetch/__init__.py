"""Downloads from public APIs into `raw/`: one module per source, one client, one place that stores.

Nothing here imports dagster or dbt. Keys come from the environment and go nowhere else: not into
addresses that are stored, not into messages, not into logs.
"""
