"""`make faults`: the whole campaign in a folder of its own. Prints what it counted; exit 1 on any loss.

python -m tests.faults [--kills 200] [--disk-full 20] [--publishes 50] [--readers 16] [--seed 1]
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.faults.campaign import ROOT, Campaign


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--disk-full", type=int, default=20)
    parser.add_argument("--publishes", type=int, default=50)
    parser.add_argument("--readers", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--home", type=Path, help="a finished warehouse of the shipped raw/ to begin with")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="chipledger-faults-") as folder:
        raw, home = Path(folder) / "raw", Path(folder) / "home"
        shutil.copytree(ROOT / "raw", raw)
        if asked.home:
            shutil.copytree(asked.home, home, symlinks=True)
        else:
            env = {**os.environ, "CHIPLEDGER_HOME": str(home), "CHIPLEDGER_RAW": str(raw)}
            subprocess.run(
                [str(Path(sys.executable).parent / "chipledger"), "refresh"], env=env, cwd=ROOT, check=True
            )
        campaign = Campaign(home, raw, asked.seed)
        campaign.tell = lambda counts: print(counts, file=sys.stderr, flush=True)
        with campaign.launcher():
            campaign.learn()
            steps = (
                ("kills of refreshes", lambda: campaign.kill_refreshes(asked.kills // 2)),
                ("kills while publishing", lambda: campaign.kill_publishes(asked.kills - asked.kills // 2)),
                ("full disk", lambda: campaign.fill_disk(_limits(asked.disk_full))),
                ("readers", lambda: campaign.publish_under_readers(asked.publishes, asked.readers)),
            )
            for name, work in steps:
                work()
                print(f"{name}: {campaign.counts.told()}", flush=True)
    for sentence in campaign.counts.torn:
        print(f"LOST: {sentence}", file=sys.stderr)
    print(campaign.counts.told())
    return 1 if campaign.counts.torn else 0


def _limits(points: int) -> list[int]:
    """Limits from a page to more than the largest file, odd ones for forced builds."""
    largest = 32_000_000
    return [int(4096 * (largest / 4096) ** (number / max(points - 1, 1))) for number in range(points)]


if __name__ == "__main__":
    sys.exit(main())
