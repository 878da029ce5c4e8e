"""Writes the generated parts of docs/: the data dictionary and the formulas, from their one description.

`python -m orchestration.docs` writes, `--check` only says whether the files are up to date.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from orchestration.warehouse import meta, models
from orchestration.warehouse.settings import PROJECT_ROOT, Settings

DOCS = PROJECT_ROOT / "docs"
NOTE = "<!-- Written by `make docs` from the models' yml; do not edit. -->"


def data_dictionary(manifest: dict[str, Any]) -> str:
    """Every published table and column as Markdown."""
    lines = [NOTE, "", "# Data dictionary", ""]
    lines += ["Schemas of the published file: `marts` (facts and dimensions) and `meta` (what is held)."]
    nodes = sorted(
        (
            node
            for node in manifest["nodes"].values()
            if node["resource_type"] == "model" and node["schema"] == "marts"
        ),
        key=lambda node: str(node["name"]),
    )
    for node in nodes:
        columns = [
            (name, str(column["data_type"]), str(column["description"]))
            for name, column in node["columns"].items()
        ]
        lines += _table(f"marts.{node['name']}", str(node["description"]), columns)
    for table in meta.ALL:
        lines += _table(f"meta.{table.name}", table.comment, table.columns)
    return "\n".join(lines) + "\n"


def _table(name: str, text: str, columns: Any) -> list[str]:
    lines = [
        "",
        f"## {name}",
        "",
        _flat(text),
        "",
        "| column | type | what it holds |",
        "|---|---|---|",
    ]
    lines += [f"| `{column}` | {kind} | {_flat(said)} |" for column, kind, said in columns]
    return lines


def metrics() -> str:
    """Every formula as Markdown."""
    lines = [NOTE, "", "# Formulas", "", "The same text is in `meta.metrics`."]
    for metric in yaml.safe_load(meta.METRICS.read_text(encoding="utf-8")):
        lines += ["", f"## {metric['metric_id']}", "", f"    {metric['expression']}", ""]
        lines += [f"- Where: `{metric['mart']}`, `{metric['column_name']}`"]
        lines += [f"- Unit: {metric['unit']}, {metric['decimals']} decimals"]
        lines += [f"- Edge cases: {metric['edge_cases']}", f"- Source: {metric['source']}"]
    return "\n".join(lines) + "\n"


def _flat(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(raw_root=Path(folder), home=Path(folder))
        manifest = models.read_manifest(settings)
    pages = {"data-dictionary.md": data_dictionary(manifest), "metrics.md": metrics()}
    stale = [
        name
        for name, text in pages.items()
        if not (DOCS / name).is_file() or (DOCS / name).read_text(encoding="utf-8") != text
    ]
    if "--check" in sys.argv:
        if stale:
            sys.stderr.write(f"docs/{stale[0]} is out of date; run `make docs`\n")
        return 1 if stale else 0
    for name, text in pages.items():
        (DOCS / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
