"""Files of Taiwan's, Korea's and Japan's customs as the offices write them, for tests and planted errors."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape


def csv_bytes(
    header: Sequence[str], records: Sequence[Sequence[str]], encoding: str = "utf-8-sig", end: str = "\r\n"
) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator=end).writerows([header, *records])
    return out.getvalue().encode(encoding)


TAIWAN_HEADER = ("進出口別", "日期", "貨品號列", "中文貨名", "英文貨名", "美元(千元)")
TAIWAN_RECORDS = (
    ("出口總值(含復出口)", "102年", "85423100002", "處理器及控制器", " Processors", "21445678.12345"),
    ("進口總值(含復進口)", "113年1月", "85423100002", "處理器及控制器", " Processors", "1.00001"),
    ("出口總值(含復出口)", "114年1月~114年7月(初步值)", "85423100002", "處理器", " Processors", "120"),
)

KSTAT_HEADER = (
    "기간", "국가", "HS코드", "품목명", "수출 중량", "수출 금액", "수입 중량", "수입 금액", "무역수지",
)  # fmt: skip
KSTAT_UNITS = (
    "기간", "국가", "HS코드", "품목명", "수출 중량(톤)", "수출 금액(천불)",
    "수입 중량(톤)", "수입 금액(천불)", "무역수지(천불)",
)  # fmt: skip
KSTAT_RECORDS = (
    ("2024.01", "총계", "8542", "전자집적회로", "12.5", "1,500", "3", "500", "1,000"),
    ("2024.01", "중국", "8542", "전자집적회로", "12", "1,400", "2", "300", "1,100"),
    ("2024.01", "미국", "8542", "전자집적회로", "0.5", "100", "1", "200", "-100"),
)

OPEN_DATA_ITEMS = (
    {"year": "총계", "statCd": "-", "hsCd": "-", "statKor": "-", "expDlr": "1700", "impDlr": "900",
     "expWgt": "17", "impWgt": "9", "balPayments": "800"},
    {"year": "2024.01", "statCd": "CN", "hsCd": "8542310000", "statKor": "프로세서", "expDlr": "1500",
     "impDlr": "500", "expWgt": "12", "impWgt": "3", "balPayments": "1000"},
    {"year": "2024.01", "statCd": "US", "hsCd": "8542310000", "statKor": "프로세서", "expDlr": "200",
     "impDlr": "400", "expWgt": "5", "impWgt": "6", "balPayments": "-200"},
)  # fmt: skip


def open_data_xml(
    items: Sequence[Mapping[str, str]] = OPEN_DATA_ITEMS, code: str = "00", message: str = "정상서비스."
) -> bytes:
    """An answer of getNitemtradeList."""
    body = "".join(
        "<item>" + "".join(f"<{name}>{escape(text)}</{name}>" for name, text in item.items()) + "</item>"
        for item in items
    )
    text = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><response><header>'
        f"<resultCode>{code}</resultCode><resultMsg>{message}</resultMsg></header>"
        f"<body><items>{body}</items></body></response>"
    )
    return text.encode()


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
ESTAT_HEADER = (
    "Exp or Imp", "Year", "HS", "Country", "Unit1", "Unit2",
    *(f"{name}-{period}" for period in ("Year", *MONTHS) for name in ("Quantity1", "Quantity2", "Value")),
)  # fmt: skip


def estat_record(
    values: Sequence[int],
    *,
    flow: str = "1",
    year: str = "2024",
    code: str = "'854231000'",
    country: str = "105",
    units: tuple[str, str] = ("  ", "NO"),
    total: int | None = None,
) -> list[str]:
    """A record whose months have these values (thousand yen), each with ten times as many items."""
    cells = [flow, year, code, country, *units]
    for value in (sum(values) if total is None else total, *values):
        cells += ["0", str(value * 10), str(value)]
    return cells


def estat_csv(records: Sequence[Sequence[str]], encoding: str = "utf-8") -> bytes:
    return csv_bytes(ESTAT_HEADER, records, encoding, "\n")
