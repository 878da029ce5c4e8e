"""What the UN Comtrade layouts share: field names, kinds of row, rules of quantities, landing.

The records of every Comtrade layout have the same fields under different names. A layout says where
each field of `FIELDS` stands in its file; `insert_flows` turns those texts into rows of the one shape.
Recognising and opening files of one layout belongs to that layout's module.

Units: values in US dollars, weights in kilograms, quantities in the unit beside them.
"""

from __future__ import annotations

import csv
import gzip
import io
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO

import duckdb

from orchestration.sources.layout import FLOW_COLUMNS, FileRefused, create_landing

# Header of the portal's CSV; the API's records have the same 47 keys.
PORTAL_COLUMNS: tuple[str, ...] = (
    "typeCode", "freqCode", "refPeriodId", "refYear", "refMonth", "period", "reporterCode",
    "reporterISO", "reporterDesc", "flowCode", "flowDesc", "partnerCode", "partnerISO", "partnerDesc",
    "partner2Code", "partner2ISO", "partner2Desc", "classificationCode", "classificationSearchCode",
    "isOriginalClassification", "cmdCode", "cmdDesc", "aggrLevel", "isLeaf", "customsCode",
    "customsDesc", "mosCode", "motCode", "motDesc", "qtyUnitCode", "qtyUnitAbbr", "qty",
    "isQtyEstimated", "altQtyUnitCode", "altQtyUnitAbbr", "altQty", "isAltQtyEstimated", "netWgt",
    "isNetWgtEstimated", "grossWgt", "isGrossWgtEstimated", "cifvalue", "fobvalue", "primaryValue",
    "legacyEstimationFlag", "isReported", "isAggregate",
)  # fmt: skip

# The fields that rows are made of, by the API's names. A layout gives each as text, null when blank.
FIELDS: tuple[str, ...] = (
    "typeCode", "freqCode", "period", "reporterCode", "flowCode", "partnerCode", "partner2Code",
    "classificationCode", "cmdCode", "cmdDesc", "customsCode", "mosCode", "motCode", "qtyUnitCode",
    "qty", "isQtyEstimated", "altQtyUnitCode", "altQty", "netWgt", "isNetWgtEstimated",
    "primaryValue", "legacyEstimationFlag",
)  # fmt: skip

_CODES = (
    "freqCode", "period", "reporterCode", "partnerCode", "partner2Code", "motCode", "mosCode",
    "qtyUnitCode", "altQtyUnitCode", "legacyEstimationFlag",
)  # fmt: skip

TOTAL_FLOWS = ("M", "X", "RM", "RX")
# Parts of the four above, by customs treatment.
OTHER_FLOWS = ("DX", "FM", "MIP", "MOP", "XIP", "XOP")

# Comtrade's own abbreviations (reference list qtyunit) of the units that we do not rename.
UNITS: dict[str, str] = {
    "2": "m²", "3": "1000 kWh", "4": "m", "6": "2u", "7": "l", "10": "U (jeu/pack)", "11": "12u",
    "12": "m³", "13": "carat", "14": "km", "15": "g", "16": "hive", "17": "1000 m³", "18": "TJ",
    "19": "BBL", "20": "1000 L", "21": "1000 KG", "22": "kWH", "23": "l alc 100%", "24": "head",
    "25": "kg/net eda", "26": "kg C5H14ClNO", "27": "kg P2O5", "28": "kg H2O2", "29": "kg met.am.",
    "30": "kg N", "31": "kg KOH", "32": "kg K2O", "33": "kg NaOH", "34": "kg 90% sdt", "35": "kg U",
    "36": "ct/l", "37": "Bq", "38": "gi F/S", "39": "GRT", "40": "GT", "41": "ce/el",
}  # fmt: skip

# -1 today and 1 before 2023: no quantity.
_NO_UNIT = "('-1', '1')"

ENCODING_NOTE = "some lines are not UTF-8: read as Windows-1252"

# Longer lines are no records; the engine reports them with their number.
MAX_LINE_BYTES = 2_000_000

# What Windows-1252 has where Latin-1 has control characters; five bytes stay those.
_WINDOWS = {code: bytes([code]).decode("cp1252", errors="ignore") or chr(code) for code in range(128, 160)}


@dataclass(frozen=True)
class Named:
    """What a bulk file's name says about all of its records; empty where it says nothing."""

    reporter: str = ""
    period: str = ""


@dataclass(frozen=True)
class Fault:
    """A rule that a record breaks: where `holds` (SQL) is true, `field` has a bad value."""

    field: str
    reason_code: str
    expected: str
    holds: str


@dataclass(frozen=True)
class Table:
    """A delimited file, ready for the engine.

    columns: the names in the file, by position; source: what the engine opens (the file, or a copy of
    it in UTF-8); blank: numbers of the empty lines; lines: how many lines there are.
    """

    path: Path
    source: Path
    columns: Sequence[str]
    delimiter: str = ","
    quote: str = '"'
    compression: str = "none"
    blank: Sequence[int] = field(default=())
    lines: int | None = None
    notes: Sequence[str] = field(default=())

    def with_columns(self, columns: Sequence[str]) -> Table:
        return replace(self, columns=columns)

    def positions(self, names: Mapping[str, str]) -> dict[str, int]:
        """Field -> position, for the fields whose column is there; case makes no difference."""
        lowered = [column.lower() for column in self.columns]
        return {key: lowered.index(name.lower()) for key, name in names.items() if name.lower() in lowered}


@dataclass(frozen=True)
class Landed:
    """What landing a delimited file gave: see Reading."""

    records: int
    malformed: list[tuple[int, str, str]]
    notes: list[str]


def text(value: str) -> str:
    """An SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def literal_glob(path: Path) -> str:
    """The path as a pattern of the engine that matches only this path (bulk names have brackets)."""
    return "".join(f"[{sign}]" if sign in "[*?" else sign for sign in str(path))


# -- From fields to rows -------------------------------------------------------------------------------


def tidy(records: str) -> str:
    """SQL of records whose codes may carry blanks, leading zeros or the `.0` that pandas leaves.

    `records` may have aggrLevel: then product codes that lost leading zeros get them back.
    """
    codes = ", ".join(f"{_bare(name)} as {name}" for name in _CODES)
    return f"""
        select * replace ({codes},
               case when aggrLevel in ('2', '4', '6') and regexp_full_match(cmdCode, '[0-9]+')
                    then lpad(cmdCode, greatest(length(cmdCode), aggrLevel::integer), '0')
                    else cmdCode end as cmdCode)
        from (select * replace (nullif(regexp_replace(trim(cmdCode), '\\.0+$', ''), '') as cmdCode,
                                {_bare("aggrLevel")} as aggrLevel,
                                nullif(trim(customsCode), '') as customsCode, trim(flowCode) as flowCode,
                                nullif(trim(primaryValue), '') as primaryValue,
                                nullif(trim(qty), '') as qty, nullif(trim(altQty), '') as altQty,
                                nullif(trim(netWgt), '') as netWgt)
              from ({records}))
    """


def _bare(name: str) -> str:
    """SQL: a code without blanks, without `.0`, without leading zeros; null when blank."""
    plain = f"regexp_replace(trim({name}), '\\.0+$', '')"
    return f"case when trim({name}) <> '' then coalesce(nullif(ltrim({plain}, '0'), ''), '0') end"


def insert_flows(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    records: str,
    parameters: Sequence[object],
    *,
    names: Mapping[str, str],
    named: Named | None = None,
) -> None:
    """Creates `table` of the shape FLOW_COLUMNS from `records`: SQL with raw_row, FIELDS and _extra.

    names: field -> its name in the file, for problem_column and raw_column.
    """
    create_landing(connection, table, FLOW_COLUMNS)
    faults = _faults(named or Named())
    connection.execute(
        f"""
        insert into {table} by name
        with record as ({records}),
        measured as (
            select *, {_number("primaryValue")} as _value, {_number("qty")} as _qty,
                   {_number("altQty")} as _alt, {_number("netWgt")} as _weight,
                   {_period_holds(named or Named())} as _has_period
            from record
        ),
        judged as (select *, {_first_fault(faults)} as _fault from measured)
        select {_projection(names)}, {_problem(faults, names)}
        from judged
        """,
        list(parameters),
    )


def _number(name: str) -> str:
    """SQL: exact decimal of a text, null when it is none."""
    return f"try_cast({name} as decimal(24, 4))"


def _period_holds(named: Named) -> str:
    if named.period:
        grain = "A" if len(named.period) == 4 else "M"
        return f"freqCode = '{grain}' and period = {text(named.period)}"
    return """case freqCode when 'A' then regexp_full_match(period, '(19|20)[0-9]{2}')
              when 'M' then regexp_full_match(period, '(19|20)[0-9]{2}(0[1-9]|1[0-2])') else false end"""


def _faults(named: Named) -> tuple[Fault, ...]:
    """The rules in the order in which the first broken one is reported."""
    flows = ", ".join(text(code) for code in (*TOTAL_FLOWS, *OTHER_FLOWS))
    reporter = (
        Fault("reporterCode", "bad_code", f"{named.reporter}, as the file's name says",
              f"reporterCode is distinct from {text(named.reporter)}")
        if named.reporter
        else Fault("reporterCode", "bad_code", "a UN Comtrade area code of 1 to 3 digits",
                   "not coalesce(regexp_full_match(reporterCode, '[1-9][0-9]{0,2}'), false)")
    )  # fmt: skip
    period = f"{named.period}, as the file's name says" if named.period else "YYYY for A, YYYYMM for M"
    return (
        Fault("_extra", "bad_format", "nothing after the last column", "_extra is not null"),
        Fault("typeCode", "unknown_code", "C: goods", "typeCode is distinct from 'C'"),
        Fault("freqCode", "unknown_code", "A or M", "coalesce(freqCode not in ('A', 'M'), true)"),
        Fault("period", "bad_period", period, "not coalesce(_has_period, false)"),
        reporter,
        Fault("partnerCode", "bad_code", "a UN Comtrade area code of 1 to 3 digits, 0 being the World",
              "not coalesce(regexp_full_match(partnerCode, '[0-9]{1,3}'), false)"),
        Fault("flowCode", "unknown_code", "one of M, X, RM, RX, DX, FM, MIP, MOP, XIP, XOP",
              f"coalesce(flowCode not in ({flows}), true)"),
        Fault("classificationCode", "unknown_code", "H0 to H6 or HS",
              "coalesce(classificationCode not in ('H0', 'H1', 'H2', 'H3', 'H4', 'H5', 'H6', 'HS'), true)"),
        Fault("cmdCode", "bad_code", "TOTAL or an HS code of 2, 4 or 6 digits",
              "not coalesce(regexp_full_match(cmdCode, '[0-9]{6}|[0-9]{4}|[0-9]{2}|TOTAL|AG[1-6]'), false)"),
        Fault("primaryValue", "blank", "a value in US dollars", "primaryValue is null"),
        *(
            rule
            for name, number, what in (
                ("primaryValue", "_value", "a value in US dollars"),
                ("qty", "_qty", "a quantity"),
                ("altQty", "_alt", "a quantity"),
                ("netWgt", "_weight", "a weight in kilograms"),
            )
            for rule in (
                Fault(name, "not_a_number", what, f"{number} is null and {name} is not null"),
                Fault(name, "negative", f"{what}, 0 or more", f"{number} < 0"),
            )
        ),
    )  # fmt: skip


def _first_fault(faults: Sequence[Fault]) -> str:
    """SQL: number of the first broken rule, null for a good record."""
    cases = " ".join(f"when {fault.holds} then {number}" for number, fault in enumerate(faults))
    return f"(case {cases} end)::utinyint"


def _problem(faults: Sequence[Fault], names: Mapping[str, str]) -> str:
    """SQL of the four problem columns. Good records, nearly all, leave by the first branch."""

    def pick(values: Sequence[str]) -> str:
        cases = " ".join(f"when {number} then {value}" for number, value in enumerate(values))
        return f"case when _fault is null then null else (case _fault {cases} end) end"

    columns = [text(names.get(fault.field, fault.field)) for fault in faults]
    return f"""{pick([text(fault.reason_code) for fault in faults])} as problem,
        {pick(columns)} as problem_column,
        {pick([fault.field for fault in faults])} as problem_value,
        {pick([text(fault.expected) for fault in faults])} as problem_expected"""


def _projection(names: Mapping[str, str]) -> str:
    """SQL of every column but the problem's; see the rules in the module's tests."""
    year = "try_cast(left(period, 4) as smallint)"
    start = (
        f"make_date({year}, case freqCode when 'M' then try_cast(right(period, 2) as tinyint) else 1 end, 1)"
    )
    return f"""
        raw_row, {text(names["primaryValue"])} as raw_column, {_row_kind()} as row_kind,
        'comtrade' as code_system, reporterCode as reporter_code, partnerCode as partner_code,
        flowCode as flow, cmdCode as product_code, 'HS' as product_system, cmdDesc as product_label,
        case when classificationCode like 'H_' and classificationCode <> 'HS'
             then classificationCode end as hs_edition,
        case when freqCode in ('A', 'M') then freqCode end as period_grain,
        case when _has_period then {start} end as period_start_date,
        case when _has_period then
             case freqCode when 'M' then last_day({start}) else make_date({year}, 12, 31) end
        end as period_end_date,
        _value as value, 'USD' as currency,
        case when flowCode in ('X', 'RX') then 'fob' when flowCode in ('M', 'RM') then 'cif' end as valuation,
        {_quantity("_qty", "qtyUnitCode")} as quantity, {_unit("_qty", "qtyUnitCode")} as quantity_unit,
        {_quantity("_alt", "altQtyUnitCode")} as quantity_2,
        {_unit("_alt", "altQtyUnitCode")} as quantity_2_unit,
        nullif(_weight, 0) as net_weight_kg,
        {_estimated("isQtyEstimated", "'2', '6'")} as is_quantity_estimated,
        {_estimated("isNetWgtEstimated", "'4', '6'")} as is_weight_estimated,
        false as is_preliminary"""


def _row_kind() -> str:
    """SQL: breakdown rows repeat parts of a total row that stands beside them. isAggregate says
    nothing about that: it only tells whether the UN or the reporter summed the record up."""
    others = ", ".join(text(code) for code in OTHER_FLOWS)
    return f"""case when partner2Code <> '0' then 'breakdown_partner2'
        when motCode <> '0' then 'breakdown_transport'
        when customsCode <> 'C00' then 'breakdown_procedure'
        when trim(mosCode) <> '0' then 'breakdown_supply'
        when flowCode in ({others}) then 'other_flow'
        when cmdCode like 'AG%' then 'subtotal'
        else 'flow' end"""


def _quantity(number: str, unit: str) -> str:
    """SQL: 0 without a unit means not available; thousands of items become items."""
    return f"""case when {unit} in {_NO_UNIT} or {unit} is null then nullif({number}, 0)
        when {unit} = '9' then try_cast({number} * 1000 as decimal(24, 4)) else {number} end"""


def _unit(number: str, unit: str) -> str:
    table = ", ".join(f"'{code}': {text(name)}" for code, name in UNITS.items())
    return f"""case when {unit} in {_NO_UNIT} or {unit} is null then
             case when {number} <> 0 then 'N/A' end
        when {unit} in ('5', '9') then 'items' when {unit} = '8' then 'kg'
        else coalesce(map {{{table}}}[{unit}], 'unit ' || {unit}) end"""


def _estimated(mark: str, flags: str) -> str:
    """SQL: either of the two marks says so; null when the record has neither mark."""
    return f"""case when {mark} is null and legacyEstimationFlag is null then null
        else coalesce(try_cast({mark} as boolean), false)
             or coalesce(legacyEstimationFlag in ({flags}), false) end"""


# -- Delimited files ----------------------------------------------------------------------------------


def header_of(head: bytes, delimiter: str = ",") -> list[str]:
    """Names in the first line of `head`, without a byte order mark; empty when it has none."""
    line = decode(head.split(b"\n", 1)[0]).lstrip("\ufeff").rstrip("\r")
    with suppress(csv.Error):
        return next((
            [name.strip() for name in record]
            for record in csv.reader([line], delimiter=delimiter)
        ), [])  # fmt: skip
    return []


def decode(line: bytes) -> str:
    """A line as UTF-8, or as Windows-1252 where it is none."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1").translate(_WINDOWS)


def share(names: Sequence[str], expected: Sequence[str]) -> tuple[float, list[str]]:
    """Which share of the expected names is there, and which are missing; case makes no difference."""
    found = {name.lower() for name in names}
    missing = [name for name in expected if name.lower() not in found]
    return 1 - len(missing) / len(expected), missing


def is_gzip(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) == b"\x1f\x8b"


def open_bytes(path: Path) -> IO[bytes]:
    """The file's bytes, unpacked where it is gzip."""
    return gzip.open(path) if is_gzip(path) else path.open("rb")  # type: ignore[return-value]


@contextmanager
def surveyed(path: Path) -> Iterator[tuple[Table, list[list[str]]]]:
    """A comma-separated file, looked through once, and its first records as Python's reader sees them.

    Where lines are not UTF-8, the engine gets a temporary copy in UTF-8, decoded line by line: real
    files mix both. The copy is gone when the block ends.
    """
    with tempfile.TemporaryDirectory(prefix="comtrade-") as folder:
        copy = Path(folder) / "utf8.csv"
        blank, lines, foreign, first = _survey(path)
        if foreign:
            with open_bytes(path) as stream, copy.open("wb") as out:
                out.writelines(decode(line).encode() for line in stream)
        records = _records(first)
        if not records or not any(records[0]):
            raise FileRefused(f"{path.name}: the file is empty; expected a header line and records")
        packed = "gzip" if is_gzip(path) and not foreign else "none"
        yield (
            Table(
                path,
                copy if foreign else path,
                records[0],
                compression=packed,
                blank=blank,
                lines=lines,
                notes=(ENCODING_NOTE,) if foreign else (),
            ),
            records[1:],
        )


def _survey(path: Path) -> tuple[list[int], int, bool, bytes]:
    """Numbers of the empty lines, number of lines, whether one is not UTF-8, the first lines."""
    blank: list[int] = []
    number, foreign, first = 0, False, io.BytesIO()
    try:
        with open_bytes(path) as stream:
            for number, line in enumerate(stream, 1):
                if number <= 200:
                    first.write(line[:MAX_LINE_BYTES])
                if line in (b"\n", b"\r\n"):
                    blank.append(number)
                elif not foreign and not line.isascii():
                    foreign = not _is_utf8(line)
    except (OSError, EOFError, ValueError) as error:
        raise FileRefused(
            f"{path.name}, after line {number}: the file is cut off or damaged ({error})"
        ) from error
    return blank, number, foreign, first.getvalue()


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _records(first: bytes) -> list[list[str]]:
    """Header and first records, as far as they can be read."""
    rows: list[list[str]] = []
    lines = [decode(line).lstrip("\ufeff") for line in first.split(b"\n")]
    with suppress(csv.Error):
        for record in csv.reader(line.rstrip("\r") for line in lines):
            rows.append([value.strip() for value in record])
    return [rows[0], *(row for row in rows[1:] if row)] if rows else []


def columns_of(header: Sequence[str], records: Sequence[Sequence[str]]) -> list[str]:
    """Column names for the records: with one name more where their lines end in a comma."""
    counts = Counter(len(record) for record in records)
    usual = counts.most_common(1)[0][0] if counts else len(header)
    return [*header, "_extra"] if usual == len(header) + 1 else list(header)


def land_table(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    file: Table,
    *,
    names: Mapping[str, str],
    constants: Mapping[str, str],
    renamed: Mapping[str, Mapping[str, str]] | None = None,
    named: Named | None = None,
    clean: bool = True,
) -> Landed:
    """Lands a delimited file whose first line is its header; one pass of the engine over it.

    names: field -> column; constants: field -> SQL, with {field} for others, for fields that the file
    does not have; renamed: field -> code in the file -> code of today; clean: codes may need tidying.
    """
    rejects = f"{table}_rejects"
    wanted = (*FIELDS, "aggrLevel") if clean else FIELDS
    fields = _fields(wanted, file.positions(names), constants, renamed or {})
    extra = f"c{file.columns.index('_extra')}" if "_extra" in file.columns else "null::varchar"
    records = f"""select row_number() over () + 1 as raw_row, {", ".join(fields)}, {extra} as _extra
                  from {_read_csv(file, rejects)}"""
    _forget(connection, rejects)
    try:
        insert_flows(
            connection,
            table,
            tidy(records) if clean else records,
            [literal_glob(file.source)],
            names={**names, "_extra": f"column {len(file.columns)}"},
            named=named,
        )
        malformed = _malformed(connection, rejects)
    except duckdb.Error as error:
        raise FileRefused(f"{file.path.name}: {first_line(error)}") from error
    finally:
        _forget(connection, rejects)
    gaps = sorted({*file.blank, *(line for line, _, _ in malformed)})
    _number_lines(connection, table, gaps)
    rows = scalar(connection, f"select count(*) from {table}")
    notes = [*file.notes, *kind_notes(connection, table)]
    if file.lines is not None and file.lines != 1 + rows + len(gaps):
        notes.append("some values contain line breaks: line numbers count records")
    if not rows and not malformed:
        notes.append("no data")
    return Landed(rows + len(malformed), malformed, notes)


def _fields(
    wanted: Sequence[str],
    places: Mapping[str, int],
    constants: Mapping[str, str],
    renamed: Mapping[str, Mapping[str, str]],
) -> list[str]:
    """SQL of the fields, each from its column, from a constant, or null."""
    columns = {name: f"c{place}" for name, place in places.items()}
    for name, codes in renamed.items():
        table = ", ".join(f"{text(old)}: {text(new)}" for old, new in codes.items())
        columns[name] = f"coalesce(map {{{table}}}[trim({columns[name]})], {columns[name]})"
    for name, sql in constants.items():
        columns[name] = sql.format(**columns)
    return [f"{columns.get(name, 'null::varchar')} as {name}" for name in wanted]


def _read_csv(file: Table, rejects: str) -> str:
    """SQL: all columns as text; the order of the lines is kept."""
    columns = ", ".join(f"'c{number}': 'varchar'" for number in range(len(file.columns)))
    quote = f"quote = {text(file.quote)}, escape = {text(file.quote)}"
    return f"""read_csv(?, columns = {{{columns}}}, auto_detect = false, header = false, skip = 1,
        delim = {text(file.delimiter)}, {quote}, nullstr = '', compression = '{file.compression}',
        parallel = false, max_line_size = {MAX_LINE_BYTES},
        store_rejects = true, rejects_table = '{rejects}', rejects_scan = '{rejects}_scan')"""


def _forget(connection: duckdb.DuckDBPyConnection, rejects: str) -> None:
    with suppress(duckdb.Error):
        connection.execute(f"drop table if exists {rejects}")
        connection.execute(f"drop table if exists {rejects}_scan")


def _malformed(connection: duckdb.DuckDBPyConnection, rejects: str) -> list[tuple[int, str, str]]:
    found = connection.execute(
        f"""select line, first(lower(replace(error_type::varchar, ' ', '_')) || ': ' || error_message
                               order by error_type),
                   first(csv_line order by error_type)
            from {rejects} group by line order by line"""
    ).fetchall()
    return [
        (int(line), problem.splitlines()[0], (shown or "").strip("\r\n")[:200])
        for line, problem, shown in found
    ]


def _number_lines(connection: duckdb.DuckDBPyConnection, table: str, gaps: Sequence[int]) -> None:
    """Moves raw_row, the count of good records so far, past the lines that gave no record."""
    if not gaps:
        return
    # A record with the number n among the good ones comes after `shift` gaps from n >= threshold on.
    shifts = {line - number: number + 1 for number, line in enumerate(gaps)}
    starts = sorted(shifts)
    values = ", ".join(
        f"({start}, {until}, {shifts[start]})"
        for start, until in zip(starts, [*starts[1:], 2**62], strict=True)
    )
    connection.execute(
        f"""update {table} as landed set raw_row = landed.raw_row + gap.shift
            from (values {values}) as gap (start, until, shift)
            where landed.raw_row >= gap.start and landed.raw_row < gap.until"""
    )


_KINDS = {
    "breakdown_partner2": "broken down by second partner",
    "breakdown_transport": "broken down by mode of transport",
    "breakdown_procedure": "broken down by customs procedure",
    "breakdown_supply": "broken down by mode of supply",
    "other_flow": "of flows that are parts of the four main ones",
    "subtotal": "subtotals",
}


def kind_notes(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """What is set aside and why, one sentence per kind of row."""
    kinds = connection.execute(
        f"select row_kind, count(*) from {table} where row_kind <> 'flow' group by 1 order by 1"
    ).fetchall()
    return [
        f"{count:,} records are {_KINDS[kind]}: set aside, they repeat what other records contain"
        for kind, count in kinds
    ]


def scalar(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(connection.execute(query).fetchall()[0][0])


def first_line(error: duckdb.Error) -> str:
    """The first line of the engine's message, which names the place."""
    return next((line for line in str(error).splitlines() if line.strip()), "cannot be read")
