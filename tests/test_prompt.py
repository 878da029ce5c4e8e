"""`chipledger sql` beyond one query: a day's knowledge, standard input, the prompt, tables and describe."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import select
import subprocess
import time
from pathlib import Path

import duckdb
import pytest
from helpers import CHIPLEDGER, ROOT, clean_environment, run_cli
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from orchestration.cli.prompt import SqlCompleter
from orchestration.serving import catalog

SERIES = (
    "from marts.fct_trade_flow where source_id = 'gacc' and product_id = 'integrated_circuits' "
    "and flow = 'X' and partner_iso3 = 'WLD' and period_grain = 'A'"
)


def ask(home: Path, *arguments: str, said: str | None = None) -> subprocess.CompletedProcess[str]:
    return run_cli(*arguments, env={"CHIPLEDGER_HOME": str(home)}, said=said)


def rows(done: subprocess.CompletedProcess[str]) -> list[dict[str, str]]:
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))


def test_as_of_shows_what_was_known_that_day(home: Path, connection: duckdb.DuckDBPyConnection) -> None:
    """By the releases themselves: nothing released later may show, and the newest before that day must."""
    query = f"select year, value_cny {SERIES} order by year"
    found = rows(ask(home, "sql", query, "--as-of", "2025-06-30", "--format", "csv"))
    wanted = connection.execute(
        f"select year, value_cny {SERIES.replace('fct_trade_flow', 'fct_trade_flow_release')} "
        "and released_at <= date '2025-06-30' and value_cny is not null order by year, released_at"
    ).fetchall()
    newest = {str(year): str(value) for year, value in wanted}
    assert {row["year"]: row["value_cny"] for row in found if row["value_cny"]} == newest
    today = {str(y): str(v) for y, v in connection.execute(query).fetchall() if v is not None}
    assert newest["2024"] != today["2024"] and "2025" in today and "2025" not in newest


def test_as_of_before_everything_is_empty(home: Path) -> None:
    assert rows(ask(home, "sql", f"select year {SERIES}", "--as-of", "1990-01-01", "--format", "csv")) == []


def test_as_of_hides_what_has_no_such_meaning(home: Path) -> None:
    done = ask(home, "sql", "select * from marts.fct_trade_cagr", "--as-of", "2025-06-30")
    assert done.returncode == 1
    assert "fct_trade_cagr does not exist by day" in done.stderr
    assert "marts.fct_trade_growth_yearly" in done.stderr and "published." not in done.stderr
    latest = ask(home, "sql", "select is_latest from marts.fct_trade_flow_release", "--as-of", "2025-06-30")
    assert latest.returncode == 1 and "is_latest" in latest.stderr


def test_as_of_is_locked_like_everything(home: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a\nsecret\n")
    for query in (f"select * from read_csv('{tmp_path}/secret.csv')", "set lock_configuration = false"):
        done = ask(home, "sql", query, "--as-of", "2025-06-30")
        assert done.returncode == 1 and "secret\n" not in done.stdout


def test_a_day_that_is_none_is_wrong_usage(home: Path) -> None:
    done = ask(home, "sql", "select 1", "--as-of", "June")
    assert done.returncode == 2 and "expected a day, YYYY-MM-DD" in done.stderr


def test_a_query_may_come_from_standard_input(home: Path) -> None:
    assert rows(ask(home, "sql", "--format", "csv", said="select 40 + 2 as x")) == [{"x": "42"}]


def test_memory_beyond_the_engines_count_is_bounded_too(home: Path) -> None:
    done = ask(home, "sql", "select length(repeat('x', 4000000000))", "--memory", "200MB")
    assert done.returncode == 1 and "memory" in done.stderr.lower() and len(done.stderr.splitlines()) == 1


@pytest.fixture(scope="module")
def completer(published: Path) -> SqlCompleter:
    with duckdb.connect(str(published), read_only=True) as opened:
        return SqlCompleter(catalog.tables(opened), catalog.keywords(opened))


@pytest.mark.parametrize(
    ("typed", "offered", "not_offered"),
    [
        ("select * from marts.fct_trade_sh", "marts.fct_trade_share_yearly", "marts.dim_economy"),
        ("select * from dim_ec", "marts.dim_economy", "meta.builds"),
        ("select sum(value_u", None, "value_usd"),
        ("select * from marts.fct_trade_flow where value_u", "value_usd", "share_pct"),
        ("select 1 uni", "union", "marts.dim_economy"),
        (".des", ".describe", ".tables"),
        (".describe meta.bui", "meta.builds", "meta.metrics"),
    ],
)
def test_completion(completer: SqlCompleter, typed: str, offered: str | None, not_offered: str) -> None:
    found = [item.text for item in completer.get_completions(Document(typed), CompleteEvent())]
    assert offered is None or offered in found
    assert not_offered not in found


# What the prompt writes once it reads keys by itself again (bracketed paste). What is typed earlier passes
# through the terminal's line mode, which swallows a Ctrl-D; and the echo of a line may hold what is awaited.
READY = "\x1b[?2004h"


def converse(home: Path, state: Path, lines: list[tuple[str, str]]) -> str:
    """Types into a real terminal and waits after each line for what it is to bring; returns the screen."""
    master, slave = pty.openpty()
    environment = clean_environment({"CHIPLEDGER_HOME": str(home), "XDG_STATE_HOME": str(state)})
    process = subprocess.Popen(
        [str(CHIPLEDGER), "sql"],
        env={**environment, "TERM": "xterm", "COLUMNS": "120", "LINES": "40"},
        cwd=ROOT,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    screen = ""
    try:
        for typed, awaited in [("", READY), *lines]:
            os.write(master, typed.encode())
            seen, deadline = "", time.monotonic() + 180
            while awaited not in seen or (awaited not in ("", "...>") and READY not in seen):
                assert time.monotonic() < deadline, f"no {awaited!r} after {typed!r}: {seen!r}"
                if not select.select([master], [], [], 0.2)[0]:
                    continue
                try:
                    seen += os.read(master, 65536).decode(errors="replace")
                except OSError:
                    break
            screen += seen
        assert process.wait(180) == 0
    finally:
        process.kill()
        os.close(master)
    return screen


def test_prompt_answers_goes_on_after_an_error_and_keeps_history(home: Path, tmp_path: Path) -> None:
    query = "select 123456 * 2 as doubled;"
    screen = converse(
        home,
        tmp_path,
        [
            (f"{query}\r", "246912"),
            ("select nonsense;\r", "error:"),
            (".format json\r", READY),
            ("select 'a' as\r", "...>"),
            ("letter;\r", '"letter": "a"'),
            (".describe meta.builds\r", "fingerprint"),
            (".as-of 1990-01-01\r", READY),
            ("select count(*) + 7000 as n from marts.fct_trade_flow;\r", '"n": 7000'),
            ("\x04", ""),
        ],
    )
    assert "nonsense" in screen
    (history,) = (tmp_path / "chipledger").iterdir()
    assert f"+{query}" in history.read_text() and history.stat().st_mode & 0o077 == 0


def test_tables_lists_all_with_their_rows(home: Path, connection: duckdb.DuckDBPyConnection) -> None:
    listed = json.loads(ask(home, "tables", "--format", "json").stdout)
    names = connection.execute(
        "select table_schema || '.' || table_name from information_schema.tables order by 1"
    ).fetchall()
    assert sorted(item["table_name"] for item in listed) == [name for (name,) in names]
    for item in listed:
        assert connection.execute(f"select count(*) from {item['table_name']}").fetchall() == [
            (item["rows"],)
        ]
        assert item["description"]
    shown = ask(home, "tables")
    assert shown.returncode == 0 and "marts.fct_trade_share_yearly" in shown.stdout


@pytest.mark.parametrize("name", ["fct_trade_share_yearly", "marts.fct_trade_share_yearly"])
def test_describe_shows_key_type_and_meaning(home: Path, name: str) -> None:
    columns = {
        item["column_name"]: item
        for item in json.loads(ask(home, "describe", name, "--format", "json").stdout)
    }
    assert columns["year"]["key_position"] == 5 and columns["share_pct"]["key_position"] is None
    assert columns["value_usd"]["data_type"] == "DECIMAL(24,4)" and columns["value_usd"]["description"]
    assert "Key: source_id, reporter_iso3, flow, product_id, year" in ask(home, "describe", name).stdout


def test_describe_of_what_is_not_there_names_what_is(home: Path) -> None:
    done = ask(home, "describe", "fct_nothing")
    assert done.returncode == 2 and "no table fct_nothing is published" in done.stderr
    assert "marts.fct_trade_flow" in done.stderr
