"""What a planted case is, and the kinds of errors with what a finding must say about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

# Header first; all rows are lists of texts.
Rows = list[list[str]]
CLEAN = "clean"

# Kind of error -> what the sentence must say (a pattern). A refusal for another reason is no finding.
KINDS: dict[str, str] = {
    "column shift": r"bad_|unknown_|not_a_number|one column to the left|malformed|parts_differ",
    "column shift in one record": r"bad_|unknown_|not_a_number|one column to the left|malformed",
    "wrong encoding": r"UTF-8|(?i:unicode|encod)|is no text|malformed|none of the known layouts|bad_format",
    "doubled breakdown rows": r"breakdown_|subtotal|country_group|repeat|table without Custom",
    "unmapped partner": r"unmapped_economy|unknown_code",
    "unit switch": r"unknown_unit|several units|scale of the values|one unit of",
    "scale slip": r"parts_|does not follow|less than|exceed",
    "ROC year as western year": r"bad_period|a title such as|bad_format",
    "partial year as a year": r"incomplete_period|after its release|not yet published|the heads are taken",
    "revised base": r"does not follow",
    "truncated file": r"cut|damaged|malformed|broken|not whole|no text|bad_|not_a_number|none of the known|"
    r"not readable|refused|parts_differ|quotes",
    "truncated in the last value": r"cut|line end|malformed|parts_differ",
    "duplicate rows": r"duplicate|repeat|parts_differ",
    "swapped CNY and USD": r"different currencies|tells the currency",
    "zip bomb": r"unpack|none of the known layouts",
    "path trick in the name": r"no name for a release|is a link|expected one member",
    "binary junk": r"none of the known|cannot be read|damaged|not readable",
    "10,000 columns": r"columns|none of the known|malformed|not known|fields|left out",
    "HTML error page": r"none of the known|HTML|nearest is|the service answered",
    "empty file": r"empty",
    "header only": r"no records|no figure|no data|no item|nearest is|none of the known|refused",
}
# Here the figures may be right all the same; then nothing has to be said.
MAY_BE_HARMLESS = {"10,000 columns", "wrong encoding", "unit switch", "doubled breakdown rows"}

# Here a note is not enough: the extra rows must not become figures.
MUST_NOT_COUNT = {"doubled breakdown rows"}


@dataclass(frozen=True)
class Case:
    """One file. `error` is a kind or CLEAN; `what` tells variants apart; `is_link` makes it a link.

    records: records that a clean file must load as flows or figures.
    """

    layout_id: str
    error: str
    what: str
    name: str
    content: bytes
    is_link: bool = False
    records: int = 0

    def __str__(self) -> str:
        return f"{self.layout_id}: {self.error}" + (f" ({self.what})" if self.what else "")


@dataclass(frozen=True)
class Form:
    """A clean file as rows, and how rows become bytes; what all planters work on."""

    layout_id: str
    name: str
    rows: Rows
    write: Callable[[Rows], bytes]
    records: int
    what: str = ""

    def case(self, error: str, rows: Rows, what: str = "") -> Case:
        return self.damaged(error, self.write(rows), what)

    def damaged(self, error: str, content: bytes, what: str = "", name: str = "") -> Case:
        said = ", ".join(text for text in (self.what, what) if text)
        return Case(self.layout_id, error, said, name or self.name, content)

    def clean(self) -> Case:
        return Case(self.layout_id, CLEAN, self.what, self.name, self.write(self.rows), records=self.records)

    def changed(self, record: int, **cells: str) -> Rows:
        """The rows with other cells in one record (1 is the first), by the name of their column."""
        rows = [list(row) for row in self.rows]
        for name, text in cells.items():
            rows[record][rows[0].index(name)] = text
        return rows

    def mapped(self, column: str, texts: Mapping[str, str]) -> Rows:
        """The rows with other texts in one column."""
        place = self.rows[0].index(column)
        return [[*row[:place], texts.get(row[place], row[place]), *row[place + 1 :]] for row in self.rows]

    def all_changed(self, column: str, text: str) -> Rows:
        place = self.rows[0].index(column)
        return [self.rows[0], *([*row[:place], text, *row[place + 1 :]] for row in self.rows[1:])]


def shifted(rows: Rows, only: int = 0) -> Rows:
    """Every value one column to the left of its name; or those of one record only."""
    moved = [[*row[1:], ""] for row in rows]
    return [row if not place or only not in (0, place) else moved[place] for place, row in enumerate(rows)]


def widened(rows: Rows, columns: int = 10_000) -> Rows:
    extra = [[f"c{number}" for number in range(columns)], *[["1"] * columns] * (len(rows) - 1)]
    return [[*row, *more] for row, more in zip(rows, extra, strict=True)]


def repeated(rows: Rows, record: int = 2) -> Rows:
    return [*rows, list(rows[record])]
