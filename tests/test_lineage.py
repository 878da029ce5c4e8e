"""From a number to its cells, and back to what was known on a day."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from helpers import RAW, run_cli

from orchestration.errors import LedgerError
from orchestration.warehouse.lineage import PARENTS, trace, trace_rows

CHINA = "source_id = 'gacc' and product_id = 'integrated_circuits' and flow = 'X' and partner_iso3 = 'WLD'"


def test_growth_rests_on_its_two_levels_and_the_printed_rate(connection: duckdb.DuckDBPyConnection) -> None:
    filters = ["source_id=gacc", "product_id=integrated_circuits", "flow=X", "partner_iso3=WLD"]
    found = trace(
        connection, RAW, "fct_trade_growth_yearly", [*filters, "year=2024", "basis=usd", "vintage=first"]
    )
    cells = {cell.role: (cell.release_id, dict(cell.record)["value"]) for cell in found.cells}
    assert cells == {
        "value": ("gacc/2025-01-14", "1594.99"),
        "base": ("gacc/2024-01-14", "1359.73"),
        "published growth": ("gacc/2025-01-14", "17.4"),
    }


def test_share_rests_on_every_reporter_of_the_year(connection: duckdb.DuckDBPyConnection) -> None:
    found = trace(connection, RAW, "fct_trade_share_yearly", ["reporter_iso3=CHN", "year=2024"])
    assert len(found.cells) == dict(found.rows[0])["reporters_in_world"]
    (own,) = [dict(cell.record) for cell in found.cells if cell.role == "numerator"]
    assert (own["reporterISO"], own["period"]) == ("CHN", "2024")


def test_a_checked_sum_rests_on_its_total_and_its_parts(connection: duckdb.DuckDBPyConnection) -> None:
    found = trace(connection, RAW, "fct_reconciliation", ["sum_kind=partners_of_world", "year=2017"])
    assert {cell.role: dict(cell.record)["value"] for cell in found.cells} == {
        "total": "668.77",
        "part: USA integrated_circuits 2017-01-01": "11.9",
    }


def test_leakage_rests_on_the_codes_that_it_counts(connection: duckdb.DuckDBPyConnection) -> None:
    chosen = [
        "year=2022",
        "from_edition=H6",
        "conversion_id=un_correlation",
        "product_id=integrated_circuits",
    ]
    found = trace(connection, RAW, "fct_concordance_leakage", chosen)
    reporters = connection.execute(
        "select count(*) from marts.fct_trade_flow where source_id = 'comtrade' and year = 2022 "
        "and hs_edition = 'H6'"
    ).fetchall()
    assert [(len(found.cells),)] == reporters and found.cells[0].role == "in the group: AUT 8542"


@pytest.mark.parametrize(
    ("table", "filters", "roles"),
    [
        ("fct_share_member", ["dimension=reporter", "member_id=CHN", "year=2024"], {"member"}),
        ("fct_concentration", ["dimension=product", "reporter_iso3=KOR", "year=2024"], {"member"}),
        ("fct_reporter_comparison", ["reporter_a=CHN", "reporter_b=KOR", "year=2024"], {"CHN", "KOR"}),
        ("fct_source_comparison", ["year=2024", "period_grain=A", "vintage=first"], {"comtrade", "gacc"}),
        (
            "fct_trade_balance",
            [
                *("source_id=gacc", "year=2024", "period_grain=A", "basis=usd", "vintage=first"),
                *("product_id=integrated_circuits", "partner_iso3=WLD"),
            ],
            {"exports", "imports"},
        ),
        ("fct_mirror_gap", ["exporter_iso3=KOR", "importer_iso3=WLD", "year=2024"], {"exporter"}),
        ("fct_capacity_forecast", ["edition_number=3"], {"forecast", "forecast before"}),
        ("fct_industry_comparison", ["source_a=sia"], {"a", "b"}),
        ("fct_article_comparison", ["claim_a=A-3"], {"A-3", "A-4"}),
    ],
)
def test_comparisons_rest_on_the_rows_they_compare(
    connection: duckdb.DuckDBPyConnection, table: str, filters: list[str], roles: set[str]
) -> None:
    found = trace(connection, RAW, table, filters)
    assert {cell.role for cell in found.cells} == roles


def test_marts_of_growth_lead_to_their_cells(connection: duckdb.DuckDBPyConnection) -> None:
    series = ["source_id=gacc", "product_id=integrated_circuits", "flow=X", "year=2024", "partner_iso3=WLD"]
    filters = [*series, "period_grain=A", "vintage=first"]
    roles = {
        "fct_growth_currency": filters,
        "fct_growth_calendar": [*filters, "basis=usd"],
        "fct_unit_value": [item.replace("2024", "2023") for item in [*filters, "basis=usd"]],
        "fct_implied_revision": [*series, "period_grain=A", "basis=usd"],
    }
    found = {
        table: {cell.role: dict(cell.record)["value"] for cell in trace(connection, RAW, table, where).cells}
        for table, where in roles.items()
    }
    pair = {"value usd": "1594.99", "base usd": "1359.73"}
    assert found["fct_growth_calendar"] == pair
    assert pair.items() <= found["fct_growth_currency"].items()
    assert found["fct_unit_value"] == {
        **{"value usd": "1359.73", "base usd": "1539.18"},
        **{"value quantity": "2678", "base quantity": "2734"},
    }
    assert found["fct_implied_revision"] == {
        "printed growth": "17.4",
        "level": "1594.99",
        "base, gacc/2024-01-14": "1359.73",
    }


def test_a_mirror_gap_rests_on_all_that_its_parts_need(published: Path) -> None:
    """Flows made up here, put at places of real files: each part's flows and no others are found."""
    with duckdb.connect() as copy:
        copy.execute(f"attach '{published}' as held (read_only)")
        copy.execute("copy from database held to memory (schema)")
        copy.execute("insert into meta.snapshots from held.meta.snapshots")
        copy.execute("insert into meta.releases from held.meta.releases")
        # The flows are a view over several tables: here a table of its columns.
        copy.execute("create table made as from marts.fct_trade_flow limit 0")
        copy.execute("drop view marts.fct_trade_flow")
        copy.execute("create table marts.fct_trade_flow as from made")
        ((snapshot,),) = copy.execute(
            "select min(snapshot_id) from meta.snapshots where source_id = 'comtrade' and status = 'loaded'"
        ).fetchall()
        flows = (
            ("KOR", "CHN", "X", 2020), ("CHN", "KOR", "M", 2020), ("KOR", "CHN", "X", 2019),
            ("KOR", "HKG", "X", 2020), ("HKG", "KOR", "M", 2020), ("HKG", "WLD", "M", 2020),
            ("HKG", "CHN", "X", 2020), ("HKG", "CHN", "RX", 2020),
            # Of other years and partners.
            ("HKG", "CHN", "RX", 2019), ("CHN", "KOR", "M", 2019), ("HKG", "USA", "RX", 2020),
        )  # fmt: skip
        copy.executemany(
            "insert into marts.fct_trade_flow by name select 'comtrade' as source_id, $1 as reporter_iso3, "
            "$2 as partner_iso3, $3 as flow, 'integrated_circuits' as product_id, '8542' as hs_code, "
            f"'A' as period_grain, $4 as year, '{snapshot}' as snapshot_id, $5 as raw_row",
            [(*flow, line) for line, flow in enumerate(flows, 2)],
        )
        # One month is no year: the mart does not rest on it.
        copy.execute(
            "insert into marts.fct_trade_flow by name select 'comtrade' as source_id, "
            "'HKG' as reporter_iso3, 'JPN' as partner_iso3, 'X' as flow, "
            "'integrated_circuits' as product_id, '8542' as hs_code, "
            "'M' as period_grain, 2020 as year, date '2020-01-31' as period_end_date, "
            f"'{snapshot}' as snapshot_id, 20 as raw_row"
        )
        for importer, routed, timing in (
            ("CHN", 1, "ok"),
            ("HKG", None, "no_previous_year"),
            ("JPN", 1, "no_previous_year"),
        ):
            copy.execute(
                "insert into marts.fct_mirror_gap by name select 'integrated_circuits' as product_id, "
                "'KOR' as exporter_iso3, $1 as importer_iso3, 2020 as year, "
                "'comtrade' as exporter_source_id, 'comtrade' as importer_source_id, "
                "'both' as reconciled_basis, 'ok' as mirror_status, 'ok' as hong_kong_status, "
                "$2 as hong_kong_routed_high_usd, $3 as timing_status",
                [importer, routed, timing],
            )
        found = {
            importer: {
                cell.role: cell.raw_row
                for cell in trace(copy, RAW, "fct_mirror_gap", [f"importer_iso3={importer}"]).cells
            }
            for importer in ("CHN", "HKG", "JPN")
        }
    assert found == {
        "CHN": {
            "exporter": 2,
            "importer": 3,
            "exporter, the year before": 4,
            "to Hong Kong, says the exporter": 5,
            "from the exporter, says Hong Kong": 6,
            "from everybody, says Hong Kong": 7,
            "to the importer, says Hong Kong": 9,
        },
        "HKG": {"exporter": 5, "importer": 6},
        "JPN": {
            "to Hong Kong, says the exporter": 5,
            "from the exporter, says Hong Kong": 6,
            "from everybody, says Hong Kong": 7,
        },
    }


@pytest.mark.parametrize("table", sorted(PARENTS))
def test_every_value_of_a_mart_rests_on_a_cell(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Rows that hold an amount, a share or a growth; those that hold none have no cell to show."""
    described = connection.execute(f"describe marts.{table}").fetchall()
    columns = [row[0] for row in described]
    numbers = [row[0] for row in described if row[1].startswith(("DECIMAL", "DOUBLE"))]
    values = [name for name in numbers if "value" in name] or numbers
    held = " or ".join(f"{name} is not null" for name in values) or "true"
    rows = connection.execute(
        f"select * from marts.{table} where {held} order by hash({table}) limit 40"
    ).fetchall()
    found = trace_rows(connection, RAW, table, columns, rows)
    bare = [dict(zip(columns, row, strict=True)) for row, cells in zip(rows, found, strict=True) if not cells]
    assert not bare, bare[0]


def test_a_month_that_was_derived_rests_on_both_years_to_date(connection: duckdb.DuckDBPyConnection) -> None:
    """Its value is the difference of the two cells; so is the month before it, or it is printed."""
    ((end, basis, value),) = connection.execute(
        "select period_end_date::varchar, basis, value from marts.fct_trade_growth_mom "
        f"where {CHINA} and value_status = 'derived_from_ytd' and basis = 'cny' "
        "order by period_end_date limit 1"
    ).fetchall()
    chosen = ["source_id=gacc", "product_id=integrated_circuits", "flow=X", "partner_iso3=WLD"]
    found = trace(
        connection, RAW, "fct_trade_growth_mom", [*chosen, f"period_end_date={end}", f"basis={basis}"]
    )
    places = [(cell.sha256, cell.raw_row) for cell in found.cells if cell.role == "value"]
    printed = [
        row[0]
        for place in places
        for row in connection.execute(
            "select value from marts.fct_printed_figure where snapshot_id = ? and raw_row = ? "
            "and period_grain = 'YTD' and basis = 'cny' and measure = 'level'",
            place,
        ).fetchall()
    ]
    assert len(places) == 2 and value in {one - other for one in printed for other in printed}


@pytest.mark.parametrize(
    ("table", "filters", "said"),
    [
        ("fct_nothing", ["a=b"], "there is no table"),
        ("fct_trade_flow", ["colour=red"], "no COLUMN=VALUE"),
        ("fct_trade_flow", ["year=1066"], "no row"),
        ("fct_trade_flow", ["source_id=comtrade"], "more than"),
    ],
)
def test_what_cannot_be_traced_is_said(
    connection: duckdb.DuckDBPyConnection, table: str, filters: list[str], said: str
) -> None:
    with pytest.raises(LedgerError, match=said):
        trace(connection, RAW, table, filters)


def test_command_shows_the_paragraph_of_a_claim(home: Path) -> None:
    done = run_cli("trace", "marts.fct_claim_verdict", "claim_id=B-2", env={"CHIPLEDGER_HOME": str(home)})
    assert done.returncode == 0, done.stderr
    assert "claims.csv, line 3, column printed" in done.stdout and "paragraph=B01" in done.stdout


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (dt.date(2025, 1, 13), None),
        (dt.date(2025, 1, 14), Decimal("1135160000000")),
        (dt.date(2026, 1, 13), Decimal("1135160000000")),
        (dt.date(2026, 1, 14), Decimal("1133540000000")),
    ],
)
def test_as_of_gives_what_was_known_that_day(
    connection: duckdb.DuckDBPyConnection, day: dt.date, expected: Decimal | None
) -> None:
    rows = connection.execute(
        f"select value_cny from marts.trade_flow_as_of(date '{day}') where {CHINA} and year = 2024 "
        "and period_grain = 'A'"
    ).fetchall()
    assert rows == ([] if expected is None else [(expected,)])


def test_growth_as_of_moves_with_the_base(connection: duckdb.DuckDBPyConnection) -> None:
    growth = [
        connection.execute(
            f"select growth_yoy_pct from marts.trade_growth_yearly_as_of(date '{day}') where {CHINA} "
            "and year = 2024 and basis = 'cny'"
        ).fetchall()[0][0]
        for day in ("2025-06-30", "2026-06-30")
    ]
    assert growth == [pytest.approx(18.64502, abs=1e-5), pytest.approx(18.47570, abs=1e-5)]


def test_growth_of_months_as_of_every_day_of_a_release(connection: duckdb.DuckDBPyConnection) -> None:
    """China's customs: the newest print of each period by that day, over that of the year before."""
    prints = connection.execute(
        "select partner_iso3, flow, product_id, basis, period_grain, period_end_date, year, product_scope, "
        "value, released_at, release_id from marts.fct_printed_figure where source_id = 'gacc' and is_used "
        "and measure = 'level' and basis in ('usd', 'cny', 'quantity') and period_grain <> 'A' "
        "order by released_at, release_id"
    ).fetchall()
    grown = 0
    for day in sorted({row[9] for row in prints}):
        # Later prints replace earlier ones.
        known = {tuple(row[:6]): row for row in prints if row[9] <= day}
        found = connection.execute(
            "select partner_iso3, flow, product_id, basis, period_grain, period_end_date, value, "
            f"growth_yoy_pct from marts.trade_growth_monthly_as_of(date '{day}') "
            "where source_id = 'gacc' and value_status = 'printed' "
            "and growth_status <> 'base_derived_from_ytd'"
        ).fetchall()
        assert {tuple(row[:6]) for row in found} <= set(known)
        for *key, value, growth in found:
            assert value == known[tuple(key)][8], (day, key)
            scope = known[tuple(key)][7]
            base = [
                row
                for (*series, end), row in known.items()
                if (series, end.month, row[6] + 1) == (key[:5], key[5].month, key[5].year)
            ]
            if base and base[0][7] == scope and base[0][8] > 0:
                assert growth == pytest.approx(float(100 * (value / base[0][8] - 1)), rel=1e-9), (day, key)
                grown += 1
            else:
                assert growth is None, (day, key)
    assert grown > 100


def test_share_as_of_before_the_first_release_is_empty(connection: duckdb.DuckDBPyConnection) -> None:
    sql = "select count(*) from marts.trade_share_yearly_as_of(date '{}')"
    assert connection.execute(sql.format("2026-11-20")).fetchall() == [(0,)]
    assert connection.execute(sql.format("2026-11-21")).fetchall() == [(260,)]


def test_revision_of_the_year_2024_in_yuan(connection: duckdb.DuckDBPyConnection) -> None:
    rows = connection.execute(
        f"select release_id, first_value, value, round(revision_pct, 4), direction, age_days "
        f"from marts.fct_revision where {CHINA} and period_grain = 'A' and basis = 'cny' "
        "and period_end_date = date '2024-12-31' order by print_order"
    ).fetchall()
    first, later = Decimal("1135160000000"), Decimal("1133540000000")
    assert rows == [
        ("gacc/2025-01-14", first, first, 0.0, "unchanged", 0),
        ("gacc/2026-01-14", first, later, -0.1427, "down", 365),
    ]
