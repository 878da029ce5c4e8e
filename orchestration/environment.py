"""What a process that runs other people's SQL gets to see of the environment: nothing that may be a secret.

Named one by one: a list of what to keep out would miss the next password.
"""

from __future__ import annotations

import os

_KEPT = {
    # To find programs, libraries, a home and a place for temporary files.
    *("PATH", "HOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR", "SYSTEMROOT"),
    # How text looks: language, zone, the terminal.
    *("LANG", "LANGUAGE", "TZ", "TERM", "COLUMNS", "LINES", "COLORTERM", "NO_COLOR", "FORCE_COLOR"),
    *("PYTHONIOENCODING", "PYTHONUTF8", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"),
    # Where the warehouse is.
    *("CHIPLEDGER_RAW", "CHIPLEDGER_HOME"),
}


def without_secrets() -> dict[str, str]:
    """The variables that are known to be harmless."""
    return {name: value for name, value in os.environ.items() if name in _KEPT or name.startswith("LC_")}
