"""What a refresh set out to do, on disk while it is at work: what it found in `raw/`, and its scope.

The note is written before anything is read and removed after publishing. One that is still there tells
that the last refresh did not end well. It names the run that wrote it: no other may publish by it. A refresh
of some releases only counts on all others being as the published build has them; where that is not sure, all
are taken in.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from dataclasses import dataclass, replace
from pathlib import Path

from orchestration.errors import LedgerError
from orchestration.scope import EVERYTHING, Scope
from orchestration.warehouse import builds, logs
from orchestration.warehouse.files import write_whole
from orchestration.warehouse.settings import Settings

# What all releases depend on: with another one of these, each must be looked at again.
_SHARED = ("code", "corrections.yml", "reference")


@dataclass(frozen=True)
class Attempt:
    """One refresh at work: when it began, in which run, over which build, its scope, and the parts that it will
    have published."""

    began_at: str
    run: str
    process: int
    before: str | None
    scope: Scope
    parts: dict[str, str]
    # Whether people know, or will be told by somebody else, if it does not end.
    is_told: bool = False

    @property
    def fingerprint(self) -> str:
        return builds.fingerprint_of(self.parts)


def begin(settings: Settings, wanted: Scope, is_told: bool = False) -> Scope:
    """Notes the start of a refresh and returns the scope that it has to have. is_told: somebody watches it
    and tells if it does not end."""
    found = builds.parts(settings)
    before = builds.current(settings)
    scope = wanted if why_everything(settings, wanted, found, before) is None else EVERYTHING
    parts = found
    if scope != EVERYTHING and before is not None:
        kept = {name: digest for name, digest in before.parts.items() if not scope.covers(name)}
        parts = kept | {name: digest for name, digest in found.items() if scope.covers(name)}
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    over = before.build_id if before else None
    _write(settings, Attempt(now, logs.begin(), os.getpid(), over, scope, parts, is_told))
    return scope


def why_everything(
    settings: Settings, wanted: Scope, found: dict[str, str], before: builds.BuildRecord | None
) -> str | None:
    """Why a refresh of some releases has to take in all of them, in one sentence; None if it need not."""
    if wanted == EVERYTHING:
        return None
    if before is None:
        return "nothing is published yet, so all releases are taken in"
    if unfinished(settings):
        return "the last refresh did not end, so all releases are taken in"
    for name in _SHARED:
        if before.parts.get(name) != found.get(name):
            return f"{name} changed since build {before.build_id}, so all releases are taken in"
    return None


def unfinished(settings: Settings) -> Attempt | None:
    """The refresh that is at work, or that did not end; None when the last one published, if only just: one
    that was killed behind the flip has left its note, and nothing to heal."""
    left = _read(settings)
    now = builds.current(settings) if left else None
    if left and now and now.build_id != left.before and now.fingerprint == left.fingerprint:
        return None
    return left


def mine(settings: Settings) -> Attempt:
    """The refresh of this run; refused where this run did not begin one, or another began since."""
    left = _read(settings)
    if left and left.run == logs.begin():
        return left
    found = f"it names the refresh of {left.began_at} (process {left.process})" if left else "it is not there"
    raise LedgerError(
        f"{_path(settings)} is not of this run: {found}; nothing was published; start a whole refresh, with "
        "all its steps: what is done already is not done again"
    )


def untold(settings: Settings) -> str | None:
    """What to tell of a refresh that ended without a word, because it was killed or the power went."""
    left = unfinished(settings)
    if left is None or left.is_told:
        return None
    return f"the refresh of {left.began_at} (process {left.process}) did not end; the next one heals"


def mark_told(settings: Settings) -> None:
    """People know that the refresh of this run failed."""
    left = unfinished(settings)
    if left and left.run == logs.begin():
        _write(settings, replace(left, is_told=True))


def scope(settings: Settings) -> Scope:
    """The scope of this run's refresh; everything when a step runs by itself."""
    left = _read(settings)
    return left.scope if left and left.run == logs.begin() else EVERYTHING


def end(settings: Settings) -> None:
    """The refresh published: nothing is left to heal."""
    _path(settings).unlink(missing_ok=True)


def _read(settings: Settings) -> Attempt | None:
    try:
        facts = json.loads(_path(settings).read_text(encoding="utf-8"))
        since = facts["since"]
        scope = Scope(facts["source"], dt.date.fromisoformat(since) if since else None, facts["release"])
        return Attempt(
            facts["began_at"],
            facts["run"],
            facts["process"],
            facts["before"],
            scope,
            facts["parts"],
            bool(facts.get("is_told")),
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        return Attempt("an unknown time", "", 0, None, EVERYTHING, {})


def _write(settings: Settings, attempt: Attempt) -> None:
    facts = {
        "began_at": attempt.began_at,
        "run": attempt.run,
        "process": attempt.process,
        "before": attempt.before,
        "source": attempt.scope.source,
        "since": attempt.scope.since.isoformat() if attempt.scope.since else None,
        "release": attempt.scope.release,
        "parts": attempt.parts,
        "is_told": attempt.is_told,
    }
    settings.work_dir.mkdir(parents=True, exist_ok=True)
    write_whole(_path(settings), json.dumps(facts, indent=1, ensure_ascii=True))


def _path(settings: Settings) -> Path:
    return settings.work_dir / "refresh.json"
