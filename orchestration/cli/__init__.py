"""What people type: one module per command, wired here. Commands that only read import no dagster, no dbt."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Entry point of `chipledger`: an expected failure is one sentence on stderr and its exit code."""
    from orchestration.cli.app import app
    from orchestration.errors import LedgerError
    from orchestration.warehouse import logs

    logs.of_command_line()
    debug = "--debug" in sys.argv
    if debug:
        sys.argv.remove("--debug")
    try:
        app()
    except LedgerError as error:
        if debug:
            raise
        from orchestration.cli.show import fail

        fail(str(error))
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # The reader has seen enough (`| head`): no error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:
        if debug:
            raise
        from orchestration.cli.show import fail
        from orchestration.warehouse.settings import Settings
        from orchestration.warehouse.trouble import tell

        said = " ".join(str(error).split()) or type(error).__name__
        trouble = tell(said, Settings.from_environment())
        fail(trouble.sentence if trouble else f"{said} (run again with --debug to see where)")
        sys.exit(1)
