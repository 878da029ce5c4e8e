"""How the published tables reach people: twins in other formats, PostgreSQL, a local endpoint, the catalog.

Everything here reads a published file and never a draft. Nothing here imports dagster or dbt.
"""
