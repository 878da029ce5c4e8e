"""Drafting the claims of a new article: which numbers are figures, which are not, and how good it is.

Belongs here: the drafter alone, on sentences and on the two articles. Their texts are not ours to keep, so
the measurement runs where they are held. The command as it is typed is test_refresh's.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from orchestration.claims.article import NewArticle, new_article
from orchestration.claims.draft import Draft, draft_claims, merge_repeats
from orchestration.claims.printed import parse_printed
from orchestration.claims.verify import number_paragraphs

ROOT = Path(__file__).resolve().parents[1]
ARTICLES = ROOT / "raw" / "articles"
HELD_TEXTS = ROOT.parent / "shared" / "seeds"


def printed(text: str) -> list[str]:
    return [item.printed for item in draft_claims(text, "Z")]


def only(text: str) -> Draft:
    (item,) = draft_claims(text, "Z")
    return item


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("中国集成电路出口9567.7亿元，同比下降5%。", ["9567.7亿元", "5%"]),
        ("2024年，集成电路出口额达1.14万亿元，增长１７.４％。", ["1.14万亿元", "１７.４％"]),
        ("Europe pledged €43 billion, Tokyo 3.9 trillion yen and Taipei NT$300 billion.",
         ["€43 billion", "3.9 trillion yen", "NT$300 billion"]),
        ("Exports fell by a third in 2023 and two-thirds of the plants closed.", ["a third", "two-thirds"]),
        ("Nearly 3 in 4 chips are imported; one in five is resold.", ["3 in 4", "one in five"]),
        ("Sales grew 10-15% on orders of $30–40 billion, or between 3 and 4 billion units.",
         ["10-15%", "$30–40 billion", "between 3 and 4 billion units"]),
        ("The share rose from 34% to 47%.", ["34%", "47%"]),
        ("In Q3 2024 exports rose 5.2%; in the third quarter of 2023 they fell 3 per cent.",
         ["5.2%", "3 per cent"]),
        ("Under Section 301, duties on HS 8542 and HTS 8541.10 rose to 50% in 2025.", ["50%"]),
        ("The 7nm A100, the RTX-4090 and HBM3E reach 5G phones; the Ascend 910B does not.", ["7nm"]),
        ("Call +1 202-555-0147, (415) 555-2671 or 020 7946 0958.", []),
        ("Output is small [12], as table 3 and figure 4 show (2).", []),
        ("On 14 January 2025, at 10:30, and again on March 3, it met; see 2025-01-14.", []),
        ("From 2019 to 2024, in the 2020s, FY2024 and 2019–2024 nothing changed.", []),
        ("1. First reason\n2) Second reason\n#3 Third reason", []),
        ("https://example.org/5-ways-to-earn-8-3-billion-by-2030/ and news.example.com/40nm", []),
        ("Articles: 2622\nPublished: 3 May 2024\n5 min read\n© 2024 Example, 100% recycled", []),
        ("Beijing doubles down, but companies double output; sales doubled.", ["double", "doubled"]),
        ("Exports rose for 14 straight months, then three quarters in a row.",
         ["14 straight months", "three quarters in a row"]),
        ("Exports rose for the eleventh consecutive month and fell for a 15th month in a row.",
         ["eleventh consecutive month", "15th month in a row"]),
        ("A third party opened a quarter of a century ago, in the first half.", []),
        ("Five million chips and 200,000 wafers, 12 monkeys, 3 visits.", ["Five million chips", "200,000"]),
        ("The S&P 500 fell 1.2% and the Nasdaq 100 by 2%.", ["1.2%", "2%"]),
        ("Capacity is expected to pass Taiwan's by 2027.", ["2027"]),
        ("It opened by 2019.", []),
        ("Sanctions began in October 2022; the fair was in October 2021.", ["October 2022", "October 2021"]),
        ("The world's second-largest foundry, the country's largest exporter.",
         ["second-largest", "largest"]),
        ("It ranked second in China and fifth in Asia.", ["second"]),
        ("Prices halved, stocks quadrupled and half as many plants hold half of the market.",
         ["halved", "quadrupled", "half as many", "half"]),
        ("In the first half of 2024, half a year on, the halves of a wafer and half an hour.", []),
        ("Two-thirds market share, a one-third price drop, down by half.",
         ["Two-thirds", "one-third", "half"]),
        ("Fifty-six percent of them, twenty-one chips and thirty monkeys.",
         ["Fifty-six percent", "twenty-one chips"]),
        ("A trillion-dollar industry sold half a million chips to a buyer.",
         ["A trillion-dollar", "half a million chips"]),
        ("India approved ₹1.26 lakh crore; exports were Rs 76,000 crore, or 1,26,000 units.",
         ["₹1.26 lakh crore", "Rs 76,000 crore", "1,26,000 units"]),
        ("Chinas Chip-Ausfuhren stiegen 2024 um 17,4 Prozent auf 159,5 Milliarden US-Dollar.",
         ["17,4 Prozent", "159,5 Milliarden US-Dollar"]),
        ("Les exportations de puces ont augmenté de 17,4 % pour atteindre 159,5 milliards de dollars.",
         ["17,4 %", "159,5 milliards de dollars"]),
        ("销售额增长近三成，占全球的三分之一，是五年前的两倍，翻了一番；百分之二十五停产，产量减半，3个月。",
         ["三成", "三分之一", "两倍", "翻了一番", "百分之二十五", "减半"]),
        ("进口量5492亿块，手机出口8.14亿台。", ["5492亿块", "8.14亿台"]),
        ("Hundreds of millions of dollars bought three-quarters of it.",
         ["Hundreds of millions of dollars", "three-quarters"]),
        ("昇腾910C年产量不超过20万颗，H20芯片收入120亿美元。", ["20万颗", "120亿美元"]),
        ("($1 = 7.1688 Chinese yuan renminbi)\n\nIssue No. 57\n\n1,204 words. Sales rose 5%.", ["5%"]),
        ("In 2019,20 plants opened; lists such as 1,2 and 3,4 are none.", []),
    ],
)  # fmt: skip
def test_figures_are_found_and_decoys_are_not(text: str, expected: list[str]) -> None:
    assert printed(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("China's 2024 chip exports rose 17.4%; in 2024 unit prices fell.", ["17.4%"]),
        ("© 2025 Chip News", []),
        ("It made 2,024 chips and 2024 million units.", ["2,024 chips", "2024 million units"]),
    ],
)
def test_a_year_before_a_thing_counts_nothing(text: str, expected: list[str]) -> None:
    assert printed(text) == expected


def test_dollars_are_no_american_figure() -> None:
    assert only("Exports came to US$225.5bn.").economy_iso3 == ""
    assert only("US exports of chips came to US$52bn.").economy_iso3 == "USA"


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("Japan's chip exports rose to ¥3.9 trillion.", "JPY"),
        ("Japan's exports to China were ¥3.9 trillion.", "JPY"),
        ("China's exports to Japan were ¥3.9 trillion.", "CNY"),
        ("Tokyo pledged more. The fund is ¥3.9 trillion.", "JPY"),
        ("Japan agreed; in yuan, or RMB, it paid ¥3.9 trillion.", "CNY"),
        ("Exports were ¥3.9 trillion.", "CNY"),
    ],
)
def test_the_sign_of_yen_and_yuan_goes_by_its_context(text: str, currency: str) -> None:
    assert only(text).currency == currency


@pytest.mark.parametrize(
    ("text", "metric", "flow"),
    [
        ("Chinas Ausfuhren von Halbleitern sind um 17,4 Prozent gestiegen.", "growth_yoy", "X"),
        ("Die Chip-Einfuhren Chinas sind gesunken, um 15,4 %.", "decline_yoy", "M"),
        ("Les importations chinoises de semi-conducteurs ont reculé de 15,4 %.", "decline_yoy", "M"),
    ],
)
def test_german_and_french_words_are_read(text: str, metric: str, flow: str) -> None:
    item = only(text)
    assert (item.metric, item.flow, item.economy_iso3) == (metric, flow, "CHN")
    assert item.subject == "integrated_circuits"


def test_equal_figures_of_two_things_stay_two_claims() -> None:
    text = (
        "Korea's chip exports rose 10.4%. China's chip imports rose 10.4%.\n\n"
        "Taiwan's chip exports rose 10.4%.\n\nChina's chip imports rose 10.4%, we said."
    )
    found = merge_repeats(draft_claims(text, "Z"))
    assert [(item.economy_iso3, item.flow, item.paragraph, item.other_paragraphs) for item in found] == [
        ("KOR", "X", "Z01", ()),
        ("CHN", "M", "Z01", ("Z03",)),
        ("TWN", "X", "Z02", ()),
    ]


def test_biography_is_no_claim_but_a_researcher_may_say_a_number() -> None:
    life = (
        "Ada Byron joined Example Labs in 2012 after her master's thesis. She worked at 40 nm and is a "
        "scientist based in Turin."
    )
    assert printed(life) == []
    assert printed("A researcher said that exports rose 17.4% in 2024.") == ["17.4%"]


@pytest.mark.parametrize(
    ("text", "modality", "metric"),
    [
        ("Exports grew by around 17%.", "about", "growth_yoy"),
        ("Exports grew by more than 17%.", "at_least", "growth_yoy"),
        ("Imports fell by up to 17%.", "at_most", "decline_yoy"),
        ("The market is expected to reach $1 trillion.", "forecast", "level"),
        ("Output is five times higher.", "ratio", "ratio"),
        ("China made 60% of it.", "exact", "share"),
        ("Revenue rose 5.4% quarter-on-quarter.", "exact", "growth_sequential"),
        ("进口额同比下降5%。", "exact", "decline_yoy"),
        ("Exports slid 23.7% in 2023.", "exact", "decline_yoy"),
        ("Exports rose 31.5 percent on-year.", "exact", "growth_yoy"),
        ("Imports were +1.1% q/q.", "exact", "growth_sequential"),
        ("Its share fell to 8.1 percent.", "exact", "share"),
        ("Growth slowed to 0.4 per cent.", "exact", "growth_yoy"),
        ("Sales were 20.6% more than a year ago.", "exact", "growth_yoy"),
        ("Sales were 0.7 percent below those of June.", "exact", "decline_yoy"),
        ("Sales fell 5% more than expected.", "exact", "decline_yoy"),
        ("进口集成电路增加10.5%。", "exact", "growth_yoy"),
        ("年产量不超过20万颗。", "at_most", "quantity"),
        ("年产量超过20万颗。", "at_least", "quantity"),
        ("全年出口额有望达到1.3万亿元。", "forecast", "level"),
        ("WSTS now sees sales of $728.0 billion.", "forecast", "level"),
    ],
)
def test_words_around_a_figure_are_read(text: str, modality: str, metric: str) -> None:
    item = only(text)
    assert (item.modality, item.metric) == (modality, metric)


def test_product_economy_flow_and_period_are_guessed() -> None:
    item = draft_claims("Phones aside, China's chip exports in 2024 were worth $159.5 billion.", "Z")[0]
    assert (item.subject, item.economy_iso3) == ("integrated_circuits", "CHN")
    assert (item.flow, item.period) == ("X", "2024")
    assert (item.unit, item.currency, item.metric, item.formula_id) == ("USD", "USD", "level", "level")


def test_repeats_become_other_places() -> None:
    text = "Exports grew 17.4%.\n\nYes, growth was 17.4%.\n\nGrowth was 17.5%."
    first, second = merge_repeats(draft_claims(text, "Z"))
    assert (first.paragraph, first.other_paragraphs) == ("Z01", ("Z02",))
    assert (second.paragraph, second.printed) == ("Z03", "17.5%")


_PIECES = st.sampled_from(
    ["$", "%", "¥", "17.4", "1,000", "159.499", " billion", "bn", " to ", "-", "–", "between ", " and ",
     "2024",
     " in ", "third", "a ", "two", "亿", "元", "nm", "A100", "\n", ". ", "October ", "by ",
     "double", "€", "５", "％",
     "https://", "(", ")", "times", " higher", "largest", "'s ", "\u00a0", "No. ", "\x00", "expected", "0"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=200), st.lists(_PIECES, max_size=30).map("".join)))
@example("")
@example("between 0 in 0 and 1 in 0")
@example("$1,00,000.0.0% - 5-5-5 bn")
def test_any_text_gives_figures_that_stand_where_it_says(text: str) -> None:
    paragraphs = number_paragraphs(text, "Z")
    drafts = draft_claims(text, "Z")
    for item in drafts:
        assert paragraphs[item.paragraph][item.start : item.end] == item.printed != ""
        assert parse_printed(item.printed, item.modality)
    places = [(item.paragraph, item.start) for item in drafts]
    assert places == sorted(set(places))
    assert len(merge_repeats(drafts)) <= len(drafts)


@settings(deadline=None)
@given(st.integers(1, 10**6), st.integers(1, 3), st.sampled_from(["{}%", "${} billion", "{} billion yuan"]))
def test_a_plain_figure_is_always_found(number: int, decimals: int, form: str) -> None:
    figure = form.format(f"{number / 10**decimals:,.{decimals}f}")
    assert printed(f"Exports of chips were {figure} in 2024.") == [figure]


@pytest.mark.parametrize(
    ("text", "given", "language"),
    [
        ("中国集成电路出口增长17.4%。", "", "zh"),
        ("China's exports of 集成电路 rose 17.4%.", "", "en"),
        ("2024: 17.4%", "", "en"),
        ("Les exportations ont augmenté de 17,4 %.", "fr", "fr"),
    ],
)
def test_the_language_of_a_text_is_kept(tmp_path: Path, text: str, given: str, language: str) -> None:
    facts = NewArticle("https://example.org/story", "2025-01-14", slug="story", language=given)
    drafted = new_article(tmp_path, text.encode(), facts, dt.date(2026, 1, 1))
    source = yaml.safe_load((drafted.folder / "source.yml").read_text(encoding="utf-8"))
    assert source["language"] == language and drafted.drafts


def measure(slug: str, text: str) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """(confirmed, drafted), both as paragraph and first number, or the words where there is none."""

    def unit(paragraph: str, figure: str) -> tuple[str, str]:
        digits = re.search(r"[0-9][0-9.,]*", figure)
        return paragraph, digits[0].replace(",", "").rstrip(".") if digits else figure

    with (ARTICLES / slug / "claims.csv").open(encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["printed"]]
    confirmed = {
        unit(place, row["printed"])
        for row in rows
        for place in (row["paragraph"], *row["other_paragraphs"].split())
    }
    letter = rows[0]["claim_id"].split("-")[0]
    return confirmed, {unit(item.paragraph, item.printed) for item in draft_claims(text, letter)}


def test_precision_and_recall_are_those_of_the_documentation() -> None:
    """46 of 46 confirmed figures are drafted, and 46 of 47 drafts are confirmed; docs/claims.md says so."""
    if not HELD_TEXTS.is_dir():
        pytest.skip(f"the articles' texts are not in {HELD_TEXTS}")
    texts = {
        hashlib.sha256(path.read_bytes()).hexdigest(): path.read_bytes().decode("utf-8-sig")
        for path in HELD_TEXTS.glob("*.txt")
    }
    found = wanted = drafted = 0
    missed: set[tuple[str, str]] = set()
    extra: set[tuple[str, str]] = set()
    for source in sorted(ARTICLES.glob("*/source.yml")):
        facts = yaml.safe_load(source.read_text(encoding="utf-8"))
        confirmed, drafts = measure(source.parent.name, texts[facts["text_sha256"]])
        found, wanted, drafted = (
            found + len(confirmed & drafts),
            wanted + len(confirmed),
            drafted + len(drafts),
        )
        missed |= confirmed - drafts
        extra |= drafts - confirmed
    assert (found, wanted, drafted) == (46, 46, 47)
    # B54 names a year for a claim whose figure, a majority, is not printed there.
    assert (missed, extra) == (set(), {("B54", "2027")})
    page = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")
    assert "precision 46 of 47" in page and "recall 46 of 46" in page
