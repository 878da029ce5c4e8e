"""Text files of customs offices on their way into the engine: encodings, lines, units, dates in names.

A text file is read once, line by line, and written again as plain UTF-8 with its line numbers: DuckDB
decodes neither GBK nor Big5 without an extension. Here belongs what several text layouts share; what a
column means is the layouts'. One line is one record: a quoted line break makes two malformed lines.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple

import duckdb

from orchestration.sources.layout import FileRefused, Match, Sample

# A longer line is no record of a table; a larger file (unpacked) is none of these downloads.
MAX_LINE_BYTES = 1_000_000
MAX_TEXT_BYTES = 4 * 1024**3
# More malformed lines than this, and the file is of another kind.
MAX_MALFORMED = 10_000
# Titles and units may stand above the header, on this many lines at most.
HEADER_LINES = 20
SHOWN = 200
# How a line begins that is a remark below the records: in Chinese, Korean, Japanese and English.
_FOOTNOTE = re.compile(
    r"[\s\"'（(*※]*(註|注|备注|備註|說明|说明|資料來源|资料来源|数据来源|出所|자료|출처|주\s*[):：1]|notes?\b|source\b)",
    re.IGNORECASE,
)

# Digits that still fit decimal(24,4) when multiplied by a thousand; thousands commas are allowed.
NUMBER = r"-?([0-9]{1,15}|[0-9]{1,3}(,[0-9]{3}){1,4})([.][0-9]{1,10})?"

HeaderTest = Callable[[Sequence[str]], bool]


@dataclass(frozen=True)
class TextTable:
    """A text file as plain UTF-8: `path` holds line number and fields of each record."""

    path: Path
    header: tuple[str, ...]
    header_line: int
    preamble: tuple[str, ...]
    footnotes: tuple[str, ...]
    records: int
    malformed: tuple[tuple[int, str, str], ...]
    encoding: str


class Unit(NamedTuple):
    """What one printed unit is: `scale` of `name` (items, kg, tonnes, pairs, ...)."""

    scale: int
    name: str


class Money(NamedTuple):
    """What one printed amount is: `scale` of `currency`; `printed` is the unit as printed."""

    scale: int
    currency: str
    printed: str


class Rule(NamedTuple):
    """`condition` holds in records that break it. All but `value` (SQL) and `condition` are texts."""

    condition: str
    reason: str
    column: str
    value: str
    expected: str


class _Undecodable(Exception):
    def __init__(self, line: int, byte: int) -> None:
        super().__init__(line)
        self.line = line
        self.byte = byte


def literal(text: str) -> str:
    """A text as an SQL literal."""
    escaped = text.replace("'", "''")
    return f"'{escaped}'"


def number(expression: str) -> str:
    """SQL: text with or without thousands commas to decimal(25,10); null where it is no number."""
    return (
        f"case when regexp_full_match({expression}, '{NUMBER}') "
        f"then try_cast(replace({expression}, ',', '') as decimal(25, 10)) end"
    )


def scaled(expression: str, scale: str | int) -> str:
    """SQL: a decimal(25,10) times a whole number of at most four digits, as decimal(24,4)."""
    return f"cast(({expression}) * cast({scale} as decimal(4, 0)) as decimal(24, 4))"


def fault(rules: Sequence[Rule]) -> str:
    """SQL: the first rule that a record breaks, as one struct; see FAULT_COLUMNS."""
    arms = " ".join(
        f"when {rule.condition} then {{'reason': {literal(rule.reason)}, 'place': {literal(rule.column)}, "
        f"'value': cast({rule.value} as varchar), 'expected': {literal(rule.expected)}}}"
        for rule in rules
    )
    return f"case {arms} end as fault"


FAULT_COLUMNS = (
    "fault.reason as problem, fault.place as problem_column, "
    "fault.value as problem_value, fault.expected as problem_expected"
)


def normalise(path: Path, folder: Path, encodings: Sequence[str], is_header: HeaderTest) -> TextTable:
    """Writes the records of a delimited file to `folder` as UTF-8, each with its line number.

    The first encoding in which the whole file decodes counts. Raises FileRefused when none does, when
    no header is found, or when the file is no text.
    """
    failures: list[tuple[int, int, str]] = []
    for encoding in encodings:
        try:
            return _rewrite(path, folder / "rows.csv", encoding, is_header)
        except _Undecodable as error:
            failures.append((error.line, error.byte, encoding))
        except (OSError, EOFError, zlib.error) as error:
            raise FileRefused(f"{path.name}: cannot be read ({error}); expected a whole text file") from error
    line, byte, encoding = max(failures)
    raise FileRefused(
        f"{path.name}, line {line}: byte 0x{byte:02X} is no text in {' or '.join(encodings)} "
        f"(tried furthest: {encoding}); save the file again as downloaded"
    )


def _rewrite(path: Path, target: Path, encoding: str, is_header: HeaderTest) -> TextTable:
    header: tuple[str, ...] = ()
    header_line = 0
    preamble: list[str] = []
    footnotes: list[str] = []
    malformed: list[tuple[int, str, str]] = []
    records = 0
    with _opened(path) as stream, target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        for line, text in _decoded(path, stream, encoding):
            fields = _fields(text)
            if not header:
                names = _without_blank_end([name.strip() for name in fields or ()])
                if is_header(names):
                    header, header_line = names, line
                elif text.strip():
                    preamble.append(text.strip()[:SHOWN])
                    _check_preamble(path, preamble)
                continue
            if fields is not None and not any(map(str.strip, fields)):
                continue
            if note := _footnote(fields):
                footnotes.append(note)
                continue
            row = _row(fields, len(header))
            if row is None:
                _add_malformed(path, malformed, line, len(header), fields, text)
                continue
            writer.writerow([line, *row])
            records += 1
    if not header:
        _check_preamble(path, preamble, at_end=True)
    if len(set(header)) != len(header):
        twice = next(name for name in header if header.count(name) > 1)
        raise FileRefused(
            f"{path.name}, line {header_line}: column {twice!r} stands there twice; expected it once"
        )
    return TextTable(
        target, header, header_line, tuple(preamble), tuple(footnotes), records, tuple(malformed), encoding
    )


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as stream:
        packed = stream.read(2) == b"\x1f\x8b"
    return gzip.open(path) if packed else path.open("rb")  # type: ignore[return-value]


def _decoded(path: Path, stream: IO[bytes], encoding: str) -> Iterator[tuple[int, str]]:
    line = 0
    total = 0
    while raw := stream.readline(MAX_LINE_BYTES + 1):
        line += 1
        total += len(raw)
        if len(raw) > MAX_LINE_BYTES or b"\0" in raw:
            raise FileRefused(
                f"{path.name}, line {line}: not a line of text (a zero byte, or more than {MAX_LINE_BYTES:,} "
                "bytes); expected a CSV file in UTF-8 or the office's own encoding"
            )
        if total > MAX_TEXT_BYTES:
            raise FileRefused(f"{path.name}, line {line}: more than {MAX_TEXT_BYTES:,} bytes of text")
        if line == 1 and raw.startswith(b"\xef\xbb\xbf"):
            if encoding != "utf-8":
                raise _Undecodable(1, raw[0])
            raw = raw[3:]
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError as error:
            raise _Undecodable(line, raw[error.start]) from error
        # A carriage return within a line is no end of it here; DuckDB would take it for one.
        yield line, text.rstrip("\r\n").replace("\r", " ")


def _fields(text: str) -> list[str] | None:
    """The fields of one line; null when its quotes do not match."""
    if '"' not in text:
        return text.split(",")
    try:
        return next(csv.reader([text], strict=True), None)
    except csv.Error:
        return None


def _without_blank_end(names: Sequence[str]) -> tuple[str, ...]:
    end = len(names)
    while end and not names[end - 1]:
        end -= 1
    return tuple(names[:end])


def _footnote(fields: list[str] | None) -> str:
    """The text of a line that is a remark and no record: it fills its first cell only."""
    if not fields or any(map(str.strip, fields[1:])) or not _FOOTNOTE.match(fields[0]):
        return ""
    return fields[0].strip()[:SHOWN]


def _row(fields: list[str] | None, width: int) -> list[str] | None:
    """The fields of a record without the blanks and tabs that downloads put around them, so that
    spreadsheets keep codes as texts; empty ones beyond the header (trailing commas) are dropped."""
    if fields is None or len(fields) < width or any(map(str.strip, fields[width:])):
        return None
    return [field.strip() for field in fields[:width]]


def _add_malformed(
    path: Path,
    malformed: list[tuple[int, str, str]],
    line: int,
    width: int,
    fields: list[str] | None,
    text: str,
) -> None:
    found = "quotes that do not match" if fields is None else f"{len(fields)} fields"
    malformed.append((line, f"expected {width} fields, found {found}", text[:SHOWN]))
    if len(malformed) > MAX_MALFORMED:
        raise FileRefused(
            f"{path.name}, line {line}: more than {MAX_MALFORMED:,} lines have not the {width} fields of the "
            "header; expected a table"
        )


def _check_preamble(path: Path, preamble: list[str], at_end: bool = False) -> None:
    if at_end or len(preamble) > HEADER_LINES:
        found = preamble[0] if preamble else "nothing"
        raise FileRefused(
            f"{path.name}, line 1: the header of this layout is not in the first {HEADER_LINES} lines; "
            f"found {found[:120]!r}"
        )


def remarks(text: TextTable) -> list[str]:
    """Notes on the lines that are no records: above the header, below the records."""
    return [
        *(f"above the header: {line}" for line in text.preamble),
        *(f"remark, no record: {line}" for line in text.footnotes),
    ]


def open_end(path: Path) -> list[str]:
    """A note where the last line has no line end; packed files have a check sum for that."""
    with path.open("rb") as stream:
        packed = stream.read(2) == b"\x1f\x8b"
        size = stream.seek(0, 2)
        stream.seek(max(size - 1, 0))
        last = stream.read(1)
    if packed or last in (b"\n", b"\r", b""):
        return []
    return ["the last line has no line end: its last value may be cut off"]


def mixed_units(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """Notes on products whose quantities stand in several units in one file."""
    rows = connection.execute(
        f"""
        with flows as (
            select reporter_code, flow, product_system, product_code, quantity_unit from {table}
            where row_kind = 'flow' and quantity <> 0 and quantity_unit <> 'N/A'
        ),
        mixed as (
            select product_code from flows
            group by product_code having min(quantity_unit) <> max(quantity_unit)
        )
        select product_code, flow, string_agg(distinct quantity_unit, ', ' order by quantity_unit)
        from flows where product_code in (select product_code from mixed)
        group by reporter_code, flow, product_system, product_code
        having count(distinct quantity_unit) > 1 order by all limit 51
        """
    ).fetchall()
    return list(
        shortened(
            [f"quantities of {code} ({flow}) stand in several units: {units}" for code, flow, units in rows]
        )
    )


def load(connection: duckdb.DuckDBPyConnection, table: TextTable, name: str) -> None:
    """Temp table `name` with raw_row and c1, c2, ... (texts; null where empty)."""
    columns = [
        "'raw_row': 'bigint'",
        *(f"'c{place}': 'varchar'" for place in range(1, len(table.header) + 1)),
    ]
    connection.execute(
        f"""
        create or replace temp table {name} as
        select * from read_csv(?, header = false, columns = {{{", ".join(columns)}}}, auto_detect = false,
            delim = ',', quote = '"', escape = '"', nullstr = '', new_line = '\\n',
            max_line_size = {8 * MAX_LINE_BYTES}, buffer_size = {32 * MAX_LINE_BYTES})
        """,
        [str(table.path)],
    )


def guarded(check: Callable[[Sample], Match], sample: Sample, kind: str) -> Match:
    """What `check` says; junk that it stumbles over is no match."""
    try:
        return check(sample)
    except Exception as error:
        return Match(0.0, f"not readable as {kind}: {type(error).__name__}")


def header_in(sample: Sample, encodings: Sequence[str], is_header: HeaderTest) -> tuple[str, ...]:
    """The header among the first lines of a text file, or an empty one."""
    return next((names for names in _first_lines(sample, encodings) if is_header(names)), ())


def near_header(
    sample: Sample, encodings: Sequence[str], marks: Sequence[str], plain: Callable[[str], str] = str
) -> Match:
    """How near a file without the header of a layout comes to one: the share of these columns, by their plain
    names, in its best line; less than half is nothing."""
    found = max(
        ({plain(name) for name in names} & set(marks) for names in _first_lines(sample, encodings)),
        key=len,
        default=set(),
    )
    missing = [name for name in marks if name not in found]
    score = 0.9 * len(found) / len(marks) if 2 * len(found) >= len(marks) else 0.0
    return Match(score, f"columns {', '.join(missing)}")


def _first_lines(sample: Sample, encodings: Sequence[str]) -> Iterator[tuple[str, ...]]:
    if b"\0" in sample.head[:4096]:
        return
    for encoding in encodings:
        text = sample.text("utf-8-sig" if encoding == "utf-8" else encoding)
        for line in text.splitlines()[:HEADER_LINES]:
            yield tuple(_without_blank_end([name.strip() for name in _fields(line) or ()]))


# Also a time of day after it: downloads are often named 20250810143014.
_DATE_IN_NAME = re.compile(r"(?<!\d)(20\d\d)([-_.]?)(\d\d)\2(\d\d)(?:(?!\d)|(?=[0-2]\d[0-5]\d[0-5]\d))")


def released_on(path: Path) -> dt.date | None:
    """A day in the file's name such as 2025-05-09, 20250509 or 20250509101500."""
    for year, _, month, day in _DATE_IN_NAME.findall(path.name):
        try:
            return dt.date(int(year), int(month), int(day))
        except ValueError:
            continue
    return None


def shortened(notes: Sequence[str], most: int = 50) -> tuple[str, ...]:
    """The first notes, and how many more there are."""
    if len(notes) <= most:
        return tuple(notes)
    return (*notes[:most], f"and {len(notes) - most:,} more notes of this kind")


# Units of quantity ------------------------------------------------------------------------------------

_CHINESE = {
    **dict.fromkeys(
        "个個台臺件艘辆輛架套只隻支枝块塊条條头頭张張部片根枚把盘盤株匹幅副组組座册顶頂瓶粒羽尾具筒卷包箱",
        Unit(1, "items"),
    ),
    **dict.fromkeys(("吨", "公吨", "噸", "公噸"), Unit(1, "tonnes")),
    **dict.fromkeys(("千克", "公斤"), Unit(1, "kg")),
    "克": Unit(1, "grams"),
    "克拉": Unit(1, "carats"),
    **dict.fromkeys(("双", "雙", "对", "對"), Unit(1, "pairs")),
    **dict.fromkeys(("升", "公升"), Unit(1, "litres")),
    **dict.fromkeys(("立方米", "立方公尺"), Unit(1, "cubic metres")),
    **dict.fromkeys(("平方米", "平方公尺"), Unit(1, "square metres")),
    **dict.fromkeys(("米", "公尺"), Unit(1, "metres")),
    "千米": Unit(1000, "metres"),
    **dict.fromkeys(("千瓦时", "度"), Unit(1, "kWh")),
    "千伏安": Unit(1, "kVA"),
    "贝可": Unit(1, "Bq"),
    "打": Unit(12, "items"),
}
_CHINESE_FACTORS = {
    "十亿": 10**9,
    "千万": 10**7,
    "百万": 10**6,
    "亿": 10**8,
    "億": 10**8,
    "万": 10**4,
    "萬": 10**4,
    "千": 1000,
    "百": 100,
}
_LATIN = {
    **dict.fromkeys(
        ("N", "NO", "NMB", "PCS", "PC", "PCE", "PIECE", "PIECES", "UNIT", "UNITS", "SET", "SETS", "ST"),
        Unit(1, "items"),
    ),
    **dict.fromkeys(
        ("U", "HD", "HEAD", "ITEM", "ITEMS", "SHIP", "SHIPS", "VESSEL", "VESSELS"), Unit(1, "items")
    ),
    **dict.fromkeys(
        ("AUTO", "AUTOS", "VEHICLE", "VEHICLES", "PLANE", "PLANES", "AIRCRAFT"), Unit(1, "items")
    ),
    "TH": Unit(1000, "items"),
    "DZ": Unit(12, "items"),
    "DOZEN": Unit(12, "items"),
    **dict.fromkeys(("T", "TON", "TONS", "TONNE", "TONNES", "MT", "TNE"), Unit(1, "tonnes")),
    **dict.fromkeys(("KG", "KGS", "KGM"), Unit(1, "kg")),
    **dict.fromkeys(("G", "GR", "GRM", "GRAMS"), Unit(1, "grams")),
    **dict.fromkeys(("CARAT", "CARATS"), Unit(1, "carats")),
    **dict.fromkeys(("PR", "P", "PAIR", "PAIRS"), Unit(1, "pairs")),
    **dict.fromkeys(("L", "LTR", "LITRE", "LITRES", "LITER", "LITERS"), Unit(1, "litres")),
    "KL": Unit(1000, "litres"),
    **dict.fromkeys(("CUM", "CBM", "M3", "CM", "MTQ", "CUBICMETERS", "CUBICMETRES"), Unit(1, "cubic metres")),
    **dict.fromkeys(("SM", "SQM", "M2", "MTK"), Unit(1, "square metres")),
    **dict.fromkeys(("M", "MTR", "METRES", "METERS"), Unit(1, "metres")),
    "KWH": Unit(1, "kWh"),
    "CR": Unit(1, "cartons"),
}
_LATIN_FACTORS = {"": 1, "HUNDRED": 100, "THOUSAND": 1000, "MILLION": 10**6, "BILLION": 10**9}
_LATIN_UNIT = re.compile(r"(\d{0,9})(HUNDRED|THOUSAND|MILLION|BILLION|)([A-Z][A-Z0-9]*)")


def quantity_unit(printed: str) -> Unit | None:
    """What a unit such as 亿个, 万吨, 千克, 10000T, 100MN or `100 million pcs` is; null if unknown."""
    text = re.sub(r"[\s,，.'’]", "", printed).upper()
    unit = _chinese_unit(text) or _latin_unit(text)
    return unit if unit is not None and unit.scale < 10**13 else None


def _chinese_unit(text: str) -> Unit | None:
    if text in _CHINESE:
        return _CHINESE[text]
    for prefix, factor in _CHINESE_FACTORS.items():
        if text.startswith(prefix) and text[len(prefix) :] in _CHINESE:
            base = _CHINESE[text[len(prefix) :]]
            return Unit(base.scale * factor, base.name)
    return None


def _latin_unit(text: str) -> Unit | None:
    found = _LATIN_UNIT.fullmatch(text)
    if not found:
        return None
    digits, word, name = found.groups()
    factor = int(digits or 1) * _LATIN_FACTORS[word]
    if name in _LATIN:
        base = _LATIN[name]
    elif name.startswith("M") and name[1:] in _LATIN:
        # GACC writes millions as M: MN, 100MN, MPR, MKWH.
        base = Unit(10**6 * _LATIN[name[1:]].scale, _LATIN[name[1:]].name)
    else:
        return None
    return Unit(factor * base.scale, base.name) if factor else None


def flow_unit(printed: str) -> Unit | None:
    """The same in the units of flows: tonnes become kilograms."""
    unit = quantity_unit(printed)
    return Unit(unit.scale * 1000, "kg") if unit and unit.name == "tonnes" else unit


def unit_map(
    connection: duckdb.DuckDBPyConnection, source: str, columns: Sequence[str], name: str, none: Sequence[str]
) -> None:
    """Temp table `name` (printed, scale, unit) of the units in `columns`; `none` are left out.

    An unknown unit has a null `unit` and the scale 1.
    """
    known: list[tuple[str, int, str | None]] = []
    for column in columns:
        for (printed,) in connection.execute(f"select distinct {column} from {source}").fetchall():
            if printed is None or printed.strip() in ("", *none):
                continue
            unit = flow_unit(printed)
            row = (printed, unit.scale if unit else 1, unit.name if unit else None)
            if row not in known:
                known.append(row)
            if len(known) > 1000:
                raise FileRefused(f"more than 1,000 units in {column}; expected a column of units")
    connection.execute(
        f"create or replace temp table {name} (printed varchar, scale decimal(13,0), unit varchar)"
    )
    if known:
        connection.executemany(f"insert into {name} values (?, ?, ?)", known)


# Units of money ---------------------------------------------------------------------------------------

_CHINESE_MONEY = re.compile(r"(人民币|)(十亿|千万|百万|亿|万|千|百|)(元人民币|美元|元)")
_LATIN_MONEY = re.compile(r"(\d{0,12})(HUNDRED|)(THOUSAND|MILLION|BILLION|)")


def money_unit(printed: str) -> Money | None:
    """What an amount in 亿元人民币, 百万美元, US$1,000, `CNY 100 Million` or RMB￥10,000 is counted in."""
    text = re.sub(r"[\s,，]", "", printed)
    found = _CHINESE_MONEY.fullmatch(text)
    if found:
        currency = "USD" if found[3] == "美元" else "CNY"
        if currency == "USD" and found[1]:
            return None
        short = found[2] + ("美元" if currency == "USD" else "元")
        return Money(_CHINESE_FACTORS.get(found[2], 1), currency, short)
    upper = text.upper()
    is_usd = bool(re.search(r"US\$|USD|DOLLAR", upper))
    is_cny = bool(re.search(r"RMB|CNY|YUAN|[￥¥]", upper))
    rest = re.sub(r"US\$|USD|US|DOLLARS?|RMB|CNY|YUAN|OF|[()￥¥]", "", upper)
    found = _LATIN_MONEY.fullmatch(rest)
    if is_usd == is_cny or not found:
        return None
    scale = int(found[1] or 1) * (100 if found[2] else 1) * _LATIN_FACTORS[found[3]]
    return Money(scale, "USD" if is_usd else "CNY", printed.strip()) if 0 < scale < 10**13 else None
