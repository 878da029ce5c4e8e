"""`chipledger report`: writes the static report and says where it is."""

from __future__ import annotations

import time

from orchestration.cli import show
from orchestration.errors import EXIT_OK
from orchestration.report.site import write
from orchestration.warehouse.settings import Settings


def run() -> int:
    """Writes the site into the current build's folder; exit 0, or 1 when nothing is published."""
    started = time.perf_counter()
    index = write(Settings.from_environment())
    show.console.print(f"report {index} in {time.perf_counter() - started:.1f} s", soft_wrap=True)
    return EXIT_OK
