"""What need not run again: models, tests and contracts whose code and inputs are what they were.

Every node has a key: sha256 over its code, the code that all share, and the contents of its inputs.
Staging views and raw tables count by their rows, so a new file that changes no row that a model reads
rebuilds nothing; intermediate models and marts count by their own key. A key is written only after its
node succeeded, and taken away before the node runs again: a refresh that dies leaves no node that
looks done. Where anything is in doubt (a table is missing or has other rows, no recorded result) the
node runs. Nothing here runs dbt or knows Dagster.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from orchestration.warehouse.ledger import DRAFT, CheckResult, first_row, record_checks
from orchestration.warehouse.stages import stages

Manifest = Mapping[str, Any]
_ENGINES = ("duckdb", "dbt-core", "dbt-duckdb")
# Large tables that are landed file by file: what the books say of their files stands for their rows.
_BY_FILE = ("fct_customs_flow", "customs_aside")


@dataclass(frozen=True)
class Plan:
    """The nodes of one stage: those to run and those that stay as they are, each with its key."""

    run: tuple[str, ...]
    kept: tuple[str, ...]
    keys: Mapping[str, str]


def stage_nodes(manifest: Manifest, stage: str) -> list[str]:
    """Models and tests of a stage; see `stages`."""
    return [unique_id for unique_id, of in stages(manifest).items() if of == stage]


def in_order(manifest: Manifest, nodes: Iterable[str]) -> list[str]:
    """The nodes, each after those that it reads."""
    order: dict[str, None] = {}

    def visit(unique_id: str) -> None:
        if unique_id in order or unique_id not in manifest["nodes"]:
            return
        for parent in manifest["nodes"][unique_id]["depends_on"]["nodes"]:
            visit(parent)
        order[unique_id] = None

    wanted = sorted(nodes)
    for node in wanted:
        visit(node)
    chosen = set(wanted)
    return [node for node in order if node in chosen]


def plan(
    connection: duckdb.DuckDBPyConnection, manifest: Manifest, stage: str, target: str, force: bool
) -> Plan:
    """Splits the nodes of a stage; `force` runs all of them."""
    nodes = stage_nodes(manifest, stage)
    keys = _keys(connection, manifest, nodes, target)
    if force:
        return Plan(tuple(nodes), (), keys)
    known = _known(connection)
    recorded = _passed(connection, f"dbt {stage}")
    run: list[str] = []
    kept: list[str] = []
    for unique_id in nodes:
        node = manifest["nodes"][unique_id]
        same = known.get(unique_id, ("", None))[0] == keys[unique_id]
        if node["resource_type"] == "model":
            same = same and _is_there(connection, node, known[unique_id][1])
        else:
            same = same and node["name"] in recorded
        (kept if same else run).append(unique_id)
    return Plan(tuple(run), tuple(kept), keys)


def contract_keys(
    connection: duckdb.DuckDBPyConnection, manifest: Manifest, tables: Iterable[str], code: str
) -> dict[str, str]:
    """table -> key of its contract: the rows it judges and the code that judges them."""
    known = _known(connection)
    by_name = {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}
    keys = {}
    for table in tables:
        node = by_name.get(table)
        if node is None:
            rows = _by_file(connection)
        elif node["schema"] == "staging":
            rows = _content(connection, node["relation_name"])
        else:
            # Built in this refresh or kept: either way its key is known, or the contract runs.
            rows = known.get(node["unique_id"], ("", None))[0]
        keys[table] = _digest(table, code, *_engines(), rows) if rows else ""
    return keys


def kept_contracts(connection: duckdb.DuckDBPyConnection, stage: str, keys: Mapping[str, str]) -> set[str]:
    """Tables whose contract held when it was last checked, and would say the same now."""
    known = _known(connection)
    recorded = {
        str(row[0]).split(".")[-1]
        for row in connection.execute(
            "select table_name from audit.check_result where stage = ? and is_passed", [stage]
        ).fetchall()
    }
    return {
        table
        for table, key in keys.items()
        if key and table in recorded and known.get(f"contract.{stage}.{table}", ("", None))[0] == key
    }


def forget(connection: duckdb.DuckDBPyConnection, nodes: Iterable[str]) -> None:
    """Takes the keys of nodes away, before they run again."""
    for node in nodes:
        connection.execute("delete from audit.model_state where node_id = ?", [node])


def remember(
    connection: duckdb.DuckDBPyConnection, keys: Mapping[str, str], rows: Mapping[str, int] | None = None
) -> None:
    """Writes the keys of nodes that succeeded; `rows`: the rows of those that are tables."""
    forget(connection, keys)
    for node, key in keys.items():
        connection.execute(
            "insert into audit.model_state values (?, ?, ?)", [node, key, (rows or {}).get(node)]
        )


def replace_checks(
    connection: duckdb.DuckDBPyConnection, stage: str, results: list[CheckResult], kept: set[tuple[str, str]]
) -> None:
    """Records the results of a stage; those of (table, check) in `kept` stay as recorded before.

    In one transaction: no moment shows half of them.
    """
    connection.execute("begin")
    try:
        before = connection.execute(
            "select table_name, check_name, is_passed, severity, failures, message from audit.check_result "
            "where stage = ?",
            [stage],
        ).fetchall()
        stay = [CheckResult(*row) for row in before if (row[0], row[1]) in kept]
        record_checks(connection, stage, [*stay, *results])
    except BaseException:
        connection.execute("rollback")
        raise
    connection.execute("commit")


def _keys(
    connection: duckdb.DuckDBPyConnection, manifest: Manifest, nodes: list[str], target: str
) -> dict[str, str]:
    shared = _digest(*_engines(), target, *_macros(manifest))
    found: dict[str, str] = {}

    def output(unique_id: str) -> str:
        """What a node that reads this one sees: rows of sources and staging views, else the key."""
        if unique_id not in found:
            node = manifest["sources"].get(unique_id) or manifest["nodes"][unique_id]
            if unique_id in manifest["sources"]:
                found[unique_id] = _source(connection, node)
            elif node["schema"] == "staging":
                found[unique_id] = _content(connection, node["relation_name"])
            else:
                found[unique_id] = key(unique_id)
        return found[unique_id]

    keys: dict[str, str] = {}
    stage_of = stages(manifest)

    def is_view_of_stage(unique_id: str, name: str) -> bool:
        """While a stage is planned its staging views may not be there yet: they count by their key."""
        node = manifest["nodes"].get(name)
        return bool(node and node["schema"] == "staging" and stage_of.get(name) == stage_of.get(unique_id))

    def key(unique_id: str) -> str:
        if unique_id not in keys:
            node = manifest["nodes"][unique_id]
            # A staging view is kept by its sources: its own rows are what comes of it.
            inputs = [
                key(name) if is_view_of_stage(unique_id, name) else output(name)
                for name in sorted(node["depends_on"]["nodes"])
            ]
            keys[unique_id] = _digest(shared, _code(node), *inputs)
        return keys[unique_id]

    return {unique_id: key(unique_id) for unique_id in nodes}


def _code(node: Mapping[str, Any]) -> str:
    """All of a node that shapes what it makes; descriptions too, for they are published as comments."""
    config = {name: value for name, value in node["config"].items() if name != "meta"}
    parts = {
        "sql": node["raw_code"],
        "config": config,
        "columns": node["columns"],
        "description": node["description"],
        "contract": node["contract"],
        "relation": node["relation_name"],
        "test": node.get("test_metadata"),
        "column": node.get("column_name"),
    }
    return json.dumps(parts, sort_keys=True, default=str)


def _macros(manifest: Manifest) -> list[str]:
    own = {name: macro for name, macro in manifest["macros"].items() if name.startswith("macro.chipledger.")}
    return [f"{name}\n{own[name]['macro_sql']}" for name in sorted(own)]


def _engines() -> list[str]:
    return [f"{name} {importlib.metadata.version(name)}" for name in _ENGINES]


def _source(connection: duckdb.DuckDBPyConnection, source: Mapping[str, Any]) -> str:
    if source["name"] in _BY_FILE:
        return _by_file(connection)
    return _content(connection, source["relation_name"])


def _content(connection: duckdb.DuckDBPyConnection, relation: str) -> str:
    """The rows of a relation, in any order, with its columns; a relation that is missing has none."""
    try:
        columns = [
            f"{row[0]} {row[1]}" for row in connection.execute(f"describe {relation}").fetchall()
        ]
        row = first_row(
            connection,
            f"select count(*), sum(hash(t)), bit_xor(hash(t, 1)) from {relation} as t",
        )
    except duckdb.CatalogException:
        return f"missing {relation}"
    return _digest(relation, *columns, *(str(item) for item in row or ()))


def _by_file(connection: duckdb.DuckDBPyConnection) -> str:
    """Flows of customs files: their bytes, the rules that read them, what the user said of them, and
    what was corrected give the same rows again."""
    flow_files = "select snapshot_id from raw.snapshot where flow_rows is not null"
    parts = []
    for sql in (
        "select snapshot_id, layout_id, layout_hash, rows_loaded, rows_quarantined, flow_rows "
        "from raw.snapshot where status = 'loaded' and flow_rows is not null order by all",
        f"select snapshot_id, said from raw.snapshot_said where snapshot_id in ({flow_files}) order by all",
        "select action, snapshot_id, raw_row, raw_column, column_name, corrected_value, factor "
        f"from raw.correction where snapshot_id in ({flow_files}) order by all",
    ):
        parts.append(repr(connection.execute(sql).fetchall()))
    return _digest(*parts)


def _is_there(connection: duckdb.DuckDBPyConnection, node: Mapping[str, Any], rows: int | None) -> bool:
    """Whether the relation of a model stands in its database with the rows it had when it was built."""
    database = DRAFT if node["schema"] == "marts" else "ledger"
    is_view = node["config"]["materialized"] == "view"
    kind = "view" if is_view else "table"
    found = first_row(
        connection,
        f"select 1 from duckdb_{kind}s() where database_name = ? and schema_name = ? and {kind}_name = ?",
        [database, node["schema"], node["name"]],
    )
    if not found or is_view:
        return bool(found)
    held = first_row(connection, f"select count(*) from {node['relation_name']}")
    return held is not None and held[0] == rows


def _known(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, int | None]]:
    rows = connection.execute("select node_id, fingerprint, rows from audit.model_state").fetchall()
    return {str(node): (str(key), held) for node, key, held in rows}


def _passed(connection: duckdb.DuckDBPyConnection, stage: str) -> set[str]:
    rows = connection.execute(
        "select check_name from audit.check_result where stage = ? group by check_name "
        "having bool_and(is_passed or severity = 'warn')",
        [stage],
    ).fetchall()
    return {str(row[0]) for row in rows}


def _digest(*parts: str) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
    return digest.hexdigest()
