"""Prints what was planted in which layout, and whether it was found; exit 1 where it was not."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.table import Table
from rich.text import Text

from .case import CLEAN
from .judge import Verdict, court
from .plant import SEED, all_cases


def judged(seed: int = SEED) -> list[Verdict]:
    with court() as judge:
        return [judge.judge(case) for found in all_cases(seed).values() for case in found]


def summary(verdicts: list[Verdict]) -> str:
    planted = [item for item in verdicts if item.case.error != CLEAN]
    clean = [item for item in verdicts if item.case.error == CLEAN]
    found = sum(item.is_right for item in planted)
    alarms = sum(not item.is_right for item in clean)
    return f"detected {found} of {len(planted)}, false alarms {alarms} of {len(clean)} clean files"


def show(verdicts: list[Verdict], console: Console) -> None:
    table = Table("layout", "planted", "found", "by what", show_lines=False, pad_edge=False)
    for item in verdicts:
        planted = f"{item.case.error}" + (f": {item.case.what}" if item.case.what else "")
        said = "".join(letter if letter.isprintable() else "?" for letter in item.said)
        right = item.by if item.is_right else f"NO ({item.by})"
        style = "" if item.is_right else "bold red"
        table.add_row(Text(item.case.layout_id), Text(planted), Text(right, style=style), Text(said[:300]))
    console.print(table)
    console.print(summary(verdicts), markup=False, highlight=False)


def main() -> int:
    verdicts = judged()
    show(verdicts, Console(width=None if sys.stdout.isatty() else 200))
    return 0 if all(item.is_right for item in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
