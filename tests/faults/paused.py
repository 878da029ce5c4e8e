"""Runs Dagster's job `refresh` in a process of its own, as its daemon does, and waits after steps of it.

`python -m tests.faults.paused FOLDER STEP…`: makes FOLDER/STEP.waits when a step of that name has ended, and
goes on when FOLDER/STEP.goes_on is there. Prints whether the run succeeded, and what failed. Then it goes on
with one step of that run in a second one, as a person may in Dagster's UI, and prints the same of it.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import dagster as dg

from orchestration.definitions import defs
from orchestration.warehouse import progress


def job() -> dg.JobDefinition:
    return defs.resolve_job_def("refresh")


class Pauses:
    """Hears of the steps, and stops the run after those named."""

    def __init__(self, folder: Path, after: list[str]) -> None:
        self.folder, self.after = folder, after

    def started(self, step: progress.Step) -> None:
        """Nothing to do."""

    def finished(self, step: progress.Step) -> None:
        if step.name in self.after:
            (self.folder / f"{step.name}.waits").touch()
            while not (self.folder / f"{step.name}.goes_on").exists():
                time.sleep(0.1)


def tell(result: dg.ExecuteJobResult) -> None:
    print("success" if result.success else "failure", flush=True)
    for event in result.all_events:
        if event.event_type_value == "STEP_FAILURE":
            error = event.event_specific_data.error  # type: ignore[union-attr]
            while error is not None and error.cause is not None:
                error = error.cause
            print(f"{event.step_key}: {error.message.strip() if error else ''}", flush=True)


def main() -> None:
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    with dg.DagsterInstance.get() as instance:
        asked = {"instance": instance, "run_config": quiet, "raise_on_error": False}
        with (
            progress.heard_by(Pauses(Path(sys.argv[1]), sys.argv[2:])),
            dg.execute_job(dg.reconstructable(job), **asked) as first,  # type: ignore[arg-type]
        ):
            tell(first)
        again = dg.ReexecutionOptions(first.run_id, ["published__chipledger"])
        with dg.execute_job(dg.reconstructable(job), **asked, reexecution_options=again) as second:  # type: ignore[arg-type]
            tell(second)


if __name__ == "__main__":
    main()
