"""Eurostat Comext bulk files: one .7z per month, or per year (YYYY52), for all products and partners.

Addresses of the dissemination API: files?file=comext/COMEXT_DATA/PRODUCTS/full_v2_YYYYMM.7z. Files are
published about six weeks after the month and replaced when reporters revise it: Last-Modified is the
day of the release. A month is about 45 MB, a year about 90 MB.
"""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

from orchestration.errors import LedgerError
from orchestration.fetch.client import Client, Pace, Progress
from orchestration.fetch.question import Fetched, Question, Source

ADDRESS = "CHIPLEDGER_COMEXT_URL"
FOLDER = "comext/COMEXT_DATA/PRODUCTS"
SIGNATURE = b"7z\xbc\xaf\x27\x1c"
MAX_BYTES = 2 * 1024**3

SOURCE = Source(
    source_id="comext",
    dataset_id="comext_bulk",
    producer="Eurostat, Comext",
    title="Comext bulk files of detailed trade (Combined Nomenclature, 8 digits)",
    url="https://ec.europa.eu/eurostat/databrowser/bulk?selectedTab=fileComext",
    licence="CC BY 4.0",
    citation="Eurostat, Comext, detailed trade by Combined Nomenclature",
)


def fetch(
    question: Question,
    folder: Path,
    *,
    pace: Pace | None = None,
    progress: Progress | None = None,
    today: dt.date | None = None,
) -> list[Fetched]:
    """One file per period; it holds everything, so codes and countries cannot be chosen."""
    if question.codes or question.reporters or question.partners:
        raise LedgerError(
            "comext: the files hold all products and countries; leave --code, --reporter and --partner out", 2
        )
    client = Client("comext", folder, 1.0, (), pace or Pace(), progress)
    day = today or dt.date.today()
    periods = [period if question.is_monthly else f"{period}52" for period in question.periods]
    return [_file(client, period, day) for period in periods]


def _file(client: Client, period: str, today: dt.date) -> Fetched:
    base = os.environ.get(ADDRESS, "https://ec.europa.eu/eurostat/api/dissemination/files")
    name = f"full_v2_{period}.7z"
    answer = client.download(base, {"file": f"{FOLDER}/{name}"}, name, max_bytes=MAX_BYTES)
    if answer.status == 404:
        answer.path.unlink()
        return Fetched(None, today, answer.url, f"{name} is not there: not published yet, or too old")
    if answer.head(len(SIGNATURE)) != SIGNATURE:
        answer.path.unlink()
        raise LedgerError(
            f"comext: {answer.url} gave no .7z archive; open the address in a browser, and report it if the "
            "files have moved"
        )
    return Fetched(answer.path, answer.last_modified or today, answer.url)
