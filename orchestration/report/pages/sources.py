"""Sources: what is held, how new it is, what waits, and under which licence."""

from __future__ import annotations

from orchestration.report import charts, text
from orchestration.report.figures import Figure, Heading, Missing, Page
from orchestration.report.ledger import Ledger


def page(ledger: Ledger) -> Page:
    return Page(
        "sources",
        "Sources",
        "What this build holds, how new it is, and who published it. "
        "Every release is kept beside those that came after it.",
        [
            Heading("held", "What is held"),
            _held(ledger),
            Heading("releases", "Releases"),
            _when(ledger),
            _releases(ledger),
            Heading("refused", "What was refused, and what was corrected"),
            _refused(ledger),
            _corrected(ledger),
        ],
    )


def _held(ledger: Ledger) -> Figure:
    answer = ledger.ask("select * from meta.sources order by source_kind, source_id")
    rows = answer.records()
    newest = max((r["newest_period_end"] for r in rows if r["newest_period_end"]), default=None)
    caption = [
        f"{text.count(len(rows), 'source')}. Newest release: when it was published; newest period: "
        "the last day of trade that it covers.",
        f"The newest period of trade held ends {newest}." if newest else "No period of trade is held.",
    ]
    return Figure(
        "held",
        "Sources",
        caption,
        answer,
        shown=("source_id", "producer", "newest_release", "newest_period_end", "status", "releases",
               "rows_loaded", "rows_quarantined", "held_back_reason"),
    )  # fmt: skip


def _when(ledger: Ledger) -> Figure | Missing:
    answer = ledger.ask(
        """
        select released_at, source_id, source_kind, release_id, released_at_basis, producer, title, licence
        from meta.releases
        where source_kind <> 'reference'
        order by released_at, release_id
        """
    )
    if not answer:
        return Missing("When they were released", "No release is held.")
    kinds = sorted(set(answer.column("source_kind")))
    spec = charts.chart(
        30 * len(set(answer.column("source_id"))),
        mark={"type": "point", "size": 70, "strokeWidth": 2},
        encoding={
            "x": charts.days("released_at", axis={"format": "%Y", "tickCount": 6}),
            "y": {"field": "source_id", "type": "nominal", "title": None,
                  "axis": charts.names(grid=True)},
            "color": charts.colour("source_kind", kinds),
            "shape": charts.shape("source_kind", kinds),
            "tooltip": charts.tips(
                release_id="Release", released_at="Day", released_at_basis="How the day is known",
                producer="Publisher", title="Title", licence="Licence",
            ),
        },
    )  # fmt: skip
    days = answer.column("released_at")
    return Figure(
        "released",
        "When they were released",
        [
            f"One point per release, {text.count(len(days), 'release')} from {min(days)} to {max(days)}. "
            "Codes and other reference tables have no point."
        ],
        answer,
        alt=f"Points by day of release, one line per source; {len(days)} releases.",
        spec=spec,
        shown=("released_at", "source_id", "release_id", "title", "licence"),
    )


def _releases(ledger: Ledger) -> Figure:
    answer = ledger.ask(
        "select * from meta.releases order by source_kind, source_id, released_at, release_id"
    )
    return Figure(
        "releases",
        "Releases with licence and citation",
        ["As each release's source.yml states them."],
        answer,
        shown=("release_id", "released_at", "producer", "title", "licence", "citation", "accessed_at", "url"),
    )


def _refused(ledger: Ledger) -> Figure | Missing:
    answer = ledger.ask("select * from meta.quarantine order by all")
    if not answer:
        return Missing("Rows in quarantine", "None: every row read is loaded or set aside for a reason.")
    return Figure("quarantine", "Rows in quarantine", ["One line per value that broke a rule."], answer)


def _corrected(ledger: Ledger) -> Figure | Missing:
    answer = ledger.ask("select * from meta.corrections order by all")
    if not answer:
        return Missing("Corrections", "None: every value stands as its source prints it.")
    return Figure(
        "corrections",
        "Corrections",
        ["What raw/corrections.yml changed or flagged; a flagged value stands as printed."],
        answer,
        shown=("correction_id", "action", "status", "path", "raw_row", "source_value", "corrected_value",
               "reason"),
    )  # fmt: skip
