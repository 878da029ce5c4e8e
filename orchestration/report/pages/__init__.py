"""One module per page: its queries, its charts and its words. `PAGES` is their order in the menu."""

from __future__ import annotations

from collections.abc import Callable

from orchestration.report.figures import Page
from orchestration.report.ledger import Ledger
from orchestration.report.pages import (
    changes,
    claims,
    dictionary,
    mirror_gaps,
    overview,
    revisions,
    sources,
)

PAGES: tuple[Callable[[Ledger], Page], ...] = (
    overview.page,
    claims.page,
    revisions.page,
    mirror_gaps.page,
    sources.page,
    dictionary.page,
    changes.page,
)
