"""Korea: CSV of K-stat (KITA) and of the customs service's pages, by country and HS code.

`기간,국가,HS코드,품목명,수출 중량,수출 금액,수입 중량,수입 금액,무역수지` in UTF-8 or CP949; one
record holds an export and an import. Amounts are in thousand dollars or dollars, weights in tonnes or
kilograms, depending on the view, so the unit must be said: in the header, above it, or in the name of
the file. Countries have Korean names only. The open data answers in XML are `korea_open_data`.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Sequence
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
    near_header,
    normalise,
    number,
    released_on,
    remarks,
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

ENCODINGS = ("utf-8", "cp949")
REPORTER = "KOR"
# K-stat's names of totals and of what is left over.
TOTALS = ("총계", "합계", "전체", "전세계", "세계")
RESIDUALS = ("기타", "기타국", "기타국가", "기타지역")

PERIOD, COUNTRY, CODE, NAME, BALANCE = "기간", "국가", "HS코드", "품목명", "무역수지"
EXPORT_WEIGHT, EXPORT_VALUE, IMPORT_WEIGHT, IMPORT_VALUE = "수출중량", "수출금액", "수입중량", "수입금액"
NEEDED = (PERIOD, CODE, EXPORT_VALUE, IMPORT_VALUE)
KNOWN = (*NEEDED, COUNTRY, NAME, BALANCE, EXPORT_WEIGHT, IMPORT_WEIGHT)
# The same columns in other views, and what says nothing of a flow: numbers of rows, counts, changes.
OTHER_NAMES = {"국가명": COUNTRY, "년월": PERIOD, "품목코드": CODE, "품명": NAME, "수지": BALANCE}
IGNORED = ("순번", "번호", "국가코드", "수출건수", "수입건수", "수출증감률", "수입증감률")

_THOUSAND = re.compile(
    r"천(미)?(불|달러|usd|\$)|us\$1,?000|(usd|us\$|\$)천|1,?000(usd|us\$|불|달러)|usd1,?000|thousand"
)
_MILLION = re.compile(r"백만(미)?(불|달러|usd|\$)|million")
_DOLLAR = re.compile(r"usd|us\$|\$|달러|미불|(?<![천만])불")
_TONNE = re.compile(r"톤|(?<![a-z])(tons?|tonnes?|mt|m/t)(?![a-z])")
_KILOGRAM = re.compile(r"(?<![a-z])kgs?(?![a-z])|㎏|킬로그램")


def plain_name(name: str) -> str:
    """A column's name without blanks, unit and brackets: 수출 금액(천불) -> 수출금액."""
    plain = re.sub(r"[(（\[].*$|\s", "", name)
    return OTHER_NAMES.get(plain, plain)


def is_header(names: Sequence[str]) -> bool:
    plain = {plain_name(name) for name in names}
    return PERIOD in plain and CODE in plain and (EXPORT_VALUE in plain or IMPORT_VALUE in plain)


def money_scale(text: str) -> int | None:
    """What one printed amount is in dollars, where a text says so."""
    plain = re.sub(r"[\s_]", "", text.lower())
    if _MILLION.search(plain):
        return 1_000_000
    if _THOUSAND.search(plain):
        return 1000
    return 1 if _DOLLAR.search(plain) else None


def weight_scale(text: str) -> int | None:
    """What one printed weight is in kilograms, where a text says so."""
    plain = text.lower().replace("_", " ")
    is_kilogram, is_tonne = bool(_KILOGRAM.search(plain)), bool(_TONNE.search(plain))
    return None if is_kilogram == is_tonne else (1 if is_kilogram else 1000)


class KoreaKstat:
    """One record makes a row X and a row M; values in dollars, weights in kilograms."""

    layout_id = "korea_kstat"
    source_id = "korea"
    dataset_id = "kstat"
    title = "Korea, K-stat and customs service, exports and imports by HS code"
    reads = "CSV in UTF-8 or CP949 with export and import columns in one record"
    refuses = (
        "files of which nothing says whether amounts are dollars or thousand dollars, weights kg or tonnes: "
        "neither the header nor the name nor `chipledger add --unit`"
    )
    traps: tuple[str, ...] = (
        "the unit depends on the view and is often not in the file",
        "총계 is the World where the file prints it; a blank country beside others is neither",
        "one record is an export and an import",
        "a weight of 0 beside a value is less than half a unit, not nothing",
        "2024.1 may be January or, after a spreadsheet, October: refused as a period",
        "codes written 8542.31-2000, with an apostrophe, or without their leading zero",
    )
    columns = FLOW_COLUMNS
    asks = "unit"
    expected = "the units of amounts and weights, such as USD1000_ton or USD_kg"

    def match(self, sample: Sample) -> Match:
        return guarded(self._match, sample, "a CSV of K-stat")

    @staticmethod
    def _match(sample: Sample) -> Match:
        names = header_in(sample, ENCODINGS, is_header)
        if not names:
            return near_header(sample, ENCODINGS, KNOWN, plain_name)
        plain = {plain_name(name) for name in names}
        missing = [name for name in NEEDED if name not in plain]
        return Match(1 - len(missing) / len(NEEDED), ", ".join(missing))

    def read(self, connection: duckdb.DuckDBPyConnection, path: Path, table: str) -> Reading:
        return self.read_as(connection, path, table, said_beside(self, path))

    def accepts(self, said: str) -> bool:
        return money_scale(said) is not None and weight_scale(said) is not None

    def read_as(
        self, connection: duckdb.DuckDBPyConnection, path: Path, table: str, said: str | None
    ) -> Reading:
        """As `read`; `said` are the units where a person says what the file does not."""
        create_landing(connection, table, FLOW_COLUMNS)
        with tempfile.TemporaryDirectory(prefix="chipledger-") as folder:
            text = normalise(path, Path(folder), ENCODINGS, is_header)
            places, names = _places(path, text)
            money = _scale(path, text, said, "금액", money_scale)
            has_weight = EXPORT_WEIGHT in places or IMPORT_WEIGHT in places
            weight = _scale(path, text, said, "중량", weight_scale) if has_weight else 1
            load(connection, text, "kstat_record")
        try:
            for flow, value, mass in (("X", EXPORT_VALUE, EXPORT_WEIGHT), ("M", IMPORT_VALUE, IMPORT_WEIGHT)):
                query = _query(places, flow, value, mass, names.get(value, value), money, weight)
                connection.execute(f"insert into {table} by name {query}")
        finally:
            connection.execute("drop table if exists kstat_record")
        notes = [f"amounts in {money:,} dollars" + (f", weights in {weight:,} kg" if has_weight else "")]
        notes += remarks(text)
        return Reading(text.records + len(text.malformed), released_on(path), tuple(notes), text.malformed)


def _places(path: Path, text: TextTable) -> tuple[dict[str, str], dict[str, str]]:
    places: dict[str, str] = {}
    names: dict[str, str] = {}
    for place, name in enumerate(text.header, start=1):
        plain = plain_name(name)
        if plain in IGNORED:
            continue
        if plain in places or plain not in KNOWN:
            raise FileRefused(
                f"{path.name}, line {text.header_line}: column {name!r} is not known or stands there twice; "
                f"expected {', '.join(KNOWN)}"
            )
        places[plain], names[plain] = f"c{place}", name
    missing = [name for name in NEEDED if name not in places]
    if missing:
        raise FileRefused(f"{path.name}, line {text.header_line}: no column {', '.join(missing)}")
    return places, names


def _scale(
    path: Path, text: TextTable, said: str | None, what: str, scale_of: Callable[[str], int | None]
) -> int:
    """The unit of 금액 or 중량: from the columns' names, the lines above them, the file's name, or what is
    `said`, which must not contradict them."""
    given = scale_of(said) if said is not None else None
    heads = [name for name in text.header if what in plain_name(name)]
    brackets = ["".join(re.findall(r"[(（\[].*$", name)) for name in heads]
    for places in (brackets, text.preamble, [path.stem]):
        found = {scale for place in places if (scale := scale_of(place)) is not None}
        if len(found) == 1:
            scale = found.pop()
            if given not in (None, scale):
                raise FileRefused(
                    f"{path.name}, line {text.header_line}: the file says that one unit of {what} is "
                    f"{scale:,}, but the unit given for it says {given:,}; expected both to say the same"
                )
            return scale
        if found:
            break
    if given is not None:
        return given
    raise FileRefused(
        f"{path.name}, line {text.header_line}: neither the header nor the name says one unit of {what}, and "
        f"it is not guessed; put it into the name, for example {path.stem}_USD1000_ton{path.suffix}, or give "
        "`chipledger add --unit USD1000_ton` (`unit` of the file in source.yml)"
    )


def _query(
    places: dict[str, str], flow: str, value: str, mass: str, shown: str, money: int, weight: int
) -> str:
    def cell(name: str) -> str:
        return f"nullif(trim({places[name]}), '')" if name in places else "null::varchar"

    def amount(name: str) -> str:
        return f"case when {cell(name)} <> '-' then {cell(name)} end"

    totals, residuals = (", ".join(map(literal, names)) for names in (TOTALS, RESIDUALS))
    # 아랍에미리트 연합 and 아랍에미리트연합 are one country.
    country = f"regexp_replace({cell(COUNTRY)}, '\\s', '', 'g')"
    scaled = f"try_cast(amount * cast({money} as decimal(7, 0)) as decimal(24, 4))"
    return f"""
    with cells as (
        select raw_row, coalesce({cell(PERIOD)}, '') as period,
            regexp_replace(coalesce({cell(PERIOD)}, ''), '[\\s'']', '', 'g') as span,
            case when coalesce({country}, '총계') in ({totals}) then '총계' else {country} end as country,
            {country} is null as is_blank,
            coalesce(nullif(regexp_replace({cell(CODE)}, '[ .=''"-]', '', 'g'), ''), '-') as code,
            {cell(NAME)} as label,
            {amount(value)} as value_text, {number(amount(value))} as amount,
            {amount(mass)} as weight_text, {number(amount(mass))} as weight,
            {number(amount(EXPORT_VALUE))} - {number(amount(IMPORT_VALUE))} as difference,
            {amount(BALANCE)} as balance_text,
            coalesce({number(amount(BALANCE))}, {"0" if BALANCE in places else "null"}) as balance
        from kstat_record
    ),
    spans as (
        select *, span in ({totals}) as is_all,
            regexp_extract(span, '^((?:19|20)[0-9]{{2}})', 1) as year_1,
            ltrim(regexp_extract(span, '^[0-9]{{4}}[.년/-]?([0-9]{{1,2}})(?:월|~|$)', 1), '0') as month_1,
            regexp_extract(span, '~((?:19|20)[0-9]{{2}})', 1) as year_2,
            ltrim(regexp_extract(span, '~[0-9]{{4}}[.년/-]?([0-9]{{1,2}})월?$', 1), '0') as month_2
        from cells
    ),
    dated as (
        select *, try_cast(year_1 as integer) as full_year, try_cast(month_1 as integer) as first_month,
            try_cast(month_2 as integer) as last_month,
            case
                when regexp_full_match(span, '(19|20)[0-9]{{2}}년?') then 'A'
                -- 2024.1 may be October that has lost its last zero.
                when regexp_full_match(span, '(19|20)[0-9]{{2}}([.년/-]?[0-9]{{2}}월?|[.년/-][0-9]월)')
                    and first_month between 1 and 12 then 'M'
                when year_1 = year_2 and first_month = 1 and last_month between 1 and 12
                    and regexp_full_match(span, '([0-9]{{4}}[.년/-]?([0-9]{{2}}월?|[0-9]월)(~|$)){{2}}')
                    then case when last_month = 12 then 'A' else 'YTD' end
            end as grain
        from spans
    ),
    judged as (select *, {fault(_rules(shown))} from dated)
    select raw_row, {literal(shown)} as raw_column,
        case
            when is_all then 'subtotal'
            -- A blank beside countries may be a lost name; only a line that is called the total is the World.
            when is_blank and (select not bool_and(is_blank) from cells) then 'subtotal'
            -- The total of the codes of the query, not of all goods.
            when code in ('-', {totals}) and (select bool_or(code not in ('-', {totals})) from cells)
                then 'subtotal'
            when country in ({residuals}) then 'country_group'
            when value_text is null then 'no_value'
            else 'flow'
        end as row_kind,
        'kcs' as code_system, '{REPORTER}' as reporter_code,
        case when country = '총계' then 'WLD' else country end as partner_code, '{flow}' as flow,
        case when code in ('-', {totals}) then 'TOTAL' else code end as product_code,
        case when code in ('-', {totals}) or length(code) <= 6 then 'HS' else 'HSK' end as product_system,
        label as product_label, grain as period_grain,
        case when grain = 'M' then make_date(full_year, first_month, 1)
            when grain is not null then make_date(full_year, 1, 1) end as period_start_date,
        case grain when 'M' then last_day(make_date(full_year, first_month, 1))
            when 'A' then make_date(full_year, 12, 31)
            when 'YTD' then last_day(make_date(full_year, last_month, 1)) end as period_end_date,
        {scaled} as value, 'USD' as currency, '{"fob" if flow == "X" else "cif"}' as valuation,
        case when weight <> 0 or amount = 0
            then try_cast(weight * cast({weight} as decimal(4, 0)) as decimal(24, 4)) end as net_weight_kg,
        {FAULT_COLUMNS}
    from judged order by raw_row
    """


def _rules(value: str) -> tuple[Rule, ...]:
    return (
        Rule("grain is null and not is_all", "bad_period", PERIOD, "period", "2024.01, 2024년 1월 or 2024"),
        Rule(
            "value_text is not null and amount is null", "not_a_number", value, "value_text", "a plain number"
        ),
        Rule("amount < 0", "negative", value, "value_text", "0 or more"),
        Rule(
            f"code not in ('-', {', '.join(map(literal, TOTALS))}) "
            "and not regexp_full_match(code, '([0-9]{2}){1,5}')",
            "bad_format",
            CODE,
            "code",
            "2, 4, 6, 8 or 10 digits with leading zeros",
        ),
        Rule(
            "weight_text is not null and weight is null",
            "not_a_number",
            "중량",
            "weight_text",
            "a plain number",
        ),
        Rule("weight < 0", "negative", "중량", "weight_text", "0 or more"),
        Rule(
            f"balance_text is not null and {number('balance_text')} is null",
            "not_a_number",
            BALANCE,
            "balance_text",
            "a plain number",
        ),
        # Each of the three is rounded by itself. Beside two values the balance is blank only where it is 0:
        # else the end of the record stands one column beside its names.
        Rule(
            "abs(difference - balance) > 1.5",
            "parts_differ",
            BALANCE,
            "balance_text",
            "exports less imports of the record",
        ),
    )


LAYOUT = KoreaKstat()
