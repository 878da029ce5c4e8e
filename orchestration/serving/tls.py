"""The certificate of the local endpoint: made here, for this machine's loopback names only.

Clients that want to know whom they talk to name the certificate as `sslrootcert` with `sslmode=verify-full`.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from orchestration.serving.programs import Runner

_DAYS = 730
_RENEW_BEFORE_S = 30 * 24 * 3600


def certificate(runner: Runner, folder: Path) -> tuple[Path, Path]:
    """(certificate, key) in `folder`, made anew where missing or soon out of date."""
    cert, key = folder / "server.crt", folder / "server.key"
    if not (key.is_file() and _is_valid(runner, cert)):
        runner.run(
            "openssl",
            *("req", "-x509", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-days", str(_DAYS), "-subj", "/CN=localhost", "-keyout", str(key), "-out", str(cert)),
            *("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1"),
        )
        runner.own(key, 0o600)
        runner.own(cert, 0o644)
    return cert, key


def _is_valid(runner: Runner, cert: Path) -> bool:
    done = subprocess.run(
        [str(runner.paths["openssl"]), "x509", "-noout", "-checkend", str(_RENEW_BEFORE_S), "-in", str(cert)],
        capture_output=True,
        check=False,
    )
    return cert.is_file() and done.returncode == 0
