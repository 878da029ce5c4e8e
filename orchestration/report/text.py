"""Numbers, dates and lists as a reader expects them. No queries."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from itertools import groupby
from typing import Any

# A basis of a trade value, as a reader names its unit.
UNITS = {"usd": "USD", "cny": "CNY", "quantity": "items"}
# Codes of the marts as words, by the column that holds them.
_CODES = {
    "basis": UNITS,
    "flow": {"X": "exports", "M": "imports", "RX": "re-exports", "RM": "re-imports"},
    "period_grain": {"A": "year", "M": "month", "JF": "January and February", "YTD": "year to date"},
}
# Names that a reader may type again: they stay as they are.
_NAMES = (
    "source_id",
    "source_a",
    "source_b",
    "table_name",
    "column_name",
    "metric_id",
    "mart",
    "correction_id",
)
_WORD = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+")
# Parts of a column's name that are no words.
_PARTS = {"id": "", "iso3": "", "yoy": "on the year", "fr": "Federal Register"}
_UNIT_PARTS = {"pct": "%", "usd": "USD", "cny": "CNY"}
# As people round; wide enough for any amount.
_HALF_UP = Context(prec=60, rounding=ROUND_HALF_UP)
_SCALES = ((Decimal(10) ** 12, "tn "), (Decimal(10) ** 9, "bn "), (Decimal(10) ** 6, "m "))


def number(value: Any, digits: int = 6) -> str:
    """A number without zeros at its end; null is a middle dot.

    A comma stands every three digits, as in the charts; whole numbers and floats of four digits, which may
    be years, are left as they are.
    """
    if value is None:
        return "·"
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    grouped = "," if abs(exact) >= (1_000 if isinstance(value, Decimal) else 10_000) else ""
    text = f"{_HALF_UP.quantize(exact, Decimal(1).scaleb(-digits)):{grouped}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace("-", "\u2212")


def scaled(value: Any, unit: str, digits: int = 3) -> str:
    """An amount in millions, billions or trillions with its unit: 159.499 bn USD."""
    if value is None:
        return "·"
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    for factor, word in _SCALES[1:]:
        if abs(exact) >= factor:
            return f"{number(exact / factor, digits)} {word}{unit}"
    return f"{number(exact, digits)} {unit}"


def heading(column: str) -> str:
    """A column's name as words, its unit behind a comma: growth_yoy_pct is growth on the year, %."""
    parts = column.split("_")
    unit = _UNIT_PARTS.get(parts[-1]) if len(parts) > 1 else None
    words = " ".join(filter(None, (_PARTS.get(part, part) for part in parts[: -1 if unit else None])))
    return f"{words}, {unit}" if unit else words


def sentence(words: str) -> str:
    """Words as sentences: a capital at each start, a full stop at its end, ids as words, a minus for a
    number below 0, a number and its unit on one line."""
    plain = re.sub(r"(?<=[a-z])_(?=[a-z])", " ", words)
    plain = re.sub(r"(?<![\w.-])-(?=\d)", "\u2212", span(plain))
    plain = re.sub(r"(?<=\d) (?=(%|bn|tn|USD|CNY)(\W|$))|(?<=bn) (?=USD|CNY)", "\u00a0", plain)
    # A release's name keeps its small letter.
    plain = re.sub(r"(^|\. )([a-z])(?![\w-]*/)", lambda start: start[1] + start[2].upper(), plain)
    return f"{plain}{'' if plain[-1:] in ('.', '!', '?', '') else '.'}"


def span(words: str) -> str:
    """The label of an edition as words: ~2024-10..2025-01 is about 2024-10 to 2025-01."""
    return re.sub(r"(?<=\d)\.\.(?=\d)", " to ", re.sub(r"~(?=\d)", "about ", words))


def said(word: str) -> str:
    """A status or an id as words: no_base is no base. Other text stays as it is."""
    return word.replace("_", " ") if _WORD.fullmatch(word) else word


def cell(value: Any, column: str = "") -> str:
    """A value in a table; codes are words, names that a reader may type again are not."""
    if value is None:
        return "·"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float | Decimal):
        return str(value) if isinstance(value, int) and abs(value) < 10_000 else number(value, 4)
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", "seconds")
    word = str(value)
    return word if column in _NAMES else _CODES.get(column, {}).get(word) or said(word)


def runs(years: Iterable[int]) -> str:
    """Years as runs: 2014–2016, 2019."""
    parts: list[list[int]] = []
    for year in sorted(set(years)):
        if parts and parts[-1][-1] == year - 1:
            parts[-1].append(year)
        else:
            parts.append([year])
    return ", ".join(f"{p[0]}–{p[-1]}" if len(p) > 1 else str(p[0]) for p in parts)


def listed(items: Sequence[str]) -> str:
    """a, b and c."""
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else list(items))


def count(items: int, word: str, many: str | None = None) -> str:
    """1 row, 2 rows."""
    return f"{number(items)} {word if items == 1 else many or word + 's'}"


def releases(ids: Iterable[str | None]) -> str:
    """Which releases a figure rests on, in a sentence: a run of each source, which names them by day."""
    held = sorted({item for item in ids if item})
    if not held:
        return "No single release: every value is computed from several."
    if len(held) == 1:
        return f"Release: {held[0]}."
    runs = [list(run) for _, run in groupby(held, key=lambda item: item.partition("/")[0])]
    said = [run[0] if len(run) == 1 else f"{number(len(run))}, from {run[0]} to {run[-1]}" for run in runs]
    return f"Releases: {'; '.join(said)}."
