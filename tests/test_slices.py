"""Which release speaks for a flow: bulk files and extracts of several days, against a model in plain Python.

The files are made up. Belongs here: supersession slice by slice, withdrawals, what was known on a day.
"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from helpers import built_once, copy_raw, refreshed

sys.path.insert(0, str(Path(__file__).parent / "sources"))
from writers_comtrade import Record, bulk_name, record, write_bulk, write_portal

# (flow, partner, code) -> value, of China's trade of 2022.
Rows = dict[tuple[str, str, str], str]
USA, KOR, WLD = "842", "410", "0"
ISO3 = {USA: "USA", KOR: "KOR", WLD: "WLD"}
# The last is the whole of a product group.
CHIPS, DIODES, DEVICES = "854231", "854110", "8541"


def rows_of(flow: str, value: int, *keys: tuple[str, str]) -> Rows:
    return {(flow, partner, code): str(value + place) for place, (partner, code) in enumerate(keys)}


ALL = [(USA, CHIPS), (USA, DIODES), (KOR, CHIPS), (KOR, DIODES)]
# Day of release, whether the file is a bulk file, its rows. What each one is for stands beside it.
RELEASES: list[tuple[str, bool, Rows]] = [
    # All of it, imports too.
    ("2023-01-10", True, rows_of("X", 1000, *ALL, (USA, DEVICES)) | rows_of("M", 1500, *ALL)),
    # An extract of chips to the USA: replaces one row and hides nothing else.
    ("2023-02-10", False, rows_of("X", 2000, (USA, CHIPS))),
    # An extract of both codes to Korea and the USA, without diodes to Korea: covered and gone, so withdrawn.
    ("2023-03-10", False, rows_of("X", 3000, (USA, CHIPS), (USA, DIODES), (KOR, CHIPS))),
    # An extract of another flow and one partner: hides no export, and no import of the other partner.
    ("2023-04-10", False, rows_of("M", 4000, (KOR, CHIPS))),
    # A later bulk file replaces everything of the year; imports are gone, diodes to Korea are back.
    ("2023-06-10", True, rows_of("X", 6000, *ALL[1:])),
    # An extract on top of it; devices to the USA, which June left out, are back.
    ("2023-07-10", False, rows_of("X", 7000, (USA, DIODES), (USA, DEVICES))),
    # Two queries in one file: what one asked for says nothing of the other's flow.
    ("2023-07-20", False, rows_of("X", 8000, (USA, DIODES)) | rows_of("M", 8500, (KOR, CHIPS))),
]


# Chips by sub-heading first, the whole heading in a later extract: exports of Australia to the world.
FOUR = ("854231", "854232", "854233", "854239")
CHANGED = {
    "2010-01-10": {("2008", code): 100 + place for place, code in enumerate(FOUR)}
    | {("2009", code): 200 + place for place, code in enumerate(FOUR)},
    "2010-05-10": {("2009", "8542"): 990},
    "2010-06-10": {("2008", FOUR[0]): 50},
}


def changed_records(rows: dict[tuple[str, str], int]) -> list[Record]:
    return [
        record(
            reporterCode="36", reporterISO="AUS", reporterDesc="Australia", partnerCode="0", period=year,
            refYear=year, classificationCode="H3", cmdCode=code, aggrLevel=str(len(code)),
            primaryValue=str(value),
        )
        for (year, code), value in rows.items()
    ]  # fmt: skip


def records(rows: Rows) -> list[Record]:
    return [
        record(flowCode=flow, partnerCode=partner, cmdCode=code, aggrLevel=str(len(code)), primaryValue=value)
        for (flow, partner, code), value in rows.items()
    ]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    def build(folder: Path) -> str:
        folder.mkdir()
        raw = copy_raw(folder)
        for day, is_bulk, rows in RELEASES:
            release = raw / "customs" / "comtrade" / day
            release.mkdir()
            if is_bulk:
                write_bulk(release / bulk_name("156", "2022", released=day), records(rows))
            else:
                write_portal(release / "TradeData.csv", records(rows))
        for day, changed in CHANGED.items():
            release = raw / "customs" / "comtrade" / day
            release.mkdir()
            write_portal(release / "TradeData.csv", changed_records(changed))
        return refreshed(folder / "home", {"CHIPLEDGER_RAW": str(raw)})

    base = built_once(tmp_path_factory, "slices", build)
    with duckdb.connect(str(base / "home" / "current" / "chipledger.duckdb"), read_only=True) as opened:
        yield opened


def known(day: str) -> dict[tuple[str, str, str], tuple[str, str]]:
    """What the releases up to a day say: key -> (release, value). A model of its own: each release in
    turn takes away what it covers and puts down what it holds."""
    held: dict[tuple[str, str, str], tuple[str, str]] = {}
    for released, is_bulk, rows in RELEASES:
        if released > day:
            break
        for key in list(held):
            flow, partner, code = key
            partners = {other for asked, other, _ in rows if asked == flow}
            codes = {other for asked, _, other in rows if asked == flow}
            if is_bulk or (partner in partners and code in codes):
                del held[key]
        held |= {key: (released, value) for key, value in rows.items()}
    return held


def shown(rows: list[tuple[object, ...]]) -> dict[tuple[str, str, str], tuple[str, str]]:
    back = {iso3: code for code, iso3 in ISO3.items()}
    return {
        (str(flow), back[str(partner)], str(code)): (str(day), format(Decimal(str(value)).normalize(), "f"))
        for flow, partner, code, day, value in rows
    }


WHERE = "source_id = 'comtrade' and reporter_iso3 = 'CHN' and year = 2022 and hs_code <> '8542'"


def test_latest_is_what_the_newest_covering_release_says(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = warehouse.execute(
        f"select flow, partner_iso3, hs_code, released_at, value_usd from marts.fct_trade_flow where {WHERE}"
    ).fetchall()
    assert shown(rows) == known("2099-01-01")
    assert len(rows) == len(known("2099-01-01")) == 5


@pytest.mark.parametrize("day", ["2023-01-09", *(day for day, _, _ in RELEASES), "2023-05-01"])
def test_what_was_known_on_a_day(warehouse: duckdb.DuckDBPyConnection, day: str) -> None:
    rows = warehouse.execute(
        "select flow, partner_iso3, hs_code, newest_released_at, value_usd "
        f"from marts.trade_flow_as_of(date '{day}') where {WHERE}"
    ).fetchall()
    assert shown(rows) == known(day)


def test_withdrawn_flows_are_deletions_of_the_release_that_left_them_out(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    rows = warehouse.execute(
        "select flow, partner_iso3, hs_code, released_at, is_latest from marts.fct_trade_flow_release "
        f"where {WHERE} and is_deleted order by all"
    ).fetchall()
    june, march = dt.date(2023, 6, 10), dt.date(2023, 3, 10)
    assert rows == [
        ("M", "KOR", DIODES, june, True),
        # Printed again in July.
        ("M", "KOR", CHIPS, june, False),
        *(("M", "USA", code, june, True) for code in (DIODES, CHIPS)),
        # Taken back in March, printed again in June.
        ("X", "KOR", DIODES, march, False),
        ("X", "USA", DEVICES, june, False),
        ("X", "USA", CHIPS, june, True),
    ]
    revisions = warehouse.execute(
        "select released_at, value, direction from marts.fct_revision where source_id = 'comtrade' "
        "and partner_iso3 = 'KOR' and flow = 'X' and hs_code = '854110' order by released_at"
    ).fetchall()
    assert [(day, direction) for day, _, direction in revisions] == [
        (dt.date(2023, 1, 10), "unchanged"),
        (march, "withdrawn"),
        (june, "up"),
    ]


def test_every_release_keeps_its_rows(warehouse: duckdb.DuckDBPyConnection) -> None:
    rows = warehouse.execute(
        "select flow, partner_iso3, hs_code, released_at, value_usd from marts.fct_trade_flow_release "
        f"where {WHERE} and not is_deleted"
    ).fetchall()
    assert len(rows) == sum(len(rows) for _, _, rows in RELEASES)
    for day, _, held in RELEASES:
        of_day = shown([row for row in rows if str(row[3]) == day])
        assert of_day == {key: (day, value) for key, value in held.items()}


HEADING, SUM = "HS 8542", "HS 854231+32+33+39"


@pytest.mark.parametrize(
    ("day", "codes", "growth", "shares"),
    [
        ("2010-01-09", {}, [], []),
        # The four make a total; growth compares like with like.
        (
            "2010-01-10",
            {(year, code) for year in (2008, 2009) for code in FOUR},
            [(2008, SUM, 406, "no_base"), (2009, SUM, 806, "ok")],
            [(2008, 406, 100.0), (2009, 806, 100.0)],
        ),
        # From here on the heading speaks for 2009, and the two years do not compare.
        (
            "2010-05-10",
            {(2008, code) for code in FOUR} | {(2009, "8542")},
            [(2008, SUM, 406, "no_base"), (2009, HEADING, 990, "scope_changed")],
            [(2008, 406, 100.0), (2009, 990, 100.0)],
        ),
        (
            "2010-06-10",
            {(2008, code) for code in FOUR} | {(2009, "8542")},
            [(2008, SUM, 356, "no_base"), (2009, HEADING, 990, "scope_changed")],
            [(2008, 356, 100.0), (2009, 990, 100.0)],
        ),
    ],
)
def test_a_total_of_codes_is_that_of_the_day(
    warehouse: duckdb.DuckDBPyConnection,
    day: str,
    codes: set[tuple[int, str]],
    growth: list[tuple[object, ...]],
    shares: list[tuple[object, ...]],
) -> None:
    counted = warehouse.execute(
        f"select year, hs_code from marts.trade_flow_as_of(date '{day}') "
        "where reporter_iso3 = 'AUS' and year < 2010 and product_id = 'integrated_circuits'"
    ).fetchall()
    assert set(counted) == set(codes)
    assert (
        growth
        == warehouse.execute(
            "select year, product_scope, value::bigint, growth_status "
            f"from marts.trade_growth_yearly_as_of(date '{day}') "
            "where reporter_iso3 = 'AUS' and year < 2010 order by year"
        ).fetchall()
    )
    assert (
        shares
        == warehouse.execute(
            f"select year, value_usd::bigint, share_pct from marts.trade_share_yearly_as_of(date '{day}') "
            "where reporter_iso3 = 'AUS' and year < 2010 order by year"
        ).fetchall()
    )


@pytest.mark.parametrize("name", ["trade_growth_yearly", "trade_share_yearly"])
def test_as_of_today_is_the_mart(warehouse: duckdb.DuckDBPyConnection, name: str) -> None:
    """Column by column, of every series: the latest vintage is what is known after the last release."""
    shared = [
        row[0]
        for row in warehouse.execute(
            f"select column_name from (describe from marts.{name}_as_of(date '2100-01-01')) "
            f"where column_name in (select column_name from (describe marts.fct_{name}))"
        ).fetchall()
    ]
    latest = "vintage = 'latest'" if name == "trade_growth_yearly" else "true"
    mart = f"select {', '.join(shared)} from marts.fct_{name} where {latest}"
    as_of = f"select {', '.join(shared)} from marts.{name}_as_of(date '2100-01-01')"
    assert len(shared) >= 10
    assert warehouse.execute(f"select count(*) from ({as_of})").fetchall()[0][0] > 100
    assert warehouse.execute(f"({mart}) except all ({as_of})").fetchall() == []
    assert warehouse.execute(f"({as_of}) except all ({mart})").fetchall() == []
