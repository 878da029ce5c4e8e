"""Numbers, dates and lists as a reader expects them. No queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

# A basis of a trade value, as a reader names its unit.
UNITS = {"usd": "USD", "cny": "CNY", "quantity": "items"}
_SCALES = ((Decimal(10) ** 12, "tn "), (Decimal(10) ** 9, "bn "), (Decimal(10) ** 6, "m "))


def number(value: Any, digits: int = 6) -> str:
    """A number without zeros at its end; null is a middle dot.

    From five digits on a thin space stands every three: four digits, and so years, are read as they are.
    """
    if value is None:
        return "·"
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    grouped = "," if abs(exact) >= 10_000 else ""
    text = f"{exact:{grouped}.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace(",", "\u2009").replace("-", "\u2212")


def scaled(value: Any, unit: str) -> str:
    """An amount in millions, billions or trillions with its unit: 159.499 bn USD."""
    if value is None:
        return "·"
    exact = value if isinstance(value, Decimal) else Decimal(repr(value))
    for factor, word in _SCALES[1:]:
        if abs(exact) >= factor:
            return f"{number(exact / factor, 3)} {word}{unit}"
    return f"{number(exact, 3)} {unit}"


def cell(value: Any) -> str:
    """A value in a table."""
    if value is None:
        return "·"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float | Decimal):
        return str(value) if isinstance(value, int) and abs(value) < 10_000 else number(value, 4)
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", "seconds")
    return str(value)


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
    """Which releases a figure rests on, in a sentence."""
    held = sorted({item for item in ids if item})
    if not held:
        return "No single release: every value is computed from several."
    if len(held) == 1:
        return f"Release: {held[0]}."
    return f"Releases: {len(held)}, from {held[0]} to {held[-1]}."
