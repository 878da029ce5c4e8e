"""What the UN Comtrade layouts share: field names, kinds of row, rules of quantities, landing.

The records of every Comtrade layout have the same fields under different names. A layout says where
each field of `FIELDS` stands in its file; `insert_flows` turns those texts into rows of the one shape.
Recognising and opening files of one layout belongs to that layout's module.

Units: values in US dollars, weights in kilograms, quantities in the unit beside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from orchestration.sources._delimited import Landed, Table, land, text
from orchestration.sources._text import mixed_units
from orchestration.sources.layout import FLOW_COLUMNS, land_computed, stored

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
    "qty", "isQtyEstimated", "altQtyUnitCode", "altQty", "netWgt", "isNetWgtEstimated", "cifvalue",
    "fobvalue", "primaryValue", "legacyEstimationFlag",
)  # fmt: skip

# What a file must have. Modes of supply are those of services: answers about goods may leave them out.
REQUIRED = tuple(name for name in FIELDS if name not in ("cmdDesc", "mosCode", "cifvalue", "fobvalue"))

CODES = (
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

# Partners that hold other partners: the European Union and ASEAN.
GROUPS = ("97", "975")

# -1 today and 1 before 2023: no quantity.
_NO_UNIT = "('-1', '1')"

# What stands behind the last column of the header.
EXTRA = "_extra"

# Number of the first rule that a record breaks.
_FAULT = "_fault"


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


def tidy(records: str) -> str:
    """SQL of records whose codes may carry blanks, leading zeros or the `.0` that pandas leaves.

    `records` may have aggrLevel: then product codes that lost leading zeros get them back.
    """
    codes = ", ".join(f"{_bare(name)} as {name}" for name in CODES)
    return f"""
        select * replace ({codes},
               case when aggrLevel in ('2', '4', '6') and regexp_full_match(cmdCode, '[0-9]+')
                    then lpad(cmdCode, greatest(length(cmdCode), aggrLevel::integer)::integer, '0')
                    else cmdCode end as cmdCode)
        from (select * replace (nullif(regexp_replace(trim(cmdCode), '\\.0+$', ''), '') as cmdCode,
                                {_bare("aggrLevel")} as aggrLevel,
                                nullif(trim(customsCode), '') as customsCode, trim(flowCode) as flowCode,
                                nullif(trim(primaryValue), '') as primaryValue,
                                nullif(trim(cifvalue), '') as cifvalue,
                                nullif(trim(fobvalue), '') as fobvalue,
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
    *,
    names: Mapping[str, str],
    named: Named | None = None,
    has_both_values: bool = True,
) -> None:
    """Creates `table` of the shape FLOW_COLUMNS from `records`: SQL with raw_row, FIELDS and _extra.

    names: field -> its name in the file, for problem_column and raw_column; has_both_values: the file has a
    CIF and a FOB value, one of which primaryValue must be. What all records have in
    common, or follows from a column that is stored, is computed when it is read: see `land_computed`.
    """
    known = named or Named()
    faults = (*_faults(known), *([_NEITHER] if has_both_values else []))
    computed = {**_common(names), **_of_name(known), **_of_fault(faults, names)}
    kept = {name: sql for name, sql in _projection().items() if name not in computed}
    columns = ", ".join(f"cast({sql} as {FLOW_COLUMNS[name][0]}) as {name}" for name, sql in kept.items())
    rows = f"""
        with record as ({records}),
        measured as (
            select *, {_number("primaryValue")} as _value, {_number("qty")} as _qty,
                   {_number("altQty")} as _alt, {_number("netWgt")} as _weight,
                   {_period_holds(known)} as _has_period, {_is_value("cifvalue")} as _is_cif,
                   {_is_value("fobvalue")} as _is_fob
            from record
        ),
        judged as (select *, {first_fault(faults)} as {_FAULT} from measured)
        select {columns}, {_FAULT}, {_problem_value(faults)} as problem_value,
               case when flowCode in ('X', 'RX') then _is_cif and not _is_fob else _is_fob and not _is_cif end
               as _is_unlike_flow
        from judged
    """
    land_computed(connection, table, FLOW_COLUMNS, rows, computed)


def _number(name: str) -> str:
    """SQL: exact decimal of a text, null when it is none."""
    return f"try_cast({name} as decimal(24, 4))"


def _is_value(name: str) -> str:
    """SQL: whether the record's value is its CIF, or its FOB value. Mostly the two texts are the same."""
    number = _number(name)
    return f"""case when {name} is null then false
        when primaryValue = {name} then coalesce(_value <> 0, false)
        else coalesce(abs(_value - {number}) < 1 and {number} <> 0, false) end"""


def rounded(name: str, places: int = 0) -> str:
    """SQL: whether a text such as 8.78808E+10 ends before its `places`-th decimal, 0 being whole units.

    Spreadsheets save long numbers as they show them, cut to six digits: that is not what was published.
    R writes a round number, as 1e+05, with a small e where that is shorter: one or two digits are whole.
    """
    power = f"try_cast(regexp_extract({name}, '[eE][+]?([0-9]+)$', 1) as integer)"
    digits = f"length(regexp_extract({name}, '[.]([0-9]*)[eE]', 1))"
    is_short = f"contains({name}, 'e') and {digits} <= 1 and length({name}) <= {power}"
    # A case, so that the patterns are not tried on the millions of numbers without a power.
    return f"""case when contains({name}, 'E') or contains({name}, 'e')
        then {digits} < {power} + {places} and {power} > 0 and not ({is_short}) else false end"""


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
        Fault(EXTRA, "bad_format", "nothing after the last column", f"{EXTRA} is not null"),
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
                Fault(name, "rounded", f"{what} with all its digits", rounded(name)),
                Fault(name, "negative", f"{what}, 0 or more", f"{number} < 0"),
            )
        ),
    )  # fmt: skip


def _given(name: str) -> str:
    """SQL: whether the record has that value; 0 stands for none."""
    return f"{name} is not null and coalesce({_number(name)}, 0) <> 0"


# Else the values of the record may stand one column beside their names.
_NEITHER = Fault(
    "primaryValue",
    "parts_differ",
    "the CIF or the FOB value of the record",
    f"not _is_cif and not _is_fob and ({_given('cifvalue')} or {_given('fobvalue')})",
)


def first_fault(faults: Sequence[Fault]) -> str:
    """SQL: number of the first broken rule, null for a good record."""
    cases = " ".join(f"when {fault.holds} then {number}" for number, fault in enumerate(faults))
    return f"(case {cases} end)::utinyint"


def problem_columns(faults: Sequence[Fault], names: Mapping[str, str]) -> str:
    """SQL of the four problem columns, by the number of the first broken rule in `_fault`."""
    told = _of_fault(faults, names) | {"problem_value": _problem_value(faults)}
    return ", ".join(f"{sql} as {name}" for name, sql in told.items())


def _of_fault(faults: Sequence[Fault], names: Mapping[str, str]) -> dict[str, str]:
    """SQL of what is known of a problem by the number of its rule."""
    return {
        "problem": _pick([text(fault.reason_code) for fault in faults]),
        "problem_column": _pick([text(names.get(fault.field, fault.field)) for fault in faults]),
        "problem_expected": _pick([text(fault.expected) for fault in faults]),
    }


def _problem_value(faults: Sequence[Fault]) -> str:
    return _pick([fault.field for fault in faults])


def _pick(values: Sequence[str]) -> str:
    """SQL: the value of the broken rule. Good records, nearly all, leave by the first branch."""
    cases = " ".join(f"when {number} then {value}" for number, value in enumerate(values))
    return f"case when {_FAULT} is null then null else (case {_FAULT} {cases} end) end"


def _common(names: Mapping[str, str]) -> dict[str, str]:
    """SQL of the columns that say the same of all records, or follow from another column."""
    return {
        "raw_column": text(names["primaryValue"]),
        "code_system": "'comtrade'",
        "product_system": "'HS'",
        "currency": "'USD'",
        "valuation": _valuation("flow"),
        "is_preliminary": "false",
    }


def _valuation(flow: str) -> str:
    """SQL: CIF where the value is the record's cifvalue, FOB where it is its fobvalue; by the rule for the
    flow where the record has neither, or both are the value.

    Not every reporter counts imports CIF: Canada and Mexico give FOB values. primaryValue is the CIF value
    where there is one, else the FOB value (https://uncomtrade.org/docs/trade-valuation).
    """
    return f"""case when {flow} in ('X', 'RX') then case when _is_unlike_flow then 'cif' else 'fob' end
        when {flow} in ('M', 'RM') then case when _is_unlike_flow then 'fob' else 'cif' end end"""


def _of_name(named: Named) -> dict[str, str]:
    """SQL of the columns that the file's name tells. A record that says otherwise has a problem."""
    told: dict[str, str] = {}
    if named.reporter:
        told["reporter_code"] = text(named.reporter)
    if named.period:
        grain = "A" if len(named.period) == 4 else "M"
        told |= {"period_grain": text(grain)} | _days(text(named.period), text(grain))
    return told


def _days(period: str, grain: str) -> dict[str, str]:
    """SQL of the first and the last day of a period that holds."""
    year = f"try_cast(left({period}, 4) as smallint)"
    month = f"case {grain} when 'M' then try_cast(right({period}, 2) as tinyint) else 1 end"
    start = f"make_date({year}, {month}, 1)"
    return {
        "period_start_date": start,
        "period_end_date": f"case {grain} when 'M' then last_day({start}) else make_date({year}, 12, 31) end",
    }


def _projection() -> dict[str, str]:
    """SQL of every column that the fields of a record give; see the rules in the module's tests."""
    days = _days("period", "freqCode")
    return {
        "raw_row": "raw_row",
        "row_kind": _row_kind(),
        "reporter_code": "reporterCode",
        "partner_code": "partnerCode",
        "flow": "flowCode",
        "product_code": "cmdCode",
        "product_label": "cmdDesc",
        "hs_edition": "case when classificationCode like 'H_' and classificationCode <> 'HS' "
        "then classificationCode end",
        "period_grain": "case when freqCode in ('A', 'M') then freqCode end",
        "period_start_date": f"case when _has_period then {days['period_start_date']} end",
        "period_end_date": f"case when _has_period then {days['period_end_date']} end",
        "value": "_value",
        "quantity": _quantity("_qty", "qtyUnitCode"),
        "quantity_unit": _unit("_qty", "qtyUnitCode"),
        "quantity_2": _quantity("_alt", "altQtyUnitCode"),
        "quantity_2_unit": _unit("_alt", "altQtyUnitCode"),
        "net_weight_kg": "nullif(_weight, 0)",
        "is_quantity_estimated": _estimated("isQtyEstimated", "'2', '6'"),
        "is_weight_estimated": _estimated("isNetWgtEstimated", "'4', '6'"),
    }


def _row_kind() -> str:
    """SQL: breakdown rows repeat parts of a total row that stands beside them. isAggregate says
    nothing about that: it only tells whether the UN or the reporter summed the record up."""
    others, groups = (", ".join(map(text, codes)) for codes in (OTHER_FLOWS, GROUPS))
    return f"""case when partner2Code <> '0' then 'breakdown_partner2'
        when motCode <> '0' then 'breakdown_transport'
        when customsCode <> 'C00' then 'breakdown_procedure'
        when coalesce(trim(mosCode), '0') <> '0' then 'breakdown_supply'
        when flowCode in ({others}) then 'other_flow'
        when cmdCode like 'AG%' then 'subtotal'
        when partnerCode in ({groups}) then 'country_group'
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


def land_table(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    file: Table,
    *,
    names: Mapping[str, str],
    constants: Mapping[str, str] | None = None,
    renamed: Mapping[str, Mapping[str, str]] | None = None,
    named: Named | None = None,
    clean: bool = True,
) -> Landed:
    """Lands a delimited file of the family; see `_delimited.land`.

    names: field -> column; constants: field -> SQL, with {field} for others, for fields that the file
    does not have; renamed: field -> code in the file -> code of today; clean: codes may need tidying.
    """
    wanted = (*FIELDS, "aggrLevel") if clean else FIELDS
    places = file.positions(names)
    fields = _fields(wanted, places, constants or {}, renamed or {})
    extra = f"c{file.columns.index(EXTRA)}" if EXTRA in file.columns else "null::varchar"
    shown = {**names, EXTRA: f"column {len(file.columns)}"}

    def insert(lines: str) -> str:
        records = f"select raw_row, {', '.join(fields)}, {extra} as {EXTRA} from ({lines})"
        insert_flows(
            connection,
            table,
            tidy(records) if clean else records,
            names=shown,
            named=named,
            has_both_values={"cifvalue", "fobvalue"} <= places.keys(),
        )
        return stored(table)

    landed = land(connection, table, file, insert)
    return replace(landed, notes=[*landed.notes, *kind_notes(connection, table)])


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


_KINDS = {
    "breakdown_partner2": "broken down by second partner",
    "breakdown_transport": "broken down by mode of transport",
    "breakdown_procedure": "broken down by customs procedure",
    "breakdown_supply": "broken down by mode of supply",
    "other_flow": "of flows that are parts of the four main ones",
    "subtotal": "subtotals",
    "country_group": "with a group of countries (EU, ASEAN) as partner",
}


def kind_notes(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """What is set aside and why, one sentence per kind of row, and units that differ."""
    kinds = connection.execute(
        f"select row_kind, count(*) from {table} where row_kind <> 'flow' group by 1 order by 1"
    ).fetchall()
    aside = [
        f"{count:,} records are {_KINDS[kind]}: set aside, they repeat what other records contain"
        for kind, count in kinds
    ]
    return aside + mixed_units(connection, table)


def scalar(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(connection.execute(query).fetchall()[0][0])
