"""`chipledger claims`: the verdict of every claim, from the published file."""

from __future__ import annotations

import csv
import json
import sys

from orchestration.cli import show
from orchestration.errors import EXIT_OK, EXIT_USAGE
from orchestration.warehouse.query import open_published
from orchestration.warehouse.settings import Settings

COLUMNS = (
    "claim_id",
    "article_id",
    "paragraph",
    "printed",
    "modality",
    "verdict",
    "computed_low",
    "computed_high",
    "reason",
    "formula_id",
)
_STYLES = {
    "exact": "green",
    "consistent": "green",
    "consistent_double_rounding": "green",
    "explained_by_revision": "cyan",
    "definition_dependent": "yellow",
    "inconsistent": "red",
}


def run(article: str | None, output: str) -> int:
    """Prints the claims of one article or of all, in the order of their places."""
    with open_published(Settings.from_environment()) as connection:
        known = [
            str(row[0])
            for row in connection.execute(
                "select distinct article_id from marts.fct_claim_verdict order by all"
            ).fetchall()
        ]
        if article is not None and article not in known:
            show.fail(f"no article {article!r} is held; held are: {', '.join(known)}")
            return EXIT_USAGE
        rows = connection.execute(
            f"select {', '.join(COLUMNS)} from marts.fct_claim_verdict "
            "where $1 is null or article_id = $1 "
            "order by article_id, raw_row",
            [article],
        ).fetchall()
    if output == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    elif output == "json":
        records = [dict(zip(COLUMNS, row, strict=True)) for row in rows]
        sys.stdout.write(json.dumps(records, indent=2, ensure_ascii=False) + "\n")
    else:
        _print(rows)
    return EXIT_OK


def _print(rows: list[tuple[object, ...]]) -> None:
    """One line per claim, its reason below; wraps at the terminal's width."""
    from rich.padding import Padding
    from rich.text import Text

    counts: dict[str, int] = {}
    for row in rows:
        record = dict(zip(COLUMNS, row, strict=True))
        verdict = str(record["verdict"])
        counts[verdict] = counts.get(verdict, 0) + 1
        place = f"{record['claim_id']:<5} {record['paragraph']:<5}"
        printed = str(record["printed"] or "·")
        head = Text.assemble((place, "bold"), f"{printed:<26} ", (verdict, _STYLES.get(verdict, "dim")))
        show.console.print(head)
        show.console.print(Padding(Text(str(record["reason"])), (0, 0, 0, 12)))
    summary = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    show.console.print(f"\n{len(rows)} claims: {summary}")
