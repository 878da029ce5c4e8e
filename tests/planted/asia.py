"""Cases in the layouts of Taiwan's, Korea's and Japan's customs."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import writers_asia as writers

from .case import Case, Form, Rows
from .common import cut_in_last_value, of_bytes, of_rows, undecodable


def cases(seed: int) -> dict[str, list[Case]]:
    """Layout -> its clean files, then those with errors."""
    return {
        "taiwan_customs": list(_taiwan_cases(seed)),
        "korea_kstat": list(_kstat_cases(seed)),
        "korea_open_data": list(_open_data_cases(seed)),
        "japan_estat": list(_estat_cases(seed)),
    }


def _lines(rows: Rows, encoding: str = "utf-8-sig", end: str = "\r\n") -> bytes:
    return writers.csv_bytes(rows[0], rows[1:], encoding, end)


EXPORTS = "出口總值(含復出口)"


def _taiwan(seed: int) -> Form:
    chance = random.Random(seed)
    header = ["進出口別", "日期", "貨品號列", "中文貨名", "英文貨名", "國家", "美元(千元)"]
    rows = [header]
    for year in ("112年", "113年"):
        values = [chance.randrange(10**4, 10**7) for _ in range(3)]
        for country, value in zip(("合計", "中國大陸", "日本", "韓國"), (sum(values), *values), strict=True):
            rows.append([EXPORTS, year, "85423100002", "處理器", " Processors", country, f"{value}.00000"])
    return Form("taiwan_customs", "2025-08-12_GA30.csv", rows, _lines, 8)


def _taiwan_cases(seed: int) -> Iterator[Case]:
    form = _taiwan(seed)
    yield form.clean()
    big5 = replace(form, write=lambda rows: _lines(rows, "cp950"), what="Big5")
    yield big5.clean()
    whole = [[*row[:5], row[6]] for row in form.rows if row[5] in ("國家", "合計")]
    alone = replace(form, rows=whole, records=2, what="no countries")
    yield alone.clean()
    yield from of_rows(form)
    yield from of_bytes(form, seed)
    yield undecodable(form, "處理器".encode())
    yield undecodable(big5, b" Processors")
    yield cut_in_last_value(form, 8)
    yield form.case("unmapped partner", form.changed(2, 國家="烏托邦"))
    yield form.case("ROC year as western year", form.all_changed("日期", "13年"), "2013 without its century")
    yield form.case("ROC year as western year", form.all_changed("日期", "113"), "no 年")
    yield form.case("partial year as a year", form.mapped("日期", {"113年": "114年(初步值)"}))
    part = form.rows[2]
    yield form.case("scale slip", form.changed(2, **{"美元(千元)": part[6].replace(".", "000.")}))
    halves = [*form.rows, [part[0].replace(EXPORTS, "出口"), *part[1:]]]
    yield form.case("doubled breakdown rows", halves, "domestic exports")
    rest = [*form.rows, [*part[:5], "其他國家", part[6]]]
    yield form.case("doubled breakdown rows", rest, "the rest of the world")
    units = [[*form.rows[0], "數量", "數量單位"], *([*row, "5", "個"] for row in form.rows[1:])]
    yield form.case("unit switch", [*units[:2], [*units[2][:-1], "斛"], *units[3:]], "an unknown unit")
    yield form.case("unit switch", [*units[:2], [*units[2][:-1], "公斤"], *units[3:]], "items to kg")


def _kstat(seed: int) -> Form:
    chance = random.Random(seed)
    rows = [list(writers.KSTAT_UNITS)]
    for month in ("2024.01", "2024.02"):
        parts = [[chance.randrange(10**3, 10**6) for _ in range(4)] for _ in range(3)]
        sums = [sum(column) for column in zip(*parts, strict=True)]
        for country, values in zip(("총계", "중국", "미국", "일본"), (sums, *parts), strict=True):
            weight, exports, import_weight, imports = values
            rows.append(
                [month, country, "8542", "전자집적회로", f"{weight}", f"{exports:,}", f"{import_weight}",
                 f"{imports:,}", f"{exports - imports:,}"]
            )  # fmt: skip
    return Form("korea_kstat", "2025-08-12_kstat.csv", rows, _lines, 8)


def _kstat_cases(seed: int) -> Iterator[Case]:
    form = _kstat(seed)
    yield form.clean()
    older = replace(form, write=lambda rows: _lines(rows, "cp949", "\n"), what="CP949")
    yield older.clean()
    yield from of_rows(form)
    yield from of_bytes(form, seed)
    yield undecodable(form, "전자".encode())
    yield cut_in_last_value(form, 3)
    yield form.case("unmapped partner", form.changed(2, 국가="유토피아"))
    yield form.case("ROC year as western year", form.all_changed("기간", "113.01"))
    yield form.case("partial year as a year", form.mapped("기간", {"2024.01": "2024", "2024.02": "2025"}))
    record = form.rows[2]
    slipped = record[5].replace(",", "") + "000"
    yield form.case("scale slip", form.changed(2, **{"수출 금액(천불)": slipped}), "balance")
    balance = str(int(slipped) - int(record[7].replace(",", "")))
    both = form.changed(2, **{"수출 금액(천불)": slipped, "무역수지(천불)": balance})
    yield form.case("scale slip", both, "총계")
    units = [[name.replace("(천불)", "").replace("(톤)", "") for name in form.rows[0]], *form.rows[1:]]
    yield Case("korea_kstat", "unit switch", "no unit said", form.name, _lines(units))
    yield form.case("doubled breakdown rows", [*form.rows, [record[0], "기타", *record[2:]]], "the rest")


def _open_data(seed: int) -> Form:
    chance = random.Random(seed)
    header = ["year", "statCd", "hsCd", "statKor", "expDlr", "impDlr", "expWgt", "impWgt", "balPayments"]
    parts = [[chance.randrange(10**3, 10**8) for _ in range(4)] for _ in range(3)]
    sums = [sum(column) for column in zip(*parts, strict=True)]
    rows = [header, ["총계", "-", "-", "-", *map(str, sums), str(sums[0] - sums[1])]]
    for country, values in zip(("CN", "US", "JP"), parts, strict=True):
        balance = str(values[0] - values[1])
        rows.append(["2024.01", country, "8542310000", "프로세서", *map(str, values), balance])
    return Form("korea_open_data", "2025-08-12_nitemtrade.xml", rows, _xml, 3)


def _xml(rows: Rows) -> bytes:
    return writers.open_data_xml([dict(zip(rows[0], row, strict=True)) for row in rows[1:]])


def _open_data_cases(seed: int) -> Iterator[Case]:
    form = _open_data(seed)
    yield form.clean()
    yield from of_rows(form)
    yield from of_bytes(form, seed)
    yield undecodable(form, "프로".encode())
    refused = writers.open_data_xml([], "30", "SERVICE KEY IS NOT REGISTERED ERROR.")
    yield form.damaged("HTML error page", refused, "an error as XML")
    yield form.case("unmapped partner", form.changed(3, statCd="ZX"))
    yield form.case("ROC year as western year", form.all_changed("year", "113.01"))
    yield form.case("partial year as a year", form.changed(3, year="2025"))
    slipped = form.rows[2][4] + "000"
    yield form.case("scale slip", form.changed(2, expDlr=slipped), "balance")
    balance = str(int(slipped) - int(form.rows[2][5]))
    yield form.case("scale slip", form.changed(2, expDlr=slipped, balPayments=balance), "총계")
    sums = ["2024.01", "-", "8542310000", *form.rows[1][3:]]
    yield form.case("doubled breakdown rows", [*form.rows, sums], "all countries again")


def _estat(seed: int) -> Form:
    chance = random.Random(seed)
    rows = [list(writers.ESTAT_HEADER)]
    for country in ("105", "103", "106"):
        months = [chance.randrange(10**3, 10**7) for _ in range(12)]
        rows.append(writers.estat_record(months, country=country))
    return Form("japan_estat", "2025-08-12_ik-100h2024.csv", rows, _estat_bytes, 3)


def _estat_bytes(rows: Rows) -> bytes:
    return _lines(rows, "utf-8", "\n")


def _estat_cases(seed: int) -> Iterator[Case]:
    form = _estat(seed)
    yield form.clean()
    older = replace(form, write=lambda rows: _lines(rows, "cp932", "\n"), what="Shift-JIS")
    yield older.clean()
    yield from of_rows(form)
    yield from of_bytes(form, seed)
    yield undecodable(form, b"'854231000'")
    yield cut_in_last_value(form, 2)
    yield form.case("unmapped partner", form.changed(2, Country="999"))
    yield form.case("ROC year as western year", form.all_changed("Year", "113"))
    yield form.case("scale slip", form.changed(1, **{"Value-Mar": form.rows[1][14] + "000"}))
    yield form.case("unit switch", form.changed(1, Unit2="KG"), "items to kg")
    yield form.case("unit switch", form.changed(1, Unit2="ZZ"), "an unknown unit")
    part = [writers.estat_record([7, 8, 9, *[0] * 9], year="2025", country=row[3]) for row in form.rows[1:]]
    yield form.case("partial year as a year", [form.rows[0], *part])
    houses = [["Custom", *form.rows[0]], *(["100", *row] for row in form.rows[1:])]
    yield form.case("doubled breakdown rows", houses, "by customs house")
