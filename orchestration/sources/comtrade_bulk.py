"""UN Comtrade's bulk files: everything that one reporter declared for one year or month.

`COMTRADE-FINAL-CA156 2022H6[2023-11-14].gz` without the blank: C goods, A annual or M monthly, reporter,
period, HS edition, day of publication; `COMTRADE-FINALCLASSIC-...` is the same in the edition that the
reporter used. TAB separated, gzip, no names or ISO codes of countries. All levels (TOTAL, 2, 4, 6
digits) and the World stand in one file. National tariff lines (`COMTRADE-TARIFFLINE-...`) are another
layout and not read. Values are US dollars: FOB for exports, CIF for imports. Weights are kilograms.

These are the largest files of the family (millions of lines): the engine reads one in one pass.
"""

from __future__ import annotations

import datetime as dt
import re
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote

import duckdb

from orchestration.sources import _comtrade as comtrade
from orchestration.sources._delimited import Table, decode, first_bytes, header_of, is_gzip, share
from orchestration.sources.layout import FLOW_COLUMNS, FileRefused, Match, Reading, Sample

# Descriptions are not in bulk files.
NAMES = {name: name for name in comtrade.FIELDS if name != "cmdDesc"}

_NAME = re.compile(
    r"COMTRADE-FINAL(?:CLASSIC)?-C(?:A(?P<reporter>\d{3})(?P<period>\d{4})"
    r"|M(?P<reporter_m>\d{3})(?P<period_m>\d{6}))"
    r"(?P<edition>H\d|HS)?(?:\[(?P<day>\d{4}-\d{2}-\d{2})\])?"
)
# A code with a leading zero, with the `.0` that pandas leaves, or with blanks around it.
_PADDED = re.compile(r"0\d+|\d+\.0+|\s+\S*|\S*\s+")


class ComtradeBulk:
    layout_id = "comtrade_bulk"
    source_id = "comtrade"
    dataset_id = "comtrade_bulk"
    title = "UN Comtrade bulk files (COMTRADE-FINAL-*.gz, COMTRADE-FINALCLASSIC-*.gz)"
    reads = (
        "TAB separated files of final data, annual or monthly, packed or not, of any size, also with codes "
        "that have leading zeros or that pandas has saved (156.0)"
    )
    refuses = "tariff-line bulk files, files with descriptions, damaged or cut off gzip files"
    traps: tuple[str, ...] = (
        "all levels and the World are in one file: levels must not be added up",
        "breakdowns by second partner, transport and procedure stand beside their total",
        "the day in brackets is the day of publication: a new one is a new release",
        "a record of another reporter or period than the file's name says is reported",
        "imports of some reporters (Canada, Mexico) are FOB: the value is the record's CIF or its FOB value",
        "partners 97 (EU) and 975 (ASEAN) hold other partners: set aside",
    )
    columns = FLOW_COLUMNS

    def match(self, sample: Sample) -> Match:
        if "TARIFFLINE" in sample.name.upper():
            return Match(0.5, "final data; this is a file of tariff lines")
        header = header_of(sample.head, "\t")
        if len(header) < 2:
            return Match(0.1 if _NAME.search(sample.name) else 0.0, "a TAB separated header line")
        score, missing = share(header, comtrade.REQUIRED)
        if missing:
            return Match(min(score, 0.95), f"columns {', '.join(missing[:5])}")
        if "reporterDesc" in header:
            return Match(0.8, "a file without descriptions")
        return Match(1.0)

    def read(self, connection: duckdb.DuckDBPyConnection, path: Path, table: str) -> Reading:
        head = first_bytes(path)
        columns = header_of(head, "\t")
        if missing := share(columns, comtrade.REQUIRED)[1]:
            raise FileRefused(f"{path.name}, line 1: no column {missing[0]}; expected a bulk file's columns")
        named, released_at = described(path.name)
        packed = "gzip" if is_gzip(path) else "none"
        file = Table(path, path, columns, delimiter="\t", quote="", compression=packed, large=True)
        clean = _is_padded(file, head)
        found = comtrade.land_table(connection, table, file, names=NAMES, named=named, clean=clean)
        notes = found.notes
        if released_at is None:
            notes = [*notes, "the name has no day in brackets: the day of publication is not known"]
        return Reading(found.records, released_at, tuple(notes), tuple(found.malformed), covers_whole=True)


def _is_padded(file: Table, head: bytes) -> bool:
    """Whether codes stand there as 004, 156.0 or `0 `, as scripts save them: to be tidied, at some cost."""
    places = file.positions({name: name for name in comtrade.CODES}).values()
    records = (line.rstrip("\r").split("\t") for line in decode(head).split("\n")[1:-1])
    codes = (record[place] for record in records for place in places if place < len(record))
    return any(_PADDED.fullmatch(code) for code in codes)


def described(name: str) -> tuple[comtrade.Named, dt.date | None]:
    """Reporter, period and day of publication as the file's name says."""
    found = _NAME.search(unquote(name))
    if not found:
        return comtrade.Named(), None
    reporter = (found["reporter"] or found["reporter_m"]).lstrip("0")
    released_at = None
    with suppress(ValueError, TypeError):
        released_at = dt.date.fromisoformat(found["day"])
    return comtrade.Named(reporter, found["period"] or found["period_m"]), released_at


LAYOUT = ComtradeBulk()
