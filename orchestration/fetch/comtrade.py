"""UN Comtrade API v1: the public preview without a key (500 records a call), data with one (100,000).

Parameters and limits as in the UN Comtrade help centre (uncomtrade.org/docs/un-comtrade-api) and the
maintainers' package comtradeapicall. partner2Code, motCode and customsCode are pinned to their totals:
otherwise breakdowns arrive beside the totals and every sum is twice too large.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from orchestration.errors import LedgerError
from orchestration.fetch.client import Answer, Client, Pace, Progress
from orchestration.fetch.question import Fetched, Question, Source
from orchestration.sources.asked import ALL, Asked

KEY = "COMTRADE_API_KEY"
ADDRESS = "CHIPLEDGER_COMTRADE_URL"
PREVIEW_CAP = 500
KEY_CAP = 100_000
# With a key a call takes a year of months; the preview answers for one period at a time.
PERIODS_PER_CALL = 12
REPORTERS_PER_CALL = 10
MAX_BYTES = 512 * 1024**2
PINNED = {"partner2Code": "0", "motCode": "0", "customsCode": "C00", "includeDesc": "true"}

SOURCE = Source(
    source_id="comtrade",
    dataset_id="comtrade_api",
    producer="United Nations Statistics Division, UN Comtrade",
    title="UN Comtrade API: final data by HS code",
    url="https://comtradeapi.un.org/",
    licence=(
        "UN Comtrade terms of use; not an open licence, onward publication of large extracts needs permission"
    ),
    citation="UN Comtrade database, United Nations Statistics Division",
    volatile=rb'"elapsedTime"\s*:\s*"[^"]*"\s*,?',
    keys=(KEY,),
)

# Words for many codes, as patterns of `asked`: a level of the classification, or all of them.
_LEVELS = {"ALL": ALL, "AG2": "??", "AG4": "????", "AG6": "??????"}


@dataclass(frozen=True)
class Call:
    """One call; each part can be split until it holds one code."""

    periods: tuple[str, ...]
    reporters: tuple[str, ...]
    codes: tuple[str, ...]
    flows: tuple[str, ...]
    partners: tuple[str, ...]
    is_monthly: bool

    @property
    def params(self) -> dict[str, str]:
        asked = {
            "reporterCode": ",".join(self.reporters),
            "period": ",".join(self.periods),
            "partnerCode": ",".join(self.partners),
            "cmdCode": ",".join(self.codes),
            "flowCode": ",".join(self.flows),
        }
        return {name: value for name, value in asked.items() if value} | PINNED

    @property
    def asked(self) -> Asked:
        codes = tuple(_LEVELS.get(code.upper(), code.upper()) for code in self.codes)
        return Asked(
            reporters=tuple(map(_plain, self.reporters)),
            periods=self.periods,
            flows=self.flows,
            codes=(ALL,) if ALL in codes else codes,
            partners=tuple(map(_plain, self.partners)) or (ALL,),
        )

    @property
    def file_name(self) -> str:
        """Says what is in it; long lists are shortened to first, last and number."""
        parts = (
            _short(self.flows),
            _short(self.codes),
            "r" + (_short(self.reporters) or "all"),
            "p" + (_short(self.partners) or "all"),
            _short(self.periods),
        )
        return f"comtrade_{'_'.join(parts)}.json"

    def halves(self) -> tuple[Call, Call] | None:
        """The same question in two, or None where nothing is left to split."""
        for name in ("periods", "reporters", "codes", "flows", "partners"):
            values = getattr(self, name)
            if len(values) > 1:
                middle = len(values) // 2
                first: Any = {name: values[:middle]}
                second: Any = {name: values[middle:]}
                return replace(self, **first), replace(self, **second)
        return None


def _plain(code: str) -> str:
    """A code of an economy as answers have it: 36, not 036."""
    return str(int(code)) if code.isdecimal() else code


def _short(values: tuple[str, ...]) -> str:
    return "-".join(values) if len(values) <= 3 else f"{values[0]}-to-{values[-1]}-{len(values)}"


def fetch(
    question: Question,
    folder: Path,
    *,
    pace: Pace | None = None,
    progress: Progress | None = None,
    today: dt.date | None = None,
) -> list[Fetched]:
    """All answers to the question; a result at the limit is never kept but asked for in smaller parts."""
    if not question.codes:
        raise LedgerError("comtrade: give at least one --code, such as 8542 (TOTAL for all goods)", 2)
    if not question.reporters:
        raise LedgerError(
            "comtrade: give at least one --reporter, such as 156 for China (UN Comtrade codes)", 2
        )
    key = os.environ.get(KEY, "").strip()
    client = Client("comtrade", folder, 1.1 if key else 2.0, (key,) if key else (), pace or Pace(), progress)
    found: list[Fetched] = []
    for call in _calls(question, bool(key)):
        found += _answers(client, call, key, today or dt.date.today())
    return found


def _calls(question: Question, has_key: bool) -> Iterator[Call]:
    periods, reporters = (PERIODS_PER_CALL, REPORTERS_PER_CALL) if has_key else (1, 1)
    for some_reporters in _chunks(question.reporters, reporters):
        for some_periods in _chunks(question.periods, periods):
            yield Call(
                some_periods,
                some_reporters,
                question.codes,
                question.flows,
                question.partners,
                question.is_monthly,
            )


def _chunks(values: tuple[str, ...], size: int) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _answers(client: Client, call: Call, key: str, today: dt.date) -> list[Fetched]:
    """The answer to a call, or to its parts where it reaches the limit."""
    base = os.environ.get(ADDRESS, "https://comtradeapi.un.org").rstrip("/")
    cap = KEY_CAP if key else PREVIEW_CAP
    place = "data/v1/get" if key else "public/v1/preview"
    answer = client.download(
        f"{base}/{place}/C/{'M' if call.is_monthly else 'A'}/HS",
        call.params | {"maxRecords": str(cap)},
        call.file_name,
        max_bytes=MAX_BYTES,
        headers={"Ocp-Apim-Subscription-Key": key} if key else {},
        problem=_problem,
    )
    content = _content(client, answer)
    records = len(content["data"])
    asked = f"{','.join(call.flows)} of {','.join(call.codes)} by {','.join(call.reporters)}"
    when = f"{call.periods[0]} to {call.periods[-1]}" if len(call.periods) > 1 else call.periods[0]
    count = content.get("count")
    if records >= cap or (isinstance(count, int) and count > records):
        answer.path.unlink()
        halves = call.halves()
        if halves is None:
            more = "name partners with --partner" if not call.partners else "nothing is left to split"
            wish = more if key else f"set {KEY} (free), or {more}"
            raise LedgerError(
                f"comtrade: {asked} in {when} reaches the limit of {cap:,} records, so some are missing; "
                f"nothing of it was kept: {wish}"
            )
        return [found for half in halves for found in _answers(client, half, key, today)]
    if not records:
        answer.path.unlink()
        return [Fetched(None, today, answer.url, f"no data for {asked} in {when} (this is not zero)")]
    return [Fetched(answer.path, today, answer.url, asked=call.asked)]


def _problem(answer: Answer) -> str:
    """Why a complete answer is worth asking for again: JSON that ends too early."""
    if answer.is_page:
        return ""
    try:
        json.loads(answer.path.read_bytes())
    except (ValueError, RecursionError):
        answer.path.unlink()
        return "the JSON is cut off or broken"
    return ""


def _content(client: Client, answer: Answer) -> dict[str, Any]:
    """The envelope; anything else is an error and not kept."""
    if answer.status != 200 or answer.is_page:
        answer.path.unlink(missing_ok=True)
        raise LedgerError(
            f"comtrade: a page or nothing instead of data ({answer.url}); check {KEY} if you set it, and "
            "that comtradeapi.un.org works in a browser"
        )
    content: Any = json.loads(answer.path.read_bytes())
    error = content.get("error") if isinstance(content, dict) else "no envelope with data"
    data = content.get("data") if isinstance(content, dict) else None
    if error or not isinstance(data, list):
        answer.path.unlink()
        said = client.hide(" ".join(str(error or "no list of data").split())[:200])
        raise LedgerError(f"comtrade: the source says: {said}; check periods and codes ({answer.url})")
    envelope: dict[str, Any] = content
    return envelope
