"""UN Comtrade's CSV of before 2023: 35 columns such as `Trade Flow Code` and `Trade Value (US$)`.

Flows are numbers (1 import, 2 export, 3 re-export, 4 re-import), unit 1 means no quantity, and there is
no frequency column: the length of the period tells. Files with camelCase names belong to
comtrade_portal. Values are US dollars: FOB for exports, CIF for imports. Weights are kilograms.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration.sources import _comtrade as comtrade
from orchestration.sources._delimited import columns_of, header_of, share, surveyed
from orchestration.sources.layout import FLOW_COLUMNS, FileRefused, Match, Reading, Sample

LEGACY_COLUMNS: tuple[str, ...] = (
    "Classification", "Year", "Period", "Period Desc.", "Aggregate Level", "Is Leaf Code",
    "Trade Flow Code", "Trade Flow", "Reporter Code", "Reporter", "Reporter ISO", "Partner Code",
    "Partner", "Partner ISO", "2nd Partner Code", "2nd Partner", "2nd Partner ISO",
    "Customs Proc. Code", "Customs", "Mode of Transport Code", "Mode of Transport", "Commodity Code",
    "Commodity", "Qty Unit Code", "Qty Unit", "Qty", "Alt Qty Unit Code", "Alt Qty Unit", "Alt Qty",
    "Netweight (kg)", "Gross weight (kg)", "Trade Value (US$)", "CIF Trade Value (US$)",
    "FOB Trade Value (US$)", "Flag",
)  # fmt: skip

NAMES = {
    "period": "Period",
    "reporterCode": "Reporter Code",
    "flowCode": "Trade Flow Code",
    "partnerCode": "Partner Code",
    "partner2Code": "2nd Partner Code",
    "classificationCode": "Classification",
    "cmdCode": "Commodity Code",
    "cmdDesc": "Commodity",
    "aggrLevel": "Aggregate Level",
    "customsCode": "Customs Proc. Code",
    "motCode": "Mode of Transport Code",
    "qtyUnitCode": "Qty Unit Code",
    "qty": "Qty",
    "altQtyUnitCode": "Alt Qty Unit Code",
    "altQty": "Alt Qty",
    "netWgt": "Netweight (kg)",
    "cifvalue": "CIF Trade Value (US$)",
    "fobvalue": "FOB Trade Value (US$)",
    "primaryValue": "Trade Value (US$)",
    "legacyEstimationFlag": "Flag",
}

_FLOWS = {"1": "M", "2": "X", "3": "RX", "4": "RM"}


class ComtradeLegacy:
    layout_id = "comtrade_legacy"
    source_id = "comtrade"
    dataset_id = "comtrade_legacy"
    title = "UN Comtrade CSV of before 2023 (35 columns)"
    reads = "CSV with the 35 columns of the old portal and API, annual or monthly, UTF-8 or Windows-1252"
    refuses = "files without the columns that rows are made of"
    traps: tuple[str, ...] = (
        "flow codes are numbers: 1 import, 2 export, 3 re-export, 4 re-import",
        "unit code 1 with a quantity of 0 means no quantity",
        "classification HS is 'as reported' and names no edition",
        "Flag 0, 2, 4, 6: none, quantity, weight, both estimated",
        "imports of some reporters (Canada, Mexico) are FOB: the value is the record's CIF or its FOB value",
        "partners 97 (EU) and 975 (ASEAN) hold other partners: set aside",
    )
    columns = FLOW_COLUMNS

    def match(self, sample: Sample) -> Match:
        score, missing = share(header_of(sample.head), LEGACY_COLUMNS)
        return Match(1.0) if not missing else Match(min(score, 0.95), f"columns {', '.join(missing[:5])}")

    def read(self, connection: duckdb.DuckDBPyConnection, path: Path, table: str) -> Reading:
        with surveyed(path) as (file, records):
            if missing := share(file.columns, LEGACY_COLUMNS)[1]:
                raise FileRefused(
                    f"{path.name}, line 1: no column {missing[0]!r}; expected the 35 columns of before 2023"
                )
            columns = columns_of(file.columns, records, comtrade.EXTRA)
            found = comtrade.land_table(
                connection,
                table,
                file.with_columns(columns),
                names=NAMES,
                constants={"typeCode": "'C'", "freqCode": _frequency()},
                renamed={"flowCode": _FLOWS},
            )
        return Reading(found.records, notes=tuple(found.notes), malformed=tuple(found.malformed))


def _frequency() -> str:
    """SQL: the grain that the length of the period tells; the period itself is judged later."""
    return "case when length(regexp_replace(trim({period}), '\\.0+$', '')) = 6 then 'M' else 'A' end"


LAYOUT = ComtradeLegacy()
