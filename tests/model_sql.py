"""Runs one dbt model over rows made up by a test: its compiled SQL, in an empty DuckDB, with typed inputs.

Belongs here: making the tables that a model reads, with the types that its contract states, and running it.
It is dbt's own compiled SQL, so that what is tested is what is built; unlike a dbt unit test it costs
milliseconds, lets doubles be compared with a tolerance, and takes rows from hypothesis.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.warehouse.models import compile_project, manifest_path
from orchestration.warehouse.settings import Settings

Row = Mapping[str, Any]
TYPES = {"string": "varchar"}


def compile_models(home: Path) -> None:
    """Parses and compiles the project below `home`."""
    settings = _settings(home)
    settings.work_dir.mkdir(parents=True, exist_ok=True)
    compile_project(settings)


def manifest_of(home: Path) -> Path:
    """What dbt wrote there: every model with its compiled SQL."""
    return manifest_path(_settings(home))


def _settings(home: Path) -> Settings:
    return Settings(raw_root=home / "raw", home=home)


@dataclass(frozen=True)
class Models:
    """The compiled models of the project, by name."""

    nodes: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(cls, manifest: Path) -> Models:
        nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values()
        return cls({node["name"]: node for node in nodes if node["resource_type"] == "model"})

    def run(self, name: str, **inputs: Iterable[Row]) -> list[dict[str, Any]]:
        """Rows of the model, given the rows of each model that it reads; columns left out are null."""
        return self.run_all([name], **inputs)[name]

    def run_all(self, names: Sequence[str], **inputs: Iterable[Row]) -> dict[str, list[dict[str, Any]]]:
        """The same for several models in a row, each of which may read those before it."""
        found: dict[str, list[dict[str, Any]]] = {}
        with duckdb.connect() as connection:
            for database in ("ledger", "chipledger"):
                connection.execute(f"attach ':memory:' as {database}")
                for schema in ("staging", "intermediate", "marts"):
                    connection.execute(f"create schema if not exists {database}.{schema}")
            for given, rows in inputs.items():
                self._create(connection, given, rows)
            for name in names:
                node = self.nodes[name]
                self._create(connection, name, ())
                connection.execute(f"insert into {node['relation_name']} by name {node['compiled_code']}")
                cursor = connection.execute(f"from {node['relation_name']}")
                columns = [column[0] for column in cursor.description or []]
                found[name] = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
        return found

    def _create(self, connection: duckdb.DuckDBPyConnection, name: str, rows: Iterable[Row]) -> None:
        node = self.nodes[name]
        types = {
            column["name"]: TYPES.get(column["data_type"], column["data_type"])
            for column in node["columns"].values()
        }
        listed = ", ".join(f"{column} {kind}" for column, kind in types.items())
        connection.execute(f"create table {node['relation_name']} ({listed})")
        for row in rows:
            unknown = set(row) - set(types)
            assert not unknown, f"{name} has no column {', '.join(sorted(unknown))}"
            places = ", ".join("?" for _ in row)
            connection.execute(
                f"insert into {node['relation_name']} ({', '.join(row)}) values ({places})",
                list(row.values()),
            )
