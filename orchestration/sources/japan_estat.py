"""Japan, Trade Statistics of the Ministry of Finance as CSV on e-Stat: 9-digit codes by country, months wide.

`Exp or Imp,Year,HS,Country,Unit1,Unit2,Quantity1-Year,Quantity2-Year,Value-Year,Quantity1-Jan,...-Dec`: one
record is a year of one code and country in thousand yen. Codes stand between apostrophes. Months that are
not published yet are printed as 0, and the column of the year then holds their sum so far. Files by customs
house or port split the flows and are refused.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import duckdb

from orchestration.sources._text import (
    FAULT_COLUMNS,
    Rule,
    TextTable,
    fault,
    guarded,
    header_in,
    load,
    mixed_units,
    near_header,
    normalise,
    number,
    released_on,
    remarks,
    scaled,
    unit_map,
)
from orchestration.sources.layout import FLOW_COLUMNS, FileRefused, Match, Reading, Sample, create_landing

ENCODINGS = ("utf-8", "cp932")
REPORTER = "JPN"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
FLOW, YEAR, CODE, COUNTRY, UNIT_1, UNIT_2 = "Exp or Imp", "Year", "HS", "Country", "Unit1", "Unit2"
NEEDED = (FLOW, YEAR, CODE, "Value-Year")
# Half a unit for each month and for the year.
MOST_ROUNDING = 6.5
MEASURES = ("Quantity1", "Quantity2", "Value")
KNOWN = {
    FLOW, YEAR, CODE, COUNTRY, UNIT_1, UNIT_2,
    *(f"{measure}-{period}" for measure in MEASURES for period in ("Year", *MONTHS)),
}  # fmt: skip


def is_header(names: Sequence[str]) -> bool:
    return set(NEEDED) <= set(names)


class JapanEstat:
    """One record makes 12 rows M, and a row A when its year is complete. Values in yen."""

    layout_id = "japan_estat"
    source_id = "japan"
    dataset_id = "estat"
    title = "Japan, Trade Statistics (e-Stat), commodity by country"
    reads = "CSV files of e-Stat in UTF-8 or Shift-JIS, with or without countries"
    refuses = "files by customs house or port, files without months, columns that are not known"
    traps: tuple[str, ...] = (
        "values are thousand yen",
        "codes stand between apostrophes, country codes are the ministry's own",
        "months that are not published yet are printed as 0",
        "the year's column is a sum so far in the current year, equal to its months but for rounding",
        "the quantity is in the second unit when there is only one",
        "the same file is published again: provisional, revised, final",
    )
    columns = FLOW_COLUMNS

    def match(self, sample: Sample) -> Match:
        return guarded(self._match, sample, "a CSV of e-Stat")

    @staticmethod
    def _match(sample: Sample) -> Match:
        names = header_in(sample, ENCODINGS, is_header)
        if not names:
            return near_header(sample, ENCODINGS, NEEDED)
        missing = [] if "Value-Jan" in names else ["Value-Jan"]
        missing += [f"a table without {extra[0]}"] if (extra := [n for n in names if n not in KNOWN]) else []
        return Match(1 - 0.3 * len(missing), "; ".join(missing))

    def read(self, connection: duckdb.DuckDBPyConnection, path: Path, table: str) -> Reading:
        create_landing(connection, table, FLOW_COLUMNS)
        with tempfile.TemporaryDirectory(prefix="chipledger-") as folder:
            text = normalise(path, Path(folder), ENCODINGS, is_header)
            places = {name: f"c{place}" for place, name in enumerate(text.header, start=1)}
            months = _check_columns(path, text)
            load(connection, text, "estat_record")
        try:
            units = [places[name] for name in (UNIT_1, UNIT_2) if name in places]
            unit_map(connection, "estat_record", units, "estat_unit", ("-",))
            connection.execute(_records(places, months))
            notes = _published(connection, months)
            for period in (*months, "Year") if months == MONTHS else months:
                connection.execute(f"insert into {table} by name {_flows(period)}")
        finally:
            for name in ("estat_record", "estat_unit", "estat_year", "estat_published"):
                connection.execute(f"drop table if exists {name}")
        notes += remarks(text) + mixed_units(connection, table)
        if COUNTRY not in places:
            notes.append("no country column: the figures are those of all partners together")
        records = text.records + len(text.malformed)
        return Reading(records, released_on(path), tuple(notes), text.malformed)


def _check_columns(path: Path, text: TextTable) -> tuple[str, ...]:
    """The months that the file has columns for."""
    unknown = [name for name in text.header if name not in KNOWN]
    if unknown:
        raise FileRefused(
            f"{path.name}, line {text.header_line}: column {unknown[0]!r} is not known; files by customs "
            "house or port split the flows: take the table of commodities by country"
        )
    months = tuple(month for month in MONTHS if f"Value-{month}" in text.header)
    if months != MONTHS[: len(months)] or not months:
        raise FileRefused(
            f"{path.name}, line {text.header_line}: columns of {', '.join(months) or 'no month'}; expected "
            "Value-Jan and the months after it, as only they tell whether the year is complete"
        )
    return months


def _records(places: dict[str, str], months: Sequence[str]) -> str:
    """estat_year: one row per record, with the numbers of its months still as texts."""

    def cell(name: str) -> str:
        return f"nullif(trim({places[name]}), '')" if name in places else "null::varchar"

    periods = (*months, "Year")
    texts = [f'{cell(f"{name}-{period}")} as "{name}-{period}"' for period in periods for name in MEASURES]
    total = " + ".join(f"coalesce({number(cell(f'Value-{month}'))}, 0)" for month in months)
    country = f"regexp_replace({cell(COUNTRY)}, '[ '']', '', 'g')" if COUNTRY in places else "'WLD'"
    return f"""
    create or replace temp table estat_year as
    select raw_row, {cell(FLOW)} as flow_text,
        case {cell(FLOW)} when '1' then 'X' when '2' then 'M' end as flow,
        {cell(YEAR)} as year_text,
        case when regexp_full_match({cell(YEAR)}, '(19|20)[0-9]{{2}}') then {cell(YEAR)}::integer end
            as year,
        regexp_replace({cell(CODE)}, '[ \'\'"=]', '', 'g') as code, {country} as country,
        one.unit as unit_1, coalesce(one.scale, 1) as scale_1, {cell(UNIT_1)} as unit_1_text,
        two.unit as unit_2, coalesce(two.scale, 1) as scale_2, {cell(UNIT_2)} as unit_2_text,
        {total} as months_total, {number(cell("Value-Year"))} as year_total,
        {", ".join(texts)}
    from estat_record
    left join estat_unit as one on {places.get(UNIT_1, "null::varchar")} = one.printed
    left join estat_unit as two on {places.get(UNIT_2, "null::varchar")} = two.printed
    """


def _published(connection: duckdb.DuckDBPyConnection, months: Sequence[str]) -> list[str]:
    """estat_published (year, last_month): the latest year ends with its last month that is not all 0."""
    last = ", ".join(
        f"max(case when not regexp_full_match(\"Value-{month}\", '0+([.]0+)?') then {place} end)"
        for place, month in enumerate(months, start=1)
    )
    connection.execute(
        f"""
        create or replace temp table estat_published as
        select year,
            case when year = (select max(year) from estat_year) then coalesce(greatest({last}), 0) else 12 end
                as last_month
        from estat_year where year is not null group by year
        """
    )
    rows = connection.execute("select year, last_month from estat_published where last_month < 12").fetchall()
    return [
        f"{year}: months after {MONTHS[last - 1] if last else 'the start'} are 0 in every record and "
        "taken as not yet published"
        for year, last in rows
    ]


def _flows(period: str) -> str:
    """The rows of one month, or of the year where all months are published."""
    month = MONTHS.index(period) + 1 if period in MONTHS else 12
    start = month if period in MONTHS else 1
    value, first, second = (f'"{name}-{period}"' for name in ("Value", "Quantity1", "Quantity2"))
    return f"""
    with placed as (
        select estat_year.*, coalesce(estat_published.last_month, 12) as last_month,
            {value} as value_text, {number(value)} as amount,
            {first} as quantity_1_text, {number(first)} as quantity_1,
            {second} as quantity_2_text, {number(second)} as quantity_2
        from estat_year left join estat_published on estat_year.year = estat_published.year
    ),
    wanted as (
        select *, {month} > last_month as is_unpublished from placed
        where {"true" if period in MONTHS else "last_month = 12"}
    ),
    judged as (
        select *, unit_1_text is not null as has_first,
            {_scaled_quantity("quantity_1", "scale_1", "unit_1")} as first_quantity,
            {_scaled_quantity("quantity_2", "scale_2", "unit_2")} as second_quantity,
            {fault(_rules(period))}
        from wanted
    )
    select raw_row, 'Value-{period}' as raw_column,
        case
            when is_unpublished then 'not_yet_published'
            when value_text is null then 'no_value'
            else 'flow'
        end as row_kind,
        'mof' as code_system, '{REPORTER}' as reporter_code, country as partner_code, flow,
        code as product_code, case when length(code) <= 6 then 'HS' else 'JHS' end as product_system,
        case when year is not null then '{"M" if period in MONTHS else "A"}' end as period_grain,
        make_date(year, {start}, 1) as period_start_date, last_day(make_date(year, {month}, 1))
            as period_end_date,
        case when not is_unpublished then {scaled("amount", 1000)} end as value,
        'JPY' as currency, case flow when 'X' then 'fob' when 'M' then 'cif' end as valuation,
        case when has_first then first_quantity else second_quantity end as quantity,
        case when has_first then unit_1 else unit_2 end as quantity_unit,
        case when has_first then second_quantity end as quantity_2,
        case when has_first then unit_2 end as quantity_2_unit,
        case when unit_1 = 'kg' then first_quantity when unit_2 = 'kg' then second_quantity end
            as net_weight_kg,
        {FAULT_COLUMNS}
    from judged
    """


def _scaled_quantity(quantity: str, scale: str, unit: str) -> str:
    """A quantity in its unit. A 0 beside a value is less than half a unit, not nothing."""
    return (
        f"case when {unit} is not null and not is_unpublished and ({quantity} <> 0 or amount = 0) "
        f"then try_cast({quantity}::decimal(24, 4) * {scale} as decimal(24, 4)) end"
    )


def _rules(period: str) -> tuple[Rule, ...]:
    number_rules = tuple(
        Rule(
            f"{name}_text is not null and {number} is null",
            "not_a_number",
            column,
            f"{name}_text",
            "a plain number",
        )
        for name, number, column in (
            ("value", "amount", f"Value-{period}"),
            ("quantity_1", "quantity_1", f"Quantity1-{period}"),
            ("quantity_2", "quantity_2", f"Quantity2-{period}"),
        )
    )
    return (
        Rule("flow is null", "unknown_flow", FLOW, "flow_text", "1 exports or 2 imports"),
        Rule("year is null", "bad_period", YEAR, "year_text", "a year such as 2024"),
        Rule(
            "not coalesce(regexp_full_match(code, '[0-9]{9}|([0-9]{2}){1,3}'), false)",
            "bad_format",
            CODE,
            "code",
            "9 digits (or 2, 4, 6) with leading zeros",
        ),
        Rule(
            "country is null or not regexp_full_match(country, '[0-9]{3}|WLD')",
            "unknown_code",
            COUNTRY,
            "country",
            "three digits of the ministry's list",
        ),
        *number_rules,
        Rule("amount < 0", "negative", f"Value-{period}", "value_text", "0 or more"),
        Rule(
            "quantity_1 <> 0 and unit_1 is null",
            "unknown_unit",
            UNIT_1,
            "unit_1_text",
            "a unit such as NO or KG",
        ),
        Rule(
            "quantity_2 <> 0 and unit_2 is null",
            "unknown_unit",
            UNIT_2,
            "unit_2_text",
            "a unit such as NO or KG",
        ),
        Rule(
            # Each month and the year may be rounded to thousand yen by itself.
            f"abs(months_total - year_total) > {MOST_ROUNDING} or year_total is null",
            "parts_differ",
            "Value-Year",
            '"Value-Year"',
            "the sum of the months of the record",
        ),
    )


LAYOUT = JapanEstat()
