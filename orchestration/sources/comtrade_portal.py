"""UN Comtrade's portal download, `TradeData_*.csv`, and the CSV that people make of the API's JSON.

Both have the portal's 47 names, unless somebody left out or added some.
In the portal's file every record ends in a comma (48 fields); the
file written by pandas has 47 fields, perhaps an unnamed index column first, `True` and `156.0`.
The API's answers as JSON belong to comtrade_api, bulk files to comtrade_bulk, the 35 columns of before
2023 to comtrade_legacy; extracts with a choice of columns are no file of UN Comtrade.

Values are US dollars: FOB for exports, CIF for imports. Weights are kilograms.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import duckdb

from orchestration.sources import _comtrade as comtrade
from orchestration.sources._delimited import Table, columns_of, header_of, is_index, share, surveyed
from orchestration.sources.layout import FLOW_COLUMNS, FileRefused, Match, Reading, Sample

NAMES = {name: name for name in (*comtrade.FIELDS, "aggrLevel")}

# What rows are made of; people leave out names, ISO codes and marks that repeat these.

# People add a column or two of their own; more is another kind of file.
MOST_UNKNOWN = 10


class ComtradePortal:
    layout_id = "comtrade_portal"
    source_id = "comtrade"
    dataset_id = "comtrade_portal"
    title = "UN Comtrade portal download (TradeData_*.csv) and CSV made of the API's records"
    reads = (
        "CSV with the portal's 47 columns, annual or monthly, UTF-8 or Windows-1252, with or without the "
        "comma at the end of each record, also as written by pandas (index column, True/False, 156.0), "
        "without the columns of names and ISO codes, or with a few columns of one's own"
    )
    refuses = (
        "files without the columns that rows are made of; files whose values pandas has shifted one column "
        "to the left; the portal's download as a workbook (.xlsx): download it as CSV"
    )
    traps: tuple[str, ...] = (
        "48 fields under 47 names: pandas shifts every value one column to the left; such files are refused",
        "rows by second partner, transport, procedure or mode of supply repeat parts of a total beside them",
        "isAggregate says nothing about that and is not used as a filter",
        "mode of supply is '0' or '0 '",
        "a quantity of 0 with unit N/A is not available; so is a weight of 0",
        "annual rows have refMonth 52; the period decides",
        "long numbers that a spreadsheet has rounded (8.78808E+10) are quarantined",
        "product codes that lost a leading zero get it back from aggrLevel",
        "imports of some reporters (Canada, Mexico) are FOB: the value is the record's CIF or its FOB value",
        "partners 97 (EU) and 975 (ASEAN) hold other partners: set aside",
    )
    columns = FLOW_COLUMNS

    def match(self, sample: Sample) -> Match:
        header = header_of(sample.head)
        if missing := share(header, comtrade.REQUIRED)[1]:
            return Match(
                min(share(header, comtrade.PORTAL_COLUMNS)[0], 0.95), f"columns {', '.join(missing[:5])}"
            )
        unknown = _unknown(header)
        if len(unknown) > MOST_UNKNOWN:
            return Match(0.9, f"only the portal's 47 columns; also has {', '.join(unknown[:5])}")
        known = [name.lower() for name in header if name and name not in unknown]
        if len(known) > len(set(known)):
            return Match(0.9, "each column once")
        return Match(1.0)

    def read(self, connection: duckdb.DuckDBPyConnection, path: Path, table: str) -> Reading:
        with surveyed(path) as (file, records):
            if missing := share(file.columns, comtrade.REQUIRED)[1]:
                raise FileRefused(
                    f"{path.name}, line 1: no column {missing[0]}; expected the columns of the portal"
                )
            _refuse_shifted(path, file, records)
            columns = columns_of(file.columns, records, comtrade.EXTRA)
            found = comtrade.land_table(connection, table, file.with_columns(columns), names=NAMES)
        unknown = _unknown(file.columns)
        notes = [f"columns that are not used: {', '.join(unknown)}"] if unknown else []
        return Reading(found.records, notes=(*found.notes, *notes), malformed=tuple(found.malformed))


def _unknown(header: Sequence[str]) -> list[str]:
    """Columns that the portal does not have and that are no index of pandas."""
    known = {name.lower() for name in comtrade.PORTAL_COLUMNS}
    return [name for name in header if name.lower() not in known and not is_index(name)]


def _refuse_shifted(path: Path, file: Table, records: Sequence[Sequence[str]]) -> None:
    """The first column became the index when pandas met 48 fields under 47 names."""
    places = file.positions({"type": "typeCode", "freq": "freqCode"})
    for number, record in enumerate(records, 2):
        if len(record) <= max(places.values()):
            continue
        kind, frequency = record[places["type"]], record[places["freq"]]
        if kind in ("A", "M", "Q") and re.fullmatch(r"\d{8}(\.0)?", frequency):
            raise FileRefused(
                f"{path.name}, record {number}: typeCode is {kind!r} and freqCode is {frequency!r}: every "
                "value stands one column to the left of its name, as when pandas reads the portal's 48 "
                "fields under 47 names; download the file again, or read it with index_col=False"
            )


LAYOUT = ComtradePortal()
