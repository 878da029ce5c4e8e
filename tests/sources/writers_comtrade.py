"""Writes small files in the layouts of UN Comtrade and BACI: clean ones, and with the traps they have.

A record is a dict with the portal's 47 keys, made by `record`; values are texts as the portal writes
them, blank when missing. Each writer returns the path.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from orchestration.sources._comtrade import PORTAL_COLUMNS
from orchestration.sources.comtrade_legacy import LEGACY_COLUMNS

Record = dict[str, str]

_DEFAULT: Record = dict.fromkeys(PORTAL_COLUMNS, "") | {
    "typeCode": "C", "freqCode": "A", "refPeriodId": "20220101", "refYear": "2022", "refMonth": "52",
    "period": "2022", "reporterCode": "156", "reporterISO": "CHN", "reporterDesc": "China",
    "flowCode": "X", "flowDesc": "Export", "partnerCode": "842", "partnerISO": "USA",
    "partnerDesc": "USA", "partner2Code": "0", "partner2ISO": "W00", "partner2Desc": "World",
    "classificationCode": "H6", "classificationSearchCode": "HS", "isOriginalClassification": "true",
    "cmdCode": "854231", "cmdDesc": "Electronic integrated circuits; processors", "aggrLevel": "6",
    "isLeaf": "true", "customsCode": "C00", "customsDesc": "TOTAL CPC", "mosCode": "0", "motCode": "0",
    "motDesc": "TOTAL MOT", "qtyUnitCode": "5", "qtyUnitAbbr": "u", "qty": "1000",
    "isQtyEstimated": "false", "altQtyUnitCode": "8", "altQtyUnitAbbr": "kg", "altQty": "12.5",
    "isAltQtyEstimated": "false", "netWgt": "12.5", "isNetWgtEstimated": "false", "grossWgt": "0",
    "isGrossWgtEstimated": "false", "primaryValue": "2500.75", "legacyEstimationFlag": "0",
    "isReported": "false", "isAggregate": "true",
}  # fmt: skip

# Columns that the bulk files have, in their order.
BULK_COLUMNS = (
    "datasetCode", "typeCode", "freqCode", "refPeriodId", "refYear", "refMonth", "period",
    "reporterCode", "flowCode", "partnerCode", "partner2Code", "classificationCode",
    "classificationSearchCode", "isOriginalClassification", "cmdCode", "customsCode", "mosCode",
    "motCode", "qtyUnitCode", "qty", "isQtyEstimated", "altQtyUnitCode", "altQty", "isAltQtyEstimated",
    "netWgt", "isNetWgtEstimated", "grossWgt", "isGrossWgtEstimated", "cifvalue", "fobvalue",
    "primaryValue", "legacyEstimationFlag", "isReported", "isAggregate",
)  # fmt: skip

_BOOLEANS = {name for name in PORTAL_COLUMNS if name.startswith("is")}
_TEXTS = {
    "typeCode", "freqCode", "period", "flowCode", "classificationCode", "classificationSearchCode",
    "cmdCode", "customsCode", "mosCode",
}  # fmt: skip
_DESCRIPTIONS = {name for name in PORTAL_COLUMNS if name.endswith(("Desc", "ISO", "Abbr"))}


def record(**changes: str) -> Record:
    """A clean record, annual exports of processors from China to the USA, with `changes`.

    The value also stands in fobvalue or cifvalue, as the flow has it.
    """
    made = _DEFAULT | changes
    if made["partnerCode"] == "0":
        made |= {"partnerISO": "W00", "partnerDesc": "World"}
    priced = "cifvalue" if made["flowCode"] in ("M", "RM") else "fobvalue"
    return made if priced in changes else made | {priced: made["primaryValue"]}


def write_portal(
    path: Path,
    records: Sequence[Mapping[str, str]],
    *,
    comma: bool = True,
    newline: str = "\r\n",
    encoding: str = "utf-8",
) -> Path:
    """The portal's CSV: header without quotes, values quoted, blanks bare, a comma at the end."""
    lines = [",".join(PORTAL_COLUMNS)]
    for item in records:
        values = [f'"{item[name]}"' if item[name] else "" for name in PORTAL_COLUMNS]
        lines.append(",".join(values) + ("," if comma else ""))
    path.write_bytes("".join(line + newline for line in lines).encode(encoding))
    return path


def write_pandas(path: Path, records: Sequence[Mapping[str, str]], *, index: bool = False) -> Path:
    """What `pandas.DataFrame(answer["data"]).to_csv(path)` writes: True, False and 156.0."""
    return _write_frame(
        path, [[_pandas(name, item[name]) for name in PORTAL_COLUMNS] for item in records], index
    )


def write_shifted(path: Path, records: Sequence[Mapping[str, str]], *, index: bool = False) -> Path:
    """What comes out when pandas has read the portal's CSV (48 fields under 47 names) and saved it."""
    rows = [[*(item[name] for name in PORTAL_COLUMNS[1:]), ""] for item in records]
    return _write_frame(path, rows, index, [item["typeCode"] for item in records])


def _write_frame(
    path: Path, rows: Sequence[Sequence[str]], index: bool, labels: Sequence[str] | None = None
) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["", *PORTAL_COLUMNS] if index else PORTAL_COLUMNS)
        for number, row in enumerate(rows):
            writer.writerow([labels[number] if labels else number, *row] if index else row)
    return path


def _pandas(name: str, value: str) -> str:
    if name in _BOOLEANS:
        return value.title()
    return f"{value}.0" if name in ("reporterCode", "partnerCode", "motCode", "qtyUnitCode") else value


def write_api(
    path: Path,
    records: Sequence[Mapping[str, str]],
    *,
    describe: bool = True,
    count: int | None = None,
    error: str = "",
) -> Path:
    """An answer of the API; without `describe` all names and ISO codes are null."""
    data = [{name: _json(name, item[name], describe) for name in PORTAL_COLUMNS} for item in records]
    answer = {
        "elapsedTime": "0.09 secs",
        "count": len(data) if count is None else count,
        "data": data,
        "error": error,
    }
    path.write_text(json.dumps(answer), encoding="utf-8")
    return path


def _json(name: str, value: str, describe: bool) -> object:
    if value == "" or (name in _DESCRIPTIONS and not describe):
        return None
    if name in _BOOLEANS:
        return value == "true"
    if name in _TEXTS or name in _DESCRIPTIONS:
        return value
    try:
        return float(value) if "." in value else int(value)
    except ValueError:
        return value


def bulk_name(
    reporter: str, period: str, edition: str = "H6", released: str = "2023-11-14", *, classic: bool = False
) -> str:
    kind = "FINALCLASSIC" if classic else "FINAL"
    grain = "A" if len(period) == 4 else "M"
    return f"COMTRADE-{kind}-C{grain}{int(reporter):03d}{period}{edition}[{released}].gz"


def write_bulk(path: Path, records: Sequence[Mapping[str, str]]) -> Path:
    """A bulk file: TAB separated, packed, without descriptions."""
    lines = ["\t".join(BULK_COLUMNS)]
    lines += ["\t".join(item.get(name, "") for name in BULK_COLUMNS) for item in records]
    path.write_bytes(gzip.compress("".join(line + "\n" for line in lines).encode()))
    return path


def write_legacy(path: Path, records: Sequence[Mapping[str, str]], *, encoding: str = "utf-8") -> Path:
    """The 35 columns of before 2023, of the same records."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(LEGACY_COLUMNS)
    writer.writerows(_legacy(item) for item in records)
    path.write_bytes(out.getvalue().encode(encoding))
    return path


def _legacy(item: Mapping[str, str]) -> list[str]:
    flow = {"M": "1", "X": "2", "RX": "3", "RM": "4"}.get(item["flowCode"], item["flowCode"])
    unit = "1" if item["qtyUnitCode"] == "-1" else item["qtyUnitCode"]
    return [
        item["classificationCode"], item["refYear"], item["period"], item["period"], item["aggrLevel"],
        "1", flow, item["flowDesc"], item["reporterCode"], item["reporterDesc"], item["reporterISO"],
        item["partnerCode"], item["partnerDesc"], item["partnerISO"], "", "", "", "", "", "", "",
        item["cmdCode"], item["cmdDesc"], unit, "No Quantity" if unit == "1" else item["qtyUnitAbbr"],
        item["qty"] or "0", "", "", "", item["netWgt"], "", item["primaryValue"], "", "",
        item["legacyEstimationFlag"],
    ]  # fmt: skip


def write_baci(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    """BACI: t,i,j,k,v,q; the values as given, for their blanks matter."""
    lines = ["t,i,j,k,v,q", *(",".join(row) for row in rows)]
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return path
