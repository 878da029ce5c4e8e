"""A connection to PostgreSQL for those who may write there. What is done with it stands elsewhere."""

from __future__ import annotations

import os
from typing import Any

import psycopg

from orchestration.errors import LedgerError

URL_VARIABLE = "CHIPLEDGER_POSTGRES_URL"

Server = psycopg.Connection[tuple[Any, ...]]


def url_from_environment() -> str | None:
    """The server to publish to, if one is named."""
    return os.environ.get(URL_VARIABLE) or None


def connect(url: str) -> Server:
    """A connection of the publisher. The address may hold a password, so no error repeats it."""
    if not _is_address(url):
        raise LedgerError(
            f"{URL_VARIABLE} is not an address that PostgreSQL's library reads; "
            "expected postgresql://user@host:5432/database, with %40 for @ and %2F for / in a password"
        )
    try:
        server = psycopg.connect(url, connect_timeout=10, application_name="chipledger")
        # The limits are the readers'; a load takes the time it takes.
        server.execute("set statement_timeout = 0")
        server.commit()
        return server
    except psycopg.OperationalError as error:
        raise LedgerError(f"PostgreSQL cannot be reached: {said(error)}") from error


def _is_address(url: str) -> bool:
    """Whether the library reads it as it was meant: an @ or / in a password makes its end part of the host or
    the port, which the library's errors would print."""
    try:
        read = psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        return False
    hosts = str(read.get("host") or "").split(",")
    ports = str(read.get("port") or "").split(",")
    is_plain = all("@" not in host or host.startswith(("/", "@")) for host in hosts)
    return is_plain and all(not port or (port.isascii() and port.isdigit()) for port in ports)


def said(error: psycopg.Error) -> str:
    """The first line of what the server or its library said."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
