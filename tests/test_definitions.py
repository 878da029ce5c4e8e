"""The shape of the project: what Dagster is given, and who may import whom.

Belongs here: the list of assets, checks, jobs and schedules, kept as text so that a change of it is seen
in review, and the borders between the modules. To accept a change: run with `UPDATE_SNAPSHOTS=1`.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import ROOT, clean_environment

PACKAGE = ROOT / "orchestration"
SNAPSHOT = Path(__file__).parent / "snapshots" / "definitions.txt"
LISTING = """
from orchestration.definitions import defs
graph = defs.resolve_asset_graph()
print("\\n".join(sorted([
    *(f"asset {key.to_user_string()}" for key in graph.get_all_asset_keys()),
    *(f"check {key.asset_key.to_user_string()} {key.name}" for key in graph.asset_check_keys),
    *(f"job {job.name}" for job in defs.resolve_all_job_defs() if not job.name.startswith("__")),
    *(f"schedule {s.name} {s.cron_schedule} {s.execution_timezone}" for s in defs.schedules or []),
    *(f"step without the writer {node.name}" for node in defs.resolve_job_def("backfill").nodes
      if "writer" not in node.definition.required_resource_keys or node.definition.pool != "duckdb_writer"),
    *(f"job that goes on with a dead run's steps {job.name}" for job in defs.resolve_all_job_defs()
      if not job.name.startswith("__") and job.tags.get("dagster/retry_strategy") != "ALL_STEPS"),
])))
"""
PLAIN = ("sources", "contracts", "warehouse", "serving", "claims", "cli")


def run_python(code: str, home: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=clean_environment({"CHIPLEDGER_HOME": str(home)}),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_assets_checks_jobs_and_schedules_are_those_reviewed(parsed: Path) -> None:
    listed = run_python(LISTING, parsed)
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOT.parent.mkdir(exist_ok=True)
        SNAPSHOT.write_text(listed, encoding="utf-8")
    known = SNAPSHOT.read_text(encoding="utf-8").splitlines()
    found = listed.splitlines()
    gone, new = sorted(set(known) - set(found)), sorted(set(found) - set(known))
    assert not gone and not new, f"gone: {gone}\nnew: {new}\naccept with UPDATE_SNAPSHOTS=1 if meant"
    assert len(found) == len(set(found))


def modules() -> list[str]:
    paths = [PACKAGE / "errors.py", *(path for name in PLAIN for path in (PACKAGE / name).rglob("*.py"))]
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths}
    return sorted(name.removesuffix(".__init__") for name in names if not name.endswith("__main__"))


def test_plain_modules_import_neither_dagster_nor_dbt(tmp_path: Path) -> None:
    names = modules()
    assert len(names) > 30
    # One process: each module in turn, and what it brought in by the first that did.
    code = f"""
import importlib, json, sys
guilty = {{}}
for name in {names!r}:
    importlib.import_module(name)
    brought = sorted({{m.split(".")[0] for m in sys.modules}} & {{"dagster", "dagster_dbt", "dbt"}})
    for other in brought:
        guilty.setdefault(other, name)
print(json.dumps(guilty))
"""
    assert json.loads(run_python(code, tmp_path)) == {}


def test_commands_that_check_no_table_wait_for_no_engine_of_checks(tmp_path: Path) -> None:
    """Pandera and ibis take a second to import; `add` and a refresh without news state rules and run none."""
    code = (
        "import sys, orchestration.cli.add, orchestration.cli.refresh, orchestration.cli.doctor\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules} & {'pandera', 'ibis', 'pandas'}))"
    )
    assert run_python(code, tmp_path).split() == []


def imports(path: Path) -> set[str]:
    """Every module that a file names in an import, at its top or inside a function."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def breaks(path: Path, forbidden: str) -> bool:
    return any(name == forbidden or name.startswith(f"{forbidden}.") for name in imports(path))


def test_nobody_but_definitions_imports_the_dagster_code() -> None:
    guilty = [
        path.relative_to(ROOT).as_posix()
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.parent.name != "defs" and path.name != "definitions.py" and breaks(path, "orchestration.defs")
    ]
    assert guilty == []
    assert breaks(PACKAGE / "definitions.py", "orchestration.defs")


@pytest.mark.parametrize(
    ("layer", "forbidden"),
    [
        ("sources", "orchestration.warehouse"),
        ("sources", "orchestration.cli"),
        ("contracts", "orchestration.sources"),
        ("contracts", "orchestration.warehouse"),
        ("claims", "orchestration.cli"),
        ("defs", "orchestration.cli"),
    ],
)
def test_lower_layers_do_not_know_upper_ones(layer: str, forbidden: str) -> None:
    paths = sorted((PACKAGE / layer).rglob("*.py"))
    assert paths
    assert [path.name for path in paths if breaks(path, forbidden)] == []


@pytest.mark.parametrize(
    ("source", "is_found"),
    [
        ("import orchestration.defs.raw", True),
        ("from orchestration import defs", True),
        ("def f():\n    from orchestration.defs.raw import TABLES", True),
        ("from orchestration import definitions", False),
    ],
)
def test_the_border_guard_sees_every_kind_of_import(tmp_path: Path, source: str, is_found: bool) -> None:
    path = tmp_path / "module.py"
    path.write_text(source)
    assert breaks(path, "orchestration.defs") is is_found
