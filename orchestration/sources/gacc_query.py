"""Exports of the query page stats.customs.gov.cn of China customs: 8-digit codes by partner and month.

A CSV in GB18030, every field quoted, a comma at the end of every line. The columns follow the query, the
only sign of the currency is the header of the value (美元 or 人民币), and nothing in the file says whether
they are exports or imports: its name must, or `flow` in the source.yml beside it. Values in whole yuan or
dollars. Partners are GACC's own three-digit codes, which collide with the UN's. Printed tables of GACC are
`gacc_express_table` and `gacc_bulletin`.
"""

from __future__ import annotations

import re
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
    literal,
    load,
    mixed_units,
    near_header,
    normalise,
    number,
    released_on,
    remarks,
    unit_map,
)
from orchestration.sources.layout import (
    FLOW_COLUMNS,
    FileRefused,
    Match,
    Reading,
    Sample,
    create_landing,
    said_beside,
)

ENCODINGS = ("utf-8", "gb18030")
REPORTER = "142"
# The page gives at most this many rows of an answer, without saying so.
DOWNLOAD_LIMIT = 10_000

PERIOD, CODE, NAME, PARTNER, PARTNER_NAME = "数据年月", "商品编码", "商品名称", "贸易伙伴编码", "贸易伙伴名称"
QUANTITY, UNIT, QUANTITY_2, UNIT_2 = "第一数量", "第一计量单位", "第二数量", "第二计量单位"
CURRENCIES = {"美元": "USD", "人民币": "CNY"}
SPLITS = ("贸易方式编码", "贸易方式名称", "注册地编码", "注册地名称")
KNOWN = {PERIOD, CODE, NAME, PARTNER, PARTNER_NAME, QUANTITY, UNIT, QUANTITY_2, UNIT_2, *CURRENCIES, *SPLITS}
# Units are "?" where there is none.
NO_UNIT = ("?", "？", "-")
TOTALS = ("合计", "总计", "总值", "全部", "全球")

_EXPORT = re.compile(r"(?<![a-z])exports?(?![a-z])|出口", re.IGNORECASE)
_IMPORT = re.compile(r"(?<![a-z])imports?(?![a-z])|进口", re.IGNORECASE)


def is_header(names: Sequence[str]) -> bool:
    return PERIOD in names and CODE in names


class GaccQuery:
    """One record is one flow in yuan or dollars, with up to two quantities in the tariff line's units."""

    layout_id = "gacc_query"
    source_id = "gacc"
    dataset_id = "query"
    title = "China customs (GACC), export of the query page"
    reads = "CSV downloads of stats.customs.gov.cn in GB18030 or UTF-8, whatever columns the query chose"
    refuses = (
        "names that do not say exports or imports where source.yml does not, values in both currencies or in "
        "none, columns that are not known (they may split the values), bytes that are no GB18030"
    )
    traps: tuple[str, ...] = (
        "GB18030 without a mark, a trailing comma on every line, in some downloads a tab after every value",
        "the order of the columns follows the query",
        "美元 or 人民币 as header is the only sign of the currency",
        "values have thousands commas, quantities have none",
        "a second quantity of 0 in ? is none",
        "partner codes are GACC's own: 410 is Brazil there, Korea at the UN",
        "10,000 rows are the limit of a download: the rest is missing without a word",
        "columns for the customs procedure or the registration place split the flows",
    )
    columns = FLOW_COLUMNS
    asks = "flow"
    expected = "X (exports) or M (imports)"

    def match(self, sample: Sample) -> Match:
        return guarded(self._match, sample, "a CSV of the query page")

    @staticmethod
    def _match(sample: Sample) -> Match:
        names = header_in(sample, ENCODINGS, is_header)
        if not names:
            return near_header(sample, ENCODINGS, (PERIOD, CODE, NAME, PARTNER, PARTNER_NAME, QUANTITY))
        missing = [] if any(name in CURRENCIES for name in names) else ["a column 美元 or 人民币"]
        missing += [f"columns {', '.join(extra)}"] if (extra := _unknown(names)) else []
        return Match(1 - 0.3 * len(missing), "; ".join(missing))

    def read(self, connection: duckdb.DuckDBPyConnection, path: Path, table: str) -> Reading:
        return self.read_as(connection, path, table, said_beside(self, path))

    def accepts(self, said: str) -> bool:
        return said in ("X", "M")

    def read_as(
        self, connection: duckdb.DuckDBPyConnection, path: Path, table: str, said: str | None
    ) -> Reading:
        """As `read`; `said` is X or M where a person says what the file does not."""
        create_landing(connection, table, FLOW_COLUMNS)
        flow = flow_of(path, said)
        with tempfile.TemporaryDirectory(prefix="chipledger-") as folder:
            text = normalise(path, Path(folder), ENCODINGS, is_header)
            places = {name: f"c{place}" for place, name in enumerate(text.header, start=1)}
            value = _check_columns(path, text)
            load(connection, text, "gacc_query_record")
        units = [places[name] for name in (UNIT, UNIT_2) if name in places]
        try:
            unit_map(connection, "gacc_query_record", units, "gacc_query_unit", NO_UNIT)
            connection.execute(f"insert into {table} by name {_query(places, value, flow)}")
        finally:
            connection.execute("drop table if exists gacc_query_record; drop table if exists gacc_query_unit")
        records = text.records + len(text.malformed)
        notes = (*_notes(text, records), *mixed_units(connection, table))
        return Reading(records, released_on(path), notes, text.malformed)


def flow_of(path: Path, said: str | None = None) -> str:
    """X or M, from the name of the file or from what is `said`; the file itself does not say."""
    is_export, is_import = bool(_EXPORT.search(path.stem)), bool(_IMPORT.search(path.stem))
    named = {"X": is_export, "M": is_import}
    if said is not None and is_export != is_import and not named[said]:
        raise FileRefused(
            f"{path.name}: its name says {'exports' if is_export else 'imports'}, but the flow given for it "
            f"is {said}; expected both to say the same"
        )
    if said is not None:
        return said
    if is_export == is_import:
        raise FileRefused(
            f"{path.name}: the file does not say whether it holds exports or imports; put 'exports' or "
            f"'imports' (出口, 进口) into its name, for example {path.stem}_exports{path.suffix}, or give "
            "`chipledger add --flow X` or M (`flow` of the file in source.yml)"
        )
    return "X" if is_export else "M"


def _unknown(names: Sequence[str]) -> list[str]:
    return [name or "(blank)" for name in names if name not in KNOWN]


def _check_columns(path: Path, text: TextTable) -> str:
    """The column of the value."""
    unknown = _unknown(text.header)
    if unknown:
        raise FileRefused(
            f"{path.name}, line {text.header_line}: column {unknown[0]!r} is not known and may split the "
            "values; ask the query without it"
        )
    values = [name for name in text.header if name in CURRENCIES]
    if len(values) != 1:
        raise FileRefused(
            f"{path.name}, line {text.header_line}: one column 美元 or 人民币 tells the currency; found "
            f"{', '.join(values) or 'none'}"
        )
    return values[0]


def _notes(text: TextTable, records: int) -> tuple[str, ...]:
    notes = remarks(text)
    if records == DOWNLOAD_LIMIT:
        notes.append(
            "exactly 10,000 records, the limit of a download: the answer is probably cut; ask in smaller "
            "parts"
        )
    if any(name in text.header for name in SPLITS):
        notes.append(
            "split by procedure or registration place: only rows that are totals count as flows, as the file "
            "does not say whether all parts are in it; for totals, ask the query without these columns"
        )
    if PARTNER not in text.header:
        notes.append("no partner column: the figures are those of all partners together")
    return tuple(notes)


def _query(places: dict[str, str], value: str, flow: str) -> str:
    def cell(name: str) -> str:
        return f"nullif(trim({places[name]}), '')" if name in places else "null::varchar"

    def unit(name: str) -> str:
        none = ", ".join(map(literal, NO_UNIT))
        return f"case when {cell(name)} not in ({none}) then {places.get(name, 'null::varchar')} end"

    totals = ", ".join(map(literal, TOTALS))
    splits = [f"coalesce({cell(name)}, '合计') not in ({totals})" for name in SPLITS if name in places]
    partner = cell(PARTNER) if PARTNER in places else "'WLD'"
    return f"""
    with cells as (
        select raw_row, {cell(PERIOD)} as period, {cell(CODE)} as code, {cell(NAME)} as label,
            {partner} as partner, {cell(PARTNER_NAME)} as partner_name,
            {cell(value)} as value_text, {number(cell(value))} as value,
            {" or ".join(splits) or "false"} as is_split,
            {cell(QUANTITY)} as quantity_text, {number(cell(QUANTITY))} as quantity,
            {cell(QUANTITY_2)} as quantity_2_text, {number(cell(QUANTITY_2))} as quantity_2,
            {unit(UNIT)} as unit, {unit(UNIT_2)} as unit_2
        from gacc_query_record
    ),
    dated as (
        select *, case
            when regexp_full_match(period, '(19|20)[0-9]{{2}}(0[1-9]|1[0-2])')
                then make_date(substr(period, 1, 4)::integer, substr(period, 5, 2)::integer, 1)
            when regexp_full_match(period, '(19|20)[0-9]{{2}}') then make_date(period::integer, 1, 1)
        end as day
        from cells
    ),
    judged as (
        select dated.*, one.scale as scale, one.unit as unit_name, two.scale as scale_2,
            two.unit as unit_2_name, {fault(_rules(value))}
        from dated
        left join gacc_query_unit as one on dated.unit = one.printed
        left join gacc_query_unit as two on dated.unit_2 = two.printed
    )
    select raw_row, {literal(value)} as raw_column,
        case
            when is_split then 'breakdown_procedure'
            when partner_name in ({totals}) and partner <> 'WLD' then 'subtotal'
            when value_text is null then 'no_value'
            else 'flow'
        end as row_kind,
        'gacc' as code_system, '{REPORTER}' as reporter_code, partner as partner_code, '{flow}' as flow,
        code as product_code, case when length(code) <= 6 then 'HS' else 'CN' end as product_system,
        label as product_label,
        case when length(period) = 4 then 'A' else 'M' end as period_grain, day as period_start_date,
        case when length(period) = 4 then make_date(year(day), 12, 31) else last_day(day) end
            as period_end_date,
        cast(value as decimal(24, 4)) as value, '{CURRENCIES[value]}' as currency,
        '{"fob" if flow == "X" else "cif"}' as valuation,
        {_quantity("quantity", "scale", "unit_name")} as quantity, unit_name as quantity_unit,
        {_quantity("quantity_2", "scale_2", "unit_2_name")} as quantity_2, unit_2_name as quantity_2_unit,
        case
            when unit_name = 'kg' then {_quantity("quantity", "scale", "unit_name")}
            when unit_2_name = 'kg' then {_quantity("quantity_2", "scale_2", "unit_2_name")}
        end as net_weight_kg,
        {FAULT_COLUMNS}
    from judged order by raw_row
    """


def _quantity(quantity: str, scale: str, unit: str) -> str:
    """A quantity in its unit; one that does not fit, or has no unit, is null."""
    scaled = f"try_cast({quantity}::decimal(24, 4) * {scale} as decimal(24, 4))"
    return f"case when {unit} is not null then {scaled} end"


def _rules(value: str) -> tuple[Rule, ...]:
    return (
        Rule("day is null", "bad_period", PERIOD, "period", "a month such as 202401, or a year"),
        Rule(
            "value_text is not null and value is null",
            "not_a_number",
            value,
            "value_text",
            "a plain number, with or without thousands commas",
        ),
        Rule("value < 0", "negative", value, "value_text", "0 or more"),
        Rule(
            "not coalesce(regexp_full_match(code, '([0-9]{2}){1,5}'), false)",
            "bad_format",
            CODE,
            "code",
            "2, 4, 6, 8 or 10 digits with leading zeros",
        ),
        Rule(
            "partner is null or not regexp_full_match(partner, '[0-9]{3}|WLD')",
            "unknown_code",
            PARTNER,
            "partner",
            "three digits of GACC's list",
        ),
        *_quantity_rules(QUANTITY, "quantity", UNIT, "unit", "one"),
        *_quantity_rules(QUANTITY_2, "quantity_2", UNIT_2, "unit_2", "two"),
    )


def _quantity_rules(name: str, quantity: str, unit_name: str, unit: str, join: str) -> tuple[Rule, ...]:
    return (
        Rule(
            f"{quantity}_text is not null and {quantity} is null",
            "not_a_number",
            name,
            f"{quantity}_text",
            "a plain number",
        ),
        Rule(
            f"{quantity} <> 0 and {join}.unit is null",
            "unknown_unit",
            unit_name,
            f"dated.{unit}",
            "a unit such as 个, 台 or 千克",
        ),
        Rule(f"{quantity} < 0", "negative", name, f"{quantity}_text", "0 or more"),
    )


LAYOUT = GaccQuery()
