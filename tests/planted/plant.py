"""All cases, by layout, from one seed."""

from __future__ import annotations

from orchestration.sources import CUSTOMS

from . import asia, china, comtrade, us_eu
from .case import Case

SEED = 20250815


def all_cases(seed: int = SEED) -> dict[str, list[Case]]:
    """Layout -> its clean files, then those with errors, in the order of the registry."""
    made = {**comtrade.cases(seed), **china.cases(seed), **us_eu.cases(seed), **asia.cases(seed)}
    return {layout.layout_id: made[layout.layout_id] for layout in CUSTOMS}
