"""A hand-made extract of UN Comtrade's final annual data: the portal's names, only the columns needed.

17 columns, one reporter-year-flow a row, no quantities and no descriptions. Files with all of the
portal's columns belong to comtrade_portal. Values are US dollars: FOB for exports, CIF for imports.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration.sources import _comtrade as comtrade
from orchestration.sources._delimited import columns_of, header_of, share, surveyed
from orchestration.sources.layout import FLOW_COLUMNS, FileRefused, Match, Reading, Sample

EXTRACT_COLUMNS: tuple[str, ...] = (
    "typeCode", "freqCode", "period", "reporterCode", "reporterISO", "flowCode", "partnerCode",
    "partner2Code", "classificationCode", "cmdCode", "customsCode", "mosCode", "motCode", "fobvalue",
    "primaryValue", "isReported", "isAggregate",
)  # fmt: skip
NAMES = {name: name for name in comtrade.FIELDS if name in EXTRACT_COLUMNS}


class ComtradeExtract:
    layout_id = "hs_annual"
    source_id = "comtrade"
    dataset_id = "hs_annual"
    title = "UN Comtrade annual trade by reporter at chosen HS codes (17-column extract)"
    reads = "CSV with 17 of the portal's columns, annual, values only"
    refuses = "files with other columns than these 17"
    traps: tuple[str, ...] = (
        "the reporters of the newest year are incomplete: a missing one is not a zero",
        "codes 490 and 158 both stand for Taiwan in different files",
    )
    columns = FLOW_COLUMNS

    def match(self, sample: Sample) -> Match:
        header = header_of(sample.head)
        score, missing = share(header, EXTRACT_COLUMNS)
        if missing:
            return Match(min(score, 0.9), f"columns {', '.join(missing[:5])}")
        if extra := [name for name in header if name and name not in EXTRACT_COLUMNS]:
            return Match(0.8, f"only the extract's 17 columns; {extra[0]} is another")
        return Match(1.0)

    def read(self, connection: duckdb.DuckDBPyConnection, path: Path, table: str) -> Reading:
        with surveyed(path) as (file, records):
            names = [name.lower() for name in file.columns]
            for name in EXTRACT_COLUMNS:
                if name.lower() not in names:
                    raise FileRefused(
                        f"{path.name}, line 1: no column {name}; expected the extract's 17 columns"
                    )
            for name in file.columns:
                if name and name not in EXTRACT_COLUMNS:
                    raise FileRefused(
                        f"{path.name}, line 1: column {name!r} is not one of the extract's 17 columns"
                    )
            columns = columns_of(file.columns, records, comtrade.EXTRA)
            found = comtrade.land_table(
                connection, table, file.with_columns(columns), names=NAMES, clean=False
            )
        return Reading(found.records, notes=tuple(found.notes), malformed=tuple(found.malformed))


LAYOUT = ComtradeExtract()
