"""Is this installation well? Each check is one sentence and, where something is wrong, what to do."""

from __future__ import annotations

import fcntl
import importlib.metadata
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.errors import LedgerError
from orchestration.warehouse import attempts, builds, calendar, keep
from orchestration.warehouse.digest import threshold
from orchestration.warehouse.settings import Settings

# A refresh writes the draft, the ledger and a copy: room for three of what is there, and this much.
LEAST_FREE_BYTES = 500_000_000
_ENGINES = (("duckdb", "2.0"), ("dbt-core", "1.11"), ("dbt-duckdb", "1.11"), ("dagster", "1.13"))


@dataclass(frozen=True)
class Check:
    """status: ok, warn (works, look at it) or bad (a refresh or a reader will fail)."""

    name: str
    status: str
    sentence: str
    remedy: str = ""


def examine(settings: Settings) -> list[Check]:
    """Every check, in an order in which the first bad one is the one to mend first."""
    checks: list[Check] = []
    for look in _CHECKS:
        try:
            checks.append(look(settings))
        except LedgerError as error:
            checks.append(Check(look.__name__[1:], "bad", str(error)))
        except (OSError, ValueError, duckdb.Error) as error:
            first = " ".join(str(error).split())
            checks.append(Check(look.__name__[1:], "bad", first, "look at the file or folder it names"))
    return checks


def _versions(settings: Settings) -> Check:
    said = f"Python {sys.version_info[0]}.{sys.version_info[1]}"
    wrong = []
    for name, wanted in _ENGINES:
        found = importlib.metadata.version(name)
        said += f", {name} {found}"
        if not found.startswith(f"{wanted}."):
            wrong.append(f"{name} is {found}, expected {wanted}.x")
    if wrong:
        return Check("versions", "bad", "; ".join(wrong), "run `make refresh` to install what uv.lock names")
    return Check("versions", "ok", said)


def _environment(settings: Settings) -> Check:
    keep.to_drop([], None, os.environ.get("CHIPLEDGER_KEEP", keep.DEFAULT), keep.built_at("20260101T000000Z"))
    threshold()
    if os.environ.get("CHIPLEDGER_WEBHOOK_URL") and not os.environ.get("CHIPLEDGER_WEBHOOK_SECRET"):
        said = "CHIPLEDGER_WEBHOOK_URL is set without CHIPLEDGER_WEBHOOK_SECRET; no webhook alert is sent"
        return Check("environment", "warn", said, "set the secret that the receiver knows")
    if bool(os.environ.get("CHIPLEDGER_SMTP_HOST")) != bool(os.environ.get("CHIPLEDGER_MAIL_TO")):
        said = "of CHIPLEDGER_SMTP_HOST and CHIPLEDGER_MAIL_TO only one is set; no e-mail alert is sent"
        return Check("environment", "warn", said, "set both or none")
    port = os.environ.get("CHIPLEDGER_SMTP_PORT", "25")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        said = f"CHIPLEDGER_SMTP_PORT is {port!r}; no e-mail alert is sent"
        return Check("environment", "bad", said, "give the port's number, such as 587")
    known = sorted(name for name in os.environ if name.startswith(("CHIPLEDGER_", "DAGSTER_HOME")))
    return Check("environment", "ok", f"set: {', '.join(known)}" if known else "all defaults")


def _raw(settings: Settings) -> Check:
    if not settings.raw_root.is_dir():
        return Check("raw", "bad", f"there is no folder {settings.raw_root}", "set CHIPLEDGER_RAW to it")
    blind = [path for path in settings.raw_root.rglob("*") if not os.access(path, os.R_OK)]
    if blind:
        shown = blind[0].relative_to(settings.raw_root)
        return Check("raw", "bad", f"{len(blind)} files cannot be read, such as {shown}", "give the right to read")
    return Check("raw", "ok", f"{settings.raw_root} can be read")


def _home(settings: Settings) -> Check:
    for place in map(_nearest, (settings.home, settings.work_dir, settings.builds_dir)):
        if not os.access(place, os.W_OK | os.X_OK):
            return Check("home", "bad", f"{place} may not be written", "give the right, or set CHIPLEDGER_HOME")
    return Check("home", "ok", f"{settings.home} can be written")


def _disk(settings: Settings) -> Check:
    free = shutil.disk_usage(_nearest(settings.home)).free
    held = sum(path.stat().st_size for path in (settings.ledger_path, settings.draft_path) if path.is_file())
    wanted = max(LEAST_FREE_BYTES, 3 * held)
    said = f"{free / 1e9:.1f} GB free, a refresh may want {wanted / 1e9:.1f} GB"
    if free < wanted:
        return Check("disk", "bad", said, "free some space, or keep fewer builds (CHIPLEDGER_KEEP)")
    return Check("disk", "ok", said)


def _lock(settings: Settings) -> Check:
    if not settings.lock_path.is_file():
        return Check("lock", "ok", "no refresh is at work")
    with settings.lock_path.open("r", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return Check("lock", "ok", f"a refresh (process {handle.read().strip()}) is at work right now")
    left = attempts.unfinished(settings)
    if left:
        said = f"the refresh of {left.began_at} did not end"
        record = builds.current(settings)
        if record and record.fingerprint == builds.fingerprint(settings):
            said += "; what is published holds what is in raw/"
            return Check("lock", "ok", f"{said}, and the next refresh with news puts right what is left")
        return Check("lock", "warn", said, "run `chipledger refresh`: it heals what is left")
    return Check("lock", "ok", "no refresh is at work")


def _current(settings: Settings) -> Check:
    record = builds.current(settings)
    if record is None:
        return Check("current", "bad", f"nothing is published in {settings.home}", "run `chipledger refresh`")
    with duckdb.connect(str(settings.published_path.resolve()), read_only=True) as connection:
        rows = connection.execute("select count(*) from meta.columns").fetchall()
    kept = len(builds.all_builds(settings))
    return Check("current", "ok", f"build {record.build_id} opens, {rows[0][0]} columns; {kept} builds kept")


def _postgres(settings: Settings) -> Check:
    from orchestration.serving import postgres, server

    url = server.url_from_environment()
    if not url:
        return Check("postgres", "ok", f"{server.URL_VARIABLE} is not set; only the file is published")
    with server.connect(url) as connection:
        if refused := postgres.may_not_publish(connection):
            return Check("postgres", "bad", f"its user may not {refused} there", "grant it, or name another user")
        held = postgres.held_build(connection)
    record = builds.current(settings)
    if record is None or held == record.build_id:
        return Check("postgres", "ok", f"it answers and holds {f'build {held}' if held else 'no build yet'}")
    said = f"it holds {f'build {held}' if held else 'no build'}, not {record.build_id}"
    return Check("postgres", "warn", said, "run `chipledger refresh`: it brings the server up to date")


def _held_back(settings: Settings) -> Check:
    record = builds.current(settings)
    held = record.held_back if record else ()
    if held:
        return Check("held_back", "warn", f"{len(held)} held back, first: {held[0]}", "see `chipledger sources`")
    return Check("held_back", "ok", "no file is held back")


def _raw_against_build(settings: Settings) -> Check:
    record = builds.current(settings)
    found = builds.parts(settings)
    if record is None:
        return Check("news", "ok", "nothing is published to compare with")
    news = sorted(name for name in {*found, *record.parts} if found.get(name) != record.parts.get(name))
    if news:
        said = f"{len(news)} parts differ from the published build, first: {news[0]}"
        return Check("news", "warn", said, "run `chipledger refresh`")
    return Check("news", "ok", "the published build holds what is in raw/, made by this code")


def _schedule(settings: Settings) -> Check:
    entries = calendar.read(settings.raw_root)
    place = os.environ.get("DAGSTER_HOME")
    if not entries:
        return Check("schedule", "warn", "raw/reference/release_calendar.csv has no entry", "restore the file")
    if not place:
        return Check("schedule", "ok", f"{len(entries)} entries; no DAGSTER_HOME, so nothing runs by itself")
    if not (Path(place) / "dagster.yaml").is_file():
        said = f"{place} has no dagster.yaml, so runs are not queued for the one writer"
        return Check("schedule", "warn", said, "run `sh deploy/prepare-home.sh`")
    return Check("schedule", "ok", f"{len(entries)} entries; Dagster's home is {place}")


def _nearest(path: Path) -> Path:
    """The folder itself, or the first above it that is there."""
    while not path.exists():
        path = path.parent
    return path


_CHECKS: tuple[Callable[[Settings], Check], ...] = (
    _versions,
    _environment,
    _raw,
    _home,
    _disk,
    _lock,
    _current,
    _postgres,
    _held_back,
    _raw_against_build,
    _schedule,
)
