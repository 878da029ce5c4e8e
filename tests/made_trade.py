"""Rich customs data, made up with a fixed seed: what an analyst's raw folder looks like after some years.

No figure here was printed by anybody. The values follow a trend with a season and noise, and are written in
the offices' own layouts beside a copy of what ships. They hold what the shipped files lack: five years of
months of five reporters with each other, both directions and re-exports, six-digit codes with quantities in
two HS editions, annual rows before and beside the months, revised releases, missing cells, a withdrawn one
and zeros, printed tables of China in both currencies, and national sources beside UN Comtrade.

`Rich.flows` holds what was written, by key and release, so that tests compute from it and not from the files.
Belongs here: making and writing. Computing and comparing are in test_made_trade.
"""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from sources import writers_asia as asia
from sources import writers_comtrade as comtrade
from sources import writers_gacc as gacc
from sources import writers_us_eu as us_eu

SEED = 8542
REPORTERS = {"CHN": "156", "HKG": "344", "JPN": "392", "KOR": "410", "USA": "842"}
PARTNERS = {**REPORTERS, "TWN": "490", "WLD": "0"}
MONTHS = [(year, month) for year in range(2020, 2025) for month in range(1, 13)]
EARLIER_YEARS = range(2015, 2020)

# Months that Japan has not delivered; what is missing must stay missing.
NOT_DELIVERED = {("JPN", 2022, 5)}
# Released with the first print of China's bulk file of this month, absent from the revised one.
WITHDRAWN = ("CHN", "TWN", "X", "854239", "M", 2023, 4)

# First and revised releases of UN Comtrade's files.
FIRST, REVISED = dt.date(2025, 4, 1), dt.date(2025, 9, 1)

# reporter, partner, flow, code, grain, year, month (0: a year)
Key = tuple[str, str, str, str, str, int, int]


@dataclass(frozen=True)
class Cell:
    """What one release says of one flow: dollars, items, kilograms."""

    value: Decimal
    quantity: int
    weight: int


@dataclass
class Rich:
    """The made-up flows of UN Comtrade by release, and the printed tables of China by month."""

    flows: dict[dt.date, dict[Key, Cell]] = field(default_factory=lambda: {FIRST: {}, REVISED: {}})
    # flow, product, currency, year, month -> 100 million items or 10,000 sets, and 100 million (yuan) or
    # million (dollars) of the month and of the year to date, as printed; with last year's.
    printed: dict[tuple[str, str, str, int, int], list[Decimal]] = field(default_factory=dict)

    def latest(self) -> dict[Key, Cell]:
        """What UN Comtrade's newest releases say, the withdrawn flow left out."""
        held = {**self.flows[FIRST], **self.flows[REVISED]}
        return {key: cell for key, cell in held.items() if key != WITHDRAWN}


def edition_of(year: int) -> str:
    return "H6" if year >= 2022 else "H5" if year >= 2017 else "H4"


def codes_of(year: int) -> dict[str, tuple[str, ...]]:
    """Heading -> six-digit codes of the edition in force. Heading 8517 is left out: it is no product."""
    phones = ("851713", "851714") if year >= 2022 else ("851712",)
    devices = ("854110", "854143") if year >= 2022 else ("854110", "854140")
    return {"8542": ("854231", "854232", "854233", "854239", "854290"), "8541": devices, "": phones}


def make(seed: int = SEED) -> Rich:
    made = Rich()
    chance = random.Random(seed)
    size = {name: chance.uniform(0.5, 2) for name in PARTNERS}
    season = [chance.uniform(0.85, 1.15) for _ in range(12)]
    price = {code: chance.uniform(0.3, 60) for year in (2016, 2024) for code in _items(year)}
    weigh = {code: chance.uniform(0.5, 40) for code in price}
    trend = {(name, code): chance.uniform(-0.05, 0.18) for name in PARTNERS for code in price}

    def value(exporter: str, importer: str, code: str, year: int, month: int) -> float:
        elapsed = year - 2015 + (month or 6) / 12
        grown = (1 + trend[exporter, code]) ** elapsed * (12 if not month else season[month - 1])
        if month == 2:
            grown *= 0.8
        return 3e7 * size[exporter] * size[importer] * grown * chance.uniform(0.8, 1.2)

    def cell(dollars: float, code: str) -> Cell:
        items = max(1, round(dollars / price[code] / chance.uniform(0.9, 1.1)))
        return Cell(Decimal(round(dollars * 4)) / 4, items, max(1, round(dollars / 1000 * weigh[code])))

    first = made.flows[FIRST]
    for year, month in [*((year, 0) for year in EARLIER_YEARS), *MONTHS]:
        grain = "M" if month else "A"
        for code in _items(year):
            sent = {
                (one, other): value(one, other, code, year, month)
                for one in PARTNERS
                for other in PARTNERS
                if one != other and "WLD" not in (one, other)
            }
            for reporter in REPORTERS:
                if (reporter, year, month) in NOT_DELIVERED:
                    continue
                for flow in ("X", "M", "RX") if reporter in ("HKG", "USA") else ("X", "M"):
                    parts = []
                    for partner in PARTNERS:
                        if partner in (reporter, "WLD"):
                            continue
                        if flow == "M":
                            dollars = sent[partner, reporter] * chance.uniform(0.95, 1.15)
                        else:
                            onward = 1 if flow == "X" else 0.9 if reporter == "HKG" else 0.1
                            dollars = sent[reporter, partner] * onward
                        parts.append(cell(dollars, code))
                        # What a country does not break down stays in its total.
                        if chance.random() < 0.97:
                            first[reporter, partner, flow, code, grain, year, month] = parts[-1]
                    parts.append(cell(0.3 * float(parts[0].value), code))
                    first[reporter, "WLD", flow, code, grain, year, month] = _sum(parts)
    # Nothing was traded: a value of zero is a figure.
    for month in (3, 4):
        first["KOR", "HKG", "M", "854290", "M", 2021, month] = Cell(Decimal(0), 0, 0)
    _add_headings(first)
    _add_years(first)
    _revise(made, chance)
    _print_tables(made, chance)
    return made


def _items(year: int) -> tuple[str, ...]:
    return tuple(code for codes in codes_of(year).values() for code in codes)


def _sum(cells: list[Cell]) -> Cell:
    return Cell(
        sum((cell.value for cell in cells), Decimal(0)),
        sum(cell.quantity for cell in cells),
        sum(cell.weight for cell in cells),
    )


def _add_headings(flows: dict[Key, Cell]) -> None:
    parts: dict[Key, list[Cell]] = defaultdict(list)
    for (reporter, partner, flow, code, *period), cell in flows.items():
        if code[:4] in ("8541", "8542") and len(code) == 6:
            grain, year, month = period
            parts[reporter, partner, flow, code[:4], str(grain), int(year), int(month)].append(cell)
    flows.update({key: _sum(cells) for key, cells in parts.items()})


def _add_years(flows: dict[Key, Cell]) -> None:
    """A year beside its months is their sum, and missing where a month is."""
    months: dict[Key, list[Cell]] = defaultdict(list)
    for (reporter, partner, flow, code, grain, year, _), cell in flows.items():
        if grain == "M":
            months[reporter, partner, flow, code, "A", year, 0].append(cell)
    flows.update({key: _sum(cells) for key, cells in months.items() if len(cells) == 12})


def _revise(made: Rich, chance: random.Random) -> None:
    """China's bulk files of 2023, whole; Korea's and the United States' totals of 2024 by months."""
    revised = made.flows[REVISED]
    for key, cell in made.flows[FIRST].items():
        reporter, partner, _, code, grain, year, _ = key
        whole = reporter == "CHN" and year == 2023 and grain == "M" and key != WITHDRAWN
        totals = reporter in ("KOR", "USA") and partner == "WLD" and year == 2024 and grain == "M"
        if len(code) == 6 and (whole or totals):
            # The total moves up only, the partners down only: they never exceed it.
            factor = chance.randrange(1000, 1012) if partner == "WLD" else chance.randrange(985, 1001)
            value = (cell.value * factor / 1000).quantize(Decimal("0.01"))
            revised[key] = Cell(value, cell.quantity, cell.weight)
    _add_headings(revised)


def _print_tables(made: Rich, chance: random.Random) -> None:
    """China's tables: the month, the year to date, and last year's, lower by up to one in a hundred."""
    circuits = ("854231", "854232", "854233", "854239")
    for flow, product in itertools.product("XM", ("integrated_circuits", "mobile_phones")):
        items: dict[tuple[int, int], Decimal] = {}
        money: dict[tuple[int, int], Decimal] = {}
        for year, month in MONTHS:
            codes = circuits if product == "integrated_circuits" else codes_of(year)[""]
            total = _sum([made.flows[FIRST]["CHN", "WLD", flow, code, "M", year, month] for code in codes])
            items[year, month] = Decimal(total.quantity) / (
                10**8 if product == "integrated_circuits" else 10**4
            )
            money[year, month] = total.value
        for currency in ("cny", "usd"):
            # 100 million yuan at a made-up rate of the year, or million dollars.
            scale = {
                year: Decimal(chance.randrange(690, 725)) / 10**10
                if currency == "cny"
                else Decimal(1) / 10**6
                for year in range(2020, 2025)
            }
            digits = Decimal("0.00000001" if currency == "cny" else "0.01")
            for year, month in MONTHS:
                if year < 2021 or month == 1:
                    continue
                lower = Decimal(chance.randrange(9900, 10001)) / 10000
                now = (_to_date(items, year, month), _to_date(money, year, month) * scale[year])
                base = (
                    (_to_date(items, year - 1, month) * lower).quantize(Decimal("0.0001")),
                    (_to_date(money, year - 1, month) * scale[year - 1] * lower).quantize(digits),
                )
                made.printed[flow, product, currency, year, month] = [
                    items[year, month].quantize(Decimal("0.0001")),
                    (money[year, month] * scale[year]).quantize(digits),
                    now[0].quantize(Decimal("0.0001")),
                    now[1].quantize(digits),
                    *base,
                    *((100 * (now[at] / base[at] - 1)).quantize(Decimal("0.1")) for at in (0, 1)),
                ]


def _to_date(months: dict[tuple[int, int], Decimal], year: int, last: int) -> Decimal:
    return sum((months[year, month] for month in range(1, last + 1)), Decimal(0))


# --- files ---


def write(made: Rich, raw: Path) -> None:
    """Adds the made-up files to a raw folder, in folders named after their release."""
    _write_comtrade(made, raw / "customs" / "comtrade")
    _write_tables(made, raw / "customs" / "gacc")
    _write_query(made, raw / "customs" / "gacc" / "2025-03-18")
    _write_korea(made, raw / "customs" / "korea" / "2025-03-15")
    _write_taiwan(made, raw / "customs" / "taiwan" / "2025-03-10")
    _write_japan(made, raw / "customs" / "japan" / "2025-03-28")
    _write_census(made, raw / "customs" / "census" / "2025-03-06")


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path


def _record(key: Key, cell: Cell) -> comtrade.Record:
    reporter, partner, flow, code, grain, year, month = key
    return comtrade.record(
        freqCode=grain,
        period=f"{year}{month:02d}" if month else str(year),
        refYear=str(year),
        refMonth=f"{month or 52}",
        refPeriodId=f"{year}{month or 1:02d}01",
        reporterCode=REPORTERS[reporter],
        reporterISO=reporter,
        partnerCode=PARTNERS[partner],
        partnerISO=partner,
        flowCode=flow,
        classificationCode=edition_of(year),
        cmdCode=code,
        aggrLevel=str(len(code)),
        qtyUnitCode="5",
        qty=str(cell.quantity),
        altQtyUnitCode="8",
        altQty=str(cell.weight),
        netWgt=str(cell.weight),
        primaryValue=f"{cell.value.normalize():f}",
    )


def _write_comtrade(made: Rich, source: Path) -> None:
    """China as bulk files of one month, the others as answers of the API by year, months and years apart."""
    for day, flows in made.flows.items():
        files: dict[tuple[str, str], list[comtrade.Record]] = defaultdict(list)
        for key, cell in flows.items():
            reporter, _, _, _, grain, year, month = key
            period = f"{year}{month:02d}" if reporter == "CHN" and grain == "M" else str(year)
            files[reporter, f"{period}{grain}"].append(_record(key, cell))
        folder = _folder(source / f"{day}")
        for (reporter, period), records in files.items():
            year = int(period[:4])
            if reporter == "CHN" and period.endswith("M"):
                name = comtrade.bulk_name(REPORTERS[reporter], period[:-1], edition_of(year), str(day))
                comtrade.write_bulk(folder / name, records)
            else:
                comtrade.write_api(folder / f"{reporter}_{period}.json", records)


LABELS = {"integrated_circuits": ("  集成电路", "亿个"), "mobile_phones": ("  手机", "万台")}


def _write_tables(made: Rich, source: Path) -> None:
    tables: dict[tuple[str, str, int, int], list[list[gacc.Cell]]] = defaultdict(list)
    for (flow, product, currency, year, month), cells in made.printed.items():
        tables[flow, currency, year, month].append([*LABELS[product], *(float(cell) for cell in cells)])
    for (flow, currency, year, month), rows in tables.items():
        day = dt.date(year + month // 12, month % 12 + 1, 9)
        word = "出口" if flow == "X" else "进口"
        grid = gacc.express_grid(
            rows,
            year=year,
            month=month,
            flow=word,
            title_suffix="（人民币值）" if currency == "cny" else "（美元值）",
            unit="单位∶亿元人民币" if currency == "cny" else "单位：百万美元",
        )
        name = f"{day}_{year}年{month}月全国{word}重点商品量值表_{currency}.xlsx"
        gacc.write_xlsx(_folder(source / f"{day}-made") / name, grid)


def _nationally(made: Rich, reporter: str) -> Iterator[tuple[Key, Cell]]:
    """What a national source says for 2021 to 2024 by six-digit codes: three in a thousand more."""
    for key, cell in made.flows[FIRST].items():
        of, _, flow, code, grain, year, _ = key
        if of == reporter and flow != "RX" and grain == "M" and year >= 2021 and len(code) == 6:
            yield key, Cell((cell.value * 1003 / 1000).quantize(Decimal(1)), cell.quantity, cell.weight)


def _write_query(made: Rich, folder: Path) -> None:
    names = {
        "USA": ("502", "美国"),
        "JPN": ("116", "日本"),
        "KOR": ("133", "韩国"),
        "HKG": ("110", "中国香港"),
        "TWN": ("143", "台澎金马关税区"),
    }
    files: dict[tuple[str, int], list[list[str]]] = defaultdict(list)
    for (_, partner, flow, code, _, year, month), cell in _nationally(made, "CHN"):
        if partner != "WLD":
            files[flow, year].append(
                [f"{year}{month:02d}", *names[partner], f"{code}10", "电路", str(cell.quantity), "个",
                 str(cell.weight), "千克", f"{round(cell.value * 7):,}"]
            )  # fmt: skip
    for (flow, year), records in files.items():
        name = f"2025-03-18_{'exports' if flow == 'X' else 'imports'}_{year}.csv"
        (_folder(folder) / name).write_bytes(gacc.query_csv(records))


def _write_korea(made: Rich, folder: Path) -> None:
    names = {"WLD": "총계", "CHN": "중국", "USA": "미국", "JPN": "일본", "HKG": "홍콩", "TWN": "대만"}
    both: dict[tuple[int, str, str, int], dict[str, Cell]] = defaultdict(dict)
    for (_, partner, flow, code, _, year, month), cell in _nationally(made, "KOR"):
        both[year, code, partner, month][flow] = cell
    files: dict[int, list[list[str]]] = defaultdict(list)
    for (year, code, partner, month), sides in both.items():
        none = Cell(Decimal(0), 0, 0)
        sent, received = sides.get("X", none), sides.get("M", none)
        thousands = [round(side.value / 1000) for side in (sent, received)]
        tonnes = [f"{side.weight / 1000:.1f}" for side in (sent, received)]
        files[year].append(
            [f"{year}.{month:02d}", names[partner], code, "집적회로", tonnes[0], f"{thousands[0]:,}",
             tonnes[1], f"{thousands[1]:,}", f"{thousands[0] - thousands[1]:,}"]
        )  # fmt: skip
    for year, records in files.items():
        (_folder(folder) / f"2025-03-15_kstat_{year}.csv").write_bytes(
            asia.csv_bytes(asia.KSTAT_UNITS, records)
        )


def _write_taiwan(made: Rich, folder: Path) -> None:
    """Taiwan as its partners see it: it is no reporter of UN Comtrade."""
    names = {"CHN": "中國大陸", "JPN": "日本", "KOR": "韓國", "USA": "美國", "HKG": "香港"}
    header = ["進出口別", "日期", "貨品號列", "中文貨名", "英文貨名", "國家", "美元(千元)"]
    totals: dict[tuple[str, str, int, int], Decimal] = defaultdict(Decimal)
    files: dict[int, list[list[str]]] = defaultdict(list)
    for reporter, name in names.items():
        for (_, partner, flow, code, _, year, month), cell in _nationally(made, reporter):
            if partner != "TWN":
                continue
            kind = "出口總值(含復出口)" if flow == "M" else "進口總值(含復進口)"
            totals[kind, code, year, month] += cell.value
            files[year].append(
                [kind, f"{year - 1911}年{month}月", code, "電路", " Circuits", name, f"{cell.value / 1000}"]
            )
    for (kind, code, year, month), value in totals.items():
        files[year].append(
            [kind, f"{year - 1911}年{month}月", code, "電路", " Circuits", "合計", f"{value / 1000}"]
        )
    for year, records in files.items():
        content = asia.csv_bytes(header, records)
        (_folder(folder) / f"2025-03-10_GA30_{year}.csv").write_bytes(content)


def _write_japan(made: Rich, folder: Path) -> None:
    countries = {"CHN": "105", "KOR": "103", "TWN": "106", "HKG": "108", "USA": "304"}
    series: dict[tuple[int, str, str, str], dict[int, int]] = defaultdict(dict)
    for (_, partner, flow, code, _, year, month), cell in _nationally(made, "JPN"):
        if partner != "WLD" and code.startswith("8542"):
            series[year, flow, code, partner][month] = round(cell.value * 130 / 1000)
    files: dict[int, list[list[str]]] = defaultdict(list)
    for (year, flow, code, partner), months in series.items():
        files[year].append(
            asia.estat_record(
                [months.get(month, 0) for month in range(1, 13)],
                flow="1" if flow == "X" else "2",
                year=str(year),
                code=f"'{code}000'",
                country=countries[partner],
            )
        )
    for year, records in files.items():
        (_folder(folder) / f"ik-100h{year}.csv").write_bytes(asia.estat_csv(records))


def _write_census(made: Rich, folder: Path) -> None:
    countries = {"CHN": "5700", "HKG": "5820", "JPN": "5880", "KOR": "5800", "TWN": "5830", "WLD": "-"}
    files: dict[tuple[str, int], list[list[str | None]]] = defaultdict(list)
    for (_, partner, flow, code, _, year, month), cell in _nationally(made, "USA"):
        files[flow, year].append(
            [countries[partner], code, str(cell.value), str(cell.quantity), "NO", "DET",
             f"{year}-{month:02d}", "HS6"]
        )  # fmt: skip
    for (flow, year), records in files.items():
        named = ("E_COMMODITY", "ALL_VAL_MO") if flow == "X" else ("I_COMMODITY", "GEN_VAL_MO")
        quantity = ("QTY_1_MO", "UNIT_QY1") if flow == "X" else ("GEN_QY1_MO", "UNIT_QY1")
        header = ["CTY_CODE", *named, *quantity, "SUMMARY_LVL", "time", "COMM_LVL"]
        us_eu.census(_folder(folder) / f"census_{flow}_{year}.json", header, records)
