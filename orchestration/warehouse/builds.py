"""Builds: what goes into one (the fingerprint), what it is called, and which one is current."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from orchestration.warehouse.settings import DBT_PROJECT_DIR, PROJECT_ROOT, Settings

RECORD = "build.json"


@dataclass(frozen=True)
class BuildRecord:
    """What is written beside a published file, so that it can be read without opening it."""

    build_id: str
    fingerprint: str
    held_back: tuple[str, ...]


def fingerprint(settings: Settings) -> str:
    """sha256 over the bytes of all raw files and of the code that reads them.

    Two refreshes with the same fingerprint publish the same tables.
    """
    digest = hashlib.sha256()
    for root, files in ((settings.raw_root, _raw_files(settings)), (PROJECT_ROOT, _code_files())):
        for path in files:
            digest.update(os.fsencode(path.relative_to(root)) + b"\0")
            with path.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    digest.update(settings.target.encode())
    return digest.hexdigest()


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


def new_build_id(of: str) -> str:
    """A name that sorts by time: 20261121T194500Z-1a2b3c4d."""
    return f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%SZ}-{of[:8]}"


def current(settings: Settings) -> BuildRecord | None:
    """The record of the published build, or None when nothing is published."""
    path = settings.current_link / RECORD
    if not path.is_file() or not settings.published_path.is_file():
        return None
    facts = json.loads(path.read_text(encoding="utf-8"))
    return BuildRecord(facts["build_id"], facts["fingerprint"], tuple(facts["held_back"]))


def write_record(folder: Path, record: BuildRecord) -> None:
    text = json.dumps(
        {
            "build_id": record.build_id,
            "fingerprint": record.fingerprint,
            "held_back": list(record.held_back),
        },
        indent=2,
        ensure_ascii=False,
    )
    (folder / RECORD).write_text(text + "\n", encoding="utf-8")
