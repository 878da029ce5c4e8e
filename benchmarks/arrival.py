"""From a new file in raw/ to the published file, by a warm daemon: what a user of scheduled refreshes waits.

python benchmarks/arrival.py [--arrivals 3]

A home of its own with the shipped raw/, Dagster's daemon with the sensor `new_files` on. Each arrival is a
new release folder, moved in whole; the clock runs from there until the published file holds the release.
The files are copies of a shipped release under a later day. Prints one line per arrival; tests nothing.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
MODEL = Path("industry/trendforce/2023-12-14")
LIMIT_S = 900


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--arrivals", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="chipledger-arrival-") as folder:
        base = Path(folder)
        shutil.copytree(ROOT / "raw", base / "raw")
        env = {
            **{name: value for name, value in os.environ.items() if not name.startswith("CHIPLEDGER_")},
            "CHIPLEDGER_RAW": str(base / "raw"),
            "CHIPLEDGER_HOME": str(base / "home"),
            "DAGSTER_HOME": str(base / "dagster"),
            "PATH": f"{BIN}:{os.environ['PATH']}",
        }

        def run(*command: str) -> None:
            subprocess.run(command, env=env, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)

        run("sh", "deploy/prepare-home.sh")
        run("chipledger", "refresh")
        with (base / "daemon.log").open("w") as log:
            daemon = subprocess.Popen(
                ["dagster-daemon", "run", "-w", "deploy/workspace.yaml"],
                env=env, cwd=ROOT, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
            try:
                run("dagster", "sensor", "start", "new_files", "-w", "deploy/workspace.yaml")
                for number in range(1, asked.arrivals + 1):
                    seconds = arrive(base, f"2023-12-{14 + number}")
                    print(f"arrival {number}: {seconds:.0f} s to published", flush=True)
            finally:
                os.killpg(daemon.pid, signal.SIGINT)
                daemon.wait(timeout=60)


def arrive(base: Path, day: str) -> float:
    """Puts a release of that day into raw/ and waits until it is published; seconds."""
    draft = base / f"draft-{day}"
    shutil.copytree(base / "raw" / MODEL, draft)
    source = draft / "source.yml"
    source.write_text(source.read_text(encoding="utf-8").replace("2023-12-14", day), encoding="utf-8")
    release = (base / "raw" / MODEL).with_name(day)
    draft.rename(release)
    started = time.monotonic()
    while not is_published(base / "home", f"trendforce/{day}"):
        if time.monotonic() - started > LIMIT_S:
            sys.exit(f"{release} was not published within {LIMIT_S} s; see the daemon's log")
        time.sleep(1)
    return time.monotonic() - started


def is_published(home: Path, release_id: str) -> bool:
    path = str((home / "current" / "chipledger.duckdb").resolve())
    with duckdb.connect(path, read_only=True) as connection:
        row = connection.execute(
            "select count(*) from meta.releases where release_id = ?", [release_id]
        ).fetchone()
    return row == (1,)


if __name__ == "__main__":
    main()
