"""Text of others on its way to a terminal: data, names of files, what an engine says."""

from __future__ import annotations

import re

# C0 and C1 without tab and line feed.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def plain(text: str) -> str:
    """Text without the marks that a terminal would obey."""
    return _CONTROLS.sub("\ufffd", text)
