"""The one job and its schedule. DuckDB has one writer, so runs go one at a time, in one process."""

from __future__ import annotations

import dagster as dg

REFRESH = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all(),
    description="Raw files to published file: land, check, model, check, publish.",
    executor_def=dg.in_process_executor,
)

# Customs tables appear in the morning, Beijing time; a refresh without new files ends at once.
DAILY = dg.ScheduleDefinition(
    name="daily_refresh",
    job=REFRESH,
    cron_schedule="30 14 * * *",
    execution_timezone="Asia/Shanghai",
)
