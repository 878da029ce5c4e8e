"""`chipledger add`: what is stored, what is refused, and what a person may say that a file does not.

What each layout recognises is tested beside the layouts; planted errors pass through `add` too.
"""

from __future__ import annotations

import csv
import datetime as dt
import os
import shutil
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import duckdb
import openpyxl
import pytest
import yaml
from helpers import ROOT, run_cli

from orchestration.cli import add as add_command
from orchestration.errors import LedgerError
from orchestration.sources.layout import PRINTED_COLUMNS, FileRefused, create_landing
from orchestration.sources.recognise import recognise
from orchestration.sources.release import SAFE_NAME, scan
from orchestration.warehouse import builds, corrections, customs, snapshots
from orchestration.warehouse.ledger import open_ledger
from orchestration.warehouse.settings import Settings

sys.path.insert(0, str(Path(__file__).parent / "sources"))
from writers_asia import (
    ESTAT_HEADER,
    KSTAT_HEADER,
    KSTAT_RECORDS,
    KSTAT_UNITS,
    TAIWAN_HEADER,
    TAIWAN_RECORDS,
    csv_bytes,
    estat_csv,
    estat_record,
)
from writers_comtrade import record, write_baci, write_portal
from writers_gacc import QUERY_HEADER, express_grid, query_csv, write_xlsx
from writers_us_eu import COMEXT_HEADER, census, comext, comext_row

from orchestration.sources import gacc_query

SAMPLES = ROOT.parent / "shared/samples/gacc"
SILENT = "hs8542_2024.csv"


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    return folder


def add(raw: Path, *arguments: str) -> tuple[int, str, str]:
    done = run_cli("add", *arguments, env={"CHIPLEDGER_RAW": str(raw)})
    return done.returncode, done.stdout, done.stderr


def flows(settings: Settings) -> list[tuple[object, ...]]:
    """Lands the query files below raw/ as a refresh does, without code lists: nothing is mapped, so the
    rows are looked at as the layout gave them."""
    holdings = scan(settings.raw_root)
    assert holdings.refusals == ()
    with open_ledger(settings) as connection:
        snapshots.prepare_raw(connection, holdings)
        corrections.prepare(connection, settings.raw_root, holdings)
        report = customs.land_layout(connection, gacc_query.LAYOUT, holdings)
        assert len(report.landed) <= 1
        for file in holdings.files if report.landed else ():
            gacc_query.LAYOUT.read(connection, file.path, "incoming")
        if not report.landed:
            return []
        return connection.execute("select distinct flow, valuation from incoming").fetchall()


def test_flow_that_a_file_does_not_say_is_asked_for_and_kept(tmp_path: Path, raw: Path) -> None:
    path = tmp_path / SILENT
    path.write_bytes(query_csv())
    code, _, said = add(raw, str(path), "--released", "2025-02-20")
    assert code == 1 and "add --flow X" in said and not list(raw.iterdir())
    code, _, said = add(raw, str(path), "--released", "2025-02-20", "--flow", "both")
    assert code == 2 and "--flow is 'both'; expected X (exports) or M (imports)" in said
    code, out, said = add(raw, str(path), "--released", "2025-02-20", "--flow", "M")
    assert code == 0, said
    assert "flows M" in out
    facts = yaml.safe_load((raw / "customs/gacc/2025-02-20/source.yml").read_text(encoding="utf-8"))
    assert facts["files"][SILENT]["flow"] == "M"
    code, out, said = add(raw, str(path), "--released", "2025-02-20", "--flow", "X")
    assert code == 0 and "`flow` in its source.yml counts" in out
    # The refresh honours it, and reads the file again when it changes there.
    settings = Settings(raw, tmp_path / "home")
    assert flows(settings) == [("M", "cif")]
    source = raw / "customs/gacc/2025-02-20/source.yml"
    source.write_text(source.read_text(encoding="utf-8").replace("flow: M", "flow: X"), encoding="utf-8")
    assert flows(settings) == [("X", "fob")]


def test_flow_is_only_for_files_that_need_it(tmp_path: Path, raw: Path) -> None:
    path = write_portal(tmp_path / "TradeData.csv", [record()])
    code, _, said = add(raw, str(path), "--released", "2025-02-20", "--flow", "X")
    assert code == 1 and "files of comtrade_portal say their flow; leave --flow out" in said
    path = tmp_path / "hs8542_exports.csv"
    path.write_bytes(query_csv())
    code, _, said = add(raw, str(path), "--released", "2025-02-20", "--flow", "M")
    assert code == 1 and "its name says exports, but the flow given for it is M" in said


def test_query_file_dropped_by_hand_says_its_flow_in_source_yml(tmp_path: Path, raw: Path) -> None:
    folder = raw / "customs/gacc/2025-02-20"
    folder.mkdir(parents=True)
    (folder / SILENT).write_bytes(query_csv())
    facts = dict.fromkeys(("producer", "title", "url", "licence", "citation"), "by hand")
    facts |= {"source_id": "gacc", "released_at": "2025-02-20", "accessed_at": "2025-02-20"}
    facts |= {"released_at_basis": "printed"}
    entry = {"dataset_id": "gacc_query", "flow": "X"}
    source = folder / "source.yml"
    source.write_text(yaml.safe_dump({**facts, "files": {SILENT: entry}}), encoding="utf-8")
    assert flows(Settings(raw, tmp_path / "home")) == [("X", "fob")]
    source.write_text(yaml.safe_dump({**facts, "files": {SILENT: entry | {"flow": "E"}}}), encoding="utf-8")
    (refusal,) = scan(raw).refusals
    assert f"{SILENT}: flow is 'E'; expected X (exports) or M" in refusal.message


def test_real_query_file_without_flow_in_its_name(tmp_path: Path, raw: Path) -> None:
    name = "stats_query_hs1201_2023.csv"
    if not (SAMPLES / name).exists():
        pytest.skip(f"the sample {name} is not beside this checkout")
    path = Path(shutil.copy(SAMPLES / name, tmp_path))
    code, out, said = add(raw, str(path), "--released", "2024-01-20", "--flow", "M")
    assert code == 0, said
    assert "40 records" in out and "flows M, CNY" in out


def test_a_file_with_no_usable_record_is_refused(raw: Path, tmp_path: Path) -> None:
    file = tmp_path / "TradeData.csv"
    write_portal(file, [record(primaryValue="1,000,000"), record(primaryValue="-5", partnerCode="410")])
    code, out, err = add(raw, str(file), "--released", "2026-10-11")
    assert code == 1 and "stored" not in out
    assert (
        "TradeData.csv, line 2, column primaryValue: not_a_number: found '1,000,000', expected a value in US "
        "dollars; none of its 2 records can be used"
    ) in " ".join(err.split())
    assert list(raw.rglob("*")) == []


def test_a_release_before_its_newest_period_is_refused(raw: Path, tmp_path: Path) -> None:
    file = tmp_path / "TradeData.csv"
    write_portal(file, [record(), record(period="2023", refYear="2023", partnerCode="410")])
    code, _, err = add(raw, str(file), "--released", "2022-12-31")
    assert code == 1 and "period that begins on 2023-01-01, after its release on 2022-12-31" in " ".join(
        err.split()
    )
    assert add(raw, str(file), "--released", "2023-01-01")[0] == 0


def test_files_of_one_day_are_one_release_whatever_their_order(raw: Path, tmp_path: Path) -> None:
    """Pages of one answer must not hide one another; the order of adding decides nothing."""
    pages = [
        write_portal(tmp_path / folder / "TradeData.csv", [record(partnerCode=partner)])
        for folder, partner in (("a", "842"), ("b", "410"))
        if (tmp_path / folder).mkdir() is None
    ]
    other = tmp_path / "hs8542_exports.csv"
    other.write_bytes(query_csv())
    found = []
    for place, order in enumerate((pages, pages[::-1])):
        root = raw / str(place)
        root.mkdir()
        code, out, said = add(root, *map(str, order), "--released", "2026-11-20")
        assert code == 0, said
        assert add(root, str(other), "--released", "2026-11-20")[0] == 0
        holdings = scan(root)
        assert holdings.refusals == ()
        found.append({(file.release.release_id, file.path.read_bytes()) for file in holdings.files})
        assert len(holdings.files) == 3 and "customs/comtrade/2026-11-20/TradeData-" in out
        # The same bytes once more are nothing new.
        assert "nothing new" in add(root, str(pages[0]), "--released", "2026-11-20")[1]
    assert found[0] == found[1]
    assert {release for release, _ in found[0]} == {"comtrade/2026-11-20", "gacc/2026-11-20"}


def test_a_release_that_was_not_added_by_hand_is_not_joined(raw: Path, tmp_path: Path) -> None:
    folder = raw / "customs/comtrade/2026-11-20"
    folder.mkdir(parents=True)
    write_portal(folder / "TradeData.csv", [record()])
    path = write_portal(tmp_path / "other.csv", [record(partnerCode="410")])
    assert "2026-11-20-02/other.csv" in add(raw, str(path), "--released", "2026-11-20")[1]
    assert not (folder / "source.yml").exists()


def test_add_warns_of_what_a_refresh_will_not_take(raw: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "raw/reference", raw / "reference")
    path = tmp_path / "hs8542_exports.csv"
    chips = ["85423110", "x", "10", "个", "0", "?"]
    path.write_bytes(
        query_csv([["202401", "502", "美国", *chips, "1"], ["202401", "888", "?", *chips, "999,999"],
                   ["2024", "116", "日本", *chips, "7"]])
    )  # fmt: skip
    code, out, said = add(raw, str(path), "--released", "2024-02-20")
    assert code == 0, said
    assert "source gacc, released 2024-02-20, 3 records" in out
    assert "to be quarantined: 1 unmapped_economy (888), expected a code of gacc" in out
    assert "economy_codes.csv knows; line 3, column partner" in out
    assert "to be quarantined: 1 incomplete_period (2024-12-31), expected a period that was over" in out
    assert "a refresh will hold the file back: 100.0% of a slice is lost, at most 0.1% may be" in out


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            [("0", "8541", 1000), ("0", "854110", 700), ("0", "854121", 400)],
            "1100.0000), expected parts of no more than 1000.0000, the total of 8541; first in line 2, "
            "column product_code",
        ),
        (
            [("0", "8542", 100_000), ("842", "8542", 60_000), ("392", "8542", 40_900)],
            "100900.0000), expected parts of no more than 100000.0000, the total of all partners of 8542; "
            "first in line 2, column partner_code",
        ),
        # Within rounding, as thousands; within 0.1 %; parts missing; no heading of a product group.
        ([("0", "8542", 100_000), ("842", "8542", 60_000), ("392", "8542", 41_000)], ""),
        ([("0", "8542", 100_001), ("842", "8542", 60_000), ("392", "8542", 40_100)], ""),
        ([("0", "8541", 1000), ("0", "854110", 700)], ""),
        ([("0", "7208", 1000), ("0", "720810", 1700)], ""),
    ],
)
def test_parts_that_exceed_their_total_are_told(
    raw: Path, tmp_path: Path, rows: list[tuple[str, str, int]], said: str
) -> None:
    shutil.copytree(ROOT / "raw" / "reference", raw / "reference")
    path = write_portal(
        tmp_path / "parts.csv",
        [
            record(partnerCode=partner, cmdCode=code, aggrLevel=str(len(code)), primaryValue=str(value))
            for partner, code, value in rows
        ],
    )
    told = [
        line
        for line in add_command.look(path, None, dt.date(2026, 11, 20), None, raw).lines
        if "quarantined" in line
    ]
    assert told == ([f"to be quarantined: 3 parts_exceed_total ({said}"] if said else [])


def test_one_bad_record_among_good_ones_refuses_no_file(raw: Path, tmp_path: Path) -> None:
    """One record of K-stat makes two rows: rows are not records."""
    path = tmp_path / "kstat_USD_kg.csv"
    records = [KSTAT_RECORDS[1], [*KSTAT_RECORDS[2][:2], "85423", *KSTAT_RECORDS[2][3:]]]
    path.write_bytes(csv_bytes(KSTAT_HEADER, records))
    code, out, said = add(raw, str(path), "--released", "2026-11-20")
    assert code == 0 and "2 records" in out, said


def test_units_that_a_file_does_not_say_are_asked_for_and_kept(tmp_path: Path, raw: Path) -> None:
    path = tmp_path / "kstat.csv"
    path.write_bytes(csv_bytes(KSTAT_HEADER, KSTAT_RECORDS))
    code, _, said = add(raw, str(path), "--released", "2024-03-15")
    assert code == 1 and "add --unit USD1000_ton" in said and not list(raw.iterdir())
    code, _, said = add(raw, str(path), "--released", "2024-03-15", "--unit", "won")
    assert code == 2 and "--unit is 'won'; expected the units of amounts and weights" in said
    code, _, said = add(raw, str(path), "--released", "2024-03-15", "--flow", "X")
    assert code == 1 and "files of korea_kstat say their flow; leave --flow out" in said
    code, out, said = add(raw, str(path), "--released", "2024-03-15", "--unit", "USD1000_ton")
    assert code == 0 and "amounts in 1,000 dollars, weights in 1,000 kg" in out, said
    facts = yaml.safe_load((raw / "customs/korea/2024-03-15/source.yml").read_text(encoding="utf-8"))
    assert facts["files"]["kstat.csv"]["unit"] == "USD1000_ton"
    (held,) = scan(raw).files
    assert held.said == "USD1000_ton"


def test_a_file_without_a_flow_of_its_own_says_so(raw: Path, tmp_path: Path) -> None:
    path = tmp_path / "hs8542_exports.csv"
    header = [*QUERY_HEADER[:5], "贸易方式编码", "贸易方式名称", *QUERY_HEADER[5:]]
    path.write_bytes(
        query_csv(
            [["202401", "502", "美国", "85423110", "x", "10", "一般贸易", "1", "个", "0", "?", "7"]], header
        )
    )
    code, out, _ = add(raw, str(path), "--released", "2026-11-20")
    assert code == 0 and "no record of it is a flow by itself" in out and "None" not in out


NAMES = [
    "a\x1b[2J.csv",
    "a\nb.csv",
    "b\\c.csv",
    "\x9bq.csv",
    os.fsdecode(b"q\xff.csv"),
    "x" * 201,
    "a\u202ecsv.exe",
]


@pytest.mark.parametrize("name", NAMES)
def test_file_dropped_by_hand_under_a_bad_name_is_held_back_alone(raw: Path, name: str) -> None:
    """As `add` would refuse it; told without its control characters; the others of the folder load."""
    assert not SAFE_NAME.fullmatch(name)
    folder = raw / "customs/comtrade/2025-02-20"
    folder.mkdir(parents=True)
    write_portal(folder / "TradeData.csv", [record()])
    write_portal(folder / name, [record()])
    holdings = scan(raw)
    assert [file.path.name for file in holdings.files] == ["TradeData.csv"]
    (refusal,) = holdings.refusals
    assert "no name for a release's file" in refusal.message and "rename it" in refusal.message
    assert refusal.message.isprintable() and refusal.relative_path.isprintable()
    assert refusal.relative_path.startswith("customs/comtrade/2025-02-20/")
    assert len(builds.fingerprint(Settings(raw, raw.parent / "home"))) == 64


def test_archives_and_workbooks_of_csv_say_what_to_do(raw: Path, tmp_path: Path) -> None:
    """CEPII hands BACI out as .zip, and the portal offers its downloads as a workbook too."""
    packed, book = tmp_path / "BACI_HS17_V202401b.zip", tmp_path / "TradeData.xlsx"
    other = tmp_path / "other.xlsx"
    row = ["2022", "156", "842", "854231", "1", "1"]
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(write_baci(tmp_path / "BACI_HS17_Y2022_V202401b.csv", [row]), "data.csv")
    workbook = openpyxl.Workbook()
    assert workbook.active is not None
    workbook.active.append(list(record()))
    workbook.active.append(list(record().values()))
    workbook.save(book)
    workbook.active.delete_cols(1, 20)
    workbook.save(other)
    code, _, said = add(raw, str(packed), str(book), str(other))
    assert code == 1
    assert f"{packed.name} has none of the known layouts: it is a .zip archive; unpack it" in said
    assert (
        f"{book.name} has none of the known layouts: it is comtrade_portal as a workbook, which is not read; "
        "download it as CSV"
    ) in said
    assert f"{other.name} has none of the known layouts: of workbooks, tables of China's customs" in said
    assert "downloads of DataWeb are read; save others as CSV" in said
    # Put there by hand, it is held back with the same sentence.
    folder = raw / "customs/comtrade/2025-02-20"
    folder.mkdir(parents=True)
    shutil.copy(book, folder / book.name)
    (refusal,) = scan(raw).refusals
    assert "which is not read; download it as CSV" in refusal.message


def test_link_and_folder_in_a_release_are_held_back_alone(raw: Path, tmp_path: Path) -> None:
    folder = raw / "customs/comtrade/2025-02-20"
    (folder / "more").mkdir(parents=True)
    write_portal(folder / "TradeData.csv", [record()])
    (folder / "other.csv").symlink_to(write_portal(tmp_path / "other.csv", [record()]))
    (folder / ".DS_Store").write_bytes(b"a file of the desktop")
    holdings = scan(raw)
    assert [file.path.name for file in holdings.files] == ["TradeData.csv"]
    assert [refusal.relative_path.rsplit("/", 1)[1] for refusal in holdings.refusals] == ["more", "other.csv"]
    assert all("a link or a folder" in refusal.message for refusal in holdings.refusals)


@pytest.fixture
def census_of_all(raw: Path, tmp_path: Path) -> Path:
    """An answer of the US Census API for every economy that has a code of Schedule C."""
    shutil.copytree(ROOT / "raw/reference", raw / "reference")
    codes = codes_of(raw, "schedule_c")
    header = ["CTY_CODE", "E_COMMODITY", "ALL_VAL_MO", "SUMMARY_LVL", "time", "COMM_LVL"]
    records = [[code, "8542", "100", "DET", "2024-01", "HS4"] for code in codes if code.isdigit()]
    assert len(records) == 241
    return census(tmp_path / "exports.json", header, records)


def test_no_economy_of_the_census_bureau_is_unknown_or_twice(raw: Path, census_of_all: Path) -> None:
    """Gaza and the West Bank stand apart there: two codes of one economy would be two rows of one key."""
    code, out, said = add(raw, str(census_of_all), "--released", "2024-03-07")
    assert code == 0, said
    assert "241 partners" in out and "quarantined" not in out


@pytest.mark.parametrize("partner", ["XK", "XM", "XS", "XC", "XL", "EL", "AN"])
def test_partners_with_letters_of_eurostats_own_are_known(raw: Path, tmp_path: Path, partner: str) -> None:
    shutil.copytree(ROOT / "raw/reference", raw / "reference")
    path = comext(tmp_path / "full_v2_202402.dat", [comext_row(partner=partner), comext_row(partner="ES")])
    code, out, said = add(raw, str(path), "--released", "2024-05-20")
    assert code == 0, said
    assert "2 partners" in out and "quarantined" not in out


@pytest.mark.parametrize(
    ("period", "known", "unknown"),
    [("199112", ["CS", "YU", "SU", "DD", "YD"], []), ("199512", ["YU"], ["CS"]), ("200512", ["CS"], ["YU"])],
)
def test_partners_that_are_gone_are_known_in_their_time(
    raw: Path, tmp_path: Path, period: str, known: list[str], unknown: list[str]
) -> None:
    shutil.copytree(ROOT / "raw/reference", raw / "reference")
    rows = [comext_row(partner=code, period=period) for code in [*known, *unknown]]
    rows.append(comext_row(partner="ES", period=period, value="1000000"))
    path = comext(tmp_path / f"full_v2_{period}.dat", rows)
    code, out, said = add(raw, str(path), "--released", "2020-05-20")
    assert code == 0, said
    for partner in unknown:
        assert f"1 unmapped_economy ({partner})" in out
    assert f"{len(rows)} partners" in out and ("quarantined" in out) is bool(unknown)


def codes_of(raw: Path, system: str) -> list[str]:
    with (raw / "reference/economy_codes.csv").open(encoding="utf-8", newline="") as stream:
        return [row["code"] for row in csv.DictReader(stream) if row["code_system"] == system]


def test_no_economy_of_japans_customs_is_unknown_or_twice(raw: Path, tmp_path: Path) -> None:
    """The whole list of the customs has 235 codes; the Azores and Canary Islands stand apart there."""
    shutil.copytree(ROOT / "raw/reference", raw / "reference")
    codes = [code for code in codes_of(raw, "mof") if code.isdigit()]
    assert len(codes) == 235
    path = tmp_path / "estat_2024.csv"
    path.write_bytes(estat_csv([estat_record([1] * 12, country=code) for code in codes]))
    code, out, said = add(raw, str(path), "--released", "2025-03-13")
    assert code == 0, said
    assert "235 partners" in out and "quarantined" not in out


def test_spellings_of_koreas_customs_are_known_with_and_without_blanks(raw: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "raw/reference", raw / "reference")
    names = (
        "아랍에미리트 연합",
        "러시아 연방",
        "체코공화국",
        "포루투갈",
        "영령 캐이맨 군도",
        "남아프리카 공화국",
    )
    records = [["2024.01", name, *KSTAT_RECORDS[1][2:]] for name in (*names, "기타국")]
    path = tmp_path / "kstat.csv"
    path.write_bytes(csv_bytes(KSTAT_UNITS, records))
    code, out, said = add(raw, str(path), "--released", "2024-03-15")
    assert code == 0, said
    assert f"{len(names)} partners" in out and "2 country_group" in out and "quarantined" not in out


def test_what_taiwans_customs_leave_over_is_no_country(raw: Path, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "raw/reference", raw / "reference")
    names = ("沙烏地阿拉伯", "俄羅斯", "捷克", "關島", "聖馬丁（荷屬）")
    rest = ("其他中東及近東地區", "其他大洋洲國家", "未列名美屬太平洋領域")
    records = [
        ["出口總值(含復出口)", "102年", *TAIWAN_RECORDS[0][2:5], name, "1"] for name in (*names, *rest)
    ]
    path = tmp_path / "GA35.csv"
    path.write_bytes(csv_bytes((*TAIWAN_HEADER[:5], "國家", TAIWAN_HEADER[5]), records))
    code, out, said = add(raw, str(path), "--released", "2024-03-15")
    assert code == 0, said
    assert f"{len(names)} partners" in out and "3 country_group" in out and "quarantined" not in out


CODE_LISTS = {
    "country_codes_V202401b.csv": "country_code,country_name,country_iso2\n4,Afghanistan,AF\n",
    "product_codes_HS17_V202401b.csv": 'code,description\n010121,"Horses: live"\n',
}


def test_code_lists_of_baci_hold_nothing_back_and_are_called_so(raw: Path, tmp_path: Path) -> None:
    folder = raw / "customs/baci/2024-01-31"
    folder.mkdir(parents=True)
    row = ["2022", "156", "842", "854231", "1", "1"]
    data = write_baci(folder / "BACI_HS17_Y2022_V202401b.csv", [row])
    for name, text in CODE_LISTS.items():
        (folder / name).write_text(text, encoding="utf-8")
        code, _, said = add(raw, str(folder / name))
        assert code == 1 and "list of" in said and "holds no trade" in said and "nearest" not in said
    holdings = scan(raw)
    assert ([file.path for file in holdings.files], holdings.refusals) == ([data], ())


HEADERS = {
    "taiwan_customs": (TAIWAN_HEADER, ("進出口別", "日期", "貨品號列")),
    "korea_kstat": (KSTAT_UNITS, ("기간", "HS코드")),
    "japan_estat": (ESTAT_HEADER, ("Exp or Imp", "Year", "HS", "Value-Year")),
    "gacc_query": (QUERY_HEADER, ("数据年月", "商品编码")),
    "comext_bulk": (COMEXT_HEADER.split(","), ("PRODUCT_NC", "VALUE_EUR", "FLOW")),
}


@pytest.mark.parametrize(
    ("layout", "header", "lost"),
    [(layout, header, name) for layout, (header, names) in HEADERS.items() for name in names],
)
def test_a_file_without_one_of_its_columns_is_nearest_to_its_layout(
    layout: str, header: Sequence[str], lost: str, tmp_path: Path
) -> None:
    names = [name for name in header if name != lost]
    assert len(names) == len(header) - 1
    path = tmp_path / "data.csv"
    path.write_bytes(csv_bytes(names, [["1"] * len(names)]))
    with pytest.raises(FileRefused, match=f"nearest is {layout}, but it misses (a )?columns? {lost}$"):
        recognise(path)


def test_a_table_without_a_first_print_says_so() -> None:
    with duckdb.connect() as connection:
        create_landing(connection, add_command.ROWS, PRINTED_COLUMNS)
        (said,) = add_command._cells(connection)
    assert "no figure of its own period" in said


def add_here(raw: Path, path: Path, asked: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """The command in this process, with a day and a question."""
    monkeypatch.setenv("CHIPLEDGER_RAW", str(raw))
    return add_command.run([path], None, "2025-06-01", asked=asked)


def test_a_person_may_say_what_a_file_was_asked_for(
    tmp_path: Path, raw: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(ROOT / "raw" / "reference", raw / "reference")
    path = tmp_path / "TradeData.csv"
    write_portal(path, [record(cmdCode="8542", aggrLevel="4"), record(cmdCode="854231")])
    for question, expected in (
        ("partners", "asked holds 'partners'; expected each part once"),
        ("codes=8541 codes=8542", "asked holds 'codes=8542'; expected each part once"),
        ("periods=2024-13", "asked.periods holds '2024-13'"),
    ):
        with pytest.raises(LedgerError, match=expected):
            add_here(raw, path, question, monkeypatch)
    assert add_here(raw, path, "codes=8541*", monkeypatch) == 1
    assert "it holds 8542, which is not among --asked codes" in " ".join(capsys.readouterr().err.split())
    assert not (raw / "customs").exists()
    assert add_here(raw, path, "codes=8541*,8542* partners=all", monkeypatch) == 0
    asked = [file.asked for file in scan(raw).files if file.path.name == path.name]
    assert [question.as_map() for question in asked if question] == [
        {"codes": ["8541*", "8542*"], "partners": "all"}
    ]
    assert add_here(raw, path, "codes=8541*,8542* partners=all flows=X", monkeypatch) == 0
    assert "its source.yml asked for less (flows X is missing)" in capsys.readouterr().out


def test_a_printed_table_answers_no_question(
    tmp_path: Path, raw: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_xlsx(tmp_path / "express.xlsx", express_grid())
    assert add_here(raw, path, "codes=8542", monkeypatch) == 1
    assert "--asked is only for files of flows" in capsys.readouterr().err


def test_what_a_program_or_a_service_made_of_a_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    portal = tmp_path / "TradeData.csv"
    write_portal(portal, [record()])
    text = portal.read_text(encoding="latin-1")
    monthly = tmp_path / "full_v2_202401.csv"
    comext(monthly, [comext_row()])
    for path, content, said in (
        (portal, text.replace(",", ";").encode(), "it is comtrade_portal with semicolons between the values"),
        (monthly, monthly.read_bytes().replace(b",", b";"), "it is comext_bulk with semicolons"),
        (portal, text.encode("utf-16"), "it is text in UTF-16; save it as UTF-8"),
        (monthly, b"\n<!DOCTYPE html><title>Invalid Key</title>", "it is a web page, as services send"),
        (
            portal,
            b'{"statusCode": 401, "message": "Access denied"}',
            "it is an answer without data that says 'Access denied'",
        ),
    ):
        path.write_bytes(content)
        with pytest.raises(FileRefused, match=said):
            add_command.look(path, None, dt.date(2025, 1, 1))
