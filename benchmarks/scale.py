"""A refresh of millions of rows against the floor: the same files to the same tables by hand.

Run as `make bench-scale` or `python benchmarks/scale.py [--rows N] [--files N]`. Both sides are processes
of their own, timed in turn in one run. The start-up of Python, Dagster and dbt, and the work on the small
tables, is measured apart, as a refresh of the shipped tables without the bulk files, three times between
the others, and the middle one is subtracted. Then one more release with about one per cent of the rows is
added, and the refresh is timed again.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import comtrade_bulk_files

PROJECT = Path(__file__).resolve().parent.parent
CHIPLEDGER = Path(sys.executable).parent / "chipledger"


@dataclass(frozen=True)
class Cost:
    """Wall and CPU seconds of a process and its children, and its peak memory in MB."""

    wall: float
    cpu: float
    peak: float

    def less(self, other: Cost) -> Cost:
        return Cost(max(self.wall - other.wall, 0.001), max(self.cpu - other.cpu, 0.001), self.peak)


def measure(*command: object, env: dict[str, str] | None = None) -> Cost:
    started = time.perf_counter()
    process = os.posix_spawn(
        str(command[0]), [str(part) for part in command], {**os.environ, **(env or {})},
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )  # fmt: skip
    _, status, usage = os.wait4(process, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"{command[0]} ended with status {os.waitstatus_to_exitcode(status)}")
    return Cost(time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def say(what: str, cost: Cost, floor: Cost | None = None) -> None:
    ratio = f"{cost.wall / floor.wall:6.2f} x wall {cost.cpu / floor.cpu:6.2f} x CPU" if floor else ""
    print(f"{what:<52} {cost.wall:8.1f} s {cost.cpu:8.1f} s CPU {cost.peak:8.0f} MB {ratio}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--files", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where to work; default: a temporary folder")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="chipledger-scale-", dir=chosen.folder) as place:
        run(Path(place), chosen.rows, chosen.files, chosen.seed)


def run(place: Path, rows: int, files: int, seed: int) -> None:
    small, large = _home(place, "small"), _home(place, "large")
    for home in (small, large):
        measure(CHIPLEDGER, "refresh", env=home)

    def start_up() -> Cost:
        cost = measure(CHIPLEDGER, "refresh", "--force", env=small)
        say("refresh of the shipped tables (start-up, small tables)", cost)
        return cost

    raw = Path(large["CHIPLEDGER_RAW"])
    bulk = raw / "customs" / "comtrade" / "2024-06-01"
    comtrade_bulk_files.write(bulk, rows, files, seed=seed)
    packed = sum(path.stat().st_size for path in bulk.iterdir())
    print(f"{files} bulk files, {packed / 1e6:,.0f} MB packed, made from seed {seed}")
    fixed = [start_up()]
    floor = measure(sys.executable, PROJECT / "benchmarks" / "floor.py", raw, place / "floor.duckdb")
    say("floor: one connection, by hand", floor)
    full = measure(CHIPLEDGER, "refresh", env=large)
    say("refresh with the bulk files", full)
    fixed.append(start_up())
    share = max(round(rows / 100), 1)
    later = raw / "customs" / "comtrade" / "2024-09-01"
    first = max(files - 1, 0)
    comtrade_bulk_files.write(later, share, 1, seed=seed + 1, released="2024-09-01", first=first)
    again = measure(CHIPLEDGER, "refresh", env=large)
    say("refresh after a release with 1 % of the rows", again)
    fixed.append(start_up())
    usual = sorted(fixed, key=lambda cost: cost.wall)[1]
    net, part = full.less(usual), again.less(usual)
    print("less start-up and small tables, the middle one of three:")
    say("  refresh with the bulk files", net, floor)
    say("  refresh after a release with 1 % of the rows", part, floor)
    print(
        f"one per cent on top costs {100 * part.wall / net.wall:.0f} % of the full refresh, "
        f"or {100 * again.wall / full.wall:.0f} % with start-up in both"
    )


def _home(place: Path, name: str) -> dict[str, str]:
    """The environment of a home of its own, over a copy of the shipped tables."""
    raw = place / f"{name}-raw"
    shutil.copytree(PROJECT / "raw", raw)
    return {"CHIPLEDGER_RAW": str(raw), "CHIPLEDGER_HOME": str(place / name)}


if __name__ == "__main__":
    main()
