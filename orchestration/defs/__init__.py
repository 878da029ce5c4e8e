"""The only code that knows Dagster: assets, checks and jobs around the plain modules. Nobody imports it."""
