"""Planted errors: a clean file in every customs layout, and the same file with one error in it.

Belongs here: what can be wrong with a file, written into small files of every layout, and whether the
ledger finds it. `make planted` prints the table; tests/test_planted.py fails where it has a gap. How a
layout reads its own traps in detail is tested in tests/sources.
"""

from __future__ import annotations

import sys
from pathlib import Path

# The writers of files lie beside the tests of the layouts, which are no package.
_WRITERS = str(Path(__file__).resolve().parents[1] / "sources")
if _WRITERS not in sys.path:
    sys.path.append(_WRITERS)
