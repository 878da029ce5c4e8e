"""Alerts of runs that fail where nobody watches: a sensor of Dagster's daemon.

The command line tells of its own runs. What a published build changed is told by its asset.
"""

from typing import Any

import dagster as dg

from orchestration.defs import request
from orchestration.warehouse import alerts


@dg.run_failure_sensor(
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Tells of failed runs: log, webhook, e-mail.",
    minimum_interval_seconds=30,
)
def failed_runs(context: dg.RunFailureSensorContext) -> dg.SkipReason | None:
    run = context.dagster_run
    if run.tags.get(request.PATIENT) != "true":
        return dg.SkipReason("the run was started by hand; its caller tells")
    sentences, is_contract = [], False
    for event in context.get_step_failure_events():
        said, of_check = _told(event)
        is_contract = is_contract or of_check
        if said not in sentences:
            sentences.append(said)
    alerts.send(alerts.of_failure(sentences or [str(context.failure_event.message)], is_contract, run.run_id))
    return None


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
