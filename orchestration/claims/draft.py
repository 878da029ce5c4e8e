"""Finds the printed figures of a text that may be claims, for a person to confirm.

What belongs here: which numbers of a text are figures and where they stand, and a guess at what they are
about. What does not: reading a figure as intervals (`printed.py`), files and commands (`article.py`),
and any judgement: a draft is no claim until a person says so.

How it works: what is no claim is masked first (addresses, list numbers, dates, references such as
"Section 301" or "HS 8542", names such as A100 or 5G, biographies). Each form of figure is then searched
for in what is left, the longest first, and no character is used twice. A figure is kept only if
`parse_printed` can read it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from orchestration.claims.printed import CHINESE_FIGURE, NUMBER, PrintedFigureError, parse_printed
from orchestration.claims.verify import number_paragraphs
from orchestration.claims.words import (
    ABOUT,
    AT_LEAST,
    AT_MOST,
    CURRENCIES,
    MONTHS,
    NUMBER_WORDS,
    ORDINALS,
    SCALES,
    UNITS,
    one_of,
)

MASK = "\x00"
_I = re.IGNORECASE

_COUNTED = (
    "chips|semiconductors|wafers|dies|units|pieces|devices|phones|handsets|smartphones|vehicles|cars|GPUs|CPUs|"
    "processors|accelerators|companies|firms|factories|fabs|plants|jobs|workers|employees|engineers|people|"
    "tons|tonnes|patents|machines|tools|systems|servers"
)
# Units that are things: a year may stand before them.
_THINGS = ("chip", "chips", "unit", "units", "piece", "pieces")
# Chinese words for pieces stand beside any number: '3个月' are months. They count beside a scale only.
_COUNTERS = "块个颗片台部"
_MONTH = "|".join(f"{month[:3]}(?:{month[3:]}|t)?" for month in MONTHS)
_WORDS = one_of(NUMBER_WORDS)
# Words that make a number word a figure, beside a blank or a hyphen.
_MEASURES = "|".join(
    one_of({word: "" for word in words if len(word) > 2 or word == "%"})
    for words in (SCALES, UNITS, CURRENCIES)
)
_COUNT = rf"(?:{NUMBER}|{_WORDS})"
_YEAR = r"(?:19|20)[0-9]{2}"
_START, _END = r"(?<![A-Za-z0-9.,])", r"(?![A-Za-z0-9]|[.,][0-9])"

# What looks like a figure and is none.
_DECOYS = tuple(
    re.compile(pattern, flags)
    for pattern, flags in (
        (r"https?://\S+|www\.\S+|\S+@\S+\.\w+", _I),
        (
            r"\b[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:com|org|net|io|cn|co|gov|edu|info|news|me|uk|eu)\b(?:/\S*)?",
            _I,
        ),
        (r"^\(?[0-9]{1,3}[.)]\s|^#\s?[0-9]+\b", _I),
        (
            r"^(?:articles|posts|views|comments|shares|followers|likes|reads|words?|pages?|tel|phone|fax|mobile|"
            r"isbn|issn|doi|published|updated|posted|photo|image|source|tags|related|read(?:ing)? time)"
            r"\s*[:：].*$|^©.*$|^copyright\b.*$|\b[0-9]+[\s-]min(?:ute)?s? read\b|\b[0-9][0-9,]* words\b|"
            r"\bissue\s+(?:no\.?|number|#)\s?[0-9]+\b",
            _I,
        ),
        # The rate at which an agency converts: ($1 = 7.1688 Chinese yuan).
        (rf"\((?:{one_of(CURRENCIES)})\s?1\s?=[^)]*\)", _I),
        (r"\[[0-9]{1,3}\]|\((?:[0-9]{1,2})\)|[\u00b9\u00b2\u00b3\u2070-\u2079]+", _I),
        (
            r"\+[0-9]{1,3}[\s.-]?\(?[0-9]{1,4}\)?(?:[\s.-][0-9]{2,4}){1,4}"
            r"|\(?\b[0-9]{3}\)?[\s.-][0-9]{3}[\s.-][0-9]{4}\b",
            _I,
        ),
        (
            r"\b(?:sections?|sec\.|articles?|chapters?|title|rule|annex|appendix|figures?|fig\.|tables?|exhibit|"
            r"parts?|items?|notes?|footnotes?|pages?|pp?\.|executive order|order|resolution|HS|HTS|SITC|CN|"
            r"(?:sub)?headings?|codes?|phase|version|level|class|type|flight|room|suite|route|highway|floor|"
            r"fortune|s&p|nasdaq|csi|ftse|nikkei|model|step|lesson|tip|reason|covid)"
            r"(?:\s+(?:code|heading|nos?\.|numbers?))?[\s-]*[A-Z]?[0-9][0-9A-Z.,:/\u2013-]*",
            _I,
        ),
        (
            rf"\b[0-9]{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{_MONTH})\b\.?(?:,?\s+{_YEAR})?"
            rf"|\b(?:{_MONTH})\.?\s+[0-9]{{1,2}}(?:st|nd|rd|th)?(?![0-9]|\s*[%$])(?:,?\s+{_YEAR})?"
            r"|\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b|\b[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}\b|\b[0-9]{1,2}:[0-9]{2}\b",
            _I,
        ),
        # Names: letters joined to digits, unless the letters are a currency (USD159) or the digits a unit's.
        # A name ends where Chinese goes on without a blank: 910C年产量20万颗.
        (
            r"(?<![A-Za-z0-9_])(?!(?:USD|US|RMB|CNY|EUR|GBP|JPY|KRW|TWD|HKD|INR|Rs)[0-9])"
            r"[A-Za-z]+-?[0-9][A-Za-z0-9_-]*",
            0,
        ),
        (
            rf"{_START}[0-9]+(?!(?:{one_of(UNITS)}|bn|mn|tn|k|b|m|t|x|st|nd|rd|th|fold)(?![A-Za-z0-9_]))[A-Za-z][A-Za-z0-9_]*",
            _I,
        ),
    )
)
_BIOGRAPHY = (
    r"joined",
    r"graduat\w+",
    r"qualif\w+",
    r"studied|stud(?:y|ies) at",
    r"ph\.?d|mba|b\.?tech|m\.?tech|bachelor\w*|degree",
    r"master[’']?s|thesis",
    r"scientist|professor|lecturer|researcher|fellow",
    r"journalist|reporter|columnist|editor|correspondent|author of|writes (?:about|on)|covers",
    r"work(?:ed|s|ing) (?:at|as|for|in)",
    r"years[’']? (?:of )?experience",
    r"alumn\w+|born in|lives in|based in",
)

_RANK = re.compile(
    rf"(?<![A-Za-z])(?:(?:{one_of(ORDINALS)})[\s-](?:largest|biggest)|No\.\s?[0-9]{{1,2}}(?![0-9]))"
    r"|(?<=[’']s )(?:largest|biggest)\b"
    rf"|(?:(?<=\branked )|(?<=\branks )|(?<=\branking ))(?:{one_of(ORDINALS)})\b",
    _I,
)
_DURATION = re.compile(
    rf"{_START}(?:{_COUNT})[\s-]+(?:consecutive|straight|successive)\s+(?:month|quarter|year|week|day)s?"
    rf"|{_START}(?:{_COUNT})\s+(?:month|quarter|year|week|day)s\s+(?:in a row|running)"
    rf"|{_START}(?:{one_of(ORDINALS)}|[0-9]+(?:st|nd|rd|th))\s+"
    r"(?:(?:consecutive|straight|successive)\s+(?:month|quarter|year|week|day)\b"
    r"|(?:month|quarter|year|week|day)\s+(?:in a row|running))",
    _I,
)
_TIMES = re.compile(
    rf"(?:(?:{ABOUT})\s+)?{_START}(?:{_COUNT})\s+times(?:\s+(?:higher|more|larger|greater|bigger)"
    r"|\s+as\s+(?:high|many|much|large|big|great))?\b"
    rf"|{_START}(?:{NUMBER}|(?:{_WORDS}))-?fold\b|{_START}{NUMBER}[x×](?![A-Za-z0-9])"
    r"|\bhalf\s+as\s+(?:high|many|much|large|big|great)\b"
    r"|\b(?:doubled|doubling|double(?!\s+(?:down|check|standard|digit))|tripl(?:ed?|es|ing)|twice|thrice|"
    r"quadrupl(?:ed?|es|ing)|quintupl(?:ed?|ing)|halved?|halving|halves(?!\s+of))\b",
    _I,
)
_FRACTION = re.compile(
    rf"(?<![\w-])(?:an?|{_WORDS})[\s-](?:third|quarter|fourth|fifth|sixth|seventh|eighth|ninth|tenth)s?"
    r"(?=\s*[,.;)]|\s+(?:of|in|from|to|less|more|lower|higher|last|this|year|compared|as|on|by|since|when)\b|\s*$)"
    rf"(?!\s+of\s+(?:{_YEAR}|an?\s+century))|(?<![\w-])(?:{_COUNT})\s+(?:in|out of)\s+(?:{_COUNT})"
    r"(?![\w-]|[.,][0-9])"
    rf"|(?<![\w-])(?:{_WORDS})-(?:third|quarter|fourth|fifth|sixth|seventh|eighth|ninth|tenth)s?(?![\w-])"
    # Half a year, the first half and a half of something dated are no parts of a whole.
    rf"|(?<!first )(?<!second )(?<!last )(?<!latter )(?<![\w-])half(?=\s+(?:of|the|its|their|all)\b)"
    rf"(?!\s+of\s+(?:{_YEAR}|an?\s|the\s+(?:year|decade|century)))|(?<=\bby )half\b(?!\s+an?\b)",
    _I,
)
_MAGNITUDE = re.compile(
    rf"\b(?:(?:ten|hundred)s\s+of\s+)?(?:m|b|tr)illions\s+of\s+(?:{one_of(CURRENCIES)})\b", _I
)
_CHINESE = re.compile(rf"(?<![0-9.])(?<![0-9],)(?:{CHINESE_FIGURE})")
_AMOUNT = re.compile(
    rf"(?P<sign>(?<![\w)])[-\u2212](?=\s?[$€£¥0-9]))?"
    rf"(?:(?<![A-Za-z])(?P<before>{one_of(CURRENCIES)})\s?)?"
    rf"(?P<number>(?<![A-Za-z0-9.,]){NUMBER}|(?<=USD){NUMBER}|(?<=US\$){NUMBER}|(?<=RMB){NUMBER}|"
    rf"(?<![\w-])(?:{_WORDS})(?=[\s-]+(?:{_MEASURES})(?![A-Za-z]))|"
    r"(?<![\w-])(?:half\s+an?|an?)(?=[\s-]+(?:million|billion|trillion|lakh|crore)\b))"
    rf"(?:[\s-]?(?P<scale>(?:(?:hundred|thousand)[\s-]+)?(?:{one_of(SCALES)}))(?![A-Za-z]))?"
    rf"(?:[\s-]?(?:d(?:e\s|['’]))?(?P<after>{one_of(CURRENCIES)})(?![A-Za-z]))?"
    rf"(?:[\s-]?(?P<unit>{one_of(UNITS)})(?![A-Za-z]))?"
    r"(?![A-Za-z0-9]|[.,][0-9])",
    _I,
)
_JOINT = re.compile(
    rf"(?P<before>(?:{one_of(CURRENCIES)})\s?)?{_START}{NUMBER}"
    r"(?:\s?(?:%|nm)?\s?[-\u2013\u2014~至到]|\s?to)\s?$",
    _I,
)
_BETWEEN = re.compile(rf"\bbetween\s+[^.;0-9]{{0,25}}?{NUMBER}[^.;0-9]{{0,15}}?\s+and\s+$", _I)
_DATED = re.compile(rf"\b(?:{_MONTH})\.?\s+{_YEAR}\b", _I)
_BY_YEAR = re.compile(rf"\bby\s+(?:the end of\s+)?(?P<year>{_YEAR})(?![0-9-])", _I)
_EVENT = re.compile(
    r"\b(?:controls?|restrictions?|bans?|banned|sanctions?|tariffs?|rules?|licen[cs]\w+|law)\b", _I
)
_FORECAST = re.compile(
    r"\b(?:expect\w*|project(?:s|ed|ion)|forecast\w*|predict\w*|will|poised|set to|on track|estimates? that|"
    r"anticipat\w*|could reach|would reach|now sees?|foresees?)\b|预计|预测|预期|有望|将",
    _I,
)
_BEFORE = {
    "about": re.compile(rf"(?:\b(?:{ABOUT}|some|estimated)|[~≈约近])\s*$", _I),
    "at_least": re.compile(rf"(?:\b(?:{AT_LEAST})|[>≥]|(?<!不)超过?|至少|不少于|不低于|逾)\s*$", _I),
    "at_most": re.compile(rf"(?:\b(?:{AT_MOST}|as (?:much|many) as)|[<≤]|不到|不超过?|至多|最多)\s*$", _I),
}
_FALL = re.compile(
    r"\b(?:f[ae]ll\w*|drop\w*|declin\w*|decreas\w*|down|slump\w*|shrank|shrunk|plung\w*|lower|los[st]\w*|shed|tumbl\w*|cut|slid\w*|slip\w*|sank|contract(?:s|ed|ing)|eas(?:ed|ing)|"
    r"gesunken|gefallen|sank\w*|Rückgang|zurückgegangen|recul\w*|baiss\w*|chut\w*)\b|下降|减少|下跌|下滑",
    _I,
)
_RISE = re.compile(
    r"\b(?:r[io]se\w*|rising|gr[eo]w\w*|growth|increas\w*|up(?!\s+to)|surg\w*|soar\w*|jump\w*|climb\w*|gain\w*|advanc\w*|year-on-year|"
    r"yoy|y/y|on-year|expand\w*|gestiegen|stieg\w*|gewachsen|wuchs\w*|Anstieg|Zuwachs|hausse|augment\w*|"
    r"progress\w*)\b|增长|增加|同比|上升|上涨",
    _I,
)
# What stands after a per cent figure that compares: '20.6% more than', '3% below'.
_ABOVE = re.compile(r"\s*(?:(?:more|higher|larger|greater)\s+than|above)\b", _I)
_BELOW = re.compile(r"\s*(?:(?:less|lower|fewer|smaller)\s+than|below)\b", _I)
# What follows these is where a per cent figure arrived or began, not how far it moved.
_REACHED = re.compile(rf"(?<!\bup )\b(?:to|from|reach\w*|at)(?:\s+(?:{ABOUT}|{AT_LEAST}))?\s*$", _I)
_SEQUENTIAL = re.compile(
    r"\s*\(?(?:QoQ|MoM|[qm]/[qm]|(?:quarter|month)-(?:on|over)-(?:quarter|month)|sequential\w*|"
    r"(?:from|over|on) the (?:previous|prior) (?:quarter|month))",
    _I,
)
_SUBJECTS = (
    ("mobile_phones", re.compile(r"\b(?:mobile|smart|cell)\s?-?phones?\b|\bhandsets?\b|手机", _I)),
    (
        "semiconductor_equipment",
        re.compile(r"\b(?:chipmaking|semiconductor|lithography)\s+(?:equipment|tools?)", _I),
    ),
    ("rare_earths", re.compile(r"\brare[\s-]earths?\b|稀土", _I)),
    (
        "integrated_circuits",
        re.compile(
            r"\b(?:integrated circuits?|ICs?|chips?|semiconductors?|Halbleiter\w*|Schaltungen|"
            r"Schaltkreise?n?|circuits intégrés|semi-?conducteurs?|puces?)\b|集成电路|芯片|半导体",
            _I,
        ),
    ),
)
_ECONOMIES = (
    ("CHN", r"\b(?:Chin(?:a|as|ese|e)|[Cc]hinois\w*)\b|\bBeijing\b|\bPeking\b|\bchinesisch\w*|中国"),
    ("TWN", r"\bTa[iï]wan(?:ese|s)?\b|台湾"),
    ("KOR", r"\b(?:South\s+)?Korean?\b|\bSüdkoreas?\b|\bCorée\b|\bSeoul\b|韩国"),
    ("JPN", r"\bJapan(?:ese|s)?\b|\bJapon\b|\bTokyo\b|日本"),
    (
        "USA",
        r"\bU\.S\.|\bUS\b(?!\$)|\bUSA\b|\bUnited States\b|\bÉtats-Unis\b|\bAmerican?\b|\bWashington\b|美国",
    ),
    ("NLD", r"\bNetherlands\b|\bDutch\b|\bNiederlande\b|\bPays-Bas\b|荷兰"),
    ("DEU", r"\bGerman[y]?\b|\bDeutschlands?\b|\bAllemagne\b|德国"),
    ("IND", r"\bIndian?\b|印度"),
    ("HKG", r"\bHong\s?-?Kong\b|香港"),
)
# Which of the two currencies of the sign ¥ a text means, by words that name one, then by the country.
_YEN, _YUAN = re.compile(r"\byen\b|\bJPY\b|日元|円", _I), re.compile(r"\b(?:yuan|RMB|CNY)\b|人民币", _I)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+(?=[A-Z\"“‘$0-9])|(?<=[。！？；])")


@dataclass(frozen=True)
class Draft:
    """One figure of a text. `start` and `end` count characters of the paragraph, from 0, end excluded."""

    paragraph: str
    start: int
    end: int
    printed: str
    unit: str = ""
    currency: str = ""
    subject: str = ""
    metric: str = ""
    economy_iso3: str = ""
    flow: str = ""
    period: str = ""
    base_period: str = ""
    modality: str = "exact"
    formula_id: str = ""
    other_paragraphs: tuple[str, ...] = field(default=())


def draft_claims(text: str, letter: str) -> list[Draft]:
    """Every figure of the text that may be a claim, in the order of the text; any text is allowed.

    A figure that stands in several paragraphs is one draft per paragraph; `merge_repeats` joins them.
    """
    paragraphs = number_paragraphs(text, letter)
    last_fifth = len(paragraphs) - max(5, len(paragraphs) // 5)
    drafts: list[Draft] = []
    for position, (label, paragraph) in enumerate(paragraphs.items()):
        if _is_biography(paragraph, 2 if position >= last_fifth and position else 3):
            continue
        drafts += _of_paragraph(label, paragraph)
    return drafts


def merge_repeats(drafts: list[Draft]) -> list[Draft]:
    """One draft per figure: later ones with the same value, unit and subject become other places."""
    merged: dict[tuple[str, ...], list[Draft]] = {}
    for item in drafts:
        value = parse_printed(item.printed)[0].value
        alike = merged.setdefault((f"{value}", item.unit, item.metric, item.modality), [])
        place = next((number for number, held in enumerate(alike) if _same_thing(held, item)), None)
        if place is None:
            alike.append(item)
        elif item.paragraph not in (alike[place].paragraph, *alike[place].other_paragraphs):
            held = alike[place]
            alike[place] = replace(held, other_paragraphs=(*held.other_paragraphs, item.paragraph))
    # Several figures of one key keep the order of the text, as all drafts do.
    return sorted(
        (held for alike in merged.values() for held in alike),
        key=lambda held: next(number for number, item in enumerate(drafts) if _starts_with(item, held)),
    )


def _same_thing(one: Draft, other: Draft) -> bool:
    """Whether two drafts may speak of the same thing: a guess that is missing contradicts none."""
    pairs = (
        (one.subject, other.subject),
        (one.economy_iso3, other.economy_iso3),
        (one.flow, other.flow),
        (one.period, other.period),
    )
    return all(not a or not b or a == b for a, b in pairs)


def _starts_with(item: Draft, held: Draft) -> bool:
    return (item.paragraph, item.start) == (held.paragraph, held.start)


def _of_paragraph(label: str, paragraph: str) -> list[Draft]:
    """The figures of one paragraph, in their order."""
    free = _mask_decoys(_half_width(paragraph))
    found: list[tuple[int, int]] = []
    for start, end in _figures(free):
        start, end = _trimmed(paragraph, start, end)
        if start < end and not any(start < used_end and end > used_start for used_start, used_end in found):
            printed = paragraph[start:end]
            if _is_readable(printed):
                found.append((start, end))
    found += [
        place for place in _only_years(free, paragraph) if not _shares_sentence(paragraph, place, found)
    ]
    return [_describe(label, paragraph, start, end) for start, end in sorted(found)]


def _figures(free: str) -> Iterator[tuple[int, int]]:
    """Places of figures in masked text, each form in turn; later ones may overlap earlier ones."""
    for match in _DATED.finditer(free):
        if _EVENT.search(_sentence(free, match.start())):
            yield match.span()
    free = _DATED.sub(lambda match: MASK * len(match[0]), free)
    for form in (_DURATION, _TIMES, _FRACTION, _CHINESE, _MAGNITUDE):
        for match in form.finditer(free):
            yield match.span()
    amounts = [match for match in _AMOUNT.finditer(free) if _says_what(match, free)]
    for match in amounts:
        yield from _ranges(free, match)
    for match in amounts:
        yield match.span()
    for match in _RANK.finditer(free):
        yield match.span()


def _says_what(match: re.Match[str], free: str) -> bool:
    """Whether a number is a figure: it has a currency, unit or scale, or counts things."""
    scale = (match["scale"] or "").lower()
    is_year = re.fullmatch(_YEAR, match["number"]) is not None and not scale
    if match["before"] or match["after"]:
        return True
    if match["unit"] and match["unit"] in _COUNTERS:
        return bool(scale)
    if match["unit"]:
        # '2024 chip exports' and 'in 2024 units fell' are dated, not counted.
        return not (is_year and (match["unit"] or "").lower() in _THINGS)
    if scale and (len(scale) > 1 or scale > "\x7f" or scale == "k"):
        return True
    number = match["number"]
    if is_year:
        return False
    counts = re.match(rf"\s+(?:[A-Za-z-]+\s+){{0,3}}?(?:{_COUNTED})\b", free[match.end() :], _I)
    return re.search(r",[0-9]{3}", number) is not None or (counts is not None and number.isdigit())


def _ranges(free: str, match: re.Match[str]) -> Iterator[tuple[int, int]]:
    """The place of the range that an amount ends, if it does: '10-15%', 'between 3 and 4 billion'."""
    before = free[: match.start()]
    joint = _JOINT.search(before)
    if joint and not re.search(r"\bfrom\s+$", before[: joint.start()], _I):
        yield joint.start(), match.end()
    between = _BETWEEN.search(before)
    if between and MASK not in between[0]:
        yield between.start(), match.end()


def _only_years(free: str, paragraph: str) -> Iterator[tuple[int, int]]:
    """Years that are themselves forecast: 'expected to surpass Taiwan by 2027', with no other figure."""
    for match in _BY_YEAR.finditer(free):
        if _FORECAST.search(_sentence(paragraph, match.start())):
            yield match.span("year")


def _shares_sentence(paragraph: str, place: tuple[int, int], found: list[tuple[int, int]]) -> bool:
    sentence = _sentence_span(paragraph, place[0])
    return any(sentence[0] <= start < sentence[1] for start, _ in found)


def _describe(label: str, paragraph: str, start: int, end: int) -> Draft:
    """A draft with a guess at what the figure is about, from its own sentence."""
    printed = paragraph[start:end]
    first, last = _sentence_span(paragraph, start)
    sentence = paragraph[first:last]
    before, after = paragraph[first:start], paragraph[end:last]
    reading = parse_printed(printed, currency=_currency_meant(sentence, paragraph[:start]))[0]
    unit, currency = reading.unit or "", reading.currency or ""
    metric = _metric(unit, currency, before, after)
    modality = _modality(before, after, sentence, metric)
    period = _period(printed, unit, before, after)
    subject = _subject(before, after)
    is_trade = subject in ("integrated_circuits", "mobile_phones") and bool(_flow(sentence))
    formula = {"level": "level", "growth_yoy": "growth_yoy", "decline_yoy": "growth_yoy"}.get(metric, "")
    return Draft(
        paragraph=label,
        start=start,
        end=end,
        printed=printed,
        unit=unit,
        currency=currency,
        subject=subject,
        metric=metric,
        economy_iso3=_economy(before, after),
        flow=_flow(sentence) if is_trade else "",
        period=period,
        modality=modality,
        formula_id=formula if is_trade and modality in ("exact", "about", "at_least", "at_most") else "",
    )


def _metric(unit: str, currency: str, before: str, after: str) -> str:
    """What is said of the subject, by the unit and the words around."""
    near = before[-60:] + " " + after[:40]
    if currency:
        return "level"
    if unit in ("percent", "percentage_points"):
        if re.match(r"\s*of\b", after) or re.search(r"\bshare\b|占", near, _I):
            return "share"
        if _SEQUENTIAL.match(after):
            return "growth_sequential"
        if _REACHED.search(before) and not re.search(r"\bgrowth\b|增速", near, _I):
            return "share"
        falls, rises = list(_FALL.finditer(before)), list(_RISE.finditer(before))
        if falls and (not rises or falls[-1].start() > rises[-1].start()):
            return "decline_yoy"
        if not rises and _BELOW.match(after):
            return "decline_yoy"
        return "growth_yoy" if rises or _ABOVE.match(after) or _RISE.match(after.lstrip()) else "share"
    named = {"nm": "node", "rank": "rank", "times": "ratio", "months": "growth_streak", "month": "event_date"}
    return named.get(unit, "crossover_year" if unit == "year" else "quantity")


def _modality(before: str, after: str, sentence: str, metric: str) -> str:
    for name, words in _BEFORE.items():
        if words.search(before):
            return name
    if re.match(r"\s*(?:or more|or higher|and above|\+)", after, _I):
        return "at_least"
    if re.match(r"[\s-]*(?:or less|or fewer|or below|and below)", after, _I):
        return "at_most"
    if metric == "ratio":
        return "ratio"
    if _FORECAST.search(before[-80:]) and not re.match(rf"\s*(?:globally\s+)?in\s+{_YEAR}", after):
        return "forecast"
    return "forecast" if metric == "crossover_year" and _FORECAST.search(sentence) else "exact"


def _period(printed: str, unit: str, before: str, after: str) -> str:
    """The year or month said of the figure: just after it, else the last before it, else the next."""
    if unit == "year":
        return printed
    if unit == "month":
        value = str(parse_printed(printed)[0].value)
        return f"{value[:4]}-{value[4:]}"
    following = re.match(rf".{{0,25}}?\b(?:in|by|during|for|since)\s+(?P<year>{_YEAR})(?![0-9-])", after)
    if following:
        return following["year"]
    years = re.findall(rf"(?<![0-9$¥€.,-])({_YEAR})(?![0-9,.]?[0-9]|\s*%)", before)
    if years:
        return str(years[-1])
    years = re.findall(rf"(?<![0-9$¥€.,-])({_YEAR})(?![0-9,.]?[0-9]|\s*%)", after)
    return str(years[0]) if years else ""


def _subject(before: str, after: str) -> str:
    """The product named last before the figure, else first after it."""
    held = [(match.end(), name) for name, words in _SUBJECTS for match in words.finditer(before)]
    if held:
        return max(held)[1]
    next_ones = [(match.start(), name) for name, words in _SUBJECTS for match in words.finditer(after)]
    return min(next_ones)[1] if next_ones else ""


def _economy(before: str, after: str) -> str:
    held = [(match.end(), code) for code, words in _ECONOMIES for match in re.finditer(words, before)]
    if held:
        return max(held)[1]
    next_ones = [(match.start(), code) for code, words in _ECONOMIES for match in re.finditer(words, after)]
    return min(next_ones)[1] if next_ones else ""


def _currency_meant(sentence: str, before: str) -> str | None:
    """JPY where a sign ¥ means yen: yen are named, or Japan before China in the sentence, else before it."""
    if yuan := _YUAN.search(sentence) or _YEN.search(sentence):
        return "CNY" if yuan.re is _YUAN else "JPY"
    words = dict(_ECONOMIES)
    countries = re.compile(f"(?P<japan>{words['JPN']})|{words['CHN']}")
    named = countries.search(sentence) or next(reversed(list(countries.finditer(before))), None)
    return "JPY" if named and named["japan"] else None


def _flow(sentence: str) -> str:
    exports = re.search(r"\bexport|\b\w*ausfuhr|出口", sentence, _I)
    imports = re.search(r"\bimport|\b\w*einfuhr|进口", sentence, _I)
    return "" if bool(exports) == bool(imports) else "X" if exports else "M"


def _is_biography(paragraph: str, needed: int) -> bool:
    """Whether a paragraph is about its author: so many different words of a career."""
    return sum(re.search(rf"\b(?:{cue})\b", paragraph, _I) is not None for cue in _BIOGRAPHY) >= needed


def _is_readable(printed: str) -> bool:
    try:
        parse_printed(printed)
    except PrintedFigureError:
        return False
    return True


def _mask_decoys(text: str) -> str:
    """The text with everything that is no claim replaced, character by character."""
    for decoy in _DECOYS:
        text = decoy.sub(lambda match: MASK * len(match[0]), text)
    return text


def _half_width(text: str) -> str:
    """Full-width digits and signs as ASCII, one for one, so that places stay."""
    return "".join(chr(ord(c) - 0xFEE0) if "\uff01" <= c <= "\uff5e" else c for c in text)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The place without spaces at its ends."""
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end


def _sentence_span(text: str, place: int) -> tuple[int, int]:
    """First and last character of the sentence around a place."""
    breaks = [0, *(match.end() for match in _SENTENCE.finditer(text)), len(text)]
    start = max(item for item in breaks if item <= place)
    return start, next((item for item in breaks if item > place), len(text))


def _sentence(text: str, place: int) -> str:
    first, last = _sentence_span(text, place)
    return text[first:last]
