"""Asks a real MetricFlow for every metric of the semantic models and holds each row against its mart.

Run by `make semantic-test`, which installs MetricFlow into an environment of its own and names it:
`python tests/semantic/run.py METRICFLOW_ENVIRONMENT`. It is no part of `make test`: each question costs
seconds of start-up. Sums must be the same number, ratios agree to 1e-9.
"""

from __future__ import annotations

import csv
import datetime as dt
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.append(str(Path(__file__).resolve().parents[1]))

import duckdb
import yaml
from helpers import ROOT, clean_environment, run_cli

from orchestration.warehouse.keys import published_keys
from orchestration.warehouse.semantic import SEMANTIC_MODELS, SemanticMetric, semantic_metrics

FORMULAS = {
    formula["metric_id"]: formula
    for formula in yaml.safe_load((ROOT / "orchestration/warehouse/metrics.yml").read_text(encoding="utf-8"))
}
MODELS = {
    model["model"].removeprefix("ref('").removesuffix("')"): model
    for model in yaml.safe_load(SEMANTIC_MODELS.read_text(encoding="utf-8"))["semantic_models"]
}
TOLERANCE = 1e-9


class Metricflow:
    """`mf` and `dbt` of its environment, on a copy of the project and of a home."""

    def __init__(self, environment: Path, folder: Path, home: Path) -> None:
        self.programs = environment.resolve() / "bin"
        self.project = Path(shutil.copytree(ROOT / "dbt_project", folder / "dbt_project"))
        self.settings = clean_environment(
            {"CHIPLEDGER_HOME": str(home), "DBT_PROFILES_DIR": str(self.project), "DO_NOT_TRACK": "1"}
        )

    def run(self, program: str, *arguments: str) -> str:
        done = subprocess.run(
            [str(self.programs / program), *arguments],
            env=self.settings,
            cwd=self.project,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"{program} {' '.join(arguments)}: {(done.stdout + done.stderr)[-3000:]}")
        return done.stdout

    def query(self, metrics: list[str], group_by: list[str]) -> list[dict[str, str]]:
        answer = self.project / "answer.csv"
        self.run(
            "mf",
            "query",
            "--metrics",
            ",".join(metrics),
            "--group-by",
            ",".join(group_by),
            "--csv",
            str(answer),
        )
        with answer.open(newline="", encoding="utf-8") as stream:
            return list(csv.DictReader(stream))


def mart_of(metric: SemanticMetric) -> str:
    """Where the same values stand: the mart it is made of, or, for what is made of another, its own."""
    marts = FORMULAS[metric.metric_id]["mart"].split(", ") if metric.metric_id else [metric.read_from]
    return metric.read_from if metric.read_from in marts else str(marts[0])


def asked(read_from: str, column: str) -> tuple[str, str]:
    """How MetricFlow calls a key column: when asked for, and in the answer."""
    model = MODELS[read_from]
    for entity in model.get("entities", ()):
        if entity["expr"] == column:
            return entity["name"], entity["name"]
    prefix = model["primary_entity"]
    for dimension in model["dimensions"]:
        if column in (dimension["name"], dimension["name"].removesuffix("_start")):
            name = f"{prefix}__{dimension['name']}"
            grain = dimension.get("type_params", {}).get("time_granularity")
            return name, f"{name}__{grain}" if grain else name
    raise SystemExit(f"{read_from}: no dimension for {column}")


def compare(
    rows: list[dict[str, str]], read_from: str, metrics: list[SemanticMetric], file: duckdb.DuckDBPyConnection
) -> int:
    mart = mart_of(metrics[0])
    key = published_keys()["marts", mart]
    names = [asked(read_from, column)[1] for column in key]
    columns = [metric.column_name for metric in metrics]
    held = {
        tuple(_spelled(value, name) for value, name in zip(row, names, strict=False)): row[len(key) :]
        for row in file.execute(f"select {', '.join([*key, *columns])} from marts.{mart}").fetchall()
    }
    made = {tuple(row[name].removesuffix(" 00:00:00") for name in names): row for row in rows}
    assert len(made) == len(rows), f"{mart}: rows twice"
    assert set(made) == set(held), f"{mart}: {sorted(set(made) ^ set(held))[:3]}"
    values = 0
    for place, wanted in held.items():
        for metric, value in zip(metrics, wanted, strict=True):
            text = made[place][metric.name]
            assert same(text, value), f"{metric.name} {place}: MetricFlow {text}, {mart} {value}"
            values += value is not None
    return values


def _spelled(value: Any, name: str) -> str:
    """A key's value as the answer spells it: years are their first day, what is null is empty."""
    if value is None:
        return ""
    if name.endswith("__year"):
        return dt.date(value, 1, 1).isoformat()
    return str(value)


def same(text: str, value: Any) -> bool:
    if not text or text in ("None", "nan", "NaN", "<NA>"):
        return value is None
    if value is None:
        return False
    if isinstance(value, Decimal):
        return Decimal(text) == value
    return abs(float(text) - value) <= TOLERANCE * max(abs(value), 1.0)


def check(metricflow: Metricflow, published: Path) -> int:
    metricflow.run("dbt", "--quiet", "parse")
    said = metricflow.run("mf", "validate-configs")
    print("validate-configs:", " ".join(said.split())[-160:])
    groups: dict[tuple[str, str], list[SemanticMetric]] = {}
    for metric in semantic_metrics():
        groups.setdefault((metric.read_from, mart_of(metric)), []).append(metric)
    with duckdb.connect(str(published), read_only=True) as file:
        for (read_from, mart), metrics in groups.items():
            key = published_keys()["marts", mart]
            if not file.execute(f"select 1 from marts.{mart} limit 1").fetchall():
                # The answer has no header then.
                print(f"{mart}: no rows held, not asked")
                continue
            rows = metricflow.query(
                [metric.name for metric in metrics], [asked(read_from, column)[0] for column in key]
            )
            values = compare(rows, read_from, metrics, file)
            print(f"{mart}: {len(metrics)} metrics, {len(rows)} rows, {values} values the same", flush=True)
    return len(semantic_metrics())


def settings_of(environment: Mapping[str, str], folder: Path) -> Path:
    """A home with a build: the one named, else a new one."""
    home = Path(environment.get("CHIPLEDGER_HOME") or folder / "built")
    if not (home / "current").exists():
        built = run_cli("refresh", env={"CHIPLEDGER_HOME": str(home)}, timeout=1800)
        if built.returncode:
            raise SystemExit(built.stderr)
    return home


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = settings_of(os.environ, folder)
        # MetricFlow opens the databases to write.
        home = folder / "home"
        shutil.copytree(source / "work", home / "work", ignore=shutil.ignore_patterns("dbt", "*.lock"))
        published = source / "current" / "chipledger.duckdb"
        passed = check(Metricflow(Path(sys.argv[1]), folder, home), published)
    print(f"{passed} passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
