"""`chipledger verify-articles`: holds the claims against the articles' texts."""

from __future__ import annotations

from pathlib import Path

from orchestration.claims.verify import verify_articles
from orchestration.cli import show
from orchestration.errors import EXIT_BUILD_FAILED, EXIT_OK, EXIT_USAGE
from orchestration.warehouse.settings import Settings


def run(texts: Path) -> int:
    """Prints what does not stand where a claim says; exit 1 when there is such a thing."""
    if not texts.is_dir():
        show.fail(f"{texts} is no folder; give the folder that holds the articles' texts")
        return EXIT_USAGE
    report = verify_articles(Settings.from_environment().raw_root / "articles", texts)
    for finding in report.findings:
        show.fail(finding.message)
    if not report.ok:
        return EXIT_BUILD_FAILED
    show.console.print(
        f"{report.claims_checked} claims of {len(report.articles_checked)} articles: "
        "every printed figure stands in its paragraph"
    )
    return EXIT_OK
