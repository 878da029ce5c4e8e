"""What the campaign does: refreshes that are killed, run out of disk, or publish under readers.

States of `raw/` take turns, so that every refresh has something to do: with one release or without, with a
note on a policy event or without. What each must publish is known from a build that nothing disturbed.
After every fault the published file must hold the marts of one of them, whole; after every undisturbed
refresh, those of the state that lies in `raw/`, with every row accounted for.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import duckdb

ROOT = Path(__file__).resolve().parents[2]
FILE = "chipledger.duckdb"
Digest = tuple[tuple[str, int, str], ...]


def digest(path: Path) -> Digest:
    """Rows and contents of every mart of a published file; raises where the file cannot be read whole."""
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'marts' order by 1"
        ).fetchall()
        found = []
        for (table,) in tables:
            (row,) = connection.execute(
                "select count(*), cast(sum(hash(t)) as varchar), cast(bit_xor(hash(t, 1)) as varchar) "
                f'from marts."{table}" as t'
            ).fetchall()
            found.append((str(table), int(row[0]), f"{row[1]}/{row[2]}"))
        (uneven,) = connection.execute(
            "select count(*) from meta.snapshots "
            "where rows_read <> rows_loaded + rows_quarantined + rows_set_aside"
        ).fetchall()[0]
        assert uneven == 0, f"{path}: rows of {uneven} files are not accounted for"
    return tuple(found)


@dataclass
class Counts:
    """What happened; every number of the report is counted here."""

    kills: int = 0
    kills_in_publish: int = 0
    finished_before_the_kill: int = 0
    disk_full: int = 0
    disk_full_refused: int = 0
    green: int = 0
    publishes: int = 0
    reads: int = 0
    torn: list[str] = field(default_factory=list)

    def told(self) -> str:
        return (
            f"{self.kills} kills ({self.kills_in_publish} of them while publishing, "
            f"{self.finished_before_the_kill} refreshes ended before theirs), {self.disk_full} disk-full "
            f"points ({self.disk_full_refused} stopped a refresh), {self.publishes} publishes under "
            f"{self.reads} reads, "
            f"{self.green} undisturbed refreshes green; torn, lost or doubled: {len(self.torn)}"
        )


class Campaign:
    """A home, two states of raw/, and the process that starts refreshes in it."""

    def __init__(self, home: Path, raw: Path, seed: int = 1, moves_release: bool = True) -> None:
        """moves_release: without it the states differ by a policy event alone, and fewer marts follow."""
        self.home, self.raw = home, raw
        self.moves_release = moves_release
        self.random = random.Random(seed)
        self.counts = Counts()
        self.log = home.parent / "refresh.log"
        # One line for each step that a refresh ends.
        self.steps = home.parent / "steps.jsonl"
        # Whether the event has its note, and whether the release is put aside.
        self.state = (False, False)
        self.expected: dict[tuple[bool, bool], Digest] = {self.state: self.published()}
        # The state that the last refresh published undisturbed; None after any fault.
        self.settled: tuple[bool, bool] | None = self.state
        self.seconds = 10.0
        # Where the counts so far are told after each undisturbed refresh.
        self.tell: Callable[[str], None] = lambda _: None

    @contextmanager
    def launcher(self) -> Iterator[None]:
        env = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("CHIPLEDGER_", "DAGSTER_"))
            },
            "CHIPLEDGER_HOME": str(self.home),
            "CHIPLEDGER_RAW": str(self.raw),
            "CHIPLEDGER_LOG": str(self.steps),
            "COLUMNS": "200",
            "NO_COLOR": "1",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.launcher", str(self.log)],
            env=env, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert self._answer() == {"ready": True}
            yield
        finally:
            assert self.process.stdin
            self.process.stdin.close()
            self.process.wait(timeout=60)

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, "the launcher ended"
        return dict(json.loads(line))

    def _ask(self, **request: object) -> dict[str, Any]:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def published(self) -> Digest:
        return digest((self.home / "current" / FILE).resolve())

    def turn(self, with_release: bool = True) -> None:
        """Brings raw/ into another state; without the release, fewer marts follow."""
        has_note, is_put_aside = self.state
        self.change_event()
        if with_release and self.moves_release:
            here = self.raw / "customs" / "gacc" / "2026-03-10"
            there = self.raw.parent / "put_aside"
            (there if is_put_aside else here).rename(here if is_put_aside else there)
            is_put_aside = not is_put_aside
        self.state = (not has_note, is_put_aside)

    def change_event(self) -> None:
        """Adds a note to the first policy event, or takes it away again; source.yml follows."""
        events = self.raw / "reference" / "policy_events.csv"
        before = hashlib.sha256(events.read_bytes()).hexdigest()
        text = events.read_text(encoding="utf-8")
        note = " (planted by the fault campaign)"
        if note in text:
            text = text.replace(note, "")
        else:
            lines = text.splitlines(keepends=True)
            lines[1] = f"{lines[1].rstrip()}{note}\n"
            text = "".join(lines)
        events.write_text(text, encoding="utf-8")
        after = hashlib.sha256(events.read_bytes()).hexdigest()
        source = events.with_name("source.yml")
        source.write_text(source.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")

    def start(self, job: str = "refresh", force: bool = False, file_limit: int | None = None) -> int:
        self.settled = None
        return int(self._ask(do="start", job=job, force=force, file_limit=file_limit)["pid"])

    def wait(self) -> int:
        """Exit code of the refresh; negative for the signal that ended it."""
        return os.waitstatus_to_exitcode(int(self._ask(do="wait")["status"]))

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8") if self.log.is_file() else ""

    def said_of_steps(self) -> str:
        return self.steps.read_text(encoding="utf-8") if self.steps.is_file() else ""

    def must_be_whole(self, after: str) -> bool:
        """The published file is one of those expected, whole. Whether it is that of today's raw/."""
        try:
            found = self.published()
        except Exception as error:
            self.counts.torn.append(f"{after}: the published file cannot be read: {error}")
            return False
        if found not in self.expected.values():
            self.counts.torn.append(f"{after}: the published marts are neither the old nor the new ones")
        return found == self.expected.get(self.state)

    def must_heal(self, after: str, force: bool = False) -> None:
        """An undisturbed refresh is green and publishes what raw/ holds."""
        started = time.monotonic()
        self.start(force=force)
        code = self.wait()
        self.seconds = max(2.0, 0.5 * self.seconds + 0.5 * (time.monotonic() - started))
        if code != 0:
            self.counts.torn.append(f"{after}: the next refresh ended with {code}: {self.said()[-600:]}")
            return
        found = self.published()
        known = self.expected.setdefault(self.state, found)
        if found != known:
            bad = [mine[0] for mine, theirs in zip(found, known, strict=False) if mine != theirs]
            self.counts.torn.append(f"{after}: healed to other marts than an undisturbed build: {bad}")
        if list(self.home.glob("builds/*.partial")) or list(self.home.glob(".current.*")):
            self.counts.torn.append(f"{after}: leftovers stay behind")
        self.counts.green += 1
        self.settled = self.state
        self.tell(self.counts.told())

    def learn(self) -> None:
        """An undisturbed build of every state; the last one is built anew from the first asset on."""
        for with_release in (True, False, True, False):
            self.turn(with_release)
            self.must_heal("at the start", force=self.state in self.expected)

    def kill_refreshes(self, kills: int, heal_every: int = 8) -> None:
        """kill -9 at a random moment; the next attempt meets what the last one left."""
        wanted, number, is_done = self.counts.kills + kills, -1, False
        while self.counts.kills < wanted:
            number += 1
            force = self.random.random() < 0.1
            if is_done or self.random.random() < 0.3:
                self.turn(with_release=self.random.random() < 0.4)
            pid = self.start(force=force)
            time.sleep(self.random.uniform(0.0, self.seconds * (2.5 if force else 1.0)))
            if not self._kill(pid):
                self.seconds *= 0.95
                self.expected.setdefault(self.state, self.published())
            is_done = self.must_be_whole(f"kill {number}")
            if number % heal_every == heal_every - 1:
                self.must_heal(f"kill {number}")
                is_done = True

    def kill_amid(self, stage: str) -> None:
        """kill -9 as soon as a refresh has ended a step of this stage, however slow the machine is."""
        known = len(self.said_of_steps())
        pid, end = self.start(), time.monotonic() + 300
        while f'"stage": "{stage}"' not in self.said_of_steps()[known:]:
            assert time.monotonic() < end, f"no step of {stage}: {self.said()[-600:]}"
            time.sleep(0.05)
        assert self._kill(pid), f"the refresh ended before it could be killed amid {stage}"
        self.must_be_whole(f"kill amid {stage}")

    def kill_publishes(self, kills: int, heal_every: int = 10) -> None:
        """kill -9 while publishing: the audit, the copy, the compare, the flip."""
        self.must_heal("before publishing")
        started = time.monotonic()
        self.start("publish")
        assert self.wait() == 0, self.said()
        lasts = time.monotonic() - started
        wanted, number = self.counts.kills + kills, -1
        while self.counts.kills < wanted:
            number += 1
            pid = self.start("publish")
            time.sleep(self.random.uniform(0.0, lasts * 1.1))
            if self._kill(pid):
                self.counts.kills_in_publish += 1
            else:
                # The machine is quieter than it was when the first publish was timed.
                lasts *= 0.95
            self.must_be_whole(f"kill {number} while publishing")
            if number % heal_every == heal_every - 1:
                self.turn()
                self.must_heal(f"kill {number} while publishing")

    def _kill(self, pid: int) -> bool:
        os.kill(pid, signal.SIGKILL)
        code = self.wait()
        if code == -signal.SIGKILL:
            self.counts.kills += 1
            return True
        self.counts.finished_before_the_kill += 1
        if code != 0:
            self.counts.torn.append(f"a refresh ended with {code} before its kill: {self.said()[-600:]}")
        return False

    def fill_disk(self, limits: list[int]) -> None:
        """No file may grow beyond a limit: each write past it fails as on a full disk."""
        for limit in limits:
            self.turn()
            self.start(force=limit % 2 == 1, file_limit=limit)
            code = self.wait()
            self.counts.disk_full += 1
            said = " ".join(self.said().split())
            if code != 0:
                self.counts.disk_full_refused += 1
                if "is full" not in said or "Traceback" in said:
                    self.counts.torn.append(
                        f"limit {limit}: exit {code} without a clear sentence: {said[-600:]}"
                    )
            self.must_be_whole(f"limit {limit}")
            self.must_heal(f"limit {limit}")

    def fill_mount(self, mount: Path, free: list[int]) -> None:
        """The same on a small file system that is really full; `mount` holds the home."""
        for size in free:
            self.turn()
            ballast = mount / "ballast"
            room = shutil.disk_usage(mount).free - size
            with ballast.open("wb") as stream:
                stream.write(b"\0" * max(room, 0))
            self.start()
            code = self.wait()
            self.counts.disk_full += 1
            said = " ".join(self.said().split())
            if code != 0:
                self.counts.disk_full_refused += 1
                if "is full" not in said or "Traceback" in said:
                    self.counts.torn.append(f"{size} bytes free: exit {code}: {said[-600:]}")
            self.must_be_whole(f"{size} bytes free")
            ballast.unlink()
            self.must_heal(f"{size} bytes free")

    def publish_under_readers(self, publishes: int, readers: int) -> None:
        """Readers open `current` again and again while builds are published under them."""
        if self.settled != self.state:
            self.must_heal("before the readers")
        other = self.home.parent / "work.other"
        shutil.copytree(self.home / "work", other)
        self.turn()
        self.must_heal("before the readers")
        # Now `other` belongs to the state before.
        context = multiprocessing.get_context("spawn")
        stop = context.Event()
        queue = context.Queue()
        path = str(self.home / "current" / FILE)
        expected = list(self.expected.values())
        staff = [
            context.Process(target=_read_until, args=(path, expected, stop, queue)) for _ in range(readers)
        ]
        for reader in staff:
            reader.start()
        try:
            for _ in range(publishes):
                # The work folder and raw/ change places together: one belongs to the other.
                self.turn()
                work = self.home / "work"
                work.rename(self.home / "work.mine")
                other.rename(work)
                (self.home / "work.mine").rename(other)
                self.start("publish")
                if self.wait() != 0:
                    self.counts.torn.append(f"a publish under readers failed: {self.said()[-600:]}")
                self.counts.publishes += 1
        finally:
            stop.set()
        for _ in staff:
            reads, errors = queue.get(timeout=120)
            self.counts.reads += reads
            self.counts.torn += errors
        for reader in staff:
            reader.join()
        shutil.rmtree(other)
        self.must_heal("after the readers")


def _read_until(path: str, expected: list[Digest], stop: Event, queue: Any) -> None:
    reads, errors = 0, []
    while not stop.is_set() or reads == 0:
        try:
            if digest(Path(path).resolve()) not in expected:
                errors.append("a reader saw marts that are neither the old nor the new ones")
        except Exception as error:
            errors.append(f"a reader failed: {type(error).__name__}: {error}")
        reads += 1
    queue.put((reads, errors))
