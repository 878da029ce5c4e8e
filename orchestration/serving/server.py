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
    try:
        psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        raise LedgerError(
            f"{URL_VARIABLE} is not an address that PostgreSQL's library reads; "
            "expected postgresql://user@host:5432/database"
        ) from None
    try:
        server = psycopg.connect(url, connect_timeout=10, application_name="chipledger")
        # The limits are the readers'; a load takes the time it takes.
        server.execute("set statement_timeout = 0")
        server.commit()
        return server
    except psycopg.OperationalError as error:
        raise LedgerError(f"PostgreSQL cannot be reached: {said(error)}") from error


def said(error: psycopg.Error) -> str:
    """The first line of what the server or its library said."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
