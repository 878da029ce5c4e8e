"""Publishes under readers, and publishers that are killed: does anybody ever see a mixture or an older build?

`make serve-test` runs the full form, tests/serving/test_readers.py a short one. Every publish is the
product's own `publish()`, over a draft in which two marts were stamped with the number of the publish; so a
reader knows from the rows which build they are of. The stamps are made here and are in no real build.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import duckdb
import psycopg
from helpers import ROOT, clean_environment, run_cli

SEED = 20261121
THREADS = 4
# Seconds between two reads of one reader: with none, the readers alone fill a small machine.
PAUSE_S = {"file": 0.2, "PostgreSQL": 0.05}
# Marts that are stamped: a small one and one of some thousand rows, in a text column each.
STAMPED = {"dim_policy_event": "note", "fct_trade_cagr": "cagr_status"}
_BOTH = [f"marts.{table}" for table in STAMPED]
_COLUMNS = list(STAMPED.values())
# One statement: how many builds are recorded, and the stamps of all rows of both marts.
ONE = "select (select count(*) from meta.builds), " + ", ".join(
    f"(select {edge}({column}) from {table})"
    for table, column in zip(_BOTH, _COLUMNS, strict=True)
    for edge in ("min", "max")
)
# The same from two statements, for a transaction that promises one state of the data.
TWO = [
    f"select min({column}), max({column}) from {table}" for table, column in zip(_BOTH, _COLUMNS, strict=True)
]

# Whether a publisher is filling the server's tables.
LOADING = (
    "select count(*) from pg_stat_activity where application_name = 'chipledger' and query ilike 'copy%'"
)

PUBLISH = """
import sys, duckdb
from orchestration.warehouse.ledger import exclusive
from orchestration.scope import EVERYTHING
from orchestration.warehouse import attempts
from orchestration.warehouse.publish import publish
from orchestration.warehouse.settings import Settings
settings = Settings.from_environment()
first, last = int(sys.argv[1]), int(sys.argv[2])
for number in range(first, last + 1):
    with exclusive(settings):
        with duckdb.connect(str(settings.draft_path)) as draft:
            for table, column in (STAMPED).items():
                draft.execute(f"update marts.{table} set {column} = ?", [f"stress {number:04d}"])
        print("publishing", number, flush=True)
        attempts.begin(settings, EVERYTHING)
        publish(settings, 0.0, force=True)
print("done", flush=True)
"""


@dataclass
class Seen:
    """What one kind of reader saw."""

    reads: int = 0
    builds: int = 0
    mixed: list[str] = field(default_factory=list)
    backward: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def add(self, other: Seen) -> None:
        self.reads += other.reads
        self.builds = max(self.builds, other.builds)
        self.mixed += other.mixed
        self.backward += other.backward
        self.errors += other.errors

    @property
    def is_clean(self) -> bool:
        return not (self.mixed or self.backward or self.errors)


class Watcher:
    """Holds each read against the one before: all stamps equal, none older."""

    def __init__(self) -> None:
        self.seen = Seen()
        self._last = ""
        self._known: set[str] = set()
        self._count_of: dict[str, int] = {}

    def read(self, stamps: list[str], builds: int | None = None) -> None:
        self.seen.reads += 1
        if len(set(stamps)) != 1:
            self.seen.mixed.append(f"{sorted(set(stamps))}")
            return
        stamp = stamps[0]
        if builds is not None and self._count_of.setdefault(stamp, builds) != builds:
            self.seen.mixed.append(f"{stamp} with {builds} builds recorded and with {self._count_of[stamp]}")
        if stamp < self._last:
            self.seen.backward.append(f"{stamp} after {self._last}")
        self._last = stamp
        self._known.add(stamp)
        self.seen.builds = len(self._known)


def read_file(path: str, stop: Any, watcher: Watcher) -> None:
    """Opens the published file again and again; now and then keeps it open for several reads."""
    while not stop.is_set():
        try:
            with duckdb.connect(path, read_only=True) as connection:
                for _ in range(random.choice((1, 1, 5))):
                    builds, *stamps = connection.execute(ONE).fetchall()[0]
                    watcher.read(stamps, builds)
            time.sleep(random.uniform(0, 2 * PAUSE_S["file"]))
        except Exception as error:
            watcher.seen.errors.append(f"{type(error).__name__}: {error}")


def read_postgres(url: str, stop: Any, watcher: Watcher) -> None:
    """Single statements, prepared ones, and transactions of two statements; reconnects now and then."""
    while not stop.is_set():
        try:
            with psycopg.connect(url, autocommit=True) as connection:
                for _ in range(50):
                    if stop.is_set():
                        return
                    row = connection.execute(ONE, prepare=True).fetchall()[0]
                    watcher.read(list(row[1:]), row[0])
                    with connection.transaction():
                        connection.execute("set transaction isolation level repeatable read")
                        stamps = [value for query in TWO for value in connection.execute(query).fetchall()[0]]
                    watcher.read(stamps)
                    time.sleep(random.uniform(0, 2 * PAUSE_S["PostgreSQL"]))
        except Exception as error:
            watcher.seen.errors.append(f"{type(error).__name__}: {error}")


def reader_process(kind: str, place: str, threads: int, stop: Any, results: Any) -> None:
    read = {"file": read_file, "PostgreSQL": read_postgres}[kind]
    watchers = [Watcher() for _ in range(threads)]
    running = [threading.Thread(target=read, args=(place, stop, watcher)) for watcher in watchers]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    total = Seen()
    for watcher in watchers:
        total.add(watcher.seen)
    results.put((kind, total))


def publisher(home: Path, url: str, first: int, last: int) -> subprocess.Popen[str]:
    """A process that publishes the numbers from first to last."""
    return subprocess.Popen(
        [sys.executable, "-c", PUBLISH.replace("(STAMPED)", repr(STAMPED)), str(first), str(last)],
        env=clean_environment({"CHIPLEDGER_HOME": str(home), "CHIPLEDGER_POSTGRES_URL": url}),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def publish_all(home: Path, url: str, first: int, last: int) -> float:
    """Publishes them and returns the seconds that it took."""
    started = time.perf_counter()
    process = publisher(home, url, first, last)
    out, err = process.communicate(timeout=3600)
    if process.returncode:
        raise AssertionError(f"publisher: exit {process.returncode}: {out[-300:]} {err[-2000:]}")
    return time.perf_counter() - started


def one_publish(home: Path, url: str, number: int) -> float:
    """Publishes one number and returns the seconds from its first step to the end of its process."""
    process = publisher(home, url, number, number)
    assert process.stdout is not None
    process.stdout.readline()
    started = time.perf_counter()
    _, err = process.communicate(timeout=600)
    assert process.returncode == 0, err[-2000:]
    return time.perf_counter() - started


def under_readers(
    home: Path, owner_url: str, reader_url: str, publishes: int, readers: int
) -> tuple[dict[str, Seen], float]:
    """`publishes` builds while `readers` of each kind read; what they saw, and the publisher's seconds."""
    publish_all(home, owner_url, 0, 0)
    context = multiprocessing.get_context("spawn")
    stop, results = context.Event(), context.Queue()
    path = str(home / "current" / "chipledger.duckdb")
    threads = min(THREADS, readers)
    processes = [
        context.Process(target=reader_process, args=(kind, place, threads, stop, results))
        for kind, place in (("file", path), ("PostgreSQL", reader_url))
        for _ in range(readers // threads)
    ]
    for process in processes:
        process.start()
    try:
        time.sleep(3)
        seconds = publish_all(home, owner_url, 1, publishes)
        time.sleep(1)
    finally:
        stop.set()
    totals = {"file": Seen(), "PostgreSQL": Seen()}
    for _ in processes:
        kind, seen = results.get(timeout=120)
        totals[kind].add(seen)
    for process in processes:
        process.join(60)
    return totals, seconds


def state(home: Path, url: str) -> tuple[list[str], list[str]]:
    """Stamps that a new reader of the file and one of PostgreSQL see."""
    with duckdb.connect(str(home / "current" / "chipledger.duckdb"), read_only=True) as file:
        mine = sorted(set(file.execute(ONE).fetchall()[0][1:]))
    with psycopg.connect(url, autocommit=True) as server:
        theirs = sorted(set(server.execute(ONE).fetchall()[0][1:]))
    return mine, theirs


def settled(home: Path, url: str) -> tuple[list[str], list[str]]:
    """The state once `chipledger serve` has brought a build that only the file got to PostgreSQL too."""
    deadline = time.monotonic() + 30
    while True:
        mine, theirs = state(home, url)
        if mine == theirs:
            return mine, theirs
        assert time.monotonic() < deadline, f"the file is at {mine}, PostgreSQL stays at {theirs}"
        time.sleep(0.2)


MOMENTS = ("at random", "file being copied", "server being loaded", "link flipped")


def wait_for(
    moment: str, home: Path, owner: psycopg.Connection[Any], chance: random.Random, usual: float
) -> None:
    """Returns at that moment of a publish that has begun, or after twice its usual time."""
    started = time.perf_counter()
    link = (home / "current").readlink()
    at_random = chance.uniform(0, 1.1 * usual)
    while (passed := time.perf_counter() - started) < 2 * usual:
        if moment == "at random" and passed >= at_random:
            return
        if moment == "file being copied" and list((home / "builds").glob("*.partial")):
            return
        if moment == "server being loaded" and owner.execute(LOADING).fetchall() != [(0,)]:
            time.sleep(chance.uniform(0, 0.3 * usual))
            return
        if moment == "link flipped" and (home / "current").readlink() != link:
            return
        time.sleep(0.001)


def killed(home: Path, owner_url: str, reader_url: str, first: int, times: int) -> Counter[str]:
    """kill -9 of a publish, `times` times, the moments in turn; what readers saw after each.

    Keys: old and new for each kind of reader, and `wrong` for anything else.
    """
    chance = random.Random(SEED)
    outcome: Counter[str] = Counter()
    usual = one_publish(home, owner_url, first)
    with psycopg.connect(owner_url, autocommit=True) as owner:
        for number in range(first + 1, first + 1 + times):
            before = settled(home, reader_url)
            process = publisher(home, owner_url, number, number)
            assert process.stdout is not None
            process.stdout.readline()
            wait_for(MOMENTS[number % len(MOMENTS)], home, owner, chance, usual)
            process.send_signal(signal.SIGKILL)
            process.communicate()
            wanted = f"stress {number:04d}"
            found = state(home, reader_url)
            for kind, old, seen in zip(("file", "PostgreSQL"), before, found, strict=True):
                word = {tuple(old): "old", (wanted,): "new"}.get(tuple(seen), "wrong")
                outcome[f"{kind} {word}"] += 1
                outcome["wrong"] += word == "wrong"
    # The next publisher goes on as if nothing had happened, and leaves nothing of its forerunners.
    last = first + times + 1
    publish_all(home, owner_url, last, last)
    outcome["wrong"] += state(home, reader_url) != ([f"stress {last:04d}"],) * 2
    outcome["leftovers"] = len(list((home / "builds").glob("*.partial")))
    return outcome


def main() -> int:
    """The full form: prints a table, exit 1 where a reader was wronged."""
    import live

    publishes, readers, kills = (int(item) for item in (sys.argv[1:] or ["50", "16", "30"]))
    with tempfile.TemporaryDirectory() as folder:
        source = Path(os.environ.get("CHIPLEDGER_HOME") or Path(folder) / "home")
        if not (source / "current").exists():
            built = run_cli("refresh", env={"CHIPLEDGER_HOME": str(source)}, timeout=1800)
            if built.returncode:
                raise SystemExit(built.stderr)
        with live.copied_home(source) as home, live.served(home, seconds=60) as endpoint:
            seen, seconds = under_readers(home, endpoint.owner_url, endpoint.url(), publishes, readers)
            outcome = killed(home, endpoint.owner_url, endpoint.url(), publishes + 1, kills)
    print(f"{publishes} publishes in {seconds:.0f} s under {readers} readers of each kind\n")
    print("| readers of | reads | builds seen | mixed | backward | errors |\n|---|---:|---:|---:|---:|---:|")
    for kind, found in seen.items():
        numbers = (found.reads, found.builds, len(found.mixed), len(found.backward), len(found.errors))
        print(f"| {kind} | " + " | ".join(f"{number:,}" for number in numbers) + " |")
        for problem in (found.mixed + found.backward + found.errors)[:5]:
            print(problem, file=sys.stderr)
    print(f"\nkill -9 of the publisher, {kills} times: {dict(sorted(outcome.items()))}")
    is_right = all(found.is_clean for found in seen.values()) and not outcome["wrong"]
    return 0 if is_right and not outcome["leftovers"] else 1


if __name__ == "__main__":
    sys.exit(main())
