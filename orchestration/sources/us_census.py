"""US Census Bureau, international trade API: `timeseries/intltrade/{exports,imports}/hs`.

One answer is a JSON array of arrays, all texts, the first one the header; one record stands on one
line. Values are US dollars as reported: exports FAS (free alongside ship), imports customs value
without freight and insurance; both are shown as `fob`. See the "Guide to Using U.S. International
Trade Datasets in the Census API".
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.sources._text import mixed_units
from orchestration.sources.layout import (
    FLOW_COLUMNS,
    FileRefused,
    Match,
    Reading,
    Sample,
    create_landing,
)

# The API's own answers stay far below; the bound keeps a wrong file from filling the memory.
MAX_BYTES = 128 * 1024**2
SHOWN = 200

# Schedule C's own code of the United States; partners are Schedule C too.
REPORTER = "1000"


@dataclass(frozen=True)
class Measure:
    """A value column with its quantities. `scope` is the row_kind of figures that are no total flow."""

    value: str
    flow: str
    grain: str
    quantity: str
    quantity_2: str = ""
    scope: str = "flow"


# Imports for consumption count goods when they leave bonded warehouses, so they are not the general
# imports that other countries' figures compare with.
MEASURES = (
    Measure("ALL_VAL_MO", "X", "M", "QTY_1_MO", "QTY_2_MO"),
    Measure("ALL_VAL_YR", "X", "YTD", "QTY_1_YR", "QTY_2_YR"),
    Measure("GEN_VAL_MO", "M", "M", "GEN_QY1_MO", "GEN_QY2_MO"),
    Measure("GEN_VAL_YR", "M", "YTD", "GEN_QY1_YR", "GEN_QY2_YR"),
    Measure("CON_VAL_MO", "M", "M", "CON_QY1_MO", "CON_QY2_MO", "breakdown_procedure"),
    Measure("CON_VAL_YR", "M", "YTD", "CON_QY1_YR", "CON_QY2_YR", "breakdown_procedure"),
)
# Columns whose value splits a total by place or by duty programme ('-' is the total).
PLACES = ("STATE", "DISTRICT", "PORT")
PROGRAMMES = ("RP", "CTY_SUBCO")


class UsCensus:
    """Answers of the API for the Harmonized System, as saved by a browser, a script or `fetch`."""

    layout_id = "us_census"
    source_id = "census"
    dataset_id = "us_census"
    title = "US Census international trade API, Harmonized System"
    reads = (
        "JSON arrays of .../intltrade/exports/hs and .../imports/hs with any selection of columns that "
        "includes a value (ALL_VAL_*, GEN_VAL_*, CON_VAL_*) and the time"
    )
    refuses = (
        "HTML pages (a refused key), JSON that is cut off or no array of arrays, exports and imports in "
        "one file, echoed columns that contradict each other"
    )
    traps: tuple[str, ...] = (
        "predicates come back as duplicate columns: compared, then read once",
        "country groups (SUMMARY_LVL CGP, codes 00xx and 1XXX) contain the countries beside them",
        "DF 1 and 2 (domestic, foreign) are parts of DF '-'",
        "_YR columns are the year to date, a year only in December",
        "an empty answer (HTTP 204) is no data, not zero",
        "imports for consumption (CON_*) are not general imports (GEN_*)",
        "a quantity of 0 without a unit is missing",
    )
    columns = FLOW_COLUMNS

    def match(self, sample: Sample) -> Match:
        text = sample.text().lstrip()
        if _is_page(text):
            asked = "census" in text.lower() and "key" in text.lower()
            return Match(0.5 if asked else 0.0, "an HTML page, not the API's JSON")
        if not text.startswith("["):
            return Match(0.0, "does not start with [[")
        head = text.split("]", 1)[0]
        marks = {
            "an array of arrays": text[1:].lstrip().startswith("["),
            "a value column": any(f'"{item.value}"' in head for item in MEASURES),
            "a commodity column": '"E_COMMODITY"' in head or '"I_COMMODITY"' in head,
            "a time column": '"time"' in head or '"MONTH"' in head,
        }
        if not marks["a value column"]:
            return Match(0.0, "no value column such as ALL_VAL_MO or GEN_VAL_MO")
        missing = [name for name, there in marks.items() if not there]
        return Match(1 - len(missing) / len(marks), ", ".join(missing))

    def read(self, connection: duckdb.DuckDBPyConnection, path: Path, table: str) -> Reading:
        create_landing(connection, table, FLOW_COLUMNS)
        text = _text(path)
        if not text.strip():
            return Reading(0, notes=("the answer is empty: the API held no data for this question",))
        header, records, malformed = _records(path, text)
        places = _columns(path, header, records)
        measures = [item for item in MEASURES if item.value in places]
        notes = _notes(path, places, measures)
        try:
            _hand_over(connection, records)
            for measure in measures:
                connection.execute(f"insert into {table} by name {_query(measure, places)}")
        except duckdb.Error as error:
            first = str(error).splitlines()[0]
            raise FileRefused(f"{path.name}: not readable as an answer of the Census API: {first}") from error
        finally:
            connection.execute("drop table if exists census_record")
        notes = (*notes, *mixed_units(connection, table))
        return Reading(len(records) + len(malformed), notes=notes, malformed=tuple(malformed))


def _is_page(text: str) -> bool:
    return text.lstrip()[:200].lower().startswith(("<!doctype", "<html", "<head", "<?xml"))


def _text(path: Path) -> str:
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise FileRefused(
            f"{path.name}: {size:,} bytes; expected at most {MAX_BYTES:,} for one answer of the Census API"
        )
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileRefused(f"{path.name}: byte {error.start} is not UTF-8; expected JSON in UTF-8") from error
    if _is_page(text):
        raise FileRefused(
            f"{path.name}: an HTML page instead of data, so the key was probably refused or missing; "
            "check CENSUS_API_KEY and fetch again"
        )
    return text


def _records(path: Path, text: str) -> tuple[list[str], list[list[str | None]], list[tuple[int, str, str]]]:
    """Header, records of the header's length with their line as first cell, and what is no record."""
    try:
        # Numbers stay the texts that they are in the file: a double holds 15 digits of them.
        content = json.loads(text, parse_int=str, parse_float=str, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        place = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "line 1"
        raise FileRefused(
            f"{path.name}, {place}: the JSON is cut off or broken; expected [[header], [record], ...]"
        ) from error
    if not isinstance(content, list) or not content or not isinstance(content[0], list):
        raise FileRefused(f"{path.name}: not an array of arrays; expected [[header], [record], ...]")
    header = [str(name) for name in content[0]]
    records: list[list[str | None]] = []
    malformed: list[tuple[int, str, str]] = []
    for line, cells in enumerate(content[1:], start=2):
        if isinstance(cells, list) and len(cells) == len(header) and all(map(_is_plain, cells)):
            records.append([str(line), *(None if cell is None else str(cell) for cell in cells)])
        else:
            malformed.append((line, f"not a record of {len(header)} texts", str(cells)[:SHOWN]))
    return header, records, malformed


def _no_number(text: str) -> str:
    raise ValueError(f"{text} is no JSON")


def _is_plain(cell: object) -> bool:
    return cell is None or isinstance(cell, str)


def _columns(path: Path, header: list[str], records: list[list[str | None]]) -> dict[str, int]:
    """Position of each column in a record (1 is the line). Echoed columns must say the same."""
    places: dict[str, int] = {}
    for position, name in enumerate(header, start=1):
        first = places.setdefault(name, position)
        if first == position:
            continue
        for record in records:
            if record[first] != record[position]:
                raise FileRefused(
                    f"{path.name}, line {record[0]}: column {name} stands there twice, as "
                    f"{record[first]!r} and {record[position]!r}; expected the same value"
                )
    exports = {item.value for item in MEASURES if item.flow == "X"} & set(places)
    imports = {item.value for item in MEASURES if item.flow == "M"} & set(places)
    if not exports and not imports:
        raise FileRefused(
            f"{path.name}, line 1: no value column; expected ALL_VAL_MO, ALL_VAL_YR, GEN_VAL_MO or "
            f"GEN_VAL_YR; found {', '.join(header[:20])}"
        )
    if (exports or "E_COMMODITY" in places) and (imports or "I_COMMODITY" in places):
        raise FileRefused(
            f"{path.name}, line 1: columns of exports and of imports in one file; expected one of them"
        )
    if "time" not in places and not {"YEAR", "MONTH"} <= set(places):
        raise FileRefused(f"{path.name}, line 1: no column time; expected time, or YEAR and MONTH")
    return places


def _notes(path: Path, places: dict[str, int], measures: list[Measure]) -> tuple[str, ...]:
    notes: list[str] = []
    if any(item.flow == "M" for item in measures):
        notes.append("imports are customs value, without freight and insurance: shown as fob, not cif")
    used = {"time", "YEAR", "MONTH", "E_COMMODITY", "I_COMMODITY", "CTY_CODE", "COMM_LVL", "SUMMARY_LVL"}
    used |= {"DF", "UNIT_QY1", "UNIT_QY2", "E_COMMODITY_LDESC", "I_COMMODITY_LDESC", *PLACES, *PROGRAMMES}
    used |= {name for item in measures for name in (item.value, item.quantity, item.quantity_2)}
    used |= {f"{item.quantity}_FLAG" for item in measures}
    ignored = sorted(set(places) - used - {"CTY_NAME", "E_COMMODITY_SDESC", "I_COMMODITY_SDESC"})
    if ignored:
        notes.append(f"columns that are not used: {', '.join(ignored[:20])}")
    if "CTY_CODE" not in places:
        notes.append("no column CTY_CODE: the figures are those of all countries together")
    if not {"E_COMMODITY", "I_COMMODITY"} & set(places):
        notes.append("no commodity column: the figures are those of all goods")
    return tuple(notes)


def _hand_over(connection: duckdb.DuckDBPyConnection, records: list[list[str | None]]) -> None:
    """The records as temp table census_record(c varchar[]), c[1] being the line."""
    connection.execute("create or replace temp table census_record (c varchar[])")
    for start in range(0, len(records), 20_000):
        part = json.dumps(records[start : start + 20_000])
        connection.execute(
            "insert into census_record select unnest(from_json(?::json, '[[\"VARCHAR\"]]'))", [part]
        )


def _query(measure: Measure, places: dict[str, int]) -> str:
    """One row per record for one value column."""

    def cell(*names: str) -> str:
        found = [f"c[{places[name] + 1}]" for name in names if name in places]
        return f"trim({found[0]})" if found else "null::varchar"

    time = cell("time") if "time" in places else f"{cell('YEAR')} || '-' || lpad({cell('MONTH')}, 2, '0')"
    split = [f"coalesce({cell(name)}, '-') not in ('-', '')" for name in (*PROGRAMMES, "DF")]
    local = [f"coalesce({cell(name)}, '-') not in ('-', '')" for name in PLACES]
    grain = "'M'" if measure.grain == "M" else "case when month(day) = 12 then 'A' else 'YTD' end"
    start = "day" if measure.grain == "M" else "date_trunc('year', day)::date"
    return f"""
    with cells as (
        select
            c[1]::bigint as raw_row,
            {cell(measure.value)} as value_text,
            {_decimal(cell(measure.value.removesuffix("_MO") + "_YR"))} as to_date,
            coalesce({time}, '') as time_text,
            coalesce(nullif({cell("CTY_CODE")}, ''), '-') as partner,
            coalesce(nullif({cell("E_COMMODITY", "I_COMMODITY")}, ''), '-') as commodity,
            coalesce({cell("COMM_LVL")}, '') as level,
            coalesce({cell("SUMMARY_LVL")}, '') as summary,
            coalesce({cell("DF")}, '-') as df,
            {cell("E_COMMODITY_LDESC", "I_COMMODITY_LDESC")} as label,
            {" or ".join(split)} as is_split,
            {" or ".join(local)} as is_local,
            {cell(measure.quantity)} as quantity_text,
            {cell(f"{measure.quantity}_FLAG")} as quantity_flag,
            {cell(measure.quantity_2)} as quantity_2_text,
            {cell("UNIT_QY1")} as unit, {cell("UNIT_QY2")} as unit_2
        from census_record
    ),
    parsed as (
        select *,
            case when regexp_full_match(time_text, '[12][0-9]{{3}}-(0[1-9]|1[0-2])')
                then (time_text || '-01')::date end as day,
            {_decimal("value_text")} as value
        from cells
    )
    select
        raw_row,
        '{measure.value}' as raw_column,
        case
            when partner <> '-' and (summary = 'CGP' or partner like '00%' or partner like '%XXX')
                then 'country_group'
            when is_local then 'breakdown_place'
            when is_split then 'breakdown_procedure'
            when coalesce(value_text, '') = '' then 'no_value'
            else '{measure.scope}'
        end as row_kind,
        'schedule_c' as code_system,
        '{REPORTER}' as reporter_code,
        partner as partner_code,
        '{measure.flow}' as flow,
        case when commodity = '-' then 'TOTAL' else commodity end as product_code,
        case when commodity = '-' or length(commodity) <= 6 then 'HS' else 'HTS' end as product_system,
        nullif(label, '') as product_label,
        case when day is not null then {grain} end as period_grain,
        case when day is not null then {start} end as period_start_date,
        last_day(day) as period_end_date,
        value,
        'USD' as currency,
        'fob' as valuation,
        {_quantity("quantity_text", "unit", "quantity_flag")} as quantity,
        {_unit("unit")} as quantity_unit,
        {_quantity("quantity_2_text", "unit_2")} as quantity_2,
        {_unit("unit_2")} as quantity_2_unit,
        case when upper(unit) = 'KG' then {_quantity("quantity_text", "unit", "quantity_flag")} end
            as net_weight_kg,
        {_problem("problem", measure.value)},
        {_problem("problem_column", measure.value)},
        {_problem("problem_value", measure.value)},
        {_problem("problem_expected", measure.value)}
    from parsed
    """


NUMBER = r"-?[0-9]{1,20}([.][0-9]{1,4})?"


def _decimal(text: str) -> str:
    return f"case when regexp_full_match({text}, '{NUMBER}') then try_cast({text} as decimal(24, 4)) end"


def _unit(unit: str) -> str:
    """`NO` is items, `KG` kilograms; '-' and 'X' say that there is none; others stay as they are."""
    return (
        f"case upper({unit}) when 'NO' then 'items' when 'KG' then 'kg' "
        f"when '-' then null when 'X' then null when '' then null else {unit} end"
    )


def _quantity(text: str, unit: str, flag: str = "null") -> str:
    """A quantity with a unit; a 0 that carries a flag is not available rather than nothing."""
    number = f"case when regexp_full_match({text}, '{NUMBER}') then try_cast({text} as decimal(24, 4)) end"
    return (
        f"case when {_unit(unit)} is null then null "
        f"when coalesce({flag}, '-') not in ('-', '') and ({number}) = 0 then null else {number} end"
    )


# Condition, reason code, column ({value} is the value column), value, what was expected.
RULES = (
    ("day is null", "bad_period", "time", "time_text", "a month such as 2025-01"),
    (
        "coalesce(value_text, '') <> '' and value is null",
        "not_a_number",
        "{value}",
        "value_text",
        "a plain number of dollars",
    ),
    ("value < 0", "negative", "{value}", "value_text", "0 or more"),
    ("value > to_date", "parts_differ", "{value}", "value_text", "no more than the year to date beside it"),
    (
        "commodity <> '-' and not regexp_full_match(commodity, '[0-9]{2,10}')",
        "bad_format",
        "COMMODITY",
        "commodity",
        "2 to 10 digits",
    ),
    (
        "commodity <> '-' and regexp_full_match(level, 'HS(2|4|6|8|10)') "
        "and length(commodity) <> try_cast(substr(level, 3) as integer)",
        "bad_format",
        "COMMODITY",
        "commodity",
        "as many digits as COMM_LVL says, with leading zeros",
    ),
    (
        "not regexp_full_match(partner, '-|[0-9]{4}|[0-9]XXX')",
        "unknown_code",
        "CTY_CODE",
        "partner",
        "four digits of Schedule C, or - for all countries",
    ),
    ("df not in ('-', '', '1', '2')", "unknown_code", "DF", "df", "1, 2 or -"),
)


def _problem(output: str, value_column: str) -> str:
    """One of the four problem columns: the first rule that the record breaks."""
    position = ("problem", "problem_column", "problem_value", "problem_expected").index(output)
    arms: list[str] = []
    for condition, reason, column, value, expected in RULES:
        said = (reason, column.replace("{value}", value_column), value, expected)[position]
        arms.append(f"when {condition} then {said if position == 2 else repr_sql(said)}")
    return f"case {' '.join(arms)} end as {output}"


def repr_sql(text: str) -> str:
    """A text as an SQL literal."""
    escaped = text.replace("'", "''")
    return f"'{escaped}'"


LAYOUT = UsCensus()
