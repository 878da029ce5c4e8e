"""Contracts and landing: whatever is wrong with a file or a table is found, named and counted.

Belongs here: planted violations of the staging and mart contracts, and bad files of every kind on their
way into the ledger. For every file: rows read = loaded + quarantined + set aside.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import pytest

from orchestration.contracts import landed, marts, staging
from orchestration.contracts.stage import Contract, check_table
from orchestration.contracts.validate import Finding
from orchestration.sources import customs_layout_of, layout_of
from orchestration.sources.csv_layout import CsvLayout
from orchestration.sources.release import scan
from orchestration.warehouse import customs, landing, snapshots
from orchestration.warehouse.ledger import open_ledger
from orchestration.warehouse.settings import Settings

CONTRACTS: dict[str, Contract] = {
    **{f"marts.{name}": contract for name, contract in landed.CONTRACTS.items()},
    **{f"marts.{name}": contract for name, contract in marts.CONTRACTS.items()},
    **{f"staging.{name}": contract for name, contract in staging.CONTRACTS.items()},
}


@pytest.fixture
def tables(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine in memory with the real marts and staging tables attached, to copy from."""
    with duckdb.connect() as opened:
        opened.execute(f"attach '{home}/current/chipledger.duckdb' as of_marts (read_only)")
        opened.execute(f"attach '{home}/work/ledger.duckdb' as of_staging (read_only)")
        opened.execute("create schema marts; create schema staging")
        yield opened


def findings_of(tables: duckdb.DuckDBPyConnection, table: str, plant: str = "") -> list[Finding]:
    """What the contract finds in a copy of the real table after `plant` was run on it ({t})."""
    schema, name = table.split(".")
    tables.execute(f"create or replace table {table} as from of_{schema}.{table}")
    if plant:
        tables.execute(plant.replace("{t}", table))
    return check_table(tables, schema, name, CONTRACTS[table])


@pytest.mark.parametrize("table", CONTRACTS)
def test_real_table_breaks_no_rule(tables: duckdb.DuckDBPyConnection, table: str) -> None:
    assert findings_of(tables, table) == []


@pytest.mark.parametrize("table", CONTRACTS)
def test_only_lists_may_not_be_empty(tables: duckdb.DuckDBPyConnection, table: str) -> None:
    """Which figures are held is the user's affair; a list that is empty would lose those that are."""
    found = [finding.sentence() for finding in findings_of(tables, table, "delete from {t}")]
    is_list = ".stg_reference__" in table or table == PAIRS
    said = "empty_table: expected at least one row, as raw/reference has it in the shipped data; found 0 rows"
    assert found == ([f"{table}: {said}"] if is_list else [])


# Marts of which the shipped data hold nothing: two currencies, partners and codes of six digits.
EMPTY_AS_SHIPPED = {
    "fct_flow_by_currency",
    "fct_growth_contribution",
    "fct_price_index",
    "fct_price_index_item",
    "fct_mirror_gap_code",
}


def test_a_value_out_of_range_is_told_with_the_key_of_its_row(tables: duckdb.DuckDBPyConnection) -> None:
    where = "product_id = 'integrated_circuits' and flow = 'X' and year = 2024 and period_grain = 'A'"
    plant = f"update {{t}} set customs_cny_per_usd = 400 where source_id = 'gacc' and {where}"
    found = findings_of(tables, "marts.fct_growth_currency", plant)
    (told,) = [item.sentence() for item in found if item.column == "customs_cny_per_usd"]
    assert "found 400.000000 (row gacc CHN WLD X integrated_circuits" in told and "2024-12-31" in told, told


@pytest.mark.parametrize("table", [name for name in CONTRACTS if name.startswith("marts.")])
def test_shipped_data_fill_the_marts(tables: duckdb.DuckDBPyConnection, table: str) -> None:
    """A join that loses everything breaks no rule of the contract: it shows here."""
    ((rows,),) = tables.execute(f"select count(*) from of_marts.{table}").fetchall()
    assert bool(rows) != (table.split(".")[1] in EMPTY_AS_SHIPPED)


YEARLY, MONTHLY = "marts.fct_trade_growth_yearly", "marts.fct_trade_growth_monthly"
SHARES, CROSSOVER = "marts.fct_trade_share_yearly", "marts.fct_capacity_crossover"
FLOW, CLAIMS = "marts.fct_announced_flow", "marts.fct_claim_verdict"
LEAKAGE, PAIRS = "marts.fct_concordance_leakage", "marts.dim_hs_concordance"
ANNOUNCED, CLAIM = "staging.stg_gacc__announced", "staging.stg_article__claim"
ONE_GROWN = "rowid = (select min(rowid) from {t} where growth_status = 'ok')"
ONE = "rowid = (select min(rowid) from {t})"

# table, what is done to it, reason code, column (None: the table)
PLANTS: list[tuple[str, str, str, str | None]] = [
    (YEARLY, "insert into {t} from {t} limit 1", "duplicate_key", None),
    (FLOW, "insert into {t} from {t} limit 1", "duplicate_key", None),
    ("marts.dim_flow_slice", "insert into {t} from {t} limit 1", "duplicate_key", None),
    ("marts.fct_customs_flow", f"update {{t}} set value = -1 where {ONE}", "negative", "value"),
    ("marts.fct_customs_flow", f"update {{t}} set hs_code = ' ' where {ONE}", "blank", "hs_code"),
    (FLOW, f"update {{t}} set flow = 'Z' where {ONE}", "unknown_code", "flow"),
    (FLOW, f"update {{t}} set reporter_iso3 = 'China' where {ONE}", "bad_format", "reporter_iso3"),
    (FLOW, f"update {{t}} set valuation = null where {ONE}", "missing_value", "valuation"),
    (FLOW, f"update {{t}} set value_usd = -1 where {ONE}", "negative", "value_usd"),
    (FLOW, "alter table {t} alter value_usd type double", "wrong_type", "value_usd"),
    (FLOW, "alter table {t} drop value_cny", "missing_column", None),
    (PAIRS, "delete from {t}", "empty_table", None),
    (YEARLY, f"update {{t}} set vintage = 'second' where {ONE}", "unknown_code", "vintage"),
    (
        YEARLY,
        f"update {{t}} set growth_yoy_pct = growth_yoy_pct + 1e-5 where {ONE_GROWN}",
        "growth_recomputes",
        "gap",
    ),
    (YEARLY, f"update {{t}} set growth_yoy_pct = 'nan' where {ONE_GROWN}", "growth_recomputes", "gap"),
    (YEARLY, f"update {{t}} set growth_yoy_pct = null where {ONE_GROWN}", "null_has_a_reason", "gap"),
    (YEARLY, f"update {{t}} set growth_status = 'no_base' where {ONE_GROWN}", "null_has_a_reason", "gap"),
    (MONTHLY, f"update {{t}} set growth_yoy_pct = null where {ONE_GROWN}", "null_has_a_reason", "gap"),
    (MONTHLY, f"update {{t}} set base_value = base_value * 2 where {ONE_GROWN}", "growth_recomputes", "gap"),
    (SHARES, f"update {{t}} set share_pct = 100.5 where {ONE}", "out_of_range", "share_pct"),
    (SHARES, f"update {{t}} set share_pct = share_pct + 1e-5 where {ONE}", "shares_sum_to_100", "gap"),
    (
        SHARES,
        "update {t} set constant_sample_share_pct = constant_sample_share_pct * 1.001 where year = 2020",
        "constant_shares_sum_to_100",
        "gap",
    ),
    (SHARES, f"delete from {{t}} where {ONE}", "shares_sum_to_100", "gap"),
    (SHARES, f"update {{t}} set reporters_in_world = 0 where {ONE}", "out_of_range", "reporters_in_world"),
    (CROSSOVER, "update {t} set crossover_year = crossover_year_high + 1e-6", "inside_envelope", "gap"),
    (CROSSOVER, "update {t} set crossover_year = crossover_year_low - 1e-6", "inside_envelope", "gap"),
    (CROSSOVER, "update {t} set crossover_year = null", "missing_value", "gap"),
    (LEAKAGE, f"update {{t}} set kept_value_usd = kept_value_usd + 1 where {ONE}", "leakage_adds_up", "gap"),
    (PAIRS, f"update {{t}} set to_code = '10111' where {ONE}", "bad_code", "to_code"),
    ("marts.fct_product_comparison", f"update {{t}} set ratio = 2 where {ONE}", "ratio_recomputes", "gap"),
    (CLAIMS, f"update {{t}} set verdict = 'maybe' where {ONE}", "unknown_code", "verdict"),
    (CLAIMS, f"update {{t}} set reason = ' ' where {ONE}", "blank", "reason"),
    (CLAIMS, "insert into {t} from {t} limit 1", "duplicate_key", None),
    (ANNOUNCED, f"update {{t}} set unit = 'EUR' where {ONE}", "unknown_unit", "unit"),
    (ANNOUNCED, f"update {{t}} set value = null where {ONE}", "missing_value", "value"),
    (ANNOUNCED, f"update {{t}} set half_unit = 0 where {ONE}", "not_positive", "half_unit"),
    (ANNOUNCED, f"update {{t}} set last_month = 13 where {ONE}", "out_of_range", "last_month"),
    (ANNOUNCED, "alter table {t} alter value type double", "wrong_type", "value"),
    (ANNOUNCED, "insert into {t} from {t} limit 1", "duplicate_key", None),
    (CLAIM, f"update {{t}} set currency = 'XXX' where {ONE}", "unknown_code", "currency"),
    (
        "staging.stg_customs__slice",
        f"update {{t}} set hs_edition = 'H9' where {ONE}",
        "bad_format",
        "hs_edition",
    ),
]


@pytest.mark.parametrize(
    ("table", "plant", "reason", "column"),
    PLANTS,
    ids=[f"{p[0].split('.')[1]}-{p[2]}-{n}" for n, p in enumerate(PLANTS)],
)
def test_planted_violation_is_found(
    tables: duckdb.DuckDBPyConnection, table: str, plant: str, reason: str, column: str | None
) -> None:
    found = findings_of(tables, table, plant)
    assert (reason, column) in {(item.reason_code, item.column) for item in found}, found
    for item in found:
        sentence = item.sentence()
        assert sentence.startswith(table) and "expected" in sentence and "\n" not in sentence


SHARE_HEADER = "scope,region,year,share_pct,kind,vintage,source"
ANNOUNCED_HEADER = "commodity,flow,period,period_type,measure,value,unit,vintage,source_url,note"
GOOD_ANNOUNCED = "integrated_circuits,X,2024,annual,value,1594.99,100m USD,as_first_published,somewhere,"


def share_rows(count: int) -> list[str]:
    return [f"mature,Region {number},2024,{number % 100},actual,2024,somewhere" for number in range(count)]


def csv_bytes(header: str, rows: Sequence[str]) -> bytes:
    return ("\n".join([header, *rows]) + "\n").encode()


class Bench:
    """A ledger of its own with a raw folder of one layout's files; lands them and keeps the books."""

    def __init__(self, place: Path) -> None:
        self.settings = Settings(place / "raw", place / "home")

    def put(self, layout: CsvLayout, content: bytes, release: str = "2025-01-31") -> Path:
        folder = self.settings.raw_root / "industry" / "maker" / release
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "table.csv"
        path.write_bytes(content)
        facts = {
            "source_id": "maker",
            "released_at": release,
            "released_at_basis": "printed",
            "producer": "Maker",
            "title": "Table",
            "url": "https://example.org",
            "licence": "none",
            "citation": "Maker",
            "accessed_at": release,
        }
        lines = [f"{key}: {value}" for key, value in facts.items()]
        lines += ["files:", "  table.csv:", f"    dataset_id: {layout.dataset_id}"]
        (folder / "source.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    def land(self, layout: CsvLayout) -> snapshots.Report:
        holdings = scan(self.settings.raw_root)
        assert holdings.refusals == ()
        with open_ledger(self.settings) as connection:
            snapshots.prepare_raw(connection, holdings)
            report = landing.land_dataset(connection, layout, holdings)
            assert snapshots.unbalanced(connection) == []
            self.stored = connection.execute(
                f"select raw_row from raw.{layout.raw_table} order by raw_row"
            ).fetchall()
            self.quarantine = connection.execute(
                "select raw_row, reason_code, column_name, value from raw.quarantine order by all"
            ).fetchall()
        for item in report.landed:
            assert item.rows_read == item.rows_loaded + item.rows_quarantined + item.rows_set_aside
        return report

    def refused(self, layout: CsvLayout) -> str:
        """The sentence for the only file, which must have been held back as a whole."""
        (item,) = self.land(layout).landed
        assert item.status == "held_back" and item.rows_loaded == 0 and self.stored == []
        assert "table.csv" in item.reason and "\n" not in item.reason and "Traceback" not in item.reason
        return item.reason


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def layout(dataset_id: str) -> CsvLayout:
    found = layout_of(dataset_id)
    assert found is not None
    return found


# layout, header, a good row, column and what is written there, what the sentence must hold
CELLS = [
    ("capacity_share", "year", "1999", ("bad_period", "YYYY")),
    ("capacity_share", "share_pct", "120", ("out_of_range", "between 0 and 100 per cent")),
    ("capacity_share", "share_pct", "-1", ("out_of_range",)),
    ("capacity_share", "share_pct", '"12,5"', ("not_a_number", "12,5", "plain decimal")),
    ("capacity_share", "share_pct", "nan", ("not_a_number",)),
    ("capacity_share", "share_pct", "1e3", ("not_a_number",)),
    ("capacity_share", "kind", "guess", ("unknown_code", "actual or forecast")),
    ("capacity_share", "region", "", ("missing_value", "found nothing")),
    ("capacity_share", "region", "   ", ("blank",)),
    ("announced", "unit", "furlongs", ("unknown_unit", "one of")),
    ("announced", "commodity", "wheat", ("unknown_code", "integrated_circuits, mobile_phones")),
    ("announced", "period", "2024-13", ("bad_period", "YYYY or YYYY-MM")),
    ("announced", "value", "１５９", ("not_a_number",)),
    ("announced", "value", "1594.99\u00a0", ("not_a_number",)),
]


@pytest.mark.parametrize(("dataset_id", "column", "value", "parts"), CELLS)
def test_bad_cell_is_named_by_file_line_column_value_and_expectation(
    bench: Bench, dataset_id: str, column: str, value: str, parts: tuple[str, ...]
) -> None:
    header = SHARE_HEADER if dataset_id == "capacity_share" else ANNOUNCED_HEADER
    good, other = share_rows(2) if dataset_id == "capacity_share" else [GOOD_ANNOUNCED] * 2
    cells = other.split(",")
    cells[header.split(",").index(column)] = value
    bench.put(layout(dataset_id), csv_bytes(header, [good, ",".join(cells)]))
    said = bench.refused(layout(dataset_id))
    shown = value.strip('"') if value else "nothing"
    for part in ("table.csv, line 3", f"column {column}", "expected", *parts):
        assert part in said
    assert shown in said or repr(shown)[1:-1] in said
    assert {(row, name) for row, _, name, _ in bench.quarantine} == {(3, column)}


def test_row_given_twice_is_a_duplicate_key(bench: Bench) -> None:
    bench.put(layout("capacity_share"), csv_bytes(SHARE_HEADER, [*share_rows(3), share_rows(1)[0]]))
    assert "duplicate_key" in bench.refused(layout("capacity_share"))
    assert [row for row, *_ in bench.quarantine] == [2, 5]


GOOD = csv_bytes(SHARE_HEADER, share_rows(20))
FILES = {
    "nothing at all": b"",
    "blank lines": b"\n\n\n",
    "header only": csv_bytes(SHARE_HEADER, []),
    "a column missing": csv_bytes("scope,region,year,share_pct,kind,vintage", ["a,b,2024,1,actual,2024"]),
    "a column too many": csv_bytes(f"{SHARE_HEADER},more", [f"{share_rows(1)[0]},x"]),
    "a column twice": csv_bytes(f"{SHARE_HEADER},year", [f"{share_rows(1)[0]},2024"]),
    "another table": csv_bytes(ANNOUNCED_HEADER, [GOOD_ANNOUNCED]),
    "no header": csv_bytes(share_rows(1)[0], share_rows(5)),
    "10,000 columns": csv_bytes(",".join(f"c{number}" for number in range(10_000)), ["1" + ",1" * 9_999]),
    "a short row": GOOD + b"mature,Short,2024\n",
    "a long row": GOOD + b"mature,Long,2024,1,actual,2024,somewhere,and more\n",
    "bad UTF-8 in a row": GOOD + b"mature,\xff\xfe,2024,1,actual,2024,somewhere\n",
    "bad UTF-8 far down": csv_bytes(SHARE_HEADER, share_rows(900)) + b"mature,\xff,2024,1,actual,2024,x\n",
    "bad UTF-8 in the header": b"sc\xe9pe" + GOOD[5:],
    "UTF-16": GOOD.decode().encode("utf-16"),
    "an open quote": GOOD + b'mature,"Open,2024,1,actual,2024,somewhere\n',
    "a zip archive": b"PK\x03\x04" + random.Random(1).randbytes(5_000),
    "junk": random.Random(2).randbytes(20_000),
    "zero bytes": bytes(10_000),
    "one endless line": b"x" * 3_000_000,
    "an endless row": GOOD + b"mature," + b"x" * 3_000_000 + b",2024,1,actual,2024,somewhere\n",
}


@pytest.mark.parametrize("name", FILES)
def test_bad_file_is_held_back_in_one_sentence(bench: Bench, name: str) -> None:
    bench.put(layout("capacity_share"), FILES[name])
    said = bench.refused(layout("capacity_share"))
    assert len(said) < 2_000, said


def test_bad_file_leaves_the_good_one_before_it(bench: Bench) -> None:
    share = layout("capacity_share")
    path = bench.put(share, GOOD)
    assert [item.status for item in bench.land(share).landed] == ["loaded"]
    path.write_bytes(FILES["a short row"])
    (item,) = bench.land(share).landed
    assert item.status == "held_back" and len(bench.stored) == 20
    path.write_bytes(GOOD)
    assert bench.land(share).held_back == [] and len(bench.stored) == 20


@pytest.mark.parametrize("dataset_id", ["capacity_share", "announced"])
@pytest.mark.parametrize("together", [True, False])
def test_same_bytes_twice_are_loaded_once(bench: Bench, dataset_id: str, together: bool) -> None:
    """With a key (capacity_share) and without one (announced), in one refresh and in two."""
    of = layout(dataset_id)
    content = GOOD if dataset_id == "capacity_share" else csv_bytes(ANNOUNCED_HEADER, [GOOD_ANNOUNCED] * 20)
    bench.put(of, content, "2025-01-31")
    landed = [] if together else [*bench.land(of).landed]
    bench.put(of, content, "2025-02-28")
    landed += bench.land(of).landed
    assert [(item.status, item.rows_loaded, item.rows_set_aside) for item in landed] == [
        ("loaded", 20, 0),
        ("duplicate", 0, 20),
    ]
    assert len(bench.stored) == 20


def test_bad_utf8_is_named_by_its_line(bench: Bench) -> None:
    bench.put(layout("capacity_share"), FILES["bad UTF-8 in a row"])
    assert "line 22" in bench.refused(layout("capacity_share"))


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("mature,Bad,2024,120,actual,2024,somewhere", "out_of_range"),
        ("mature,Bad,2024", "malformed_row"),
        ("mature,Bad,2024,1,actual,2024,somewhere,and more", "malformed_row"),
    ],
)
@pytest.mark.parametrize("line", [2, 2_500, 5_002])
def test_one_bad_row_of_five_thousand_is_quarantined_alone(
    bench: Bench, bad: str, reason: str, line: int
) -> None:
    share = layout("capacity_share")
    rows = share_rows(5_000)
    rows.insert(line - 2, bad)
    bench.put(share, csv_bytes(SHARE_HEADER, rows))
    (item,) = bench.land(share).landed
    assert (item.status, item.rows_read, item.rows_loaded, item.rows_quarantined) == (
        "loaded",
        5_001,
        5_000,
        1,
    )
    assert {(row, code) for row, code, *_ in bench.quarantine} == {(line, reason)}
    # Every other row keeps the number of its line.
    assert [row for (row,) in bench.stored] == [number for number in range(2, 5_003) if number != line]


def test_rows_after_a_cell_of_two_lines_keep_their_line(bench: Bench) -> None:
    share = layout("capacity_share")
    rows = share_rows(3)
    rows[0] = 'mature,"Region\n0",2024,1,actual,2024,somewhere'
    bench.put(share, csv_bytes(SHARE_HEADER, rows))
    bench.land(share)
    assert [row for (row,) in bench.stored] == [2, 4, 5]


EXPRESS_ROW = (
    "2025-04,集成电路,Integrated circuits,亿个,308.77,1116.78911375,1062.92,4051.47228043,885.67,"
    "3531.91396022,20,14.7,2025-05-09.xls,full"
)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("1116.78911375", "-1116.78911375", "column current_amount_100m_cny: out_of_range"),
        ("1116.78911375", "99999999", "column current_amount_100m_cny: out_of_range"),
        ("4051.47228043", "99999999", "column ytd_amount_100m_cny: parts_differ"),
        ("2025-04,", "2099-04,", "column period: after_release"),
    ],
)
def test_row_that_contradicts_itself_is_named(bench: Bench, old: str, new: str, said: str) -> None:
    layout = layout_of("express_cny")
    assert layout is not None
    header = ",".join(item.label for item in layout.fields)
    bench.put(layout, csv_bytes(header, [EXPRESS_ROW]), release="2025-05-09")
    assert [item.status for item in bench.land(layout).landed] == ["loaded"]
    bench.put(layout, csv_bytes(header, [EXPRESS_ROW.replace(old, new, 1)]), release="2025-05-09")
    (item,) = bench.land(layout).landed
    assert item.status == "held_back" and f"line 2, {said}" in item.reason, item.reason


def test_two_articles_cannot_share_a_claim_id(bench: Bench) -> None:
    layout = layout_of("claims")
    assert layout is not None and layout.is_key_global
    for release, words in (("2025-01-30", "A view."), ("2025-01-31", "Another view.")):
        row = f"B-1,B01,,,,,chips,opinion,,,,,,qualitative,,{words},none,opinion,,yes"
        bench.put(layout, csv_bytes(",".join(layout.columns), [row]), release=release)
    one, two = bench.land(layout).landed
    assert (one.status, two.status) == ("loaded", "held_back")
    assert "line 2, column claim_id: duplicate_key: found 'B-1'" in two.reason


CLAIM_ROW = "Z-{n},Z01,,,,,chips,opinion,,,,,,qualitative,,A view.,none,opinion"


def test_drafts_are_set_aside_and_the_rest_lands(bench: Bench) -> None:
    """Rows without a person's yes are counted and kept out, whatever else is wrong with them."""
    layout = layout_of("claims")
    assert layout is not None
    header = ",".join(name for name in layout.columns if name != "span")
    rows = [
        f"{CLAIM_ROW.format(n=1)},yes",
        f"{CLAIM_ROW.format(n=2)},no",
        "Z-3" + "," * 18,
        "Z-4,?,no" + "," * 15 + ",no",
    ]
    bench.put(layout, csv_bytes(header, rows))
    (item,) = bench.land(layout).landed
    assert (item.status, item.rows_read, item.rows_loaded, item.rows_set_aside) == ("loaded", 4, 1, 3), (
        item.reason
    )
    assert bench.stored == [(2,)]
    # A file by hand has no such column, and all its rows are claims; a word that is neither is refused.
    by_hand = ",".join(name for name in layout.columns if name not in ("span", "confirmed"))
    bench.put(layout, csv_bytes(by_hand, [CLAIM_ROW.format(n=1), CLAIM_ROW.format(n=2)]))
    assert bench.land(layout).landed[0].rows_loaded == 2
    bench.put(layout, csv_bytes(header, [f"{CLAIM_ROW.format(n=1)},maybe"]))
    assert "column confirmed: unknown_code: found 'maybe'" in bench.land(layout).landed[0].reason


def test_a_ledger_from_before_a_column_gains_it(bench: Bench) -> None:
    layout = layout_of("claims")
    assert layout is not None
    by_hand = ",".join(name for name in layout.columns if name not in ("span", "confirmed"))
    bench.put(layout, csv_bytes(by_hand, [CLAIM_ROW.format(n=1)]))
    bench.land(layout)
    with open_ledger(bench.settings) as connection:
        connection.execute("alter table raw.article_claim drop column confirmed")
        connection.execute("update raw.snapshot set layout_hash = 'older'")
    assert [item.status for item in bench.land(layout).landed] == ["loaded"]
    assert bench.stored == [(2,)]


def test_customs_files_are_read_again_when_a_code_list_changes(bench: Bench) -> None:
    """Rows quarantined for a code that was unknown come in once the code is known, without --force."""
    layout = customs_layout_of("baci")
    codes = layout_of("economy_codes")
    assert layout is not None and codes is not None
    header = ",".join(codes.columns)
    hashes = []
    for row in ("iso2,CN,CHN,", "iso2,KR,KOR,"):
        bench.put(codes, csv_bytes(header, [row]))
        bench.land(codes)
        with open_ledger(bench.settings) as connection:
            hashes.append(customs._with_codes(connection, customs.book_of(layout)).layout_hash)
    assert hashes[0] != hashes[1]
