"""Which release speaks, with what a file was asked for: random releases against a model in plain Python.

The files are made up, and written in the layouts of UN Comtrade and of China's query page. Belongs here:
supersession, withdrawals and revisions whatever the order in which files arrive, twice, and in halves.
"""

from __future__ import annotations

import datetime as dt
import random
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from model_sql import Models
from releases import Desk, described

sys.path.insert(0, str(Path(__file__).parent / "sources"))
from writers_comtrade import bulk_name, record, write_api, write_bulk, write_portal
from writers_gacc import QUERY_HEADER, query_csv

from orchestration.fetch import comtrade
from orchestration.fetch.question import Fetched
from orchestration.fetch.store import store
from orchestration.scope import Scope
from orchestration.sources.release import scan
from orchestration.warehouse.ledger import open_ledger

# reporter, flow, period, partner, code: all in the source's own codes.
Key = tuple[str, str, str, str, str]
Rows = dict[Key, int]
ISO3 = {"352": "ISL", "470": "MLT", "842": "USA", "410": "KOR", "392": "JPN", "0": "WLD"}
CHINA = {"CHN": "CHN", "502": "USA", "116": "JPN", "133": "KOR"}
CODES = ("8542", "854231", "854232", "854233", "854239")
NATIONAL = ("85423111", "85423119", "85423210")
FOUR = CODES[1:]
MARTS = (
    "fct_trade_flow",
    "fct_trade_flow_release",
    "fct_revision",
    "fct_printed_figure",
    "fct_product_flow_release",
    "fct_trade_growth_yearly",
    "fct_trade_share_yearly",
)


@dataclass(frozen=True)
class File:
    """release: folder name; currency: USD, CNY; asked: the parts of its question, None where not recorded."""

    source: str
    release: str
    is_bulk: bool
    currency: str
    rows: Rows
    asked: dict[str, tuple[str, ...]] | None

    def covers(self, key: Key) -> bool:
        reporter, _, period, partner, code = key
        if self.is_bulk:
            return any((reporter, period) == (mine[0], mine[2]) for mine in self.rows)
        if self.asked is None:
            beside = [mine for mine in self.rows if mine[:3] == key[:3]]
            return partner in {mine[3] for mine in beside} and code in {mine[4] for mine in beside}
        parts = zip(("reporters", "flows", "periods", "partners", "codes"), key, strict=True)
        return all(_is_asked(self.asked[part], value) for part, value in parts)


def _is_asked(given: tuple[str, ...], value: str) -> bool:
    return given == ("all",) or any(
        value.startswith(item[:-1]) if item.endswith("*") else value == item for item in given
    )


def releases_of(seed: int) -> list[File]:
    """Releases of two sources in the order of their days; several may share one."""
    dice = random.Random(seed)
    days = sorted(dice.choices(range(1, 29), k=9))
    files: list[File] = []
    for number, day in enumerate(days):
        name = f"2025-03-{day:02d}"
        same = sum(file.release.startswith(name) for file in files)
        release = f"{name}-{same + 1:02d}" if same else name
        kind = dice.choice(("bulk", "extract", "asked", "asked", "query", "asked query", "again", "again"))
        if kind == "again" and (older := _answered_since(files)):
            files.append(replace(dice.choice(older), release=release))
        else:
            files.append(_file(dice, release, "bulk" if kind == "again" or number == 0 else kind))
    return files


def _answered_since(files: list[File]) -> list[File]:
    """Files after whose last print their source released another: their very bytes may come again."""
    last = {tuple(file.rows.items()): number for number, file in enumerate(files)}
    return [
        files[number]
        for rows, number in last.items()
        if any(other.source == files[number].source for other in files[number + 1 :])
    ]


def _some(dice: random.Random, values: Iterable[str]) -> tuple[str, ...]:
    held = list(values)
    return tuple(sorted(dice.sample(held, dice.randint(1, len(held)))))


def _file(dice: random.Random, release: str, kind: str) -> File:
    is_query = kind.endswith("query")
    economies = CHINA if is_query else ISO3
    parts = {
        "reporters": ("CHN",) if is_query else _some(dice, ("352", "470")),
        "flows": ("X",) if is_query else _some(dice, ("X", "M")),
        "periods": _some(dice, ("202401", "202402") if is_query else ("2020", "2021")),
        "partners": _some(dice, [code for code in economies if code not in ("CHN", "352", "470")]),
        "codes": _some(dice, NATIONAL if is_query else CODES),
    }
    if kind == "bulk":
        parts |= {"reporters": (dice.choice(("352", "470")),), "periods": (dice.choice(("2020", "2021")),)}
        parts |= {"flows": ("M", "X"), "partners": ("0", "410", "842"), "codes": CODES}
    keys: list[Key] = [
        (reporter, flow, period, partner, code)
        for reporter in parts["reporters"]
        for flow in parts["flows"]
        for period in parts["periods"]
        for partner in parts["partners"]
        for code in parts["codes"]
    ]
    kept = [key for key in keys if dice.random() < 0.7] or keys[:1]
    # A heading and the world are far above their parts: no file contradicts itself.
    rows = {
        key: dice.randint(1, 9) * 10 ** (2 + 3 * (key[3] == "0") + 2 * (key[4] == "8542"))
        + dice.randint(0, 9)
        for key in kept
    }
    if dice.random() < 0.3:
        parts["partners"] = ("all",)
    if dice.random() < 0.5:
        parts["codes"] = ("854231*", "85423210") if is_query else dice.choice((("all",), ("85423*", "8542")))
    return File(
        "gacc" if is_query else "comtrade",
        release,
        kind == "bulk",
        dice.choice(("USD", "CNY")) if is_query else "USD",
        rows,
        parts if kind.startswith("asked") else None,
    )


def put(desk: Desk, file: File, name: str, rows: Rows) -> None:
    """Writes rows of a file in its layout; name without its ending."""
    folder = desk.release(f"{file.source}/{file.release}")
    if file.source == "gacc":
        header = [*QUERY_HEADER[:-1], {"CNY": "人民币", "USD": "美元"}[file.currency]]
        table = [
            [period, partner, "x", code, "x", "50", "个", "0", "?", f"{value:,}"]
            for (_, _, period, partner, code), value in rows.items()
        ]
        (folder / f"{name}_exports.csv").write_bytes(query_csv(table, header))
        described(folder, f"{name}_exports.csv", "gacc_query", file.asked)
        return
    records = [
        record(
            reporterCode=reporter, reporterISO=ISO3[reporter], reporterDesc=ISO3[reporter], flowCode=flow,
            period=period, refYear=period, partnerCode=partner, partnerISO=ISO3[partner], partnerDesc="",
            classificationCode="H5", cmdCode=code, aggrLevel=str(len(code)), primaryValue=str(value),
        )
        for (reporter, flow, period, partner, code), value in rows.items()
    ]  # fmt: skip
    if file.is_bulk:
        reporter, _, period, *_ = next(iter(rows))
        write_bulk(folder / bulk_name(reporter, period, "H5", file.release[:10]), records)
        return
    write_portal(folder / f"{name}.csv", records)
    described(folder, f"{name}.csv", "comtrade_portal", file.asked)


# source, reporter, flow, last day of the period, currency, partner, code.
Place = tuple[str, str, str, dt.date, str, str, str]


def place_of(file: File, key: Key) -> Place:
    reporter, flow, period, partner, code = key
    names = CHINA if file.source == "gacc" else ISO3
    year, month = int(period[:4]), int(period[4:] or 12)
    end = dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)
    return file.source, names[reporter], flow, end, file.currency, names[partner], code


def day_of(release: str) -> dt.date:
    return dt.date.fromisoformat(release.split("/")[-1][:10])


@dataclass
class Told:
    """What the releases up to one say: the flows held, and every print and withdrawal of each, in order."""

    held: dict[Place, tuple[str, int]]
    prints: dict[Place, list[tuple[str, int | None]]]


def told_by(files: list[File], day: dt.date = dt.date.max) -> Told:
    told = Told({}, {})
    keys: dict[Place, Key] = {}
    for file in files:
        if day_of(file.release) > day:
            break
        release = f"{file.source}/{file.release}"
        rows = {place_of(file, key): value for key, value in file.rows.items()}
        keys |= {place_of(file, key): key for key in file.rows}
        for place in list(told.held):
            is_same_money = place[0] == file.source and place[4] == file.currency
            if is_same_money and file.covers(keys[place]):
                del told.held[place]
                if place not in rows:
                    told.prints[place].append((release, None))
        for place, value in rows.items():
            told.held[place] = (release, value)
            told.prints.setdefault(place, []).append((release, value))
    return told


IDENTITY = "source_id, reporter_iso3, flow, period_end_date, partner_iso3, hs_code"


def by_flow(held: dict[Place, tuple[str, int]]) -> dict[tuple[Any, ...], tuple[int | None, int | None]]:
    """Currencies side by side: (value in dollars, in yuan) of each flow."""
    flows: dict[tuple[Any, ...], dict[str, int]] = {}
    for (*first, currency, partner, code), (_, value) in held.items():
        flows.setdefault((*first, partner, code), {})[currency] = value
    return {flow: (values.get("USD"), values.get("CNY")) for flow, values in flows.items()}


def values_of(connection: duckdb.DuckDBPyConnection, table: str) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    rows = connection.execute(f"select {IDENTITY}, value_usd, value_cny from {table}").fetchall()
    found = {tuple(row[:6]): (_whole(row[6]), _whole(row[7])) for row in rows}
    assert len(found) == len(rows), f"{table}: a flow twice"
    return found


def _whole(value: Decimal | None) -> int | None:
    assert value is None or value == int(value)
    return None if value is None else int(value)


def check(connection: duckdb.DuckDBPyConnection, files: list[File]) -> None:
    told = told_by(files)
    assert values_of(connection, "marts.fct_trade_flow") == by_flow(told.held)
    for day in sorted({day_of(file.release) for file in files}):
        for shown in (day - dt.timedelta(days=1), day):
            known = by_flow(told_by(files, shown).held)
            assert values_of(connection, f"marts.trade_flow_as_of(date '{shown}')") == known, shown
            _check_growth(connection, f"marts.trade_growth_yearly_as_of(date '{shown}')", known)
            _check_shares(connection, f"marts.trade_share_yearly_as_of(date '{shown}')", known)
    latest = by_flow(told.held)
    _check_growth(
        connection, "(select * from marts.fct_trade_growth_yearly where vintage = 'latest')", latest
    )
    _check_shares(connection, "marts.fct_trade_share_yearly", latest)
    _check_prints(connection, told)
    _check_revisions(connection, told)


# reporter, flow, partner, year -> which codes, and their sum: the heading, or all four of its sub-headings.
Circuits = dict[tuple[str, str, str, int], tuple[str, int]]


def circuits_of(known: dict[tuple[Any, ...], tuple[int | None, int | None]]) -> Circuits:
    held: dict[tuple[str, str, str, int], dict[str, int]] = {}
    for (source, reporter, flow, end, partner, code), (dollars, _) in known.items():
        if source == "comtrade" and dollars is not None:
            held.setdefault((reporter, flow, partner, end.year), {})[code] = dollars
    found: Circuits = {}
    for key, codes in held.items():
        if CODES[0] in codes:
            found[key] = ("HS 8542", codes[CODES[0]])
        elif all(code in codes for code in FOUR):
            found[key] = ("HS 854231+32+33+39", sum(codes[code] for code in FOUR))
    return found


def _check_growth(connection: duckdb.DuckDBPyConnection, table: str, known: Any) -> None:
    totals = circuits_of(known)
    expected = {}
    for (reporter, flow, partner, year), (scope, value) in totals.items():
        base_scope, base = totals.get((reporter, flow, partner, year - 1), (None, None))
        status = "no_base" if base is None else "ok" if scope == base_scope else "scope_changed"
        growth = Fraction(value - base, base) * 100 if status == "ok" and base else None
        expected[reporter, flow, partner, year] = (scope, value, status, growth)
    rows = connection.execute(
        "select reporter_iso3, flow, partner_iso3, year, product_scope, value, growth_status, growth_yoy_pct "
        f"from {table} where source_id = 'comtrade' and basis = 'usd' and value is not null"
    ).fetchall()
    assert {tuple(row[:4]): (row[4], _whole(row[5]), row[6]) for row in rows} == {
        key: values[:3] for key, values in expected.items()
    }
    for row in rows:
        growth = expected[tuple(row[:4])][3]
        assert row[7] == (None if growth is None else pytest.approx(float(growth), rel=1e-12))


def _check_shares(connection: duckdb.DuckDBPyConnection, table: str, known: Any) -> None:
    """Of the sum of the reporters that report the same codes to the world."""
    world = {key: values for key, values in circuits_of(known).items() if key[2] == "WLD"}
    rows = connection.execute(
        "select reporter_iso3, flow, year, value_usd, world_value_usd, share_pct, reporters_in_world, "
        f"share_status from {table} where source_id = 'comtrade' and value_usd is not null"
    ).fetchall()
    assert {(row[0], row[1], "WLD", row[2]): _whole(row[3]) for row in rows} == {
        key: value for key, (_, value) in world.items()
    }
    for reporter, flow, year, value, total, share, reporters, status in rows:
        if status != "ok":
            assert share is None
            continue
        scope = world[reporter, flow, "WLD", year][0]
        members = [
            other for key, (codes, other) in world.items() if (key[1], key[3], codes) == (flow, year, scope)
        ]
        assert (_whole(total), reporters) == (sum(members), len(members))
        assert share == pytest.approx(float(Fraction(int(value), sum(members)) * 100), rel=1e-12)


def _check_prints(connection: duckdb.DuckDBPyConnection, told: Told) -> None:
    """Every release has its rows, and a deletion of each flow that it left out in all currencies."""
    expected: dict[tuple[Any, ...], list[int | None]] = {}
    for (*first, currency, partner, code), prints in told.prints.items():
        for release, value in prints:
            if value is not None:
                row = expected.setdefault((*first, partner, code, release), [None, None])
                row[currency == "CNY"] = value
    rows = connection.execute(
        f"select {IDENTITY}, release_id, value_usd, value_cny from marts.fct_trade_flow_release "
        "where not is_deleted"
    ).fetchall()
    assert len(rows) == len(expected)
    assert {tuple(row[:7]): [_whole(row[7]), _whole(row[8])] for row in rows} == expected
    # Comtrade has one currency: a withdrawal is a deletion, the latest word unless it is printed again.
    deleted = {
        (*place[:4], *place[5:], release, number == len(prints) - 1)
        for place, prints in told.prints.items()
        if place[0] == "comtrade"
        for number, (release, value) in enumerate(prints)
        if value is None
    }
    rows = connection.execute(
        f"select {IDENTITY}, release_id, is_latest from marts.fct_trade_flow_release "
        "where is_deleted and source_id = 'comtrade'"
    ).fetchall()
    assert len(rows) == len(deleted) and set(rows) == deleted


def _check_revisions(connection: duckdb.DuckDBPyConnection, told: Told) -> None:
    """First print, size, direction and age of each; flows that one release alone speaks of may be missing."""
    expected = {}
    for place, prints in told.prints.items():
        first = prints[0][1]
        assert first is not None
        for number, (release, value) in enumerate(prints):
            size = None if value is None else (value > first) - (value < first)
            direction = "withdrawn" if size is None else ("unchanged", "up", "down")[size]
            age = (day_of(release) - day_of(prints[0][0])).days
            key = (*place[:4], place[4].lower(), *place[5:], release)
            expected[key] = (number + 1, first, value, direction, age)
    rows = connection.execute(
        "select source_id, reporter_iso3, flow, period_end_date, basis, partner_iso3, hs_code, release_id, "
        "print_order, first_value, value, direction, age_days from marts.fct_revision "
        "where hs_code is not null"
    ).fetchall()
    found = {tuple(row[:8]): (row[8], _whole(row[9]), _whole(row[10]), row[11], row[12]) for row in rows}
    assert len(found) == len(rows)
    alone = {
        key for key, (_, _, _, direction, age) in expected.items() if age == 0 and direction == "unchanged"
    }
    missing = expected.keys() - found.keys()
    again = {key[:7] for key in expected if expected[key][0] > 1}
    assert missing <= alone and not {key[:7] for key in missing} & again
    assert found == {key: expected[key] for key in found}


def halves(rows: Rows) -> tuple[Rows, Rows]:
    listed = list(rows.items())
    return dict(listed[: len(listed) // 2]), dict(listed[len(listed) // 2 :])


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, models: Models) -> Desk:
    """A desk whose reference tables are landed, to be copied."""
    desk = Desk.at(tmp_path_factory.mktemp("empty"), models)
    assert desk.land() == []
    return desk


def try_seed(seed: int, folder: Path, empty: Desk) -> None:
    files = releases_of(seed)
    at_once = empty.copy(folder / "once")
    for file in files:
        put(at_once, file, "all", file.rows)
    assert at_once.land() == []
    with at_once.built(*MARTS) as connection:
        check(connection, files)
    # In another order, in two landings; what has its question in halves, the same bytes twice.
    late = empty.copy(folder / "late")
    for number, file in enumerate(random.Random(seed).sample(files, len(files))):
        parts = halves(file.rows) if file.asked and len(file.rows) > 1 else (file.rows,)
        for name, rows in zip("ba", parts, strict=False):
            put(late, file, name, rows)
            if number % 3 == 0 and not file.is_bulk:
                put(late, file, f"{name}_again", rows)
        if number == len(files) // 2:
            assert late.land() == []
    assert late.land() == []
    with late.built(*MARTS) as connection:
        check(connection, files)


def test_a_partner_that_a_fetched_answer_no_longer_has_is_withdrawn(tmp_path: Path, empty: Desk) -> None:
    """As `chipledger fetch` stores it: the second answer to one question is without the USA, and without
    Korea in 2021; the question of a person's file is changed afterwards."""
    desk = empty.copy(tmp_path / "fetched")
    call = comtrade.Call(("2020", "2021"), ("352",), ("8542",), ("X",), ("842", "410"), False)
    for month, kept in ((1, {"842", "410"}), (2, {"410"})):
        path = write_api(
            tmp_path / "answer.json",
            [
                iceland(year, partner, 100 + month)
                for year in ("2020", "2021")
                for partner in sorted(kept)
                if (month, year) != (2, "2021")
            ],
        )
        day = dt.date(2025, month, 10)
        store(desk.settings.raw_root, comtrade.SOURCE, day, [Fetched(path, day, "u", asked=call.asked)])
    by_hand = desk.release("comtrade/2025-03-10")
    write_portal(by_hand / "hand.csv", [iceland("2020", "392", 7)])
    described(by_hand, "hand.csv", "comtrade_portal", None)
    shown = (
        "select year, partner_iso3, value_usd::bigint from marts.fct_trade_flow "
        "where reporter_iso3 = 'ISL' order by all"
    )
    assert desk.land() == []
    with desk.built("fct_trade_flow") as connection:
        assert connection.execute(shown).fetchall() == [(2020, "JPN", 7), (2020, "KOR", 102)]
    described(by_hand, "hand.csv", "comtrade_portal", {"partners": "all", "codes": ["8542"]})
    assert desk.land() == []
    with desk.built("fct_trade_flow") as connection:
        assert connection.execute(shown).fetchall() == [(2020, "JPN", 7)]
    described(by_hand, "hand.csv", "comtrade_portal", {"partners": ["842", "KOR"]})
    assert desk.land() == [
        "customs/comtrade/2025-03-10/hand.csv, line 2: it holds JPN, which is not among asked.partners "
        "of its source.yml; correct asked.partners, or leave it out"
    ]


def iceland(year: str, partner: str, value: int) -> dict[str, str]:
    return record(
        reporterCode="352", reporterISO="ISL", reporterDesc="Iceland", period=year, refYear=year,
        partnerCode=partner, partnerISO=ISO3[partner], partnerDesc="", classificationCode="H5",
        cmdCode="8542", aggrLevel="4", primaryValue=str(value),
    )  # fmt: skip


def test_a_flow_whose_new_row_is_quarantined_is_not_taken_back(tmp_path: Path, empty: Desk) -> None:
    """Of the second file, Korea's row stands twice with two values, and Japan's is gone."""
    desk = empty.copy(tmp_path)
    first, second = ("2026-01-10", (("842", 10**9), ("410", 5), ("392", 7))), (
        "2026-02-10", (("842", 10**9), ("410", 5), ("410", 6)),
    )  # fmt: skip
    for day, values in (first, second):
        records = [
            record(
                reporterCode="352", reporterISO="ISL", period="2023", refYear="2023", partnerCode=partner,
                partnerISO=ISO3[partner], classificationCode="H5", cmdCode="854231", primaryValue=str(value),
            )
            for partner, value in values
        ]  # fmt: skip
        write_bulk(desk.release(f"comtrade/{day}") / bulk_name("352", "2023", "H5", day), records)
    assert desk.land() == []
    with desk.built("fct_trade_flow", "fct_trade_flow_release") as connection:
        latest = connection.execute("select partner_iso3, value_usd from marts.fct_trade_flow").fetchall()
        deleted = connection.execute(
            "select partner_iso3, released_at from marts.fct_trade_flow_release where is_deleted"
        ).fetchall()
    assert latest == [("USA", 10**9)]
    assert deleted == [("JPN", dt.date(2026, 2, 10))]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ([], "asked is []; expected a map with some of reporters, periods, flows, codes, partners"),
        ({"code": ["8542"]}, "asked has 'code'; expected some of reporters, periods, flows, codes, partners"),
        ({"codes": [8542]}, "asked.codes holds [8542]; put codes into quotes, such as '8542'"),
        ({"codes": ["85%"]}, "asked.codes holds '85%'; expected codes such as 8542, 8542* or ??????, or all"),
        ({"periods": "2023-13"}, "asked.periods holds '2023-13'; expected years such as 2023 and months"),
        ({"flows": ["E"]}, "asked.flows holds 'E'; expected some of X, M, RX, RM"),
        ({"partners": {}}, "asked.partners is {}; expected a list of codes of the source"),
    ],
)
def test_a_wrong_question_is_said_in_one_sentence(tmp_path: Path, asked: Any, said: str) -> None:
    release = tmp_path / "customs" / "comtrade" / "2025-03-10"
    release.mkdir(parents=True)
    write_portal(release / "hand.csv", [iceland("2020", "842", 7)])
    described(release, "hand.csv", "comtrade_portal", {"codes": ["8542"]})
    source = release / "source.yml"
    facts = yaml.safe_load(source.read_text(encoding="utf-8"))
    facts["files"]["hand.csv"]["asked"] = asked
    source.write_text(yaml.safe_dump(facts), encoding="utf-8")
    (refusal,) = scan(tmp_path).refusals
    assert refusal.message.startswith(f"customs/comtrade/2025-03-10/source.yml: hand.csv: {said}")


def counted(desk: Desk) -> dict[str, str]:
    """Release/file -> release that its rows are of, and what became of the file."""
    with open_ledger(desk.settings) as connection:
        rows = connection.execute(
            "select parse_path(path)[3] || '/' || parse_path(path)[4], "
            "if(status = 'loaded' and contains(snapshot_id, '@'), 'loaded again', status) "
            "from raw.snapshot where source_id = 'comtrade' order by all"
        ).fetchall()
    return dict(rows)


def say(desk: Desk, day: str, *values: int, **source: str) -> None:
    """A release of that day with a file of each value: a.csv, b.csv, ..."""
    folder = desk.release(f"comtrade/{day}")
    for name, value in zip("abc", values, strict=False):
        write_portal(folder / f"{name}.csv", [iceland("2020", "842", value)])
        described(folder, f"{name}.csv", "comtrade_portal", None)
    if source:
        path = folder / "source.yml"
        facts = yaml.safe_load(path.read_text(encoding="utf-8"))
        facts["files"]["a.csv"] |= source
        path.write_text(yaml.safe_dump(facts), encoding="utf-8")


def test_bytes_belong_to_the_first_release_of_them_whatever_came_first(tmp_path: Path, empty: Desk) -> None:
    desk = empty.copy(tmp_path)
    say(desk, "2024-03-10", 7)
    assert desk.land() == []
    say(desk, "2024-01-10", 7)
    assert desk.land() == []
    assert counted(desk) == {"2024-01-10/a.csv": "loaded", "2024-03-10/a.csv": "duplicate"}
    # What comes in between makes the later one count again, also where only that folder is taken in.
    say(desk, "2024-02-10", 8)
    assert desk.land(Scope(release="customs/comtrade/2024-02-10")) == []
    assert counted(desk) == {
        "2024-01-10/a.csv": "loaded", "2024-02-10/a.csv": "loaded", "2024-03-10/a.csv": "loaded again",
    }  # fmt: skip
    # Nothing counts that is not taken in yet.
    shutil.rmtree(desk.release("comtrade/2024-02-10"))
    say(desk, "2024-04-10", 9)
    assert desk.land(Scope(release="customs/comtrade/2024-02-10")) == []
    assert counted(desk) == {"2024-01-10/a.csv": "loaded", "2024-03-10/a.csv": "duplicate"}


def test_a_release_whose_files_are_all_held_says_nothing_new(tmp_path: Path, empty: Desk) -> None:
    desk = empty.copy(tmp_path)
    say(desk, "2024-01-10", 7, 8)
    say(desk, "2024-02-10", 7, 8)
    assert desk.land() == []
    first = {"2024-01-10/a.csv": "loaded", "2024-01-10/b.csv": "loaded"}
    assert counted(desk) == first | {"2024-02-10/a.csv": "duplicate", "2024-02-10/b.csv": "duplicate"}
    # With one more beside them they do: which of two files of one release speaks, their content decides.
    say(desk, "2024-02-10", 7, 8, 9)
    assert desk.land() == []
    assert {file: fate for file, fate in counted(desk).items() if file not in first} == {
        "2024-02-10/a.csv": "loaded again", "2024-02-10/b.csv": "loaded again", "2024-02-10/c.csv": "loaded",
    }  # fmt: skip


def test_a_copy_counts_where_the_first_file_is_held_back(tmp_path: Path, empty: Desk) -> None:
    """What is wrong with the first is its source.yml, not its bytes."""
    desk = empty.copy(tmp_path)
    say(desk, "2024-01-10", 7, sha256="0" * 64)
    say(desk, "2024-02-10", 7, sha256="0" * 64)
    say(desk, "2024-03-10", 7)
    (reason, _) = desk.land()
    assert reason.startswith("customs/comtrade/2024-01-10/a.csv: its bytes are not those that source.yml")
    assert counted(desk)["2024-03-10/a.csv"].startswith("loaded")


@pytest.mark.parametrize("seed", range(1))
def test_random_releases_say_what_the_model_says(seed: int, tmp_path: Path, empty: Desk) -> None:
    try_seed(seed, tmp_path, empty)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 40))
def test_more_random_releases_say_what_the_model_says(seed: int, tmp_path: Path, empty: Desk) -> None:
    try_seed(seed, tmp_path, empty)
