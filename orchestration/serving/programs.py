"""Finding and running the server programs: where they are, and as whom they run.

PostgreSQL refuses to run as root. Where this process is root, its programs run as an unprivileged user of
the system; else as whoever started them.
"""

from __future__ import annotations

import os
import pwd
import resource
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.environment import without_secrets
from orchestration.errors import LedgerError

# Program: the Debian package that has it.
PACKAGES = {
    "initdb": "postgresql",
    "postgres": "postgresql",
    "pgbouncer": "pgbouncer",
    "openssl": "openssl",
}
_ELSEWHERE = ("/usr/lib/postgresql/*/bin", "/usr/sbin", "/opt/homebrew/bin", "/usr/local/sbin")
# The first that exists is taken when this process is root.
_UNPRIVILEGED = ("postgres", "nobody")


@dataclass(frozen=True)
class Runner:
    """Where each program is, and the system user that runs it (`name`)."""

    paths: Mapping[str, Path]
    uid: int
    gid: int
    name: str

    def popen(
        self, program: str, *arguments: str, log: Path, memory: int | None = None
    ) -> subprocess.Popen[bytes]:
        """Starts a server; what it says goes to `log`. A signal of the terminal does not reach it.

        memory: bytes that each of its processes may map, no limit where the system has none (macOS).
        """

        def bound() -> None:
            if memory is not None and sys.platform == "linux":
                resource.setrlimit(resource.RLIMIT_AS, (memory, memory))

        with log.open("ab") as stream:
            return subprocess.Popen(
                [str(self.paths[program]), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
                start_new_session=True,
                cwd="/",
                env=without_secrets(),
                preexec_fn=bound,
                **self._identity(),
            )

    def run(self, program: str, *arguments: str) -> None:
        """Runs a program to its end; a failure is the last line that it said."""
        done = subprocess.run(
            [str(self.paths[program]), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=without_secrets(),
            **self._identity(),
        )
        if done.returncode:
            lines = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
            raise LedgerError(f"{program} failed: {lines[-1].strip() if lines else done.returncode}")

    def own(self, path: Path, mode: int) -> None:
        """Gives a file or folder to the user that the programs run as."""
        path.chmod(mode)
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid)

    def reaches(self, folder: Path) -> bool:
        """Whether that user can enter the folder."""
        code: int = subprocess.run(["test", "-x", str(folder)], cwd="/", **self._identity()).returncode
        return code == 0

    def _identity(self) -> dict[str, Any]:
        if os.geteuid() != 0:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def find() -> Runner:
    """The programs of this machine; what is missing is named with the packages that have it."""
    paths = {program: _which(program) for program in PACKAGES}
    missing = [program for program, path in paths.items() if path is None]
    if missing:
        packages = " ".join(sorted({PACKAGES[program] for program in missing}))
        raise LedgerError(f"{', '.join(missing)} not found; on Debian and Ubuntu: apt-get install {packages}")
    user = _user()
    found = {program: path for program, path in paths.items() if path is not None}
    return Runner(found, user.pw_uid, user.pw_gid, user.pw_name)


def _which(program: str) -> Path | None:
    folders = [str(path) for pattern in _ELSEWHERE for path in _newest(pattern)]
    found = shutil.which(program, path=os.pathsep.join([os.environ.get("PATH", ""), *folders]))
    return Path(found) if found else None


def _newest(pattern: str) -> list[Path]:
    if "*" not in pattern:
        return [Path(pattern)]
    root, _, rest = pattern.partition("*")
    held = [path for path in Path(root).glob("*") if path.name.isdigit()] if Path(root).is_dir() else []
    return [path / rest.strip("/") for path in sorted(held, key=lambda path: -int(path.name))]


def _user() -> pwd.struct_passwd:
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    for name in _UNPRIVILEGED:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise LedgerError(
        "PostgreSQL does not run as root, and this system has neither a user postgres nor nobody; "
        "start `chipledger serve` as another user"
    )
