"""Claims against the article's text: on a small article, and on the real ones where held."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from orchestration.claims.verify import (
    Finding,
    number_paragraphs,
    number_stands_in,
    stands_in,
    verify_article,
    verify_articles,
)

ROOT = Path(__file__).resolve().parents[1]
HELD_TEXTS = ROOT.parent / "shared" / "seeds"

TEXT = """$2.5B chips leave Atlantis

Exports of chips from Atlantis reached $2.5\u00a0billion last year, up 40.5% on the year before.
  The island counts 2400 islanders and makes 40nm parts, the second-largest industry there.

They fell by -3.1% the year before.
"""
HEADER = "claim_id,paragraph,other_paragraphs,printed,in_own_words\n"
GOOD = (
    "Z-1,Z01,Z02,$2.5B,Two and a half billion dollars of chips went abroad.\n"
    "Z-2,Z02,,40.5%,Sales abroad grew by two fifths.\n"
    "Z-3,Z02,,$2.5 billion,The same sum in words.\n"
    "Z-4,Z03,,second-largest,Chips rank second.\n"
    "Z-5,Z02,Z04,,A claim without a figure.\n"
)


def write_article(root: Path, rows: str = GOOD, text: str = TEXT, letter: str = "Z") -> Path:
    """An article's folder with its claims, and its text in `texts` beside it."""
    folder = root / "articles" / "atlantis"
    texts = root / "texts"
    folder.mkdir(parents=True)
    texts.mkdir()
    content = text.encode()
    (texts / "any-name.txt").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    source = f"article_id: atlantis\nletter: {letter}\ntext_sha256: {digest}\n"
    (folder / "source.yml").write_text(source, encoding="utf-8")
    (folder / "claims.csv").write_text(HEADER + rows, encoding="utf-8")
    return folder


def only(findings: list[Finding]) -> Finding:
    """The only finding, which must be a sentence."""
    assert len(findings) == 1, findings
    assert findings[0].message.endswith(".")
    assert "expected" in findings[0].message
    return findings[0]


def test_claims_that_stand_give_no_finding(tmp_path: Path) -> None:
    folder = write_article(tmp_path)
    assert verify_article(folder, TEXT) == []
    report = verify_articles(tmp_path / "articles", tmp_path / "texts")
    assert report.ok
    assert (report.articles_checked, report.claims_checked) == (("atlantis",), 5)
    assert report.unmatched_texts == ()


def test_paragraphs_count_non_empty_lines() -> None:
    paragraphs = number_paragraphs(TEXT, "Z")
    assert list(paragraphs) == ["Z01", "Z02", "Z03", "Z04"]
    assert "$2.5 billion" in paragraphs["Z02"]
    assert paragraphs["Z03"].startswith("The island")


@pytest.mark.parametrize(
    ("row", "paragraph", "words"),
    [
        ("Z-1,Z02,,$2.5B,Ours.\n", "Z02", "character by character"),
        ("Z-1,Z03,,40,Ours.\n", "Z03", "'40', not found in paragraph Z03"),
        ("Z-1,Z02,,40,Ours.\n", "Z02", "'40', not found"),
        ("Z-1,Z04,,3.1%,Ours.\n", "Z04", "'3.1%', not found"),
        ("Z-1,Z01,Z03,$2.5B,Ours.\n", "Z03", "the same number"),
        ("Z-1,Z05,,$2.5B,Ours.\n", "Z05", "expected one of Z01 to Z04"),
        ("Z-1,Z01,Z9,$2.5B,Ours.\n", "Z9", "names paragraph 'Z9'"),
    ],
)
def test_figure_that_does_not_stand_there(tmp_path: Path, row: str, paragraph: str, words: str) -> None:
    finding = only(verify_article(write_article(tmp_path, row), TEXT))
    assert (finding.claim_id, finding.paragraph) == ("Z-1", paragraph)
    assert finding.file.endswith("claims.csv")
    assert words in finding.message


@pytest.mark.parametrize(
    ("printed", "paragraph", "stands"),
    [
        ("40", "the 2400 islanders", False),
        ("40", "exactly 159.40", False),
        ("40", "a 40nm part", False),
        ("40", "40.5 of them", False),
        ("40", "40, or 41.", True),
        ("40", "2400 and 40", True),
        ("40nm", "of 40nm microcontrollers", True),
        ("159.4", "159.499 billion", False),
        ("160 billion", "$160 billion.", True),
        ("17.4%", "grew -17.4% then", False),
        ("5-nanometer", "in 5-nanometer and below", True),
        ("1595亿", "出口1595亿美元", True),
        ("largest", "world's largest market", True),
        ("large", "world's largest market", False),
        ("", "anything", False),
    ],
)
def test_stands_in_needs_whole_figures(printed: str, paragraph: str, stands: bool) -> None:
    assert stands_in(printed, paragraph) is stands


@pytest.mark.parametrize(
    ("printed", "paragraph", "stands"),
    [
        ("$160B", "reached $160 billion", True),
        ("USD 159.499 billion", "USD159.499bn", True),
        ("¥1,135.16 billion", "1135.16 billion yuan", True),
        ("$160B", "1160 or 160.5", False),
        ("20", "the H20 part", False),
        ("17.4%", "fell -17.4%", False),
        ("five times higher", "it is five times higher", True),
        ("five times higher", "it is 5 times higher", False),
    ],
)
def test_number_stands_in_whatever_the_unit(printed: str, paragraph: str, stands: bool) -> None:
    assert number_stands_in(printed, paragraph) is stands


def test_eight_words_of_the_article_are_refused(tmp_path: Path) -> None:
    eight = "Exports of chips from Atlantis reached $2.5 billion"
    row = f"Z-1,Z01,,$2.5B,{eight}.\n"
    finding = only(verify_article(write_article(tmp_path, row), TEXT))
    assert "words of our own" in finding.message


def test_seven_words_of_the_article_are_ours_to_use(tmp_path: Path) -> None:
    row = "Z-1,Z01,,$2.5B,exports of chips from Atlantis reached $2.5 bn.\n"
    assert verify_article(write_article(tmp_path, row), TEXT) == []


def test_changed_text_is_a_missing_text(tmp_path: Path) -> None:
    folder = write_article(tmp_path)
    (tmp_path / "texts" / "any-name.txt").write_bytes(TEXT.encode() + b" ")
    report = verify_articles(tmp_path / "articles", tmp_path / "texts")
    assert not report.ok
    assert "has the sha256" in only(list(report.findings)).message
    assert report.findings[0].file == str(folder / "source.yml")
    assert report.unmatched_texts == (str(tmp_path / "texts" / "any-name.txt"),)


def test_text_that_is_not_utf8_is_a_finding(tmp_path: Path) -> None:
    folder = write_article(tmp_path)
    content = TEXT.encode("utf-16")
    (tmp_path / "texts" / "any-name.txt").write_bytes(content)
    source = (folder / "source.yml").read_text(encoding="utf-8").splitlines()[:2]
    source.append(f"text_sha256: {hashlib.sha256(content).hexdigest()}")
    (folder / "source.yml").write_text("\n".join(source), encoding="utf-8")
    report = verify_articles(tmp_path / "articles", tmp_path / "texts")
    assert "not UTF-8" in only(list(report.findings)).message


def test_broken_source_or_claims_file_is_a_finding(tmp_path: Path) -> None:
    folder = write_article(tmp_path, letter="zz")
    assert "one to three capital letters" in only(verify_article(folder, TEXT)).message
    (folder / "source.yml").write_text("article_id: [", encoding="utf-8")
    assert "UTF-8 YAML" in verify_article(folder, TEXT)[0].message
    (folder / "source.yml").unlink()
    assert "cannot be read" in verify_article(folder, TEXT)[0].message


def test_missing_column_and_repeated_id_are_findings(tmp_path: Path) -> None:
    folder = write_article(tmp_path, GOOD + GOOD.splitlines()[0] + "\n")
    assert "stands 2 times" in only(verify_article(folder, TEXT)).message
    (folder / "claims.csv").write_text("claim_id,paragraph\n", encoding="utf-8")
    assert "in_own_words" in only(verify_article(folder, TEXT)).message


def test_shipped_claims_stand_in_the_articles() -> None:
    if not list(HELD_TEXTS.glob("*.txt")):
        pytest.skip("the two article texts are not ours to ship and are not beside the checkout")
    report = verify_articles(ROOT / "raw" / "articles", HELD_TEXTS)
    assert report.findings == ()
    assert report.claims_checked >= 47
