"""The same customs files in another order, twice, or in two halves give the same marts.

Two whole refreshes on a copy of a finished warehouse, through the command line. Left out of the comparison
are only the columns that say which file a row stands in and where. The tables that hold what each file says
(PER_FILE) are compared as sets: a record that two files of a release print stands there twice, and once in
every table made from them. fct_superseded_flow names rows of files and nothing else; what it does shows in
fct_trade_flow_release.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from helpers import RAW, run_cli

sys.path.insert(0, str(Path(__file__).parent / "sources"))
from writers_comtrade import Record, record, write_api, write_portal
from writers_gacc import QUERY_HEADER, query_csv
from writers_us_eu import census

pytestmark = pytest.mark.slow

PLACES = re.compile(r"(.*_)?(snapshot_id|raw_row|slice_id|flow_rows)")
PER_FILE = {"dim_flow_slice", "fct_customs_flow", "fct_product_flow_row"}
FILE_ROWS_ONLY = "fct_superseded_flow"
CENSUS_HEADER = [
    "CTY_CODE",
    "E_COMMODITY",
    "ALL_VAL_MO",
    "QTY_1_MO",
    "UNIT_QY1",
    "SUMMARY_LVL",
    "time",
    "COMM_LVL",
]
Rows = list[list[str]]


def comtrade_records(surplus: int) -> list[Record]:
    """China's integrated circuits by partner and year, in dollars; later releases print `surplus` more."""
    codes = ("8542", "854231", "854232", "854233", "854239")
    return [
        record(
            cmdCode=code,
            aggrLevel=str(len(code)),
            partnerCode=partner,
            flowCode=flow,
            period=str(year),
            refYear=str(year),
            primaryValue=str((7 if partner == "0" else share) * size + surplus),
            qty=str(size),
        )
        for year in (2021, 2022)
        for flow in ("X", "M")
        for code, size in zip(codes, (400_000, 100_000, 100_000, 100_000, 100_000), strict=True)
        for partner, share in (("842", 1), ("392", 2), ("410", 3), ("0", 0))
    ]


def query_records() -> Rows:
    chips = ("85423110", "集成电路", "10", "个", "2", "千克")
    return [
        [f"2024{month:02d}", code, name, *chips, f"{1000 * month + 7}"]
        for month in range(1, 13)
        for code, name in (("502", "美国"), ("116", "日本"), ("133", "韩国"))
    ]  # fmt: skip


def census_records() -> Rows:
    return [
        [country, "854231", str(5000 + month), "3", "NO", "DET", f"2024-{month:02d}", "HS6"]
        for month in range(1, 13)
        for country in ("5700", "5800", "5880")
    ]


def portal(path: Path, records: list[Record], newline: str = "\r\n") -> None:
    write_portal(path.with_suffix(".csv"), records, newline=newline)


def api(path: Path, records: list[Record]) -> None:
    write_api(path.with_suffix(".json"), records)


def query(path: Path, records: Rows) -> None:
    path.with_suffix(".csv").write_bytes(query_csv(records, QUERY_HEADER))


def us(path: Path, records: Rows) -> None:
    census(path.with_suffix(".json"), CENSUS_HEADER, records)


# Release -> how its file is written, and its records.
FILES: dict[str, tuple[Callable[[Path, Any], None], list[Any]]] = {
    "comtrade/2024-03-01": (portal, comtrade_records(0)),
    "comtrade/2025-03-01": (api, comtrade_records(11)[: len(comtrade_records(0)) // 2]),
    "gacc/2025-02-20": (query, query_records()),
    "census/2025-02-05": (us, census_records()),
}


def emptied(raw: Path) -> list[Path]:
    folders = [raw / "customs" / release for release in FILES]
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    return folders


def put_whole(raw: Path) -> None:
    for folder, (write, records) in zip(emptied(raw), FILES.values(), strict=True):
        write(folder / "b_exports", records)


def put_in_halves(raw: Path) -> None:
    """Two files each, the later half first by name and upside down; the first release twice besides:
    once with the same bytes, once with other bytes and the same records."""
    folders = emptied(raw)
    for folder, (write, records) in zip(folders, FILES.values(), strict=True):
        middle = len(records) // 2 + 1
        write(folder / "a_exports", records[: middle - 1 : -1])
        write(folder / "c_exports", records[:middle])
    first = folders[0]
    shutil.copy(first / "a_exports.csv", first / "b_exports_again.csv")
    portal(first / "d_exports", comtrade_records(0)[::-1], newline="\n")


def marts(published: Path) -> dict[str, Counter[tuple[object, ...]]]:
    """Every mart as a bag of rows, without the columns that say where a row stands in its file."""
    with duckdb.connect(str(published.resolve()), read_only=True) as connection:
        columns: dict[str, list[str]] = {}
        for table, column in connection.execute(
            "select table_name, column_name from duckdb_columns() where schema_name = 'marts' "
            "and not internal and table_name <> ? order by table_name, column_index",
            [FILE_ROWS_ONLY],
        ).fetchall():
            columns.setdefault(table, [])
            if not PLACES.fullmatch(column):
                columns[table].append(f'"{column}"')
        found = {}
        for table, names in columns.items():
            once = "distinct" if table in PER_FILE else ""
            rows = connection.execute(f"select {once} {', '.join(names)} from marts.{table}").fetchall()
            found[table] = Counter(rows)
        return found


def test_order_copies_and_halves_change_no_mart(tmp_path: Path, published: Path) -> None:
    raw, home = tmp_path / "raw", tmp_path / "home"
    shutil.copytree(published.resolve().parents[2], home, symlinks=True)
    shutil.copytree(RAW, raw)
    found = []
    for put in (put_whole, put_in_halves):
        put(raw)
        done = run_cli("refresh", env={"CHIPLEDGER_RAW": str(raw), "CHIPLEDGER_HOME": str(home)}, timeout=900)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr
        found.append(marts(home / "current" / "chipledger.duckdb"))
    whole, halves = found
    assert whole.keys() == halves.keys() and len(whole) >= 16
    # The files count: both Comtrade releases, the months of the two others.
    releases = Counter(row[2] for row in whole["fct_trade_flow_release"].elements() if row[2] in FILES)
    assert releases == {release: len(records) for release, (_, records) in FILES.items()}, releases
    wrong = []
    for table in whole:
        more, less = halves[table] - whole[table], whole[table] - halves[table]
        shown = json.dumps([next(iter(more), ()), next(iter(less), ())], default=str, ensure_ascii=False)
        if more or less:
            wrong.append(f"{table}: {more.total()} rows new, {less.total()} gone: {shown}")
    assert not wrong, "\n".join(wrong)
