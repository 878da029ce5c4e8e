"""Clients of BI users against the endpoint and the file: the recipes of docs/connect, and what drivers ask.

Each `python` block of docs/connect/python.md is run as it stands, with the address and the path of the test
in place of those written there.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import live
import pytest
from helpers import ROOT
from sqlalchemy import create_engine, inspect, text

RECIPES = ROOT / "docs" / "connect"
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_JDBC = Path("/usr/share/java/postgresql.jar")
_CATALOG = Path(__file__).with_name("Catalog.java")


def blocks() -> list[str]:
    return _BLOCK.findall((RECIPES / "python.md").read_text(encoding="utf-8"))


def has_odbc() -> bool:
    try:
        # Its wheel needs the system's ODBC driver manager, which comes with a driver.
        import pyodbc
    except ImportError:
        return False
    return "PostgreSQL Unicode" in pyodbc.drivers()


@pytest.mark.parametrize("number", range(len(blocks())))
def test_python_recipe_runs(number: int, request: pytest.FixtureRequest, home: Path) -> None:
    code = blocks()[number]
    file = home / "current" / "chipledger.duckdb"
    if "warehouse/current" not in code:
        endpoint: live.Live = request.getfixturevalue("endpoint")
        if "pyodbc" in code and not has_odbc():
            pytest.skip("PostgreSQL's ODBC driver is missing; apt-get install odbc-postgresql")
        code = code.replace("NAME:PASSWORD@", f"{live.USER}:{live.PASSWORD}@").replace(
            "6432", str(endpoint.port)
        )
        code = code.replace("Uid=NAME;Pwd=PASSWORD", f"Uid={live.USER};Pwd={live.PASSWORD}")
        assert str(endpoint.port) in code and "PASSWORD" not in code
    code = code.replace("warehouse/current/chipledger.duckdb", str(file))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_there_is_a_recipe_for_each_way() -> None:
    code = "\n".join(blocks())
    for word in (
        "psycopg.connect",
        "create_engine",
        "adbc.connect",
        "pyodbc.connect",
        "duckdb.connect",
        "pl.",
    ):
        assert word in code, word


def test_sqlalchemy_reflects_tables_keys_and_comments(endpoint: live.Live) -> None:
    engine = create_engine(endpoint.url().replace("postgresql:", "postgresql+psycopg:"))
    try:
        inspector = inspect(engine)
        assert {"marts", "meta"} <= set(inspector.get_schema_names())
        assert "fct_trade_share_yearly" in inspector.get_table_names(schema="marts")
        columns = {
            column["name"]: column for column in inspector.get_columns("fct_trade_share_yearly", "marts")
        }
        assert str(columns["value_usd"]["type"]) == "NUMERIC(24, 4)"
        assert columns["share_pct"]["comment"] and not columns["year"]["nullable"]
        key = inspector.get_pk_constraint("fct_trade_share_yearly", "marts")["constrained_columns"]
        assert key == ["source_id", "reporter_iso3", "flow", "product_id", "year"]
        with engine.connect() as connection:
            total = connection.execute(text("select count(*) from marts.fct_trade_share_yearly")).scalar_one()
        assert total > 100
    finally:
        engine.dispose()


def test_odbc_lists_tables_columns_and_keys(endpoint: live.Live) -> None:
    if not has_odbc():
        pytest.skip("PostgreSQL's ODBC driver is missing; apt-get install odbc-postgresql")
    import pyodbc

    connection = pyodbc.connect(
        f"Driver={{PostgreSQL Unicode}};Server=127.0.0.1;Port={endpoint.port};Database=chipledger;"
        f"Uid={live.USER};Pwd={live.PASSWORD};SSLmode=require"
    )
    try:
        cursor = connection.cursor()
        tables = {row.table_name: row.remarks for row in cursor.tables(schema="marts")}
        assert "fct_claim_verdict" in tables
        columns = {row.column_name: row for row in cursor.columns("fct_trade_share_yearly", schema="marts")}
        assert (columns["value_usd"].column_size, columns["value_usd"].decimal_digits) == (24, 4)
        keys = [row.column_name for row in cursor.primaryKeys("fct_trade_share_yearly", schema="marts")]
        assert keys == ["source_id", "reporter_iso3", "flow", "product_id", "year"]
        largest = "select max(value_usd) from marts.fct_trade_share_yearly"
        (value,) = cursor.execute(largest).fetchone()
        with duckdb.connect(str(endpoint.home / "current" / "chipledger.duckdb"), read_only=True) as file:
            assert [(value,)] == file.execute(
                "select max(value_usd) from marts.fct_trade_share_yearly"
            ).fetchall()
    finally:
        connection.close()


def test_jdbc_reads_catalog_and_rows(endpoint: live.Live) -> None:
    """PostgreSQL's own driver, as DBeaver, Metabase and Tableau use it."""
    java = shutil.which("java")
    if java is None or not _JDBC.is_file():
        pytest.skip("java or PostgreSQL's JDBC driver is missing; apt-get install libpostgresql-jdbc-java")
    address = f"jdbc:postgresql://127.0.0.1:{endpoint.port}/chipledger?sslmode=require"
    done = subprocess.run(
        [
            java,
            "-cp",
            str(_JDBC),
            str(ROOT / "tests/serving/Catalog.java"),
            address,
            live.USER,
            live.PASSWORD,
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, list[list[str]]] = {}
    for line in done.stdout.splitlines():
        kind, *rest = line.split("|")
        said.setdefault(kind, []).append(rest)
    assert {"marts", "meta"} <= {name for (name,) in said["schema"]}
    with duckdb.connect(str(endpoint.home / "current" / "chipledger.duckdb"), read_only=True) as file:
        marts = file.execute(
            "select table_name from information_schema.tables where table_schema = 'marts' order by 1"
        ).fetchall()
        rows = file.execute(
            "select year, value_usd, share_pct from marts.fct_trade_share_yearly "
            "where reporter_iso3 = 'CHN' and flow = 'X' order by year"
        ).fetchall()
    assert sorted(row[0] for row in said["table"]) == [name for (name,) in marts]
    assert all(row[1] not in ("", "null") for row in said["table"])
    columns = {row[0]: row[1:] for row in said["column"]}
    assert columns["value_usd"][:4] == ["numeric", "24", "4", "NO"]
    assert columns["share_pct"][0] == "float8" and columns["share_pct"][4] not in ("", "null")
    assert [name for (name,) in said["key"]] == ["source_id", "reporter_iso3", "flow", "product_id", "year"]
    assert "product_id" in {name for (name,) in said["index"]}
    assert [(int(year), value, float(share)) for year, value, share in said["row"]] == [
        (year, str(value), share) for year, value, share in rows
    ]


def test_types_are_loaded_as_npgsql_does(endpoint: live.Live) -> None:
    """Power BI's driver asks for every type with its element before the first query; none may be unknown."""
    with endpoint.connect() as reader:
        types = {
            oid: (name, kind, element)
            for oid, name, kind, element in reader.execute(
                "select type.oid::int8, type.typname::text, "
                "case when receive.proname = 'array_recv' then 'a' else type.typtype::text end, "
                "case when receive.proname = 'array_recv' then type.typelem when type.typtype = 'r' then "
                "(select rngsubtype from pg_range where rngtypid = type.oid) else 0 end::int8 "
                "from pg_type as type left join pg_proc as receive on receive.oid = type.typreceive "
                "left join pg_class as relation on relation.oid = type.typrelid "
                "where type.typtype in ('b', 'r', 'e', 'd') or relation.relkind = 'c'"
            ).fetchall()
        }
        used = reader.execute(
            "select distinct atttypid::int8 from pg_attribute, pg_class, pg_namespace "
            "where attrelid = pg_class.oid and relnamespace = pg_namespace.oid "
            "and nspname in ('marts', 'meta') and relkind = 'r' and attnum > 0 and not attisdropped"
        ).fetchall()
    assert {types[oid][0] for (oid,) in used} <= {
        *("text", "date", "timestamp", "bool", "int4", "int8", "numeric", "float8")
    }
    elements = [element for name, kind, element in types.values() if kind == "a" and name.startswith("_")]
    assert {oid for (oid,) in used} <= set(elements)


def test_a_downstream_dbt_project_reads_the_file(home: Path, tmp_path: Path) -> None:
    """The form that docs/connect/dbt.md shows: the published file attached beside a database of one's own."""
    shown = (RECIPES / "dbt.md").read_text(encoding="utf-8")
    profile = re.search(r"^    your_profile:\n((?:    .*\n|\n)+?)(?=    # models)", shown, re.MULTILINE)
    source = re.search(r"^    # models/sources.yml\n((?:    .*\n)+)", shown, re.MULTILINE)
    model = re.search(r"^    -- models/growth_2024.sql\n((?:    .*\n)+)", shown, re.MULTILINE)
    assert profile and source and model

    def plain(block: str) -> str:
        return re.sub(r"^    ", "", block, flags=re.MULTILINE)

    file = str(home / "current" / "chipledger.duckdb")
    (tmp_path / "models").mkdir()
    (tmp_path / "dbt_project.yml").write_text("name: mine\nversion: 1.0.0\nprofile: your_profile\n")
    written = plain(profile[0]).replace("/path/to/warehouse/current/chipledger.duckdb", file)
    (tmp_path / "profiles.yml").write_text(written.replace("mine.duckdb", str(tmp_path / "mine.duckdb")))
    (tmp_path / "models" / "sources.yml").write_text("version: 2\n" + plain(source[1]))
    (tmp_path / "models" / "growth_2024.sql").write_text(plain(model[1]))
    dbt = Path(sys.executable).parent / "dbt"
    done = subprocess.run(
        [str(dbt), "run", "--project-dir", str(tmp_path), "--profiles-dir", str(tmp_path), "--quiet"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
        env={**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    with duckdb.connect(str(tmp_path / "mine.duckdb"), read_only=True) as mine:
        mine.execute(f"attach '{file}' as chipledger (read_only)")
        (made,) = mine.execute("select count(*) from growth_2024").fetchall()
    with duckdb.connect(file, read_only=True) as published:
        query = "select count(*) from marts.fct_trade_growth_yearly where year = 2024"
        assert [made] == published.execute(query).fetchall() and made[0] > 10
