"""Names that last: tables, columns and types of the published file against those reviewed.

A new table or column is accepted with `UPDATE_SNAPSHOTS=1`. One that is removed or gets another type is not,
until it has been published as deprecated (its comment, or its table's, begins with "Deprecated:"; a renamed
table stays as a view of that kind) and a line of CHANGELOG.md names it.
"""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
from helpers import ROOT

SNAPSHOT = Path(__file__).parent / "snapshots" / "interface.txt"
DEPRECATED = " deprecated"


def listed(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """One line per column: schema.table.column TYPE, and ` deprecated` where it is announced to go."""
    rows = connection.execute(
        "select schema_name, table_name, column_name, data_type, "
        "starts_with(coalesce(held.comment, ''), 'Deprecated:') "
        "or starts_with(coalesce(parent.comment, ''), 'Deprecated:') "
        "from duckdb_columns() as held "
        "left join (select schema_name, table_name, comment from duckdb_tables() "
        "union all select schema_name, view_name, comment from duckdb_views()) as parent "
        "using (schema_name, table_name) "
        "where schema_name in ('marts', 'meta') and not internal "
        "order by schema_name, table_name, column_index"
    ).fetchall()
    return [
        f"{schema}.{table}.{column} {kind}{DEPRECATED if going else ''}"
        for schema, table, column, kind, going in rows
    ]


def breaks(known: list[str], found: list[str], changelog: str) -> list[str]:
    """What a reader's query would trip over, one sentence each."""
    types = {line.split(" ")[0]: line.split(" ")[1] for line in found}
    said = []
    for line in known:
        name, kind = line.split(" ")[:2]
        if types.get(name) == kind:
            continue
        what = f"{name} is gone" if name not in types else f"{name} was {kind} and is {types[name]}"
        if not line.endswith(DEPRECATED):
            said.append(
                f"{what}; keep it for a release: as a column, or the table as a view, whose comment begins "
                "with 'Deprecated:', and say so in CHANGELOG.md"
            )
        elif f"`{name}`" not in changelog:
            said.append(f"{what}, as announced; CHANGELOG.md must name `{name}`")
    return said


def test_published_names_and_types_are_those_reviewed(connection: duckdb.DuckDBPyConnection) -> None:
    found = listed(connection)
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    known = SNAPSHOT.read_text(encoding="utf-8").splitlines() if SNAPSHOT.is_file() else []
    assert breaks(known, found, changelog) == []
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text("\n".join(found) + "\n", encoding="utf-8")
        known = found
    new = sorted(set(found) - set(known))
    assert not new, f"new: {new}; accept with UPDATE_SNAPSHOTS=1 if meant"
    gone = sorted(set(known) - set(found))
    assert not gone, f"gone, as announced: {gone}; accept with UPDATE_SNAPSHOTS=1"


def test_a_break_is_seen_and_an_announced_one_needs_its_line() -> None:
    known = ["marts.fct_x.a INTEGER", "marts.fct_x.b VARCHAR deprecated", "marts.fct_x.c DATE"]
    assert breaks(known, known, "") == []
    assert breaks(known, [*known, "marts.fct_x.d DATE"], "") == []
    (removed,) = breaks(known, known[1:], "`marts.fct_x.a`")
    assert removed.startswith("marts.fct_x.a is gone; keep it for a release") and "CHANGELOG.md" in removed
    (retyped,) = breaks(known, ["marts.fct_x.a BIGINT", *known[1:]], "")
    assert retyped.startswith("marts.fct_x.a was INTEGER and is BIGINT")
    (unsaid,) = breaks(known, [known[0], known[2]], "")
    assert unsaid.endswith("CHANGELOG.md must name `marts.fct_x.b`")
    assert breaks(known, [known[0], known[2]], "### Removed\n- `marts.fct_x.b`\n") == []


def test_a_deprecated_view_is_seen_as_such() -> None:
    with duckdb.connect() as made:
        made.execute("create schema marts; create table marts.fct_new (a integer, b integer)")
        made.execute("create view marts.fct_old as select * from marts.fct_new")
        made.execute("comment on view marts.fct_old is 'Deprecated: use fct_new'")
        made.execute("comment on column marts.fct_new.b is 'Deprecated: use a'")
        assert listed(made) == [
            "marts.fct_new.a INTEGER",
            "marts.fct_new.b INTEGER deprecated",
            "marts.fct_old.a INTEGER deprecated",
            "marts.fct_old.b INTEGER deprecated",
        ]
