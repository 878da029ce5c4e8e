"""Writes and confirms the files of a new article: `source.yml` and a `claims.csv` of drafts.

What belongs here: the two files below raw/articles/<slug>/. What does not: finding figures (`draft.py`),
printing, command lines. The text itself is not kept; its sha256 is, so that the places can be proved.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from orchestration.claims.draft import Draft, draft_claims, merge_repeats
from orchestration.claims.verify import number_paragraphs
from orchestration.errors import EXIT_USAGE, LedgerError

MAX_TEXT_BYTES = 2_000_000
COLUMNS = (
    "claim_id", "paragraph", "other_paragraphs", "printed", "unit", "currency", "subject", "metric",
    "economy_iso3", "flow", "period", "base_period", "comparand", "modality", "attributed_source",
    "in_own_words", "formula_id", "untestable_reason", "span", "confirmed",
)  # fmt: skip
NOTE = "paragraph numbers count the non-empty lines of the text"
LICENCE = "all rights reserved by the producer; only figures, places and our own words are kept here"


@dataclass(frozen=True)
class NewArticle:
    """What is known of an article besides its text; empty facts come from the address or the text."""

    url: str
    date: str
    slug: str = ""
    title: str = ""
    publisher: str = ""
    author: str = ""
    language: str = ""


@dataclass(frozen=True)
class Drafted:
    """What was written: the folder, and the drafts in their order with their claim ids."""

    folder: Path
    drafts: tuple[tuple[str, Draft], ...]


def new_article(articles: Path, content: bytes, facts: NewArticle, today: dt.date) -> Drafted:
    """Writes the folder of a new article below `articles`; every claim in it waits for a person.

    Raises LedgerError where the text, the address, the date or the name is no use, or the name is taken.
    """
    text = _text(content)
    host = _host(facts.url)
    _check_date(facts.date)
    letter = _free_letter(articles)
    paragraphs = number_paragraphs(text, letter)
    if not paragraphs:
        raise LedgerError("the text is empty; expected the article's paragraphs", EXIT_USAGE)
    title = facts.title.strip() or next(iter(paragraphs.values()))[:200]
    slug = facts.slug or _slug(facts.publisher or host, title)
    if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", slug):
        raise LedgerError(f"--slug is {slug!r}; expected small letters and digits joined by '-'", EXIT_USAGE)
    digest = hashlib.sha256(content).hexdigest()
    folder = articles / slug
    _refuse_known(articles, folder, digest)
    source = {
        "article_id": slug,
        "letter": letter,
        "producer": facts.publisher.strip() or host,
        "title": title,
        "author": facts.author.strip(),
        "url": facts.url,
        "date": facts.date,
        "accessed_at": today,
        "language": facts.language.strip() or _language(text),
        "text_sha256": digest,
        "licence": LICENCE,
        "note": NOTE,
    }
    drafts = merge_repeats(draft_claims(text, letter))
    named = tuple((f"{letter}-{number}", item) for number, item in enumerate(drafts, start=1))
    rows = [_row(claim_id, item) for claim_id, item in named]
    folder.mkdir(parents=True)
    _replace(folder / "source.yml", yaml.safe_dump(source, sort_keys=False, allow_unicode=True))
    _replace(folder / "claims.csv", _as_csv(COLUMNS, rows))
    return Drafted(folder, named)


def _language(text: str) -> str:
    """Chinese where most letters are Han characters; else English, which a person mends."""
    letters = [letter for letter in text if letter.isalpha()]
    han = sum("\u4e00" <= letter <= "\u9fff" for letter in letters)
    return "zh" if 2 * han > len(letters) else "en"


def confirm(articles: Path, slug: str, claim_ids: Sequence[str]) -> tuple[list[str], int]:
    """Marks drafts as claims, all that wait where none is named; returns their ids and how many still wait.

    A claim that breaks a rule of claims.csv is refused with the rule, and nothing is written.
    """
    path = articles / slug / "claims.csv"
    if "/" in slug or not path.is_file():
        raise LedgerError(f"there is no article {slug!r} in {articles}", EXIT_USAGE)
    columns, rows = _read_rows(path)
    if "confirmed" not in columns:
        raise LedgerError(f"{path} has no drafts: it has no column confirmed", EXIT_USAGE)
    waiting = [row["claim_id"] for row in rows if row["confirmed"] != "yes"]
    unknown = [name for name in claim_ids if name not in {row["claim_id"] for row in rows}]
    if unknown:
        raise LedgerError(
            f"{path} has no claim {unknown[0]!r}; waiting are {', '.join(waiting) or 'none'}", EXIT_USAGE
        )
    chosen = list(claim_ids) or waiting
    changed = [row | {"confirmed": "yes"} if row["claim_id"] in chosen else row for row in rows]
    text = _as_csv(columns, changed)
    _check(path, text)
    _replace(path, text)
    return chosen, sum(row["confirmed"] != "yes" for row in changed)


def _check(path: Path, text: str) -> None:
    """Holds the file as it would be against the contract of claims.csv, as a refresh would."""
    import duckdb

    from orchestration.contracts.validate import open_table, validate
    from orchestration.sources.article_claims import LAYOUT
    from orchestration.sources.layout import FileRefused

    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        copy = Path(folder) / path.name
        copy.write_text(text, encoding="utf-8")
        LAYOUT.create_landing(connection, "landing")
        try:
            LAYOUT.check_header(copy)
            malformed, _ = LAYOUT.land(connection, "landing", copy, "new")
        except FileRefused as error:
            raise LedgerError(f"{path}, {error}") from error
        if malformed:
            line, problem, _ = malformed[0]
            raise LedgerError(f"{path}, line {line}: {problem}")
        names = [*LAYOUT.columns, "raw_row"]
        columns = ", ".join(f'"{name}"' for name in names)
        for cells in connection.execute(f"select {columns} from landing order by raw_row").fetchall():
            row = dict(zip(names, cells, strict=True))
            empty = [item.name for item in LAYOUT.fields if item.required and row[item.name] is None]
            if empty:
                raise LedgerError(
                    f"{path}, line {row['raw_row']}: {row['claim_id']} is not complete: "
                    f"expected a value for {', '.join(empty)}"
                )
            problem_found = LAYOUT.check_row(row, dt.date.max) if LAYOUT.check_row else None
            if problem_found:
                raise LedgerError(
                    f"{path}, line {row['raw_row']}, column {problem_found.column}: "
                    f"{problem_found.reason_code}: found {problem_found.value!r}, "
                    f"expected {problem_found.expected}"
                )
        findings = validate(open_table(connection, "temp.main", "landing"), LAYOUT.contract(), "claims.csv")
    if findings:
        raise LedgerError(f"{path}: {findings[0].sentence()}")


def _row(claim_id: str, item: Draft) -> dict[str, str]:
    return {
        "claim_id": claim_id,
        "paragraph": item.paragraph,
        "other_paragraphs": " ".join(item.other_paragraphs),
        "printed": item.printed,
        "unit": item.unit,
        "currency": item.currency,
        "subject": item.subject,
        "metric": item.metric,
        "economy_iso3": item.economy_iso3,
        "flow": item.flow,
        "period": item.period,
        "modality": item.modality,
        "formula_id": item.formula_id,
        "span": f"{item.start}-{item.end}",
        "confirmed": "no",
    }


def _text(content: bytes) -> str:
    if len(content) > MAX_TEXT_BYTES:
        raise LedgerError(
            f"the text is larger than {MAX_TEXT_BYTES:,} bytes; expected one article", EXIT_USAGE
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LedgerError(
            f"the text is not UTF-8 (byte {error.start + 1}); expected UTF-8 text", EXIT_USAGE
        ) from error


def _host(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise LedgerError(f"--url is {url!r}; expected an address that begins with https://", EXIT_USAGE)
    return parts.hostname.removeprefix("www.")


def _check_date(date: str) -> None:
    parts = date.split("-")
    try:
        if not re.fullmatch(r"[0-9]{4}(?:-[0-9]{2}){0,2}", date):
            raise ValueError(date)
        dt.date(int(parts[0]), int(parts[1]) if len(parts) > 1 else 1, int(parts[2]) if len(parts) > 2 else 1)
    except ValueError as error:
        raise LedgerError(f"--date is {date!r}; expected YYYY, YYYY-MM or YYYY-MM-DD", EXIT_USAGE) from error


def _slug(publisher: str, title: str) -> str:
    words = re.findall(r"[a-z0-9]+", f"{publisher.split('.')[0]} {title}".lower())
    return "-".join(words)[:60].strip("-") or "article"


def _refuse_known(articles: Path, folder: Path, digest: str) -> None:
    if folder.exists():
        raise LedgerError(f"{folder} is there already; give another --slug", EXIT_USAGE)
    for source in sorted(articles.glob("*/source.yml")):
        if digest in source.read_text(encoding="utf-8", errors="replace"):
            raise LedgerError(f"{source.parent} holds this text already", EXIT_USAGE)


def _free_letter(articles: Path) -> str:
    """The first of A to Z, then AA, AB, ..., that no article has."""
    taken = set()
    for source in articles.glob("*/source.yml"):
        found = re.search(
            r"^letter:\s*['\"]?([A-Z]+)", source.read_text(encoding="utf-8", errors="replace"), re.M
        )
        taken |= {found[1]} if found else set()
    letters = [chr(code) for code in range(ord("A"), ord("Z") + 1)]
    names = (*letters, *(first + second for first in letters for second in letters))
    free = next((name for name in names if name not in taken), None)
    if free is None:
        raise LedgerError(f"all letters for articles are taken in {articles}")
    return free


def _read_rows(path: Path) -> tuple[tuple[str, ...], list[dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline=""), restval="")
    rows = [{str(name): str(value) for name, value in row.items() if name is not None} for row in reader]
    return tuple(reader.fieldnames or ()), rows


def _as_csv(columns: Sequence[str], rows: Sequence[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _replace(path: Path, text: str) -> None:
    """Writes the file whole or not at all."""
    draft = path.with_name(f".{path.name}.new")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
