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
import yaml
from helpers import built_once, copy_raw, refreshed

sys.path.insert(0, str(Path(__file__).parent / "sources"))
import writers_asia
from writers_comtrade import Record, bulk_name, record, write_bulk, write_portal
from writers_gacc import QUERY_HEADER, query_csv

from orchestration.warehouse.lineage import trace

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
    # The very bytes of the first July file once more: the source went back on what it said in between.
    ("2023-08-10", False, rows_of("X", 7000, (USA, DIODES), (USA, DEVICES))),
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


# China's query page gives dollars and yuan in files of their own: (day, currency) -> rows of January 2024.
A, B = "85423111", "85423210"
JPN = "116"
IN_TWO_CURRENCIES: dict[tuple[str, str], dict[tuple[str, str], int]] = {
    ("2024-03-10", "CNY"): {("502", A): 7000, (JPN, A): 7100, ("502", B): 7200},
    # Dollars of the same flows, and of one more: no yuan is replaced.
    ("2024-04-10", "USD"): {("502", A): 1000, (JPN, A): 1010, ("502", B): 1020, (JPN, B): 1030},
    # Revised yuan of one flow.
    ("2024-05-10", "CNY"): {("502", A): 7777},
    # Both on one day; yuan leave out what dollars print, dollars are revised.
    ("2024-06-10", "CNY"): {("502", A): 7778, (JPN, B): 7300},
    ("2024-06-10", "USD"): {("502", A): 1111},
}
QUANTITY = 50


def malta(values: dict[str, int]) -> list[Record]:
    return [
        record(
            reporterCode="470", reporterISO="MLT", reporterDesc="Malta", partnerCode="0", period="2012",
            refYear="2012", classificationCode="H4", cmdCode=code, aggrLevel=str(len(code)),
            primaryValue=str(value),
        )
        for code, value in values.items()
    ]  # fmt: skip


def query_of(currency: str, rows: dict[tuple[str, str], int]) -> bytes:
    header = [*QUERY_HEADER[:-1], {"CNY": "人民币", "USD": "美元"}[currency]]
    chips = [
        ["202401", partner, "x", code, "x", str(QUANTITY), "个", "0", "?", f"{value:,}"]
        for (partner, code), value in rows.items()
    ]
    return query_csv(chips, header)


def known_in(day: str) -> dict[tuple[str, str], dict[str, int]]:
    """What is known of each flow and currency: each file takes away what it covers in its currency."""
    held: dict[tuple[str, str], dict[str, int]] = {}
    for (released, currency), rows in IN_TWO_CURRENCIES.items():
        if released > day:
            break
        for (partner, code), values in held.items():
            if partner in {other for other, _ in rows} and code in {other for _, other in rows}:
                values.pop(currency, None)
        for key, value in rows.items():
            held.setdefault(key, {})[currency] = value
    return {key: values for key, values in held.items() if values}


# Malta's exports to the world in 2012, of which the shipped tables hold nothing. A later extract prints a
# part anew and not its total; two files of one release contradict each other, in a total and its part and in
# one flow. None is the error of one file, so none is held back.
STALE_TOTAL = {
    ("2023-01-03", "a"): {"8542": 1000, "854231": 500},
    ("2023-02-03", "a"): {"854231": 1200},
    ("2023-03-03", "a"): {"8541": 100, "8471": 5},
    ("2023-03-03", "b"): {"854110": 170, "8471": 6},
}


def records(rows: Rows) -> list[Record]:
    return [
        record(flowCode=flow, partnerCode=partner, cmdCode=code, aggrLevel=str(len(code)), primaryValue=value)
        for (flow, partner, code), value in rows.items()
    ]


def described(release: Path, name: str) -> None:
    """Names the file in the release's source.yml, if it has one."""
    source = release / "source.yml"
    if source.exists():
        facts = yaml.safe_load(source.read_text(encoding="utf-8"))
        facts["files"][name] = {"dataset_id": "gacc_query"}
        source.write_text(yaml.safe_dump(facts, allow_unicode=True), encoding="utf-8")


def taiwan_of_two_currencies() -> bytes:
    header = [*writers_asia.TAIWAN_HEADER, "新臺幣(千元)", "重量(公斤)"]
    record = ["出口總值(含復出口)", "113年1月", "85423100002", "處理器", " Processors", "1.5", "45", "12"]
    return writers_asia.csv_bytes(header, [record])


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
        for (day, name), values in STALE_TOTAL.items():
            release = raw / "customs" / "comtrade" / day
            release.mkdir(exist_ok=True)
            write_portal(release / f"{name}.csv", malta(values))
        for (day, currency), query in IN_TWO_CURRENCIES.items():
            release = raw / "customs" / "gacc" / day
            release.mkdir(exist_ok=True)
            name = f"exports_{currency}.csv"
            (release / name).write_bytes(query_of(currency, query))
            described(release, name)
        release = raw / "customs" / "taiwan" / "2024-03-10"
        release.mkdir(parents=True)
        (release / "both.csv").write_bytes(taiwan_of_two_currencies())
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


QUERIED = "source_id = 'gacc' and hs_code is not null"
SHOWN = "partner_iso3, hs_code, value_usd::bigint, value_cny::bigint, quantity::bigint"


def in_columns(known: dict[tuple[str, str], dict[str, int]]) -> set[tuple[object, ...]]:
    iso3 = {"502": "USA", JPN: "JPN"}
    return {
        (iso3[partner], code, values.get("USD"), values.get("CNY"), QUANTITY)
        for (partner, code), values in known.items()
    }


def test_currencies_of_a_flow_stand_side_by_side_and_hide_nothing(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    rows = warehouse.execute(f"select {SHOWN} from marts.fct_trade_flow where {QUERIED}").fetchall()
    assert len(rows) == 4 and set(rows) == in_columns(known_in("2099-01-01"))
    assert ("USA", A, 1111, 7778, QUANTITY) in rows and ("JPN", A, 1010, None, QUANTITY) in rows
    (releases,) = warehouse.execute(
        "select value_usd_release_id, value_cny_release_id, release_id from marts.fct_trade_flow "
        f"where {QUERIED} and partner_iso3 = 'JPN' and hs_code = '{B}'"
    ).fetchall()
    assert releases == ("gacc/2024-04-10", "gacc/2024-06-10", "gacc/2024-06-10")


@pytest.mark.parametrize("day", ["2024-03-09", "2024-03-10", "2024-04-10", "2024-05-10", "2024-06-10"])
def test_currencies_as_of_a_day(warehouse: duckdb.DuckDBPyConnection, day: str) -> None:
    rows = warehouse.execute(
        f"select {SHOWN} from marts.trade_flow_as_of(date '{day}') where {QUERIED}"
    ).fetchall()
    known = in_columns(known_in(day))
    assert len(rows) == len(known) and set(rows) == known


def test_each_release_has_one_row_per_flow_whatever_its_currencies(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    rows = warehouse.execute(
        f"select released_at::varchar, {SHOWN}, is_latest, is_deleted from marts.fct_trade_flow_release "
        f"where {QUERIED} and partner_iso3 = 'USA' and hs_code = '{A}' order by 1"
    ).fetchall()
    assert [(row[0], *row[3:5], *row[6:]) for row in rows] == [
        ("2024-03-10", None, 7000, False, False),
        ("2024-04-10", 1000, None, False, False),
        ("2024-05-10", None, 7777, False, False),
        ("2024-06-10", 1111, 7778, True, False),
    ]
    # Yuan of two flows were covered in June and not repeated; their dollars still stand, so do the flows.
    gone = warehouse.execute(
        f"select count(*) from marts.fct_trade_flow_release where {QUERIED} and is_deleted"
    ).fetchall()
    assert gone == [(0,)]
    withdrawn = warehouse.execute(
        "select partner_iso3, hs_code from marts.fct_revision "
        f"where {QUERIED} and direction = 'withdrawn' and basis = 'cny' order by all"
    ).fetchall()
    assert withdrawn == [("JPN", A), ("USA", B)]
    revised = warehouse.execute(
        f"select basis, value::bigint from marts.fct_revision where {QUERIED} and partner_iso3 = 'USA' "
        f"and hs_code = '{A}' order by basis, released_at"
    ).fetchall()
    assert revised == [("cny", 7000), ("cny", 7777), ("cny", 7778), ("usd", 1000), ("usd", 1111)]


def test_two_currencies_in_one_record_are_one_flow(warehouse: duckdb.DuckDBPyConnection) -> None:
    for table in ("fct_trade_flow", "fct_trade_flow_release"):
        rows = warehouse.execute(
            f"select value_usd::bigint, value_local::bigint, currency, net_weight_kg::bigint "
            f"from marts.{table} where source_id = 'taiwan'"
        ).fetchall()
        assert rows == [(1500, 45_000, "TWD", 12)], table
    cells = trace(warehouse, Path(), "fct_trade_flow", ["source_id=taiwan", "hs_code=85423100002"]).cells
    assert {(cell.role, cell.raw_row, cell.raw_column) for cell in cells} == {
        ("row", 2, None),
        ("value in USD", 2, "美元(千元)"),
        ("value in TWD", 2, "新臺幣(千元)"),
    }


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


@pytest.mark.parametrize("name", ["trade_growth_yearly", "trade_growth_monthly", "trade_share_yearly"])
def test_as_of_today_is_the_mart(warehouse: duckdb.DuckDBPyConnection, name: str) -> None:
    """Column by column, of every series: the latest vintage is what is known after the last release."""
    shared = [
        row[0]
        for row in warehouse.execute(
            f"select column_name from (describe from marts.{name}_as_of(date '2100-01-01')) "
            f"where column_name in (select column_name from (describe marts.fct_{name}))"
        ).fetchall()
    ]
    # Months that are not held have a row in the mart only.
    latest = "true" if name == "trade_share_yearly" else "vintage = 'latest' and value is not null"
    mart = f"select {', '.join(shared)} from marts.fct_{name} where {latest}"
    as_of = f"select {', '.join(shared)} from marts.{name}_as_of(date '2100-01-01')"
    assert len(shared) >= 10
    assert warehouse.execute(f"select count(*) from ({as_of})").fetchall()[0][0] > 100
    assert warehouse.execute(f"({mart}) except all ({as_of})").fetchall() == []
    assert warehouse.execute(f"({as_of}) except all ({mart})").fetchall() == []


def test_parts_above_a_total_of_another_file_stop_nothing(warehouse: duckdb.DuckDBPyConnection) -> None:
    """They are reported: the sum exceeds, the share says that it is above its total."""
    sums = warehouse.execute(
        "select release_id, total_value::bigint, parts_value::bigint, reconciliation_status "
        "from marts.fct_reconciliation where reporter_iso3 = 'MLT' and reconciliation_status = 'exceeds'"
    ).fetchall()
    assert sums == [("comtrade/2023-03-03", 100, 170, "exceeds")]
    shares = warehouse.execute(
        "select item_id, member_id, share_pct, share_status from marts.fct_share_member "
        "where reporter_iso3 = 'MLT' and dimension = 'hs_code' order by all"
    ).fetchall()
    above = "members_exceed_total"
    assert shares == [
        ("integrated_circuits", "854231", 120.0, above),
        ("integrated_circuits", "_residual", -20.0, above),
    ]


def test_files_of_one_release_that_contradict_each_other_are_told(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    found = warehouse.execute(
        "select message from meta.digest where kind = 'contradiction' order by subject"
    ).fetchall()
    (speaks,) = warehouse.execute(
        "select value_usd::bigint from marts.fct_trade_flow where reporter_iso3 = 'MLT' and hs_code = '8471'"
    ).fetchall()[0]
    counts, other = ("a", "b") if speaks == 5 else ("b", "a")
    values = {"a": "5.0000", "b": "6.0000"}
    path = "customs/comtrade/2023-03-03"
    prints, key = "release comtrade/2023-03-03 prints", "comtrade MLT WLD X {} 2012-12-31 USD"
    assert [message for (message,) in found] == [
        f"{prints} {key.format('8471')} as {values[counts]} ({path}/{counts}.csv, line 3) and as "
        f"{values[other]} ({path}/{other}.csv, line 3); the first counts",
        f"{prints} {key.format('8541')} as 100.0000 and its sub-headings as 170.0000 together",
    ]
