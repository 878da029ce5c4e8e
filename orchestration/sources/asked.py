"""What a source was asked for when a file was made: `asked` of the file in its source.yml.

`chipledger fetch` writes it, a person may. A part that is left out is what the file's rows hold. With it, a
partner, a code or a period that the source no longer returns is known to be withdrawn; without it, a file
says nothing of what it has no row of.
"""

from __future__ import annotations

import calendar
import datetime as dt
import json
import re
from dataclasses import asdict, dataclass, fields
from typing import Any

ALL = "all"
FLOWS = ("X", "M", "RX", "RM")
# A code, or a pattern of codes: 8542* is every code that begins so, ?????? every one of six digits.
_CODE = re.compile(r"[0-9A-Za-z?]{1,12}\*?")
_PERIOD = re.compile(r"(19[6-9]\d|20\d\d)(?:-?(0[1-9]|1[0-2]))?")
_ECONOMY = re.compile(r"[^\s,|]{1,60}")


class WrongQuestion(ValueError):
    """The map `asked` cannot be used; the message is one sentence without the file's name."""


@dataclass(frozen=True)
class Asked:
    """Each part is a tuple of texts, ("all",) where nothing was left out, or None where nothing is said.

    reporters, partners: codes of the source, or ISO 3166 alpha-3; periods: years 2023 and months 2023-01.
    """

    reporters: tuple[str, ...] | None = None
    periods: tuple[str, ...] | None = None
    flows: tuple[str, ...] | None = None
    codes: tuple[str, ...] | None = None
    partners: tuple[str, ...] | None = None

    @classmethod
    def of(cls, facts: Any) -> Asked:
        """From the map of a source.yml. Raises WrongQuestion."""
        names = [item.name for item in fields(cls)]
        if not isinstance(facts, dict) or not facts:
            raise WrongQuestion(f"asked is {facts!r}; expected a map with some of {', '.join(names)}")
        if wrong := sorted(set(map(str, facts)) - set(names)):
            raise WrongQuestion(f"asked has {wrong[0]!r}; expected some of {', '.join(names)}")
        return cls(**{name: _texts(name, facts[name]) for name in facts})

    @classmethod
    def parse(cls, text: str) -> Asked:
        """From what a person types: reporters=156 periods=2023,2024 codes=8541*,8542 partners=all."""
        facts: dict[str, Any] = {}
        for part in text.split():
            name, equals, values = part.partition("=")
            if not equals or name in facts:
                raise WrongQuestion(
                    f"asked holds {part!r}; expected each part once, such as partners=all or codes=8541,8542"
                )
            facts[name] = ALL if values == ALL else values.split(",")
        return cls.of(facts)

    def beyond(self, other: Asked | None) -> dict[str, str]:
        """What this question asks and the other does not, part by part, by the words alone."""
        found = {}
        for item in fields(self):
            mine: tuple[str, ...] = getattr(self, item.name) or ()
            theirs: tuple[str, ...] = (other and getattr(other, item.name)) or ()
            if theirs != (ALL,) and (more := [value for value in mine if value not in theirs]):
                found[item.name] = ", ".join(more)
        return found

    def meets(self, other: Asked) -> bool:
        """Whether an answer to both may hold the same flow; a part that is not said may be anything."""
        for item in fields(self):
            mine, theirs = getattr(self, item.name), getattr(other, item.name)
            if None not in (mine, theirs) and not any(
                one.startswith(two) or two.startswith(one)
                for one in map(_begins, mine)
                for two in map(_begins, theirs)
            ):
                return False
        return True

    def as_map(self) -> dict[str, Any]:
        """As `of` reads it: a part that is asked for as a whole is the word all."""
        parts = {name: values for name, values in asdict(self).items() if values is not None}
        return {name: ALL if values == (ALL,) else list(values) for name, values in parts.items()}

    def digest(self) -> str:
        return json.dumps(self.as_map(), sort_keys=True)

    @property
    def spans(self) -> tuple[tuple[str, dt.date, dt.date], ...] | None:
        """Grain, first and last day of each period."""
        return None if self.periods is None else tuple(map(_span, self.periods))

    @property
    def patterns(self) -> tuple[str, ...] | None:
        """The codes as patterns of SQL's LIKE."""
        if self.codes is None:
            return None
        return tuple("%" if code == ALL else code.replace("*", "%").replace("?", "_") for code in self.codes)


_RULES = {
    "reporters": (_ECONOMY, "codes of the source or ISO 3166 alpha-3 codes"),
    "partners": (_ECONOMY, "codes of the source or ISO 3166 alpha-3 codes, or all"),
    "periods": (_PERIOD, "years such as 2023 and months such as 2023-01"),
    "flows": (re.compile("|".join(FLOWS)), f"some of {', '.join(FLOWS)}"),
    "codes": (_CODE, "codes such as 8542, 8542* or ??????, or all"),
}


def _texts(name: str, values: Any) -> tuple[str, ...]:
    rule, expected = _RULES[name]
    given = [values] if isinstance(values, str | int) else values
    # YAML reads 0854 and 2023 as numbers; the leading zero of a code would be gone.
    if not isinstance(given, list) or not given or any(not isinstance(item, str | int) for item in given):
        raise WrongQuestion(f"asked.{name} is {values!r}; expected a list of {expected}")
    texts = tuple(str(item).strip() for item in given)
    if texts == (ALL,) and name in ("partners", "codes"):
        return texts
    for text in texts:
        if text == ALL or not rule.fullmatch(text):
            raise WrongQuestion(f"asked.{name} holds {text!r}; expected {expected}")
    if name == "codes" and any(isinstance(item, int) for item in given):
        raise WrongQuestion(f"asked.codes holds {given!r}; put codes into quotes, such as '8542'")
    return texts


def _begins(text: str) -> str:
    """What a code begins with before its first wildcard; all other texts are whole."""
    if text == ALL:
        return ""
    return re.split("[*?]", text)[0] if set(text) & set("*?") else f"{text}|"


def _span(period: str) -> tuple[str, dt.date, dt.date]:
    year, month = int(period[:4]), int(period[4:].lstrip("-") or 0)
    if not month:
        return "A", dt.date(year, 1, 1), dt.date(year, 12, 31)
    return "M", dt.date(year, month, 1), dt.date(year, month, calendar.monthrange(year, month)[1])
