"""Runs dbt in this process: parse once, then build selections of models with their tests.

The command line of dbt costs seconds of start-up per call; its programmatic runner does not.
Nothing here knows Dagster, and no SQL is written here.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.errors import LedgerError
from orchestration.warehouse.ledger import open_ledger
from orchestration.warehouse.settings import DBT_PROJECT_DIR, Settings


@dataclass(frozen=True)
class NodeResult:
    """What became of one dbt node. status: success, pass, warn, fail, error, skipped."""

    unique_id: str
    kind: str
    name: str
    status: str
    seconds: float
    failures: int
    message: str

    @property
    def is_bad(self) -> bool:
        return self.status in ("error", "fail", "runtime error")


def manifest_path(settings: Settings) -> Path:
    return settings.dbt_target_dir / "manifest.json"


def ensure_manifest(settings: Settings) -> Path:
    """Parses the project when it changed since the manifest was written; returns the manifest's path."""
    path = manifest_path(settings)
    newest = max(file.stat().st_mtime for file in _project_files())
    if not path.is_file() or path.stat().st_mtime < newest:
        _parse(settings)
    return path


# What dbt parsed, by target folder: a second build in one process need not parse again.
_parsed: dict[Path, Any] = {}


def _parsed_project(settings: Settings) -> Any:
    """What dbt parsed: in this process, or in the one that wrote the manifest, else now.

    dbt itself would parse again where the home has another path, since its profile names that.
    """
    folder = settings.dbt_target_dir
    if folder not in _parsed:
        ensure_manifest(settings)
    if folder not in _parsed:
        _parsed[folder] = _saved(folder)
    return _parsed[folder] or _parse(settings)


def _saved(folder: Path) -> Any:
    """dbt's own file of what it parsed; None where it cannot be used."""
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder
    from dbt.version import __version__

    try:
        data = (folder / "partial_parse.msgpack").read_bytes()
        manifest = Manifest.from_msgpack(data, decoder=extended_mashumuro_decoder)
        if manifest.metadata.dbt_version != __version__:
            return None
    except (OSError, ValueError, TypeError, AttributeError, LookupError):
        return None
    manifest.build_parent_and_child_maps()
    return manifest


def _parse(settings: Settings) -> Any:
    _parsed[settings.dbt_target_dir] = _invoke(settings, ["parse"], None)
    return _parsed[settings.dbt_target_dir]


def read_manifest(settings: Settings) -> dict[str, Any]:
    """The parsed project. A manifest that a stopped process left half-written is made again."""
    path = ensure_manifest(settings)
    try:
        loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        shutil.rmtree(settings.dbt_target_dir)
        _parse(settings)
        loaded = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def compile_project(settings: Settings) -> None:
    """Writes the compiled SQL of every model and test; needs no table to be there."""
    _invoke(settings, ["compile"], None)


# The tag of the nodes that the build at hand is about; it stands in this process's manifest only.
_TO_RUN = "to_run"


def build(
    settings: Settings, unique_ids: Collection[str], on_result: Callable[[NodeResult], None]
) -> list[NodeResult]:
    """Builds these models and runs these tests, in dependency order; stops nothing itself."""
    results: list[NodeResult] = []
    if not unique_ids:
        return results

    def heard(event: Any) -> None:
        if event.info.name not in ("LogModelResult", "LogTestResult"):
            return
        info = event.data.node_info
        kind = str(info.resource_type)
        on_result(
            NodeResult(
                unique_id=info.unique_id,
                kind=kind,
                name=info.node_name,
                status=str(info.node_status),
                seconds=float(event.data.execution_time),
                failures=0,
                message="",
            )
        )

    parsed = _parsed_project(settings)
    # A tag in place of names: dbt looks through all nodes for each name that it is given, which takes seconds.
    for unique_id, node in parsed.nodes.items():
        node.tags = [*(tag for tag in node.tags if tag != _TO_RUN), *([_TO_RUN] if unique_id in unique_ids else [])]
    # empty: just the nodes tagged; which tests go with which models is decided in `unchanged`.
    command = ["--no-write-json", "build", "--indirect-selection", "empty", "--select", f"tag:{_TO_RUN}"]
    outcome = _invoke(settings, command, heard, parsed)
    for item in getattr(outcome, "results", None) or []:
        node = item.node
        results.append(
            NodeResult(
                unique_id=node.unique_id,
                kind=str(node.resource_type),
                name=node.name,
                status=str(item.status),
                seconds=float(item.execution_time),
                failures=int(item.failures or 0),
                message=str(item.message or "").strip() + _example(settings, item),
            )
        )
    return results


def run_unit_tests(settings: Settings) -> list[NodeResult]:
    """Runs dbt's unit tests against the shapes of the tables that stand in the ledger."""
    command = ["--no-write-json", "test", "--select", "test_type:unit"]
    outcome = _invoke(settings, command, None, _parsed_project(settings))
    return [
        NodeResult(
            unique_id=item.node.unique_id,
            kind=str(item.node.resource_type),
            name=item.node.name,
            status=str(item.status),
            seconds=float(item.execution_time),
            failures=int(item.failures or 0),
            message=str(item.message or "").strip(),
        )
        for item in getattr(outcome, "results", None) or []
    ]


def _example(settings: Settings, item: Any) -> str:
    """One row that a failed test found, for its message; empty for anything else."""
    if str(item.status) != "fail" or not item.node.compiled_code:
        return ""
    with open_ledger(settings) as connection:
        cursor = connection.execute(f"select * from ({item.node.compiled_code}) limit 1")
        names = [column[0] for column in cursor.description or []]
        rows = cursor.fetchall()
    shown = ", ".join(f"{name}={value}" for row in rows for name, value in zip(names, row, strict=True))
    return f"; one of them: {shown}" if shown else ""


def _invoke(
    settings: Settings,
    arguments: list[str],
    callback: Callable[[Any], None] | None,
    parsed: Any = None,
) -> Any:
    from dbt.cli.main import dbtRunner

    command = [
        *("--quiet", "--log-level", "none", "--log-level-file", "none", "--no-use-colors"),
        *arguments,
        *("--project-dir", str(DBT_PROJECT_DIR), "--profiles-dir", str(DBT_PROJECT_DIR)),
        *("--target-path", str(settings.dbt_target_dir), "--target", settings.target),
    ]
    with _environment(settings):
        try:
            outcome = dbtRunner(parsed, [callback] if callback else []).invoke(command)
        finally:
            _release_files()
    if outcome.exception:
        first = str(outcome.exception).strip().splitlines()
        raise LedgerError(f"dbt {' '.join(arguments[:2])} failed: {' '.join(line.strip() for line in first)}")
    return outcome.result


def _release_files() -> None:
    """dbt keeps its DuckDB connection for its process; ours goes on and needs the files."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()


@contextmanager
def _environment(settings: Settings) -> Iterator[None]:
    """dbt's profile reads places from the environment; it is put back afterwards."""
    before = dict(os.environ)
    os.environ.update(settings.environment())
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _project_files() -> list[Path]:
    return [
        path
        for folder in ("models", "macros", "tests")
        for path in (DBT_PROJECT_DIR / folder).rglob("*")
        if path.is_file()
    ] + [DBT_PROJECT_DIR / "dbt_project.yml", DBT_PROJECT_DIR / "profiles.yml"]
