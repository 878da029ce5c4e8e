"""Wires the Dagster definitions together and does nothing else."""

import dagster as dg

from orchestration.defs import alerting, automation, contracts, derived, models, published, raw, steps
from orchestration.defs.request import PROCESS as PROCESS
from orchestration.defs.request import tags as tags

defs = dg.Definitions(
    assets=[
        *raw.FILES,
        raw.releases,
        *raw.TABLES,
        raw.claim_readings,
        raw.files_landed,
        models.staging_models,
        models.series_models,
        derived.calendar_month,
        derived.seasonal_adjustment,
        models.mart_models,
        published.chipledger,
        published.release,
    ],
    asset_checks=[
        contracts.landed_contracts,
        contracts.staging_contracts,
        contracts.series_contracts,
        contracts.mart_contracts,
    ],
    jobs=[automation.REFRESH, *automation.RELEASE_JOBS, automation.BACKFILL],
    schedules=[automation.DAILY, *automation.RELEASE_SCHEDULES],
    sensors=[automation.new_files, alerting.failed_runs],
    resources={"writer": steps.writer},
    executor=dg.in_process_executor,
)
