"""What a page is made of, as data: no queries, no HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from orchestration.report.ledger import Answer


@dataclass(frozen=True)
class Traced:
    """How a row of a figure is found again in its mart: marts.`table` by `keys`."""

    table: str
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Figure:
    """A chart with its table, SQL and CSV; without `spec` only the table, which is then open.

    caption: sentences: what is measured, from which release, what is missing. alt: what a reader who
    cannot see the chart should know. spec: Vega-Lite without data; the data are the answer's rows with
    `_row`, their position. more: further named data sets of the spec. shown: columns of the table form
    (the CSV has all). parent: (figure, row) whose trace a click opens, for a picture of that row.
    """

    figure_id: str
    title: str
    caption: Sequence[str]
    answer: Answer
    alt: str = ""
    spec: dict[str, Any] | None = None
    more: dict[str, Answer] = field(default_factory=dict)
    shown: tuple[str, ...] = ()
    traced: Traced | None = None
    parent: tuple[str, int] | None = None
    kind: str = "figure"

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the table form."""
        return self.shown or self.answer.columns

    @property
    def long(self) -> set[str]:
        """Columns of the table form that hold sentences, and so need room."""
        return {name for name in self.columns if any(len(str(v)) > 36 for v in self.answer.column(name))}

    @property
    def numbers(self) -> list[str]:
        """Columns that hold numbers."""
        return self.answer.numbers


@dataclass(frozen=True)
class Row:
    """Figures side by side where the page is wide enough."""

    figures: Sequence[Figure]
    kind: str = "row"


@dataclass(frozen=True)
class Heading:
    """Starts a section, with a sentence or two below it."""

    anchor: str
    text: str
    sentences: Sequence[str] = ()
    kind: str = "heading"


@dataclass(frozen=True)
class Missing:
    """Stands where a figure would, when the build holds nothing for it: what, and why."""

    title: str
    why: str
    kind: str = "missing"


@dataclass(frozen=True)
class Tile:
    """One number with its unit and what it is; `figure_id` and `row` say where its trace is."""

    value: str
    label: str
    note: str = ""
    figure_id: str = ""
    row: int = 0


@dataclass(frozen=True)
class Tiles:
    """The numbers at the top of a page."""

    tiles: Sequence[Tile]
    kind: str = "tiles"


@dataclass(frozen=True)
class Headline:
    """One figure of an article's title beside what the data hold: `held` and how it is known, `who` says
    it, what the verdict means, what may safely be written, and sentences on releases. Its trace is that of
    the row in the figure."""

    values: dict[str, Any]
    held: str
    how: str
    who: str
    meaning: str
    instead: str
    sentences: Sequence[str]
    row: int


@dataclass(frozen=True)
class Headlines:
    """Figures of titles by article, each as a card, with the figure that has them as a table."""

    title: str
    articles: Sequence[Sequence[Headline]]
    figure: Figure
    kind: str = "headlines"


@dataclass(frozen=True)
class Claim:
    """A claim as a card; `said` is how firmly the article says it, `picture` shows the printed interval
    above the computed one."""

    values: dict[str, Any]
    said: str
    computed: str
    picture: Figure | None
    row: int


@dataclass(frozen=True)
class Claims:
    """The claims of one article, each with a place in the figure that holds all verdicts."""

    figure_id: str
    claims: Sequence[Claim]
    kind: str = "claims"


@dataclass(frozen=True)
class Definition:
    """A table of the dictionary: what it holds, and its columns as (name, type, whether null may occur,
    description)."""

    name: str
    anchor: str
    description: str
    columns: Sequence[tuple[str, str, bool, str]]


@dataclass(frozen=True)
class Definitions:
    """Tables, to be searched through."""

    tables: Sequence[Definition]
    kind: str = "definitions"


Block = Figure | Row | Heading | Missing | Tiles | Headlines | Claims | Definitions


@dataclass(frozen=True)
class Page:
    """One HTML file: `page_id`.html; the first page of the site is index.html."""

    page_id: str
    title: str
    lead: str
    blocks: Sequence[Block]

    def figures(self) -> list[Figure]:
        """Every figure of the page, pictures of claims included."""
        found: list[Figure] = []
        for block in self.blocks:
            if isinstance(block, Figure):
                found.append(block)
            elif isinstance(block, Row):
                found += block.figures
            elif isinstance(block, Headlines):
                found.append(block.figure)
            elif isinstance(block, Claims):
                found += [claim.picture for claim in block.claims if claim.picture]
        return found
