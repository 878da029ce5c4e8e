"""Reads one printed figure ("$160B", "17.4%", "roughly five times higher") into intervals.

What belongs here: the text of a single figure, its modality, and every value the writer may have
rounded to get that text. What does not: which claim a figure belongs to, verdicts, files, SQL.

Where the rules come from:

* A figure stays a string until it is judged, because "160" and "160.0" are not the same statement
  (Brown & Heathers 2017, GRIM test). A figure with d decimals stands for +-1/2 * 10^-d of its
  scale; both ends are kept, since round-half-up and round-half-even are both in use.
* An integer with trailing zeros does not show its precision (the significant-figures convention
  of any physics textbook), so each plausible precision is a reading of its own, finest first.
* "k times higher" is used for k times the base and for the base plus k times the base, so both
  are kept. "k times as high" has one meaning.
* A fraction in words ("a third", "3 in 4") is a share in per cent, and always "about".
* A range ("10 to 15 %", "between $3 and $4 billion") is one interval, from the lower end of the one
  figure to the upper end of the other.
* "about" has no standard width: it is a parameter (`about_pct`, per cent of the value).
* A comma before one or two last digits is a decimal comma ("5,3 %"), one before three a thousands comma
  ("5,300"); Indian groups ("1,00,000") are read too.
* A sign that several currencies share is that of the claim (`currency`), else dollars or yuan.

Values are in base units: dollars, yuan, euros, per cent (17.4 means 17.4 %), percentage points,
items, nanometres, months, times. A year is its number (2027), a calendar month is YYYYMM (202210).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal, localcontext
from typing import Literal

from orchestration.claims.words import (
    ABOUT,
    AT_LEAST,
    AT_MOST,
    CURRENCIES,
    MONTHS,
    MULTIPLES,
    NUMBER_WORDS,
    ORDINALS,
    SCALES,
    SHARED_SIGNS,
    UNITS,
    one_of,
)

MODALITIES = ("exact", "about", "at_least", "at_most", "forecast", "ratio", "qualitative")

_Kind = Literal["amount", "exact", "date", "times", "times_more", "magnitude", "fraction"]
_PRECISION = 120  # decimal digits carried, so that no step of ours rounds
_MAX_LENGTH = 100  # characters: a printed figure is never a sentence

_NAMES = {"USD": "US dollars", "CNY": "Chinese yuan", "JPY": "Japanese yen", "HKD": "Hong Kong dollars",
          "TWD": "Taiwan dollars"}  # fmt: skip
_PREFIX = re.compile(
    rf"(?:(?P<about>{ABOUT})|(?P<at_least>{AT_LEAST})|(?P<at_most>{AT_MOST})|by|in|to|since)\s+"
    r"|(?:(?P<about2>[~≈])|(?P<at_least2>[>≥])|(?P<at_most2>[<≤]))\s*",
    re.IGNORECASE,
)
_SUFFIX = re.compile(
    r"(?:(?P<at_least>\+|\s+(?:or more|or above|and above|or higher))"
    r"|(?P<at_most>\s+(?:or less|or fewer|or below|and below|or lower)))$",
    re.IGNORECASE,
)


# A year before a comma is not the whole part of a number ("in 2019,20 % ...").
_DECIMAL_COMMA = r"(?:[0-9]{1,3}(?:\.[0-9]{3})+|(?!(?:19|20)[0-9]{2},)[0-9]+),[0-9]{1,2}(?![0-9.,])"
NUMBER = (
    rf"(?:{_DECIMAL_COMMA}|(?:[0-9]{{1,3}}(?:,[0-9]{{3}})+|[0-9]{{1,2}}(?:,[0-9]{{2}})+,[0-9]{{3}}|[0-9]+)"
    r"(?:\.[0-9]+)?)"
)
# What stands for a number before a scale word: 'a billion', 'half a million'.
_ARTICLE_SCALES = "hundred|thousand|million|billion|trillion|lakh|crore"
_AMOUNT = re.compile(
    rf"(?P<sign>[-+])?\s*(?P<before>{one_of(CURRENCIES)})?\s*(?P<sign2>[-+])?"
    rf"(?P<number>{NUMBER})"
    rf"(?:[\s-]*(?:(?P<times>hundred|thousand)[\s-]+)?(?P<scale>{one_of(SCALES)})(?![a-z]))?"
    rf"(?:[\s-]*(?:d(?:e\s|['’]))?(?P<after>{one_of(CURRENCIES)}))?"
    rf"(?:[\s-]*(?P<unit>{one_of(UNITS)}))?",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?P<year>(?:19|20)[0-9]{2})年?")
_MONTH = re.compile(
    rf"(?P<name>{'|'.join(f'{m[:3]}(?:{m[3:]}|t)?' for m in MONTHS)})\.?\s+(?P<year>[0-9]{{4}})"
    r"|(?P<year2>[0-9]{4})(?:-|年)(?P<month>[0-9]{1,2})月?",
    re.IGNORECASE,
)
_DURATION = re.compile(
    # 'three-quarters' are a part, 'three quarters in a row' a time.
    rf"(?![0-9]+-quarters?$)(?P<number>{NUMBER})[\s-]+(?:(?:consecutive|straight|successive)\s+)?"
    r"(?P<unit>month|quarter|year|week|day)s?(?:\s+in a row|\s+running)?"
    rf"|(?:(?P<word>{one_of(ORDINALS)})|(?P<digits>[0-9]+)(?:st|nd|rd|th))\s+"
    r"(?:(?:consecutive|straight|successive)\s+(?P<unit2>month|quarter|year|week|day)"
    r"|(?P<unit3>month|quarter|year|week|day)\s+(?:in a row|running))",
    re.IGNORECASE,
)
_RANK = re.compile(
    rf"(?:(?P<word>{one_of(ORDINALS)})|(?P<digits>[0-9]+)(?:st|nd|rd|th)|no\.\s*(?P<no>[0-9]+))"
    r"(?:[\s-](?:largest|biggest))?|(?P<top>largest|biggest)",
    re.IGNORECASE,
)
_TIMES = re.compile(
    rf"(?P<number>{NUMBER})(?:\s+times(?:\s+(?P<more>higher|more|larger|greater|bigger)(?:\s+than)?"
    r"|\s+as\s+(?:high|many|much|large|big|great)(?:\s+as)?)?|[\s-]?fold|\s?[x×])"
    rf"|(?P<word>{one_of(MULTIPLES)})|(?P<half>half)\s+as\s+(?:high|many|much|large|big|great)(?:\s+as)?",
    re.IGNORECASE,
)
_MAGNITUDE = re.compile(
    rf"(?:(?P<power>ten|hundred)s\s+of\s+)?(?P<scale>million|billion|trillion)s(?:\s+of\s+(?P<currency>{one_of(CURRENCIES)}))?",
    re.IGNORECASE,
)
_PARTS = {
    "half": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
    "eighth": 8, "ninth": 9, "tenth": 10,
}  # fmt: skip
_FRACTION = re.compile(
    rf"(?P<top>{NUMBER})\s+(?:in|out of)\s+(?P<bottom>{NUMBER})"
    rf"|(?P<count>an?|[0-9]+)[\s-]+(?P<part>{one_of(_PARTS)})s?|(?P<half>half)",
    re.IGNORECASE,
)
# Chinese words for parts and multiples, each with the English form that is read in its place.
_CHINESE_DIGITS = "一二三四五六七八九"
_CHINESE_NUMBER = r"[一二两三四五六七八九十百]+"
_CHINESE_COUNT = rf"(?:{_CHINESE_NUMBER}|[0-9]+(?:\.[0-9]+)?)"
_CHINESE: tuple[tuple[str, Callable[[list[str]], str]], ...] = (
    (rf"百分之({_CHINESE_COUNT})", lambda found: f"{found[0]}%"),
    (rf"({_CHINESE_COUNT})分之({_CHINESE_COUNT})", lambda found: f"{found[1]} in {found[0]}"),
    (r"([一二两三四五六七八九]|[0-9](?:\.[0-9])?)成", lambda found: f"{Decimal(found[0]) * 10:f}%"),
    (rf"({_CHINESE_COUNT})倍", lambda found: f"{found[0]} times"),
    (r"翻了?一?番", lambda _: "doubled"),
    (r"翻了?两番", lambda _: "quadrupled"),
    (r"减半|腰斩", lambda _: "halved"),
    (r"一半|半数", lambda _: "half"),
)
CHINESE_FIGURE = "|".join(pattern.replace("(?:", "(").replace("(", "(?:") for pattern, _ in _CHINESE)
_RANGE = re.compile(
    rf"(?:(?P<between>between)\s+)?(?P<left>[^0-9]*?{NUMBER}[^0-9]*?)"
    rf"\s*(?P<joint>-|\u2013|\u2014|~|to\b|and\b|至|到)\s*(?P<right>[^0-9-]*{NUMBER}[^0-9]*)",
    re.IGNORECASE,
)


class PrintedFigureError(ValueError):
    """A text that is not one printed figure; the message names the text and what was expected."""


@dataclass(frozen=True)
class Reading:
    """One way to read a printed figure, in base units (see the module's docstring)."""

    reading: int
    """1 is the finest precision (or, of 'k times higher', the reading k)."""
    value: Decimal
    """The figure times its scale."""
    low: Decimal | None
    """Lower end of the closed interval; None when nothing bounds it."""
    high: Decimal | None
    """Upper end of the closed interval; None when nothing bounds it."""
    half_unit: Decimal
    """Half a unit of the last digit taken as meant, not widened by 'about'; 0: exact."""
    significant_figures: int | None
    """Digits taken as meant; None where the idea does not apply (dates, ranks, node names)."""
    unit: str | None
    """USD, CNY, EUR, percent, percentage_points, months, year, month, nm, times, rank, ..."""
    currency: str | None
    """ISO 4217 code, or None."""
    note: str
    """What was assumed, in plain words; empty when nothing was."""


@dataclass(frozen=True)
class _Figure:
    """A figure taken apart: digits still as printed (sign, no thousands commas)."""

    kind: _Kind
    number: str
    scale: Decimal = Decimal(1)
    unit: str | None = None
    currency: str | None = None
    note: str = ""


@dataclass(frozen=True)
class _Precision:
    """A value with the precision it may have been rounded to."""

    value: Decimal
    half_unit: Decimal
    significant_figures: int | None
    note: str = ""


def parse_printed(
    text: str,
    modality: str = "exact",
    *,
    about_pct: Decimal = Decimal("5"),
    currency: str | None = None,
) -> list[Reading]:
    """Every plausible reading of one printed figure, finest precision first.

    `modality` says how the article states it; words in the text ("around", "up to") count as well
    unless the modality already says about, at_least or at_most. `about_pct` is the half width of
    "about" in per cent of the value; the half unit is kept where it is wider. `currency` is what is known
    of the currency: it decides between those that share the printed sign, and nothing else.
    """
    if modality not in MODALITIES:
        raise PrintedFigureError(
            f"modality {modality!r} is not known: expected one of {', '.join(MODALITIES)}"
        )
    if about_pct < 0:
        raise PrintedFigureError(f"about_pct is {about_pct}: expected a percentage of 0 or more")
    core, stated = _strip_qualifiers(_normalise(text), text)
    if modality in ("about", "at_least", "at_most"):
        stated = modality
    with localcontext() as context:
        context.prec = _PRECISION
        if ends := _range_ends(core):
            return [_read_range(*ends, text, currency)]
        figure = _take_apart(core, text, currency)
        precisions = list(_precisions(figure))
        if stated in ("at_least", "at_most") and figure.kind == "amount":
            precisions = precisions[:1]  # a bound is taken as printed: its precision is no matter
        return [
            _reading(number, figure, precision, stated, about_pct)
            for number, precision in enumerate(precisions, start=1)
        ]


def _range_ends(core: str) -> tuple[str, str] | None:
    """Both figures of a range, the first with the unit of the second; None where the text is no range."""
    match = _RANGE.fullmatch(core)
    if match is None or _MONTH.fullmatch(core) or (match["joint"].lower() == "and") != bool(match["between"]):
        return None
    digits = re.search(NUMBER, match["right"])
    assert digits is not None
    before, after = match["right"][: digits.start()], match["right"][digits.end() :]
    if not (before + after).strip():
        return None  # '2019-2024' and '10-15' do not say what they count
    left, right = match["left"].strip(), match["right"].strip()
    if left[-1].isdigit():
        left += after
    elif match["joint"].lower() == "to":
        return None  # '34% to 47%' may be a change: two figures
    if left[0].isdigit():
        left = before + left
    elif right[0].isdigit():
        right = re.split(r"[0-9]", left)[0] + right
    return left, right


def _read_range(left: str, right: str, text: str, meant: str | None) -> Reading:
    """One closed interval over both figures at their finest precision; the value is its middle."""
    first, last = (parse_printed(end, currency=meant)[0] for end in (left, right))
    if first.unit not in (last.unit, None) or first.low is None or last.high is None:
        raise PrintedFigureError(f"{text!r} has two units: expected a range of one unit")
    if first.value >= last.value:
        raise PrintedFigureError(f"{text!r} falls: expected a range from the smaller to the larger figure")
    return Reading(
        reading=1,
        value=_tidy((first.value + last.value) / 2),
        low=first.low,
        high=last.high,
        half_unit=max(first.half_unit, last.half_unit),
        significant_figures=None,
        unit=last.unit,
        currency=last.currency,
        note=_join(last.note, "a range; the value is its middle"),
    )


def rounds_twice(value: Decimal, printed: Reading) -> bool:
    """Whether `value` gives the printed figure only by way of a rounding with one digit more.

    159.499 does not round to 160 at the unit, but 159.499 -> 159.5 -> 160 does. `value` is in the
    base units of `printed`. A tie may go either way, at both steps.
    """
    half = printed.half_unit
    if half == 0:
        return False
    with localcontext() as context:
        context.prec = _PRECISION
        if abs(value - printed.value) <= half:
            return False
        step = half / 5  # a tenth of the unit of the last digit
        between = (
            (value / step).quantize(Decimal(1), rounding=mode) * step
            for mode in (ROUND_HALF_UP, ROUND_HALF_DOWN)
        )
        return any(abs(rounded - printed.value) <= half for rounded in between)


def _normalise(text: str) -> str:
    """Full-width characters, no-break spaces and the minus sign in their plain ASCII form."""
    plain = "".join(chr(ord(c) - 0xFEE0) if "\uff01" <= c <= "\uff5e" else c for c in text)
    plain = plain.replace("\uffe5", "¥").replace("\u2212", "-").replace("\u2011", "-")
    plain = re.sub(r"\s+", " ", plain).strip()
    if not plain:
        raise PrintedFigureError(f"the text {text!r} is empty: expected one printed figure")
    if len(plain) > _MAX_LENGTH:
        raise PrintedFigureError(
            f"the text {text[:30]!r}... has {len(plain)} characters: "
            f"expected one figure of at most {_MAX_LENGTH}"
        )
    return plain


def _strip_qualifiers(plain: str, text: str) -> tuple[str, str]:
    """The figure without words such as 'around' or 'up to', and the modality these words state."""
    stated: set[str] = set()
    while match := _PREFIX.match(plain):
        stated |= {name.rstrip("2") for name, found in match.groupdict().items() if found}
        plain = plain[match.end() :]
    if match := _SUFFIX.search(plain):
        stated |= {name for name, found in match.groupdict().items() if found}
        plain = plain[: match.start()]
    if {"at_least", "at_most"} <= stated:
        raise PrintedFigureError(
            f"{text!r} states a lower and an upper bound: expected one figure with one bound"
        )
    bound = (stated - {"about"}) or stated  # 'up to around 100' is a bound
    return plain, bound.pop() if bound else "exact"


def _take_apart(core: str, text: str, meant: str | None) -> _Figure:
    """The one form of figure that the whole text fits; refused when it fits none."""
    for pattern, english in _CHINESE:
        if match := re.fullmatch(pattern, core):
            core = english([_chinese_number(found) for found in match.groups()])
            break
    core = re.sub(
        rf"\b(?P<half>half\s+)?an?(?=[\s-]+(?:{_ARTICLE_SCALES})\b)",
        lambda match: "0.5" if match["half"] else "1",
        core,
        flags=re.IGNORECASE,
    )
    digits = re.sub(
        rf"\b({one_of(NUMBER_WORDS)})(?=\b|fold)",
        lambda match: NUMBER_WORDS[match[1].lower()],
        core,
        flags=re.IGNORECASE,
    )
    for form, read in (
        (_MONTH, _read_month),
        (_YEAR, _read_year),
        (_DURATION, _read_duration),
        (_RANK, _read_rank),
        (_FRACTION, _read_fraction),
        (_TIMES, _read_times),
        (_MAGNITUDE, _read_magnitude),
    ):
        if match := form.fullmatch(digits):
            return read(match, text)
    if match := _AMOUNT.fullmatch(digits):
        return _read_amount(match, text, meant)
    raise _refusal(digits, text)


def _chinese_number(text: str) -> str:
    """'二十五' as 25; digits stay as they are."""
    if text[0].isascii():
        return text
    total = digit = 0
    for sign in text.replace("两", "二"):
        if sign in "十百":
            total += (digit or 1) * (10 if sign == "十" else 100)
            digit = 0
        else:
            digit = _CHINESE_DIGITS.index(sign) + 1
    return str(total + digit)


def _read_month(match: re.Match[str], text: str) -> _Figure:
    """'October 2022' or '2022-10' as 202210."""
    if match["name"]:
        names = [month[:3] for month in MONTHS]
        month = names.index(match["name"][:3].lower()) + 1
    else:
        month = int(match["month"])
    if not 1 <= month <= 12:
        raise PrintedFigureError(f"{text!r} has month {month}: expected a month from 1 to 12")
    return _Figure("date", f"{match['year'] or match['year2']}{month:02d}", unit="month")


def _read_year(match: re.Match[str], _text: str) -> _Figure:
    """A bare number from 1900 to 2099 is a year, not a count."""
    return _Figure("date", match["year"], unit="year")


def _read_duration(match: re.Match[str], _text: str) -> _Figure:
    """'14 consecutive months' and 'the 14th consecutive month' are a count of months."""
    unit = match["unit"] or match["unit2"] or match["unit3"]
    number = match["number"] or match["digits"] or ORDINALS[match["word"].lower()]
    return _Figure("exact", _plain(number), unit=f"{unit.lower()}s")


def _read_rank(match: re.Match[str], _text: str) -> _Figure:
    """'second-largest' is rank 2, 'largest' is rank 1."""
    if match["top"]:
        return _Figure("exact", "1", unit="rank")
    word = match["word"]
    digits = ORDINALS[word.lower()] if word else match["digits"] or match["no"]
    return _Figure("exact", digits, unit="rank")


def _read_fraction(match: re.Match[str], text: str) -> _Figure:
    """'a third' and '1 in 3' as 33.33333333 per cent."""
    if match["half"]:
        top, bottom = Decimal(1), Decimal(2)
    elif match["part"]:
        top = Decimal(match["count"] if match["count"].isdigit() else 1)
        bottom = Decimal(_PARTS[match["part"].lower()])
    else:
        top, bottom = Decimal(_plain(match["top"])), Decimal(_plain(match["bottom"]))
    if not 0 < top <= bottom:
        raise PrintedFigureError(f"{text!r} is no part of a whole: expected a fraction of at most one")
    share = (100 * top / bottom).quantize(Decimal("1e-8"))
    return _Figure("fraction", f"{share}", unit="percent", note="a fraction in words")


def _read_times(match: re.Match[str], _text: str) -> _Figure:
    """'five times', 'fivefold', '5x', 'double'; 'five times higher' has two meanings."""
    if match["half"]:
        return _Figure("times", "0.5", unit="times")
    word = match["word"]
    number = MULTIPLES[word.lower()] if word else _plain(match["number"])
    return _Figure("times_more" if match["more"] else "times", number, unit="times")


def _read_magnitude(match: re.Match[str], _text: str) -> _Figure:
    """'billions of dollars': up to where the next scale word begins; 'tens of' and 'hundreds of' too."""
    currency = CURRENCIES[match["currency"].lower()] if match["currency"] else None
    scale = Decimal(10) ** SCALES[match["scale"].lower()]
    number = {"ten": "10", "hundred": "100"}.get((match["power"] or "").lower(), "1")
    return _Figure("magnitude", number, scale, currency, currency, "order of magnitude only")


def _read_amount(match: re.Match[str], text: str, meant: str | None) -> _Figure:
    """An amount with its currency, scale and unit, each printed at most once."""
    currency, note = _currency(match, text, meant)
    unit = UNITS[match["unit"].lower()] if match["unit"] else None
    scaled = match["scale"] is not None
    if (currency and unit) or (scaled and unit in ("percent", "percentage_points", "nm")):
        raise PrintedFigureError(
            f"{text!r} has two units: expected a currency, a scale with items, or one unit"
        )
    if match["sign"] and match["sign2"]:
        raise PrintedFigureError(f"{text!r} has two signs: expected one")
    sign = "-" if "-" in (match["sign"], match["sign2"]) else ""
    number = sign + _plain(match["number"])
    if unit == "nm":
        return _Figure("exact", number, unit="nm", note="a node name, not a rounded length")
    scale = _scale(match, currency, text)
    return _Figure("amount", number, scale, currency or unit, currency, note)


def _currency(match: re.Match[str], text: str, meant: str | None) -> tuple[str | None, str]:
    """The currency and what was assumed about its sign."""
    signs = [sign.lower() for sign in (match["before"], match["after"]) if sign]
    if len(signs) == 1 and (shared := SHARED_SIGNS.get(signs[0])):
        code = meant if meant in shared else shared[0]
        is_plain = signs[0] == "元" and code == "CNY"  # a word as much as a sign
        return code, "" if is_plain else f"{signs[0]} read as {_NAMES[code]}"
    codes = {CURRENCIES[sign] for sign in signs}
    if len(codes) > 1:
        raise PrintedFigureError(f"{text!r} has two currencies: expected one")
    return (codes.pop() if codes else None), ""


def _scale(match: re.Match[str], currency: str | None, text: str) -> Decimal:
    """The factor of the scale words; 'm' and 'b' count only beside a currency, 't' never."""
    word = match["scale"]
    if word is None:
        return Decimal(1)
    if word == "t" or (word in ("m", "b") and currency is None):
        raise PrintedFigureError(
            f"{word!r} in {text!r} may be a unit or a scale: expected a scale word or K, M, B, T"
        )
    if match["times"] and SCALES[word.lower()] < 6:
        raise PrintedFigureError(f"{text!r} has two scale words: expected one, or 'hundred million'")
    power = SCALES[word.lower()] + (SCALES[match["times"].lower()] if match["times"] else 0)
    return Decimal(10) ** power


def _plain(number: str) -> str:
    """The digits with a decimal point and no groups; the form has already checked the groups."""
    if re.fullmatch(_DECIMAL_COMMA, number):
        return number.replace(".", "").replace(",", ".")
    return number.replace(",", "")


def _precisions(figure: _Figure) -> Iterator[_Precision]:
    """Each value and precision the figure may stand for."""
    value = Decimal(figure.number) * figure.scale
    if figure.kind in ("date", "exact", "magnitude", "fraction"):
        yield _Precision(value, Decimal(0), None)
    elif figure.kind == "amount":
        yield from _amount_precisions(figure.number, figure.scale)
    else:
        decimals = _decimals(figure.number)
        half = Decimal(5).scaleb(-decimals - 1)
        digits = _significant(figure.number)
        if figure.kind == "times":
            yield _Precision(value, half, digits)
        else:
            yield _Precision(value, half, digits, "read as that many times the base")
            yield _Precision(value + 1, half, digits, "read as that many times more than the base")


def _amount_precisions(number: str, scale: Decimal) -> Iterator[_Precision]:
    """One precision for a figure with decimals; one for each trailing zero of an integer."""
    value = Decimal(number) * scale
    digits = _significant(number)
    if "." in number or value == 0:
        yield _Precision(value, Decimal(5).scaleb(-_decimals(number) - 1) * scale, digits)
        return
    zeros = len(number) - len(number.rstrip("0"))
    for dropped in range(zeros + 1):
        kept = digits - dropped
        note = f"{kept} of {digits} digits taken as meant" if zeros else ""
        yield _Precision(value, Decimal(5).scaleb(dropped - 1) * scale, kept, note)


def _decimals(number: str) -> int:
    """Digits after the decimal point."""
    return len(number.partition(".")[2])


def _significant(number: str) -> int:
    """Digits from the first that is not zero; a bare zero has one."""
    return max(1, len(number.lstrip("-").replace(".", "").lstrip("0")))


def _reading(number: int, figure: _Figure, precision: _Precision, stated: str, about_pct: Decimal) -> Reading:
    """The closed interval of one precision under the modality stated."""
    value, half = precision.value, precision.half_unit
    low: Decimal | None = value - half
    high: Decimal | None = value + half
    note = "; ".join(part for part in (figure.note, precision.note) if part)
    if figure.kind == "magnitude":
        high = value * (1000 if figure.number == "1" else 10)
    elif stated == "at_least":
        low, high, note = value, None, _join(note, "lower bound as printed")
    elif stated == "at_most":
        low, high, note = None, value, _join(note, "upper bound as printed")
    elif stated == "about" and figure.kind == "date":
        note = _join(note, "'about' does not widen a date")
    elif stated == "about" or figure.kind == "fraction":
        width = max(half, abs(value) * about_pct / 100)
        low, high = value - width, value + width
        note = _join(note, f"about: at least {about_pct} % either way")
    return Reading(
        reading=number,
        value=_tidy(value),
        low=None if low is None else _tidy(low),
        high=None if high is None else _tidy(high),
        half_unit=_tidy(half),
        significant_figures=precision.significant_figures,
        unit=figure.unit,
        currency=figure.currency,
        note=note,
    )


def _tidy(number: Decimal) -> Decimal:
    """The same number without trailing zeros or an exponent."""
    return Decimal(f"{number.normalize():f}")


def _join(note: str, more: str) -> str:
    """Two notes as one."""
    return f"{note}; {more}" if note else more


def _refusal(digits: str, text: str) -> PrintedFigureError:
    """Why no form fits, in one sentence."""
    numbers = [found.rstrip(".,") for found in re.findall(r"[0-9][0-9.,]*", digits)]
    malformed = [found for found in numbers if not re.fullmatch(NUMBER, found)]
    if not numbers:
        return PrintedFigureError(f"there is no number in {text!r}: expected one figure, such as '17.4%'")
    if malformed:
        return PrintedFigureError(
            f"{malformed[0]!r} in {text!r} is not a number: "
            "expected thousands in groups of three and one decimal point"
        )
    if len(numbers) > 1:
        return PrintedFigureError(f"{text!r} has {len(numbers)} numbers ({', '.join(numbers)}): expected one")
    return PrintedFigureError(
        f"{text!r} is not a figure we can read: expected {numbers[0]!r} "
        "with a known currency, scale word or unit and nothing else"
    )
