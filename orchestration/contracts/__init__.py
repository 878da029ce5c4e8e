"""What is acceptable at each stage, as pandera.ibis schemas that run inside DuckDB. Never imports dagster."""
