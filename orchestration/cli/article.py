"""`chipledger article`: drafts the claims of a new article, and confirms them."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

from orchestration.claims.article import MAX_TEXT_BYTES, NewArticle, confirm, new_article
from orchestration.cli import show
from orchestration.errors import EXIT_OK, EXIT_USAGE
from orchestration.warehouse.settings import Settings


def new(text: Path, facts: NewArticle) -> int:
    """Writes raw/articles/<slug>/ from a text ('-': standard input) and lists the drafts."""
    if str(text) == "-":
        content = sys.stdin.buffer.read(MAX_TEXT_BYTES + 1)
    elif text.is_file():
        with text.open("rb") as stream:
            content = stream.read(MAX_TEXT_BYTES + 1)
    else:
        show.fail(f"{text} is no file; expected the article's text, or '-' for standard input")
        return EXIT_USAGE
    drafted = new_article(_articles(), content, facts, dt.date.today())
    rows = [
        (
            claim_id,
            item.paragraph,
            item.printed,
            item.subject or None,
            item.metric,
            item.period or None,
            item.modality,
        )
        for claim_id, item in drafted.drafts
    ]
    if rows:
        show.table(("claim", "place", "printed", "subject", "metric", "period", "modality"), rows)
    path = drafted.folder / "claims.csv"
    show.console.print(
        f"\n{len(rows)} drafts in {path}, none of them confirmed. Mend or delete rows, write "
        f"in_own_words and formula_id, then run `chipledger article confirm {drafted.folder.name}`",
        soft_wrap=True,
    )
    return EXIT_OK


def mark(slug: str, claim_ids: list[str]) -> int:
    """Confirms the drafts named, or all that wait."""
    confirmed, waiting = confirm(_articles(), slug, claim_ids)
    said = ", ".join(confirmed) or "nothing"
    show.console.print(
        f"confirmed: {said}; {waiting} still wait. `chipledger refresh` judges them", soft_wrap=True
    )
    return EXIT_OK


def _articles() -> Path:
    return Settings.from_environment().raw_root / "articles"
