"""Corrections as data: what an entry of corrections.yml does to rows, and what stops a refresh.

Files are landed into a ledger of their own, with the shipped code lists; one test refreshes as a user would.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from helpers import RAW, run_cli

from orchestration.errors import LedgerError
from orchestration.sources import CUSTOMS, LAYOUTS
from orchestration.sources.corrections import read
from orchestration.sources.release import scan
from orchestration.warehouse import corrections, customs, flows, landing, meta, snapshots
from orchestration.warehouse.files import sha256_of
from orchestration.warehouse.ledger import open_ledger
from orchestration.warehouse.settings import Settings

sys.path.insert(0, str(Path(__file__).parent / "sources"))
from writers_comtrade import record, write_portal
from writers_gacc import express_grid, write_xlsx

Row = dict[str, Any]
PORTAL, SHARES, EXPRESS = "TradeData.csv", "table.csv", "express.xlsx"
PORTAL_PATH = f"customs/comtrade/2025-08-15/{PORTAL}"
EXPRESS_PATH = f"customs/gacc/2025-05-09/{EXPRESS}"
SHARES_PATH = f"industry/maker/2025-01-31/{SHARES}"
SHARE_HEADER = "scope,region,year,share_pct,kind,vintage,source"
REGIONS = ("China", "Taiwan", "South Korea", "Japan")
# What every entry of these tests needs besides its own fields.
ENTRY = {"id": "a-slip", "reason": "made for this test", "found_by": "A. Tester", "found_on": "2025-09-01"}
PORTAL_VALUE = {**ENTRY, "file": PORTAL_PATH, "raw_row": "2", "column": "value", "expect": "2500.75"}
SHARE_VALUE = {**ENTRY, "file": SHARES_PATH, "raw_row": "3", "column": "share_pct", "expect": "21"}


class Place:
    """A raw folder with one file of three layouts and the shipped code lists, and its ledger."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(folder / "raw", folder / "home")
        self.raw = self.settings.raw_root
        self.raw.mkdir()
        shutil.copytree(RAW / "reference", self.raw / "reference")
        for path in (PORTAL_PATH, EXPRESS_PATH, SHARES_PATH):
            (self.raw / path).parent.mkdir(parents=True)
        self.portal()
        write_xlsx(self.raw / EXPRESS_PATH, express_grid())
        self.shares()

    def portal(self, value: str = "2500.75") -> None:
        partners = ("842", "392", "410")
        records = [record(partnerCode=code, primaryValue=value) for code in partners]
        records.append(record(partnerCode="0", primaryValue="9000"))
        write_portal(self.raw / PORTAL_PATH, records)

    def shares(self, share: str = "21") -> None:
        rows = [f"mature,{name},2024,{share},actual,2024,somewhere" for name in REGIONS]
        path = self.raw / SHARES_PATH
        path.write_text("\n".join([SHARE_HEADER, *rows]) + "\n", encoding="utf-8")
        facts = dict.fromkeys(("producer", "title", "url", "licence", "citation"), "made for a test")
        facts |= {"source_id": "maker", "released_at": "2025-01-31", "accessed_at": "2025-01-31"}
        facts |= {"released_at_basis": "printed"}
        said = {**facts, "files": {SHARES: {"dataset_id": "capacity_share"}}}
        path.with_name("source.yml").write_text(yaml.safe_dump(said), encoding="utf-8")

    def correct(self, *entries: dict[str, Any]) -> None:
        text = yaml.safe_dump(list(entries), allow_unicode=True)
        (self.raw / "corrections.yml").write_text(text, encoding="utf-8")

    def land(self, *names: str) -> snapshots.Report:
        """Lands the three layouts as a refresh does; the report is of `names` alone."""
        holdings = scan(self.raw)
        assert holdings.refusals == ()
        reports: list[snapshots.Report] = []
        with open_ledger(self.settings) as connection:
            snapshots.prepare_raw(connection, holdings)
            corrections.prepare(connection, self.raw, holdings)
            for item in LAYOUTS:
                if item.raw_table in ("economy", "economy_code", "comtrade_code_alias", "capacity_share"):
                    reports.append(landing.land_dataset(connection, item, holdings))
            for other in CUSTOMS:
                if other.layout_id in ("comtrade_portal", "gacc_express_table"):
                    reports.append(customs.land_layout(connection, other, holdings))
            corrections.settle(connection)
            assert snapshots.unbalanced(connection) == []
        landed = [item for report in reports for item in report.landed if item.file.path.name in names]
        return snapshots.Report(tuple(landed), 0, 0, ())

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with open_ledger(self.settings) as connection:
            return connection.execute(sql).fetchall()

    def values(self) -> list[tuple[Any, ...]]:
        return self.query(
            f"select raw_row, 'flow', partner_iso3, value from {flows.FACT} union all "
            f"select raw_row, row_kind, partner_code, value from {flows.ASIDE} order by raw_row"
        )

    def noted(self, columns: str) -> list[tuple[Any, ...]]:
        """meta.corrections as it would be published."""
        (table,) = [item for item in meta.TABLES if item.name == "corrections"]
        names = ", ".join(name for name, *_ in table.columns)
        return self.query(f"with listed({names}) as ({table.query}) select {columns} from listed")


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    yield Place(tmp_path)


def test_override_of_a_flow_comes_and_goes(place: Place) -> None:
    """The corrected value counts; without the entry, the source's value is back. Only its file is read."""
    place.land()
    place.correct({**PORTAL_VALUE, "action": "override", "value": "2600"})
    (item,) = place.land(PORTAL, EXPRESS, SHARES).landed
    assert (item.file.path.name, item.rows_loaded, item.rows_set_aside) == (PORTAL, 4, 0)
    assert place.values()[0] == (2, "flow", "USA", Decimal("2600.0000"))
    assert place.values()[1][3] == Decimal("2500.7500")
    assert place.noted("correction_id, status, raw_row, column_name, source_value, corrected_value") == [
        ("a-slip", "applied", 2, "value", "2500.7500", "2600")
    ]
    assert place.land(PORTAL).landed == ()
    (place.raw / "corrections.yml").unlink()
    (item,) = place.land(PORTAL, EXPRESS, SHARES).landed
    assert item.file.path.name == PORTAL and place.values()[0][3] == Decimal("2500.7500")
    assert place.noted("*") == []


def test_dropped_flow_is_set_aside_and_kept(place: Place) -> None:
    place.correct({**PORTAL_VALUE, "action": "drop"})
    (item,) = place.land(PORTAL).landed
    assert (item.rows_read, item.rows_loaded, item.rows_quarantined, item.rows_set_aside) == (4, 3, 0, 1)
    assert place.values()[0] == (2, "dropped", "842", Decimal("2500.7500"))
    assert place.noted("action, source_value, corrected_value") == [("drop", "2500.7500", None)]


def test_dropped_row_of_a_hand_kept_table_is_set_aside(place: Place) -> None:
    place.correct({**SHARE_VALUE, "action": "drop"})
    (item,) = place.land(SHARES).landed
    assert (item.rows_read, item.rows_loaded, item.rows_quarantined, item.rows_set_aside) == (4, 3, 0, 1)
    assert place.query("select raw_row from raw.capacity_share order by 1") == [(2,), (4,), (5,)]


def test_flag_leaves_the_value(place: Place) -> None:
    place.correct({**SHARE_VALUE, "action": "flag"})
    (item,) = place.land(SHARES).landed
    assert item.rows_loaded == 4
    assert place.query("select distinct share_pct from raw.capacity_share") == [("21",)]
    assert place.noted(
        "action, raw_row, source_value, corrected_value, reason, found_by, found_on::varchar"
    ) == [("flag", 3, "21", None, ENTRY["reason"], ENTRY["found_by"], ENTRY["found_on"])]


def test_scale_of_many_rows_is_exact(place: Place) -> None:
    """Three partners in thousands; the total stays. Their sum is what the entry expects."""
    some = {"where": {"flow": "X", "code_system": "comtrade", "value": "2500.75"}, "rows": "3"}
    entry = {name: text for name, text in PORTAL_VALUE.items() if name not in ("raw_row", "expect")}
    place.correct({**entry, **some, "expect_total": "7502.25", "action": "scale", "factor": "0.001"})
    with pytest.raises(LedgerError, match=r"line 2: 2500\.7500 times 0\.001 does not fit"):
        place.land()
    place.correct({**entry, **some, "expect_total": "7502.25", "action": "scale", "factor": "0.1"})
    place.land()
    assert [value for *_, value in place.values()] == [Decimal("250.0750")] * 3 + [Decimal(9000)]
    assert place.noted("count(*), count(distinct raw_row), min(factor)") == [(3, 3, "0.1")]


def test_printed_cell_is_scaled_with_its_precision(place: Place) -> None:
    """Cell E5, April 2025, integrated circuits: 1116.78911375 hundred million yuan."""
    place.land()
    (row, column), *_ = place.query(
        "select raw_row, raw_column from raw.printed_cell where printed = '1116.78911375'"
    )
    entry = {
        **ENTRY,
        "file": EXPRESS_PATH,
        "raw_row": str(row),
        "column": "printed",
        "expect": "1116.78911375",
    }
    place.correct({**entry, "action": "scale", "factor": "10"})
    with pytest.raises(LedgerError, match="add raw_column"):
        place.land()
    place.correct({**entry, "raw_column": column, "action": "scale", "factor": "10"})
    place.land()
    assert place.noted("raw_row, raw_column, source_value, corrected_value") == [
        (row, column, "1116.78911375", "11167.8911375")
    ]


def test_corrected_rows_are_judged(place: Place) -> None:
    """A correction can be wrong too: contracts and landing rules see the corrected row."""
    place.correct({**SHARE_VALUE, "action": "override", "value": "210"})
    (item,) = place.land(SHARES).landed
    assert item.status == "held_back" and "line 3, column share_pct: out_of_range: found '210'" in item.reason
    assert place.noted("status, raw_row") == [("waiting", None)]
    for change, said in (
        ({"column": "value", "expect": "2500.75", "value": "-1"}, "column value: negative: found '-1.0000'"),
        ({"column": "partner_code", "expect": "842", "value": "9999"}, "column partner: unmapped_economy"),
        ({"column": "partner_code", "expect": "842", "value": "392"}, "duplicate_key"),
        ({"column": "value", "expect": "2500.75", "value": "null"}, "column value: missing_value"),
        ({"column": "value", "expect": "2500.75", "value": "99999"}, "parts_exceed_total"),
    ):
        place.correct({**PORTAL_VALUE, **change, "action": "override"})
        (item,) = place.land(PORTAL).landed
        assert item.status == "held_back" and said in item.reason, item.reason


def test_value_that_is_no_number_can_be_replaced(place: Place) -> None:
    place.portal("2 500")
    (item,) = place.land(PORTAL).landed
    assert item.status == "held_back" and "not_a_number" in item.reason
    entries = [
        {**PORTAL_VALUE, "id": f"line-{row}", "raw_row": str(row), "action": "override",
         "expect": "2 500", "value": "2500"}
        for row in (2, 3, 4)
    ]  # fmt: skip
    place.correct(*entries)
    (item,) = place.land(PORTAL).landed
    assert (item.status, item.rows_loaded, item.rows_quarantined) == ("loaded", 4, 0)
    assert [value for *_, value in place.values()] == [Decimal(2500)] * 3 + [Decimal(9000)]


def test_source_that_changed_stops_and_leaves_what_was_loaded(place: Place) -> None:
    place.correct({**SHARE_VALUE, "action": "override", "value": "22"})
    place.land()
    place.shares("23")
    with pytest.raises(LedgerError) as stopped:
        place.land()
    assert str(stopped.value) == (
        f"raw/corrections.yml, entry a-slip: {SHARES_PATH}: line 3, column share_pct shows '23', "
        "expected '21': "
        "the source has changed; look at it, then change or remove the entry"
    )
    place.correct()
    (item,) = place.land(SHARES).landed
    assert item.status == "loaded"
    assert place.query("select distinct share_pct from raw.capacity_share") == [("23",)]


def test_file_held_twice_is_corrected_once(place: Place) -> None:
    other = place.raw / SHARES_PATH.replace("2025-01-31", "2024-12-31")
    shutil.copytree((place.raw / SHARES_PATH).parent, other.parent)
    facts = other.with_name("source.yml")
    facts.write_text(facts.read_text().replace("released_at: '2025-01-31'", "released_at: '2024-12-31'"))
    place.correct({**SHARE_VALUE, "action": "override", "value": "22"})
    assert [item.status for item in place.land(SHARES).landed] == ["loaded", "duplicate"]
    assert place.query("select share_pct from raw.capacity_share order by raw_row") == [
        ("21",), ("22",), ("21",), ("21",)
    ]  # fmt: skip


def test_bytes_that_come_back_are_corrected_as_they_were(place: Place) -> None:
    """A, B, and A again: a snapshot of its own, with the correction of those bytes."""
    first = place.raw / SHARES_PATH
    for day, value in (("2025-02-28", "19"), ("2025-03-31", "21")):
        again = place.raw / SHARES_PATH.replace("2025-01-31", day)
        shutil.copytree(first.parent, again.parent)
        again.write_text(again.read_text().replace(",21,", f",{value},"))
        facts = again.with_name("source.yml")
        facts.write_text(facts.read_text().replace("released_at: '2025-01-31'", f"released_at: '{day}'"))
    assert first.read_bytes() == again.read_bytes()
    place.correct({**SHARE_VALUE, "action": "override", "value": "22"})
    landed = place.land(SHARES).landed
    assert [item.status for item in landed] == ["loaded"] * 3
    digest = sha256_of(first)
    assert [item.snapshot_id for item in landed][::2] == [digest, f"{digest}@maker/2025-03-31"]
    values = place.query(
        "select release_id, string_agg(share_pct, ' ' order by raw_row) from raw.capacity_share "
        "join raw.snapshot using (snapshot_id) group by 1 order by 1"
    )
    assert [shares for _, shares in values] == ["21 22 21 21", "19 19 19 19", "21 22 21 21"]
    place.correct()
    landed = place.land(SHARES).landed
    assert [item.file.release.released_at.month for item in landed] == [1, 3]


def test_customs_files_follow_a_corrected_code_list(place: Place) -> None:
    """A code that a correction takes from an economy is unmapped in the files that use it."""
    place.land()
    (row,) = place.query("select raw_row from raw.economy where comtrade_code = '842'")
    entry = {**ENTRY, "file": "reference/economies.csv", "raw_row": str(row[0]), "column": "comtrade_code"}
    place.correct({**entry, "expect": "842", "action": "override", "value": "843"})
    (item,) = place.land(PORTAL).landed
    assert item.status == "held_back" and "column partner: unmapped_economy: found '842'" in item.reason
    place.correct()
    (item,) = place.land(PORTAL).landed
    assert item.status == "loaded"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"raw_row": "77"}, "line 77 fits no row that could be read; expected 1"),
        ({"file": "customs/nowhere.csv"}, "field file: found 'customs/nowhere.csv'; expected the path"),
        ({"file": "../secret"}, "field file: found '../secret'"),
        ({"column": "amount"}, "has no column 'amount'; expected one of code_system"),
        ({"column": "problem"}, "has no column 'problem'"),
        ({"where": {"partner_code": "842"}, "rows": "2"}, "line 2 fits 1 rows; expected 2"),
        ({"where": {"partner_code": "156"}, "rows": "1"}, "line 2 fits no row"),
        ({"expect": "2500.7"}, "shows '2500.7500', expected '2500.7': the source has changed"),
        ({"expect": "null"}, "shows '2500.7500', expected nothing"),
        ({"value": "many"}, "column value cannot hold 'many'; expected a DECIMAL(24,4)"),
        ({"value": "1.23456"}, "column value cannot hold '1.23456'"),
    ],
)
def test_entry_that_does_not_fit_the_file_stops(place: Place, change: Row, said: str) -> None:
    place.correct({**PORTAL_VALUE, "action": "override", "value": "1", **change})
    with pytest.raises(LedgerError) as stopped:
        place.land()
    assert str(stopped.value).startswith("raw/corrections.yml, entry a-slip") and said in str(stopped.value)


def test_entry_of_a_file_that_was_removed_says_what_to_do(place: Place) -> None:
    """Both ways out that the sentence names lead out: the file is put back, or the entry goes."""
    place.correct({**PORTAL_VALUE, "action": "override", "value": "2600"})
    place.land()
    removed = place.raw / PORTAL_PATH
    content = removed.read_bytes()
    removed.unlink()
    with pytest.raises(LedgerError) as stopped:
        place.land()
    assert str(stopped.value) == (
        f"raw/corrections.yml, entry a-slip, field file: found '{PORTAL_PATH}'; expected the path of a data "
        "file below raw/: put the file back, correct the path or remove the entry"
    )
    removed.write_bytes(content)
    place.land()
    assert place.noted("correction_id, status") == [("a-slip", "applied")]
    removed.unlink()
    place.correct()
    place.land()
    assert place.noted("correction_id") == []


def test_one_value_has_one_correction(place: Place) -> None:
    one = {**PORTAL_VALUE, "action": "override", "value": "1"}
    place.correct(one, {**one, "id": "again", "expect": "1", "value": "2"})
    with pytest.raises(LedgerError, match=r"entry again: .* is changed by the entry a-slip already"):
        place.land()


GOOD = {**PORTAL_VALUE, "action": "override", "value": "1"}
ENTRIES: list[tuple[dict[str, Any], str]] = [
    ({"action": "delete"}, "field action: found 'delete'; expected one of drop, override, scale, flag"),
    ({"id": "A slip"}, "field id: found 'A slip'; expected lower case letters"),
    ({"reason": ""}, "field reason: found ''; expected a text"),
    ({"found_on": "2025-13-01"}, "field found_on: found '2025-13-01'; expected a day"),
    ({"raw_row": "0"}, "field raw_row: found '0'; expected a whole number from 1"),
    ({"raw_row": None}, "field raw_row: found nothing; expected the line"),
    ({"expect": None}, "field expect: found nothing; expected what the source shows"),
    ({"expect_total": "5"}, "field expect: found '2500.75'; expected what the source shows"),
    ({"value": None}, "field value: found nothing; expected the value of a cell, or null"),
    ({"value": "2500.75"}, "field value: found '2500.75'; expected another value"),
    ({"factor": "2"}, "field factor: found '2'; expected nothing, as the action is override"),
    ({"action": "scale", "value": None, "factor": "1"}, "field factor: found '1'; expected another number"),
    (
        {"action": "scale", "value": None, "factor": "1e3"},
        "field factor: found '1e3'; expected a plain number",
    ),
    ({"action": "scale", "value": None}, "field factor: found nothing; expected a plain number"),
    ({"where": {"a": "b"}}, "field rows: found nothing; expected the number of rows"),
    ({"where": "a=b", "rows": "1"}, "field where: found 'a=b'; expected a map"),
    ({"lines": "3"}, "found the field 'lines'; expected one of id, action"),
]


@pytest.mark.parametrize(("change", "said"), ENTRIES)
def test_entry_that_cannot_be_meant_is_refused(tmp_path: Path, change: Row, said: str) -> None:
    entry = {name: text for name, text in {**GOOD, **change}.items() if text is not None}
    (tmp_path / "corrections.yml").write_text(yaml.safe_dump([entry]), encoding="utf-8")
    with pytest.raises(LedgerError) as stopped:
        read(tmp_path)
    message = str(stopped.value)
    assert message.startswith("raw/corrections.yml, entry ") and said in message and "\n" not in message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- id: a\n  id: b\n", "line 1: not readable as YAML: the key 'id' is given twice"),
        ("- id: [\n", "not readable as YAML"),
        ("id: a\n", "found a dict; expected a list"),
        ("- a\n", "entry 1: found 'a'; expected a map"),
        ("\xff", "not readable as YAML"),
    ],
)
def test_list_that_is_none_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "corrections.yml").write_text(text, encoding="latin-1")
    with pytest.raises(LedgerError, match=r"^raw/corrections\.yml") as stopped:
        read(tmp_path)
    assert said in str(stopped.value)


def test_shipped_list_changes_nothing_and_its_example_holds(tmp_path: Path) -> None:
    """A doubt is flagged, no value is changed; the example in the comments must be one that is accepted."""
    assert [(item.correction_id, item.action) for item in read(RAW)] == [("gacc-2023-ic-imports-cny", "flag")]
    lines = (RAW / "corrections.yml").read_text(encoding="utf-8").splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith("# - id"))
    end = next(place for place, line in enumerate(lines) if line.startswith("# For many rows"))
    example = "\n".join(line.removeprefix("# ") for line in lines[start:end] if line != "#")
    (tmp_path / "corrections.yml").write_text(example, encoding="utf-8")
    (item,) = read(tmp_path)
    assert (item.action, item.factor, item.expected, item.raw_column) == ("scale", "10", "543.57800452", "E")


FOUNDRY = "industry/trendforce/2025-03-10/foundry_revenue.csv"
TSMC = {**ENTRY, "file": FOUNDRY, "raw_row": "2", "column": "revenue_musd", "expect": "26854"}


@pytest.mark.slow
def test_refresh_stops_publishes_and_shows_corrections(tmp_path: Path, published: Path) -> None:
    """As a user sees it: exit 1 and an untouched file while an entry does not fit; then the corrected
    number in the mart, its sentence in `trace`, and the entries and notes in `sources`."""
    raw, home = tmp_path / "raw", tmp_path / "home"
    shutil.copytree(published.resolve().parents[2], home, symlinks=True)
    shutil.copytree(RAW, raw)
    env = {"CHIPLEDGER_RAW": str(raw), "CHIPLEDGER_HOME": str(home)}
    before = (home / "current").readlink()
    wrong = {**TSMC, "action": "override", "value": "26855", "expect": "1"}
    (raw / "corrections.yml").write_text(yaml.safe_dump([wrong]), encoding="utf-8")
    done = run_cli("refresh", env=env)
    assert done.returncode == 1 and (home / "current").readlink() == before
    said = "line 2, column revenue_musd shows '26854', expected '1': the source has changed"
    assert said in done.stderr and "nothing was published" in done.stderr and "Traceback" not in done.stderr

    flag = {**TSMC, "id": "a-doubt", "raw_row": "3", "expect": "23527", "action": "flag"}
    entries = [{**TSMC, "action": "override", "value": "26855"}, flag]
    (raw / "corrections.yml").write_text(yaml.safe_dump(entries), encoding="utf-8")
    folder = raw / "customs/comtrade/2024-12-01"
    folder.mkdir()
    kinds = [record(flowCode="RX"), record(flowCode="RX", motCode="1000", primaryValue="5")]
    write_portal(folder / "TradeData.csv", kinds)
    write_portal(folder / "a\x1b[2J.csv", kinds)
    done = run_cli("refresh", env=env)
    assert done.returncode == 3, done.stderr
    assert r"held back: customs/comtrade/2024-12-01/a\x1b[2J.csv: no name" in done.stderr

    with duckdb.connect(str(home / "current/chipledger.duckdb"), read_only=True) as connection:
        figures = connection.execute(
            "select period, value from marts.fct_industry_figure where entity = 'TSMC' "
            "and raw_column = 'revenue_musd' and raw_row in (2, 3) order by raw_row"
        ).fetchall()
        assert figures == [("2024Q4", Decimal(26_855_000_000)), ("2024Q3", Decimal(23_527_000_000))]
        listed = connection.execute(
            "select correction_id, action, status, raw_row, source_value, corrected_value "
            "from meta.corrections"
        ).fetchall()
        assert sorted(listed) == [
            ("a-doubt", "flag", "applied", 3, "23527", None),
            ("a-slip", "override", "applied", 2, "26854", "26855"),
        ]
        (notes,) = connection.execute(
            "select notes from meta.snapshots where path like 'customs/comtrade/2024-12-01/T%'"
        ).fetchall()
        assert "1 records are broken down by mode of transport: set aside" in notes[0]
    for period, sentence in (
        ("2024Q4", "correction a-slip (override): revenue_musd: 26854 became 26855: made for this test"),
        ("2024Q3", "correction a-doubt (flag): revenue_musd: flagged: made for this test (A. Tester, 2025-"),
    ):
        filters = ("entity=TSMC", "measure=sales", f"period={period}")
        traced = run_cli("trace", "marts.fct_industry_figure", *filters, env=env)
        assert sentence in traced.stdout, traced.stdout + traced.stderr
    shown = run_cli("sources", env=env).stdout
    assert f"correction: a-slip (override) of {FOUNDRY}: 1 value" in shown
    assert "note: customs/comtrade/2024-12-01/TradeData.csv: 1 records are broken down" in shown
