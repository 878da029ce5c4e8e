"""US Census Bureau, international trade API: monthly exports and imports by HS code and country.

Addresses and variables as in the bureau's "Guide to Using U.S. International Trade Datasets in the
Census API". Every call now needs a (free) key; without one the API redirects to a page that says so.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path

from orchestration.errors import LedgerError
from orchestration.fetch.client import Answer, Client, Pace, Progress
from orchestration.fetch.question import Fetched, Question, Source
from orchestration.sources.asked import ALL, Asked

KEY = "CENSUS_API_KEY"
ADDRESS = "CHIPLEDGER_CENSUS_URL"
MAX_BYTES = 128 * 1024**2
# The four-digit code of a country group starts with 00; SUMMARY_LVL says so too.
COLUMNS = {
    ("X", True): "CTY_CODE,CTY_NAME,SUMMARY_LVL,ALL_VAL_MO,QTY_1_MO,UNIT_QY1",
    ("X", False): "CTY_CODE,CTY_NAME,SUMMARY_LVL,ALL_VAL_YR,QTY_1_YR,UNIT_QY1",
    ("M", True): "CTY_CODE,CTY_NAME,SUMMARY_LVL,GEN_VAL_MO,GEN_QY1_MO,UNIT_QY1",
    ("M", False): "CTY_CODE,CTY_NAME,SUMMARY_LVL,GEN_VAL_YR,GEN_QY1_YR,UNIT_QY1",
}

SOURCE = Source(
    source_id="census",
    dataset_id="us_census",
    producer="United States Census Bureau, Foreign Trade Division",
    title="US Census international trade API: exports and general imports by HS code and country",
    url="https://www.census.gov/data/developers/data-sets/international-trade.html",
    licence="public domain (work of the US government)",
    citation="US Census Bureau, International Trade API; uses the Census Bureau Data API but is not endorsed "
    "or certified by the Census Bureau",
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
    """One call per flow, code, partner and year."""
    if not question.codes:
        raise LedgerError("census: give at least one --code of 2 to 10 digits, such as 8542", 2)
    if wrong := [code for code in question.codes if not code.isdecimal() or len(code) not in (2, 4, 6, 10)]:
        raise LedgerError(f"census: --code is {wrong[0]!r}; expected 2, 4, 6 or 10 digits", 2)
    if set(question.reporters) - {"USA", "842", "1000"}:
        raise LedgerError("census: the only reporter is the United States; leave --reporter out", 2)
    if set(question.flows) - {"X", "M"}:
        raise LedgerError("census: --flow can be X (exports) or M (general imports)", 2)
    key = os.environ.get(KEY, "").strip()
    client = Client("census", folder, 0.5, (key,) if key else (), pace or Pace(), progress)
    day = today or dt.date.today()
    return [
        _answer(client, question, flow, code, partner, year, key, day)
        for flow in question.flows
        for code in question.codes
        for partner in question.partners or ("",)
        for year in sorted({period[:4] for period in question.periods})
    ]


def _answer(
    client: Client,
    question: Question,
    flow: str,
    code: str,
    partner: str,
    year: str,
    key: str,
    today: dt.date,
) -> Fetched:
    base = os.environ.get(ADDRESS, "https://api.census.gov/data/timeseries/intltrade").rstrip("/")
    months = [period for period in question.periods if period[:4] == year]
    first, last = (f"{year}-{months[0][4:]}", f"{year}-{months[-1][4:]}") if question.is_monthly else ("", "")
    params = {
        "get": COLUMNS[flow, question.is_monthly],
        "E_COMMODITY" if flow == "X" else "I_COMMODITY": code,
        "COMM_LVL": f"HS{len(code)}",
        # A year's figures are the year to date of December.
        "time": f"from {first} to {last}" if question.is_monthly else f"{year}-12",
    }
    if partner:
        params["CTY_CODE"] = partner
    if key:
        params["key"] = key
    span = f"{first}-to-{last}" if question.is_monthly else year
    who = f"_{partner}" if partner else ""
    answer = client.download(
        f"{base}/{'exports' if flow == 'X' else 'imports'}/hs",
        params,
        f"census_{flow}_{code}{who}_{span}.json",
        max_bytes=MAX_BYTES,
        problem=_problem,
    )
    asked = Asked(
        periods=tuple(months), flows=(flow,), codes=(code,), partners=(partner,) if partner else (ALL,)
    )
    return _kept(answer, today, f"{flow} of {code} in {span}", asked)


def _problem(answer: Answer) -> str:
    if answer.is_page or not answer.size:
        return ""
    try:
        json.loads(answer.path.read_bytes())
    except (ValueError, RecursionError):
        answer.path.unlink()
        return "the JSON is cut off or broken"
    return ""


def _kept(answer: Answer, today: dt.date, what: str, asked: Asked) -> Fetched:
    """An empty answer is no data; a page says that the key was refused."""
    if answer.is_page:
        answer.path.unlink()
        raise LedgerError(
            f"census: a page instead of data, so the key is missing or was refused; set {KEY} to the key "
            "that api.census.gov/data/key_signup.html sends you (it must be activated)"
        )
    if answer.status == 404:
        answer.path.unlink()
        raise LedgerError(
            f"census: there is nothing at {answer.url}; check CHIPLEDGER_CENSUS_URL if you set it"
        )
    content = json.loads(answer.path.read_bytes()) if answer.size else []
    if not isinstance(content, list) or any(not isinstance(row, list) for row in content[:1]):
        answer.path.unlink()
        raise LedgerError(f"census: no array of arrays ({answer.url}); the API may have changed: report it")
    if len(content) < 2:
        answer.path.unlink()
        return Fetched(None, today, answer.url, f"no data for {what} (this is not zero)")
    return Fetched(answer.path, today, answer.url, asked=asked)
