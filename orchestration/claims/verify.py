"""Proves that every claim we keep of an article stands where we say it stands in the article.

What belongs here: comparing `source.yml` and `claims.csv` with the article's text: its hash, the
paragraph named, the printed figure, and that our own words are our own. What does not: reading a
figure as a number (`printed.py`), judging whether it is true, printing, command lines.

The texts themselves are not ours to ship, so the comparison runs where the user holds them.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import yaml

SHARED_WORDS_REFUSED = 8
"""Consecutive words of an article that may not appear in a claim's own words."""

_NEEDED_COLUMNS = ("claim_id", "paragraph", "other_paragraphs", "printed", "in_own_words")
_NUMBER = re.compile(
    r"(?P<sign>(?<![^\s(])[-\u2212])?(?:(?<![A-Za-z0-9])|(?<=USD)|(?<=CNY)|(?<=RMB))"
    r"(?P<digits>[0-9]+(?:[.,][0-9]+)*)"
)
_WORD = re.compile(r"\w+(?:[.,'’]\w+)*")


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong; `message` is a whole sentence that names all the rest."""

    file: str
    claim_id: str
    paragraph: str
    printed: str
    message: str


@dataclass(frozen=True)
class Report:
    """What was compared and what was found."""

    articles_checked: tuple[str, ...]
    """Folder names of the articles whose text was there."""
    claims_checked: int
    findings: tuple[Finding, ...]
    unmatched_texts: tuple[str, ...]
    """Text files that belong to no article here; no fault."""

    @property
    def ok(self) -> bool:
        """Whether every article was compared and nothing was found."""
        return not self.findings


@dataclass(frozen=True)
class _Article:
    """An article's text, cut up for the comparison."""

    file: str
    paragraphs: dict[str, str]
    phrases: frozenset[tuple[str, ...]]


def verify_articles(articles_root: Path, texts: Path) -> Report:
    """Compare every article under `articles_root` with the text in `texts` of the same sha256.

    `texts` is a folder of *.txt files; their names do not matter.
    """
    held = {_sha256(path): path for path in sorted(texts.glob("*.txt"))}
    used: set[Path] = set()
    checked: list[str] = []
    claims = 0
    findings: list[Finding] = []
    for folder in sorted(path for path in articles_root.glob("*") if path.is_dir()):
        source, problems = _read_source(folder)
        findings += problems
        if source is None:
            continue
        path = held.get(source["text_sha256"])
        if path is None:
            findings.append(_missing_text(folder, source["text_sha256"], texts))
            continue
        used.add(path)
        try:
            text = path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError:
            findings.append(_of_file(str(path), f"{path} is not UTF-8: expected UTF-8 text"))
            continue
        checked.append(folder.name)
        claims += len(_read_claims(folder)[0])
        findings += verify_article(folder, text)
    return Report(
        articles_checked=tuple(checked),
        claims_checked=claims,
        findings=tuple(findings),
        unmatched_texts=tuple(str(path) for path in held.values() if path not in used),
    )


def verify_article(folder: Path, text: str) -> list[Finding]:
    """Compare the claims in `folder` with the article's text; an empty list means all stand."""
    source, findings = _read_source(folder)
    if source is None:
        return findings
    rows, problems = _read_claims(folder)
    article = _Article(
        file=str(folder / "claims.csv"),
        paragraphs=number_paragraphs(text, source["letter"]),
        phrases=frozenset(_phrases(_plain(text))),
    )
    return [*findings, *problems, *(found for row in rows for found in _verify_claim(row, article))]


def number_paragraphs(text: str, letter: str) -> dict[str, str]:
    """The non-empty lines of a text by label: A01, A02, ...; plain spaces, Unicode NFC."""
    lines = (line.strip() for line in re.split(r"\r\n|\r|\n", _plain(text)))
    filled = (line for line in lines if line)
    return {f"{letter}{number:02d}": line for number, line in enumerate(filled, start=1)}


def stands_in(printed: str, paragraph: str) -> bool:
    """Whether the figure stands there as a whole: '40' stands in none of '2400', '40.5', '40nm'."""
    if not printed:
        return False
    figure, place = _plain(printed), _plain(paragraph)
    start = place.find(figure)
    while start >= 0:
        before, after = place[:start], place[start + len(figure) :]
        if not _cuts_left(before, figure) and not _cuts_right(figure, after):
            return True
        start = place.find(figure, start + 1)
    return False


def number_stands_in(printed: str, paragraph: str) -> bool:
    """Whether the figure's number stands there as a whole, whatever unit is beside it.

    A figure without digits ('second-largest') has to stand there word for word.
    """
    wanted = _numbers(printed)
    if not wanted:
        return stands_in(printed, paragraph)
    return wanted[0] in _numbers(paragraph)


def _verify_claim(row: dict[str, str], article: _Article) -> list[Finding]:
    """Everything that is wrong with one claim."""
    findings: list[Finding] = []
    printed = row["printed"]
    for label in [row["paragraph"], *row["other_paragraphs"].split()]:
        first = label == row["paragraph"]
        paragraph = article.paragraphs.get(label)
        if paragraph is None:
            findings.append(_unknown_paragraph(row, label, article))
        elif printed and first and not stands_in(printed, paragraph):
            findings.append(_not_there(row, label, article, "that figure, character by character"))
        elif printed and not first and not number_stands_in(printed, paragraph):
            findings.append(_not_there(row, label, article, "the same number"))
    copied = _copied(row["in_own_words"], article)
    if copied:
        message = f"shares the words '{copied}' with the article: expected words of our own"
        findings.append(_of_claim(row, row["paragraph"], article, message))
    return findings


def _unknown_paragraph(row: dict[str, str], label: str, article: _Article) -> Finding:
    """The paragraph named is not one of the text's."""
    labels = list(article.paragraphs)
    expected = f"one of {labels[0]} to {labels[-1]}" if labels else "a text that is not empty"
    message = f"names paragraph {label!r}, which the text does not have: expected {expected}"
    return _of_claim(row, label, article, message)


def _not_there(row: dict[str, str], label: str, article: _Article, expected: str) -> Finding:
    """The figure is not in the paragraph named."""
    message = f"prints {row['printed']!r}, not found in paragraph {label}: expected {expected}"
    return _of_claim(row, label, article, message)


def _of_claim(row: dict[str, str], label: str, article: _Article, message: str) -> Finding:
    """A finding about one claim."""
    claim = row["claim_id"]
    return Finding(article.file, claim, label, row["printed"], f"{article.file}: claim {claim} {message}.")


def _of_file(file: str, message: str) -> Finding:
    """A finding about a whole file."""
    return Finding(file, "", "", "", f"{message}.")


def _missing_text(folder: Path, sha256: str, texts: Path) -> Finding:
    """No text has the hash that the article's source.yml gives."""
    file = str(folder / "source.yml")
    return _of_file(file, f"{file}: no *.txt in {texts} has the sha256 {sha256}: expected the article's text")


def _read_source(folder: Path) -> tuple[dict[str, str], list[Finding]] | tuple[None, list[Finding]]:
    """The keys of source.yml needed here, or what is wrong with the file."""
    path = folder / "source.yml"
    try:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = str(error).splitlines()[0]
        return None, [_of_file(str(path), f"{path} cannot be read as UTF-8 YAML ({reason})")]
    keys = loaded if isinstance(loaded, dict) else {}
    source = {name: str(keys.get(name, "")) for name in ("article_id", "letter", "text_sha256")}
    if not re.fullmatch(r"[A-Z]{1,3}", source["letter"]):
        message = f"{path}: letter is {source['letter']!r}: expected one to three capital letters"
    elif not re.fullmatch(r"[0-9a-f]{64}", source["text_sha256"]):
        message = f"{path}: text_sha256 is {source['text_sha256']!r}: expected 64 hex digits"
    elif source["article_id"] != folder.name:
        message = f"{path}: article_id is {source['article_id']!r}: expected {folder.name!r}"
    else:
        return source, []
    return None, [_of_file(str(path), message)]


def _read_claims(folder: Path) -> tuple[list[dict[str, str]], list[Finding]]:
    """The rows of claims.csv, and what is wrong with the file as a whole."""
    path = folder / "claims.csv"
    try:
        content = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        return [], [_of_file(str(path), f"{path} cannot be read as UTF-8 text ({error})")]
    reader = csv.DictReader(io.StringIO(content, newline=""), restval="", restkey="_more")
    missing = [name for name in _NEEDED_COLUMNS if name not in (reader.fieldnames or ())]
    if missing:
        message = f"{path} lacks the columns {', '.join(missing)}: expected a header with them"
        return [], [_of_file(str(path), message)]
    rows = [{name: str(value) for name, value in row.items()} for row in reader]
    return rows, _repeated_ids(path, rows)


def _repeated_ids(path: Path, rows: list[dict[str, str]]) -> list[Finding]:
    """A finding for every claim id that is empty or stands twice."""
    counts = Counter(row["claim_id"] for row in rows)
    return [
        Finding(str(path), claim, "", "", f"{path}: claim id {claim!r} stands {n} times: expected one.")
        for claim, n in counts.items()
        if n > 1 or not claim
    ]


def _numbers(text: str) -> list[str]:
    """Every number of a text, with its minus sign and without thousands commas."""
    return [
        ("-" if found["sign"] else "") + found["digits"].replace(",", "")
        for found in _NUMBER.finditer(_plain(text))
    ]


def _sha256(path: Path) -> str:
    """The hash of a file's bytes, as in source.yml."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _plain(text: str) -> str:
    """Unicode NFC with ordinary spaces."""
    return unicodedata.normalize("NFC", text).replace("\u00a0", " ").replace("\u202f", " ")


def _cuts_left(before: str, figure: str) -> bool:
    """Whether the figure begins in the middle of a word or number."""
    if not before or not _is_word(figure[0]):
        return False
    if _is_word(before[-1]):
        return True
    if not figure[0].isdigit():
        return False
    if re.search(r"[0-9][.,]$", before):
        return True
    return re.search(r"(?:^|[\s(])[-\u2212]$", before) is not None  # a minus sign


def _cuts_right(figure: str, after: str) -> bool:
    """Whether the figure ends in the middle of a word or number."""
    if not after or not _is_word(figure[-1]):
        return False
    if _is_word(after[0]):
        return True
    return figure[-1].isdigit() and re.match(r"[.,][0-9]", after) is not None


def _is_word(character: str) -> bool:
    """A letter or digit of a script that separates words by spaces (Chinese does not)."""
    return character.isalnum() and character < "\u2e80"


def _words(text: str) -> list[str]:
    """The words of a text in lower case."""
    return [word.replace("’", "'") for word in _WORD.findall(text.lower())]


def _phrases(text: str) -> list[tuple[str, ...]]:
    """Every run of words as long as the limit."""
    words = _words(text)
    size = SHARED_WORDS_REFUSED
    return [tuple(words[start : start + size]) for start in range(len(words) - size + 1)]


def _copied(own_words: str, article: _Article) -> str:
    """The first run of words that is the article's; empty when the words are our own."""
    runs = _phrases(_plain(own_words))
    return next((" ".join(run) for run in runs if run in article.phrases), "")
