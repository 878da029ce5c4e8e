"""Wires the Dagster definitions together and does nothing else."""

import dagster as dg

from orchestration.defs import automation, contracts, derived, models, published, raw

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
    ],
    asset_checks=[
        contracts.landed_contracts,
        contracts.staging_contracts,
        contracts.series_contracts,
        contracts.mart_contracts,
    ],
    jobs=[automation.REFRESH],
    schedules=[automation.DAILY],
    executor=dg.in_process_executor,
)
