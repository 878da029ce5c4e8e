"""`chipledger user`: who may read the published tables in PostgreSQL. One role for each person."""

from __future__ import annotations

import os

from orchestration.cli import show
from orchestration.errors import EXIT_OK, EXIT_USAGE, LedgerError
from orchestration.serving import cluster, roles
from orchestration.serving.server import URL_VARIABLE, Server, connect, url_from_environment
from orchestration.warehouse.settings import Settings


def add(name: str) -> int:
    """Creates the role; a password that was made here is printed once."""
    with _server() as server:
        for refused in roles.harden(server):
            show.errors.print(f"note: everybody still has {refused}; only a superuser can take it away")
        given = os.environ.get(roles.PASSWORD_VARIABLE)
        password = roles.add(server, name, given)
    if not given:
        show.console.print(f"user {name}, password {password} (shown once, kept nowhere)", soft_wrap=True)
    else:
        show.console.print(f"user {name} has the password of {roles.PASSWORD_VARIABLE}")
    return EXIT_OK


def remove(name: str) -> int:
    """Drops the role and ends its connections."""
    with _server() as server:
        roles.remove(server, name)
    show.console.print(f"user {name} is gone")
    return EXIT_OK


def names() -> int:
    """Prints the users, one a line."""
    with _server() as server:
        for name in roles.members(server):
            show.console.print(name)
    return EXIT_OK


def _server() -> Server:
    url = url_from_environment() or cluster.url_of_running(Settings.from_environment())
    if url is None:
        raise LedgerError(
            f"there is no PostgreSQL server to add users to; start `chipledger serve` or set {URL_VARIABLE}",
            EXIT_USAGE,
        )
    return connect(url)
