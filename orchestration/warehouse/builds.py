"""Builds: what goes into one (the fingerprint), what it is called, and which one is current."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from orchestration.warehouse.settings import PUBLISHED_NAME, DBT_PROJECT_DIR, PROJECT_ROOT, Settings

RECORD = "build.json"


@dataclass(frozen=True)
class BuildRecord:
    """What is written beside a published file, so that it can be read without opening it."""

    build_id: str
    fingerprint: str
    held_back: tuple[str, ...]
    parts: Mapping[str, str] = field(default_factory=dict)
    # Of the published file; empty for builds of before it was written down.
    sha256: str = ""


def parts(settings: Settings) -> dict[str, str]:
    """sha256 of all that goes into a build, by part: the code, and each release folder of `raw/`.

    Two refreshes with the same parts publish the same tables.
    """
    digests: dict[str, Any] = {"code": hashlib.sha256(settings.target.encode())}
    for path in _code_files():
        _add(digests["code"], path, PROJECT_ROOT)
    for path in _raw_files(settings):
        name = part_of(path.relative_to(settings.raw_root))
        _add(digests.setdefault(name, hashlib.sha256()), path, settings.raw_root)
    return {name: digest.hexdigest() for name, digest in digests.items()}


def _add(digest: Any, path: Path, root: Path) -> None:
    digest.update(os.fsencode(path.relative_to(root)) + b"\0")
    with path.open("rb") as stream:
        digest.update(hashlib.file_digest(stream, "sha256").digest())


def part_of(path: PurePath) -> str:
    """The release folder of a raw file: customs/gacc/2025-01-14, articles/<slug>, reference."""
    depth = {"customs": 3, "industry": 3, "articles": 2}.get(path.parts[0], 1)
    name = "/".join(path.parts[: min(depth, max(len(path.parts) - 1, 1))])
    # A name that is no text must not stop the books.
    return name.encode("utf-8", "backslashreplace").decode()


def fingerprint_of(parts: Mapping[str, str]) -> str:
    """One sha256 over all parts."""
    text = "\0".join(f"{name}={digest}" for name, digest in sorted(parts.items()))
    return hashlib.sha256(text.encode()).hexdigest()


def fingerprint(settings: Settings) -> str:
    """The fingerprint of what is there now."""
    return fingerprint_of(parts(settings))


def _raw_files(settings: Settings) -> list[Path]:
    return sorted(
        path for path in settings.raw_root.rglob("*") if path.is_file() and not path.name.startswith(".")
    )


def _code_files() -> list[Path]:
    dbt = [path for path in DBT_PROJECT_DIR.rglob("*") if path.suffix in (".sql", ".yml", ".md")]
    python = [*(PROJECT_ROOT / "orchestration").rglob("*.py")]
    python += (PROJECT_ROOT / "orchestration").rglob("*.yml")
    lock = [path for path in (PROJECT_ROOT / "uv.lock",) if path.is_file()]
    kept = [path for path in dbt if "target" not in path.relative_to(DBT_PROJECT_DIR).parts]
    return sorted({*kept, *python, *lock})


def new_build_id(settings: Settings, of: str) -> str:
    """A name that sorts by time: 20261121T194500Z-1a2b3c4d.

    It sorts after every build that is there, also when the clock was set back: then it is named one
    second after the newest. `meta.builds.built_at` has what the clock said.
    """
    time = dt.datetime.now(dt.UTC).replace(microsecond=0, tzinfo=None)
    for name in all_builds(settings):
        held = dt.datetime.strptime(name.split("-")[0], "%Y%m%dT%H%M%SZ")
        time = max(time, held + dt.timedelta(seconds=1))
    return f"{time:%Y%m%dT%H%M%SZ}-{of[:8]}"


_BUILD_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")


def all_builds(settings: Settings) -> list[str]:
    """Ids of the builds kept, the oldest first."""
    if not settings.builds_dir.is_dir():
        return []
    return sorted(path.name for path in settings.builds_dir.iterdir() if _BUILD_ID.fullmatch(path.name))


def current(settings: Settings) -> BuildRecord | None:
    """The record of the published build, or None when nothing is published."""
    return read_record(settings.current_link) if settings.published_path.is_file() else None


def read_record(folder: Path) -> BuildRecord | None:
    """The record of the build in a folder, or None where it cannot be read."""
    try:
        facts = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        return BuildRecord(
            facts["build_id"],
            facts["fingerprint"],
            tuple(facts["held_back"]),
            facts.get("parts", {}),
            facts.get("sha256", ""),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_record(folder: Path, record: BuildRecord) -> None:
    text = json.dumps(
        {
            "build_id": record.build_id,
            "fingerprint": record.fingerprint,
            "held_back": list(record.held_back),
            "parts": dict(record.parts),
            "sha256": record.sha256,
        },
        indent=2,
        ensure_ascii=False,
    )
    (folder / RECORD).write_text(text + "\n", encoding="utf-8")


def strangers(folder: Path) -> list[str]:
    """Names beside a build's file that begin with its name: no refresh writes them, and an engine that opens
    the file takes them for its log of changes."""
    return sorted(path.name for path in folder.glob(f"{PUBLISHED_NAME}?*"))
