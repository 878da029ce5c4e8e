"""`chipledger fetch`: asks a public API, stores the answers as a release, says what came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

from orchestration.cli import show
from orchestration.errors import EXIT_OK, EXIT_USAGE, LedgerError
from orchestration.fetch import census, comext, comtrade, korea
from orchestration.fetch.client import Pace
from orchestration.fetch.question import Fetched, Question, Source
from orchestration.fetch.store import Stored, store
from orchestration.warehouse.settings import Settings

Fetch = Callable[..., list[Fetched]]
SOURCES: dict[str, tuple[Source, Fetch]] = {
    "comtrade": (comtrade.SOURCE, comtrade.fetch),
    "census": (census.SOURCE, census.fetch),
    "comext": (comext.SOURCE, comext.fetch),
    "korea": (korea.SOURCE, korea.fetch),
}


def run(
    source: str,
    first: str,
    last: str,
    reporters: Sequence[str] = (),
    partners: Sequence[str] = (),
    codes: Sequence[str] = (),
    flows: Sequence[str] = (),
    pace: Pace | None = None,
) -> int:
    """Fetches and stores; 0 also where the source had nothing new or no data."""
    if source not in SOURCES:
        raise LedgerError(f"there is no source {source!r}; expected one of {', '.join(SOURCES)}", EXIT_USAGE)
    question = Question.of(first, last, _split(reporters), _split(partners), _split(codes), _split(flows))
    facts, fetch = SOURCES[source]
    settings = Settings.from_environment()
    folder = settings.home / "fetch" / source
    with show.console.status(f"{source}: asking") as status:

        def say(name: str, size: int, total: int) -> None:
            of = f" of {total / 1e6:,.1f}" if total else ""
            status.update(f"{name}: {size / 1e6:,.1f}{of} MB")

        found = fetch(question, folder, pace=pace, progress=say)
    _report(settings.raw_root, facts, found)
    return EXIT_OK


def _split(values: Sequence[str]) -> tuple[str, ...]:
    """Options may be repeated or hold lists: 8541,8542."""
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())


def _say_unasked(stored: Stored, name: str) -> None:
    """Says that a wider question with the same answer is not kept, and what to do."""
    if more := stored.unasked.get(name):
        show.console.print(
            f"its question asks more than that file's ({more}) and is not kept: what raw/ holds of that from "
            "before stays current; where the source took it back, drop it in raw/corrections.yml",
            soft_wrap=True,
            markup=False,
        )


def _report(raw_root: Path, source: Source, found: Sequence[Fetched]) -> None:
    """Stores one release per day of release and says what became of each answer."""
    for item in found:
        if item.path is None:
            show.console.print(f"no data: {item.note}", soft_wrap=True)
    if any(item.path is None for item in found):
        # A period that is not out yet, a code that is no code and one that was taken back all look the same.
        show.console.print(
            "an answer without data takes nothing back: what raw/ holds of it from before stays current; "
            "where the source did take it back, drop it in raw/corrections.yml",
            soft_wrap=True,
        )
    days: dict[dt.date, list[Fetched]] = {}
    for item in found:
        if item.path is not None:
            days.setdefault(item.released_at, []).append(item)
    stored_any = False
    for day in sorted(days):
        stored = store(raw_root, source, day, days[day])
        for name, release in stored.held.items():
            show.console.print(
                f"nothing new: {name} has the bytes of {source.source_id}/{release}", soft_wrap=True
            )
            _say_unasked(stored, name)
        if stored.folder is not None:
            stored_any = True
            names = ", ".join(stored.files)
            show.console.print(f"stored {source.source_id}/{stored.folder.name}: {names}", soft_wrap=True)
        for item in days[day]:
            assert item.path is not None
            item.path.unlink(missing_ok=True)
    if stored_any:
        show.console.print("`chipledger refresh` brings it into the warehouse")
