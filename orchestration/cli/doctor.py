"""`chipledger doctor`: what is wrong with this installation, and what to do about it."""

from __future__ import annotations

from rich.text import Text

from orchestration.cli import show
from orchestration.errors import EXIT_BUILD_FAILED, EXIT_OK
from orchestration.warehouse.health import examine
from orchestration.warehouse.settings import Settings


def run() -> int:
    """One line a check; exit 1 if one is bad, 0 if all are ok or only worth a look."""
    checks = examine(Settings.from_environment())
    style = {"ok": "green", "warn": "bold yellow", "bad": "bold red"}
    for check in checks:
        said = f"{check.sentence}; {check.remedy}" if check.remedy else check.sentence
        line = Text.assemble((f"{check.status:<5}", style[check.status]), f"{check.name:<18} {said}")
        show.console.print(line, soft_wrap=True)
    return EXIT_BUILD_FAILED if any(check.status == "bad" for check in checks) else EXIT_OK
