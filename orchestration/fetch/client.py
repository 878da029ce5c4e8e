"""One careful HTTP client: time limits, retries, resumed downloads, bounds, and no key ever shown.

All sizes are bytes, all times seconds. A failure is a LedgerError that says what to do next.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import logging
import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, quote, quote_plus, urlencode, urljoin, urlsplit, urlunsplit

import httpx

from orchestration.errors import LedgerError

RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
MOST_REDIRECTS = 5
SECRET_NAMES = re.compile(r"key|token|secret|password|auth", re.IGNORECASE)
HIDDEN = "[hidden]"

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Pace:
    """How patient the client is. Tests make it fast."""

    attempts: int = 5
    first_wait: float = 1.0
    most_wait: float = 60.0
    # A longer Retry-After ends the call: whoever started it should decide.
    longest_retry_after: float = 300.0
    # Least time between two calls to one source, multiplied into the source's own.
    spacing: float = 1.0
    # Time without a byte, and time for one whole attempt.
    silence: float = 60.0
    whole: float = 1800.0


@dataclass(frozen=True)
class Answer:
    """A complete answer on disk. `url` is without keys."""

    status: int
    path: Path
    size: int
    url: str
    content_type: str
    last_modified: dt.date | None

    def head(self, size: int = 4096) -> bytes:
        with self.path.open("rb") as stream:
            return stream.read(size)

    @property
    def is_page(self) -> bool:
        """An HTML page where data was expected."""
        start = self.head(512).lstrip().lower()
        return start.startswith((b"<!doctype html", b"<html", b"<head")) or (
            "text/html" in self.content_type and not start.startswith((b"{", b"["))
        )


class _Failed(Exception):
    """An attempt that is worth another one. The text carries no address."""

    def __init__(self, said: str, wait: float | None = None) -> None:
        super().__init__(said)
        self.said = said
        self.wait = wait


@dataclass
class Client:
    """Calls one source. `interval` is the least time between two calls, `keys` what must stay hidden."""

    name: str
    folder: Path
    interval: float = 0.0
    keys: Sequence[str] = ()
    pace: Pace = field(default_factory=Pace)
    progress: Progress | None = None
    sleep: Callable[[float], None] = time.sleep
    _next: float = 0.0

    def __post_init__(self) -> None:
        # Both log addresses, and an address may hold a key.
        for logger in ("httpx", "httpcore"):
            logging.getLogger(logger).setLevel(logging.WARNING)
        self.folder.mkdir(parents=True, exist_ok=True)

    def download(
        self,
        url: str,
        params: Mapping[str, str],
        file_name: str,
        *,
        max_bytes: int,
        headers: Mapping[str, str] | None = None,
        problem: Callable[[Answer], str] | None = None,
    ) -> Answer:
        """The answer as a file in `folder`, moved there when it is complete.

        `problem` looks at a complete answer; what it says is wrong is asked for again. A status of 2xx
        or 404 is returned (404 without a file's content); others end in LedgerError.
        """
        target = self.folder / file_name
        full = f"{url}?{urlencode(params)}" if params else url
        said = "no answer"
        for attempt in range(self.pace.attempts):
            self._wait_turn()
            try:
                answer = self._attempt(full, headers or {}, target, max_bytes)
                said = problem(answer) if problem and answer.status == 200 else ""
                if not said:
                    return answer
                wait = None
            except _Failed as failure:
                said, wait = failure.said, failure.wait
            if attempt + 1 < self.pace.attempts:
                self.sleep(self._backoff(attempt) if wait is None else wait)
        raise LedgerError(
            f"{self.name}: {self.hide(said)}, {self.pace.attempts} times ({self.shown(full)}); "
            "try again later, what was downloaded is kept and continued"
        )

    def shown(self, url: str) -> str:
        """An address without the values of keys."""
        parts = urlsplit(url)
        kept = [
            (name, value)
            for name, value in parse_qsl(parts.query, keep_blank_values=True)
            if not SECRET_NAMES.search(name)
        ]
        host = parts.hostname or ""
        place = f"{host}:{parts.port}" if parts.port else host
        return self.hide(urlunsplit((parts.scheme, place, parts.path, urlencode(kept), "")))

    def hide(self, text: str) -> str:
        """A text without the keys, in any of the ways they could be written."""
        for key in self.keys:
            for form in {key, quote(key), quote(key, safe=""), quote_plus(key)}:
                if form:
                    text = text.replace(form, HIDDEN)
        return text

    def _wait_turn(self) -> None:
        now = time.monotonic()
        if self._next > now:
            self.sleep(self._next - now)
        self._next = max(now, self._next) + self.interval * self.pace.spacing

    def _backoff(self, attempt: int) -> float:
        """Doubling waits with jitter, so that many callers do not come back at once."""
        longest: float = min(self.pace.most_wait, self.pace.first_wait * 2.0**attempt)
        return longest * (0.5 + random.random() / 2)

    def _attempt(self, full: str, headers: Mapping[str, str], target: Path, max_bytes: int) -> Answer:
        part = target.with_name(target.name + ".part")
        stamp = target.with_name(target.name + ".part.etag")
        started = time.monotonic()
        sent = {"Accept-Encoding": "identity", "User-Agent": "chipledger", **headers}
        held = part.stat().st_size if part.is_file() and stamp.is_file() else 0
        if held:
            sent |= {"Range": f"bytes={held}-", "If-Range": stamp.read_text(encoding="ascii")}
        url = full
        timeout = httpx.Timeout(self.pace.silence, connect=min(30.0, self.pace.silence))
        try:
            with httpx.Client(timeout=timeout, follow_redirects=False, trust_env=True) as http:
                for _ in range(MOST_REDIRECTS + 1):
                    with http.stream("GET", url, headers=sent) as response:
                        if response.status_code in REDIRECTS:
                            url, sent = self._redirected(url, response, sent)
                            continue
                        self._check(response, part, stamp)
                        return self._receive(response, full, target, max_bytes, started)
        except (httpx.TransportError, httpx.StreamError) as error:
            raise _Failed(_kind(error)) from None
        except (httpx.InvalidURL, httpx.DecodingError, ValueError, UnicodeError):
            raise LedgerError(
                f"{self.name}: the address or the answer cannot be read ({self.shown(full)}); "
                "check the CHIPLEDGER_*_URL variable if you set one"
            ) from None
        except OSError as error:
            raise LedgerError(
                f"{self.name}: {part.name} cannot be written ({error.strerror}); free some space, run again"
            ) from None
        raise LedgerError(
            f"{self.name}: more than {MOST_REDIRECTS} redirects from {self.shown(full)}; the source may have "
            "moved: look at its address in a browser, and set the CHIPLEDGER_*_URL variable if it has"
        )

    def _redirected(
        self, url: str, response: httpx.Response, sent: Mapping[str, str]
    ) -> tuple[str, dict[str, str]]:
        """Where to go; to another host only without the key, and never from https to http."""
        there = urljoin(url, response.headers.get("location", ""))
        old, new = urlsplit(url), urlsplit(there)
        if new.scheme not in ("http", "https") or (old.scheme == "https" and new.scheme == "http"):
            raise LedgerError(
                f"{self.name}: sent on to {self.shown(there)}, which is not https; not followed, report it"
            )
        kept = dict(sent)
        if (old.hostname, old.port) != (new.hostname, new.port):
            kept = {name: value for name, value in sent.items() if not SECRET_NAMES.search(name)}
        return there, kept

    def _check(self, response: httpx.Response, part: Path, stamp: Path) -> None:
        """Statuses that are no answer: worth another attempt, or an error at once."""
        status = response.status_code
        if status == 416:
            part.unlink(missing_ok=True)
            stamp.unlink(missing_ok=True)
            raise _Failed("the part held no longer fits the file")
        if status in RETRIED:
            raise _Failed(f"status {status}", self._retry_after(response))
        if status in (401, 403):
            raise LedgerError(
                f"{self.name}: access refused (status {status}); check that the key is right and not expired"
            )
        if status >= 400 and status != 404:
            response.read()
            said = self.hide(" ".join(response.text.split())[:200])
            raise LedgerError(
                f"{self.name}: status {status}: {said or 'no reason given'}; check the codes asked for"
            )

    def _retry_after(self, response: httpx.Response) -> float | None:
        """Seconds to wait as the server says, or None; too long a wait is an error."""
        text = response.headers.get("retry-after", "").strip()
        if not text:
            return None
        if text.isdecimal():
            seconds = float(text)
        else:
            parsed = email.utils.parsedate_tz(text)
            if parsed is None:
                return None
            seconds = max(0.0, email.utils.mktime_tz(parsed) - time.time())
        if seconds > self.pace.longest_retry_after:
            raise LedgerError(
                f"{self.name}: asks to wait {seconds:,.0f} seconds, its limit of calls is used up; "
                "run the same command again after that"
            )
        return seconds

    def _receive(
        self, response: httpx.Response, full: str, target: Path, max_bytes: int, started: float
    ) -> Answer:
        """Writes the body to the .part file, then renames it."""
        part = target.with_name(target.name + ".part")
        stamp = target.with_name(target.name + ".part.etag")
        held = self._resumed_at(response, part, stamp)
        announced = (
            held + int(length) if (length := response.headers.get("content-length", "")).isdecimal() else 0
        )
        if announced > max_bytes:
            self._too_big(full, announced, max_bytes, part, stamp)
        size = held
        with part.open("ab" if held else "wb") as stream:
            # Pieces as they come: waiting for a full one would hide a slow drip.
            for chunk in response.iter_bytes():
                size += len(chunk)
                if size > max_bytes:
                    self._too_big(full, size, max_bytes, part, stamp)
                stream.write(chunk)
                if self.progress:
                    self.progress(target.name, size, announced)
                if time.monotonic() - started > self.pace.whole:
                    raise _Failed(f"not complete after {self.pace.whole:g} seconds")
        if announced and size < announced:
            raise _Failed(f"cut off after {size:,} of {announced:,} bytes")
        stamp.unlink(missing_ok=True)
        part.replace(target)
        return Answer(
            status=200 if response.status_code == 206 else response.status_code,
            path=target,
            size=size,
            url=self.shown(full),
            content_type=response.headers.get("content-type", "").lower(),
            last_modified=_date(response.headers.get("last-modified", "")),
        )

    def _resumed_at(self, response: httpx.Response, part: Path, stamp: Path) -> int:
        """How many bytes of the .part file the answer continues; notes what would prove it next time."""
        headers = response.headers
        if response.status_code == 206:
            held = part.stat().st_size if part.is_file() else 0
            found = re.match(r"bytes (\d+)-", headers.get("content-range", ""))
            if not found or int(found[1]) != held:
                part.unlink(missing_ok=True)
                stamp.unlink(missing_ok=True)
                raise _Failed("answered with another part than was asked for")
            return held
        etag = headers.get("etag", "")
        proof = etag if etag.startswith('"') else headers.get("last-modified", "")
        if (
            proof
            and proof.isascii()
            and headers.get("accept-ranges", "") != "none"
            and not headers.get("content-encoding")
        ):
            stamp.write_text(proof, encoding="ascii")
        else:
            stamp.unlink(missing_ok=True)
        return 0

    def _too_big(self, full: str, size: int, max_bytes: int, part: Path, stamp: Path) -> None:
        part.unlink(missing_ok=True)
        stamp.unlink(missing_ok=True)
        raise LedgerError(
            f"{self.name}: the answer is larger than expected ({size:,} bytes, at most {max_bytes:,}); "
            f"ask for fewer periods or codes ({self.shown(full)})"
        )


def _kind(error: Exception) -> str:
    """What happened to the connection, without an address."""
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    if isinstance(error, httpx.ConnectError):
        return "no connection"
    return "the connection was cut"


def _date(text: str) -> dt.date | None:
    """The day of an HTTP date, in UTC."""
    try:
        return email.utils.parsedate_to_datetime(text).astimezone(dt.UTC).date()
    except (ValueError, TypeError, OverflowError):
        return None
