"""CEPII's BACI, `BACI_HS17_Y2022_V202401b.csv`: one year of world trade in one HS edition, reconciled.

Columns t, i, j, k, v, q: year, exporter, importer, HS code, value in thousands of US dollars (freight and
insurance taken off), quantity in metric tons. The code lists beside it (`country_codes_V*.csv`,
`product_codes_HS*_V*.csv`) are other files and not read here. The edition and the version stand in the
name only, so the name must be kept. Rows are exports of i to j, in US dollars, FOB, and kilograms.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from orchestration.sources._comtrade import Fault, first_fault, problem_columns, rounded
from orchestration.sources._delimited import Table, first_bytes, header_of, is_gzip, is_index, land
from orchestration.sources.layout import (
    FLOW_COLUMNS,
    FileRefused,
    Match,
    Reading,
    Sample,
    create_landing,
)

COLUMNS = ("t", "i", "j", "k", "v", "q")

EDITIONS = {"92": "H0", "96": "H1", "02": "H2", "07": "H3", "12": "H4", "17": "H5", "22": "H6"}

_NAME = re.compile(
    r"BACI_HS(?P<edition>92|96|02|07|12|17|22)_Y(?P<year>(?:19|20)\d\d)"
    r"_V(?P<version>20\d\d(?:0[1-9]|1[0-2]))(?P<letter>[a-z]?)(?!\d)"
)
_CODE_LISTS = (
    (re.compile(r"country_codes_V\d{6}"), ("country_code", "country_name"), "BACI's list of country codes"),
    (re.compile(r"product_codes_HS\d\d_V\d{6}"), ("code",), "BACI's list of product codes"),
)
_NEEDED = "a name such as BACI_HS17_Y2022_V202401b.csv: only it tells the HS edition and the version"

# A value below 10^14 dollars has 11 digits of thousands; 7 decimals of them are all that is kept of a
# dollar. The same for tons and kilograms.
_EXACT = "decimal(18, 7)"
# The same with room for three digits more, for the number of dollars: 100 billion would not fit else.
_WIDE = "decimal(24, 7)"

# BACI is published to the thousandth: of a thousand dollars, of a ton.
_DECIMALS = 3


class Baci:
    layout_id = "baci"
    source_id = "baci"
    dataset_id = "baci"
    title = "CEPII BACI, bilateral trade by HS code (BACI_HS*_Y*_V*.csv)"
    reads = "CSV with the columns t,i,j,k,v,q, packed with gzip or not, of any size"
    refuses = "files whose name does not tell the HS edition and the version; code lists"
    traps: tuple[str, ...] = (
        "values are thousands of dollars, quantities metric tons",
        "a missing quantity is blank, NA or NaN, often with blanks before it",
        "files that pandas has saved again: an index before the columns, codes such as 854231.0",
        "codes that were read as numbers have lost their leading zero: padded to 6 digits",
        "numbers that a spreadsheet or a script has rounded (6.328e+03) are quarantined",
        "there are no rows of the World; 490 is Taiwan (Other Asia, not elsewhere specified)",
        "values are FOB on both sides: freight is taken off what importers declare",
        "the version in the name is the release: V202401b is known to be of January 2024, not of which day",
    )
    columns = FLOW_COLUMNS

    def match(self, sample: Sample) -> Match:
        header = header_of(sample.head)
        if listed := _code_list(sample.name, header):
            return Match(0.0, code_list=listed)
        if not _is_ours(header):
            named = 0.3 if sample.name.upper().startswith("BACI_HS") else 0.0
            return Match(named, "exactly the columns t,i,j,k,v,q")
        return Match(1.0) if _NAME.search(sample.name) else Match(0.9, _NEEDED)

    def read(self, connection: duckdb.DuckDBPyConnection, path: Path, table: str) -> Reading:
        found = _NAME.search(path.name)
        if not found:
            raise FileRefused(f"{path.name}: expected {_NEEDED}")
        header = header_of(first_bytes(path))
        if not _is_ours(header):
            shown = ", ".join(header[:8]) or "nothing"
            raise FileRefused(f"{path.name}, line 1: found {shown}; expected the columns t, i, j, k, v, q")
        packed = "gzip" if is_gzip(path) else "none"
        file = Table(path, path, header, compression=packed, large=True)
        places = file.positions({name: name for name in COLUMNS})
        query = _query(EDITIONS[found["edition"]], found["year"], places)

        def insert(lines: str) -> str:
            create_landing(connection, table, FLOW_COLUMNS)
            connection.execute(f"insert into {table} by name with line as ({lines}), {query}")
            return table

        landed = land(connection, table, file, insert)
        version = f"version {found['version']}{found['letter']}: the day of the release is not known"
        return Reading(
            landed.records,
            _last_day(found["version"]),
            (*landed.notes, version),
            tuple(landed.malformed),
            covers_whole=True,
        )


def _code_list(name: str, header: Sequence[str]) -> str:
    """Which of BACI's two lists of codes a file is, by its name and first column; else empty."""
    for pattern, columns, listed in _CODE_LISTS:
        if pattern.match(name) and header and header[0].lower() in columns:
            return listed
    return ""


def _is_ours(header: Sequence[str]) -> bool:
    """The columns of BACI, whatever index a script has saved with them."""
    return tuple(name.lower() for name in header if not is_index(name)) == COLUMNS


def _last_day(version: str) -> dt.date:
    """The last day of the month YYYYMM."""
    year, month = int(version[:4]), int(version[4:])
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def _faults(year: str) -> tuple[Fault, ...]:
    code = "a country code of 1 to 3 digits"
    return (
        Fault("t", "bad_period", f"{year}, as the file's name says", f"t is distinct from '{year}'"),
        Fault("i", "bad_code", code, "not coalesce(regexp_full_match(i, '[1-9][0-9]{0,2}'), false)"),
        Fault("j", "bad_code", code, "not coalesce(regexp_full_match(j, '[1-9][0-9]{0,2}'), false)"),
        Fault(
            "k",
            "bad_code",
            "an HS code of 6 digits (5 without its leading zero)",
            "not coalesce(regexp_full_match(k, '[0-9]{5,6}'), false)",
        ),
        Fault("v", "blank", "a value in thousands of US dollars", "v is null"),
        Fault("v", "not_a_number", "a value in thousands of US dollars", "_thousands is null"),
        Fault("v", "negative", "a value of 0 or more", "_thousands < 0"),
        Fault("v", "rounded", "a value with all its digits", rounded("v", _DECIMALS)),
        Fault(
            "q",
            "not_a_number",
            "a quantity in metric tons, or NA",
            "_tons is null and q is not null",
        ),
        Fault("q", "negative", "a quantity of 0 or more", "_tons < 0"),
        Fault("q", "rounded", "a quantity with all its digits", rounded("q", _DECIMALS)),
    )


def _query(edition: str, year: str, places: Mapping[str, int]) -> str:
    """SQL, after `line` with raw_row and the texts c0, c1, ..., of the rows; places: column -> its number."""
    faults = _faults(year)
    codes = ", ".join(f"{_plain(f'c{places[name]}')} as {name}" for name in "ij")
    digits = ", ".join(f"{_whole(f'c{places[name]}')} as {name}" for name in "tk")
    numbers = ", ".join(f"{_number(f'c{places[name]}')} as {name}" for name in "vq")
    return f"""
        record as (select raw_row, {digits}, {codes}, {numbers} from line),
        measured as (
            select *, try_cast(v as {_EXACT}) as _thousands, try_cast(q as {_EXACT}) as _tons from record
        ),
        judged as (select *, {first_fault(faults)} as _fault from measured)
        select raw_row, 'v' as raw_column, 'flow' as row_kind, 'comtrade' as code_system,
               i as reporter_code, j as partner_code, 'X' as flow,
               case when length(k) = 5 then '0' || k else k end as product_code,
               'HS' as product_system, '{edition}' as hs_edition, 'A' as period_grain,
               date '{year}-01-01' as period_start_date, date '{year}-12-31' as period_end_date,
               try_cast(_thousands::{_WIDE} * 1000 as decimal(24, 4)) as value, 'USD' as currency,
               'fob' as valuation, try_cast(_tons::{_WIDE} * 1000 as decimal(24, 4)) as net_weight_kg,
               false as is_preliminary, {problem_columns(faults, {})}
        from judged
    """


def _whole(column: str) -> str:
    """SQL: digits without blanks and without the `.0` that pandas leaves."""
    return f"regexp_replace(trim({column}), '\\.0+$', '')"


def _plain(column: str) -> str:
    """SQL: a code without blanks and leading zeros."""
    return f"ltrim({_whole(column)}, '0')"


def _number(column: str) -> str:
    """SQL: a number as text, null where it is missing in one of the ways of R and pandas."""
    return f"case when upper(trim({column})) not in ('', 'NA', 'NAN') then trim({column}) end"


LAYOUT = Baci()
