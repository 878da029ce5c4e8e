"""The words and signs of printed figures: scales, currencies, units, numbers, multiples, months, bounds.

What belongs here: words and what each stands for, in the languages that are read. What does not: how they
stand together in a figure (printed.py) or in a text (draft.py).
"""

from __future__ import annotations

import re

SCALES: dict[str, int] = {
    "hundred": 2, "thousand": 3, "k": 3, "万": 4, "萬": 4, "百万": 6, "million": 6, "mn": 6,
    "m": 6, "亿": 8, "億": 8, "billion": 9, "bn": 9, "b": 9, "trillion": 12, "tn": 12, "t": 12,
    "万亿": 12, "lakh": 5, "lakhs": 5, "crore": 7, "crores": 7, "lakh crore": 12,
    "millions": 6, "millionen": 6, "mio": 6, "mio.": 6, "milliard": 9, "milliards": 9, "milliarde": 9,
    "milliarden": 9, "mrd": 9, "mrd.": 9, "billionen": 12,
}  # fmt: skip
CURRENCIES: dict[str, str] = {
    "us$": "USD", "usd": "USD", "$": "USD", "dollar": "USD", "dollars": "USD",
    "us dollars": "USD", "美元": "USD", "cn¥": "CNY", "¥": "CNY", "rmb": "CNY", "cny": "CNY",
    "yuan": "CNY", "元": "CNY", "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR",
    "£": "GBP", "gbp": "GBP", "jpy": "JPY", "yen": "JPY", "日元": "JPY", "₩": "KRW", "krw": "KRW",
    "won": "KRW", "nt$": "TWD", "twd": "TWD", "hk$": "HKD", "hkd": "HKD", "港元": "HKD",
    "₹": "INR", "rs": "INR", "rs.": "INR", "inr": "INR", "rupee": "INR", "rupees": "INR",
    "us-dollar": "USD", "us-dollars": "USD", "人民币": "CNY", "円": "JPY", "韩元": "KRW", "欧元": "EUR",
    "英镑": "GBP", "新台币": "TWD", "新臺幣": "TWD",
}  # fmt: skip
# Signs of several currencies; the first is meant where nothing says otherwise.
SHARED_SIGNS: dict[str, tuple[str, ...]] = {
    "$": ("USD", "HKD", "TWD"), "¥": ("CNY", "JPY"), "元": ("CNY", "HKD", "TWD"),
}  # fmt: skip
UNITS: dict[str, str] = {
    "%": "percent", "percent": "percent", "per cent": "percent", "pct": "percent",
    "percentage point": "percentage_points", "percentage points": "percentage_points",
    "pp": "percentage_points", "ppt": "percentage_points", "个百分点": "percentage_points",
    "nm": "nm", "nanometer": "nm", "nanometers": "nm", "nanometre": "nm", "nanometres": "nm",
    "chip": "chips", "chips": "chips", "unit": "units", "units": "units",
    "piece": "pieces", "pieces": "pieces", "prozent": "percent", "pour cent": "percent",
    "prozentpunkte": "percentage_points", "points de pourcentage": "percentage_points",
    "块": "pieces", "个": "pieces", "颗": "pieces", "片": "pieces", "台": "units", "部": "units",
}  # fmt: skip
_BELOW_TWENTY = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
# One to ninety-nine, with a hyphen or a blank.
NUMBER_WORDS: dict[str, str] = {
    **{word: str(value) for value, word in enumerate(_BELOW_TWENTY, start=1)},
    **{word: str(10 * value) for value, word in enumerate(_TENS, start=2)},
    **{
        f"{ten}{joint}{one}": str(10 * tens + ones)
        for tens, ten in enumerate(_TENS, start=2)
        for ones, one in enumerate(_BELOW_TWENTY[:9], start=1)
        for joint in "- "
    },
}
MULTIPLES = {
    "double": "2", "doubles": "2", "doubled": "2", "doubling": "2", "twice": "2",
    "triple": "3", "triples": "3", "tripled": "3", "tripling": "3", "thrice": "3",
    "quadruple": "4", "quadruples": "4", "quadrupled": "4", "quadrupling": "4",
    "quintuple": "5", "quintupled": "5", "quintupling": "5",
    "halve": "0.5", "halves": "0.5", "halved": "0.5", "halving": "0.5",
}  # fmt: skip
ORDINALS = {
    "first": "1", "second": "2", "third": "3", "fourth": "4", "fifth": "5", "sixth": "6",
    "seventh": "7", "eighth": "8", "ninth": "9", "tenth": "10", "eleventh": "11", "twelfth": "12",
}  # fmt: skip
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip

ABOUT = (
    r"around|roughly|about|nearly|almost|approximately|approx\.?|circa|rund|etwa|knapp|ungefähr|environ|"
    r"près de"
)
AT_LEAST = (
    r"at least|more than|no less than|not less than|over|above|exceeding|mindestens|mehr als|au moins|plus de"
)
AT_MOST = (
    r"at or below|at most|up to|no more than|not more than|less than|fewer than|below|under|höchstens|"
    r"weniger als|au plus|moins de"
)


def one_of(words: dict[str, str] | dict[str, int]) -> str:
    """A regex group body for these words, longest first, so that 'bn' is not read as 'b'."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
