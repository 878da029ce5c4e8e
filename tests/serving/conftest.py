"""Fixtures of the serving tests: one endpoint for all tests of a worker, over a copy of the shared build."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import live
import pytest


@pytest.fixture(scope="session")
def endpoint(home: Path) -> Iterator[live.Live]:
    """`chipledger serve`, up; skipped where PostgreSQL, pgbouncer or openssl is missing."""
    if reason := live.missing():
        pytest.skip(reason)
    with live.copied_home(home) as copied, live.served(copied) as running:
        yield running
