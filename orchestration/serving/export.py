"""Twins of the marts as Parquet and CSV, described by a `datapackage.json` (Frictionless Data Package 1).

A folder is complete or it is not there: it is written beside its place and renamed at the end.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import duckdb

from orchestration.errors import EXIT_USAGE, LedgerError
from orchestration.serving import catalog

FORMATS = ("csv", "parquet")
DESCRIPTOR = "datapackage.json"
_TYPES = {
    "VARCHAR": {"type": "string"},
    "DATE": {"type": "date"},
    "TIMESTAMP": {"type": "datetime", "format": "%Y-%m-%dT%H:%M:%S"},
    "BOOLEAN": {"type": "boolean"},
    "INTEGER": {"type": "integer"},
    "BIGINT": {"type": "integer"},
    "DOUBLE": {"type": "number"},
}
# A column's name carries its unit; the first ending that fits counts. What has no ending here has no unit,
# or one that another column of the row names.
_UNITS = {
    "_usd": "USD",
    "_cny": "CNY",
    "_eur": "EUR",
    "_pct": "%",
    "_pp": "percentage points",
    "_kg": "kg",
    "_days": "days",
    "_months": "months",
    "_releases": "releases",
}
_WRITERS = {
    "csv": "format csv, header true, timestampformat '%Y-%m-%dT%H:%M:%S'",
    "parquet": "format parquet, compression zstd",
}
_MEDIA = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}


def export(path: Path, folder: Path, formats: tuple[str, ...]) -> dict[str, Any]:
    """Writes every mart of the file at `path` into `folder` and returns the package's description."""
    if os.path.lexists(folder):
        raise LedgerError(f"{folder} is there already; name a folder that is not", EXIT_USAGE)
    folder.parent.mkdir(parents=True, exist_ok=True)
    # A name that nobody has: what lies beside the folder is the user's.
    partial = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", suffix=".partial", dir=folder.parent))
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            package = _write(connection, partial, formats)
        text = json.dumps(package, indent=2, ensure_ascii=False) + "\n"
        (partial / DESCRIPTOR).write_text(text, encoding="utf-8")
        partial.chmod(0o777 & ~_umask())
        partial.rename(folder)
    except BaseException:
        shutil.rmtree(partial)
        raise
    return package


def _umask() -> int:
    held = os.umask(0)
    os.umask(held)
    return held


def _write(connection: duckdb.DuckDBPyConnection, folder: Path, formats: tuple[str, ...]) -> dict[str, Any]:
    tables = [table for table in catalog.tables(connection) if table.schema == "marts"]
    resources = []
    for form in formats:
        for table in tables:
            _refuse_blanks(connection, table)
            target = folder / form / f"{table.name}.{form}"
            target.parent.mkdir(exist_ok=True)
            _unload(connection, table, target, form)
            resources.append(_resource(connection, table, target, form))
    ((built_at, version),) = connection.execute(
        "select built_at, product_version from meta.builds order by rowid desc limit 1"
    ).fetchall()
    sources = _sources(connection, None)
    return {
        "profile": "data-package",
        "name": "chipledger",
        "title": "Chip Ledger: semiconductor trade, release by release",
        "id": catalog.build_id(connection),
        "version": version,
        "created": built_at.replace(tzinfo=dt.UTC).isoformat().replace("+00:00", "Z"),
        "licenses": _licences(connection, None),
        "sources": sources,
        "resources": resources,
    }


def _refuse_blanks(connection: duckdb.DuckDBPyConnection, table: catalog.Table) -> None:
    """CSV has one blank for null and empty text; a mart that held both could not be read back."""
    texts = [column.name for column in table.columns if column.type == "VARCHAR"]
    if not texts:
        return
    any_blank = " or ".join(f"\"{name}\" = ''" for name in texts)
    found = connection.execute(f"select 1 from {table.path} where {any_blank} limit 1").fetchall()
    if found:
        raise LedgerError(f"{table.schema}.{table.name} holds an empty text, which CSV cannot tell from null")


def _unload(connection: duckdb.DuckDBPyConnection, table: catalog.Table, target: Path, form: str) -> None:
    """In the order of the key, so that the same rows give the same bytes."""
    order = ", ".join(f'"{name}" nulls last' for name in table.key)
    query = f"select * from {table.path}" + (f" order by {order}" if order else "")
    place = str(target).replace("'", "''")
    connection.execute(f"copy ({query}) to '{place}' ({_WRITERS[form]})")


def _resource(
    connection: duckdb.DuckDBPyConnection, table: catalog.Table, target: Path, form: str
) -> dict[str, Any]:
    ((rows,),) = connection.execute(f"select count(*) from {table.path}").fetchall()
    with target.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    resource: dict[str, Any] = {
        "profile": "tabular-data-resource" if form == "csv" else "data-resource",
        "name": table.name if form == "csv" else f"{table.name}.parquet",
        "path": f"{form}/{target.name}",
        "description": " ".join(table.comment.split()),
        "format": form,
        "mediatype": _MEDIA[form],
        "bytes": target.stat().st_size,
        "hash": f"sha256:{digest}",
        "rowCount": rows,
        "schema": _schema(table),
    }
    if form == "csv":
        resource |= {"encoding": "utf-8", "rows": rows}
    else:
        # The standard's reader cannot count rows of Parquet; it checks bytes and hash of a file.
        resource["type"] = "file"
    if table.column("source_id"):
        resource["licenses"] = _licences(connection, table)
        resource["sources"] = _sources(connection, table)
    return {name: value for name, value in resource.items() if value != []}


def _schema(table: catalog.Table) -> dict[str, Any]:
    schema: dict[str, Any] = {"fields": [_field(column) for column in table.columns], "missingValues": [""]}
    # The standard's readers take a key as not null; one with nulls is named apart.
    nullable = {column.name for column in table.columns if column.is_nullable}
    if table.key and not nullable & set(table.key):
        schema["primaryKey"] = list(table.key)
    elif table.key:
        schema["uniqueKeyWithNulls"] = list(table.key)
    return schema


def _field(column: catalog.Column) -> dict[str, Any]:
    field: dict[str, Any] = {"name": column.name, **_TYPES.get(column.type, {"type": "number"})}
    field["description"] = " ".join(column.comment.split())
    if unit := next((unit for ending, unit in _UNITS.items() if column.name.endswith(ending)), None):
        field["unit"] = unit
    field["sqlType"] = column.type
    if not column.is_nullable:
        field["constraints"] = {"required": True}
    return field


def _releases(connection: duckdb.DuckDBPyConnection, table: catalog.Table | None, columns: str) -> list[Any]:
    """Distinct facts about the releases that a table rests on; of all, where no table is given."""
    held = "" if table is None else f"where source_id in (select source_id from {table.path})"
    return connection.execute(f"select distinct {columns} from meta.releases {held} order by all").fetchall()


def _licences(connection: duckdb.DuckDBPyConnection, table: catalog.Table | None) -> list[dict[str, str]]:
    """What each source says of its licence, in its words: few of them have a name in a register."""
    return [
        {"name": _slug(text), "title": text} for (text,) in _releases(connection, table, "licence") if text
    ]


def _sources(connection: duckdb.DuckDBPyConnection, table: catalog.Table | None) -> list[dict[str, str]]:
    found = []
    for source, producer, title, url in _releases(connection, table, "source_id, producer, title, url"):
        entry = {"title": f"{producer}: {title}" if producer else str(title), "sourceId": source}
        if url and re.match(r"https?://", url):
            entry["path"] = url
        found.append(entry)
    return found


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60].strip("-")
