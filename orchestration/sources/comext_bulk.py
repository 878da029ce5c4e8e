"""Eurostat Comext, monthly bulk files of detailed trade: `full{YYYYMM}` and `full_v2_{YYYYMM}`, .7z or .dat.

Comma-separated, whole numbers, no quotes; about 5 million rows a month. Values are euros: imports CIF,
exports FOB, at the EU's border for extra-EU trade. Partners are two-letter codes of the geonomenclature,
of which QP to QZ and 0950 to 0979 are no countries (stores, not specified, confidential). Licence
CC BY 4.0 with attribution to Eurostat.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import duckdb
import py7zr
from py7zr.io import Py7zIO, WriterFactory

from orchestration.sources._text import mixed_units, open_end
from orchestration.sources.layout import (
    FLOW_COLUMNS,
    FileRefused,
    Match,
    Reading,
    Sample,
    create_landing,
)

SIGNATURE = b"7z\xbc\xaf\x27\x1c"
# A month unpacks to 0.4 GB, a year to about 0.8 GB.
MAX_UNPACKED = 4 * 1024**3
NAME = re.compile(r"full_?(v2_)?\d{6}\.(7z|dat|csv|txt)", re.IGNORECASE)
MEMBER = re.compile(r"[A-Za-z0-9_.-]+\.(dat|csv|txt)", re.IGNORECASE)


@dataclass(frozen=True)
class Edition:
    """One generation of the files: which of its columns is what."""

    reporter: str
    partner: str
    partner_number: str
    trade_type: str
    product: str
    flow: str
    procedure: str
    unit: str
    period: str
    value: str
    weight: str
    quantity: str

    @property
    def marks(self) -> tuple[str, ...]:
        """The columns that a file of this edition must have."""
        names = (self.reporter, self.partner, self.product, self.flow, self.procedure, self.unit)
        return (*names, self.period, self.value, self.weight, self.quantity, self.trade_type)


EDITIONS = (
    Edition(
        reporter="REPORTER",
        partner="PARTNER",
        partner_number="",
        trade_type="TRADE_TYPE",
        product="PRODUCT_NC",
        flow="FLOW",
        procedure="STAT_PROCEDURE",
        unit="SUPPL_UNIT",
        period="PERIOD",
        value="VALUE_EUR",
        weight="QUANTITY_KG",
        quantity="QUANTITY_SUPPL_UNIT",
    ),
    Edition(
        reporter="DECLARANT_ISO",
        partner="PARTNER_ISO",
        partner_number="PARTNER",
        trade_type="TRADE_TYPE",
        product="PRODUCT_NC",
        flow="FLOW",
        procedure="STAT_REGIME",
        unit="SUPP_UNIT",
        period="PERIOD",
        value="VALUE_IN_EUROS",
        weight="QUANTITY_IN_KG",
        quantity="SUP_QUANTITY",
    ),
)


class ComextBulk:
    """Bulk files as Eurostat publishes them, packed or unpacked."""

    layout_id = "comext_bulk"
    source_id = "comext"
    dataset_id = "comext_bulk"
    title = "Eurostat Comext bulk file of detailed trade (CN 8 digits)"
    reads = (
        "full_v2_{YYYYMM} and full{YYYYMM}, as .7z with one member or as unpacked .dat or .csv; "
        "{YYYY}52 is a year"
    )
    refuses = (
        "archives with more than one member, with a name that leads out of the folder, or that unpack to "
        "more than 4 GB; files without Comext's columns"
    )
    traps: tuple[str, ...] = (
        "a product can have one row per statistical procedure: added up, never one of them alone",
        "partners QP to QZ, 0950 to 0979 and aggregates such as EU27_2020 are no countries",
        "products with letters (99RRR100, 39XXXXXX) are confidential remainders",
        "PERIOD YYYY52 is the whole year",
        "unit NO_SU: a quantity of 0 is missing",
        "XI and XU are parts of GB where GB stands in the file too, else added up to it",
        "a confidential product can have several rows, which differ in their SITC code: no duplicates",
        "CS and YU each stood for two countries: the period says which, or the record is quarantined",
    )
    columns = FLOW_COLUMNS

    def match(self, sample: Sample) -> Match:
        if sample.head.startswith(SIGNATURE):
            return _match_archive(sample)
        names = set(_names(sample.text().split("\n", 1)[0]))
        best = max(EDITIONS, key=lambda edition: len(names & set(edition.marks)))
        missing = [name for name in best.marks if name not in names]
        score = 1 - len(missing) / len(best.marks)
        return Match(score if score >= 0.5 else 0.0, f"columns {', '.join(missing)}")

    def read(self, connection: duckdb.DuckDBPyConnection, path: Path, table: str) -> Reading:
        create_landing(connection, table, FLOW_COLUMNS)
        with _unpacked(path) as plain:
            header = _header(path, plain)
            edition = _edition(path, header)
            try:
                malformed = _load(connection, plain, header, edition)
                connection.execute(f"insert into {table} by name {_query(edition)}")
                (records,) = connection.execute("select count(*) from comext_cell").fetchall()[0]
                notes = (*_notes(connection), *open_end(plain), *mixed_units(connection, table))
            except duckdb.Error as error:
                said = _reason(error).replace(str(plain), path.name)
                raise FileRefused(f"{path.name}: not readable as a Comext file: {said}") from error
            finally:
                for name in ("comext_line", "comext_cell", "comext_key", "comext_sum"):
                    connection.execute(f"drop table if exists {name}")
        return Reading(
            int(records) + len(malformed), notes=notes, malformed=tuple(malformed), covers_whole=True
        )


def _reason(error: duckdb.Error) -> str:
    """The first line of the engine's message names the place; what is wrong stands behind the line itself."""
    first, *others = str(error).splitlines()
    return " ".join([first, *[line for line in others if not line.startswith("Original Line")][:1]])


def _match_archive(sample: Sample) -> Match:
    try:
        with sample.path.open("rb") as stream, py7zr.SevenZipFile(stream) as archive:
            names = archive.getnames()
    except Exception:  # py7zr raises whatever its parsers do; a match never raises
        return Match(0.0, "a .7z archive that cannot be opened")
    if NAME.fullmatch(sample.name) or any(NAME.fullmatch(Path(name).name) for name in names):
        return Match(1.0)
    return Match(0.25, "a .7z archive that is not called full_v2_YYYYMM.7z")


# --- unpacking


class _Bounded(Py7zIO):  # type: ignore[misc]  # py7zr is not checked
    """A writer to a file that stops at a number of bytes, whatever the archive declares."""

    def __init__(self, stream: BinaryIO, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self._written = 0

    def write(self, s: bytes | bytearray) -> int:
        self._written += len(s)
        if self._written > self._limit:
            raise FileRefused(f"unpacks to more than {self._limit:,} bytes")
        return self._stream.write(s)

    def read(self, size: int | None = None) -> bytes:
        return b""

    def seek(self, offset: int, whence: int = 0) -> int:
        return 0

    def flush(self) -> None:
        self._stream.flush()

    def size(self) -> int:
        return self._written


class _OneFile(WriterFactory):  # type: ignore[misc]
    """Hands the same bounded writer to the one member, wherever its name points."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def create(self, filename: str) -> Py7zIO:
        return _Bounded(self._stream, MAX_UNPACKED)


@contextmanager
def _unpacked(path: Path) -> Iterator[Path]:
    """The file itself, or the one member of the archive as a temporary file."""
    with path.open("rb") as stream:
        is_archive = stream.read(len(SIGNATURE)) == SIGNATURE
    if not is_archive:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="chipledger-") as folder:
        plain = Path(folder) / "comext.dat"
        try:
            _extract(path, plain)
        except FileRefused:
            raise
        except Exception as error:  # py7zr raises whatever its parsers do on damaged bytes
            raise FileRefused(
                f"{path.name}: the .7z archive is damaged or cut off ({type(error).__name__}); fetch it again"
            ) from error
        yield plain


def _extract(path: Path, plain: Path) -> None:
    with path.open("rb") as stream, py7zr.SevenZipFile(stream) as archive:
        if archive.needs_password():
            raise FileRefused(f"{path.name}: the archive asks for a password; Eurostat's do not")
        members = [member for member in archive.list() if not member.is_directory]
        names = [str(member.filename) for member in members]
        if len(members) != 1 or not MEMBER.fullmatch(names[0]):
            shown = ", ".join(names[:5]) or "nothing"
            raise FileRefused(f"{path.name}: holds {shown}; expected one member such as full_202401.dat")
        declared = members[0].uncompressed or 0
        if declared > MAX_UNPACKED:
            raise FileRefused(
                f"{path.name}: unpacks to {declared:,} bytes; expected at most {MAX_UNPACKED:,}"
            )
        with plain.open("wb") as target:
            archive.extract(targets=names, factory=_OneFile(target))


# --- reading


def _header(path: Path, plain: Path) -> list[str]:
    with plain.open("rb") as stream:
        first = stream.readline(65_536)
    return _names(first.decode("utf-8-sig", errors="replace"))


def _names(line: str) -> list[str]:
    """Names of a header, which scripts put in quotes and Eurostat does not."""
    return [name.strip().strip('"') for name in line.strip().split(",")]


def _edition(path: Path, header: list[str]) -> Edition:
    for edition in EDITIONS:
        if set(edition.marks) <= set(header):
            if len(header) != len(set(header)):
                raise FileRefused(f"{path.name}, line 1: a column stands there twice")
            return edition
    best = max(EDITIONS, key=lambda edition: len(set(header) & set(edition.marks)))
    missing = [name for name in best.marks if name not in header]
    raise FileRefused(
        f"{path.name}, line 1: the header is not Comext's: missing {', '.join(missing)}; found "
        f"{', '.join(name[:40] for name in header[:8])}"
    )


def _load(
    connection: duckdb.DuckDBPyConnection, plain: Path, header: list[str], edition: Edition
) -> list[tuple[int, str, str]]:
    """Fills comext_cell (texts, one row per record) and comext_sum; returns the malformed lines."""
    malformed: list[tuple[int, str, str]] = []
    if not _load_clean(connection, plain, header, edition):
        malformed = _load_lines(connection, plain, header, edition)
    connection.execute(
        "alter table comext_cell add column own_partner varchar; "
        f"{_WHOLE_UNITED_KINGDOM}; {_renamed_partners()}"
    )
    connection.execute(
        f"create or replace temp table comext_key as select {KEY}, min(raw_row) as first_row "
        f"from comext_cell group by {KEY} having count(*) > 1"
    )
    connection.execute(
        f"""
        create or replace temp table comext_sum as
        select {KEY}, count(*) as parts, min(first_row) as first_row,
            sum({_number("value")}) as value,
            sum({_number("weight")}) as weight, sum({_number("quantity")}) as quantity,
            string_agg(distinct procedure, ', ' order by procedure) as procedures,
            string_agg(distinct own_partner, ', ' order by own_partner) as own_partners,
            count_if({_number("value")} is null) as unreadable,
            count(*) > count(distinct (own_partner, procedure, trade_type, unit))
                and regexp_full_match(product, '[0-9]*') as is_repeated
        from comext_cell join comext_key using ({KEY}) group by {KEY}
        """
    )
    return malformed


def _load_clean(
    connection: duckdb.DuckDBPyConnection, plain: Path, header: list[str], edition: Edition
) -> bool:
    """Reads a file whose lines are all records; False where one is not, for then lines have to be counted."""
    roles = ", ".join(
        f'"{name}" as {role}' if name else f"null::varchar as {role}" for role, name in vars(edition).items()
    )
    escaped = [name.replace("'", "''") for name in header]
    types = ", ".join(f"'{name}': 'varchar'" for name in escaped)
    try:
        connection.execute(
            "create or replace temp table comext_cell as "
            f"select row_number() over () + 1 as raw_row, {roles} "
            f"from read_csv(?, header = true, columns = {{{types}}}, auto_detect = false, delim = ',', "
            "quote = '\"', escape = '', nullstr = '\x01', max_line_size = 65536)",
            [str(plain)],
        )
    except duckdb.Error:
        return False
    (rows,) = connection.execute("select count(*) from comext_cell").fetchall()[0]
    return int(rows) + 1 == _lines(plain)


def _lines(plain: Path) -> int:
    """Number of lines, a last one without its line end included."""
    count, last = 0, b"\n"
    with plain.open("rb") as stream:
        while piece := stream.read(1 << 20):
            count += piece.count(b"\n")
            last = piece[-1:]
    return count + (last != b"\n")


def _load_lines(
    connection: duckdb.DuckDBPyConnection, plain: Path, header: list[str], edition: Edition
) -> list[tuple[int, str, str]]:
    """The same line by line: each is read whole and split afterwards, and so keeps its number."""
    connection.execute(
        """
        create or replace temp table comext_line as
        select row_number() over () as raw_row, string_split(rtrim(line, chr(13)), ',') as f
        from read_csv(?, header = false, columns = {'line': 'varchar'}, auto_detect = false,
            delim = '\x1f', quote = '', escape = '', encoding = 'utf-8', max_line_size = 65536)
        """,
        [str(plain)],
    )
    cells = ", ".join(
        f"coalesce(trim(trim(f[{header.index(name) + 1}]), '\"'), '') as {role}"
        if name
        else f"null::varchar as {role}"
        for role, name in vars(edition).items()
    )
    connection.execute(
        f"create or replace temp table comext_cell as select raw_row, {cells} from comext_line "
        "where raw_row > 1 and len(f) = ?",
        [len(header)],
    )
    wrong = connection.execute(
        "select raw_row, len(f), left(array_to_string(f, ','), 200) from comext_line "
        "where raw_row > 1 and len(f) <> ? and not (len(f) = 1 and f[1] = '') order by raw_row",
        [len(header)],
    ).fetchall()
    return [(int(line), f"{count} fields, not {len(header)}", str(text)) for line, count, text in wrong]


KEY = "reporter, partner, flow, product, period"
# From 2021 on the United Kingdom can stand there as XI (Northern Ireland) and XU (the rest) alone: added up
# as rows by procedure are. `own_partner` keeps what the file says.
_WHOLE_UNITED_KINGDOM = """
    update comext_cell set own_partner = partner, partner = 'GB'
    where partner in ('XI', 'XU') and not exists (select 1 from comext_cell where partner = 'GB')
"""
PERIOD = "[12][0-9]{3}(0[1-9]|1[0-2]|52)"


@dataclass(frozen=True)
class Reused:
    """Years in which a code that two countries had was one country's, and the code that we give that one."""

    code: str
    first_year: int
    last_year: int
    known_as: str


# The lists of codes have no period, but the record has one: so a code that changed hands is made two codes
# here, which economy_codes.csv maps. CS was Czechoslovakia's until 1992 and Serbia and Montenegro's from 2003
# to 2006 (ISO 3166-3: CSHH, CSXX); YU was Yugoslavia's until 1991 and, from 1993 until the geonomenclature
# said CS in June 2004, of the state that was renamed to Serbia and Montenegro (number 891 at ISO under both
# names). In 1992 YU may be either. Years not named here decide nothing: the code stays and is quarantined.
REUSED = (
    Reused("CS", 1900, 1992, "CS-1992"),
    Reused("CS", 2003, 2006, "CS-2006"),
    Reused("YU", 1900, 1991, "YU-1991"),
    Reused("YU", 1993, 2004, "CS-2006"),
)


def _renamed_partners() -> str:
    """Before records are added up: the file of 2004 can have Serbia and Montenegro under both codes."""
    cases = " ".join(
        f"when partner = '{item.code}' and left(period, 4) between '{item.first_year}' "
        f"and '{item.last_year}' then '{item.known_as}'"
        for item in REUSED
    )
    codes = ", ".join(sorted({f"'{item.code}'" for item in REUSED}))
    return (
        f"update comext_cell set own_partner = partner, partner = case {cases} end "
        f"where partner in ({codes}) and regexp_full_match(period, '{PERIOD}') "
        f"and case {cases} end is not null"
    )


def _number(name: str) -> str:
    """A whole or decimal number of at most 18 digits, else null."""
    return (
        f"case when regexp_full_match({name}, '-?[0-9]{{1,18}}([.][0-9]{{1,4}})?') "
        f"then try_cast({name} as decimal(24, 4)) end"
    )


def _query(edition: Edition) -> str:
    """One row per record. The first of several procedures carries the sum, the others are its parts."""
    return f"""
    with typed as (
        select c.*, s.parts, s.first_row, s.procedures, s.own_partners, s.unreadable,
            coalesce(s.is_repeated, false) as is_repeated,
            coalesce(s.parts > 1 and c.raw_row = s.first_row, false) as is_sum,
            coalesce(c.raw_row <> s.first_row, false) as is_part,
            case when regexp_full_match(c.period, '{PERIOD}') then
                make_date(left(c.period, 4)::integer,
                    case when right(c.period, 2) = '52' then 1 else right(c.period, 2)::integer end, 1)
            end as day,
            right(c.period, 2) = '52' as is_year,
            {_number("c.value")} as own_value,
            case when is_sum then s.value else own_value end as total_value,
            case when is_sum then s.weight else {_number("c.weight")} end as total_weight,
            case when is_sum then s.quantity else {_number("c.quantity")} end as total_quantity,
            nullif(nullif(c.unit, 'NO_SU'), '') as real_unit,
            (select bool_or(partner = 'GB') from comext_cell) as has_gb
        from comext_cell c
        left join comext_sum s on c.reporter = s.reporter and c.partner = s.partner and c.flow = s.flow
            and c.product = s.product and c.period = s.period
    ),
    judged as (
        select *, case
            when day is null then 'bad_period'
            when flow not in ('1', '2') then 'unknown_code'
            when trade_type not in ('I', 'E', 'L', 'M') then 'unknown_code'
            when not regexp_full_match(product, '[0-9A-Z]{{2,8}}|TOTAL') then 'bad_format'
            when reporter = '' or partner = '' then 'unknown_code'
            when own_value is null and value <> '' then 'not_a_number'
            when own_value < 0 then 'negative'
            when is_repeated then 'duplicate_key'
            when is_sum and unreadable > 0 then 'parts_differ'
        end as problem
        from typed
    )
    select
        raw_row,
        case when is_sum then '{edition.value}, sum of {edition.procedure} ' || procedures
                || coalesce(' and {edition.partner} ' || own_partners, '')
            else '{edition.value}' end as raw_column,
        case
            when is_part then 'breakdown_procedure'
            when partner in ('XI', 'XU') and has_gb then 'breakdown_partner2'
            when not regexp_full_match(coalesce(own_partner, partner), '[A-Z]{{2}}')
                or regexp_full_match(partner, 'Q[P-Z]|EU')
                or coalesce(regexp_full_match(partner_number, '09[5-7][0-9]'), false)
                or not regexp_full_match(reporter, '[A-Z]{{2}}') or reporter = 'EU' then 'country_group'
            when product = 'TOTAL' or regexp_full_match(product, '[0-9]{{2,7}}') then 'subtotal'
            when regexp_matches(product, '[A-Z]') then 'confidential'
            when value = '' then 'no_value'
            else 'flow'
        end as row_kind,
        'iso2' as code_system,
        reporter as reporter_code,
        case when regexp_full_match(partner, '[A-Z]{{2}}') or partner_number is null then partner
            else coalesce(nullif(partner, ''), partner_number) end as partner_code,
        case flow when '1' then 'M' when '2' then 'X' end as flow,
        product as product_code,
        case when length(product) <= 6 then 'HS' else 'CN' end as product_system,
        case when day is null then null when is_year then 'A' else 'M' end as period_grain,
        day as period_start_date,
        case when is_year then make_date(year(day), 12, 31) else last_day(day) end as period_end_date,
        total_value as value,
        'EUR' as currency,
        case flow when '1' then 'cif' when '2' then 'fob' end as valuation,
        case when real_unit is not null then total_quantity end as quantity,
        case upper(real_unit) when 'NAR' then 'items' when 'KGM' then 'kg' else real_unit end
            as quantity_unit,
        total_weight as net_weight_kg,
        problem,
        case problem
            when 'bad_period' then '{edition.period}'
            when 'bad_format' then '{edition.product}'
            when 'unknown_code' then
                case when flow not in ('1', '2') then '{edition.flow}'
                    when trade_type not in ('I', 'E', 'L', 'M') then '{edition.trade_type}'
                    else '{edition.partner}' end
            when 'not_a_number' then '{edition.value}'
            when 'negative' then '{edition.value}'
            when 'duplicate_key' then '{edition.procedure}'
            when 'parts_differ' then '{edition.procedure}'
        end as problem_column,
        case problem
            when 'bad_period' then period
            when 'bad_format' then product
            when 'unknown_code' then
                case when flow not in ('1', '2') then flow
                    when trade_type not in ('I', 'E', 'L', 'M') then trade_type else partner end
            when 'not_a_number' then value
            when 'negative' then value
            when 'duplicate_key' then procedures
            when 'parts_differ' then procedures
        end as problem_value,
        case problem
            when 'bad_period' then 'YYYYMM, or YYYY52 for a year'
            when 'bad_format' then '8 digits, or letters where the product is confidential'
            when 'unknown_code' then
                case when flow not in ('1', '2') then '1 import or 2 export'
                    when trade_type not in ('I', 'E', 'L', 'M') then 'I, E, L or M'
                    else 'a code of a reporter and of a partner' end
            when 'not_a_number' then 'a whole number of euros'
            when 'negative' then '0 or more'
            when 'duplicate_key' then 'each procedure once per product, partner and period'
            when 'parts_differ' then 'a readable value in each of the rows to be added up'
        end as problem_expected
    from judged
    """


def _notes(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    keys, parts = connection.execute("select count(*), coalesce(sum(parts), 0) from comext_sum").fetchall()[0]
    if not keys:
        return ()
    return (f"{int(parts):,} rows by statistical procedure are added up to {int(keys):,} flows",)


LAYOUT = ComextBulk()
