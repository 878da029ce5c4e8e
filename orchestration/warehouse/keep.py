"""Which builds are kept, going back to one, and removing the others.

`CHIPLEDGER_KEEP` says how many: a number of builds (`10`, the default), days (`30d`), both (`10 30d`: a
build stays while either keeps it), or `all`. The current build always stays.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import shutil

from orchestration.errors import EXIT_USAGE, LedgerError
from orchestration.warehouse import builds
from orchestration.warehouse.files import write_whole
from orchestration.warehouse.settings import PUBLISHED_NAME, Settings

DEFAULT = "10"


def to_drop(names: list[str], current: str | None, policy: str, now: dt.datetime) -> list[str]:
    """The builds that the policy does not keep; `names` as ids, `now` in UTC without a zone."""
    words = policy.split()
    if words == ["all"]:
        return []
    if not words or any(not re.fullmatch(r"[1-9]\d{0,5}d?", word) for word in words):
        raise LedgerError(
            f"CHIPLEDGER_KEEP is {policy!r}; expected a number of builds such as 10, days such as 30d, "
            "both, or all",
            EXIT_USAGE,
        )
    kept = {current}
    for word in words:
        if word.endswith("d"):
            oldest = now - dt.timedelta(days=int(word[:-1]))
            kept |= {name for name in names if built_at(name) >= oldest}
        else:
            kept |= set(sorted(names)[-int(word) :])
    return [name for name in sorted(names) if name not in kept]


def built_at(build_id: str) -> dt.datetime:
    """The time in a build's name, UTC."""
    return dt.datetime.strptime(build_id.split("-")[0], "%Y%m%dT%H%M%SZ")


def drop_old(settings: Settings) -> list[str]:
    """Removes the builds that the policy does not keep; returns their ids. Readers that have one open
    keep it until they close the file."""
    record = builds.current(settings)
    policy = os.environ.get("CHIPLEDGER_KEEP", DEFAULT)
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    gone = to_drop(builds.all_builds(settings), record.build_id if record else None, policy, now)
    for name in gone:
        remove(settings, name)
    return gone


def remove(settings: Settings, build_id: str) -> None:
    """Renamed first: a removal that is stopped must not leave half a build that looks whole."""
    partial = settings.builds_dir / f"{build_id}.partial"
    (settings.builds_dir / build_id).rename(partial)
    shutil.rmtree(partial)


def find(settings: Settings, wanted: str) -> str:
    """The id of a kept build, given whole or by a beginning that only one has."""
    names = builds.all_builds(settings)
    found = [name for name in names if name == wanted] or [name for name in names if name.startswith(wanted)]
    if len(found) != 1:
        held = ", ".join(names[-5:]) or "none"
        said = "there is no build" if not found else "several builds begin with"
        raise LedgerError(f"{said} {wanted!r} in {settings.builds_dir}; the newest kept: {held}", EXIT_USAGE)
    return found[0]


def note_rollback(settings: Settings, to: str, left: str) -> None:
    """Remembers that `current` was set back on purpose: a refresh leaves it so until something changes."""
    facts = {"build_id": to, "from": left, "fingerprint": builds.fingerprint(settings)}
    settings.work_dir.mkdir(parents=True, exist_ok=True)
    write_whole(settings.work_dir / "rollback.json", json.dumps(facts))


def rolled_back(settings: Settings) -> dict[str, str] | None:
    """What `note_rollback` wrote, while that build is still the current one."""
    path = settings.work_dir / "rollback.json"
    record = builds.current(settings)
    try:
        facts: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return facts if record and facts.get("build_id") == record.build_id else None


def newest_history(settings: Settings) -> str | None:
    """The build whose meta.builds and meta.changes go on: the current one, or the one that was left when
    going back."""
    record = builds.current(settings)
    if record is None:
        return None
    note = rolled_back(settings)
    left = note.get("from", "") if note else ""
    return left if left and (settings.builds_dir / left / PUBLISHED_NAME).is_file() else record.build_id
