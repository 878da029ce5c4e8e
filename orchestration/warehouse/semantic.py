"""Metrics as SQL, from their one declaration in dbt's semantic layer.

Belongs here: reading `dbt_project/models/semantic_models.yml` and writing a metric out over the rows of its mart.
The words of a metric are in `metrics.yml`; running the semantic layer is MetricFlow's work, not ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from orchestration.warehouse.settings import DBT_PROJECT_DIR

SEMANTIC_MODELS = DBT_PROJECT_DIR / "models" / "semantic_models.yml"


@dataclass(frozen=True)
class SemanticMetric:
    """A metric of dbt: its name there, the formula of metrics.yml that it is, mart and column with the same value.

    metric_id is None for the plain sum of a column. read_from: the mart whose rows are aggregated. sql: the
    metric over a group of those rows.
    """

    name: str
    metric_id: str | None
    column_name: str
    read_from: str
    sql: str


@cache
def semantic_metrics() -> tuple[SemanticMetric, ...]:
    """Every metric declared, in the order of the file; the measures alone are left out."""
    declared = yaml.safe_load(SEMANTIC_MODELS.read_text(encoding="utf-8"))
    measures = {
        measure["name"]: (_referred(model["model"]), f"{measure['agg']}({measure['expr']})")
        for model in declared["semantic_models"]
        for measure in model.get("measures", ())
    }
    return tuple(_metric(metric, measures) for metric in declared["metrics"])


def sql_expression(formula: Mapping[str, Any]) -> str | None:
    """The formula of metrics.yml over a group of rows of its mart; None where it is not declared of just these.

    Of several marts and columns it is the same SQL or none.
    """
    found = {
        (mart, metric.sql)
        for mart in str(formula["mart"]).split(", ")
        for metric in semantic_metrics()
        if metric.metric_id == formula["metric_id"] and metric.read_from == mart
    }
    texts = {sql for _, sql in found}
    whole = len({mart for mart, _ in found}) == len(str(formula["mart"]).split(", "))
    return texts.pop() if whole and len(texts) == 1 and "," not in formula["column_name"] else None


def _metric(metric: Mapping[str, Any], measures: Mapping[str, tuple[str, str]]) -> SemanticMetric:
    parameters = metric["type_params"]
    names = [parameters["measure"]] if metric["type"] == "simple" else parameters["metrics"]
    (read_from,) = {measures[name][0] for name in names}
    # A derived metric names its measures, and nothing else in it is spelled like one of them.
    sql = re.sub(
        r"\b(" + "|".join(map(re.escape, names)) + r")\b",
        lambda match: measures[match[1]][1],
        parameters.get("expr", names[0]),
    )
    meta = metric["config"]["meta"]
    return SemanticMetric(
        name=metric["name"],
        metric_id=meta.get("metric_id"),
        column_name=meta["column_name"],
        read_from=read_from,
        sql=sql,
    )


def _referred(model: str) -> str:
    """ref('name') -> name"""
    return model.removeprefix("ref('").removesuffix("')")
