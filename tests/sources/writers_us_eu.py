"""Files of the US Census Bureau, USITC DataWeb and Eurostat as they are published, for tests."""

from __future__ import annotations

import datetime as dt
import json
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import py7zr

COMEXT_HEADER = (
    "REPORTER,PARTNER,TRADE_TYPE,PRODUCT_NC,PRODUCT_SITC,PRODUCT_CPA21,PRODUCT_CPA22,PRODUCT_BEC,"
    "PRODUCT_BEC5,PRODUCT_SECTION,FLOW,STAT_PROCEDURE,SUPPL_UNIT,PERIOD,VALUE_EUR,VALUE_NAC,QUANTITY_KG,"
    "QUANTITY_SUPPL_UNIT"
)
COMEXT_OLD_HEADER = (
    "DECLARANT,DECLARANT_ISO,PARTNER,PARTNER_ISO,TRADE_TYPE,PRODUCT_NC,PRODUCT_SITC,PRODUCT_cpa2002,"
    "PRODUCT_cpa2008,PRODUCT_CPA2_1,PRODUCT_BEC,PRODUCT_SECTION,FLOW,STAT_REGIME,SUPP_UNIT,PERIOD,"
    "VALUE_IN_EUROS,QUANTITY_IN_KG,SUP_QUANTITY"
)


def census(path: Path, header: Sequence[str], records: Sequence[Sequence[str | None]]) -> Path:
    """One record a line, as the API prints them."""
    lines = [json.dumps(list(row), separators=(",", ":")) for row in [header, *records]]
    path.write_text("[" + ",\n".join(lines) + "]", encoding="utf-8")
    return path


def comext_row(
    reporter: str = "DE",
    partner: str = "CN",
    trade_type: str = "E",
    product: str = "85423190",
    flow: str = "1",
    procedure: str = "1",
    unit: str = "NAR",
    period: str = "202402",
    value: str = "100",
    kg: str = "7",
    quantity: str = "12",
) -> str:
    return (
        f"{reporter},{partner},{trade_type},{product},77641,2611,2611,420,421310,16,{flow},{procedure},{unit},"
        f"{period},{value},{value},{kg},{quantity}"
    )


def comext_old_row(
    reporter: str = "DE",
    number: str = "0720",
    partner: str = "CN",
    product: str = "85423190",
    value: str = "100",
    period: str = "200512",
) -> str:
    return f"004,{reporter},{number},{partner},E,{product},77641,,,2611,42,16,2,1,P,{period},{value},7,12"


def comext(path: Path, rows: Sequence[str], header: str = COMEXT_HEADER) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def archive(path: Path, members: dict[str, bytes]) -> Path:
    """A .7z with these members."""
    with py7zr.SevenZipFile(path, "w") as packed:
        for name, content in members.items():
            packed.writestr(content, name)
    return path


def archive_named(path: Path, evil: str) -> Path:
    """A .7z whose one member has a name that py7zr would not write: put into its plain header afterwards."""
    harmless = "x" * len(evil)
    with py7zr.SevenZipFile(path, "w") as packed:
        packed.set_encoded_header_mode(False)
        packed.writestr(b"x", harmless)
    content = path.read_bytes().replace(harmless.encode("utf-16-le"), evil.encode("utf-16-le"))
    offset, size = struct.unpack_from("<QQ", content, 12)
    header = content[32 + offset : 32 + offset + size]
    start = struct.pack("<QQI", offset, size, zlib.crc32(header))
    path.write_bytes(content[:8] + struct.pack("<I", zlib.crc32(start)) + start + content[32:])
    return path


def parameters(**changed: Any) -> list[tuple[str, Any]]:
    """The sheet Query Parameters of a query for total exports of 854231 and 854232, all countries."""
    said: dict[str, Any] = {
        "Download Date": dt.datetime(2025, 11, 21, 22, 11),
        "Trade Flow": "Total Exports",
        "Classification System": "HTS Items",
        "Data Format": "1",
        "Timeframe Aggregation": "Annual",
        "Years select": "Full Years",
        "Countries": "Use All Countries",
        "Country List": "",
        "Level": "6",
        "Programs": "Use All Programs",
        **changed,
    }
    return [
        ("Download Date", said["Download Date"]),
        ("Step 1: Trade Flow and Classification System", None),
        ("Trade Flow", said["Trade Flow"]),
        ("Classification System", said["Classification System"]),
        ("Step 2: Data and Years", None),
        ("Data Format", said["Data Format"]),
        ("Select Type", said["Years select"]),
        ("Timeframe Aggregation", said["Timeframe Aggregation"]),
        ("Step 3: Countries", None),
        ("Select Type", said["Countries"]),
        ("Country List", said["Country List"]),
        ("Step 4: Commodities", None),
        ("Select Type", "Select Individual Commodities"),
        ("Commodity List", "854231, 854232"),
        ("Commodity Aggregation Level", said["Level"]),
        ("Step 5: Programs", None),
        ("Select Type", said["Programs"]),
    ]


LONG_VALUES: list[tuple[Any, ...]] = [
    ("Data Type", "HTS Number", "Year", "Description", "Quantity Description", "FAS Value", None),
    ("FAS Value", "854231", 2023.0, "PROCESSORS", "Value for: number", 1000.0, None),
    ("FAS Value", "854231", 2024.0, "PROCESSORS", "Value for: number", 2000.0, None),
    ("FAS Value", "854232", 2023.0, "MEMORIES", "Value for: number", 300.0, None),
    ("Total: ", "", "", "", "", "3,300", None),
]
LONG_QUANTITIES: list[tuple[Any, ...]] = [
    (),
    (),
    (
        "Data Type",
        "HTS Number",
        "Year",
        "Description",
        "Quantity Description",
        "FIRST_UNIT_QUANTITY",
        "Suppressed",
    ),
    ("First Unit of Quantity", "854231", 2023.0, "PROCESSORS", "number", 10.0, 0.0),
    ("First Unit of Quantity", "854231", 2024.0, "PROCESSORS", "number", 20.0, 0.0),
    ("First Unit of Quantity", "854232", 2023.0, "MEMORIES", "number", 0.0, 1.0),
]
WIDE: list[tuple[Any, ...]] = [
    ("Total Exports", "Annual Data"),
    ("Data Row Count", 2.0),
    ("Data Type", "Country", "HTS Number", "2023", "2024", "2025"),
    ("FAS Value", "China", "854231", 1000.0, 0.0, 0.0),
    ("FAS Value", "Taiwan", "854231", 500.0, 700.0, 0.0),
]


def dataweb(
    path: Path,
    rows: Sequence[Sequence[Any]] = (*LONG_VALUES, *LONG_QUANTITIES),
    sheet: str = "Query Results",
    said: Sequence[tuple[str, Any]] | None = None,
) -> Path:
    """A download; `said` replaces the parameters, an empty one leaves the sheet out."""
    workbook = openpyxl.Workbook()
    results = workbook.active
    assert results is not None
    results.title = sheet
    given = parameters() if said is None else said
    if given:
        first = workbook.create_sheet("Query Parameters", 0)
        for number, pair in enumerate(given, start=1):
            for column, value in enumerate(pair, start=1):
                first.cell(number, column, value)
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            if value is not None:
                results.cell(number, column, value)
    workbook.save(path)
    return path
