"""Alerts of runs that fail where nobody watches: a sensor of Dagster's daemon.

The command line tells of its own runs. What a published build changed is told by its asset.
"""

from typing import Any

import dagster as dg

from orchestration.defs import request
from orchestration.warehouse import alerts
from orchestration.warehouse.settings import Settings


@dg.run_failure_sensor(
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Tells of failed runs: log, webhook, e-mail.",
    minimum_interval_seconds=30,
)
def failed_runs(context: dg.RunFailureSensorContext) -> dg.SkipReason | None:
    run = context.dagster_run
    if not request.is_watched(run):
        return dg.SkipReason("the command line ran it, and tells")
    sentences, is_contract = [], False
    for event in context.get_step_failure_events():
        said, of_check = _told(event)
        is_contract = is_contract or of_check
        if said not in sentences:
            sentences.append(said)
    sentences = sentences or _without_a_step(context)
    alerts.send(Settings.from_environment(), alerts.of_failure(sentences, is_contract, run.run_id))
    return None


def _without_a_step(context: dg.RunFailureSensorContext) -> list[str]:
    """What is known of a run that no step ended: its process died, or it never began. Dagster's last line
    about the process says more than that the run failed."""
    lines = context.instance.all_logs(context.dagster_run.run_id, of_type=dg.DagsterEventType.ENGINE_EVENT)
    said = [line.get_dagster_event().message or "" for line in lines]
    # The server that started the process puts its own name before it.
    mark = "Run execution process"
    of_process = [line[line.index(mark) :] for line in said if mark in line]
    return of_process[-1:] or [context.failure_event.message or "the run ended without a word"]


def _told(event: Any) -> tuple[str, bool]:
    """The sentence of a failed step, and whether a contract or a test of a model is what failed."""
    data = event.event_specific_data
    if data.user_failure_data is not None:
        text = str(data.user_failure_data.description)
        return text, text.startswith(("test ", "model "))
    error = data.error
    while error is not None and error.cause is not None:
        error = error.cause
    if error is None:
        return f"{event.step_key} failed", False
    text = error.message.split(": ", 1)[-1].strip()
    return f"{event.step_key}: {text}", (error.cls_name or "").startswith("DagsterAssetCheckFailed")
