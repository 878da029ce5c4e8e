"""What is asked of a source, and what came back."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.errors import EXIT_USAGE, LedgerError
from orchestration.sources.asked import Asked

MOST_PERIODS = 1200
CODE = re.compile(r"[0-9A-Za-z]{1,10}")


@dataclass(frozen=True)
class Question:
    """Periods and codes, in the source's own codes; an empty tuple means all.

    first, last: (year, month), the month being 0 for years.
    """

    first: tuple[int, int]
    last: tuple[int, int]
    reporters: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    flows: tuple[str, ...] = ("X", "M")

    @classmethod
    def of(
        cls,
        first: str,
        last: str,
        reporters: tuple[str, ...] = (),
        partners: tuple[str, ...] = (),
        codes: tuple[str, ...] = (),
        flows: tuple[str, ...] = (),
    ) -> Question:
        """From what a person types: 2023 asks for years, 2023-01 for months."""
        start, end = _period(first), _period(last)
        if (start[1] == 0) != (end[1] == 0):
            raise LedgerError(
                f"--from {first} and --to {last} are a year and a month; give two years or two months",
                EXIT_USAGE,
            )
        if end < start:
            raise LedgerError(f"--to {last} is before --from {first}; swap them", EXIT_USAGE)
        for flow in flows:
            if flow not in ("X", "M", "RX", "RM"):
                raise LedgerError(f"--flow is {flow!r}; expected X, M, RX or RM", EXIT_USAGE)
        for option, values in (("--reporter", reporters), ("--partner", partners), ("--code", codes)):
            for value in values:
                if not CODE.fullmatch(value):
                    raise LedgerError(f"{option} is {value!r}; expected digits and letters only", EXIT_USAGE)
        asked = cls(start, end, reporters, partners, codes, flows or ("X", "M"))
        if len(asked.periods) > MOST_PERIODS:
            raise LedgerError(f"{first} to {last} are more than {MOST_PERIODS} periods; ask less", EXIT_USAGE)
        return asked

    @property
    def is_monthly(self) -> bool:
        return self.first[1] > 0

    @property
    def periods(self) -> tuple[str, ...]:
        """YYYY or YYYYMM, in order."""
        if not self.is_monthly:
            return tuple(str(year) for year in range(self.first[0], self.last[0] + 1))
        start, end = (year * 12 + month - 1 for year, month in (self.first, self.last))
        return tuple(f"{index // 12}{index % 12 + 1:02d}" for index in range(start, end + 1))


def _period(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(19[6-9]\d|20\d\d)(?:-(0[1-9]|1[0-2]))?", text.strip())
    if not found:
        raise LedgerError(f"{text!r} is no period; expected a year (2023) or a month (2023-01)", EXIT_USAGE)
    return int(found[1]), int(found[2] or 0)


@dataclass(frozen=True)
class Fetched:
    """One answer. `path` is None where the source had no data; `url` is without any key; `said` is what
    a person said of a file that does not say it, by its key in source.yml (flow, unit); `asked` is the
    question that it answers."""

    path: Path | None
    released_at: dt.date
    url: str
    note: str = ""
    said: Mapping[str, str] = field(default_factory=dict)
    asked: Asked | None = None


@dataclass(frozen=True)
class Source:
    """What source.yml says about everything that comes from here."""

    source_id: str
    dataset_id: str
    producer: str
    title: str
    url: str
    licence: str
    citation: str
    # Parts of an answer that change from call to call and say nothing about the data.
    volatile: bytes = b""
    keys: tuple[str, ...] = field(default=())
