"""Clients that cannot live in the project's environment, each in one of its own: `make connect-test`.

Older DuckDBs, DuckDB's package for Node, and SQLAlchemy 1.4 with duckdb-engine read the published file. Needs
uv, npm and the network, so it is no part of `make test`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# What each client must be able to say of the file.
QUERIES = {
    "tables": "select count(*)::varchar from duckdb_tables()",
    "commented": "select count(*)::varchar from duckdb_columns() "
    "where comment <> '' and schema_name = 'marts'",
    "money": "select sum(value_usd)::varchar from marts.fct_trade_flow",
    "verdicts": "select string_agg(verdict, ',' order by claim_id) from marts.fct_claim_verdict",
    "as of": "select count(*)::varchar from marts.trade_flow_as_of(date '2025-06-30')",
}
PYTHON = """
import json, sys, duckdb
connection = duckdb.connect(sys.argv[1], read_only=True)
asked = json.loads(sys.argv[2]).items()
print(json.dumps({name: connection.execute(query).fetchall()[0][0] for name, query in asked}))
"""
ENGINE = """
import json, sys
from sqlalchemy import create_engine, inspect
from sqlalchemy.pool import NullPool
engine = create_engine(f"duckdb:///{sys.argv[1]}", connect_args={"read_only": True}, poolclass=NullPool)
inspector = inspect(engine)
assert "fct_trade_flow" in inspector.get_table_names(schema="marts")
assert inspector.get_table_comment("fct_trade_flow", schema="marts")["text"]
with engine.connect() as connection:
    asked = json.loads(sys.argv[2]).items()
    print(json.dumps({name: connection.exec_driver_sql(query).fetchall()[0][0] for name, query in asked}))
"""
NODE = """
const { DuckDBInstance } = require('@duckdb/node-api');
(async () => {
  const instance = await DuckDBInstance.create(process.argv[2], { access_mode: 'READ_ONLY' });
  const connection = await instance.connect();
  const said = {};
  for (const [name, query] of Object.entries(JSON.parse(process.argv[3]))) {
    said[name] = (await connection.runAndReadAll(query)).getRows()[0][0];
  }
  console.log(JSON.stringify(said));
})();
"""


def said(command: list[str], folder: Path) -> dict[str, str]:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode:
        raise RuntimeError((done.stderr or done.stdout).strip().splitlines()[-1])
    return dict(json.loads(done.stdout.splitlines()[-1]))


def with_uv(*packages: str, code: str = PYTHON) -> Callable[[Path, Path], dict[str, str]]:
    def run(file: Path, folder: Path) -> dict[str, str]:
        beside = Path(sys.executable).parent / "uv"
        uv = str(beside) if beside.exists() else (shutil.which("uv") or "uv")
        added = [part for package in packages for part in ("--with", package)]
        command = [uv, "run", "--quiet", "--no-project", "--isolated", "--python", sys.executable, *added]
        return said([*command, "python", "-c", code, str(file), json.dumps(QUERIES)], folder)

    return run


def with_npm(package: str) -> Callable[[Path, Path], dict[str, str]]:
    def run(file: Path, folder: Path) -> dict[str, str]:
        subprocess.run(["npm", "install", "--silent", package], cwd=folder, check=True, timeout=600)
        (folder / "read.js").write_text(NODE)
        return said(["node", "read.js", str(file), json.dumps(QUERIES)], folder)

    return run


CLIENTS = {
    "DuckDB 1.4, Python": with_uv("duckdb>=1.4,<1.5"),
    "DuckDB 1.5, Python": with_uv("duckdb>=1.5,<1.6"),
    "DuckDB 1.5, Node": with_npm("@duckdb/node-api@1.5.6-r.1"),
    "duckdb-engine, SQLAlchemy 1.4": with_uv(
        "duckdb-engine==0.17.0", "sqlalchemy<2", "duckdb>=2,<2.1", "setuptools<81", code=ENGINE
    ),
}


def main() -> int:
    home = Path(os.environ.get("CHIPLEDGER_HOME") or ROOT / "warehouse").resolve()
    file = (home / "current" / "chipledger.duckdb").resolve()
    import duckdb

    with duckdb.connect(str(file), read_only=True) as connection:
        wanted = {name: connection.execute(query).fetchall()[0][0] for name, query in QUERIES.items()}
    failed = 0
    for name, read in CLIENTS.items():
        with tempfile.TemporaryDirectory() as folder:
            try:
                found = read(file, Path(folder))
                problem = "" if found == wanted else f"read otherwise: {found}"
            except (RuntimeError, OSError, subprocess.SubprocessError) as error:
                problem = str(error)
        print(f"{name}: {problem or 'reads the same'}")
        failed += bool(problem)
    print(f"{len(CLIENTS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
