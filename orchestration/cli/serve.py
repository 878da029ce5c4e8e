"""`chipledger serve`: PostgreSQL and its pooler on this machine, with the published build in it.

Stays in the foreground, publishes every new build as a refresh makes it current, and stops both servers on
Ctrl-C or SIGTERM.
"""

from __future__ import annotations

import os
import signal
import time
from types import FrameType

from rich.text import Text

from orchestration.cli import show
from orchestration.errors import EXIT_OK, LedgerError
from orchestration.serving import cluster, postgres, roles
from orchestration.serving.server import connect
from orchestration.warehouse import builds
from orchestration.warehouse.settings import Settings

# Made at the first start, so that there is somebody to connect as.
FIRST_USER = "analyst"
_LOOK_EVERY_S = 1.0


def run(port: int, seconds: int, memory_mb: int) -> int:
    """Serves until it is told to stop; exit 0 then, 1 when a server ended by itself."""
    settings = Settings.from_environment()
    record = builds.current(settings)
    if record is None:
        raise LedgerError(f"nothing is published in {settings.home} yet; run `chipledger refresh` first")
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with cluster.running(settings, port, cluster.Limits(seconds, memory_mb)) as endpoint:
            postgres.catch_up(settings, endpoint.places.url)
            password = _first_user(endpoint)
            _print(endpoint, password)
            _follow(settings, endpoint, builds.current(settings))
    except KeyboardInterrupt:
        show.console.print("stopped")
    return EXIT_OK


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _follow(settings: Settings, endpoint: cluster.Endpoint, served: builds.BuildRecord | None) -> None:
    while True:
        time.sleep(_LOOK_EVERY_S)
        endpoint.check()
        record = builds.current(settings)
        if record is None or served == record:
            continue
        # The build stays as it is for readers when this one is refused; the next is tried again.
        try:
            if postgres.catch_up(settings, endpoint.places.url):
                show.console.print(f"build {record.build_id} is served")
        except LedgerError as error:
            show.fail(str(error))
        served = record


def _first_user(endpoint: cluster.Endpoint) -> str | None:
    """A user for a server that has none; None where there are users already."""
    with connect(endpoint.places.url) as server:
        if roles.members(server):
            return None
        return roles.add(server, FIRST_USER, os.environ.get(roles.PASSWORD_VARIABLE))


def _print(endpoint: cluster.Endpoint, password: str | None) -> None:
    given = os.environ.get(roles.PASSWORD_VARIABLE)
    if password and not given:
        show.console.print(
            f"user {FIRST_USER}, password {password} (shown once, kept nowhere)", soft_wrap=True
        )
    user = FIRST_USER if password else "NAME"
    address = f"postgresql://{user}@{cluster.HOST}:{endpoint.port}/{cluster.DATABASE}?sslmode=require"
    show.console.print(Text(f"connection string  {address}"), soft_wrap=True)
    jdbc = f"jdbc:postgresql://{cluster.HOST}:{endpoint.port}/{cluster.DATABASE}"
    for name, settings in (
        ("psql", f"psql '{address}'"),
        ("SQLAlchemy, Superset", address.replace("postgresql:", "postgresql+psycopg:")),
        ("JDBC: DBeaver, Metabase, Tableau", f"{jdbc}?user={user}&sslmode=require"),
        ("Power BI, Excel, Grafana", f"{cluster.HOST}:{endpoint.port}, {cluster.DATABASE}, TLS required"),
        ("to check the certificate", f"sslmode=verify-full, sslrootcert={endpoint.certificate}"),
        ("another user", "chipledger user add NAME"),
    ):
        show.console.print(Text(f"  {name:<34}{settings}"), soft_wrap=True)
    show.console.print("Ctrl-C stops it")
