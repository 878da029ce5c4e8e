"""Puts what was fetched or added into `raw/customs/<source>/<date>/`, with its source.yml.

A release never changes, but for one kind: files that a person adds by hand one after the other are one
release per source and day, so that the order in which they were added decides nothing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from orchestration.errors import LedgerError
from orchestration.fetch.question import Fetched, Source
from orchestration.sources.asked import Asked, WrongQuestion


@dataclass(frozen=True)
class Stored:
    """folder: the new release, None when nothing was new; held: file name -> release that has its bytes.

    unasked: file name -> what it was asked for beyond the file that is held, in words: a release of the same
    day does not change.
    """

    folder: Path | None
    files: tuple[str, ...]
    held: dict[str, str]
    unasked: dict[str, str]


def store(
    raw_root: Path,
    source: Source,
    released_at: dt.date,
    files: Sequence[Fetched],
    *,
    today: dt.date | None = None,
    basis: str = "first_held",
    note: str = "Downloaded by chipledger fetch; the files are as received.",
    joins: bool = False,
) -> Stored:
    """Stores the files of one day as one release; a file whose content is held already is left out, unless
    the day says more by it: it is earlier, answers a wider question, or takes back what was said in between.

    `joins`: the files join the release of that day that was stored with the same `note`, if there is one.
    """
    if not raw_root.is_dir():
        raise LedgerError(f"there is no folder {raw_root}; set CHIPLEDGER_RAW to the folder of releases")
    home = raw_root / "customs" / source.source_id
    known = _known(home, source)
    new: dict[str, Fetched] = {}
    stored: dict[str, Path] = {}
    held: dict[str, str] = {}
    unasked: dict[str, str] = {}
    for item in files:
        if item.path is None:
            continue
        digest = content_digest(item.path, source.volatile)
        is_new = digest in stored
        twin = stored[digest] if is_new else _twin(known.get(digest, []), released_at)
        more = {}
        if twin is not None and item.asked:
            more = item.asked.beyond(new[twin.name].asked if is_new else _asked_of(twin))
        if twin is None or (not is_new and _says_more(twin, item, released_at, bool(more), joins)):
            stored[digest] = item.path
            new[item.path.name] = item
            continue
        held[item.path.name] = "this one" if is_new else twin.parent.name
        if more:
            unasked[item.path.name] = "; ".join(f"{part} {values}" for part, values in more.items())
    if not new:
        return Stored(None, (), held, unasked)
    home.mkdir(parents=True, exist_ok=True)
    if joins and (folder := _joinable(home, released_at, note)) is not None:
        facts = _facts(source, released_at, list(new.values()), folder, today or dt.date.today())
        names = tuple(sorted(facts["files"]))
        _join(folder, facts | {"released_at_basis": basis})
        return Stored(folder, names, held, unasked)
    draft = Path(tempfile.mkdtemp(prefix=".fetch-", dir=home))
    try:
        facts = _facts(source, released_at, list(new.values()), draft, today or dt.date.today())
        facts |= {"released_at_basis": basis, "note": " ".join([note, *_notes(new.values())])}
        (draft / "source.yml").write_text(
            yaml.safe_dump(facts, allow_unicode=True, sort_keys=False, width=110), encoding="utf-8"
        )
        draft.chmod(0o755)
        folder = _place(draft, home, released_at)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return Stored(folder, tuple(sorted(new)), held, unasked)


def _twin(same: Sequence[Path], released_at: dt.date) -> Path | None:
    """The newest file of the same content that was held on that day."""
    day = released_at.isoformat()
    return next((path for path in reversed(same) if path.parent.name[:10] <= day), None)


def _says_more(twin: Path, item: Fetched, released_at: dt.date, is_wider: bool, by_hand: bool) -> bool:
    """Whether content that is held as `twin` says something new on a later day.

    It takes back what was said in between: by the answers to the same question, whose files have one name, or
    to one that meets it; by any file of the source where a person says that it holds the old content on the
    new day.
    """
    day = released_at.isoformat()
    if twin.parent.name[:10] >= day:
        return False
    between = [
        folder
        for folder in twin.parent.parent.glob("*/")
        if twin.parent.name < folder.name
        and (folder.name[:10] < day or (not by_hand and folder.name[:10] == day))
    ]
    return is_wider or any(by_hand or _answers(folder, item) for folder in between)


def _answers(folder: Path, item: Fetched) -> bool:
    """Whether a release holds an answer to the question of the item, or to one that meets it."""
    assert item.path is not None
    if (folder / item.path.name).is_file():
        return True
    others = [_asked_of(path) for path in folder.iterdir()] if item.asked else []
    return any(other.meets(item.asked) for other in others if other and item.asked)


def _asked_of(path: Path) -> Asked | None:
    """What a file that is held was asked for."""
    try:
        return Asked.of(_read_facts(path.parent)["files"][path.name]["asked"])
    except (KeyError, TypeError, WrongQuestion):
        return None


def content_digest(path: Path, volatile: bytes = b"") -> str:
    """sha256 of the bytes, or of the bytes without what matches `volatile` (such as the time a call took)."""
    if volatile:
        return hashlib.sha256(re.sub(volatile, b"", path.read_bytes())).hexdigest()
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while piece := stream.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def _known(home: Path, source: Source) -> dict[str, list[Path]]:
    """Digest of the content -> files, the newest last, of everything that is held of this source."""
    known: dict[str, list[Path]] = {}
    for folder in sorted(home.glob("*/")) if home.is_dir() else []:
        if folder.name.startswith("."):
            continue
        recorded = {} if source.volatile else _recorded(folder)
        for path in sorted(folder.iterdir()):
            if path.is_file() and path.name != "source.yml":
                digest = recorded.get(path.name) or content_digest(path, source.volatile)
                known.setdefault(digest, []).append(path)
    return known


def _recorded(folder: Path) -> dict[str, str]:
    """File name -> sha256 as its source.yml says: hashing gigabytes again would tell the same."""
    try:
        facts = yaml.safe_load((folder / "source.yml").read_text(encoding="utf-8"))
        files = facts["files"].items()
        return {str(name): str(entry["sha256"]) for name, entry in files if entry and "sha256" in entry}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, yaml.YAMLError):
        return {}


def _facts(
    source: Source, released_at: dt.date, items: list[Fetched], draft: Path, today: dt.date
) -> dict[str, Any]:
    """Moves the files into the draft and says where they come from."""
    entries: dict[str, dict[str, Any]] = {}
    for item in items:
        assert item.path is not None
        place = _free(draft, item.path)
        # A file that is being copied has a name that no refresh looks at.
        partial = place.with_name(f".{place.name}")
        shutil.copyfile(item.path, partial)
        partial.rename(place)
        entries[place.name] = {
            "dataset_id": source.dataset_id,
            "sha256": content_digest(place),
            "url": item.url,
        }
        entries[place.name] |= item.said
        if item.asked:
            entries[place.name]["asked"] = item.asked.as_map()
    return {
        "source_id": source.source_id,
        "released_at": released_at,
        "released_at_basis": "first_held",
        "producer": source.producer,
        "title": source.title,
        "url": source.url,
        "accessed_at": today,
        "licence": source.licence,
        "citation": source.citation,
        "note": "",
        "files": entries,
    }


def _free(folder: Path, path: Path) -> Path:
    """Where the file goes: under its own name, or with its digest where another file has that name."""
    place = folder / path.name
    return place if not place.exists() else folder / f"{path.stem}-{content_digest(path)[:8]}{path.suffix}"


def _joinable(home: Path, released_at: dt.date, note: str) -> Path | None:
    """The release of that day that was stored with this note."""
    for folder in sorted(home.glob(f"{released_at.isoformat()}*/")):
        if str(_read_facts(folder).get("note") or "").startswith(note):
            return folder
    return None


def _read_facts(folder: Path) -> dict[str, Any]:
    try:
        facts = yaml.safe_load((folder / "source.yml").read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _join(folder: Path, more: dict[str, Any]) -> None:
    """Adds files to a release. What is said of the release as a whole is the same whatever came first."""
    facts = _read_facts(folder)
    facts["files"] = dict(sorted({**facts["files"], **more["files"]}.items()))
    for name in ("producer", "title", "citation"):
        facts[name] = "; ".join(sorted({*str(facts[name]).split("; "), str(more[name])}))
    # The weaker of two ways of knowing the day.
    facts["released_at_basis"] = min(facts["released_at_basis"], more["released_at_basis"])
    facts["accessed_at"] = max(facts["accessed_at"], more["accessed_at"])
    draft = folder / ".source.yml"
    draft.write_text(yaml.safe_dump(facts, allow_unicode=True, sort_keys=False, width=110), encoding="utf-8")
    draft.rename(folder / "source.yml")


def _notes(items: Iterable[Fetched]) -> list[str]:
    return sorted({item.note for item in items if item.note})


def _place(draft: Path, home: Path, released_at: dt.date) -> Path:
    """Gives the draft its name: the date, with -02, -03, ... where the day has releases already.

    Releases of one day follow each other by name, so the numbers have two digits.
    """
    for number in range(1, 100):
        folder = home / (released_at.isoformat() + (f"-{number:02d}" if number > 1 else ""))
        if folder.exists():
            continue
        try:
            return draft.rename(folder)
        except OSError:
            continue
    raise LedgerError(f"{home}: a hundred releases of {released_at}; move some away")
