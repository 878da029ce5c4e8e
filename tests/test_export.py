"""`chipledger export`: a package that the standard's own reader accepts, and twins that hold the same rows.

The order of the day: bytes against the descriptor, then every cell against the published file.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import frictionless
import pytest
from helpers import run_cli


@pytest.fixture(scope="module")
def exported(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export") / "package"
    done = run_cli("export", str(folder), env={"CHIPLEDGER_HOME": str(home)})
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def package(exported: Path) -> dict[str, Any]:
    return dict(json.loads((exported / "datapackage.json").read_text(encoding="utf-8")))


def test_the_standards_reader_accepts_the_package(exported: Path) -> None:
    report = frictionless.Package(str(exported / "datapackage.json")).validate()
    assert report.valid, report.flatten(["title", "type", "note"])[:5]


def test_the_standards_reader_finds_a_changed_cell(exported: Path, tmp_path: Path) -> None:
    """The test above would pass on anything if this one did not fail."""
    copied = Path(shutil.copytree(exported, tmp_path / "package"))
    target = copied / "csv" / "fct_capacity_share.csv"
    text = target.read_text(encoding="utf-8")
    target.write_text(text.replace(",2027,", ",later,", 1), encoding="utf-8")
    resource = frictionless.Package(str(copied / "datapackage.json")).get_resource("fct_capacity_share")
    kinds = {kind for (kind,) in resource.validate().flatten(["type"])}
    assert {"type-error", "hash-count"} <= kinds


def test_what_lies_beside_the_folder_stays(home: Path, tmp_path: Path) -> None:
    kept = tmp_path / "out.partial" / "mine.txt"
    kept.parent.mkdir()
    kept.write_text("mine")
    done = run_cli("export", str(tmp_path / "out"), "--format", "csv", env={"CHIPLEDGER_HOME": str(home)})
    assert done.returncode == 0, done.stderr
    assert kept.read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "out.partial"]
    assert (tmp_path / "out").stat().st_mode & 0o777 == (kept.parent.stat().st_mode & 0o777)


def test_hashes_and_sizes_are_those_of_the_files(exported: Path, package: dict[str, Any]) -> None:
    for resource in package["resources"]:
        data = (exported / resource["path"]).read_bytes()
        assert resource["bytes"] == len(data)
        assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}", resource["path"]
    described = {resource["path"] for resource in package["resources"]}
    written = {str(path.relative_to(exported)) for path in exported.rglob("*.*") if path.is_file()}
    assert written == described | {"datapackage.json"}


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_twins_hold_the_same_rows(
    connection: duckdb.DuckDBPyConnection, exported: Path, package: dict[str, Any], form: str
) -> None:
    marts = [
        name
        for (name,) in connection.execute(
            "select table_name from information_schema.tables where table_schema = 'marts'"
        ).fetchall()
    ]
    paths = {Path(resource["path"]).stem for resource in package["resources"] if resource["format"] == form}
    assert paths == set(marts)
    for name in marts:
        types = connection.execute(f"select column_name, column_type from (describe marts.{name})").fetchall()
        place = exported / form / f"{name}.{form}"
        columns = ", ".join(f"'{column}': '{kind}'" for column, kind in types)
        reader = f"read_csv('{place}', columns = {{{columns}}}, nullstr = '')"
        twin = f"'{place}'" if form == "parquet" else reader
        gone = connection.execute(f"from marts.{name} except all from {twin}").fetchall()
        new = connection.execute(f"from {twin} except all from marts.{name}").fetchall()
        assert (gone, new) == ([], []), name


def test_fields_say_unit_type_and_meaning(package: dict[str, Any]) -> None:
    (share,) = [item for item in package["resources"] if item["name"] == "fct_trade_share_yearly"]
    fields = {field["name"]: field for field in share["schema"]["fields"]}
    assert (fields["share_pct"]["unit"], fields["value_usd"]["unit"]) == ("%", "USD")
    assert fields["year"]["type"] == "integer" and "unit" not in fields["year"]
    assert fields["value_usd"]["sqlType"] == "DECIMAL(24,4)"
    assert share["schema"]["primaryKey"] == ["source_id", "reporter_iso3", "flow", "product_id", "year"]
    silent = [
        (item["name"], field["name"])
        for item in package["resources"]
        for field in item["schema"]["fields"]
        if not field["description"]
    ]
    assert silent == []


def test_sources_and_licences_are_those_of_the_rows(package: dict[str, Any]) -> None:
    (share,) = [item for item in package["resources"] if item["name"] == "fct_trade_share_yearly"]
    assert {source["sourceId"] for source in share["sources"]} == {"comtrade"}
    assert all("Comtrade" in licence["title"] for licence in share["licenses"])
    assert len(package["sources"]) > len(share["sources"])


def test_a_folder_that_is_there_is_refused(home: Path, tmp_path: Path) -> None:
    done = run_cli("export", str(tmp_path), env={"CHIPLEDGER_HOME": str(home)})
    assert done.returncode == 2 and "is there already" in done.stderr
    assert list(tmp_path.iterdir()) == []
