"""HS editions, national codes and sums of parts, from files to marts, recomputed in plain Python.

One warehouse is built from the shipped raw/ and files that are made here: flows in HS 2022 and HS 2017 of
Iceland and Malta, which the shipped files do not have, and extracts of Korea, the US, Japan and the EU.
"""

from __future__ import annotations

import csv
import shutil
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest
import writers_asia as asia
import writers_us_eu as west
from helpers import RAW, ROOT, run_cli
from writers_comtrade import record, write_portal

from orchestration.sources.hs_editions import HS_CONCORDANCE
from orchestration.sources.release import scan
from orchestration.warehouse import landing, snapshots
from orchestration.warehouse.ledger import open_ledger
from orchestration.warehouse.settings import Settings

pytestmark = pytest.mark.slow

SHARED = ROOT.parent / "shared" / "reference"
RELEASED = "2026-11-20"

# What Iceland imports from the world in these files, by year, edition and code. Made up.
IMPORTS: dict[tuple[int, str], dict[str, int]] = {
    (2023, "H6"): {
        "8541": 1350, "854110": 1000, "854151": 300, "854159": 50,
        "851713": 700, "851714": 20, "852411": 40, "854921": 9, "854231": 5000, "854290": 10,
    },
    (2018, "H5"): {"854232": 1_000_000, "8486": 77, "851712": 400},
    (2009, "H3"): {"851712": 60, "854231": 5},
}  # fmt: skip


def _flow(year: int, edition: str, code: str, value: int, partner: str = "0") -> dict[str, str]:
    return record(
        refYear=str(year), period=str(year), refPeriodId=f"{year}0101", reporterCode="352", reporterISO="ISL",
        reporterDesc="Iceland", flowCode="M", flowDesc="Import", partnerCode=partner,
        partnerISO={"0": "W00", "842": "USA", "276": "DEU"}[partner], partnerDesc=partner,
        classificationCode=edition, cmdCode=code, aggrLevel=str(len(code)), primaryValue=str(value),
    )  # fmt: skip


def _files(folder: Path) -> Iterator[Path]:
    flows = [_flow(*key, code, value) for key, held in IMPORTS.items() for code, value in held.items()]
    flows += [_flow(2023, "H6", "854231", 3000, "842"), _flow(2023, "H6", "854231", 1500, "276")]
    yield write_portal(folder / "iceland.csv", flows)
    korea = [
        ("2024.01", "총계", "8542310000", "프로세서", "12.5", "1,600", "3", "500", "1,100"),
        ("2024.01", "중국", "8542310000", "프로세서", "12", "1,500", "2", "300", "1,200"),
        ("2024.01", "미국", "8542310000", "프로세서", "0.5", "100", "1", "200", "-100"),
    ]
    path = folder / "kstat.csv"
    path.write_bytes(asia.csv_bytes(asia.KSTAT_UNITS, korea))
    yield path
    path = folder / "estat.csv"
    path.write_bytes(asia.estat_csv([asia.estat_record(range(1, 13), year="2024")]))
    yield path
    yield west.comext(
        folder / "full_v2_202402.dat",
        [
            west.comext_row(product="85423190", value="100"),
            west.comext_row(product="85423911", value="50"),
            west.comext_row(product="85423190", value="7", partner="JP"),
            west.comext_row(product="85XXXXXX", value="3", partner="JP"),
        ],
    )
    yield west.census(
        folder / "census.json",
        ["CTY_CODE", "SUMMARY_LVL", "DF", "E_COMMODITY", "ALL_VAL_MO", "time"],
        [
            ["5700", "DET", "-", "8542310045", "9", "2022-01"],
            ["5700", "DET", "-", "8517120050", "8", "2022-01"],
            ["5700", "DET", "-", "8517130000", "6", "2022-01"],
            ["5700", "DET", "-", "8517130000", "7", "2022-02"],
            ["5700", "DET", "-", "8542", "4", "2022-02"],
            ["5700", "DET", "-", "8542310045", "3", "2022-02"],
            ["5700", "DET", "-", "8542310045", "2", "2010-05"],
        ],
    )


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    base = tmp_path_factory.mktemp("editions")
    shutil.copytree(RAW, base / "raw")
    env = {"CHIPLEDGER_RAW": str(base / "raw"), "CHIPLEDGER_HOME": str(base / "home")}
    (base / "made").mkdir()
    made = [str(path) for path in _files(base / "made")]
    added = run_cli("add", *made, "--released", RELEASED, env=env)
    assert added.returncode == 0, added.stderr
    done = run_cli("refresh", env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    return env


@pytest.fixture
def ledger(folders: dict[str, str]) -> Iterator[duckdb.DuckDBPyConnection]:
    """The working database, with the models that are not published, and the published marts."""
    home = Path(folders["CHIPLEDGER_HOME"])
    with duckdb.connect(str(home / "work" / "ledger.duckdb"), read_only=True) as opened:
        opened.execute(f"attach '{home / 'current' / 'chipledger.duckdb'}' as mart (read_only)")
        yield opened


def _table(name: str) -> list[dict[str, str]]:
    with (RAW / "reference" / name).open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def _groups() -> dict[str, dict[str, list[str]]]:
    """edition -> product -> codes of its widest scope."""
    held: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in _table("product_groups.csv"):
        held[row["hs_edition"]][row["product_id"]].append(row["hs_code"])
    for products in held.values():
        for name, codes in products.items():
            products[name] = [code for code in codes if len(code) == min(map(len, codes))]
    return held


GROUPS = _groups()


def _product(edition: str, code: str) -> str | None:
    names = [name for name, codes in GROUPS[edition].items() if code.startswith(tuple(codes))]
    return names[0] if names else None


def _expected(conversion: str, year: int, edition: str, other: str) -> dict[str, tuple[Fraction, ...]]:
    """product -> native, kept, out, in, in open; the second road of fct_concordance_leakage."""
    partners: dict[str, set[str]] = defaultdict(set)
    for row in _table("hs_concordance.csv"):
        newer, older = row["newer_edition"], row["older_edition"]
        if (newer, older) == (edition, other):
            partners[row["newer_code"]].add(row["older_code"])
        if (older, newer) == (edition, other):
            partners[row["older_code"]].add(row["newer_code"])
    weights: dict[str, list[tuple[str, Fraction]]] = defaultdict(list)
    for row in _table("hs_conversions.csv"):
        if (row["conversion_id"], row["from_edition"], row["to_edition"]) == (conversion, edition, other):
            weights[row["from_code"]].append((row["to_code"], Fraction(row["weight"])))

    def share(code: str, product: str) -> tuple[Fraction, Fraction]:
        if len(code) == 4:
            inside = [share(six, product) for six in partners if six.startswith(code)]
            return min(low for low, _ in inside), max(high for _, high in inside)
        if code in weights:
            sent = [weight for to, weight in weights[code] if to and _product(other, to) == product]
            return sum(sent, Fraction(0)), sum(sent, Fraction(0))
        hits = [_product(other, to) == product for to in partners[code]]
        return Fraction(all(hits) and bool(hits)), Fraction(any(hits))

    held = dict(IMPORTS[year, edition])
    for heading in [code for code in held if len(code) == 4]:
        inside = {code: value for code, value in held.items() if len(code) == 6 and code.startswith(heading)}
        if sum(inside.values()) == held[heading]:
            del held[heading]
        else:
            held = {code: value for code, value in held.items() if code not in inside}
    sums = {}
    for product in (
        "integrated_circuits",
        "mobile_phones",
        "semiconductor_devices",
        "semiconductor_equipment",
    ):
        native = kept = out = moved_in = is_open = Fraction(0)
        for code, value in held.items():
            own = _product(edition, code) == product
            low, high = share(code, product)
            if own:
                native, kept, out = native + value, kept + value * low, out + value * (1 - high)
            else:
                moved_in, is_open = moved_in + value * low, is_open + value * (high - low)
        if native + moved_in + is_open:
            sums[product] = (native, kept, out, moved_in, is_open)
    return sums


def _leakage(
    ledger: duckdb.DuckDBPyConnection, conversion: str, year: int, edition: str, other: str
) -> dict[str, tuple[Any, ...]]:
    rows = ledger.execute(
        "select product_id, native_value_usd, kept_value_usd, out_value_usd, in_value_usd, "
        "in_open_value_usd, leakage_status, open_value_usd from mart.marts.fct_concordance_leakage "
        "where source_id = 'comtrade' and flow = 'M' "
        "and (conversion_id, year, from_edition, to_edition) = (?, ?, ?, ?)",
        [conversion, year, edition, other],
    ).fetchall()
    return {row[0]: row[1:] for row in rows}


@pytest.mark.parametrize(
    ("conversion", "year", "edition", "other"),
    [
        ("un_correlation", 2023, "H6", "H5"),
        ("un_conversion", 2023, "H6", "H5"),
        ("un_correlation", 2018, "H5", "H4"),
        ("un_correlation", 2018, "H5", "H6"),
        ("un_conversion", 2018, "H5", "H4"),
        ("growth_lab_weights", 2018, "H5", "H4"),
        ("un_correlation", 2009, "H3", "H2"),
        ("un_correlation", 2009, "H3", "H4"),
    ],
)
def test_leakage_recomputes(
    ledger: duckdb.DuckDBPyConnection, conversion: str, year: int, edition: str, other: str
) -> None:
    held = _leakage(ledger, conversion, year, edition, other)
    assert {
        name: tuple(Fraction(value) for value in values[:5]) for name, values in held.items()
    } == _expected(conversion, year, edition, other)
    assert all(row[0] == row[1] + row[2] + row[6] for row in held.values())


def test_united_nations_conversion_turns_other_devices_into_phones(ledger: duckdb.DuckDBPyConnection) -> None:
    """854151, 854159 and heading 8524 become 851712, electronic waste becomes 854231; 854150 gets nothing."""
    held = _leakage(ledger, "un_conversion", 2023, "H6", "H5")
    assert held["semiconductor_devices"][:4] == (1350, 1000, 350, 0)
    assert held["mobile_phones"][:4] == (720, 720, 0, 300 + 50 + 40)
    assert held["integrated_circuits"][:4] == (5010, 5010, 0, 9)
    gained = ledger.execute(
        "select count(*) from mart.marts.dim_hs_concordance where from_edition = 'H6' and to_edition = 'H5' "
        "and from_code in ('854151', '854159') and to_code = '854150'"
    ).fetchall()
    assert gained == [(0,)]


def test_growth_lab_keeps_84_per_cent_of_memories_where_the_united_nations_keep_all(
    ledger: duckdb.DuckDBPyConnection,
) -> None:
    lab = _leakage(ledger, "growth_lab_weights", 2018, "H5", "H4")["integrated_circuits"]
    assert lab[:3] == (1_000_000, 840_300, 159_700) and lab[5] == "ok"
    un = _leakage(ledger, "un_conversion", 2018, "H5", "H4")["integrated_circuits"]
    assert un[:3] == (1_000_000, 1_000_000, 0)
    pairs = ledger.execute(
        "select count(*), min(is_complete) from mart.marts.dim_hs_concordance where from_edition = 'H5' "
        "and from_code = '854232' and to_edition = 'H4'"
    ).fetchall()
    assert pairs == [(159, True)]


def test_a_group_that_the_edition_has_not_is_said(ledger: duckdb.DuckDBPyConnection) -> None:
    phones = _leakage(ledger, "un_correlation", 2009, "H3", "H2")["mobile_phones"]
    assert phones[:3] == (60, 0, 60) and phones[5] == "no_code_in_target_edition"


def test_concordance_is_the_whole_of_what_it_claims() -> None:
    """Against the consolidated file: zeros restored, codes exist, no pair of a relevant code missing."""
    path = SHARED / "hs_concordances.csv"
    if not path.is_file():
        pytest.skip("the consolidated concordance is not beside the project")
    names = {
        "1992": "H0",
        "1996": "H1",
        "2002": "H2",
        "2007": "H3",
        "2012": "H4",
        "2017": "H5",
        "2022": "H6",
    }
    pairs = set()
    with path.open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            newer, older = row["adjustment"].split(" to ")
            if newer in names and older in names:
                pairs.add(
                    (names[newer], row["code.after"].zfill(6), names[older], row["code.before"].zfill(6))
                )
    held = {
        (row["newer_edition"], row["newer_code"], row["older_edition"], row["older_code"])
        for row in _table("hs_concordance.csv")
    }
    assert held <= pairs
    for here, there in ((slice(0, 2), slice(2, 4)), (slice(2, 4), slice(0, 2))):
        relevant = {
            (pair[here], pair[there][0]) for pair in pairs if _product(*pair[here]) or _product(*pair[there])
        }
        assert {pair for pair in pairs if (pair[here], pair[there][0]) in relevant} <= held
    with (SHARED / "harmonized-system.csv").open(encoding="utf-8") as stream:
        valid = {row["hscode"] for row in csv.DictReader(stream) if row["level"] == "6"}
    assert {pair[1] for pair in held if pair[0] == "H6"} <= valid


def test_national_codes_have_the_edition_of_their_day(ledger: duckdb.DuckDBPyConnection) -> None:
    rows = ledger.execute(
        "select source_id, hs_code, strftime(period_start_date, '%Y-%m'), group_code, hs_edition, "
        "product_id, mapping_status from intermediate.int_national_code_product where group_code is null "
        "or length(group_code) = 4 or product_id is distinct from 'integrated_circuits' order by all"
    ).fetchall()
    circuits = "integrated_circuits"
    assert [row for row in rows if row[0] == "census"] == [
        ("census", "8517120050", "2022-01", "851712", None, None, "two_editions_differ"),
        ("census", "8517130000", "2022-01", "851713", None, None, "two_editions_differ"),
        ("census", "8517130000", "2022-02", "851713", "H6", "mobile_phones", "ok"),
        ("census", "8542", "2022-02", "8542", "H6", circuits, "ok"),
        ("census", "8542310045", "2010-05", None, None, None, "edition_not_known"),
        ("census", "8542310045", "2022-01", "8542", "H6", circuits, "two_editions_agree"),
        ("census", "8542310045", "2022-02", "8542", "H6", circuits, "ok"),
    ]


def test_only_whole_files_give_a_total_of_national_codes(ledger: duckdb.DuckDBPyConnection) -> None:
    rows = ledger.execute(
        "select source_id, partner_iso3, hs_code, value, codes_held, product_id, completeness_status "
        "from intermediate.int_national_product_flow where source_id in ('comext', 'korea', 'census') "
        "and flow in ('M', 'X') and not (source_id = 'korea' and flow = 'M') "
        "and (source_id <> 'census' or period_start_date = date '2022-02-01') order by all"
    ).fetchall()
    circuits = "integrated_circuits"
    assert rows == [
        ("census", "CHN", "851713", 7, 1, None, "completeness_not_known"),
        ("census", "CHN", "8542", 3, 1, None, "printed_beside"),
        ("census", "CHN", "854231", 3, 1, None, "completeness_not_known"),
        ("comext", "CHN", "8542", 150, 2, circuits, "complete"),
        ("comext", "CHN", "854231", 100, 1, circuits, "complete"),
        ("comext", "CHN", "854239", 50, 1, circuits, "complete"),
        ("comext", "JPN", "8542", 7, 1, None, "confidential_in_chapter"),
        ("comext", "JPN", "854231", 7, 1, None, "confidential_in_chapter"),
        ("korea", "CHN", "8542", 1_500_000, 1, None, "completeness_not_known"),
        ("korea", "CHN", "854231", 1_500_000, 1, None, "completeness_not_known"),
        ("korea", "USA", "8542", 100_000, 1, None, "completeness_not_known"),
        ("korea", "USA", "854231", 100_000, 1, None, "completeness_not_known"),
        ("korea", "WLD", "8542", 1_600_000, 1, None, "completeness_not_known"),
        ("korea", "WLD", "854231", 1_600_000, 1, None, "completeness_not_known"),
    ]


def test_sums_of_parts_are_reported(ledger: duckdb.DuckDBPyConnection) -> None:
    columns = (
        "source_id, sum_kind, partner_iso3, flow, hs_code, parts_digits, total_value, parts_value, "
        "difference_value, rounding_value, parts_held, reconciliation_status"
    )
    rows = ledger.execute(
        f"select {columns} from mart.marts.fct_reconciliation where source_id <> 'gacc' "
        f"and release_id like '%{RELEASED}%' order by all"
    ).fetchall()
    partners, parts, months = "partners_of_world", "subheadings_of_heading", "months_of_year"
    yen = 1000 * sum(range(1, 13))
    half = Decimal("0.5")
    assert rows == [
        ("census", parts, "CHN", "X", "8542", 10, 4, 3, 1, 1, 1, "complete"),
        ("comtrade", partners, "WLD", "M", "854231", None, 5000, 4500, 500, 3 * half, 2, "incomplete"),
        ("comtrade", parts, "WLD", "M", "8541", 6, 1350, 1350, 0, 4 * half, 3, "complete"),
        ("japan", months, "CHN", "X", "854231000", None, yen, yen, 0, 13 * 500, 12, "complete"),
        ("korea", partners, "WLD", "M", "8542310000", None, 500_000, 500_000, 0, 1500, 2, "complete"),
        ("korea", partners, "WLD", "X", "8542310000", None, 1_600_000, 1_600_000, 0, 1500, 2, "complete"),
    ]


def test_a_file_whose_parts_exceed_their_total_is_held_back_alone(
    folders: dict[str, str], tmp_path: Path
) -> None:
    """Two sub-headings that are more than their heading; the file added beside it is published."""
    shutil.copytree(folders["CHIPLEDGER_RAW"], tmp_path / "raw")
    shutil.copytree(folders["CHIPLEDGER_HOME"], tmp_path / "home", symlinks=True)
    env = {"CHIPLEDGER_RAW": str(tmp_path / "raw"), "CHIPLEDGER_HOME": str(tmp_path / "home")}
    for name, values in (("wrong", (100, 70, 40)), ("right", (101, 60, 40))):
        rows = [
            _flow(2021 if name == "wrong" else 2020, "H5", code, value)
            for code, value in zip(("8541", "854110", "854121"), values, strict=True)
        ]
        path = write_portal(tmp_path / f"{name}.csv", rows)
        assert run_cli("add", str(path), "--released", "2026-11-19", env=env).returncode == 0
    done = run_cli("refresh", env=env)
    assert done.returncode == 3, done.stderr
    assert (
        "held back: customs/comtrade/2026-11-19/wrong.csv, line 2, column product_code: parts_exceed_total: "
        "found '110.0000', expected parts of no more than 100.0000, the total of 8541 (and 2 more bad rows)"
    ) in " ".join((done.stdout + done.stderr).split())
    with duckdb.connect(str(tmp_path / "home" / "current" / "chipledger.duckdb"), read_only=True) as opened:
        held = opened.execute(
            "select year, count(*) from marts.fct_trade_flow "
            "where release_id = 'comtrade/2026-11-19' group by 1"
        ).fetchall()
    assert held == [(2020, 3)]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "H1,854110,H0,854110",
            "H1,10111,H0,854110",
            "'10111', expected 6 digits with the leading zeros, such as 010111",
        ),
        ("H1,854110,H0,854110", "H2,854110,H0,854110", "'H0', expected the edition before H2"),
        ("H1,854110,H0,854110,1:1", "H1,854110,H0,854110,1:2", "'1:2', expected one of 1:1, 1:n, n:1, n:n"),
    ],
)
def test_a_bad_pair_is_said_in_one_sentence(tmp_path: Path, old: str, new: str, said: str) -> None:
    folder = tmp_path / "raw" / "reference"
    folder.mkdir(parents=True)
    text = (RAW / "reference" / "hs_concordance.csv").read_text(encoding="utf-8")
    assert text.count(old) == 1
    line = text[: text.index(old)].count("\n") + 1
    (folder / "hs_concordance.csv").write_text(text.replace(old, new), encoding="utf-8")
    (folder / "source.yml").write_text(
        "title: t\naccessed_at: 2026-11-21\nfiles:\n  hs_concordance.csv: {producer: p, title: t, url: u, "
        "licence: l, accessed_at: 2026-11-21}\n",
        encoding="utf-8",
    )
    settings = Settings(tmp_path / "raw", tmp_path / "home")
    holdings = scan(settings.raw_root)
    with open_ledger(settings) as connection:
        snapshots.prepare_raw(connection, holdings)
        (landed,) = landing.land_dataset(connection, HS_CONCORDANCE, holdings).landed
    assert landed.status == "held_back"
    assert landed.reason.startswith(f"reference/hs_concordance.csv, line {line}, column ")
    assert said in landed.reason and "\n" not in landed.reason
