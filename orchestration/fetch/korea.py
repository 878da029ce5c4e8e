"""Korea Customs Service by data.go.kr: exports and imports by product and country (nitemtrade).

One call covers at most a year. Values are US dollars (exports FOB, imports CIF), weights kilograms. The
gateway answers errors with status 200 and another XML, whose returnReasonCode tells why.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from orchestration.errors import LedgerError
from orchestration.fetch.client import Answer, Client, Pace, Progress
from orchestration.fetch.question import Fetched, Question, Source
from orchestration.sources.asked import ALL, Asked

KEY = "DATA_GO_KR_KEY"
ADDRESS = "CHIPLEDGER_KOREA_URL"
MAX_BYTES = 64 * 1024**2
OK = ("00", "0", "000")
NO_DATA = ("03", "3")
REFUSED = ("20", "30", "31", "32")
USED_UP = ("22",)

SOURCE = Source(
    source_id="korea",
    dataset_id="open_data",
    producer="Korea Customs Service (관세청)",
    title="Trade by product and country (품목별 국가별 수출입실적)",
    url="https://www.data.go.kr/data/15100475/openapi.do",
    licence="terms of use of data.go.kr",
    citation="Korea Customs Service, by the Korean public data portal (data.go.kr)",
    keys=(KEY,),
)


def fetch(
    question: Question,
    folder: Path,
    *,
    pace: Pace | None = None,
    progress: Progress | None = None,
    today: dt.date | None = None,
) -> list[Fetched]:
    """One call per code, partner and calendar year; both flows come together."""
    # The portal shows the key twice, plain and percent-encoded; either may have been copied.
    key = unquote(os.environ.get(KEY, "").strip())
    if not key:
        raise LedgerError(
            f"korea: {KEY} is not set; get a key at data.go.kr and set it in the environment", 2
        )
    if not question.codes:
        raise LedgerError("korea: give at least one --code of 2, 4, 6 or 10 digits, such as 8542", 2)
    if set(question.reporters) - {"KOR", "410", "KR"}:
        raise LedgerError("korea: the only reporter is Korea; leave --reporter out", 2)
    client = Client("korea", folder, 0.5, (key,), pace or Pace(), progress)
    day = today or dt.date.today()
    return [
        found
        for code in question.codes
        for partner in question.partners or ("",)
        for first, last in _years(question)
        for found in _answers(client, code, partner, first, last, key, day)
    ]


def _years(question: Question) -> Iterator[tuple[str, str]]:
    """First and last month of each calendar year asked for."""
    periods = question.periods
    for year in sorted({period[:4] for period in periods}):
        months = [period for period in periods if period[:4] == year]
        yield (months[0], months[-1]) if question.is_monthly else (f"{year}01", f"{year}12")


def _answers(
    client: Client, code: str, partner: str, first: str, last: str, key: str, today: dt.date
) -> list[Fetched]:
    base = os.environ.get(ADDRESS, "https://apis.data.go.kr/1220000").rstrip("/")
    params = {"serviceKey": key, "strtYymm": first, "endYymm": last, "hsSgn": code}
    if partner:
        params["cntyCd"] = partner
    who = f"_{partner}" if partner else ""
    answer = client.download(
        f"{base}/nitemtrade/getNitemtradeList",
        params,
        f"korea_{code}{who}_{first}-{last}.xml",
        max_bytes=MAX_BYTES,
        problem=_problem,
    )
    asked = f"{code}{f' with {partner}' if partner else ''} in {first} to {last}"
    root = _root(client, answer)
    items = root.findall(".//item")
    total = (root.findtext(".//totalCount") or "").strip()
    if total.isdecimal() and int(total) > len(items):
        answer.path.unlink()
        if first == last:
            raise LedgerError(
                f"korea: {asked} has {int(total):,} records, only {len(items):,} came; nothing of it was "
                "kept: name a country with --partner"
            )
        middle = (int(first[4:]) + int(last[4:])) // 2
        return [
            *_answers(client, code, partner, first, f"{first[:4]}{middle:02d}", key, today),
            *_answers(client, code, partner, f"{first[:4]}{middle + 1:02d}", last, key, today),
        ]
    if not items:
        answer.path.unlink()
        return [Fetched(None, today, answer.url, f"no data for {asked} (this is not zero)")]
    # The answer holds the ten-digit codes below the one asked for, month by month.
    question = Asked(
        periods=tuple(f"{first[:4]}{month:02d}" for month in range(int(first[4:]), int(last[4:]) + 1)),
        flows=("X", "M"),
        codes=(f"{code}*",),
        partners=(partner.upper(),) if partner else (ALL,),
    )
    return [Fetched(answer.path, today, answer.url, asked=question)]


def _parsed(answer: Answer) -> etree._Element | None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        return etree.fromstring(answer.path.read_bytes(), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def _problem(answer: Answer) -> str:
    if answer.is_page or _parsed(answer) is not None:
        return ""
    answer.path.unlink()
    return "the XML is cut off or broken"


def _root(client: Client, answer: Answer) -> etree._Element:
    """The answer with resultCode 00 (or 03, no data); anything else is an error and not kept."""
    root = None if answer.is_page or answer.status != 200 else _parsed(answer)
    if root is None:
        answer.path.unlink(missing_ok=True)
        raise LedgerError(
            f"korea: a page or nothing instead of data, so the key was probably refused; check {KEY} and "
            "that data.go.kr has approved it for this service"
        )
    code = (root.findtext(".//returnReasonCode") or root.findtext(".//resultCode") or "").strip()
    if code in (*OK, *NO_DATA):
        return root
    said = root.findtext(".//returnAuthMsg") or root.findtext(".//resultMsg") or root.findtext(".//errMsg")
    answer.path.unlink()
    shown = client.hide(" ".join((said or "no reason given").split())[:200])
    if code in REFUSED:
        todo = f"check {KEY} and that data.go.kr has approved it for this service"
    elif code in USED_UP:
        todo = "the calls of the day are used up; run the same command again tomorrow"
    else:
        todo = "check periods and codes"
    raise LedgerError(f"korea: the source says {code or 'nothing'}: {shown}; {todo}")
