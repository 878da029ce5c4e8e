"""Taiwan customs, portal.sw.nat.gov.tw (GA30, GA35): exports and imports by CCC code, by year or month.

CSV with `進出口別,日期,貨品號列,中文貨名,英文貨名,美元(千元)`, with a country column where the query
asked for one. Years are ROC years (113年 is 2024); the last period may be `114年1月~114年7月(初步值)`, seven
preliminary months. Values in thousand dollars or, where the header says 美元 alone, in dollars: the header
decides. Countries have Chinese names only.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.sources._text import (
    FAULT_COLUMNS,
    Rule,
    TextTable,
    fault,
    guarded,
    header_in,
    literal,
    load,
    mixed_units,
    near_header,
    normalise,
    number,
    open_end,
    released_on,
    remarks,
    scaled,
    unit_map,
)
from orchestration.sources.layout import FLOW_COLUMNS, FileRefused, Match, Reading, Sample, create_landing

ENCODINGS = ("utf-8", "cp950")
REPORTER = "TWN"

FLOW, PERIOD, CODE, NAME = "進出口別", "日期", "貨品號列", "中文貨名"
ENGLISH_NAME = "英文貨名"
COUNTRIES = ("國家", "國別", "國家(地區)", "國家名稱", "國家中文名稱", "中文國名")
QUANTITY, UNIT = "數量", "數量單位"
MONEY = re.compile(r"(美元|新台幣)(\((千元|百萬元|元)\)|)")
WEIGHT = re.compile(r"(?:淨重|重量)\((公斤|公噸|KGM|TNE)\)", re.IGNORECASE)
SCALES = {"千元": 1000, "百萬元": 1_000_000, "元": 1, None: 1}
CURRENCIES = {"美元": "USD", "新台幣": "TWD"}
IGNORED = {ENGLISH_NAME, "英文國名", "國家英文名稱", "國家代碼", "單位"}

# Exports and imports as the page names them: flow and row_kind. Domestic exports are part of X.
FLOWS = {
    "出口總值(含復出口)": ("X", "flow"),
    "進口總值(含復進口)": ("M", "flow"),
    "出口總值": ("X", "flow"),
    "進口總值": ("M", "flow"),
    "復出口": ("RX", "flow"),
    "復進口": ("RM", "flow"),
    "出口": ("X", "breakdown_procedure"),
    "進口": ("M", "breakdown_procedure"),
}
# How the names of what is left over begin: 其他國家, 其他中東及近東地區, 未列名美屬太平洋領域.
RESIDUALS = ("其他", "未列名")
TOTALS = ("合計", "總計", "全球", "全部國家", "全世界", "世界")


def plain_name(name: str) -> str:
    """A column's name with narrow brackets and without blanks: 美元（千元） -> 美元(千元)."""
    text = re.sub(r"\s", "", name).replace("（", "(").replace("）", ")")
    return text.replace("臺", "台")


def is_header(names: Sequence[str]) -> bool:
    plain = [plain_name(name) for name in names]
    return FLOW in plain and PERIOD in plain and CODE in plain


@dataclass(frozen=True)
class Columns:
    """Where a file has what; `money` is (column, its name in the file, scale, currency)."""

    places: dict[str, str]
    country: str
    money: tuple[tuple[str, str, int, str], ...]
    weight: tuple[str, int] | None


class TaiwanCustoms:
    """One record is one flow; a row per value column. Values in dollars (US or new Taiwan), weight in kg."""

    layout_id = "taiwan_customs"
    source_id = "taiwan"
    dataset_id = "taiwan_customs"
    title = "Taiwan customs, trade statistics of the single window"
    reads = "CSV downloads in UTF-8 or Big5, by year or month, with or without countries"
    refuses = "files without a column 美元 or 新臺幣, weights without a unit, columns that are not known"
    traps: tuple[str, ...] = (
        "ROC years: 113年 is 2024",
        "the last period is a part of a year, preliminary, and looks like a year in derived files",
        "thousand dollars with five decimals, or dollars: only the header says which",
        "總值 includes re-exports; 出口 alone are domestic exports, a part",
        "English names begin with a blank",
        "其他國家 is what is left over, not a country",
        "合計 is the World where the file prints it; a blank country beside others is neither",
        "remarks below the records are no records",
    )
    columns = FLOW_COLUMNS

    def match(self, sample: Sample) -> Match:
        return guarded(self._match, sample, "a CSV of Taiwan customs")

    @staticmethod
    def _match(sample: Sample) -> Match:
        names = header_in(sample, ENCODINGS, is_header)
        if not names:
            return near_header(sample, ENCODINGS, (FLOW, PERIOD, CODE, NAME), plain_name)
        if not any(MONEY.fullmatch(plain_name(name)) for name in names):
            return Match(0.6, "a column 美元(千元) or 美元")
        return Match(1.0)

    def read(self, connection: duckdb.DuckDBPyConnection, path: Path, table: str) -> Reading:
        create_landing(connection, table, FLOW_COLUMNS)
        with tempfile.TemporaryDirectory(prefix="chipledger-") as folder:
            text = normalise(path, Path(folder), ENCODINGS, is_header)
            columns = _columns(path, text)
            load(connection, text, "taiwan_record")
        try:
            units = [columns.places[UNIT]] if UNIT in columns.places else []
            unit_map(connection, "taiwan_record", units, "taiwan_unit", ("-",))
            connection.execute(_flow_table())
            for money in columns.money:
                connection.execute(f"insert into {table} by name {_query(columns, money)}")
        finally:
            for name in ("taiwan_record", "taiwan_unit", "taiwan_flow"):
                connection.execute(f"drop table if exists {name}")
        notes = remarks(text) + open_end(path) + mixed_units(connection, table)
        if not columns.country:
            notes.append("no country column: the figures are those of all partners together")
        records = text.records + len(text.malformed)
        return Reading(records, released_on(path), tuple(notes), text.malformed)


def _columns(path: Path, text: TextTable) -> Columns:
    places: dict[str, str] = {}
    money: list[tuple[str, str, int, str]] = []
    weight: tuple[str, int] | None = None
    country = ""
    for place, name in enumerate(text.header, start=1):
        plain = plain_name(name)
        if found := MONEY.fullmatch(plain):
            money.append((f"c{place}", name, SCALES[found[3]], CURRENCIES[found[1]]))
        elif found := WEIGHT.fullmatch(plain):
            weight = weight or (f"c{place}", 1 if found[1].upper() in ("公斤", "KGM") else 1000)
        elif plain in COUNTRIES:
            country = f"c{place}"
        elif plain.startswith(QUANTITY) and plain != UNIT:
            places[QUANTITY] = f"c{place}"
        elif plain in (FLOW, PERIOD, CODE, NAME, UNIT):
            places[plain] = f"c{place}"
        elif plain not in IGNORED:
            raise FileRefused(
                f"{path.name}, line {text.header_line}: column {name!r} is not known; expected countries, "
                "names, quantities, 重量(公斤) or 重量(公噸), and values in 美元 or 新臺幣"
            )
    if not money:
        raise FileRefused(
            f"{path.name}, line {text.header_line}: no column 美元(千元), 美元 or 新臺幣(千元); the header "
            "must say what is counted"
        )
    return Columns(places, country, tuple(money), weight)


def _flow_table() -> str:
    rows = ", ".join(f"({literal(name)}, '{flow}', '{kind}')" for name, (flow, kind) in FLOWS.items())
    return f"create or replace temp table taiwan_flow as from (values {rows}) as known (name, flow, kind)"


_MONTH = "([0-9]{2,4})年(0?[1-9]|1[0-2])月"


def _query(columns: Columns, money: tuple[str, str, int, str]) -> str:
    value, value_name, scale, currency = money
    totals = ", ".join(map(literal, TOTALS))

    def cell(name: str) -> str:
        return f"nullif(trim({columns.places[name]}), '')" if name in columns.places else "null::varchar"

    country = f"coalesce(nullif({_bare(columns.country)}, ''), '合計')" if columns.country else "'合計'"
    is_blank = f"nullif({_bare(columns.country)}, '') is null" if columns.country else "true"
    weight = f"nullif(trim({columns.weight[0]}), '')" if columns.weight else "null::varchar"
    unit = columns.places.get(UNIT, "null::varchar")
    amount = "try_cast(amount * 1000000 as decimal(24, 4))" if scale == 1_000_000 else scaled("amount", scale)
    return f"""
    with cells as (
        select raw_row,
            {_bare(cell(FLOW))} as flow_text,
            {cell(PERIOD)} as period,
            {_bare(cell(PERIOD))} as span,
            regexp_replace({cell(CODE)}, '[ .=''"-]', '', 'g') as code, {cell(NAME)} as label,
            {country} as country, {is_blank} as is_blank, nullif({cell_or_dash(value)}, '') as value_text,
            {number(f"nullif({cell_or_dash(value)}, '')")} as amount,
            {cell(QUANTITY)} as quantity_text, {number(cell(QUANTITY))} as quantity,
            case when trim({unit}) <> '-' then {unit} end as unit,
            {weight} as weight_text, {number(weight)} as weight
        from taiwan_record
    ),
    spans as (
        select *, regexp_matches(span, '初步值|初值|預估') as is_preliminary,
            regexp_replace(span, '[(].*[)]$', '') as bare,
            try_cast(regexp_extract(bare, '^([0-9]{{2,4}})年', 1) as integer) as year_1,
            try_cast(regexp_extract(bare, '^{_MONTH}', 2) as integer) as month_1,
            try_cast(regexp_extract(bare, '[~～至-]{_MONTH}$', 1) as integer) as year_2,
            try_cast(regexp_extract(bare, '[~～至-]{_MONTH}$', 2) as integer) as month_2,
            case
                when regexp_full_match(bare, '[0-9]{{2,4}}年') then 'A'
                when regexp_full_match(bare, '{_MONTH}') then 'M'
                when regexp_full_match(bare, '{_MONTH}[~～至-]{_MONTH}') and year_1 = year_2
                    and month_1 = 1 then case when month_2 = 12 then 'A' else 'YTD' end
            end as shape
        from cells
    ),
    dated as (
        select *, case
            when year_1 between 1950 and 2100 then year_1
            when year_1 between 50 and 189 then year_1 + 1911
        end as full_year,
        case when full_year is not null then shape end as grain
        from spans
    ),
    judged as (
        select dated.*, taiwan_flow.flow, taiwan_flow.kind, taiwan_unit.scale, taiwan_unit.unit as unit_name,
            {fault(_rules(value_name))}
        from dated
        left join taiwan_flow on dated.flow_text = taiwan_flow.name
        left join taiwan_unit on dated.unit = taiwan_unit.printed
    )
    select raw_row, {literal(value_name)} as raw_column,
        case
            when kind <> 'flow' then kind
            when regexp_matches(country, '^({"|".join(RESIDUALS)})') then 'country_group'
            -- A blank beside countries may be a lost name; only a line that is called the total is the World.
            when is_blank and (select not bool_and(is_blank) from cells) then 'subtotal'
            when value_text is null then 'no_value'
            else 'flow'
        end as row_kind,
        'taiwan_name' as code_system, '{REPORTER}' as reporter_code,
        case when country in ({totals}) then 'WLD' else country end as partner_code,
        flow, code as product_code,
        case when length(code) <= 6 then 'HS' else 'CCC' end as product_system, label as product_label,
        grain as period_grain,
        case when grain = 'M' then make_date(full_year, month_1, 1)
            when grain is not null then make_date(full_year, 1, 1) end as period_start_date,
        case grain when 'M' then last_day(make_date(full_year, month_1, 1))
            when 'A' then make_date(full_year, 12, 31)
            when 'YTD' then last_day(make_date(full_year, month_2, 1)) end as period_end_date,
        {amount} as value, '{currency}' as currency,
        case when flow in ('X', 'RX') then 'fob' when flow in ('M', 'RM') then 'cif' end as valuation,
        case when unit_name is not null then try_cast(quantity::decimal(24, 4) * scale as decimal(24, 4)) end
            as quantity,
        unit_name as quantity_unit,
        {scaled("weight", columns.weight[1] if columns.weight else 1)} as net_weight_kg,
        is_preliminary, {FAULT_COLUMNS}
    from judged order by raw_row
    """


def _bare(text: str) -> str:
    """SQL: a text with narrow brackets and without blanks."""
    return f"replace(replace(regexp_replace({text}, '\\s', '', 'g'), '（', '('), '）', ')')"


def cell_or_dash(column: str) -> str:
    """SQL: a trimmed text; `-` is nothing."""
    return f"case when trim({column}) <> '-' then trim({column}) end"


def _rules(value: str) -> tuple[Rule, ...]:
    return (
        Rule("taiwan_flow.flow is null", "unknown_flow", FLOW, "flow_text", "one of " + ", ".join(FLOWS)),
        Rule("grain is null", "bad_period", PERIOD, "period", "113年, 113年1月 or 114年1月~114年7月"),
        Rule(
            "value_text is not null and amount is null", "not_a_number", value, "value_text", "a plain number"
        ),
        Rule("amount < 0", "negative", value, "value_text", "0 or more"),
        Rule(
            "not coalesce(regexp_full_match(code, '([0-9]{2}){1,5}|[0-9]{11}'), false)",
            "bad_format",
            CODE,
            "code",
            "2, 4, 6, 8, 10 or 11 digits with leading zeros",
        ),
        Rule(
            "quantity_text not in ('-') and quantity is null",
            "not_a_number",
            QUANTITY,
            "quantity_text",
            "a plain number",
        ),
        Rule(
            "quantity <> 0 and taiwan_unit.unit is null",
            "unknown_unit",
            UNIT,
            "dated.unit",
            "a unit such as PCE, 個",
        ),
        Rule(
            "weight_text not in ('-') and weight is null",
            "not_a_number",
            "重量",
            "weight_text",
            "a plain number",
        ),
    )


LAYOUT = TaiwanCustoms()
