"""Where the time of a refresh goes: import, dbt's parser, SQL, everything else.

Run as `make bench` or `python benchmarks/refresh_breakdown.py [HOME]`. A thread looks at what the
others do a few hundred times a second; the place of the innermost frame says what it is. The refresh
is forced, over the shipped tables, in a warm home (built once before, dbt's parse cached).
"""

from __future__ import annotations

import collections
import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import FrameType

INTERVAL_S = 0.003
IMPORT = "import"
PARSE = "dbt parse"
SQL = "SQL"
OTHER = "other"
# Innermost frames in these files stand in a call of the engine (its methods have no frame of their own).
CALLERS = (
    "duckdb/_seam.py",
    "duckdb/environments/local.py",
    "warehouse/landing.py",
    "warehouse/ledger.py",
    "warehouse/meta.py",
    "warehouse/publish.py",
    "claims/readings.py",
    "ibis/backends/duckdb/__init__.py",
)


def kind(frame: FrameType | None) -> str | None:
    """What a thread is doing; None when it only waits."""
    innermost = frame.f_code.co_filename if frame else ""
    if innermost.endswith(("threading.py", "queue.py", "selectors.py")):
        return None
    result = SQL if innermost.endswith(CALLERS) else OTHER
    while frame is not None:
        name, function = frame.f_code.co_filename, frame.f_code.co_name
        if "importlib._bootstrap" in name and function == "_find_and_load":
            return IMPORT
        if name.endswith("dbt/parser/manifest.py"):
            result = PARSE
        frame = frame.f_back
    return result


def sample(counts: collections.Counter[str], stop: threading.Event) -> None:
    own = threading.get_ident()
    rank = (IMPORT, PARSE, SQL, OTHER)
    while not stop.wait(INTERVAL_S):
        seen = {kind(frame) for thread, frame in sys._current_frames().items() if thread != own}
        counts[next((name for name in rank if name in seen), OTHER)] += 1


def main() -> None:
    home = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="chipledger-bench-"))
    os.environ["CHIPLEDGER_HOME"] = str(home)
    if not (home / "current").exists():
        os.system(f"{sys.executable} -c 'from orchestration.cli import main; main()' refresh > /dev/null")
    counts: collections.Counter[str] = collections.Counter()
    stop = threading.Event()
    threading.Thread(target=sample, args=(counts, stop), daemon=True).start()
    started = time.perf_counter()

    from orchestration.cli.refresh import run

    code = run(force=True)
    stop.set()
    seconds = time.perf_counter() - started
    total = sum(counts.values())
    print(f"\nexit {code}, {seconds:.1f} s in all\n\n| part | share | seconds |\n|---|---:|---:|")
    for name in (IMPORT, PARSE, SQL, OTHER):
        share = counts[name] / total
        print(f"| {name} | {share:.0%} | {share * seconds:.1f} |")


if __name__ == "__main__":
    main()
