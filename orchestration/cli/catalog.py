"""`chipledger tables` and `chipledger describe`: what is published, for people and for scripts."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence

import duckdb
from rich.text import Text

from orchestration.cli import show
from orchestration.errors import EXIT_OK, EXIT_USAGE
from orchestration.serving import catalog
from orchestration.warehouse.query import open_published
from orchestration.warehouse.settings import Settings


def tables(output: str) -> int:
    """Every table with its rows and what one row is."""
    with open_published(Settings.from_environment()) as connection:
        rows = [
            (f"{table.schema}.{table.name}", _rows(connection, table), len(table.columns), table.comment)
            for table in catalog.tables(connection)
        ]
    names = ("table_name", "rows", "columns", "description")
    if output != "table":
        _write(names, rows, output)
        return EXIT_OK
    width = max(len(str(row[0])) for row in rows)
    for name, count, _, comment in rows:
        first = comment.split(". ")[0].rstrip(".")
        show.console.print(Text.assemble((f"{name:<{width}}", "bold"), f"  {count:>10,}  ", (first, "dim")))
    return EXIT_OK


def describe(name: str, output: str) -> int:
    """The columns of one table: type, key, whether null may occur, and what they hold."""
    with open_published(Settings.from_environment()) as connection:
        held = catalog.tables(connection)
        schema, _, short = name.rpartition(".")
        found = [table for table in held if table.name == short and schema in ("", table.schema)]
        if not found:
            known = ", ".join(f"{table.schema}.{table.name}" for table in held)
            show.fail(f"no table {name} is published; published are: {known}")
            return EXIT_USAGE
        table = found[0]
        count = _rows(connection, table)
    rows = [
        (
            column.name,
            column.type,
            table.key.index(column.name) + 1 if column.name in table.key else None,
            column.is_nullable,
            column.comment,
        )
        for column in table.columns
    ]
    if output != "table":
        _write(("column_name", "data_type", "key_position", "is_nullable", "description"), rows, output)
        return EXIT_OK
    show.console.print(Text.assemble((f"{table.schema}.{table.name}", "bold"), f", {count:,} rows"))
    show.console.print(Text(table.comment))
    if table.key:
        show.console.print(Text(f"Key: {', '.join(table.key)}"))
    width = max(len(column.name) for column in table.columns)
    kinds = max(len(column.type) for column in table.columns)
    for column in table.columns:
        null = "" if column.is_nullable else "not null"
        head = Text.assemble((f"{column.name:<{width}}", "bold"), f"  {column.type:<{kinds}}  {null:<8}  ")
        show.console.print(head.append(" ".join(column.comment.split()), "dim"))
    return EXIT_OK


def _rows(connection: duckdb.DuckDBPyConnection, table: catalog.Table) -> int:
    ((count,),) = connection.execute(f"select count(*) from {table.path}").fetchall()
    return int(count)


def _write(names: Sequence[str], rows: Sequence[Sequence[object]], output: str) -> None:
    if output == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)
        return
    records = [dict(zip(names, row, strict=True)) for row in rows]
    sys.stdout.write(json.dumps(records, indent=2, ensure_ascii=False) + "\n")
