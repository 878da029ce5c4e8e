"""Mirror gaps: the exporter's figure against the importer's for the same goods."""

from __future__ import annotations

from orchestration.report.figures import Block, Missing, Page
from orchestration.report.ledger import Ledger


def page(ledger: Ledger) -> Page:
    blocks: list[Block] = [_gaps(ledger)]
    return Page(
        "mirror-gaps",
        "Mirror gaps",
        "Two customs offices count the same goods, one as exports and one as imports. They seldom agree.",
        blocks,
    )


def _gaps(ledger: Ledger) -> Missing:
    if not ledger.has("fct_mirror_gap"):
        return Missing("Mirror gaps", "This build has no table marts.fct_mirror_gap.")
    return Missing("Mirror gaps", "todo")
