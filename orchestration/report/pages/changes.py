"""What changed: rows that this build added and dropped, and the builds before it."""

from __future__ import annotations

from orchestration.report import charts, text
from orchestration.report.figures import Block, Figure, Heading, Missing, Page
from orchestration.report.ledger import Ledger


def page(ledger: Ledger) -> Page:
    blocks: list[Block] = [
        Heading("since", "Since the build before"),
        _findings(ledger),
        _since(ledger),
        Heading("builds", "Builds"),
        _builds(ledger),
    ]
    return Page(
        "changes",
        "What changed",
        "Rows are compared whole: a row that differs in one column counts as gone and as new.",
        blocks,
    )


def _findings(ledger: Ledger) -> Figure | Missing:
    build = str(ledger.build["build_id"]).replace("'", "''")
    answer = ledger.ask(
        f"""
        select kind, subject, "before", "after", change_pct, message, build_id
        from meta.digest
        where build_id = '{build}'
        order by kind, abs(change_pct) desc nulls last, subject
        """
    )
    if not answer.rows:
        said = (
            "No release came or went, no verdict changed, nothing was revised or shrank, no files of one "
            "release contradict each other, no source is late."
        )
        return Missing("Worth a look", said)
    kinds = text.listed(sorted({str(row["kind"]).replace("_", " ") for row in answer.records()}))
    return Figure(
        "findings",
        "Worth a look",
        [f"{text.count(len(answer.rows), 'finding')}: {kinds}."],
        answer,
        shown=("kind", "message"),
    )


def _since(ledger: Ledger) -> Figure | Missing:
    build = str(ledger.build["build_id"]).replace("'", "''")
    answer = ledger.ask(
        f"""
        select table_name, rows_added, rows_removed, rows_total, previous_build_id, build_id
        from meta.changes
        where build_id = '{build}'
        order by rows_added + rows_removed desc, table_name
        """
    )
    rows = answer.records()
    before = rows[0]["previous_build_id"] if rows else None
    if before is None:
        caption = ["This is the first build in this folder, so every row is new."]
    else:
        changed = [row for row in rows if row["rows_added"] or row["rows_removed"]]
        caption = [
            f"Against build {before}: {text.count(len(changed), 'table')} of {len(rows)} changed.",
        ]
        if not changed:
            caption.append("The marts are the same, row for row.")
    return Figure(
        "changes",
        "Rows by table",
        caption,
        answer,
        shown=("table_name", "rows_added", "rows_removed", "rows_total"),
    )


def _builds(ledger: Ledger) -> Figure:
    answer = ledger.ask("select * from meta.builds order by built_at, build_id")
    spec = None
    if len(answer.rows) > 1:
        spec = charts.chart(
            180,
            mark={"type": "point", "filled": True, "size": 70, "opacity": 1, "color": "var(--c1)"},
            encoding={
                "x": {"field": "built_at", "type": "temporal", "title": "published, UTC",
                      "scale": {"padding": 10},
                      "axis": {"format": "%m-%d %H:%M", "tickCount": 3}},
                "y": {"field": "rows_loaded", "type": "quantitative", "title": "raw rows"},
                "tooltip": charts.tips(
                    build_id="Build", built_at="Published, UTC", rows_loaded="Raw rows", files="Files",
                    checks="Checks",
                ),
            },
        )  # fmt: skip
    last = ledger.build
    return Figure(
        "builds",
        "Builds of this folder",
        [
            f"This build: {text.count(last['files'], 'file')}, {text.count(last['rows_loaded'], 'raw row')}, "
            f"{text.count(last['checks'], 'check')}."
        ],
        answer,
        alt=f"Raw rows by build, {len(answer.rows)} builds.",
        spec=spec,
        shown=("build_id", "built_at", "product_version", "duckdb_version", "files", "files_held_back",
               "rows_loaded", "checks", "seconds"),
    )  # fmt: skip
