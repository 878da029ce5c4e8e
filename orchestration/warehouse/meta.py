"""Schema `meta` of the published file: what is held, from where, how checked, what changed.

Each table is declared once below with its comments; filling it is one query over the ledger. The
comments of the marts come from the models' yml (dbt writes them); `meta.columns` lists both.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import yaml

from orchestration.warehouse.keys import published_keys
from orchestration.warehouse.ledger import DRAFT
from orchestration.warehouse.semantic import sql_expression

METRICS = Path(__file__).with_name("metrics.yml")
SNAPSHOT = (
    "sha256 of the file's bytes; where a source says the same bytes again after others, @ and the release follow"
)


@dataclass(frozen=True)
class MetaTable:
    """A table of schema meta: name, comment, columns as (name, type, comment), and its query."""

    name: str
    comment: str
    columns: tuple[tuple[str, str, str], ...]
    query: str


_CHECKS = MetaTable(
    "checks",
    "One row per check of this build: contracts of each stage and tests of each model.",
    (
        ("stage", "varchar", "raw, staging or marts (contracts), dbt staging or dbt marts (tests of models)"),
        ("table_name", "varchar", "Table or file that was checked"),
        ("check_name", "varchar", "Name of the check"),
        ("is_passed", "boolean", "Whether it passed; a published build has no failed error"),
        ("severity", "varchar", "error stops the build, warn does not"),
        ("failures", "bigint", "Rows or rules that failed"),
        ("message", "varchar", "What failed, in one sentence; null when nothing did"),
    ),
    "select stage, table_name, check_name, is_passed, severity, failures, nullif(message, '') "
    "from audit.check_result order by all",
)
_RELEASES = MetaTable(
    "releases",
    "One row per release held: who published what, when, under which licence.",
    (
        ("release_id", "varchar", "Release: source and folder"),
        ("source_id", "varchar", "Source"),
        ("source_kind", "varchar", "article, customs, industry or reference"),
        (
            "released_at",
            "date",
            "Day on which the release became known; a month or year counts as its last day",
        ),
        (
            "released_at_basis",
            "varchar",
            "How that day is known: printed (printed_month, printed_year: the last of it), file_name, convention "
            "or first_held",
        ),
        ("producer", "varchar", "Who published it"),
        ("title", "varchar", "Title"),
        ("url", "varchar", "Address"),
        ("licence", "varchar", "Licence as far as known"),
        ("citation", "varchar", "How to cite it"),
        ("accessed_at", "date", "Day on which it was taken"),
        ("note", "varchar", "What to know; null when nothing"),
    ),
    "select release_id, source_id, source_kind, released_at, released_at_basis, producer, title, "
    "nullif(url, ''), licence, nullif(citation, ''), accessed_at, nullif(note, '') from raw.release "
    "order by release_id",
)
_SNAPSHOTS = MetaTable(
    "snapshots",
    "One row per file: its bytes, its fate, and where each of its rows went.",
    (
        (
            "snapshot_id",
            "varchar",
            f"{SNAPSHOT}; null for a folder whose source.yml is refused",
        ),
        ("source_id", "varchar", "Source"),
        ("dataset_id", "varchar", "Table of the source; null for such a folder"),
        ("release_id", "varchar", "Release that the file belongs to"),
        ("path", "varchar", "Path below raw/"),
        ("bytes", "bigint", "Size, bytes"),
        ("status", "varchar", "loaded, duplicate (the same snapshot elsewhere) or held_back"),
        ("reason", "varchar", "Why it was not loaded; null when it was"),
        ("rows_read", "bigint", "Rows in the file: loaded + quarantined + set aside"),
        ("rows_loaded", "bigint", "Rows in the warehouse"),
        ("rows_quarantined", "bigint", "Rows that broke a rule, see meta.quarantine"),
        (
            "rows_set_aside",
            "bigint",
            "Good rows not used: of a held-back file or a duplicate, no flows by themselves, dropped by a "
            "correction, or drafts of claims that nobody has confirmed",
        ),
        ("notes", "varchar", "What the layout ignored in the file and why, parted by ` | `; null when nothing"),
    ),
    "select snapshot.snapshot_id, source_id, dataset_id, release_id, path, bytes, status, "
    "nullif(reason, ''), rows_read, rows_loaded, rows_quarantined, rows_set_aside, notes "
    "from raw.snapshot as snapshot left join (select snapshot_id, "
    "string_agg(note, ' | ' order by position) as notes from raw.snapshot_note group by snapshot_id) as said "
    "on snapshot.snapshot_id = said.snapshot_id order by path, status",
)
_CORRECTIONS = MetaTable(
    "corrections",
    "One row per value that an entry of raw/corrections.yml changed, dropped or flagged.",
    (
        ("correction_id", "varchar", "Entry of raw/corrections.yml"),
        ("action", "varchar", "drop, override, scale or flag (the value stays)"),
        ("status", "varchar", "applied, or waiting while the file is held back"),
        ("path", "varchar", "Path below raw/ that the entry names"),
        ("snapshot_id", "varchar", SNAPSHOT),
        ("raw_row", "bigint", "Line in the file, the header being 1; null while waiting"),
        ("raw_column", "varchar", "Column of the cell, where a line holds several values; null elsewhere"),
        ("column_name", "varchar", "Column of the raw table that the entry is about"),
        ("source_value", "varchar", "What the source shows; null for an empty cell or while waiting"),
        ("corrected_value", "varchar", "What counts instead; null for drop, flag and an emptied cell"),
        ("factor", "varchar", "Factor of a scale; null for the other actions"),
        ("reason", "varchar", "Why"),
        ("found_by", "varchar", "Who found it"),
        ("found_on", "date", "When"),
        ("url", "varchar", "Where it can be seen; null when not given"),
    ),
    """
    select correction_id, action, 'applied' as status, path, snapshot_id, raw_row, raw_column, column_name,
        source_value, corrected_value, factor, reason, found_by, found_on, url
    from raw.correction
    union all
    select correction_id, definition ->> 'action', 'waiting', path, snapshot_id, null, null,
        definition ->> 'column', null, null, definition ->> 'factor', definition ->> 'reason',
        definition ->> 'found_by', cast(definition ->> 'found_on' as date), definition ->> 'url'
    from raw.correction_rule as rule
    where not exists (
        select 1 from raw.correction as done
        where done.correction_id = rule.correction_id and split_part(done.snapshot_id, '@', 1) = rule.snapshot_id
    )
    order by 1, 3, 6 nulls first, 7 nulls first
    """,
)
_QUARANTINE = MetaTable(
    "quarantine",
    "One row per value that broke a rule; its row is not in the warehouse.",
    (
        ("source_id", "varchar", "Source"),
        ("dataset_id", "varchar", "Table of the source"),
        ("snapshot_id", "varchar", SNAPSHOT),
        ("path", "varchar", "Path below raw/"),
        ("raw_row", "bigint", "Line in the file, the header being 1"),
        ("reason_code", "varchar", "Which rule was broken"),
        ("column_name", "varchar", "Column of the value; null when the whole line is malformed"),
        ("value", "varchar", "The value found; null when it is missing"),
        ("expected", "varchar", "What was expected"),
    ),
    "select source_id, dataset_id, snapshot_id, path, raw_row, reason_code, column_name, value, "
    "expected from raw.quarantine order by all",
)
_SOURCES = MetaTable(
    "sources",
    "One row per source: what is held of it, how new, and whether something is held back.",
    (
        ("source_id", "varchar", "Source"),
        ("source_kind", "varchar", "article, customs, industry or reference"),
        ("producer", "varchar", "Who publishes it"),
        ("status", "varchar", "ok, held_back (a file waits, older ones serve) or nothing_held"),
        ("releases", "bigint", "Releases held"),
        ("files", "bigint", "Files loaded"),
        ("files_held_back", "bigint", "Files that broke their contract"),
        ("rows_loaded", "bigint", "Rows in the warehouse"),
        ("rows_quarantined", "bigint", "Rows in the quarantine"),
        ("oldest_release", "date", "First release held"),
        ("newest_release", "date", "Newest release held"),
        (
            "newest_period_end",
            "date",
            "Last day of the newest period held; null for sources without periods of trade",
        ),
        ("held_back_reason", "varchar", "The first file held back and why; null when none is"),
    ),
    f"""
    with files as (
        select
            snapshot.source_id,
            count(distinct snapshot.release_id) filter (where status = 'loaded') as releases,
            count(*) filter (where status = 'loaded') as files,
            count(*) filter (where status = 'held_back') as files_held_back,
            sum(rows_loaded) as rows_loaded,
            sum(rows_quarantined) as rows_quarantined,
            min(case when status = 'held_back' then reason end) as held_back_reason,
            min(released_at) filter (where status = 'loaded') as oldest_release,
            max(released_at) filter (where status = 'loaded') as newest_release,
            min(source_kind) as source_kind,
            max_by(producer, released_at) as producer
        from raw.snapshot as snapshot
        left join raw.release as release on snapshot.release_id = release.release_id
        group by snapshot.source_id
    ),
    periods as (
        select source_id, max(period_end_date) as newest_period_end
        from (
            select source_id, period_end_date from {DRAFT}.marts.dim_flow_slice
            union all
            select source_id, period_end_date from {DRAFT}.marts.fct_announced_flow
        )
        group by source_id
    )
    select
        files.source_id, source_kind, producer,
        case
            when files_held_back > 0 then 'held_back'
            when files.files = 0 then 'nothing_held'
            else 'ok'
        end,
        releases, files.files, files_held_back, rows_loaded, rows_quarantined, oldest_release,
        newest_release, newest_period_end, held_back_reason
    from files left join periods on files.source_id = periods.source_id
    order by source_kind, files.source_id
    """,
)
TABLES = (_SOURCES, _RELEASES, _SNAPSHOTS, _QUARANTINE, _CORRECTIONS, _CHECKS)

_COLUMNS = MetaTable(
    "columns",
    "One row per published column, with the one description that the database and the docs show.",
    (
        ("schema_name", "varchar", "marts or meta"),
        ("table_name", "varchar", "Table"),
        ("column_name", "varchar", "Column"),
        ("position", "integer", "Place in the table, from 1"),
        ("data_type", "varchar", "Type"),
        ("is_nullable", "boolean", "Whether null may occur"),
        (
            "key_position",
            "integer",
            "Place in the key that identifies a row of the table, from 1; null for columns outside it",
        ),
        ("description", "varchar", "What it holds: unit, sign, what null means"),
    ),
    "select schema_name, table_name, column_name, column_index, data_type, is_nullable, null, comment "
    f"from duckdb_columns() where database_name = '{DRAFT}' and schema_name in ('marts', 'meta') "
    "order by schema_name, table_name, column_index",
)
_METRICS = MetaTable(
    "metrics",
    "One row per formula: expression, unit, edge cases and where it is from.",
    (
        ("metric_id", "varchar", "Formula"),
        ("mart", "varchar", "Mart or marts that hold it"),
        ("column_name", "varchar", "Column or columns"),
        ("expression", "varchar", "The formula"),
        ("unit", "varchar", "Unit of the result"),
        ("decimals", "integer", "Digits after the point worth showing"),
        ("edge_cases", "varchar", "What happens where the formula does not apply"),
        ("source", "varchar", "Where the formula is from"),
        (
            "sql_expression",
            "varchar",
            "The formula as SQL over a group of rows of the mart; null where it needs other rows too",
        ),
    ),
    "",
)
BUILDS = MetaTable(
    "builds",
    "One row per published build, the newest last.",
    (
        ("build_id", "varchar", "Build: time and start of the fingerprint"),
        ("built_at", "timestamp", "When it was published, UTC"),
        ("fingerprint", "varchar", "sha256 over all raw files and the code"),
        ("product_version", "varchar", "Version of this product"),
        ("duckdb_version", "varchar", "Version of the engine"),
        ("files", "bigint", "Files loaded"),
        ("files_held_back", "bigint", "Files held back"),
        ("rows_loaded", "bigint", "Raw rows in the warehouse"),
        ("checks", "bigint", "Checks that ran"),
        ("seconds", "double", "From the start of the refresh to its audit"),
    ),
    "",
)
BUILD_STEPS = MetaTable(
    "build_steps",
    "What each build did, in the order in which it ended: assets that were kept unchanged have no row.",
    (
        ("build_id", "varchar", "The build"),
        ("run_id", "varchar", "The run, as in the logs"),
        ("step_order", "integer", "Place in the build, from 1"),
        ("stage", "varchar", "start, raw, contract, staging, intermediate, marts, tests or unchanged"),
        ("step", "varchar", "Asset, or what was done"),
        ("rows", "bigint", "Rows of the asset, or nodes of the step; null where they are not counted"),
        ("bytes", "bigint", "Size of the files that the asset holds; null for what reads no file"),
        ("seconds", "double", "Time that it took"),
    ),
    "",
)
CHANGES = MetaTable(
    "changes",
    "What each build changed in each mart: rows that are new and rows that are gone, by their content.",
    (
        ("build_id", "varchar", "The build"),
        ("previous_build_id", "varchar", "The build before; null for the first"),
        ("table_name", "varchar", "Mart"),
        ("rows_added", "bigint", "Rows that the build before does not have"),
        ("rows_removed", "bigint", "Rows of the build before that are gone or differ"),
        ("rows_total", "bigint", "Rows of the mart in this build"),
    ),
    "",
)


DIGEST = MetaTable(
    "digest",
    "What is worth a look in each build against the one before: releases, verdicts, revisions, coverage, "
    "contradictions.",
    (
        ("build_id", "varchar", "The build"),
        (
            "kind",
            "varchar",
            "release_new, release_gone, verdict, revision, coverage (it shrank), contradiction (of files of one "
            "release), held_back or late (a source)",
        ),
        ("subject", "varchar", "What it is about: release, claim, series, source or file"),
        ("before", "varchar", "State or value in the build before; null where there was none"),
        (
            "after",
            "varchar",
            "State or value in this build, of a contradiction the value that counts; null where it is gone",
        ),
        ("change_pct", "double", "Size of a revision in per cent; null for other kinds"),
        ("message", "varchar", "The finding in one sentence"),
    ),
    "",
)


ALL = (*TABLES, _COLUMNS, _METRICS, BUILDS, BUILD_STEPS, CHANGES, DIGEST)


def create(connection: duckdb.DuckDBPyConnection, table: MetaTable) -> None:
    """Creates the table, empty, with its comments, in the draft."""
    name = f"{DRAFT}.meta.{table.name}"
    columns = ", ".join(f"{column} {kind}" for column, kind, _ in table.columns)
    connection.execute(f"create or replace table {name} ({columns})")
    connection.execute(f"comment on table {name} is {_quoted(table.comment)}")
    for column, _, comment in table.columns:
        connection.execute(f"comment on column {name}.{column} is {_quoted(comment)}")


def write(connection: duckdb.DuckDBPyConnection) -> None:
    """Fills every table of schema meta but builds and changes, which are `publish`'s."""
    for table in TABLES:
        create(connection, table)
        connection.execute(f"insert into {DRAFT}.meta.{table.name} {table.query}")
    create(connection, _METRICS)
    names = [column for column, _, _ in _METRICS.columns]
    for metric in yaml.safe_load(METRICS.read_text(encoding="utf-8")):
        holes = ", ".join("?" for _ in names)
        row = {**metric, "sql_expression": sql_expression(metric)}
        connection.execute(f"insert into {DRAFT}.meta.metrics values ({holes})", [row[name] for name in names])


def write_columns(connection: duckdb.DuckDBPyConnection) -> None:
    """Fills meta.columns; to be called when every other table is in its final shape."""
    create(connection, _COLUMNS)
    connection.execute(f"insert into {DRAFT}.meta.columns {_COLUMNS.query}")
    for (schema, table), key in published_keys().items():
        for position, column in enumerate(key, start=1):
            connection.execute(
                f"update {DRAFT}.meta.columns set key_position = ? "
                "where schema_name = ? and table_name = ? and column_name = ?",
                [position, schema, table, column],
            )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
