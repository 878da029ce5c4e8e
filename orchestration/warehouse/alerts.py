"""Tells people: each alert once by every way that is set up (see `channels`), however long that takes.

What is to be told is written down first and struck out when it was taken. So an alert whose receiver is away
waits and goes out with the next one; a build and a late source count as told, by each way for itself, from then
on. What a build changed stands in its file before anyone sees it: a refresh that dies behind the flip leaves it
to be told by the next. An alert that cannot be sent never fails a refresh; it is said in the log. What is worth
an alert is `digest`'s; how a run failed, its caller's.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from orchestration.errors import LedgerError
from orchestration.warehouse import channels
from orchestration.warehouse.channels import LOG, Refused, Said
from orchestration.warehouse.digest import Finding, News
from orchestration.warehouse.files import write_whole
from orchestration.warehouse.settings import Settings

# What a way that stays shut may leave waiting; beyond it the oldest are given up.
MOST_WAITING = 100
# Findings that are alerts by themselves; the digest has all of them.
_ALARMING = {
    "revision": "large revision",
    "coverage": "coverage shrank",
    "late": "a source is late",
    "held_back": "a file is held back",
}


@dataclass(frozen=True)
class Alert:
    """kind: failure, contract, revision, coverage, late, held_back or digest; lines: one sentence each."""

    kind: str
    title: str
    lines: tuple[str, ...]
    build_id: str | None = None
    run_id: str | None = None

    def as_json(self) -> Said:
        return {
            "product": "chipledger",
            "kind": self.kind,
            "title": self.title,
            "lines": list(self.lines),
            "build_id": self.build_id,
            "run_id": self.run_id,
            "raised_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        }


def of_findings(found: Iterable[Finding], build_id: str, run_id: str | None) -> list[Alert]:
    """One alert per alarming kind, then the digest of everything, if there is anything."""
    found = list(found)
    alerts = []
    for kind, title in _ALARMING.items():
        lines = tuple(item.message for item in found if item.kind == kind)
        if lines:
            alerts.append(Alert(kind, title, lines, build_id, run_id))
    if found:
        lines = tuple(item.message for item in found)
        alerts.append(Alert("digest", f"what build {build_id} changed", lines, build_id, run_id))
    return alerts


def of_failure(sentences: Iterable[str], is_contract: bool, run_id: str | None) -> Alert:
    kind, title = ("contract", "a contract or test failed") if is_contract else ("failure", "refresh failed")
    return Alert(kind, f"{title}; nothing was published", tuple(sentences), None, run_id)


def send(settings: Settings, alert: Alert) -> list[str]:
    """Tells one thing by every way; returns what could not be sent, one sentence each, and logs it."""
    return _tell(settings, lambda _: [alert])


def send_news(settings: Settings, news: News | None, run_id: str | None = None) -> list[str]:
    """Tells what builds changed, each once, and which sources are late, once per period. To be called after each
    refresh, also where nothing was built: what is not new to a way is not told there.

    run_id: of the run that published the current build.
    """
    return _tell(settings, lambda book: book.take(news, run_id) if news else [])


def _tell(settings: Settings, alerts: Callable[[_Book], list[Alert]]) -> list[str]:
    """alerts: what there is to tell by the way that keeps this book."""
    problems = []
    with _alone(settings):
        books = _read(settings)
        ways = channels.named()
        for name in ways:
            book = books.setdefault(name, _Book())
            book.waiting += [alert.as_json() for alert in alerts(book)]
        _write(settings, books)
        for name, way in ways.items():
            problems += books[name].deliver(name, way)
            _write(settings, books)
    for problem in problems:
        LOG.error("%s", problem)
    return problems


@dataclass
class _Book:
    """Of one way. build: the newest that was told; late: sources told as late, with the newest period they had;
    waiting: alerts not taken yet."""

    build: str | None = None
    late: dict[str, str | None] = field(default_factory=dict)
    waiting: list[Said] = field(default_factory=list)

    def take(self, news: News, run_id: str | None) -> list[Alert]:
        """The alerts that are new to this way, which count as told from now on. A way that is new itself is told
        of the current build; ids sort by time, so that one gone back to is not told again."""
        since = self.build
        new = [item for item in news.late if self.late.get(item.subject) != item.after]
        self.late = {item.subject: item.after for item in news.late}
        if since is not None and since >= news.build_id:
            return [alert for alert in of_findings(new, news.build_id, None) if alert.kind == "late"]
        self.build = news.build_id
        told = []
        for build_id, found in sorted(news.changed.items()):
            if since is not None and since < build_id < news.build_id:
                told += of_findings(found, build_id, None)
        return told + of_findings([*news.changed.get(news.build_id, []), *new], news.build_id, run_id)

    def deliver(self, name: str, way: Callable[[Said], None]) -> list[str]:
        """Strikes out what is taken. One that is refused does not stop those behind it; a way that is shut
        is tried once."""
        kept: list[tuple[str, Said]] = []
        for number, said in enumerate(self.waiting):
            try:
                way(said)
            except Refused as error:
                kept.append((str(error), said))
            except Exception as error:
                # The address may hold a key: only the kind of the error is told.
                reason = str(error) if isinstance(error, LedgerError) else type(error).__name__
                kept += [(reason, behind) for behind in self.waiting[number:]]
                break
        self.waiting = [said for _, said in kept]
        problems = [
            _problem(name, [said for why, said in kept if why == reason], reason)
            for reason in dict.fromkeys(why for why, _ in kept)
        ]
        return problems + self._give_up(name)

    def _give_up(self, name: str) -> list[str]:
        gone = len(self.waiting) - MOST_WAITING
        if gone <= 0:
            return []
        self.waiting = self.waiting[gone:]
        return [f"{gone} {name} alerts are given up: more than {MOST_WAITING} wait"]


def _problem(name: str, group: list[Said], reason: str) -> str:
    if len(group) == 1:
        return f"the {name} alert {group[0]['kind']!r} was not sent: {reason}; it waits for the next"
    return f"{len(group)} {name} alerts were not sent: {reason}; they wait for the next"


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """One process at a time tells: a refresh and Dagster's sensor share the books."""
    try:
        settings.work_dir.mkdir(parents=True, exist_ok=True)
        lock = (settings.work_dir / "told.lock").open("a")
    except OSError:
        # A home that cannot be written stops no alert.
        yield
        return
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _read(settings: Settings) -> dict[str, _Book]:
    try:
        facts = json.loads(_path(settings).read_text(encoding="utf-8"))
        return {
            name: _Book(book.get("build"), dict(book["late"]), list(book["waiting"]))
            for name, book in facts.items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _write(settings: Settings, books: dict[str, _Book]) -> None:
    text = json.dumps({name: asdict(book) for name, book in books.items()}, indent=1)
    try:
        if books != _read(settings):
            write_whole(_path(settings), text)
    except OSError as error:
        LOG.error("what was told cannot be written down: %s", error.strerror)


def _path(settings: Settings) -> Path:
    return settings.work_dir / "told.json"
