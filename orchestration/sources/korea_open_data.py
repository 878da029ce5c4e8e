"""Korea customs service by data.go.kr: answers of nitemtrade/getNitemtradeList (and Itemtrade) in XML.

One item is a month, a country and an HS code with an export and an import: dollars and kilograms. The
item `총계` is the sum of the answer. An answer that reports an error, or that holds no item, is refused:
it must never become a zero. `raw_row` is the number of the item, as an answer is often one line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
from lxml import etree

from orchestration.sources._text import FAULT_COLUMNS, Rule, fault, guarded, literal, number, released_on
from orchestration.sources.layout import FLOW_COLUMNS, FileRefused, Match, Reading, Sample, create_landing

MAX_BYTES = 512 * 1024**2
BATCH = 20_000
REPORTER = "KR"
TOTALS = ("총계", "합계")
FIELDS = ("year", "statCd", "hsCd", "statKor", "expDlr", "impDlr", "expWgt", "impWgt", "balPayments")
# Itemtrade calls the code hsCode and has no country.
OTHER_NAMES = {"hsCd": "hsCode"}
GOOD_CODES = ("00", "0")
# Headers of answers and of the gateway before them: the code and what it says.
_CODES = ("resultCode", "returnReasonCode")
_MESSAGES = ("resultMsg", "returnAuthMsg", "errMsg")


class KoreaOpenData:
    """One item makes a row X and a row M; values in dollars, weights in kilograms."""

    layout_id = "korea_open_data"
    source_id = "korea"
    dataset_id = "open_data"
    title = "Korea customs service, open data on trade by item and country"
    reads = "XML answers of apis.data.go.kr/1220000/nitemtrade and Itemtrade"
    refuses = "answers with a resultCode other than 00, answers without an item, XML with a document type"
    traps: tuple[str, ...] = (
        "an error or an empty answer is not a zero",
        "the item 총계 (- as code) is the sum of the others",
        "months are written 2024.01 or 202401; Itemtrade calls the code hsCode",
        "all fields are texts",
    )
    columns = FLOW_COLUMNS

    def match(self, sample: Sample) -> Match:
        return guarded(self._match, sample, "XML")

    @staticmethod
    def _match(sample: Sample) -> Match:
        text = sample.text().lstrip()
        if not text.startswith("<"):
            return Match(0.0, "not XML")
        # An error or an answer without items is the service's too; reading it tells what the service said.
        if "<item>" not in text and re.search(rf"<({'|'.join(_CODES)})>", text):
            return Match(1.0)
        code = "<hsCode>" if "<hsCode>" in text else "<hsCd>"
        wanted = ("<response", "<item>", code, "<expDlr>", "<impDlr>", "<year>")
        missing = [mark for mark in wanted if mark not in text]
        if "<expDlr>" in missing and code in missing:
            return Match(0.0, "neither hsCd nor expDlr")
        return Match(max(1 - len(missing) / len(wanted), 0.2), ", ".join(missing))

    def read(self, connection: duckdb.DuckDBPyConnection, path: Path, table: str) -> Reading:
        create_landing(connection, table, FLOW_COLUMNS)
        columns = ", ".join(f"{name} varchar" for name in FIELDS)
        connection.execute(f"create or replace temp table korea_item (raw_row bigint, {columns})")
        try:
            items, announced = _hand_over(connection, path)
            if not items:
                raise FileRefused(
                    f"{path.name}: the answer holds no item; nothing is known from it (it is not a zero): "
                    "ask for months and codes that are published"
                )
            for flow, value, weight in (("X", "expDlr", "expWgt"), ("M", "impDlr", "impWgt")):
                connection.execute(f"insert into {table} by name {_query(flow, value, weight)}")
        finally:
            connection.execute("drop table if exists korea_item")
        notes = _totals(connection, table)
        if announced is not None and announced > items:
            notes.append(
                f"the answer announces {announced:,} items and holds {items:,}: ask for the other pages"
            )
        return Reading(items, released_on(path), tuple(notes))


def _totals(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """Notes where the item 총계 is not the sum of the others."""
    rows = connection.execute(
        f"""
        select raw_column, any_value(value) filter (where row_kind = 'subtotal' and period_grain is null),
            sum(value) filter (where row_kind = 'flow')
        from {table} where problem is null group by raw_column
        having count_if(row_kind = 'subtotal' and period_grain is null) = 1 order by all
        """
    ).fetchall()
    return [
        f"parts_differ: the item 총계 prints {total:,.0f} as {name}, the others sum to {parts:,.0f}"
        for name, total, parts in rows
        if total is not None and parts is not None and abs(total - parts) > abs(total) / 1000
    ]


def _hand_over(connection: duckdb.DuckDBPyConnection, path: Path) -> tuple[int, int | None]:
    """Items into korea_item; how many, and how many the answer announced."""
    state: dict[str, str] = {}
    batch: list[tuple[str | None, ...]] = []
    items = 0
    for item in _items(path, state):
        items += 1
        batch.append((str(items), *item))
        if len(batch) >= BATCH:
            _insert(connection, batch)
    _check_answer(path, state, items)
    _insert(connection, batch)
    announced = state.get("totalCount", "")
    return items, int(announced) if re.fullmatch(r"\d{1,9}", announced) else None


def _insert(connection: duckdb.DuckDBPyConnection, batch: list[tuple[str | None, ...]]) -> None:
    if not batch:
        return
    names = ("raw_row", *FIELDS)
    columns = {name: pa.array([row[place] for row in batch], pa.string()) for place, name in enumerate(names)}
    connection.register("korea_batch", pa.table(columns))
    try:
        connection.execute(
            "insert into korea_item by name select * replace (raw_row::bigint as raw_row) from korea_batch"
        )
    finally:
        connection.unregister("korea_batch")
    batch.clear()


def _items(path: Path, state: dict[str, str]) -> Iterator[tuple[str | None, ...]]:
    """The fields of each item, one after the other; codes and messages go to `state`."""
    if path.stat().st_size > MAX_BYTES:
        raise FileRefused(f"{path.name}: more than {MAX_BYTES:,} bytes; expected one answer of the service")
    with path.open("rb") as stream:
        if b"<!DOCTYPE" in stream.read(65_536).replace(b"\0", b"").upper():
            raise FileRefused(f"{path.name}: the XML declares a document type; expected a plain answer")
    try:
        events = etree.iterparse(
            str(path),
            events=("end",),
            resolve_entities=False,
            no_network=True,
            huge_tree=False,
            load_dtd=False,
        )
        for _, element in events:
            name = etree.QName(element).localname
            if name == "item":
                yield tuple(_text(element, field) for field in FIELDS)
                _forget(element)
            elif name in (*_CODES, *_MESSAGES, "totalCount"):
                state.setdefault(name, (element.text or "").strip())
    except (etree.XMLSyntaxError, ValueError, OSError) as error:
        raise FileRefused(
            f"{path.name}: not whole XML ({str(error)[:150]}); expected an answer of the service"
        ) from error


def _text(item: etree._Element, field: str) -> str | None:
    found = item.find(field)
    if found is None and field in OTHER_NAMES:
        found = item.find(OTHER_NAMES[field])
    return ((found.text or "").strip() or None) if found is not None else None


def _forget(element: etree._Element) -> None:
    """Frees an item that was read, and those before it."""
    element.clear()
    parent = element.getparent()
    while parent is not None and len(parent) > 1 and parent[0] is not element:
        del parent[0]


def _check_answer(path: Path, state: dict[str, str], items: int) -> None:
    code = next((state[name] for name in _CODES if state.get(name)), "")
    message = next((state[name] for name in _MESSAGES if state.get(name)), "")
    if code not in GOOD_CODES and (code or message or not items):
        raise FileRefused(
            f"{path.name}: the service answered {message or 'nothing'!r} (code {code or 'none'}) instead of "
            "data; expected resultCode 00: ask again"
        )


def _query(flow: str, value: str, weight: str) -> str:
    totals = ", ".join(map(literal, TOTALS))

    def amount(name: str) -> str:
        return f"case when {name} <> '-' then {name} end"

    return f"""
    with cells as (
        select raw_row, coalesce(year, '') as period, statKor as label,
            case when coalesce(statCd, '-') in ('-', {totals}) then '-' else upper(statCd) end as country,
            coalesce(hsCd, '-') as code, {amount(value)} as value_text, {number(amount(value))} as amount,
            {amount(weight)} as weight_text, {number(amount(weight))} as weight,
            {number(amount("expDlr"))} - {number(amount("impDlr"))} as difference,
            {amount("balPayments")} as balance_text, {number(amount("balPayments"))} as balance
        from korea_item
    ),
    dated as (
        select *, period in ({totals}) as is_all, case
            when regexp_full_match(period, '(19|20)[0-9]{{2}}[.]?(0[1-9]|1[0-2])') then 'M'
            when regexp_full_match(period, '(19|20)[0-9]{{2}}') then 'A' end as grain,
            try_cast(substr(period, 1, 4) as integer) as full_year,
            coalesce(try_cast(regexp_extract(period, '^[0-9]{{4}}[.]?([0-9]{{2}})$', 1) as integer), 1)
                as first_month
        from cells
    ),
    judged as (select *, {fault(_rules(value, weight))} from dated)
    select raw_row, '{value}' as raw_column,
        case
            when is_all then 'subtotal'
            when country = '-' and (select bool_or(country <> '-') from cells) then 'subtotal'
            when code = '-' and country <> '-' then 'subtotal'
            when value_text is null then 'no_value'
            else 'flow'
        end as row_kind,
        'iso2' as code_system, '{REPORTER}' as reporter_code,
        case when country = '-' then 'WLD' else country end as partner_code, '{flow}' as flow,
        case when code = '-' then 'TOTAL' else code end as product_code,
        case when code = '-' or length(code) <= 6 then 'HS' else 'HSK' end as product_system,
        case when label <> '-' then label end as product_label, grain as period_grain,
        case when grain is not null then make_date(full_year, first_month, 1) end as period_start_date,
        case grain when 'M' then last_day(make_date(full_year, first_month, 1))
            when 'A' then make_date(full_year, 12, 31) end as period_end_date,
        cast(amount as decimal(24, 4)) as value, 'USD' as currency,
        '{"fob" if flow == "X" else "cif"}' as valuation,
        case when weight <> 0 or amount = 0 then cast(weight as decimal(24, 4)) end as net_weight_kg,
        {FAULT_COLUMNS}
    from judged order by raw_row
    """


def _rules(value: str, weight: str) -> tuple[Rule, ...]:
    return (
        Rule("grain is null and not is_all", "bad_period", "year", "period", "a month such as 2024.01"),
        Rule(
            "value_text is not null and amount is null", "not_a_number", value, "value_text", "a plain number"
        ),
        Rule("amount < 0", "negative", value, "value_text", "0 or more"),
        Rule(
            "code <> '-' and not regexp_full_match(code, '([0-9]{2}){1,5}')",
            "bad_format",
            "hsCd",
            "code",
            "2, 4, 6, 8 or 10 digits with leading zeros",
        ),
        Rule(
            "country <> '-' and not regexp_full_match(country, '[A-Z][A-Z0-9]')",
            "unknown_code",
            "statCd",
            "country",
            "two letters",
        ),
        Rule(
            "weight_text is not null and weight is null",
            "not_a_number",
            weight,
            "weight_text",
            "a plain number",
        ),
        Rule("weight < 0", "negative", weight, "weight_text", "0 or more"),
        Rule(
            "balance_text is not null and balance is null",
            "not_a_number",
            "balPayments",
            "balance_text",
            "a plain number",
        ),
        Rule(
            "abs(difference - balance) > 1.5",
            "parts_differ",
            "balPayments",
            "balance_text",
            "expDlr less impDlr of the item",
        ),
    )


LAYOUT = KoreaOpenData()
