"""What identifies a row of each published table; read from where the models' tests declare it.

Here belongs only the look-up. The key of a mart is the first `unique_combination` of its yml, so what is
declared to readers is what the build has tested.
"""

from __future__ import annotations

from functools import cache

import yaml

from orchestration.warehouse.settings import DBT_PROJECT_DIR

# Tables of schema meta are filled without dbt; those not named have no key.
_META = {
    "builds": ("build_id",),
    "changes": ("build_id", "table_name"),
    "columns": ("schema_name", "table_name", "column_name"),
    "metrics": ("metric_id",),
    "releases": ("release_id",),
    "sources": ("source_id",),
}
# Too large for a test of every row at each refresh: a file is judged when it is landed, and flows that two
# files may hold by tests/assert_trade_flow_has_one_latest_release.sql.
_FLOW = (
    "source_id", "reporter_iso3", "partner_iso3", "flow", "hs_code", "product_id", "period_grain",
    "period_end_date",
)  # fmt: skip
_FLOWS = {
    "fct_customs_flow": ("slice_id", "partner_iso3", "hs_code"),
    "fct_trade_flow": _FLOW,
    "fct_trade_flow_release": (*_FLOW, "release_id"),
}

# The safe loader, in C where PyYAML has it: the pure one takes a second for these files.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def published_keys() -> dict[tuple[str, str], tuple[str, ...]]:
    """Key columns by (schema, table), in the order of the test that proves them."""
    keys = {("meta", name): columns for name, columns in _META.items()}
    keys |= {("marts", name): columns for name, columns in _FLOWS.items()}
    for path in sorted((DBT_PROJECT_DIR / "models" / "marts").rglob("*.yml")):
        for model in yaml.load(path.read_text(encoding="utf-8"), _LOADER).get("models") or []:
            for test in model.get("data_tests") or []:
                if isinstance(test, dict) and "unique_combination" in test:
                    columns = test["unique_combination"]["arguments"]["columns"]
                    keys.setdefault(("marts", str(model["name"])), tuple(str(name) for name in columns))
    return keys
