"""`chipledger fetch` against a real server on 127.0.0.1: documented answers, and every way to misbehave.

The key must appear nowhere: not in what is printed, logged, stored or raised.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import logging
import re
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from orchestration.cli import fetch as command
from orchestration.errors import LedgerError
from orchestration.fetch import census, comext, comtrade, korea
from orchestration.fetch.client import Client, Pace
from orchestration.fetch.question import Fetched, Question
from orchestration.fetch.store import store
from orchestration.sources import comext_bulk, comtrade_api, korea_open_data, us_census
from orchestration.sources.asked import Asked
from orchestration.sources.release import ProvenanceError, _read

SECRET = "s3cr3t/key+with=signs"
FAST = Pace(attempts=4, first_wait=0.001, most_wait=0.002, spacing=0.0, silence=60.0, whole=60.0)
MODIFIED = "Tue, 18 Feb 2025 10:00:00 GMT"
DAY = dt.date(2026, 11, 21)


class Exchange(BaseHTTPRequestHandler):
    """One request; what it is answered with is the test's."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.server.seen.append(self)
        self.server.answer(self)

    def log_message(self, format: str, *args: object) -> None:
        pass

    @property
    def asked(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}

    def give(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def give_part(self, body: bytes, stop: int, **headers: str) -> None:
        """Announces the whole body and cuts the connection after `stop` bytes."""
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:stop])
        self.wfile.flush()
        self.close_connection = True


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Exchange)
        self.seen: list[Exchange] = []
        self.answer: Callable[[Exchange], None] = lambda exchange: exchange.give(b"")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is part of these tests."""


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in (comtrade.KEY, census.KEY, korea.KEY):
        monkeypatch.delenv(name, raising=False)
    with Server() as running:
        for name in (comtrade.ADDRESS, census.ADDRESS, comext.ADDRESS, korea.ADDRESS):
            monkeypatch.setenv(name, running.url)
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    monkeypatch.setenv("CHIPLEDGER_RAW", str(folder))
    monkeypatch.setenv("CHIPLEDGER_HOME", str(tmp_path / "home"))
    return folder


def get(
    server: Server,
    tmp_path: Path,
    max_bytes: int = 1 << 20,
    pace: Pace = FAST,
    waits: list[float] | None = None,
) -> bytes:
    client = Client("test", tmp_path, keys=(SECRET,), pace=pace)
    if waits is not None:
        client.sleep = waits.append
    answer = client.download(f"{server.url}/file", {"key": SECRET}, "file.bin", max_bytes=max_bytes)
    return answer.path.read_bytes()


def failure(action: Callable[[], object]) -> str:
    """The sentence of a LedgerError, after looking for the key in it and in its traceback."""
    with pytest.raises(LedgerError) as caught:
        action()
    shown = "".join(traceback.format_exception(caught.value))
    for form in (SECRET, "s3cr3t"):
        assert form not in shown
    return str(caught.value)


def in_turn(*answers: Callable[[Exchange], None]) -> Callable[[Exchange], None]:
    """Each request gets the next answer, the last one for good."""
    left = list(answers)
    return lambda exchange: (left.pop(0) if len(left) > 1 else left[0])(exchange)


def envelope(records: int, elapsed: str = "0.1 secs", **more: object) -> bytes:
    data = [{"period": "2023", "cmdCode": "8542", "primaryValue": index} for index in range(records)]
    return json.dumps({"elapsedTime": elapsed, "count": records, "data": data, "error": "", **more}).encode()


def ask(first: str = "2023", last: str = "2023", **more: tuple[str, ...]) -> Question:
    return Question.of(first, last, **{"reporters": ("156",), "codes": ("8542",), "flows": ("X",), **more})


# --- the client


def test_500_twice_then_200(server: Server, tmp_path: Path) -> None:
    server.answer = in_turn(lambda e: e.give(b"", 500), lambda e: e.give(b"", 503), lambda e: e.give(b"good"))
    waits: list[float] = []
    assert get(server, tmp_path, waits=waits) == b"good"
    assert len(waits) == 2
    assert not list(tmp_path.glob("*.part*"))


def test_waits_double_with_jitter(tmp_path: Path) -> None:
    client = Client("test", tmp_path, pace=Pace(first_wait=1, most_wait=10))
    for attempt, longest in ((0, 1), (1, 2), (2, 4), (9, 10)):
        assert longest / 2 <= client._backoff(attempt) <= longest


def test_429_waits_as_long_as_it_says(server: Server, tmp_path: Path) -> None:
    server.answer = in_turn(lambda e: e.give(b"", 429, Retry_After="7"), lambda e: e.give(b"good"))
    waits: list[float] = []
    assert get(server, tmp_path, waits=waits) == b"good"
    assert waits == [7.0]


def test_429_with_a_day_to_wait_says_so(server: Server, tmp_path: Path) -> None:
    server.answer = lambda e: e.give(b"", 429, Retry_After="86400")
    assert "asks to wait 86,400 seconds" in failure(lambda: get(server, tmp_path))
    assert len(server.seen) == 1


def test_a_server_that_stays_down_ends_in_one_sentence(server: Server, tmp_path: Path) -> None:
    server.answer = lambda e: e.give(b"", 500)
    said = failure(lambda: get(server, tmp_path))
    assert "status 500, 4 times" in said
    assert "try again later" in said
    assert len(server.seen) == 4


def test_no_server_at_all(server: Server, tmp_path: Path) -> None:
    client = Client("test", tmp_path, pace=FAST)
    assert "no connection" in failure(
        lambda: client.download("http://127.0.0.1:9/file", {}, "f", max_bytes=10)
    )


def test_a_cut_download_is_continued(server: Server, tmp_path: Path) -> None:
    body = bytes(range(256)) * 4096

    def answer(exchange: Exchange) -> None:
        asked = exchange.headers.get("Range")
        if asked is None:
            exchange.give_part(body, 300_000, ETag='"one"', Accept_Ranges="bytes")
            return
        assert exchange.headers["If-Range"] == '"one"'
        start = int(re.findall(r"\d+", asked)[0])
        assert 0 < start <= 300_000
        exchange.give(body[start:], 206, Content_Range=f"bytes {start}-{len(body) - 1}/{len(body)}")

    server.answer = answer
    assert get(server, tmp_path, max_bytes=1 << 21) == body
    assert len(server.seen) == 2
    assert not list(tmp_path.glob("*.part*"))


def test_a_file_that_changed_meanwhile_is_begun_again(server: Server, tmp_path: Path) -> None:
    server.answer = in_turn(
        lambda e: e.give_part(b"old" * 100_000, 100_000, ETag='"old"'), lambda e: e.give(b"new", ETag='"new"')
    )
    assert get(server, tmp_path) == b"new"
    assert server.seen[1].headers["If-Range"] == '"old"'


def test_without_an_etag_a_cut_download_is_begun_again(server: Server, tmp_path: Path) -> None:
    server.answer = in_turn(lambda e: e.give_part(b"x" * 100_000, 50_000), lambda e: e.give(b"whole"))
    assert get(server, tmp_path) == b"whole"
    assert server.seen[1].headers.get("Range") is None


def test_a_wrong_part_is_thrown_away(server: Server, tmp_path: Path) -> None:
    server.answer = in_turn(
        lambda e: e.give_part(b"x" * 100_000, 50_000, ETag='"one"'),
        lambda e: e.give(b"tail", 206, Content_Range="bytes 10-13/14"),
        lambda e: e.give(b"whole"),
    )
    assert get(server, tmp_path) == b"whole"


def test_a_part_that_no_longer_fits_is_thrown_away(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.bin.part").write_bytes(b"too much")
    (tmp_path / "file.bin.part.etag").write_text('"one"')
    server.answer = in_turn(lambda e: e.give(b"", 416), lambda e: e.give(b"whole"))
    assert get(server, tmp_path) == b"whole"


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_larger_than_the_bound_is_not_kept(server: Server, tmp_path: Path, announced: bool) -> None:
    def answer(exchange: Exchange) -> None:
        if announced:
            exchange.give(b"x" * 5000)
            return
        exchange.send_response(200)
        exchange.send_header("Connection", "close")
        exchange.end_headers()
        exchange.wfile.write(b"x" * 500_000)
        exchange.close_connection = True

    server.answer = answer
    assert "larger than expected" in failure(lambda: get(server, tmp_path, max_bytes=1000))
    assert not list(tmp_path.iterdir())


def test_a_slow_drip_ends(server: Server, tmp_path: Path) -> None:
    def answer(exchange: Exchange) -> None:
        exchange.send_response(200)
        exchange.send_header("Content-Length", "1000000")
        exchange.end_headers()
        for _ in range(6000):
            exchange.wfile.write(b"x")
            exchange.wfile.flush()
            time.sleep(0.02)

    server.answer = answer
    started = time.monotonic()
    said = failure(lambda: get(server, tmp_path, pace=Pace(2, 0.001, 0.001, silence=60.0, whole=0.1)))
    assert "not complete after 0.1 seconds" in said
    # The whole drip would last two minutes.
    assert time.monotonic() - started < 60


def test_silence_ends(server: Server, tmp_path: Path) -> None:
    server.answer = lambda e: time.sleep(0.5)
    said = failure(lambda: get(server, tmp_path, pace=Pace(2, 0.001, 0.001, silence=0.1, whole=60)))
    assert "no answer in time" in said


def test_a_redirect_loop_ends(server: Server, tmp_path: Path) -> None:
    server.answer = lambda e: e.give(b"", 302, Location=f"/again?key={SECRET}")
    assert "more than 5 redirects" in failure(lambda: get(server, tmp_path))


def test_a_redirect_to_another_host_goes_without_the_key(server: Server, tmp_path: Path) -> None:
    with Server() as other:
        other.answer = lambda e: e.give(b"there")
        thread = threading.Thread(target=other.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        server.answer = lambda e: e.give(b"", 302, Location=f"{other.url}/moved")
        client = Client("test", tmp_path, keys=(SECRET,), pace=FAST)
        headers = {"Ocp-Apim-Subscription-Key": SECRET}
        client.download(f"{server.url}/x", {}, "f", max_bytes=100, headers=headers)
        other.shutdown()
        thread.join()
    assert server.seen[0].headers["Ocp-Apim-Subscription-Key"] == SECRET
    assert "Ocp-Apim-Subscription-Key" not in other.seen[0].headers


def test_401_names_the_key_and_400_the_reason(server: Server, tmp_path: Path) -> None:
    server.answer = lambda e: e.give(b"", 401)
    assert "check that the key is right" in failure(lambda: get(server, tmp_path))
    server.answer = lambda e: e.give(f"error: bad cmdCode, key {SECRET}".encode(), 400)
    said = failure(lambda: get(server, tmp_path))
    assert "status 400: error: bad cmdCode, key [hidden]" in said
    assert len(server.seen) == 2


def test_calls_keep_their_distance(server: Server, tmp_path: Path) -> None:
    server.answer = lambda e: e.give(b"x")
    client = Client("test", tmp_path, interval=10.0, pace=Pace(spacing=1.0))
    waits: list[float] = []
    client.sleep = waits.append
    for _ in range(3):
        client.download(f"{server.url}/x", {}, "f", max_bytes=10)
    assert [round(wait / 10) for wait in waits] == [1, 2]


# --- UN Comtrade


def test_comtrade_without_a_key_asks_the_preview(server: Server, tmp_path: Path) -> None:
    server.answer = lambda e: e.give(envelope(3))
    found = comtrade.fetch(ask("2023-01", "2023-02"), tmp_path, pace=FAST, today=DAY)
    assert [urlsplit(e.path).path for e in server.seen] == ["/public/v1/preview/C/M/HS"] * 2
    assert server.seen[0].asked == {
        "reporterCode": "156",
        "period": "202301",
        "cmdCode": "8542",
        "flowCode": "X",
        "partner2Code": "0",
        "motCode": "0",
        "customsCode": "C00",
        "includeDesc": "true",
        "maxRecords": "500",
    }
    assert [item.path and item.path.name for item in found] == [
        "comtrade_X_8542_r156_pall_202301.json",
        "comtrade_X_8542_r156_pall_202302.json",
    ]
    assert found[0].released_at == DAY
    assert found[1].asked is not None
    assert found[1].asked.as_map() == {
        "reporters": ["156"], "periods": ["202302"], "flows": ["X"], "codes": ["8542"], "partners": "all",
    }  # fmt: skip


def test_comtrade_with_a_key_asks_a_year_of_months_at_once(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(comtrade.KEY, SECRET)
    server.answer = lambda e: e.give(envelope(3))
    found = comtrade.fetch(ask("2023-01", "2024-06"), tmp_path, pace=FAST)
    assert [urlsplit(e.path).path for e in server.seen] == ["/data/v1/get/C/M/HS"] * 2
    assert [len(e.asked["period"].split(",")) for e in server.seen] == [12, 6]
    assert server.seen[0].headers["Ocp-Apim-Subscription-Key"] == SECRET
    assert all("s3cr3t" not in e.path for e in server.seen)
    assert all("s3cr3t" not in item.url for item in found)


def test_comtrade_splits_what_reaches_the_limit(server: Server, tmp_path: Path) -> None:
    server.answer = lambda e: e.give(envelope(500 if "," in e.asked["cmdCode"] else 4))
    found = comtrade.fetch(ask(codes=("8541", "8542", "8543")), tmp_path, pace=FAST)
    assert [e.asked["cmdCode"] for e in server.seen] == [
        "8541,8542,8543",
        "8541",
        "8542,8543",
        "8542",
        "8543",
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"comtrade_X_{code}_r156_pall_2023.json" for code in ("8541", "8542", "8543")
    ]
    assert [item.asked and item.asked.codes for item in found] == [("8541",), ("8542",), ("8543",)]


@pytest.mark.parametrize(
    ("codes", "kept"),
    [
        (("TOTAL", "8542"), ["TOTAL", "8542"]),
        (("ag6", "8542"), ["??????", "8542"]),
        (("8542", "ALL"), "all"),
    ],
)
def test_comtrade_words_for_codes_are_kept_as_patterns(
    server: Server, tmp_path: Path, codes: tuple[str, ...], kept: object
) -> None:
    server.answer = lambda e: e.give(envelope(3))
    question = Question.of("2023", "2023", ("036",), ("0", "842"), codes, ("X",))
    (found,) = comtrade.fetch(question, tmp_path, pace=FAST)
    assert found.asked is not None
    asked = found.asked.as_map()
    assert (asked["codes"], asked["reporters"], asked["partners"]) == (kept, ["36"], ["0", "842"])
    assert Asked.of(yaml.safe_load(yaml.safe_dump(asked))) == found.asked


@pytest.mark.parametrize("body", [envelope(500), envelope(3, count=700)])
def test_comtrade_at_the_limit_with_nothing_to_split_is_an_error(
    server: Server, tmp_path: Path, body: bytes
) -> None:
    server.answer = lambda e: e.give(body)
    said = failure(lambda: comtrade.fetch(ask(), tmp_path, pace=FAST))
    assert "reaches the limit of 500 records" in said
    assert "set COMTRADE_API_KEY (free), or name partners with --partner" in said
    assert not list(tmp_path.iterdir())


def test_comtrade_empty_is_no_data(server: Server, tmp_path: Path) -> None:
    server.answer = lambda e: e.give(envelope(0))
    (found,) = comtrade.fetch(ask(), tmp_path, pace=FAST)
    assert found.path is None
    assert found.note == "no data for X of 8542 by 156 in 2023 (this is not zero)"
    assert not list(tmp_path.iterdir())


def test_comtrade_cut_json_is_asked_again_and_never_kept(server: Server, tmp_path: Path) -> None:
    server.answer = in_turn(lambda e: e.give(envelope(3)[:50]), lambda e: e.give(envelope(3)))
    assert len(comtrade.fetch(ask(), tmp_path, pace=FAST)) == 1
    server.answer = lambda e: e.give(envelope(3)[:50])
    assert "the JSON is cut off or broken, 4 times" in failure(
        lambda: comtrade.fetch(ask("2022", "2022"), tmp_path, pace=FAST)
    )
    assert [path.name for path in tmp_path.iterdir()] == ["comtrade_X_8542_r156_pall_2023.json"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html><body>Sign in</body></html>", "a page or nothing instead of data"),
        (b'{"error": "Invalid period", "data": []}', "the source says: Invalid period"),
        (b'{"count": 0}', "no list of data"),
        (b"[]", "no envelope with data"),
    ],
)
def test_comtrade_answers_that_are_no_data(server: Server, tmp_path: Path, body: bytes, said: str) -> None:
    server.answer = lambda e: e.give(body)
    assert said in failure(lambda: comtrade.fetch(ask(), tmp_path, pace=FAST))
    assert not list(tmp_path.iterdir())


# --- US Census


def test_census_asks_by_year_and_hides_its_key(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(census.KEY, SECRET)
    server.answer = lambda e: e.give(b'[["ALL_VAL_MO","time"],\n["5","2023-11"]]')
    question = Question.of("2023-11", "2024-02", codes=("8542",), flows=("X", "M"))
    found = census.fetch(question, tmp_path, pace=FAST, today=DAY)
    assert [urlsplit(e.path).path for e in server.seen] == ["/exports/hs"] * 2 + ["/imports/hs"] * 2
    assert server.seen[1].asked == {
        "get": "CTY_CODE,CTY_NAME,SUMMARY_LVL,ALL_VAL_MO,QTY_1_MO,UNIT_QY1",
        "E_COMMODITY": "8542",
        "COMM_LVL": "HS4",
        "time": "from 2024-01 to 2024-02",
        "key": SECRET,
    }
    assert len(found) == 4
    assert all("key" not in item.url for item in found)
    assert found[1].asked == Asked(
        periods=("202401", "202402"), flows=("X",), codes=("8542",), partners=("all",)
    )


def test_census_204_and_an_empty_array_are_no_data(server: Server, tmp_path: Path) -> None:
    server.answer = in_turn(lambda e: e.give(b"", 204), lambda e: e.give(b'[["ALL_VAL_MO","time"]]'))
    question = Question.of("2023", "2024", codes=("8542",), flows=("X",))
    found = census.fetch(question, tmp_path, pace=FAST)
    assert [item.path for item in found] == [None, None]
    assert server.seen[0].asked["time"] == "2023-12"
    assert not list(tmp_path.iterdir())


def test_census_a_page_means_that_the_key_was_refused(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(census.KEY, SECRET)
    page = b"<html><head><title>Invalid Key</title></head></html>"
    server.answer = lambda e: (
        e.give(page, Content_Type="text/html")
        if "invalid" in e.path
        else e.give(b"", 302, Location="/invalid_key.html")
    )
    question = Question.of("2023", "2023", codes=("8542",), flows=("X",))
    assert "the key is missing or was refused; set CENSUS_API_KEY" in failure(
        lambda: census.fetch(question, tmp_path, pace=FAST)
    )
    assert not list(tmp_path.iterdir())


# --- Comext


def test_comext_months_keep_the_day_of_their_release(server: Server, tmp_path: Path) -> None:
    def answer(exchange: Exchange) -> None:
        if "202402" in exchange.asked["file"]:
            exchange.give(b"", 404)
        else:
            exchange.give(comext.SIGNATURE + b"rest", Last_Modified=MODIFIED)

    server.answer = answer
    first, second = comext.fetch(Question.of("2024-01", "2024-02"), tmp_path, pace=FAST)
    assert server.seen[0].asked == {"file": "comext/COMEXT_DATA/PRODUCTS/full_v2_202401.7z"}
    assert (first.path, first.released_at) == (tmp_path / "full_v2_202401.7z", dt.date(2025, 2, 18))
    assert second.path is None
    assert "not published yet" in second.note


def test_comext_years_are_week_52_and_a_page_is_refused(server: Server, tmp_path: Path) -> None:
    server.answer = lambda e: e.give(b"<html></html>")
    assert "gave no .7z archive" in failure(
        lambda: comext.fetch(Question.of("2024", "2024"), tmp_path, pace=FAST)
    )
    assert server.seen[0].asked["file"].endswith("full_v2_202452.7z")
    assert not list(tmp_path.iterdir())


# --- Korea

ITEM = "<item><year>2024.01</year><hsCd>8542310000</hsCd><expDlr>5</expDlr></item>"


def korean(items: str, code: str = "00", more: str = "") -> bytes:
    return (
        f"<response><header><resultCode>{code}</resultCode><resultMsg>said {SECRET}</resultMsg></header>"
        f"<body><items>{items}</items>{more}</body></response>"
    ).encode()


def test_korea_asks_one_year_a_call(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(korea.KEY, "s3cr3t%2Fkey%2Bwith%3Dsigns")  # as the portal shows it, encoded
    server.answer = lambda e: e.give(korean(ITEM))
    found = korea.fetch(Question.of("2023-11", "2024-02", codes=("8542",)), tmp_path, pace=FAST)
    assert [e.asked for e in server.seen] == [
        {"serviceKey": SECRET, "strtYymm": "202311", "endYymm": "202312", "hsSgn": "8542"},
        {"serviceKey": SECRET, "strtYymm": "202401", "endYymm": "202402", "hsSgn": "8542"},
    ]
    assert [item.url.split("?")[1] for item in found] == [
        "strtYymm=202311&endYymm=202312&hsSgn=8542",
        "strtYymm=202401&endYymm=202402&hsSgn=8542",
    ]
    # All codes below it, both flows.
    assert found[0].asked == Asked(
        periods=("202311", "202312"), flows=("X", "M"), codes=("8542*",), partners=("all",)
    )


GATEWAY = (
    b"<OpenAPI_ServiceResponse><cmmMsgHeader><errMsg>SERVICE ERROR</errMsg><returnAuthMsg>"
    b"SERVICE_KEY_IS_NOT_REGISTERED_ERROR</returnAuthMsg><returnReasonCode>30</returnReasonCode>"
    b"</cmmMsgHeader></OpenAPI_ServiceResponse>"
)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (GATEWAY, "30: SERVICE_KEY_IS_NOT_REGISTERED_ERROR; check DATA_GO_KR_KEY"),
        (korean("", "22"), "22: said [hidden]; the calls of the day are used up"),
        (korean("", "99"), "99: said [hidden]; check periods and codes"),
        (b"<html>sorry</html>", "the key was probably refused"),
        (b"<response><header>", "the XML is cut off or broken, 4 times"),
        (b"<response></response>", "the source says nothing"),
        (korean(ITEM, more="<totalCount>9</totalCount>"), "has 9 records, only 1 came"),
    ],
)
def test_korea_errors_are_said(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: bytes, said: str
) -> None:
    monkeypatch.setenv(korea.KEY, SECRET)
    server.answer = lambda e: e.give(body)
    question = Question.of("2024-01", "2024-01", codes=("8542",))
    assert said in failure(lambda: korea.fetch(question, tmp_path, pace=FAST))
    assert not list(tmp_path.iterdir())


def test_korea_no_data_and_no_key(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    question = Question.of("2024", "2024", codes=("8542",))
    assert "DATA_GO_KR_KEY is not set" in failure(lambda: korea.fetch(question, tmp_path, pace=FAST))
    monkeypatch.setenv(korea.KEY, SECRET)
    for body in (korean(""), korean("", "03")):
        server.answer = lambda e, body=body: e.give(body)  # type: ignore[misc]
        (found,) = korea.fetch(question, tmp_path, pace=FAST)
        assert found.path is None


# --- storing


def made(folder: Path, name: str, content: bytes, url: str = "https://x.test/?a=1") -> Fetched:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(content)
    return Fetched(path, DAY, url)


def test_a_release_has_the_keys_of_the_others(raw: Path, tmp_path: Path) -> None:
    item = made(tmp_path / "in", "a.json", b"[1]")
    stored = store(raw, census.SOURCE, DAY, [item, Fetched(None, DAY, "", "no data")], today=DAY)
    assert stored.folder == raw / "customs/census/2026-11-21"
    facts = yaml.safe_load((stored.folder / "source.yml").read_text(encoding="utf-8"))
    shipped = Path(__file__).resolve().parents[1] / "raw/customs/gacc/2025-01-14/source.yml"
    assert set(facts) == set(yaml.safe_load(shipped.read_text(encoding="utf-8")))
    assert facts["released_at"] == facts["accessed_at"] == DAY
    assert facts["released_at_basis"] == "first_held"
    assert facts["files"] == {
        "a.json": {
            "dataset_id": "us_census",
            "sha256": hashlib.sha256(b"[1]").hexdigest(),
            "url": "https://x.test/?a=1",
        }
    }
    assert [path.name for path in (raw / "customs/census").iterdir()] == ["2026-11-21"]
    try:
        assert _read(stored.folder) == facts
    except ProvenanceError as error:
        pytest.fail(str(error))


def test_the_same_bytes_are_not_stored_twice(raw: Path, tmp_path: Path) -> None:
    first = store(raw, census.SOURCE, DAY, [made(tmp_path / "in", "a.json", b"[1]")])
    again = store(raw, census.SOURCE, DAY + dt.timedelta(9), [made(tmp_path / "in", "b.json", b"[1]")])
    other = store(raw, census.SOURCE, DAY, [made(tmp_path / "in", "a.json", b"[2]")])
    assert first.folder is not None
    assert (again.folder, again.held) == (None, {"b.json": "2026-11-21"})
    assert other.folder == raw / "customs/census/2026-11-21-02"


def test_the_time_a_call_took_makes_no_new_release(raw: Path, tmp_path: Path) -> None:
    store(raw, comtrade.SOURCE, DAY, [made(tmp_path / "in", "a.json", envelope(3, "0.1 secs"))])
    again = store(raw, comtrade.SOURCE, DAY, [made(tmp_path / "in", "a.json", envelope(3, "0.7 secs"))])
    assert again.folder is None
    changed = store(raw, comtrade.SOURCE, DAY, [made(tmp_path / "in", "a.json", envelope(4, "0.7 secs"))])
    assert changed.folder is not None


def test_the_same_answer_is_kept_again_where_it_says_something_new(raw: Path, tmp_path: Path) -> None:
    def answered(month: int, name: str, count: int, by_hand: bool = False, **asked: tuple[str, ...]) -> str:
        item = made(tmp_path / "in", name, envelope(count, "0.1 secs"))
        item = replace(item, asked=Asked(**asked) if asked else None)
        kept = store(raw, comtrade.SOURCE, dt.date(2025, month, 10), [item], joins=by_hand)
        assert (kept.folder is None) == bool(kept.held)
        return kept.folder.name if kept.folder else f"held {kept.held[name]}"

    assert answered(1, "a.json", 3) == "2025-01-10"
    assert answered(2, "b.json", 5) == "2025-02-10"
    # Another question was answered in between: that takes nothing back.
    assert answered(3, "a.json", 3) == "held 2025-01-10"
    assert answered(3, "a.json", 4) == "2025-03-10"
    # A second release of that day takes back the first; on an earlier day nothing was said in between.
    assert answered(3, "a.json", 3) == "2025-03-10-02"
    assert answered(2, "a.json", 3) == "held 2025-01-10"
    assert answered(4, "a.json", 3) == "held 2025-03-10-02"
    assert answered(4, "b.json", 5) == "held 2025-02-10"
    assert answered(4, "b.json", 5, by_hand=True) == "2025-04-10"
    assert answered(5, "b.json", 5, by_hand=True) == "held 2025-04-10"
    # It was known before the day that is held.
    assert answered(6, "e.json", 11) == "2025-06-10"
    assert answered(5, "e.json", 11) == "2025-05-10"
    assert answered(6, "e.json", 11) == "held 2025-06-10"
    # A wider question on a later day; not on the same.
    assert answered(6, "c.json", 7, partners=("410",)) == "2025-06-10-02"
    assert answered(6, "c.json", 7, partners=("410", "842")) == "held 2025-06-10-02"
    assert answered(7, "c.json", 7, partners=("410", "842")) == "2025-07-10"
    assert answered(8, "c.json", 7, partners=("842",)) == "held 2025-07-10"
    # In between came the answer to another question, which the first does not meet, and the second does.
    assert answered(8, "d.json", 8, partners=("842", "392"), codes=("8542",)) == "2025-08-10"
    assert answered(9, "c.json", 7, partners=("410",)) == "held 2025-07-10"
    assert answered(9, "c.json", 7, partners=("842",)) == "2025-09-10"


def test_questions_meet_where_an_answer_to_both_may_hold_the_same_flow() -> None:
    asked = Asked(codes=("8542*", "8471"), partners=("all",), flows=("X",))
    assert asked.meets(Asked(codes=("854231",), partners=("842",)))
    assert asked.meets(Asked(codes=("??????",))) and asked.meets(Asked(codes=("85*",)))
    assert not asked.meets(Asked(codes=("8541", "847130")))
    assert not asked.meets(Asked(codes=("8542",), flows=("M",)))


def test_what_is_stored_is_called_as_the_layouts_are() -> None:
    pairs = (
        (census.SOURCE, us_census.LAYOUT),
        (comext.SOURCE, comext_bulk.LAYOUT),
        (comtrade.SOURCE, comtrade_api.LAYOUT),
        (korea.SOURCE, korea_open_data.LAYOUT),
    )
    for source, layout in pairs:
        assert (source.source_id, source.dataset_id) == (layout.source_id, layout.dataset_id)


def test_a_download_left_unfinished_is_continued_by_the_next_run(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file.bin.part").write_bytes(b"be")
    (tmp_path / "file.bin.part.etag").write_text('"one"')
    server.answer = lambda e: e.give(b"gun", 206, Content_Range="bytes 2-4/5")
    assert get(server, tmp_path) == b"begun"
    assert server.seen[0].headers["Range"] == "bytes=2-"


# --- the command


def test_the_command_stores_and_says_what_came(
    server: Server,
    raw: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv(census.KEY, SECRET)
    server.answer = lambda e: (
        e.give(b"", 204)
        if e.asked["time"] == "2024-12"
        else e.give(b'[["ALL_VAL_YR","time"],\n["5","2023-12"]]')
    )
    assert command.run("census", "2023", "2024", codes=["8542"], flows=["X"], pace=FAST) == 0
    assert command.run("census", "2023", "2023", codes=["8542"], flows=["X"], pace=FAST) == 0
    said = capsys.readouterr()
    today = dt.date.today()
    assert f"stored census/{today}: census_X_8542_2023.json" in said.out
    assert "no data: no data for X of 8542 in 2024" in said.out
    # Once, where there is cause: not after the second command.
    assert said.out.count("takes nothing back: what raw/ holds of it from before stays current") == 1
    assert f"nothing new: census_X_8542_2023.json has the bytes of census/{today}" in said.out
    for text in (said.out, said.err, caplog.text):
        assert "s3cr3t" not in text
    for path in raw.parent.rglob("*"):
        assert not path.is_file() or b"s3cr3t" not in path.read_bytes()
    assert not [path for path in (raw.parent / "home").rglob("*") if path.is_file()]


def test_a_wider_question_with_the_same_answer_is_said_not_to_be_kept(
    server: Server, raw: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(census.KEY, SECRET)
    server.answer = lambda e: e.give(b'[["CTY_CODE","ALL_VAL_YR","time"],\n["5700","5","2023-12"]]')
    for partners, is_wider in ((["5700"], False), (["5700"], False), ([], True)):
        done = command.run(
            "census", "2023", "2023", codes=["8542"], flows=["X"], partners=partners, pace=FAST
        )
        said = capsys.readouterr().out
        assert done == 0 and ("(partners all) and is not kept" in said) is is_wider, said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nobody", "2023", "2023"), "there is no source 'nobody'"),
        (("comtrade", "2023", "2022"), "--to 2022 is before --from 2023"),
        (("comtrade", "2023", "2023-05"), "are a year and a month"),
        (("comtrade", "soon", "2023"), "'soon' is no period"),
        (("comtrade", "2023", "2023"), "at least one --code"),
    ],
)
def test_wrong_usage_is_said(raw: Path, arguments: tuple[str, str, str], said: str) -> None:
    with pytest.raises(LedgerError) as caught:
        command.run(*arguments, pace=FAST)
    assert said in str(caught.value)
    assert caught.value.exit_code == 2
