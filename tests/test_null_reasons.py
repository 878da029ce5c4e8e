"""Every null of a measure has its reason in the row: a status column that says something else than `ok`.

Belongs here: which status column speaks for which measure, and one check over all marts. A measure is spoken
for by the status column whose name it begins with (`growth_usd_pct`: `growth_usd_status`), else by the one
named in `SPEAKS`. `PLAIN` lists the columns whose null is no missing result, each with what it means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import duckdb

# table -> measures (a pattern) -> the status column that speaks for them.
SPEAKS: dict[str, dict[str, str]] = {
    "fct_capacity_forecast": {"previous_forecast_pct": "revision_status", "outcome_pct": "error_status"},
    "fct_concordance_leakage": {".*_share_pct": "leakage_status"},
    "fct_growth_calendar": {"base_value": "growth_status"},
    "fct_growth_currency": {
        "(base_)?market_rate_per_usd": "market_rate_status",
        "market_currency_effect_pct": "growth_constant_fx_status",
    },
    "fct_implied_revision": {"value|half_unit": "level_status", ".*base.*": "implied_revision_status"},
    "fct_intra_industry": {"codes.*": "adjusted_status", ".*": "grubel_lloyd_status"},
    "fct_market_share_decomposition": {".*": "decomposition_status"},
    "fct_mirror_gap": {".*": "mirror_status"},
    "fct_mirror_gap_code": {".*": "mirror_status"},
    "fct_policy_event_window": {"placebos?_.*": "placebo_status", ".*": "change_status"},
    "fct_price_index": {"coverage.*|base_coverage.*": "coverage_status", ".*": "price_index_status"},
    "fct_price_index_item": {".*": "item_status"},
    "fct_reconciliation": {".*": "reconciliation_status"},
    "fct_revealed_advantage": {"rsca_ratio": "rca_status"},
    "fct_share_member": {"base_share_pct": "share_change_status"},
    "fct_source_comparison": {".*": "comparison_status"},
    "fct_trade_balance": {"exports_value|imports_value": "balance_status"},
    "fct_trade_growth_monthly": {
        "base_value": "growth_status",
        "implied_base_.*": "published_growth_status",
        "raw_row": "value_status",
    },
    "fct_trade_growth_yearly": {
        "base_value": "growth_status",
        "implied_.*": "published_growth_status",
    },
    "fct_trade_record": {"highest_before_value": "record_high_status", "raw_row": "value_status"},
    "fct_unit_value": {".*": "unit_value_status"},
}
# A null here is an answer of its own, which the column's comment gives.
PLAIN: dict[str, str] = {
    "fct_announced_flow": "the source prints no such measure of this flow",
    "fct_announced_flow_release": "the source prints no such measure of this flow",
    "fct_claim_input": "a figure that is no amount",
    "fct_claim_verdict": "verdict and reason say it in words",
    "fct_customs_flow": "the file gives no such measure of this flow",
    "fct_flow_by_currency": "the source gives no figure in this currency",
    "fct_policy_event_window.control_change_after_pct": "no control product is taken, or change_status tells",
    "fct_revision": "the first release has none before it",
    "fct_superseded_flow": "the file gives no such measure of this flow",
    "fct_trade_flow": "the source gives no such measure of this flow",
    "fct_trade_flow_release": "the source gives no such measure of this flow",
    "fct_withdrawn_flow": "the file gives no such measure of this flow",
}
# Statuses of a result that is there.
HELD = ("ok", "printed", "converted", "matched", "consistent", "explained_by_revision", "inconsistent")
MEASURE = re.compile(r"DECIMAL.*|DOUBLE|INTEGER|BIGINT")


def status_of(table: str, column: str, columns: list[str]) -> str | None:
    """The status column that speaks for a measure, by its name or by `SPEAKS`."""
    words = column.split("_")
    stems = ("_".join(words[:count]) + "_status" for count in range(len(words), 0, -1))
    named = next((stem for stem in stems if stem in columns), None)
    patterns = SPEAKS.get(table, {}).items()
    return named or next((status for pattern, status in patterns if re.fullmatch(pattern, column)), None)


def unexplained(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Measures with nulls that no status explains, one sentence each."""
    listed = connection.execute(
        "select columns.table_name, columns.column_name, columns.data_type "
        "from information_schema.columns as columns join information_schema.tables using (table_name) "
        "where columns.table_schema = 'marts' and table_type = 'BASE TABLE' order by all"
    ).fetchall()
    tables: dict[str, list[str]] = {}
    for table, column, _ in listed:
        tables.setdefault(table, []).append(column)
    for table, column, kind in listed:
        if {table, f"{table}.{column}"} & set(PLAIN) or not MEASURE.fullmatch(kind):
            continue
        (nulls,) = connection.execute(f"select count(*) from marts.{table} where {column} is null").fetchall()
        if not nulls[0]:
            continue
        status = status_of(table, column, tables[table])
        if status not in tables[table]:
            yield f"{table}.{column}: {nulls[0]} nulls, and no status column speaks for it"
            continue
        (silent,) = connection.execute(
            f"select count(*) from marts.{table} "
            f"where {column} is null and coalesce(cast({status} as varchar), 'ok') in {HELD}"
        ).fetchall()
        if silent[0]:
            yield f"{table}.{column}: {silent[0]} nulls without a reason in {status}"


def test_every_null_of_a_measure_has_a_reason(connection: duckdb.DuckDBPyConnection) -> None:
    assert list(unexplained(connection)) == []
