"""One definition of each metric: the SQL that dbt's semantic layer declares gives what the marts hold.

The expression is evaluated by DuckDB for every row of the mart, grouped by its key; a metric that needs more
than the rows of its group has no expression, and is recomputed by hand here or in the tests of its mart.
`make semantic-test` asks MetricFlow itself.
"""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest
import yaml
from dbt_semantic_interfaces.implementations.semantic_manifest import PydanticSemanticManifest
from dbt_semantic_interfaces.validations.semantic_manifest_validator import SemanticManifestValidator
from helpers import ROOT

from orchestration.docs import formula_words
from orchestration.warehouse.semantic import SemanticMetric, semantic_metrics, sql_expression

METRICS = yaml.safe_load((ROOT / "orchestration/warehouse/metrics.yml").read_text(encoding="utf-8"))
BY_ID = {metric["metric_id"]: metric for metric in METRICS}
# What is made of the rows of another mart than its own is held against it by `make semantic-test`.
OF_OWN_MART = [
    metric
    for metric in semantic_metrics()
    if not metric.metric_id or metric.read_from in BY_ID[metric.metric_id]["mart"].split(", ")
]


def key_of(connection: duckdb.DuckDBPyConnection, mart: str) -> str:
    return ", ".join(
        name
        for (name,) in connection.execute(
            "select column_name from meta.columns where schema_name = 'marts' and table_name = ? "
            "and key_position is not null order by key_position",
            [mart],
        ).fetchall()
    )


def test_what_is_published_is_what_is_defined(connection: duckdb.DuckDBPyConnection) -> None:
    held = dict(connection.execute("select metric_id, sql_expression from meta.metrics").fetchall())
    assert held == {metric["metric_id"]: sql_expression(metric) for metric in METRICS}
    published = {name for name, text in held.items() if text}
    assert published >= {"growth_yoy", "growth_log", "cagr", "market_share", "product_ratio"}


@pytest.mark.parametrize("metric", OF_OWN_MART, ids=lambda metric: metric.name)
def test_expression_gives_what_the_mart_holds(
    connection: duckdb.DuckDBPyConnection, metric: SemanticMetric
) -> None:
    key = key_of(connection, metric.read_from)
    assert key
    ((rows, valued, differing),) = connection.execute(
        f"with again as (select {key}, any_value({metric.column_name}) as held, {metric.sql} as made "
        f"from marts.{metric.read_from} group by {key}) "
        "select count(*), count(held), count(*) filter (where (held is null) <> (made is null) "
        "or abs(held - made) > 1e-9 * greatest(abs(held), 1)) from again"
    ).fetchall()
    assert differing == 0 and rows >= valued
    # Weights, flows by partner, both sides of a flow and all items need files that are not shipped.
    unheld = (
        "trade_net_weight",
        "growth_contribution",
        "mirror_gap",
        "mirror_gap_symmetric",
        "mirror_gap_fob",
    )
    unheld += ("revealed_comparative_advantage", "advantage_without_own")
    assert valued > 0 or metric.name in unheld


def test_shares_of_two_denominators_have_no_sum(connection: duckdb.DuckDBPyConnection) -> None:
    """Two years at once: null, where the sum over the greater world would look like a share."""
    formula = sql_expression(BY_ID["market_share"])
    ((made, years),) = connection.execute(
        f"select {formula}, count(distinct year) from marts.fct_trade_share_yearly "
        "where source_id = 'comtrade' and flow = 'X' and reporter_iso3 = 'CHN' "
        "and product_id = 'integrated_circuits'"
    ).fetchall()
    assert years > 1 and made is None


def test_dbt_declares_what_metricflow_can_read(parsed: Path) -> None:
    """Validated by dbt's own rules; each metric has its formula's words, each input is a measure."""
    text = (parsed / "work" / "dbt" / "semantic_manifest.json").read_text(encoding="utf-8")
    manifest = PydanticSemanticManifest.parse_raw(text)
    found = SemanticManifestValidator[PydanticSemanticManifest]().validate_semantic_manifest(manifest)
    assert not found.errors and not found.warnings and not found.future_errors, found.all_issues
    declared = {metric.name: metric for metric in semantic_metrics()}
    measures = {measure.name for model in manifest.semantic_models for measure in model.measures}
    metrics = {metric.name: metric for metric in manifest.metrics}
    assert set(metrics) == set(declared) | measures and not set(declared) & measures
    names = [(metric.metric_id, metric.column_name, metric.read_from) for metric in declared.values()]
    assert len(names) == len(set(names))
    for name, metric in declared.items():
        described = metrics[name].description
        if metric.metric_id:
            formula = BY_ID[metric.metric_id]
            assert metric.column_name in formula["column_name"].split(", "), name
            assert described == formula_words(formula), name
        else:
            words = json.loads((parsed / "work" / "dbt" / "manifest.json").read_text(encoding="utf-8"))
            node = words["nodes"][f"model.chipledger.{metric.read_from}"]
            assert described == node["columns"][metric.column_name]["description"], name


def test_expression_adds_up_over_a_group(connection: duckdb.DuckDBPyConnection) -> None:
    """The share of a group of reporters, by fractions over its rows: shares are not averaged."""
    expression = sql_expression(BY_ID["market_share"])
    slice_ = (
        "from marts.fct_trade_share_yearly where source_id = 'comtrade' and flow = 'X' and year = 2022 "
        "and product_id = 'integrated_circuits'"
    )
    ((made,),) = connection.execute(
        f"select {expression} {slice_} and reporter_iso3 in ('CHN', 'KOR')"
    ).fetchall()
    rows = connection.execute(f"select reporter_iso3, value_usd {slice_}").fetchall()
    world = sum(Fraction(value) for _, value in rows)
    pair = sum(Fraction(value) for reporter, value in rows if reporter in ("CHN", "KOR"))
    assert made == pytest.approx(float(100 * pair / world), rel=1e-12)


def test_rolling_sum_has_twelve_months_behind_it(connection: duckdb.DuckDBPyConnection) -> None:
    """By decimals over the releases of each series: the last eleven, January-February counting as two."""
    rows = connection.execute(
        "select source_id, reporter_iso3, partner_iso3, flow, product_id, product_scope, basis, vintage, "
        "period_start_date, period_end_date, value, rolling_12m_value from marts.fct_trade_growth_monthly "
        "where period_grain in ('M', 'JF')"
    ).fetchall()
    series: dict[tuple[object, ...], list[tuple[dt.date, dt.date, Decimal]]] = {}
    for *name, start, end, value, _ in rows:
        if value is not None:
            series.setdefault(tuple(name), []).append((start, end, value))
    checked = 0
    for *name, _, end, _, rolling in rows:
        if rolling is None:
            continue
        # Months counted from year 0: the twelve that end with this one.
        last = 12 * end.year + end.month
        window = [
            (start, stop, value)
            for start, stop, value in series[tuple(name)]
            if last - 12 < 12 * stop.year + stop.month <= last
        ]
        # February alone may stand beside January-February as one.
        window = [
            (start, stop, value)
            for start, stop, value in window
            if not any(s <= start and stop <= e and (s, e) != (start, stop) for s, e, _ in window)
        ]
        months = [
            month
            for start, stop, _ in window
            for month in range(12 * start.year + start.month, 12 * stop.year + stop.month + 1)
        ]
        assert sorted(months) == list(range(last - 11, last + 1)), (name, end)
        assert rolling == sum(value for _, _, value in window), (name, end)
        checked += 1
    assert checked > 0


def test_superset_bundle_fits_what_is_published(connection: duckdb.DuckDBPyConnection) -> None:
    """Names, types of reference and metrics of deploy/superset; `make superset-test` imports it for real."""
    folder = ROOT / "deploy" / "superset"
    files = {
        str(path.relative_to(folder)): yaml.safe_load(path.read_text()) for path in folder.rglob("*.yaml")
    }
    uuids = [item["uuid"] for item in files.values() if "uuid" in item]
    assert len(uuids) == len(set(uuids)) == len(files) - 1
    (database,) = [item for name, item in files.items() if name.startswith("databases/")]
    assert ":XXXXXXXXXX@" in database["sqlalchemy_uri"] and not database["allow_dml"]
    datasets = {item["uuid"]: item for name, item in files.items() if name.startswith("datasets/")}
    for dataset in datasets.values():
        assert dataset["database_uuid"] == database["uuid"]
        held = connection.execute(
            "select column_name from duckdb_columns() where schema_name = 'marts' and table_name = ?",
            [dataset["table_name"]],
        ).fetchall()
        assert {column["column_name"] for column in dataset["columns"]} <= {name for (name,) in held}
        for metric in dataset["metrics"]:
            connection.execute(f"select {metric['expression']} from marts.{dataset['table_name']}").fetchall()
    shown = set()
    for name, chart in files.items():
        if not name.startswith("charts/"):
            continue
        dataset = datasets[chart["dataset_uuid"]]
        (query,) = json.loads(chart["query_context"])["queries"]
        columns = {column["column_name"] for column in dataset["columns"]}
        metrics = {metric["metric_name"] for metric in dataset["metrics"]}
        assert set(query["columns"]) <= columns and set(query["metrics"]) <= metrics, name
        assert {item["col"] for item in query["filters"]} <= columns, name
        where = " and ".join(f"{item['col']} = '{item['val']}'" for item in query["filters"]) or "true"
        ((rows,),) = connection.execute(
            f"select count(*) from marts.{dataset['table_name']} where {where}"
        ).fetchall()
        assert rows > 0, name
        shown.add(chart["uuid"])
    (dashboard,) = [item for name, item in files.items() if name.startswith("dashboards/")]
    items = [item for item in dashboard["position"].values() if isinstance(item, dict)]
    assert {item["meta"]["uuid"] for item in items if item["type"] == "CHART"} == shown


def test_formulas_in_superset_are_those_of_the_metrics() -> None:
    defined = {metric["metric_id"]: sql_expression(metric) for metric in METRICS}
    for path in (ROOT / "deploy" / "superset" / "datasets").rglob("*.yaml"):
        for metric in yaml.safe_load(path.read_text())["metrics"]:
            if defined.get(metric["metric_name"]):
                wanted = " ".join(str(defined[metric["metric_name"]]).split())
                assert " ".join(metric["expression"].split()) == wanted, path.name
