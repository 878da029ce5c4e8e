"""Runs one read-only query of somebody else's on the published file, in a process of its own.

The engine is locked (no files, no network, no settings) and bounded in memory; time is bounded by
the caller, who can kill the process. Run as `python -m orchestration.warehouse.query`.
"""

from __future__ import annotations

import argparse
import datetime as dt
import math
import re
import resource
import sys
import warnings
from pathlib import Path

import duckdb

from orchestration.errors import EXIT_BUILD_FAILED, EXIT_OK, EXIT_USAGE, LedgerError
from orchestration.serving import known_on
from orchestration.terminal import plain
from orchestration.warehouse import builds
from orchestration.warehouse.settings import Settings

_SLACK = 1 << 30
_EXPLAIN = re.compile(r"\s*explain\s+(analyze\s+)?", re.IGNORECASE)
# Rows shown by the table format; the other formats give all.
ROWS_SHOWN = 1000


def open_published(
    settings: Settings, memory: str = "2GB", as_of: dt.date | None = None
) -> duckdb.DuckDBPyConnection:
    """The published file, read-only and locked: no files, no network, no change of settings.

    as_of: only what was known on that day (see `serving.known_on`). The order matters: what is bounded
    can no longer be set once access is off.
    """
    path = settings.published_path
    if not path.is_file():
        raise LedgerError(f"nothing is published in {settings.home} yet; run `chipledger refresh` first")
    if strangers := builds.strangers(path.resolve().parent):
        raise LedgerError(
            f"beside the published file lies {strangers[0]}, which no refresh wrote and an engine would take "
            "for changes of it; remove it, then run `chipledger verify`"
        )
    if as_of is None:
        connection = duckdb.connect(str(path.resolve()), read_only=True)
    else:
        connection = known_on.connect(path.resolve(), as_of)
    connection.execute(f"set memory_limit = '{_plain_size(memory)}'")
    connection.execute("set temp_directory = ''")
    connection.execute("set autoinstall_known_extensions = false")
    connection.execute("set autoload_known_extensions = false")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return connection


def _plain_size(memory: str) -> str:
    if not re.fullmatch(r"\d{1,6}\s?(KB|MB|GB|KiB|MiB|GiB)", memory):
        raise LedgerError(f"memory is {memory!r}; expected a size such as 2GB", EXIT_USAGE)
    return memory


def bound_process(memory: str) -> None:
    """No more address space than what is mapped now, the engine's limit and 1 GB; no byte into any file
    (Linux only).

    The engine counts its own buffers; a single value of some gigabytes passes by its count.
    """
    if sys.platform != "linux":
        return
    number, unit = re.fullmatch(r"(\d+)\s?([KMG])i?B", _plain_size(memory), re.ASCII).groups()  # type: ignore[union-attr]
    wanted = int(number) << {"K": 10, "M": 20, "G": 30}[unit]
    mapped = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    size = mapped + wanted + _SLACK
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    # Nothing that is run here has a file to write: the answer leaves through a pipe or a terminal.
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def single_statement(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    """The query's text if it is one statement that only reads, else a refusal."""
    kind = _kind(connection, query)
    if kind == duckdb.StatementType.EXPLAIN:
        # EXPLAIN ANALYZE runs what it explains, and the engine lets it be anything.
        explained = _EXPLAIN.match(query)
        if explained is None:
            raise LedgerError("only EXPLAIN and EXPLAIN ANALYZE of a query are run here, without options")
        kind = _kind(connection, query[explained.end() :])
    if kind not in (duckdb.StatementType.SELECT, duckdb.StatementType.RELATION):
        raise LedgerError(f"only queries that read are run here; this is {kind.name}")
    return query


def _kind(connection: duckdb.DuckDBPyConnection, query: str) -> duckdb.StatementType:
    statements = connection.extract_statements(query)
    if len(statements) != 1:
        raise LedgerError(f"expected one query, found {len(statements)}")
    return statements[0].type


def _write(connection: duckdb.DuckDBPyConnection, query: str, output: str) -> None:
    cursor = connection.execute(query)
    if output == "table":
        from orchestration.cli import show

        rows = cursor.fetchmany(ROWS_SHOWN + 1)
        columns = [item[0] for item in cursor.description or []]
        show.table(columns, rows[:ROWS_SHOWN])
        if len(rows) > ROWS_SHOWN:
            show.errors.print(f"only the first {ROWS_SHOWN} rows are shown; --format csv gives all")
        return
    if output == "parquet":
        import pyarrow.parquet

        if sys.stdout.isatty():
            raise LedgerError("parquet is binary; send it to a file with > FILE")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pyarrow.parquet.write_table(cursor.to_arrow_table(), sys.stdout.buffer)
        return
    columns = [item[0] for item in cursor.description or []]
    if output == "json" and len(set(columns)) < len(columns):
        twice = sorted(name for name in set(columns) if columns.count(name) > 1)
        raise LedgerError(f"JSON has one value per name; give {', '.join(twice)} other names with AS")
    if output == "csv":
        import csv

        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        while rows := cursor.fetchmany(10_000):
            writer.writerows(rows)
        return
    import json

    sys.stdout.write("[")
    first = True
    while rows := cursor.fetchmany(10_000):
        for row in rows:
            named = {name: _finite(value) for name, value in zip(columns, row, strict=True)}
            text = json.dumps(named, default=_plain, ensure_ascii=False, allow_nan=False)
            sys.stdout.write(("" if first else ",") + "\n  " + text)
            first = False
    sys.stdout.write("\n]\n")


def _finite(value: object) -> object:
    """JSON has no NaN and no infinity: they are text."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _plain(value: object) -> object:
    """Decimals and dates as text: JSON has no exact numbers and no dates."""
    return str(value)


def _said(error: duckdb.Error) -> str:
    return " ".join(str(error).split("\n\n")[0].split())


def main() -> int:
    parser = argparse.ArgumentParser(prog="chipledger sql")
    parser.add_argument("--format", default="table")
    parser.add_argument("--memory", default="2GB")
    parser.add_argument("--as-of", type=dt.date.fromisoformat)
    arguments = parser.parse_args()
    query = sys.stdin.read()
    try:
        with open_published(Settings.from_environment(), arguments.memory, arguments.as_of) as connection:
            bound_process(arguments.memory)
            try:
                _write(connection, single_statement(connection, query), arguments.format)
            except duckdb.CatalogException as error:
                if arguments.as_of is None or "Table with name" not in str(error):
                    raise
                # The engine's own hint would lead to the table of today.
                missing = _said(error).partition("!")[0]
                held = ", ".join(known_on.names(connection))
                raise LedgerError(f"{missing} by day; with --as-of these are there: {held}") from error
    except MemoryError:
        sys.stderr.write(f"error: out of memory: more than {arguments.memory}; give it more with --memory\n")
        return EXIT_BUILD_FAILED
    except (LedgerError, duckdb.Error) as error:
        said = _said(error) if isinstance(error, duckdb.Error) else str(error)
        sys.stderr.write(f"error: {plain(said)}\n")
        return error.exit_code if isinstance(error, LedgerError) else EXIT_BUILD_FAILED
    except BrokenPipeError:
        sys.stderr.close()
    return EXIT_OK


if __name__ == "__main__":
    sys.exit(main())
