"""`chipledger sql`: four formats that read back, and nothing but reading, in bounded time.

Belongs here: the command that runs other people's queries. Attacks go in the table below.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import subprocess
import time
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet
import pytest
from helpers import CHIPLEDGER, ROOT, clean_environment, run_cli

QUERY = (
    "select year, value, growth_yoy_pct, date '2025-01-14' as day, null as nothing, true as yes "
    "from marts.fct_trade_growth_yearly where source_id = 'gacc' and product_id = 'integrated_circuits' "
    "and flow = 'X' and partner_iso3 = 'WLD' and basis = 'usd' and vintage = 'first' and year >= 2023 "
    "and year <= 2024 order by year"
)


def sql(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_cli("sql", *arguments, env={"CHIPLEDGER_HOME": str(home)})


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """What a refusal says: one line on stderr, no traceback, nothing on stdout."""
    assert done.returncode == 1, (done.stdout, done.stderr)
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert "Traceback" not in line
    return line


def test_csv_reads_back(home: Path) -> None:
    done = sql(home, QUERY, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["year"] for row in rows] == ["2023", "2024"]
    assert Decimal(rows[1]["value"]) == 159_499_000_000
    assert rows[1]["day"] == "2025-01-14" and rows[1]["nothing"] == ""


def test_json_keeps_decimals_exact_as_text(home: Path) -> None:
    done = sql(home, QUERY, "--format", "json")
    rows = json.loads(done.stdout)
    assert rows[1]["value"] == "159499000000.0000"
    assert rows[1]["year"] == 2024 and rows[1]["yes"] is True and rows[1]["nothing"] is None
    assert rows[1]["growth_yoy_pct"] == pytest.approx(17.302, abs=5e-4)
    assert rows[1]["day"] == "2025-01-14"
    wide = sql(home, "select 12345678901234567890.1234::decimal(24, 4) as x", "--format", "json")
    assert json.loads(wide.stdout) == [{"x": "12345678901234567890.1234"}]


def test_json_of_no_rows_is_an_empty_list(home: Path) -> None:
    assert json.loads(sql(home, "select 1 where false", "--format", "json").stdout) == []


def test_parquet_reads_back(home: Path) -> None:
    done = subprocess.run(
        [str(CHIPLEDGER), "sql", QUERY, "--format", "parquet"],
        env=clean_environment({"CHIPLEDGER_HOME": str(home)}),
        cwd=ROOT,
        capture_output=True,
        timeout=300,
        check=True,
    )
    table = pyarrow.parquet.read_table(io.BytesIO(done.stdout))
    assert table.column("value").to_pylist() == [Decimal("135973000000.0000"), Decimal("159499000000.0000")]
    assert str(table.schema.field("value").type) == "decimal128(24, 4)"


def test_table_shows_values_and_marks_nulls(home: Path) -> None:
    done = sql(home, QUERY)
    assert done.returncode == 0
    (line,) = [line for line in done.stdout.splitlines() if "159499000000" in line]
    assert line.split() == ["2024", "159499000000", "17.302", "2025-01-14", "·", "yes"]


ATTACKS = {
    "create a table": "create table stolen as select 1",
    "create in marts": "create table marts.stolen as select 1",
    "insert": "insert into meta.builds select * from meta.builds",
    "update": "update marts.fct_claim_verdict set verdict = 'exact'",
    "delete": "delete from marts.fct_claim_verdict",
    "drop": "drop table marts.fct_claim_verdict",
    "alter": "alter table marts.dim_economy rename to nobody",
    "comment": "comment on table marts.dim_economy is 'mine'",
    "copy out": "copy (select 1) to '{place}/stolen.csv'",
    "copy database out": "export database '{place}/stolen'",
    "attach": "attach '{place}/stolen.duckdb' as stolen",
    "read a file": "select * from read_text('{place}/secret.txt')",
    "read a file by name": "select * from '{place}/secret.csv'",
    "list files": "select * from glob('{place}/*')",
    "pragma": "pragma memory_limit = '90GB'",
    "set": "set enable_external_access = true",
    "unlock": "set lock_configuration = false",
    "install": "install httpfs",
    "load": "load '{place}/evil.duckdb_extension'",
    "use": "use memory",
    "call": "call force_checkpoint()",
    "write in a with": "with x as (insert into meta.builds values ('x') returning 1) select * from x",
    "explain a write": "explain analyze create table marts.stolen as select 1",
    "two": "select 1; drop table marts.dim_economy",
    "none": "  -- nothing",
}


@pytest.fixture(scope="module")
def answering(home: Path) -> Path:
    """A home whose file answers: a refusal means nothing where everything is refused."""
    done = sql(home, "select 40 + 2 as x", "--format", "csv")
    assert (done.returncode, done.stdout) == (0, "x\n42\n"), done.stderr
    return home


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_is_refused_in_one_sentence(
    answering: Path, published: Path, tmp_path: Path, attack: str
) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "secret.csv").write_text("a\nsecret\n")
    before = hashlib.sha256(published.read_bytes()).hexdigest()
    said = sentence(sql(answering, ATTACKS[attack].format(place=tmp_path), "--format", "csv"))
    assert "secret\n" not in said
    assert hashlib.sha256(published.read_bytes()).hexdigest() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["secret.csv", "secret.txt"]
    assert sorted(path.name for path in published.parent.iterdir()) == ["build.json", "chipledger.duckdb"]


def test_two_statements_are_counted(home: Path) -> None:
    assert "found 2" in sentence(sql(home, "select 1; select 2"))


def test_runaway_query_is_stopped_in_time(home: Path) -> None:
    started = time.perf_counter()
    said = sentence(
        sql(home, "select sum(a.range * b.range) from range(10000000) a, range(10000000) b", "--seconds", "2")
    )
    # Without the limit it runs for hours; the rest is for a machine that takes seconds to start a process.
    assert time.perf_counter() - started < 60
    assert "2 s" in said and "--seconds" in said


def test_memory_is_bounded(home: Path) -> None:
    query = "select list(range) from range(100000000)"
    assert "memory" in sentence(sql(home, query, "--memory", "100MB")).lower()


def test_what_is_wrong_with_a_query_is_said(home: Path) -> None:
    assert "syntax" in sentence(sql(home, "selekt 1")).lower()
    assert "no_such_table" in sentence(sql(home, "select * from marts.no_such_table"))
    assert "no_such_column" in sentence(sql(home, "select no_such_column from marts.dim_economy"))


def test_nothing_published_yet_says_what_to_run(tmp_path: Path) -> None:
    assert "chipledger refresh" in sentence(sql(tmp_path, "select 1"))


def test_unknown_format_is_wrong_usage(home: Path) -> None:
    done = sql(home, "select 1", "--format", "xml")
    assert done.returncode == 2 and "parquet" in done.stderr


def test_what_a_terminal_would_obey_is_not_printed(home: Path) -> None:
    query = "select 'a' || chr(27) || '[31mred' as \"[red]x[/red]\""
    done = run_cli("sql", query, env={"CHIPLEDGER_HOME": str(home)})
    assert done.returncode == 0 and "\x1b" not in done.stdout
    assert "[red]x[/red]" in done.stdout and "[31mred" in done.stdout

    said = sentence(sql(home, 'select * from marts."\x1b[31mred\x9b"'))
    assert "\x1b" not in said and "\x9b" not in said and "[31mred" in said


def test_a_query_is_run_where_no_secret_is(home: Path) -> None:
    """What the engine cannot read it must not hold either: a dump of its memory, a new function."""
    secrets = {"CHIPLEDGER_POSTGRES_URL": "x", "CHIPLEDGER_WEBHOOK_SECRET": "x", "AWS_SECRET_ACCESS_KEY": "x"}
    env = clean_environment({"CHIPLEDGER_HOME": str(home), "TZ": "Asia/Shanghai", **secrets})
    command = [str(CHIPLEDGER), "sql", "select sleep_ms(60000)"]
    with subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.PIPE) as asked:
        try:
            worker = _worker_of(asked.pid)
            held = worker.read_bytes().decode().split("\0")
        finally:
            asked.terminate()
    names = {line.partition("=")[0] for line in held}
    assert {"CHIPLEDGER_HOME", "TZ"} <= names and not names & set(secrets)


def _worker_of(process: int) -> Path:
    """The environment of the process that a command has started."""
    deadline = time.monotonic() + 180
    children = Path(f"/proc/{process}/task/{process}/children")
    if not children.parent.is_dir():
        pytest.skip("this system shows no children of a process")
    while time.monotonic() < deadline:
        for child in children.read_text().split():
            if b"orchestration.warehouse.query" in Path(f"/proc/{child}/cmdline").read_bytes():
                return Path(f"/proc/{child}/environ")
        time.sleep(0.05)
    raise AssertionError("no worker was started")


def test_json_names_each_value_once_and_has_no_infinity(home: Path) -> None:
    env = {"CHIPLEDGER_HOME": str(home)}
    done = run_cli("sql", "select 1 as x, 2 as x", "--format", "json", env=env)
    assert done.returncode == 1 and "other names" in done.stderr
    done = run_cli("sql", "select 'inf'::double as x", "--format", "json", env=env)
    assert json.loads(done.stdout) == [{"x": "inf"}]
