"""A process that has Dagster and dbt loaded and starts refreshes by forking: what a warm daemon would do.

Reads one JSON request a line and answers one JSON line each: {"do": "start", "job": "refresh" | "publish",
"force": bool, "file_limit": bytes or null} -> {"pid": n}; {"do": "wait"} -> {"status": wait status}. The
children are real refreshes in the home of the environment; the campaign kills them by their id.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path

from orchestration.cli import refresh, show
from orchestration.definitions import defs  # noqa: F401  loaded before the fork
from orchestration.errors import EXIT_BUILD_FAILED, LedgerError
from orchestration.scope import EVERYTHING
from orchestration.warehouse import attempts, logs, models
from orchestration.warehouse.ledger import exclusive
from orchestration.warehouse.publish import publish
from orchestration.warehouse.settings import Settings
from orchestration.warehouse.trouble import tell


def work(job: str, force: bool) -> int:
    settings = Settings.from_environment()
    if job == "refresh":
        return refresh.run(force)
    with exclusive(settings):
        attempts.begin(settings, EVERYTHING)
        publish(settings, 0.0, force=True)
    return 0


def child(request: dict[str, object], log: Path) -> None:
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    limit = request.get("file_limit")
    code = EXIT_BUILD_FAILED
    try:
        if limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (int(str(limit)), int(str(limit))))
        code = work(str(request["job"]), bool(request.get("force")))
    except LedgerError as error:
        show.fail(str(error))
        code = error.exit_code
    except BaseException as error:
        # As cli.main says it.
        trouble = tell(str(error), Settings.from_environment())
        show.fail(trouble.sentence if trouble else f"{type(error).__name__}: {error}")
    finally:
        os._exit(code)


def main() -> None:
    log = Path(sys.argv[1])
    models._parsed_project(Settings.from_environment())
    logs.of_command_line()
    print(json.dumps({"ready": True}), flush=True)
    pid = 0
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "start":
            pid = os.fork()
            if pid == 0:
                child(request, log)
            print(json.dumps({"pid": pid}), flush=True)
        else:
            _, status = os.waitpid(pid, 0)
            print(json.dumps({"status": status}), flush=True)


if __name__ == "__main__":
    main()
