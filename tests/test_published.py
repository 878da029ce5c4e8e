"""The published file as a stranger meets it: names, comments, types, and the file itself.

Belongs here: what INTERFACE promises whoever opens the file. The names below are written out by hand;
one may be added freely, but a name that is gone is a break of the interface.
"""

from __future__ import annotations

import re
import stat
from pathlib import Path

import duckdb
import pytest

SERIES = "source_id reporter_iso3 partner_iso3 flow product_id"
FLOW = (
    "hs_code hs_edition dataset_id release_id released_at snapshot_id period_start_date period_grain year "
    "value_usd value_cny quantity quantity_unit net_weight_kg valuation is_estimated raw_row"
)
INTERFACE = {
    "marts.fct_trade_flow": f"{SERIES} {FLOW}",
    "marts.fct_trade_flow_release": f"{SERIES} {FLOW} is_latest is_deleted",
    "marts.fct_trade_growth_yearly": f"{SERIES} year basis vintage value base_value growth_yoy_pct "
    "growth_status published_growth_pct implied_base_low implied_base_high",
    "marts.fct_trade_growth_monthly": f"{SERIES} period_grain period_start_date basis vintage value "
    "growth_yoy_pct growth_status rolling_12m_value streak_months streak_releases",
    "marts.fct_trade_share_yearly": "source_id reporter_iso3 flow product_id year value_usd world_value_usd "
    "share_pct constant_sample_share_pct reporters_in_world",
    "marts.fct_capacity_share": "edition_id scope economy_iso3 year share_pct is_forecast edition_date",
    "marts.fct_capacity_crossover": "edition_id scope economy_iso3 other_economy_iso3 crossover_year "
    "crossover_year_low crossover_year_high method",
    "marts.fct_product_comparison": "source_id reporter_iso3 flow product_a product_b period_grain "
    "period_start_date value_a value_b ratio leader",
    "marts.fct_mirror_gap": "product_id exporter_iso3 importer_iso3 year exporter_value_usd "
    "importer_value_usd gap_log reconciled_value_usd mirror_status",
    "marts.fct_claim_input": "claim_id definition_id input_role value source_id release_id "
    "snapshot_id raw_row",
    "marts.fct_claim_verdict": "claim_id definition_id is_intended article_id paragraph printed "
    "modality verdict computed_low computed_high reason formula_id",
    "meta.sources": "source_id",
    "meta.releases": "release_id source_id released_at",
    "meta.snapshots": "snapshot_id source_id release_id path status rows_read rows_loaded rows_quarantined "
    "rows_set_aside",
    "meta.columns": "schema_name table_name column_name data_type description",
    "meta.metrics": "metric_id expression",
    "meta.builds": "build_id built_at fingerprint",
    "meta.checks": "check_name is_passed",
    "meta.quarantine": "source_id snapshot_id raw_row reason_code column_name value expected",
    "meta.changes": "build_id table_name rows_added rows_removed",
}
TYPES = re.compile(r"VARCHAR|DATE|TIMESTAMP|BOOLEAN|INTEGER|BIGINT|DOUBLE|DECIMAL\(\d+,\d+\)")
# Doubles are for ratios, growth, bounds of claims of any unit, and seconds; never for money or quantities.
DOUBLES = re.compile(r".*(_pct|_pp|_log|_low|_high|ratio|crossover_year|seconds)")


@pytest.mark.parametrize("table", INTERFACE)
def test_columns_of_the_interface_are_there(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    held = {name for (name,) in connection.execute(f"select column_name from (describe {table})").fetchall()}
    assert set(INTERFACE[table].split()) - held == set()


def test_only_marts_and_meta_are_published(connection: duckdb.DuckDBPyConnection) -> None:
    found = connection.execute(
        "select distinct schema_name from duckdb_tables() union "
        "select distinct schema_name from duckdb_views() where not internal order by 1"
    ).fetchall()
    assert found == [("marts",), ("meta",)]
    schemas = connection.execute("select schema_name from duckdb_schemas() where not internal").fetchall()
    assert {name for (name,) in schemas} <= {"main", "marts", "meta"}


def test_every_table_and_column_is_described_once(connection: duckdb.DuckDBPyConnection) -> None:
    silent = connection.execute(
        "select schema_name || '.' || table_name from duckdb_tables() where trim(coalesce(comment, '')) = ''"
    ).fetchall()
    assert silent == []
    columns = connection.execute(
        "select schema_name, table_name, column_name, column_index, data_type, comment from duckdb_columns() "
        "where schema_name in ('marts', 'meta') and not internal order by all"
    ).fetchall()
    described = connection.execute(
        "select schema_name, table_name, column_name, position, data_type, description from meta.columns "
        "order by all"
    ).fetchall()
    assert [row[:3] for row in columns if not (row[5] or "").strip()] == []
    assert columns == described


def test_types_are_those_that_every_driver_knows(connection: duckdb.DuckDBPyConnection) -> None:
    columns = connection.execute(
        "select table_name, column_name, data_type from duckdb_columns() "
        "where schema_name in ('marts', 'meta') and not internal"
    ).fetchall()
    assert len(columns) > 300
    assert [row for row in columns if not TYPES.fullmatch(row[2])] == []
    assert [row for row in columns if row[2] == "DOUBLE" and not DOUBLES.fullmatch(row[1])] == []


def test_every_snapshot_of_a_mart_is_accounted_for(connection: duckdb.DuckDBPyConnection) -> None:
    tables = connection.execute(
        "select table_name from duckdb_columns() where schema_name = 'marts' and column_name = 'snapshot_id'"
    ).fetchall()
    assert len(tables) >= 8
    for (table,) in tables:
        (lost,) = connection.execute(
            f"select count(*) from marts.{table} where snapshot_id is not null and snapshot_id not in "
            "(select snapshot_id from meta.snapshots where status = 'loaded')"
        ).fetchall()
        assert lost == (0,), table


def test_snapshots_balance_and_releases_are_known(connection: duckdb.DuckDBPyConnection) -> None:
    unbalanced = connection.execute(
        "select path from meta.snapshots where rows_read <> rows_loaded + rows_quarantined + rows_set_aside"
    ).fetchall()
    assert unbalanced == []
    held_back = connection.execute(
        "select path, reason from meta.snapshots where status <> 'loaded'"
    ).fetchall()
    assert held_back == []
    unknown = connection.execute(
        "select path from meta.snapshots where release_id not in (select release_id from meta.releases)"
    ).fetchall()
    assert unknown == []


def test_no_check_failed_and_the_build_is_recorded(connection: duckdb.DuckDBPyConnection) -> None:
    assert connection.execute("select * from meta.checks where not is_passed").fetchall() == []
    (builds,) = connection.execute("select build_id, files_held_back from meta.builds").fetchall()
    changes = connection.execute("select distinct build_id, rows_removed from meta.changes").fetchall()
    assert changes == [(builds[0], 0)] and builds[1] == 0


def test_file_is_read_only_behind_a_link(home: Path, published: Path) -> None:
    link = home / "current"
    assert link.is_symlink()
    target = link.readlink()
    assert target.parts[0] == "builds" and len(target.parts) == 2
    assert stat.S_IMODE(published.stat().st_mode) == 0o444
    assert sorted(path.name for path in published.parent.iterdir()) == ["build.json", "chipledger.duckdb"]
    assert [path.name for path in (home / "builds").iterdir()] == [target.name]


def test_file_is_in_the_format_of_duckdb_1_4(published: Path) -> None:
    with duckdb.connect(str(published), read_only=True) as opened:
        (tags,) = opened.execute(
            "select tags from duckdb_databases() where database_name = 'chipledger'"
        ).fetchall()
    assert tags[0]["storage_version"].startswith("v1.4.0")
