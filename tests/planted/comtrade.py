"""Cases in the layouts of UN Comtrade and BACI."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import writers_comtrade as writers
from writers_asia import csv_bytes

from orchestration.sources._comtrade import PORTAL_COLUMNS
from orchestration.sources.comtrade_extract import EXTRACT_COLUMNS

from .case import Case, Form, Rows
from .common import cut_in_last_value, of_bytes, of_rows, through, undecodable, with_extra

PARTNERS = ("842", "490", "410", "276")
PRODUCTS = ("854231", "854232")


@dataclass(frozen=True)
class Names:
    """The columns that errors are planted in, as a layout calls them."""

    period: str = "period"
    partner: str = "partnerCode"
    value: str = "primaryValue"
    unit: str = "qtyUnitCode"
    partner2: str = "partner2Code"
    transport: str = "motCode"
    procedure: str = "customsCode"


LEGACY = Names(
    "Period", "Partner Code", "Trade Value (US$)", "Qty Unit Code", "2nd Partner Code",
    "Mode of Transport Code", "Customs Proc. Code",
)  # fmt: skip


def cases(seed: int) -> dict[str, list[Case]]:
    """Layout -> its clean files, then those with errors."""
    records = _records(seed)
    portal, api, bulk, legacy = _portal(records), _api(records), _bulk(records), _legacy(records)
    frame = _rows([*PORTAL_COLUMNS], records)
    pandas = Form(
        "comtrade_portal", portal.name, frame, lambda rows: _frame(rows, writers.write_pandas),
        len(records), "pandas",
    )  # fmt: skip
    return {
        "comtrade_portal": [portal.clean(), pandas.clean(), *_portal_cases(portal, records, seed)],
        "comtrade_api": [api.clean(), *_family(api, Names(), seed), undecodable(api, b"processors")],
        "comtrade_bulk": [bulk.clean(), *_family(bulk, Names(), seed), undecodable(bulk, b"\tC00")],
        "comtrade_legacy": [
            legacy.clean(), *_family(legacy, LEGACY, seed), undecodable(legacy, b"processors", b"\x81")
        ],
        "hs_annual": list(_extract_cases(records, seed)),
        "baci": list(_baci_cases(seed)),
    }  # fmt: skip


def _records(seed: int) -> list[writers.Record]:
    """Exports of China in 2022: per product the World, then partners that sum up to it."""
    chance = random.Random(seed)
    made = []
    for product in PRODUCTS:
        values = [chance.randrange(10**6, 10**8) for _ in PARTNERS]
        for partner, value in zip(("0", *PARTNERS), (sum(values), *values), strict=True):
            made.append(
                writers.record(
                    partnerCode=partner, cmdCode=product, primaryValue=f"{value}.5" if partner != "0"
                    else f"{value + len(values) // 2}.0", qty=str(value // 7), netWgt=f"{value // 90}.25",
                    altQty=f"{value // 90}.25",
                )
            )  # fmt: skip
    return made


def _rows(columns: list[str], records: list[writers.Record]) -> Rows:
    return [columns, *([item.get(name, "") for name in columns] for item in records)]


def _dicts(rows: Rows, columns: tuple[str, ...]) -> list[Mapping[str, str]]:
    return [dict(zip(columns, row, strict=False)) for row in rows[1:]]


def _portal(records: list[writers.Record]) -> Form:
    def write(rows: Rows) -> bytes:
        content = through(lambda path: writers.write_portal(path, _dicts(rows, PORTAL_COLUMNS)))
        return with_extra(content, rows, len(PORTAL_COLUMNS))

    rows = _rows([*PORTAL_COLUMNS], records)
    return Form("comtrade_portal", "TradeData_8_14_2025_10_00_00.csv", rows, write, len(records))


def _frame(rows: Rows, write: object) -> bytes:
    assert callable(write)
    return through(lambda path: write(path, _dicts(rows, PORTAL_COLUMNS)))


def _api(records: list[writers.Record]) -> Form:
    def write(rows: Rows) -> bytes:
        content = through(lambda path: writers.write_api(path, _dicts(rows, PORTAL_COLUMNS)))
        if len(rows[0]) <= len(PORTAL_COLUMNS):
            return content
        answer = json.loads(content)
        for item in answer["data"]:
            item.update(dict.fromkeys(rows[0][len(PORTAL_COLUMNS) :], 1))
        return json.dumps(answer).encode()

    rows = _rows([*PORTAL_COLUMNS], records)
    return Form("comtrade_api", "comtrade_156_2022.json", rows, write, len(records))


def _bulk(records: list[writers.Record]) -> Form:
    def write(rows: Rows) -> bytes:
        width = len(writers.BULK_COLUMNS)
        content = through(lambda path: writers.write_bulk(path, _dicts(rows, writers.BULK_COLUMNS)))
        text = with_extra(gzip.decompress(content), rows, width, "\t")
        return gzip.compress(text, mtime=0)

    rows = _rows([*writers.BULK_COLUMNS], records)
    return Form("comtrade_bulk", writers.bulk_name("156", "2022"), rows, write, len(records))


def _legacy(records: list[writers.Record]) -> Form:
    content = through(lambda path: writers.write_legacy(path, records))
    rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    return Form("comtrade_legacy", "comtrade.csv", rows, _write_legacy, len(records))


def _write_legacy(rows: Rows) -> bytes:
    return csv_bytes(rows[0], rows[1:], "utf-8")


def _extract_cases(records: list[writers.Record], seed: int) -> Iterator[Case]:
    rows = _rows([*EXTRACT_COLUMNS], records)
    form = Form("hs_annual", "hs8542.csv", rows, _write_legacy, len(records))
    yield form.clean()
    yield from _family(form, replace(Names(), unit=""), seed)
    yield undecodable(form, b"C00")


def _portal_cases(form: Form, records: list[writers.Record], seed: int) -> Iterator[Case]:
    yield from _family(form, Names(), seed)
    yield undecodable(form, b"processors", b"\x81")
    for index in (False, True):
        moved = through(lambda path, index=index: writers.write_shifted(path, records, index=index))
        yield form.damaged("column shift", moved, "saved by pandas" + (" with its index" if index else ""))


def _family(form: Form, names: Names, seed: int) -> Iterator[Case]:
    yield from of_rows(form)
    yield from of_bytes(form, seed)
    yield from _breakdowns(form, names)
    yield form.case("unmapped partner", form.changed(3, **{names.partner: "777"}))
    if names.unit:
        yield form.case("unit switch", form.changed(3, **{names.unit: "8"}), "items to kg in one record")
    yield form.case("ROC year as western year", form.all_changed(names.period, "111"))
    place = form.rows[0].index(names.value)
    slipped, world = float(form.rows[3][place]) * 1000, float(form.rows[1][place]) / 1000
    for number, value, what in (
        (3, f"{slipped:.1f}", "a partner"),
        (1, f"{world:.4f}", "the World in thousands"),
    ):
        rows = list(form.rows)
        rows[number] = _valued(rows[number], place, value)
        yield form.case("scale slip", rows, what)
    if "grossWgt" in form.rows[0]:
        # The end of each record stands one column to the left: its value is the flag behind it.
        lost = form.rows[0].index("grossWgt")
        moved = [form.rows[0], *([*row[:lost], *row[lost + 1 :], ""] for row in form.rows[1:])]
        yield form.case("column shift", moved, "from the gross weight on")
    later = form
    if form.layout_id == "comtrade_bulk":
        later = replace(form, name=writers.bulk_name("156", "2025", released="2025-08-14"))
    yield later.case("partial year as a year", later.all_changed(names.period, "2025"))


def _valued(record: Sequence[str], place: int, value: str) -> list[str]:
    """The record with another value; CIF or FOB, which it is the same as, goes with it."""
    return [value if text == record[place] else text for text in record]


def _breakdowns(form: Form, names: Names) -> Iterator[Case]:
    """A record is followed by parts that sum up to it again."""
    for what, column, codes in (
        ("second partner", names.partner2, ("490", "344")),
        ("transport", names.transport, ("1000", "2100")),
        ("procedure", names.procedure, ("C01", "C04")),
    ):
        rows = [list(row) for row in form.rows]
        where, value = rows[0].index(column), rows[0].index(names.value)
        for record in form.rows[1:]:
            for code in codes:
                part = _valued(record, value, f"{float(record[value]) / 2:.4f}")
                part[where] = code
                rows.append(part)
        yield form.case("doubled breakdown rows", rows, what)


def _baci_cases(seed: int) -> Iterator[Case]:
    chance = random.Random(seed)
    rows = [["t", "i", "j", "k", "v", "q"]]
    for partner in PARTNERS:
        for product in PRODUCTS:
            value = chance.randrange(10**4, 10**6)
            rows.append(["2022", "156", partner, product, f"{value}.125", f"{value // 90}.0625"])

    def write(given: Rows) -> bytes:
        content = through(lambda path: writers.write_baci(path, [row[:6] for row in given[1:]]))
        return with_extra(content, given, 6)

    form = Form("baci", "BACI_HS17_Y2022_V202401b.csv", rows, write, len(rows) - 1)
    yield form.clean()
    yield from of_rows(form)
    yield from of_bytes(form, seed)
    yield undecodable(form, b".125")
    yield cut_in_last_value(form, 6)
    yield form.case("unmapped partner", form.changed(3, j="777"))
    yield form.case("ROC year as western year", form.all_changed("t", "111"))
    later = replace(form, name="BACI_HS17_Y2024_V202401b.csv")
    yield later.case("partial year as a year", later.all_changed("t", "2024"))
