"""`chipledger claims`: the verdict of every claim, from the published file."""

from __future__ import annotations

import csv
import datetime as dt
import json
import sys
from typing import Any

import duckdb

from orchestration.claims.export import claim_reviews, provenance
from orchestration.cli import show
from orchestration.errors import EXIT_OK, EXIT_USAGE
from orchestration.warehouse.query import open_published
from orchestration.warehouse.settings import Settings

FORMATS = ("table", "csv", "json", "claimreview", "prov")
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
_MATRIX = ("definition_id", "is_intended", "definition_role")
_STYLES = {
    "exact": "green",
    "consistent": "green",
    "consistent_double_rounding": "green",
    "explained_by_revision": "cyan",
    "definition_dependent": "yellow",
    "inconsistent": "red",
}


def run(article: str | None, output: str, definitions: bool, as_of: str | None, base_url: str) -> int:
    """Prints the claims of one article or of all, in the order of their places.

    `definitions` prints the whole matrix; `as_of` judges by what was public on that day.
    """
    wrong = _wrong_usage(output, definitions, as_of, base_url)
    if wrong:
        show.fail(wrong)
        return EXIT_USAGE
    with open_published(Settings.from_environment()) as connection:
        known = [
            str(row[0])
            for row in connection.execute(
                "select distinct article_id from marts.fct_claim_verdict order by all"
            ).fetchall()
        ]
        if article is not None and article not in known:
            show.fail(f"no article {article!r} is held; held are: {', '.join(known) or 'none'}")
            return EXIT_USAGE
        if output in ("claimreview", "prov"):
            document = _document(connection, article, output, base_url)
            sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
            return EXIT_OK
        columns = (*COLUMNS[:1], *_MATRIX, *COLUMNS[1:]) if definitions else COLUMNS
        rows = _rows(connection, article, columns, definitions, as_of)
    if output == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
    elif output == "json":
        records = [dict(zip(columns, row, strict=True)) for row in rows]
        sys.stdout.write(json.dumps(records, indent=2, ensure_ascii=False) + "\n")
    else:
        _print([dict(zip(columns, row, strict=True)) for row in rows])
    return EXIT_OK


def _wrong_usage(output: str, definitions: bool, as_of: str | None, base_url: str) -> str:
    """What is wrong with the options together; empty when nothing is."""
    if as_of is not None:
        try:
            dt.date.fromisoformat(as_of)
        except ValueError:
            return f"--as-of is {as_of!r}; expected a day, YYYY-MM-DD"
    if output in ("claimreview", "prov") and (definitions or as_of is not None):
        return f"--format {output} takes neither --definitions nor --as-of"
    if definitions and as_of is not None:
        return "--definitions and --as-of cannot be given together: the other definitions include later data"
    if base_url and output != "claimreview":
        return "--base-url is for --format claimreview only"
    return ""


def _rows(
    connection: duckdb.DuckDBPyConnection,
    article: str | None,
    columns: tuple[str, ...],
    definitions: bool,
    as_of: str | None,
) -> list[tuple[Any, ...]]:
    table = f"marts.claim_verdict_as_of(date '{as_of}')" if as_of else "marts.fct_claim_verdict"
    condition = "true" if definitions or as_of else "is_intended"
    order = "article_id, raw_row" + (
        ", is_intended desc, definition_role, definition_id" if definitions else ""
    )
    return connection.execute(
        f"select {', '.join(columns)} from {table} "
        f"where {condition} and ($1 is null or article_id = $1) order by {order}",
        [article],
    ).fetchall()


def _document(
    connection: duckdb.DuckDBPyConnection, article: str | None, output: str, base_url: str
) -> dict[str, Any]:
    """The intended verdicts, as ClaimReview; all of them with their inputs, as PROV."""
    wanted = "($1 is null or verdict.article_id = $1)"
    (build,) = _records(
        connection, "select build_id, built_at from meta.builds order by built_at desc limit 1"
    )
    if output == "claimreview":
        verdicts = _records(
            connection,
            "select verdict.claim_id, verdict.printed, verdict.in_own_words, verdict.verdict, "
            "verdict.reason, release.title, release.producer, release.url as article_url, "
            "release.released_at as article_date, "
            "release.released_at_basis as article_date_basis from marts.fct_claim_verdict as verdict "
            "join meta.releases as release on verdict.article_id = release.release_id "
            f"where verdict.is_intended and {wanted} order by verdict.article_id, verdict.raw_row",
            article,
        )
        return claim_reviews(verdicts, build["built_at"].date(), base_url)
    verdicts = _records(
        connection,
        "select verdict.*, release.url as article_url from marts.fct_claim_verdict as verdict "
        "join meta.releases as release on verdict.article_id = release.release_id "
        f"where {wanted} order by verdict.article_id, verdict.raw_row, verdict.definition_id",
        article,
    )
    inputs = _records(
        connection,
        "select input.* from marts.fct_claim_input as input join marts.fct_claim_verdict as verdict "
        f"using (claim_id, definition_id) where {wanted} "
        "order by input.claim_id, input.definition_id, input.input_role",
        article,
    )
    return provenance(verdicts, inputs, build)


def _records(
    connection: duckdb.DuckDBPyConnection, query: str, article: str | None = None
) -> list[dict[str, Any]]:
    cursor = connection.execute(query, [article] if "$1" in query else [])
    names = [item[0] for item in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _print(records: list[dict[str, Any]]) -> None:
    """One line per claim (or claim and definition), its reason below; wraps at the terminal's width."""
    from rich.padding import Padding
    from rich.text import Text

    counts: dict[str, int] = {}
    for record in records:
        verdict = str(record["verdict"])
        counts[verdict] = counts.get(verdict, 0) + 1
        place = f"{record['claim_id']:<5} {record['paragraph']:<5}"
        printed = str(record["printed"] or "·")
        head = Text.assemble((place, "bold"), f"{printed:<26} ", (verdict, _STYLES.get(verdict, "dim")))
        show.console.print(head)
        if "definition_id" in record:
            mark = "*" if record["is_intended"] else " "
            show.console.print(
                Padding(Text(f"{mark} {record['definition_id']}", style="bold"), (0, 0, 0, 10))
            )
        show.console.print(Padding(Text(str(record["reason"])), (0, 0, 0, 12)))
    summary = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
    counted = "verdicts" if records and "definition_id" in records[0] else "claims"
    said = f"\n{len(records)} {counted}: {summary}" if records else "no claims: no such article is held"
    show.console.print(said)
