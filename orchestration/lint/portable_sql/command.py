"""The command line: files, folders or a dbt manifest; what is a model and what a test of dbt."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.lint.portable_sql.check import PARSE_RULE, SOURCE_DIALECT, check_sql
from orchestration.lint.portable_sql.model import Violation
from orchestration.lint.portable_sql.rules import RULES

# A test only has to parse and to keep these: what it casts or orders is read by nobody.
TEST_RULES = frozenset({8, 10})


class UsageError(Exception):
    """The command line names nothing that can be checked."""


@dataclass(frozen=True)
class Item:
    """One compiled text; a dbt test only has to parse and to keep `TEST_RULES`."""

    path: str
    sql: str | None
    is_test: bool = False


def _is_test_path(path: Path, root: Path) -> bool:
    """Compiled dbt tests lie under tests/ (singular) or under a yml's name (generic)."""
    parts = path.relative_to(root.parent).parts[:-1]
    if "compiled" in path.parts:
        last = len(path.parts) - path.parts[::-1].index("compiled")
        parts = path.parts[last:-1]
    return "tests" in parts or any(part.endswith((".yml", ".yaml")) for part in parts)


def items_of_path(root: Path) -> list[Item]:
    """The .sql files of one file or folder."""
    if not root.exists():
        raise UsageError(f"{root}: no such file or folder")
    files = [root] if root.is_file() else sorted(p for p in root.rglob("*.sql") if p.is_file())
    if not files or any(file.suffix != ".sql" for file in files):
        raise UsageError(f"{root}: no .sql file here")
    return [Item(str(file), file.read_text("utf-8", "replace"), _is_test_path(file, root)) for file in files]


def _compiled_sql(node: dict[str, Any], manifest: Path) -> str | None:
    code = node.get("compiled_code")
    if code:
        return str(code)
    if not node.get("compiled_path"):
        return None
    for folder in manifest.resolve().parents:
        file = folder / str(node["compiled_path"])
        if file.is_file():
            return file.read_text("utf-8", "replace")
    return None


def items_of_manifest(manifest: Path) -> list[Item]:
    """The SQL models and the singular tests of a dbt manifest that was compiled for DuckDB."""
    try:
        content = json.loads(manifest.read_text("utf-8"))
        nodes = list(content["nodes"].values())
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{manifest}: not a readable dbt manifest ({error!r})") from error
    adapter = content.get("metadata", {}).get("adapter_type", SOURCE_DIALECT)
    if adapter != SOURCE_DIALECT:
        raise UsageError(f"{manifest}: compiled for {adapter}; this lint reads {SOURCE_DIALECT}")
    items = [
        Item(node["original_file_path"], _compiled_sql(node, manifest), kind == "test")
        for node in nodes
        if (kind := node.get("resource_type")) in ("model", "test")
        and node.get("language", "sql") == "sql"
        and not node.get("test_metadata")
    ]
    if not any(not item.is_test for item in items):
        raise UsageError(f"{manifest}: no SQL model in it")
    return sorted(items, key=lambda item: item.path)


def check_item(item: Item, allowed_functions: Collection[str] = ()) -> list[Violation]:
    """The violations of one item; a model that was never compiled is one."""
    if item.sql is None:
        return [Violation(item.path, 1, PARSE_RULE, "not compiled; run dbt compile first")]
    rules = TEST_RULES if item.is_test else None
    return check_sql(item.sql, item.path, allowed_functions=allowed_functions, rules=rules)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m orchestration.lint.portable_sql",
        description="Check that compiled dbt SQL (DuckDB) keeps the portable-SQL rules.",
        epilog="; ".join(f"R{number} {text}" for number, (_, text) in RULES.items()),
    )
    parser.add_argument("paths", nargs="*", type=Path, help="compiled .sql files or folders")
    parser.add_argument("--manifest", type=Path, help="a compiled dbt manifest.json")
    parser.add_argument(
        "--allow-function",
        action="append",
        default=[],
        metavar="NAME",
        help="a function that a project macro compiles to (repeatable)",
    )
    arguments = parser.parse_args(argv)
    if not arguments.paths and not arguments.manifest:
        parser.error("give a PATH or --manifest")
    return arguments


def main(argv: Sequence[str] | None = None) -> int:
    """0: no violation. 1: violations, printed. 2: nothing to check, or wrong usage."""
    arguments = _arguments(argv)
    try:
        items = [item for path in arguments.paths for item in items_of_path(path)]
        if arguments.manifest:
            items += items_of_manifest(arguments.manifest)
    except UsageError as error:
        print(f"portable_sql: {error}", file=sys.stderr)
        return 2
    violations = [v for item in items for v in check_item(item, arguments.allow_function)]
    for violation in violations:
        print(violation)
    tests = sum(item.is_test for item in items)
    noun = "violation" if len(violations) == 1 else "violations"
    summary = f"{len(items) - tests} models, {len(violations)} {noun}"
    print(summary + (f" ({tests} tests checked too)" if tests else ""))
    return 1 if violations else 0
