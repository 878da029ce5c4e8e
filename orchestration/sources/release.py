"""Release folders of `raw/` and their `source.yml`: what is there, from whom, released when.

Here belongs reading the folder tree and the provenance files. Reading data files is the layouts'.
"""

from __future__ import annotations

import calendar
import datetime as dt
import functools
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from orchestration.scope import EVERYTHING, Scope
from orchestration.sources import customs_layout_of, layout_of
from orchestration.sources.asked import Asked, WrongQuestion
from orchestration.sources.csv_layout import CsvLayout
from orchestration.sources.layout import FLOW_COLUMNS, AskingLayout, CodeList, CustomsLayout, FileRefused
from orchestration.sources.recognise import recognise

# The safe loader, in C where PyYAML was built with it: every refresh reads all source.yml.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
BASES = ("printed", "file_name", "convention", "first_held")
# A name that is kept as it is: no path, no control characters, none that turn the direction of writing, no
# leading dot, no bytes that are no text.
_UNSAFE = r"\x00-\x1f\x7f-\x9f/\\\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069"
SAFE_NAME = re.compile(rf"[^.{_UNSAFE}][^{_UNSAFE}]{{0,199}}")


@dataclass(frozen=True)
class Release:
    """One release of one source. `release_id` is `<source_id>/<folder>`."""

    release_id: str
    source_id: str
    source_kind: str
    released_at: dt.date
    released_at_basis: str
    producer: str
    title: str
    url: str
    licence: str
    citation: str
    accessed_at: dt.date
    note: str


@dataclass(frozen=True)
class RawFile:
    """A data file of a release; `expected_sha256`, `said` (what the layout asks for) and `asked` (what the
    file answers) are what its source.yml says, if it does."""

    path: Path
    relative_path: str
    release: Release
    layout: CsvLayout | CustomsLayout
    expected_sha256: str | None
    said: str | None = None
    asked: Asked | None = None


@dataclass(frozen=True)
class Refusal:
    """A folder or file that is held back, in one sentence."""

    source_id: str
    relative_path: str
    message: str


@dataclass(frozen=True)
class Holdings:
    """All that was found under `raw/`, and which of it this refresh takes in."""

    files: tuple[RawFile, ...]
    refusals: tuple[Refusal, ...]
    scope: Scope = EVERYTHING


class ProvenanceError(ValueError):
    """A source.yml that cannot be used; the message is one sentence."""


def scan(raw_root: Path, scope: Scope = EVERYTHING) -> Holdings:
    """Every data file under `raw_root`, in a stable order, and every folder that cannot be used."""
    files: list[RawFile] = []
    refusals: list[Refusal] = []
    for folder in release_folders(raw_root):
        source_id = folder.name if folder.parent.name in ("articles", "raw") else folder.parent.name
        place = folder.relative_to(raw_root).as_posix()
        try:
            files.extend(_files(folder, raw_root, _signature(folder)))
            refusals.extend(_unusable(folder, source_id, place))
        except ProvenanceError as error:
            refusals.append(Refusal(source_id, place, f"{place}/source.yml: {error}"))
    return Holdings(tuple(files), tuple(refusals), scope)


def release_folders(raw_root: Path) -> list[Path]:
    """Every folder that holds a release, and that of the reference tables, by name."""
    folders = [*raw_root.glob("articles/*/"), *raw_root.glob("customs/*/*/")]
    folders += [*raw_root.glob("industry/*/*/"), raw_root / "reference"]
    return sorted(path for path in folders if path.is_dir() and not path.name.startswith("."))


def _signature(folder: Path) -> tuple[tuple[str, int, int, int], ...]:
    """Changes with every file of the folder: name, size, time of change, place on the disk."""
    with os.scandir(folder) as entries:
        found = [(entry.name, entry.stat(follow_symlinks=False)) for entry in entries]
    return tuple(sorted((name, state.st_size, state.st_mtime_ns, state.st_ino) for name, state in found))


# A refresh asks for every layout; telling whose a file is takes opening it.
@functools.lru_cache(maxsize=10_000)
def _files(
    folder: Path, raw_root: Path, signature: tuple[tuple[str, int, int, int], ...]
) -> tuple[RawFile, ...]:
    del signature
    return tuple(_article(folder, raw_root) or _release(folder, raw_root))


def _unusable(folder: Path, source_id: str, place: str) -> list[Refusal]:
    """What lies in a customs folder and is no file with a plain name: held back one by one, as
    `chipledger add` would refuse it."""
    if folder.parent.parent.name != "customs":
        return []
    refusals = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name == "source.yml":
            continue
        # The name is told as an escaped text: it must not reach a terminal as it is.
        shown = f"{place}/{repr(path.name)[1:-1]}"
        if not SAFE_NAME.fullmatch(path.name):
            said = "no name for a release's file: expected 1 to 200 printable characters; rename it"
        elif path.is_symlink() or not path.is_file():
            said = "a link or a folder; expected the file itself in the folder of the release"
        else:
            continue
        refusals.append(Refusal(source_id, shown, f"{shown}: {said}"))
    return refusals


# How exactly an article's date is printed: to the year, the month or the day.
_PRINTED_TO = ("printed_year", "printed_month", "printed")


def _article(folder: Path, raw_root: Path) -> list[RawFile] | None:
    if folder.parent.name != "articles":
        return None
    facts = _read(folder)
    slug = folder.name
    if facts.get("article_id") != slug:
        raise ProvenanceError(f"article_id is {facts.get('article_id')!r}; expected {slug!r}")
    release = Release(
        release_id=slug,
        source_id=slug,
        source_kind="article",
        released_at=_last_day(facts, "date"),
        released_at_basis=_PRINTED_TO[str(facts["date"]).count("-")],
        producer=_text(facts, "producer"),
        title=_text(facts, "title"),
        url=_text(facts, "url"),
        licence=_text(facts, "licence"),
        citation=f"{facts.get('author', '')}, {_text(facts, 'title')}".strip(", "),
        accessed_at=_date(facts, "accessed_at"),
        note=str(facts.get("note") or ""),
    )
    path = folder / "claims.csv"
    if path.is_symlink() or not path.is_file():
        raise ProvenanceError("claims.csv is missing beside it")
    layout = layout_of("claims")
    assert layout is not None
    return [RawFile(path, path.relative_to(raw_root).as_posix(), release, layout, None)]


def _release(folder: Path, raw_root: Path) -> list[RawFile]:
    """The files of a dated folder: those its source.yml lists, and, in customs folders, those that
    were dropped there by hand, which are told by their layout."""
    is_customs = folder.parent.parent.name == "customs"
    facts = {} if is_customs and not (folder / "source.yml").is_file() else _read(folder)
    entries = facts.get("files") or {}
    if not isinstance(entries, dict) or not (entries or is_customs):
        raise ProvenanceError("the map `files` is missing; expected one entry per data file")
    present = {
        path.name
        for path in folder.iterdir()
        if path.is_file() and not path.is_symlink() and not path.name.startswith(".")
    } - {"source.yml"}
    if is_customs:
        # `_unusable` tells of the others.
        unsafe = {name for name in present if not SAFE_NAME.fullmatch(name)}
        present -= unsafe
        entries = {name: entry for name, entry in entries.items() if name not in unsafe}
    dropped = sorted(present - set(entries))
    if dropped and not is_customs:
        raise ProvenanceError(f"{dropped[0]} lies beside it but is not listed under `files`")
    listed = [_file(folder, raw_root, facts, name, entries[name] or {}) for name in sorted(entries)]
    found = (_dropped(folder, raw_root, facts, name) for name in dropped)
    return listed + [file for file in found if file is not None]


def _dropped(folder: Path, raw_root: Path, facts: dict[str, Any], name: str) -> RawFile | None:
    """The file with its layout; None for a list of codes, which people unpack beside the data."""
    path = folder / name
    try:
        layout = recognise(path)
    except CodeList:
        return None
    except FileRefused as error:
        raise ProvenanceError(f"{error}; `chipledger add` says more") from error
    source_id = folder.parent.name
    if layout.source_id != source_id:
        raise ProvenanceError(
            f"{name} is a file of {layout.source_id}; expected it below customs/{layout.source_id}/"
        )
    release = _dated(folder, facts) if facts else _undocumented(folder, layout)
    return RawFile(path, path.relative_to(raw_root).as_posix(), release, layout, None)


def _undocumented(folder: Path, layout: CustomsLayout) -> Release:
    """The release of a folder without a source.yml: what its name and the layout tell."""
    try:
        released_at = dt.date.fromisoformat(folder.name[:10])
    except ValueError as error:
        raise ProvenanceError(
            f"the folder is called {folder.name!r}; expected the release date, such as 2025-01-14"
        ) from error
    return Release(
        release_id=f"{folder.parent.name}/{folder.name}",
        source_id=folder.parent.name,
        source_kind="customs",
        released_at=released_at,
        released_at_basis="file_name",
        producer=layout.title,
        title=layout.title,
        url="",
        licence="not stated",
        citation="",
        accessed_at=released_at,
        note="no source.yml: the release date is the folder's name",
    )


def _file(folder: Path, raw_root: Path, facts: dict[str, Any], name: str, entry: dict[str, Any]) -> RawFile:
    path = folder / name
    if path.parent != folder or path.is_symlink() or path.is_dir():
        raise ProvenanceError(f"{name} is a link, a folder or a path; expected a file of this folder")
    if not path.is_file():
        raise ProvenanceError(f"{name} is listed under `files` but is not in the folder")
    dataset_id = str(entry.get("dataset_id", ""))
    if folder.name == "reference":
        dataset_id = dataset_id or path.stem
    layout = layout_of(dataset_id) or customs_layout_of(dataset_id)
    if layout is None:
        raise ProvenanceError(f"{name}: dataset_id {dataset_id!r} has no layout")
    sha = entry.get("sha256")
    release = _reference(facts | entry) if folder.name == "reference" else _dated(folder, facts)
    relative = path.relative_to(raw_root).as_posix()
    said = _said(name, layout, entry)
    expected = str(sha) if sha else None
    return RawFile(path, relative, release, layout, expected, said, _asked(name, entry, layout))


def _asked(name: str, entry: dict[str, Any], layout: CsvLayout | CustomsLayout) -> Asked | None:
    if "asked" not in entry:
        return None
    if layout.columns is not FLOW_COLUMNS:
        raise ProvenanceError(f"{name}: asked is only for files of flows; leave it out")
    try:
        return Asked.of(entry["asked"])
    except WrongQuestion as error:
        raise ProvenanceError(f"{name}: {error}") from error


def _said(name: str, layout: object, entry: dict[str, Any]) -> str | None:
    """What the file's entry says of what its layout asks for."""
    answers = {key: str(entry[key]) for key in ("flow", "unit") if entry.get(key) is not None}
    asking = layout if isinstance(layout, AskingLayout) else None
    for key, said in answers.items():
        if asking is None or key != asking.asks:
            raise ProvenanceError(f"{name}: {key} is {said!r}; files of this layout say it themselves")
        if not asking.accepts(said):
            raise ProvenanceError(f"{name}: {key} is {said!r}; expected {asking.expected}")
    return answers.get(asking.asks) if asking else None


def _dated(folder: Path, facts: dict[str, Any]) -> Release:
    source_id = _text(facts, "source_id")
    if source_id != folder.parent.name:
        raise ProvenanceError(f"source_id is {source_id!r}; expected {folder.parent.name!r}")
    released_at = _date(facts, "released_at")
    if not folder.name.startswith(released_at.isoformat()):
        raise ProvenanceError(f"released_at is {released_at}; the folder is called {folder.name}")
    basis = _text(facts, "released_at_basis")
    if basis not in BASES:
        raise ProvenanceError(f"released_at_basis is {basis!r}; expected one of {', '.join(BASES)}")
    return Release(
        release_id=f"{source_id}/{folder.name}",
        source_id=source_id,
        source_kind=folder.parent.parent.name,
        released_at=released_at,
        released_at_basis=basis,
        producer=_text(facts, "producer"),
        title=_text(facts, "title"),
        url=_text(facts, "url"),
        licence=_text(facts, "licence"),
        citation=_text(facts, "citation"),
        accessed_at=_date(facts, "accessed_at"),
        note=str(facts.get("note") or ""),
    )


def _reference(facts: dict[str, Any]) -> Release:
    accessed_at = _date(facts, "accessed_at")
    return Release(
        release_id="reference",
        source_id="reference",
        source_kind="reference",
        released_at=accessed_at,
        released_at_basis="first_held",
        producer="various, see raw/reference/source.yml",
        title="Reference tables",
        url="",
        licence="various, see raw/reference/source.yml",
        citation="",
        accessed_at=accessed_at,
        note="",
    )


def _read(folder: Path) -> dict[str, Any]:
    path = folder / "source.yml"
    if not path.is_file():
        raise ProvenanceError("the file is missing; expected producer, title, url, dates and files")
    try:
        facts = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise ProvenanceError(f"not readable as YAML{place}: {problem}") from error
    if not isinstance(facts, dict):
        raise ProvenanceError("expected a map of keys")
    return facts


def _text(facts: dict[str, Any], key: str) -> str:
    value = facts.get(key)
    if value is None or not str(value).strip():
        raise ProvenanceError(f"{key} is missing")
    return str(value).strip()


def _date(facts: dict[str, Any], key: str) -> dt.date:
    text = _text(facts, key)
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise ProvenanceError(f"{key} is {text!r}; expected a date such as 2025-01-14") from error


def _last_day(facts: dict[str, Any], key: str) -> dt.date:
    """A date known to the month or year counts from its last day: never known too early."""
    parts = _text(facts, key).split("-")
    try:
        year = int(parts[0])
        month = int(parts[1]) if len(parts) > 1 else 12
        day = int(parts[2]) if len(parts) > 2 else calendar.monthrange(year, month)[1]
        return dt.date(year, month, day)
    except (ValueError, calendar.IllegalMonthError) as error:
        raise ProvenanceError(f"{key} is {facts[key]!r}; expected YYYY, YYYY-MM or a day") from error
