"""What a published file holds: tables, columns, types, keys, comments, counts.

Here belongs the one description that the export, PostgreSQL and `chipledger describe` share. Nothing here
reads rows of a mart.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

SCHEMAS = ("marts", "meta")


@dataclass(frozen=True)
class Column:
    """One published column; `type` as DuckDB writes it."""

    name: str
    type: str
    is_nullable: bool
    comment: str


@dataclass(frozen=True)
class Table:
    """One published table or view: its columns in order and the columns that identify a row."""

    schema: str
    name: str
    comment: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]

    @property
    def path(self) -> str:
        """Name with schema, quoted for SQL of either engine."""
        return f'"{self.schema}"."{self.name}"'

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)


def tables(connection: duckdb.DuckDBPyConnection) -> list[Table]:
    """Every table and view of marts and meta, in order of their names."""
    comments = {
        (str(schema), str(name)): str(comment or "")
        for schema, name, comment in connection.execute(
            "select schema_name, table_name, comment from duckdb_tables() union all "
            "select schema_name, view_name, comment from duckdb_views() where not internal"
        ).fetchall()
    }
    keys: dict[tuple[str, str], list[str]] = {}
    for schema, name, column in _key_columns(connection):
        keys.setdefault((schema, name), []).append(column)
    columns: dict[tuple[str, str], list[Column]] = {}
    for schema, name, column, kind, nullable, comment in connection.execute(
        "select schema_name, table_name, column_name, data_type, is_nullable, coalesce(comment, '') "
        "from duckdb_columns() where schema_name in ('marts', 'meta') and not internal "
        "order by schema_name, table_name, column_index"
    ).fetchall():
        columns.setdefault((schema, name), []).append(Column(column, kind, bool(nullable), comment))
    return [
        Table(schema, name, comments[(schema, name)], tuple(held), tuple(keys.get((schema, name), ())))
        for (schema, name), held in sorted(columns.items())
    ]


def _key_columns(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str]]:
    """(schema, table, column) of every key, in order; none in files published before keys were."""
    held = connection.execute(
        "select count(*) from duckdb_columns() where schema_name = 'meta' and table_name = 'columns' "
        "and column_name = 'key_position'"
    ).fetchall()
    if held == [(0,)]:
        return []
    return connection.execute(
        "select schema_name, table_name, column_name from meta.columns where key_position is not null "
        "order by schema_name, table_name, key_position"
    ).fetchall()


def build_id(connection: duckdb.DuckDBPyConnection) -> str:
    """The build that the file is: the last row of meta.builds."""
    ((newest,),) = connection.execute("select max_by(build_id, rowid) from meta.builds").fetchall()
    return str(newest)


def keywords(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The engine's reserved words."""
    rows = connection.execute(
        "select keyword_name from duckdb_keywords() where keyword_category = 'reserved' order by keyword_name"
    ).fetchall()
    return [str(row[0]) for row in rows]
