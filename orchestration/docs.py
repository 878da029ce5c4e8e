"""Writes what is generated of the documents: data dictionary, formulas and sources in docs/, from their one
description, and the words of the formulas for dbt.

`python -m orchestration.docs` writes, `--check` only says whether the files are up to date.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from orchestration.sources import CUSTOMS
from orchestration.sources.layout import FLOW_COLUMNS, CustomsLayout
from orchestration.warehouse import meta, models
from orchestration.warehouse.semantic import semantic_metrics
from orchestration.warehouse.settings import DBT_PROJECT_DIR, PROJECT_ROOT, Settings

DOCS = PROJECT_ROOT / "docs"
FORMULAS = DBT_PROJECT_DIR / "models" / "formulas.md"
NOTE = "<!-- Written by `make docs` from the models' yml; do not edit. -->"
DOC_BLOCKS_NOTE = "<!-- Written by `make docs` from orchestration/warehouse/metrics.yml; do not edit. -->"
SOURCES_NOTE = "<!-- Written by `make docs` from orchestration/sources and tests/planted; do not edit. -->"
METRICS_INTRO = """
The same text is in `meta.metrics`. What aggregates rows of one mart is also a metric of dbt's semantic
layer ([how to ask for it](connect/dbt.md#metrics)). Where a formula is one column,
`sql_expression` is its SQL.
"""
SOURCES_INTRO = """
# Sources

Files of customs offices and data banks are kept as received and recognised by their content; some
layouts also need their name. There are three ways in:

- `chipledger add FILE` tells what is in a file, stores it as a release below `raw/customs/`, or refuses it in
  one sentence. Where the file does not say when it was released, `--released` does.
- A file put by hand into `raw/customs/<source>/<date>/` is told by its layout at the next `make refresh`; the
  folder's name is the day of the release. Give it a `source.yml` to say where it comes from
  and, if you like, what it was asked for ([operations](operations.md#what-a-file-was-asked-for)).
- `chipledger fetch` asks the API of a source and stores the answer in the same way.

A file lands as a whole or is held back as a whole; one that is held back leaves the last good one in
place. A record that breaks a rule is quarantined with line, column, value and what was expected; the file is
held back where such records carry more than 0.1 % of the value of a reporter, flow and period. Breakdowns,
subtotals and groups of countries are kept with their kind and never counted. A flow of a period that was not
over on the day of the release, and partners that sum up to more than the total beside them, are quarantined
in every layout.

`make planted` writes a clean file in every layout, then the same file with one error in it, and shows which
errors are found and by what. Traps below that have such a file name the error.

What to know:

- Notes on a file (units that differ, changes that do not follow from their base, a last line without its end)
  are shown by `chipledger add` and `chipledger sources`, stand in `meta.snapshots`, and stop nothing.
- A number that is wrong, and that nothing else in its file contradicts, cannot be found in that file. Each
  layout says below where this is so.
"""


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
    in_dbt: dict[str | None, list[str]] = {}
    for declared in semantic_metrics():
        in_dbt.setdefault(declared.metric_id, []).append(f"`{declared.name}`")
    lines = [NOTE, "", "# Formulas", "", *METRICS_INTRO.strip().splitlines()]
    for metric in yaml.safe_load(meta.METRICS.read_text(encoding="utf-8")):
        lines += ["", f"## {metric['metric_id']}", "", f"    {metric['expression']}", ""]
        lines += [f"- Where: `{metric['mart']}`, `{metric['column_name']}`"]
        lines += [f"- Unit: {metric['unit']}, {metric['decimals']} decimals"]
        lines += [f"- Edge cases: {metric['edge_cases']}", f"- Source: {metric['source']}"]
        if metric["metric_id"] in in_dbt:
            lines += [f"- In dbt's semantic layer: {', '.join(in_dbt[metric['metric_id']])}"]
    return "\n".join(lines) + "\n"


def doc_blocks() -> str:
    """The words of every formula as dbt's doc blocks, for its metrics."""
    lines = [DOC_BLOCKS_NOTE]
    for metric in yaml.safe_load(meta.METRICS.read_text(encoding="utf-8")):
        lines += ["", f"{{% docs metric_{metric['metric_id']} %}}", formula_words(metric), "{% enddocs %}"]
    return "\n".join(lines) + "\n"


def formula_words(metric: dict[str, Any]) -> str:
    """A formula of metrics.yml in one line."""
    return f"{metric['expression']}. Unit: {metric['unit']}. {metric['edge_cases']}."


def sources() -> str:
    """Every customs layout as Markdown: what is read and refused, its traps, its limits."""
    # Only a checkout has the tests, and only a checkout has docs to write.
    folder = str(PROJECT_ROOT / "tests")
    if folder not in sys.path:
        sys.path.append(folder)
    known = importlib.import_module("planted.traps")
    lines = [SOURCES_NOTE, *SOURCES_INTRO.rstrip("\n").splitlines()]
    lines += ["", f"Planted in every layout: {', '.join(known.EVERYWHERE)}.", ""]
    lines += ["| layout | source | title |", "|---|---|---|"]
    lines += [
        f"| [{item.layout_id}](#{item.layout_id}) | {item.source_id} | {_plain(item.title)} |"
        for item in CUSTOMS
    ]
    for item in CUSTOMS:
        lines += _source(item, known.PLANTED.get(item.layout_id, {}), known.LIMITS.get(item.layout_id, ()))
    return "\n".join(lines) + "\n"


def _source(layout: CustomsLayout, planted: dict[str, str], limits: tuple[str, ...]) -> list[str]:
    """One layout. `planted`: beginning of a trap -> the planted error."""
    lands = "flows" if layout.columns is FLOW_COLUMNS else "printed figures"
    lines = [
        "",
        f"## {layout.layout_id}",
        "",
        f"{_plain(layout.title)}. Source `{layout.source_id}`; {lands}.",
        "",
    ]
    lines += [f"- Reads: {_plain(layout.reads)}.", f"- Refuses: {_plain(layout.refuses)}.", "", "Traps:", ""]
    for trap in layout.traps:
        error = next((kind for start, kind in planted.items() if trap.startswith(start)), "")
        lines.append(f"- {_plain(trap)}" + (f" *(planted: {error})*" if error else ""))
    if limits:
        lines += ["", "Not to be found in the file:", "", *(f"- {_plain(limit)}" for limit in limits)]
    return lines


def _flat(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _plain(text: str) -> str:
    """The same where a * is meant as one."""
    return _flat(text).replace("*", "\\*")


def main() -> int:
    checking = "--check" in sys.argv
    # dbt reads its doc blocks when it parses: they come first.
    if not _settle({FORMULAS: doc_blocks()}, checking):
        return 1
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(raw_root=Path(folder), home=Path(folder))
        manifest = models.read_manifest(settings)
    pages = {
        DOCS / "data-dictionary.md": data_dictionary(manifest),
        DOCS / "metrics.md": metrics(),
        DOCS / "sources.md": sources(),
    }
    return 0 if _settle(pages, checking) else 1


def _settle(pages: dict[Path, str], checking: bool) -> bool:
    """Writes these files, or says which is not as it should be."""
    for path, text in pages.items():
        if not checking:
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            sys.stderr.write(f"{path.relative_to(PROJECT_ROOT)} is out of date; run `make docs`\n")
            return False
    return True


if __name__ == "__main__":
    sys.exit(main())
