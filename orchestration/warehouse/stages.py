"""The three steps in which dbt's models are built, and which models and tests belong to each.

Staging comes first; then the series, which the calendars and the seasonal adjustment of `derive` are
computed from; then everything else. Here belongs only this division.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

STAGES = ("staging", "series", "marts")
# Staging of what Python derives from the series waits for it.
DERIVED = ("stg_derived__calendar_month", "stg_derived__seasonal_adjustment")
# The series end with the first; tests of what leads to them look economies and products up in the others.
SERIES_ENDS = ("int_monthly_slot", "dim_economy", "dim_product_group")


def stages(manifest: Mapping[str, Any]) -> dict[str, str]:
    """unique_id -> stage, of every model and data test of the project."""
    nodes = manifest["nodes"]
    series: set[str] = set()

    def visit(unique_id: str) -> None:
        if unique_id in nodes and nodes[unique_id]["schema"] != "staging" and unique_id not in series:
            series.add(unique_id)
            for parent in nodes[unique_id]["depends_on"]["nodes"]:
                visit(parent)

    found: dict[str, str] = {}
    for unique_id, node in nodes.items():
        if node["resource_type"] == "model" and node["name"] in SERIES_ENDS:
            visit(unique_id)
    for unique_id, node in nodes.items():
        if node["resource_type"] == "model":
            is_staging = node["schema"] == "staging" and node["name"] not in DERIVED
            found[unique_id] = "staging" if is_staging else "series" if unique_id in series else "marts"
    for unique_id, node in nodes.items():
        if node["resource_type"] == "test":
            found[unique_id] = _stage_of_test(node, found)
    return found


def _stage_of_test(node: Mapping[str, Any], found: Mapping[str, str]) -> str:
    """The last stage of what it reads; a test of a file of its own may read anything and comes last."""
    if not node.get("test_metadata"):
        return "marts"
    read = [found[name] for name in node["depends_on"]["nodes"] if name in found]
    return max(read, key=STAGES.index, default="marts")
