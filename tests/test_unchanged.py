"""What a refresh leaves as it is: exactly the models, tests and contracts that would say the same again.

Here: the rules on a small made-up project, and one whole refresh of the real one after a change in one
reference file, compared mart by mart with a forced rebuild.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
from helpers import RAW, run_cli

from orchestration.warehouse import unchanged
from orchestration.warehouse.ledger import CheckResult, open_ledger
from orchestration.warehouse.settings import Settings
from tests.faults.campaign import Campaign, digest

pytestmark = pytest.mark.slow


def node(name: str, kind: str, schema: str, parents: list[str], sql: str = "select 1") -> dict[str, Any]:
    database = "chipledger" if schema == "marts" else "ledger"
    return {
        "unique_id": name,
        "name": name,
        "resource_type": kind,
        "schema": schema,
        "raw_code": sql,
        "config": {"materialized": "view" if schema == "staging" else "table"},
        "columns": {},
        "description": "",
        "contract": {},
        "relation_name": f'"{database}"."{schema}"."{name}"' if kind == "model" else None,
        "depends_on": {"nodes": parents},
    }


@pytest.fixture
def manifest() -> dict[str, Any]:
    """Two sources, each with a staging view and a mart, and a test on the first mart."""
    nodes = [
        node("stg_a", "model", "staging", ["source.a"]),
        node("stg_b", "model", "staging", ["source.b"]),
        node("fct_a", "model", "marts", ["stg_a"]),
        node("fct_b", "model", "marts", ["stg_b"]),
        node("test_a", "test", "main", ["fct_a"]),
    ]
    sources = {
        f"source.{name}": {"name": name, "relation_name": f'"ledger"."raw"."{name}"'} for name in ("a", "b")
    }
    macro = {"macro.chipledger.ratio": {"macro_sql": "1"}}
    return {"nodes": {item["unique_id"]: item for item in nodes}, "sources": sources, "macros": macro}


@pytest.fixture
def ledger(tmp_path: Path) -> Any:
    with open_ledger(Settings(tmp_path, tmp_path / "home")) as connection:
        connection.execute("create schema staging")
        for name in ("a", "b"):
            connection.execute(f"create table raw.{name} as select 1 as value, 'x' as unused")
            connection.execute(f"create view staging.stg_{name} as select value from raw.{name}")
            connection.execute(
                f"create table chipledger.marts.fct_{name} as select * from staging.stg_{name}"
            )
        yield connection


def everything_ran(connection: duckdb.DuckDBPyConnection, manifest: dict[str, Any]) -> None:
    for stage in ("staging", "marts"):
        plan = unchanged.plan(connection, manifest, stage, "duckdb", force=True)
        rows = {name: 1 for name in plan.run if name.startswith("fct")}
        unchanged.remember(connection, plan.keys, rows)
    check = CheckResult("fct_a", "test_a", True, "error", 0, "")
    unchanged.replace_checks(connection, "dbt marts", [check], set())


def to_run(connection: duckdb.DuckDBPyConnection, manifest: dict[str, Any], force: bool = False) -> list[str]:
    return sorted(
        name
        for stage in ("staging", "marts")
        for name in unchanged.plan(connection, manifest, stage, "duckdb", force).run
    )


def test_nothing_runs_when_nothing_changed_and_all_when_forced(ledger: Any, manifest: dict[str, Any]) -> None:
    assert len(to_run(ledger, manifest)) == 5
    everything_ran(ledger, manifest)
    assert to_run(ledger, manifest) == []
    assert len(to_run(ledger, manifest, force=True)) == 5


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("update raw.a set value = 2", ["fct_a", "stg_a", "test_a"]),
        ("insert into raw.b values (1, 'x')", ["fct_b", "stg_b"]),
        # A column that the view does not show: the view is looked at, what reads it is not.
        ("update raw.a set unused = 'y'", ["stg_a"]),
        ("drop table chipledger.marts.fct_b", ["fct_b"]),
        ("insert into chipledger.marts.fct_b values (7)", ["fct_b"]),
        ("delete from audit.check_result", ["test_a"]),
        ("update audit.check_result set is_passed = false", ["test_a"]),
        ("delete from audit.model_state where node_id = 'stg_a'", ["stg_a"]),
    ],
)
def test_a_change_of_rows_runs_what_reads_them(
    ledger: Any, manifest: dict[str, Any], change: str, expected: list[str]
) -> None:
    everything_ran(ledger, manifest)
    ledger.execute(change)
    assert to_run(ledger, manifest) == expected


def test_a_change_of_code_runs_what_it_shapes(ledger: Any, manifest: dict[str, Any]) -> None:
    everything_ran(ledger, manifest)
    manifest["nodes"]["fct_a"]["description"] = "Told in another way."
    assert to_run(ledger, manifest) == ["fct_a", "test_a"]
    manifest["macros"]["macro.chipledger.ratio"]["macro_sql"] = "2"
    assert len(to_run(ledger, manifest)) == 5


def test_a_node_that_began_and_did_not_end_runs_again(ledger: Any, manifest: dict[str, Any]) -> None:
    everything_ran(ledger, manifest)
    unchanged.forget(ledger, ["fct_b"])
    assert to_run(ledger, manifest) == ["fct_b"]


EVENT_MODELS = {
    "stg_reference__policy_event",
    "dim_policy_event",
    "int_claim_event_verdict",
    "int_claim_definition_verdict",
    "fct_claim_input",
    "fct_claim_verdict",
    "int_policy_event_slot",
    "int_placebo_slot",
    "fct_policy_event_window",
    # Read the list of files held, which has one other line; their rows are the same, so nothing follows.
    "stg_ledger__snapshot",
    "stg_article__claim",
    "stg_customs__slice",
    "stg_customs__set_aside",
}


def test_one_reference_file_rebuilds_its_dependants_and_gives_the_marts_of_a_full_rebuild(
    home: Path, tmp_path: Path
) -> None:
    shutil.copytree(home, tmp_path / "home", symlinks=True)
    shutil.copytree(RAW, tmp_path / "raw")
    campaign = Campaign(tmp_path / "home", tmp_path / "raw")
    campaign.change_event()
    env = {"CHIPLEDGER_RAW": str(tmp_path / "raw"), "CHIPLEDGER_HOME": str(tmp_path / "home")}

    done = run_cli("refresh", env=env)

    assert done.returncode == 0, done.stderr
    layers = ("staging", "intermediate", "marts")
    ran = {
        line.split()[1] for line in done.stdout.splitlines() if line.split()[:1] and line.split()[0] in layers
    }
    assert ran == EVENT_MODELS
    published = tmp_path / "home" / "current" / "chipledger.duckdb"
    one_by_one = digest(published.resolve())
    assert one_by_one != campaign.expected[False, False]
    checks = "select count(*) from meta.checks"
    with duckdb.connect(str(published.resolve()), read_only=True) as connection:
        held = connection.execute(checks).fetchall()

    forced = run_cli("refresh", "--force", env=env)

    assert forced.returncode == 0, forced.stderr
    assert digest(published.resolve()) == one_by_one
    with duckdb.connect(str(published.resolve()), read_only=True) as connection:
        assert connection.execute(checks).fetchall() == held
