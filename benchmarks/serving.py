"""32 clients at once on 10 typical BI queries: the published file and PostgreSQL side by side.

Run as `python benchmarks/serving.py [HOME]`; prints the table of docs/performance.md. Each client asks every
query in an order of its own, without a pause, over a connection that it keeps (PostgreSQL, through pgbouncer
and TLS) or opens for each query (the file, as a tool without a pool does). Answers are compared: both engines
and all clients must give the same rows.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    TESTS = Path(__file__).resolve().parents[1] / "tests"
    sys.path += [str(TESTS), str(TESTS / "serving")]

import duckdb
import live
import psycopg
from helpers import run_cli

CLIENTS = 32
PROCESSES = 8
ROUNDS = 5
QUERIES = {
    "list of economies (filter)": "select economy_iso3, economy_name from marts.dim_economy order by 1",
    "list of years (filter)": "select distinct year from marts.fct_trade_growth_yearly order by 1",
    "one number (card)": "select sum(value_usd) from marts.fct_trade_flow where flow = 'X' and year = 2023 "
    "and product_id = 'integrated_circuits' and partner_iso3 = 'WLD'",
    "one series (line)": "select year, value, growth_yoy_pct from marts.fct_trade_growth_yearly "
    "where source_id = 'gacc' and product_id = 'integrated_circuits' and flow = 'X' and partner_iso3 = 'WLD' "
    "and basis = 'usd' and vintage = 'latest' order by year",
    "months (line)": "select period_start_date, value, growth_status from marts.fct_trade_growth_monthly "
    "where source_id = 'gacc' and flow = 'X' and basis = 'usd' and vintage = 'latest' "
    "and partner_iso3 = 'WLD' and reporter_iso3 = 'CHN' order by product_id, period_grain, period_end_date",
    "shares (stacked bar)": "select year, reporter_iso3, share_pct from marts.fct_trade_share_yearly "
    "where flow = 'X' order by year, reporter_iso3, product_id, source_id",
    "pivot (table)": "select reporter_iso3, flow, count(*), sum(value_usd) from marts.fct_trade_flow "
    "group by reporter_iso3, flow order by 1, 2",
    "verdicts (pie)": "select verdict, count(*) from marts.fct_claim_verdict group by verdict order by 1",
    "names joined (table)": "select e.economy_name, g.year, max(g.cagr_pct) from (select reporter_iso3, "
    "end_year as year, cagr_pct from marts.fct_trade_cagr where basis = 'usd') as g "
    "join marts.dim_economy as e on e.economy_iso3 = g.reporter_iso3 group by 1, 2 order by 1, 2",
    "exchange rates (scan)": "select country, period_grain, count(*), min(rate_per_usd), max(rate_per_usd) "
    "from marts.fct_exchange_rate group by 1, 2 order by 1, 2",
}


def ask_file(place: str, query: str, _: Any) -> list[Any]:
    with duckdb.connect(place, read_only=True) as connection:
        return connection.execute(query).fetchall()


def ask_postgres(place: str, query: str, connection: Any) -> list[Any]:
    return list(connection.execute(query).fetchall())


def client(kind: str, place: str, seed: int, said: list[Any], gate: Any) -> None:
    """Asks all queries ROUNDS times; appends (query, seconds, hash of the answer or error)."""
    order = random.Random(seed)
    connection = psycopg.connect(place, autocommit=True) if kind == "PostgreSQL" else None
    ask = ask_postgres if connection else ask_file
    gate.wait()
    for _ in range(ROUNDS):
        names = list(QUERIES)
        order.shuffle(names)
        for name in names:
            started = time.perf_counter()
            try:
                answer = repr(ask(place, QUERIES[name], connection))
            except Exception as error:
                answer = f"error: {error}"
            said.append((name, time.perf_counter() - started, answer))
    if connection:
        connection.close()


def process(kind: str, place: str, first: int, gate: Any, results: Any) -> None:
    said: list[Any] = []
    threads = [
        threading.Thread(target=client, args=(kind, place, first + number, said, gate))
        for number in range(CLIENTS // PROCESSES)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.put(said)


def measure(kind: str, place: str) -> tuple[list[Any], float]:
    context = multiprocessing.get_context("spawn")
    gate, results = context.Barrier(CLIENTS + 1), context.Queue()
    size = CLIENTS // PROCESSES
    started = [
        context.Process(target=process, args=(kind, place, number * size, gate, results))
        for number in range(PROCESSES)
    ]
    for item in started:
        item.start()
    gate.wait()
    begun = time.perf_counter()
    said = [line for _ in started for line in results.get(timeout=1800)]
    seconds = time.perf_counter() - begun
    for item in started:
        item.join(60)
    return said, seconds


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ.get("CHIPLEDGER_HOME", folder))
        if not (source / "current").exists():
            built = run_cli("refresh", env={"CHIPLEDGER_HOME": str(source)}, timeout=1800)
            if built.returncode:
                raise SystemExit(built.stderr)
        with live.copied_home(source) as home, live.served(home, seconds=60) as endpoint:
            file = str(home / "current" / "chipledger.duckdb")
            found = {"PostgreSQL": measure("PostgreSQL", endpoint.url()), "file": measure("file", file)}
    errors = {kind: sum(line[2].startswith("error") for line in said) for kind, (said, _) in found.items()}
    lines = [line for said, _ in found.values() for line in said]
    differing = [name for name in QUERIES if len({line[2] for line in lines if line[0] == name}) > 1]
    print(f"{CLIENTS} clients, {ROUNDS} rounds, {len(QUERIES)} queries\n")
    print("| query | PostgreSQL p50 | p95 | file p50 | p95 |\n|---|---:|---:|---:|---:|")
    for name in QUERIES:
        cells = []
        for said, _ in found.values():
            times = sorted(1000 * line[1] for line in said if line[0] == name)
            cells += [f"{statistics.median(times):.0f} ms", f"{times[int(0.95 * len(times))]:.0f} ms"]
        print(f"| {name} | " + " | ".join(cells) + " |")
    totals = [f"{len(said) / seconds:.0f} a second" for said, seconds in found.values()]
    print(f"| all | {totals[0]} | | {totals[1]} | |")
    print(f"\nerrors: {errors}; queries whose answers differ: {differing}")
    return 1 if any(errors.values()) or differing else 0


if __name__ == "__main__":
    sys.exit(main())
