"""Answers of UN Comtrade's API, version 1: `{"elapsedTime": ..., "count": n, "data": [...], "error": ""}`.

The records have the portal's 47 keys; names and ISO codes are null unless descriptions were asked for.
A record's number is its place in `data`, from 1. The list of the records without its envelope, as pandas
and the API's own client write it, is read too; nothing says then how many there should be. A CSV made of
the records belongs to comtrade_portal, the JSON of before 2023 (`dataset`, `rgCode`) is not read. Values
are US dollars: FOB for exports, CIF for imports. Weights are kilograms. Numbers are read digit by digit,
not as floating point.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from pathlib import Path

import duckdb

from orchestration.sources import _comtrade as comtrade
from orchestration.sources._delimited import BAD_BYTES, check_packed, first_line, is_gzip, literal_glob, share
from orchestration.sources.layout import FLOW_COLUMNS, FileRefused, Match, Reading, Sample

# Keys of a record that must be there; descriptions may be missing.

# Keys whose values are numbers that count.
MEASURES = ("primaryValue", "cifvalue", "fobvalue", "qty", "altQty", "netWgt")

# Answers of exactly so many records stand for more: the limits of the API.
LIMITS = (500, 100_000, 250_000)

# The engine's limit for one JSON document, in bytes.
_MOST_BYTES = 4_000_000_000
_LEAST_BYTES = 16_777_216


class ComtradeApi:
    layout_id = "comtrade_api"
    source_id = "comtrade"
    dataset_id = "comtrade_api"
    title = "UN Comtrade API v1 answers (JSON)"
    reads = (
        "The JSON envelope of the data and preview calls, with or without descriptions; "
        "the list of its records alone (pandas, comtradeapicall)"
    )
    refuses = "answers with an error text, with another count than records, cut off JSON"
    traps: tuple[str, ...] = (
        "without partner2Code, motCode and customsCode in the request, breakdowns come beside their total",
        "a request with a wrong period has an empty answer and no error: no data, not zero",
        "an answer of exactly 500, 100,000 or 250,000 records is cut at the API's limit",
        "quantity and weight of 0 in previews mean not available",
        "a list without the envelope does not say how many records it should have",
        "imports of some reporters (Canada, Mexico) are FOB: the value is the record's CIF or its FOB value",
        "partners 97 (EU) and 975 (ASEAN) hold other partners: set aside",
    )
    columns = FLOW_COLUMNS

    def match(self, sample: Sample) -> Match:
        shown = sample.text().lstrip()
        if re.match(r"\[\s*\{", shown):
            score, absent = share(re.findall(r'"(\w+)"\s*:', shown), comtrade.REQUIRED)
            return Match(
                1.0 if not absent else score * 0.9, f"keys {', '.join(absent[:5])}" if absent else ""
            )
        if not shown.startswith("{"):
            return Match(0.0, "a JSON object, or a list of records")
        missing = [name for name in ("elapsedTime", "data") if not re.search(rf'"{name}"\s*:', shown)]
        if missing:
            return Match(0.5 * (2 - len(missing)), f"{', '.join(missing)} in the envelope")
        if not re.search(r'"data"\s*:\s*(\[\s*\]|null)', shown):
            score, absent = share(re.findall(r'"(\w+)"\s*:', shown), comtrade.REQUIRED)
            if absent:
                return Match(min(score, 0.95), f"keys {', '.join(absent[:5])}")
        return Match(1.0)

    def read(self, connection: duckdb.DuckDBPyConnection, path: Path, table: str) -> Reading:
        envelope = f"{table}_envelope"
        check_packed(path)
        try:
            connection.execute(
                f"create or replace temp table {envelope} as select * from {_read_json(path)}",
                [literal_glob(path)],
            )
            count = _checked(connection, path, envelope, is_list=_is_list(path))
            comtrade.insert_flows(
                connection,
                table,
                comtrade.tidy(_records(envelope)),
                names={name: name for name in comtrade.FIELDS},
            )
            empty = connection.execute(
                f"select place from ({_unnested(envelope)}) where record is null order by place"
            ).fetchall()
        except BAD_BYTES as error:
            raise FileRefused(
                f"{path.name}: cut off, or no answer of the API: {first_line(error)}"
            ) from error
        finally:
            with suppress(duckdb.Error):
                connection.execute(f"drop table if exists {envelope}")
        malformed = tuple((int(place), "no record", "null") for (place,) in empty)
        return Reading(count, notes=tuple(_notes(connection, table, count)), malformed=malformed)


def _read_json(path: Path) -> str:
    """SQL: the envelope as one row, every value of a record as text.

    The engine reads a JSON number with a fraction as a double, 15 digits of it; so measures become
    JSON texts first. Within a JSON text every quote is escaped: the pattern fits keys only.
    """
    fields = ", ".join(f'"{name}": "VARCHAR"' for name in (*comtrade.FIELDS, "aggrLevel"))
    shape = f'{{"elapsedTime": "VARCHAR", "count": "JSON", "error": "JSON", "data": [{{{fields}}}]}}'
    keys = "|".join(MEASURES)
    packing = "gzip" if is_gzip(path) else "none"
    return f"""(
        select unnest(from_json(
            regexp_replace(case when json_type(json) = 'ARRAY' then '{{"data":' || json || '}}' else json end,
                '"({keys})"\\s*:\\s*(-?[0-9][0-9.eE+-]*)', '"\\1":"\\2"', 'g')::json,
            '{shape}'
        ))
        from read_json_objects(?, format = 'unstructured', compression = '{packing}',
            maximum_object_size = {_object_bytes(path)})
    )"""


def _object_bytes(path: Path) -> int:
    """Room for the whole file as one document, unpacked."""
    size = path.stat().st_size
    if is_gzip(path):
        with path.open("rb") as stream:
            stream.seek(-4, 2)
            size = int.from_bytes(stream.read(4), "little")
    return min(max(size + 1024, _LEAST_BYTES), _MOST_BYTES)


def _is_list(path: Path) -> bool:
    return Sample.of(path).text().lstrip().startswith("[")


def _checked(connection: duckdb.DuckDBPyConnection, path: Path, envelope: str, *, is_list: bool) -> int:
    """Number of records; refuses an answer that says it is something else than a complete one."""
    rows = connection.execute(f"select count, error, len(data) from {envelope}").fetchall()
    if len(rows) != 1:
        raise FileRefused(f"{path.name}: holds {len(rows)} JSON documents; expected one answer of the API")
    count, error, records = rows[0]
    said = _plain(error)
    if said not in (None, "", {}, []):
        raise FileRefused(f"{path.name}: the API answered with an error, {str(said)[:200]!r}; ask again")
    if records is not None and is_list:
        return int(records)
    if records is None or count is None:
        raise FileRefused(
            f"{path.name}: no {'data' if records is None else 'count'} in the envelope; "
            "expected elapsedTime, count, data and error"
        )
    if _plain(count) != records:
        raise FileRefused(
            f"{path.name}: count is {str(count)[:40]} but data has {records} records; expected as many: "
            "the answer is not complete"
        )
    return int(records)


def _plain(value: str | None) -> object:
    return None if value is None else json.loads(value)


def _unnested(envelope: str) -> str:
    return f"select unnest(data) as record, generate_subscripts(data, 1) as place from {envelope}"


def _records(envelope: str) -> str:
    fields = ", ".join(f"record.{name} as {name}" for name in (*comtrade.FIELDS, "aggrLevel"))
    return f"""select place as raw_row, {fields}, null::varchar as {comtrade.EXTRA}
               from ({_unnested(envelope)}) where record is not null"""


def _notes(connection: duckdb.DuckDBPyConnection, table: str, count: int) -> list[str]:
    notes = comtrade.kind_notes(connection, table)
    if not count:
        notes.append("no data")
    if count in LIMITS:
        notes.append(f"{count:,} records is a limit of the API: there may be more, ask for less at a time")
    return notes


LAYOUT = ComtradeApi()
