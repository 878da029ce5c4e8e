"""When refreshes run: jobs, schedules of the release calendar, a sensor of raw/, and backfills by release.

DuckDB has one writer: runs go one at a time (a pool of one) and in one process each. What a run is asked to
do is in its tags, see `request`.
"""

import dagster as dg

from orchestration.defs import request
from orchestration.defs.published import CALENDAR, release
from orchestration.scope import EVERYTHING, Scope
from orchestration.sources.release import release_folders
from orchestration.warehouse import arrivals, logs
from orchestration.warehouse.calendar import Entry
from orchestration.warehouse.settings import Settings

_ALL = dg.AssetSelection.all() - dg.AssetSelection.assets(release)


def _patient(scope: Scope = EVERYTHING) -> dict[str, str]:
    return {**request.tags(False, scope), request.PATIENT: "true"}


REFRESH = dg.define_asset_job(
    "refresh",
    selection=_ALL,
    description="Raw files to published file: land, check, model, check, publish.",
    tags=request.WHOLE,
    executor_def=dg.in_process_executor,
)

# Customs tables appear in the morning, Beijing time; a refresh without new files publishes nothing.
DAILY = dg.ScheduleDefinition(
    name="daily_refresh",
    job=REFRESH,
    cron_schedule="30 14 * * *",
    execution_timezone="Asia/Shanghai",
    tags=_patient(),
)


def _job(entry: Entry) -> dg.ScheduleDefinition:
    """One job and its schedule: takes in what lies in raw/ of the entry's source."""
    job = dg.define_asset_job(
        f"refresh_{entry.entry_id}",
        selection=_ALL,
        description=f"{entry.title}: {entry.rule}",
        tags=request.WHOLE | request.tags(False, Scope(source=entry.source_id)),
        executor_def=dg.in_process_executor,
    )
    return dg.ScheduleDefinition(
        name=f"{entry.entry_id}_release",
        job=job,
        cron_schedule=entry.cron_schedule,
        execution_timezone=entry.time_zone,
        tags=_patient(Scope(source=entry.source_id)),
        description=entry.rule,
    )


def _schedules(entries: list[Entry]) -> list[dg.ScheduleDefinition]:
    """Of each entry that Dagster can plan: a day that never comes must not take all other jobs away."""
    planned = []
    for entry in entries:
        try:
            planned.append(_job(entry))
        except dg.DagsterInvalidDefinitionError as error:
            logs.say(f"release_calendar.csv: {entry.entry_id} has no schedule: {error}")
    return planned


RELEASE_SCHEDULES = _schedules(CALENDAR)
RELEASE_JOBS = [schedule.job for schedule in RELEASE_SCHEDULES]

# A backfill of release folders: as `chipledger refresh --source --since`, one folder a run.
BACKFILL = dg.define_asset_job(
    "backfill",
    selection=dg.AssetSelection.all(),
    description="Takes in single release folders of raw/: the partitions.",
    tags=request.WHOLE | {request.PATIENT: "true"},
    executor_def=dg.in_process_executor,
)


@dg.sensor(
    job=REFRESH,
    minimum_interval_seconds=30,
    description="Starts a refresh when files in raw/ are new or changed and stand still.",
)
def new_files(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    settings = Settings.from_environment()
    seen = arrivals.look(settings, context.cursor)
    register_releases(context.instance, settings)
    if seen.fingerprint is None:
        context.update_cursor(seen.cursor)
        return dg.SkipReason(seen.why)
    return dg.SensorResult(
        run_requests=[dg.RunRequest(run_key=seen.arrival, tags=_patient())], cursor=seen.cursor
    )


def register_releases(instance: dg.DagsterInstance, settings: Settings) -> None:
    """Makes a partition of every release folder of raw/, so that each can be backfilled."""
    folders = {path.relative_to(settings.raw_root).as_posix() for path in release_folders(settings.raw_root)}
    new = sorted(name for name in folders - set(instance.get_dynamic_partitions("release")) if "/" in name)
    if new:
        instance.add_dynamic_partitions("release", new)
