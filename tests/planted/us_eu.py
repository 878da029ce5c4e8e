"""Cases in the layouts of the US Census Bureau, USITC DataWeb and Eurostat."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import writers_us_eu as writers

from .case import Case, Form, Rows, repeated, shifted
from .common import cut_in_last_value, of_bytes, of_rows, through, undecodable, zip_bomb


def cases(seed: int) -> dict[str, list[Case]]:
    """Layout -> its clean files, then those with errors."""
    return {
        "us_census": list(_census_cases(seed)),
        "usitc_dataweb": list(_dataweb_cases(seed)),
        "comext_bulk": list(_comext_cases(seed)),
    }


CENSUS = ["CTY_CODE", "E_COMMODITY", "ALL_VAL_MO", "ALL_VAL_YR", "QTY_1_MO", "QTY_1_YR", "UNIT_QY1",
          "SUMMARY_LVL", "DF", "time", "COMM_LVL"]  # fmt: skip


def _census(seed: int) -> Form:
    chance = random.Random(seed)
    values = [chance.randrange(10**5, 10**8) for _ in range(3)]
    rows = [CENSUS]
    for code, value in zip(("-", "5700", "5830", "5800"), (sum(values), *values), strict=True):
        rows.append(
            [code, "854231", str(value), str(value * 6), str(value // 50), str(value // 8), "NO", "DET", "-",
             "2024-07", "HS6"]
        )  # fmt: skip

    def write(given: Rows) -> bytes:
        return through(lambda path: writers.census(path, given[0], given[1:]))

    return Form("us_census", "census_exports.json", rows, write, 4)


def _census_cases(seed: int) -> Iterator[Case]:
    form = _census(seed)
    yield form.clean()
    yield from of_rows(form)
    yield from of_bytes(form, seed)
    yield undecodable(form, b"5830")
    yield form.case("unmapped partner", form.changed(2, CTY_CODE="9999"))
    yield form.case("unit switch", form.changed(2, UNIT_QY1="KG"), "items to kg in one record")
    yield form.case("ROC year as western year", form.all_changed("time", "113-07"))
    yield form.case("partial year as a year", form.all_changed("time", "2025-12"))
    slipped = form.rows[2][2] + "000"
    yield form.case("scale slip", form.changed(2, ALL_VAL_MO=slipped), "the month")
    ahead = form.changed(2, ALL_VAL_MO=slipped, ALL_VAL_YR=form.rows[2][3] + "000")
    yield form.case("scale slip", ahead, "both against all countries")
    record = form.rows[2]
    group = [*form.rows, ["0003", *record[1:7], "CGP", *record[8:]]]
    yield form.case("doubled breakdown rows", group, "a country group")
    parts = [*form.rows, *([*record[:8], df, *record[9:]] for df in ("1", "2"))]
    yield form.case("doubled breakdown rows", parts, "domestic and foreign")


def _long(seed: int) -> tuple[Rows, Form]:
    """Values with their printed total; the header is the first row."""
    chance = random.Random(seed)
    header = ["Data Type", "HTS Number", "Year", "Description", "Quantity Description", "FAS Value"]
    made = [
        ["FAS Value", code, year, name, "Value for: number", str(chance.randrange(10**6, 10**9))]
        for code, name in (("854231", "PROCESSORS"), ("854232", "MEMORIES"))
        for year in ("2022", "2023", "2024")
    ]
    total = ["Total: ", "", "", "", "", f"{sum(int(row[5]) for row in made):,}"]
    rows = [header, *made, total]
    return rows, Form("usitc_dataweb", "DataWeb-Query-Export.xlsx", rows, _workbook, len(made))


def _workbook(rows: Rows, sheet: str = "Query Results", said: Any = None) -> bytes:
    """Cells as DataWeb writes them: values and years are numbers, totals texts."""
    grid: list[tuple[Any, ...]] = [tuple(rows[0])]
    grid += [tuple(_cell(text) for text in row) for row in rows[1:]]
    return through(lambda path: writers.dataweb(path, grid, sheet, said), "file.xlsx")


def _cell(text: str) -> Any:
    return float(text) if text.isdecimal() and not text.startswith("8542") else text


def _quantities(rows: Rows) -> Rows:
    header = [*rows[0][:5], "FIRST_UNIT_QUANTITY", "Suppressed"]
    made = [
        ["First Unit of Quantity", *row[1:4], "number", str(int(row[5]) // 50), "0"] for row in rows[1:-1]
    ]
    return [*rows, [], [], header, *made]


def _dataweb_cases(seed: int) -> Iterator[Case]:
    rows, form = _long(seed)
    yield form.clean()
    yield replace(form, rows=_quantities(rows), what="with quantities").clean()
    wide = _wide(seed)
    yield wide.clean()
    yield from of_bytes(form, seed)
    yield zip_bomb(form)
    yield form.case("column shift", shifted(rows))
    yield form.case("column shift in one record", shifted(rows, only=2))
    yield form.case("duplicate rows", repeated(rows[:-1]), "without a total")
    yield form.case("duplicate rows", [*rows[:-1], rows[1], rows[-1]], "with a total")
    yield form.case("header only", rows[:1])
    many = [[*row, *[f"c{n}" if not place else "1" for n in range(10_000)]] for place, row in enumerate(rows)]
    yield form.case("10,000 columns", many)
    yield form.case("scale slip", form.changed(2, **{"FAS Value": rows[2][5] + "000"}))
    yield form.case("ROC year as western year", form.changed(3, Year="113"))
    yield form.case("partial year as a year", form.changed(3, Year="2025"))
    months = writers.parameters(**{"Years select": "Specific Months"})
    yield form.damaged("partial year as a year", _workbook(rows, said=months), "not full years")
    yield wide.case("unmapped partner", wide.changed(1, Country="Utopia"))
    scale = writers.parameters(**{"Data Format": "thousands or so"})
    yield form.damaged("unit switch", _workbook(rows, said=scale), "a scale that is not said")
    part = _workbook(rows, said=writers.parameters(**{"Trade Flow": "Domestic Exports"}))
    yield form.damaged("doubled breakdown rows", part, "domestic exports")


def _wide(seed: int) -> Form:
    chance = random.Random(seed)
    rows = [["Data Type", "Country", "HTS Number", "2023", "2024"]]
    for country in ("China", "Taiwan", "Japan"):
        values = [str(chance.randrange(10**6, 10**9)) for _ in range(2)]
        rows.append(["FAS Value", country, "854231", *values])

    def write(given: Rows) -> bytes:
        return _workbook(given, "FAS Value")

    return Form("usitc_dataweb", "DataWeb-Query-Export.xlsx", rows, write, 3, "wide")


def _comext(seed: int) -> Form:
    chance = random.Random(seed)
    rows = [writers.COMEXT_HEADER.split(",")]
    for partner in ("CN", "TW", "GB"):
        for product in ("85423190", "85423290"):
            value = chance.randrange(10**5, 10**8)
            row = writers.comext_row(
                partner=partner, product=product, flow="2", value=str(value), kg=str(value // 90),
                quantity=str(value // 7),
            )  # fmt: skip
            rows.append(row.split(","))
    return Form("comext_bulk", "full_v2_202402.dat", rows, _comext_bytes, 6)


def _comext_bytes(rows: Rows) -> bytes:
    lines = [",".join(row) for row in rows]
    return through(lambda path: writers.comext(path, lines[1:], lines[0]))


def _archive(rows: Rows) -> bytes:
    members = {"full_v2_202402.dat": _comext_bytes(rows)}
    return through(lambda path: writers.archive(path, members), "file.7z")


def _comext_cases(seed: int) -> Iterator[Case]:
    form = _comext(seed)
    yield form.clean()
    packed = replace(form, name="full_v2_202402.7z", write=_archive, what=".7z")
    yield packed.clean()
    partners = ("CN", "CS")
    old = [writers.COMEXT_OLD_HEADER.split(",")]
    old += [writers.comext_old_row(partner=code).split(",") for code in partners]
    yield Form("comext_bulk", "full200512.dat", old, _comext_bytes, len(partners), "before 2017").clean()
    yield from of_rows(form)
    yield from of_bytes(form, seed)
    for case in of_bytes(packed, seed):
        if case.error in ("truncated file", "binary junk"):
            yield case
    evil = through(lambda path: writers.archive_named(path, "../../evil.dat"), "file.7z")
    yield packed.damaged("path trick in the name", evil, "a member ../../evil.dat")
    yield undecodable(form, b",E,")
    yield cut_in_last_value(form, 2)
    yield form.case("unmapped partner", form.changed(2, PARTNER="ZX"))
    yield form.case("unmapped partner", form.changed(2, PARTNER="CS"), "a code that is nobody's in 2024")
    yield form.case("ROC year as western year", form.all_changed("PERIOD", "011302"))
    yield form.case("partial year as a year", form.all_changed("PERIOD", "202552"))
    yield form.case("unit switch", form.changed(1, SUPPL_UNIT="KGM"), "items to kg in one record")
    record = form.rows[1]
    for what, column, code in (
        ("all of the EU's partners", "PARTNER", "EXTRA_EU27_2020"),
        ("Northern Ireland beside GB", "PARTNER", "XI"),
        ("the chapter", "PRODUCT_NC", "85"),
    ):
        more = list(record)
        more[form.rows[0].index(column)] = code
        yield form.case("doubled breakdown rows", [*form.rows, more], what)
