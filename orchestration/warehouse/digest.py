"""What a refresh changed that a person should look at: told after it, and kept in `meta.digest`.

Compares the draft with the published build before it. Counting rows per mart is `publish`'s; sending
messages is `alerts`'.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import duckdb

from orchestration.errors import EXIT_USAGE, LedgerError
from orchestration.warehouse import builds
from orchestration.warehouse import calendar as release_calendar
from orchestration.warehouse.calendar import Entry
from orchestration.warehouse.ledger import DRAFT
from orchestration.warehouse.settings import Settings

# Per cent against the print before from which a revision is told.
REVISION_PCT = 5.0
# More of a kind are counted, not listed.
MOST = 200
# Builds that are told when their refreshes died before they could tell.
BUILDS = 10


@dataclass(frozen=True)
class Finding:
    """kind and columns as in meta.digest; the message is one sentence."""

    kind: str
    subject: str
    before: str | None
    after: str | None
    message: str
    change_pct: float | None = None


@dataclass(frozen=True)
class News:
    """What there is to tell: the current build, findings of the last builds by their id, who is late today."""

    build_id: str
    changed: Mapping[str, list[Finding]]
    late: list[Finding]


def news(settings: Settings) -> News | None:
    """Read from the published file: a refresh that died after the flip has left all that it had to tell there."""
    record = builds.current(settings)
    if record is None:
        return None
    with duckdb.connect(str(settings.published_path.resolve()), read_only=True) as connection:
        today = dt.datetime.now(dt.UTC).date()
        overdue = late(connection, DRAFT, release_calendar.read(settings.raw_root), today)
        return News(record.build_id, _kept(connection), overdue)


def _kept(connection: duckdb.DuckDBPyConnection) -> dict[str, list[Finding]]:
    """Findings of the last builds; of who was late, only today's are news. A build that was gone back to may be
    of a version that kept none."""
    if not connection.execute("select 1 from duckdb_tables() where table_name = 'digest'").fetchall():
        return {}
    found: dict[str, list[Finding]] = {}
    for build_id, *facts in connection.execute(
        "select build_id, kind, subject, before, after, message, change_pct from meta.digest "
        "where kind <> 'late' and build_id in (select build_id from meta.builds order by build_id desc limit ?) "
        "order by build_id, rowid",
        [BUILDS],
    ).fetchall():
        found.setdefault(str(build_id), []).append(Finding(*facts))
    return found


def threshold() -> float:
    """`CHIPLEDGER_REVISION_PCT`, or the default."""
    text = os.environ.get("CHIPLEDGER_REVISION_PCT", str(REVISION_PCT))
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < 1e6:
        raise LedgerError(f"CHIPLEDGER_REVISION_PCT is {text!r}; expected per cent such as 5", EXIT_USAGE)
    return value


def find(
    connection: duckdb.DuckDBPyConnection, has_before: bool, calendar: list[Entry], today: dt.date
) -> list[Finding]:
    """All findings of the draft (attached as `chipledger`) against the build before (`published`)."""
    found = [*_held_back(connection), *late(connection, DRAFT, calendar, today)]
    return found + (compare(connection) if has_before else [])


def compare(connection: duckdb.DuckDBPyConnection) -> list[Finding]:
    """What differs between two builds, attached as `chipledger` (the newer) and `published`.

    The older may come from an older version of this program: what has other columns there is not compared.
    """
    found = [*_releases(connection), *_revisions(connection, threshold()), *_coverage(connection)]
    return [*found, *(_verdicts(connection) if _same_columns(connection, "fct_claim_verdict") else ())]


def _same_columns(connection: duckdb.DuckDBPyConnection, mart: str) -> bool:
    rows = connection.execute(
        "select list((column_name, data_type) order by column_index) from duckdb_columns() "
        "where schema_name = 'marts' and table_name = ? and database_name in (?, 'published') group by database_name",
        [mart, DRAFT],
    ).fetchall()
    return len(rows) == 2 and rows[0] == rows[1]


def _releases(connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    for name, before, after in connection.execute(
        f"""
        select coalesce(now.release_id, old.release_id), old.release_id, now.release_id
        from {DRAFT}.meta.releases as now
        full join published.meta.releases as old on now.release_id = old.release_id
        where now.release_id is null or old.release_id is null order by 1 limit {MOST}
        """
    ).fetchall():
        kind, said = ("release_gone", "is gone") if after is None else ("release_new", "is new")
        yield Finding(kind, str(name), before, after, f"release {name} {said}")


def _verdicts(connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """A claim's verdict is that under the definition that its article means."""
    for claim, before, after in connection.execute(
        f"""
        select now.claim_id, old.verdict, now.verdict
        from {DRAFT}.marts.fct_claim_verdict as now
        inner join published.marts.fct_claim_verdict as old on now.claim_id = old.claim_id
        where now.is_intended and old.is_intended and now.verdict <> old.verdict order by 1
        """
    ).fetchall():
        yield Finding("verdict", claim, before, after, f"claim {claim} was {before} and is now {after}")


def _revisions(connection: duckdb.DuckDBPyConnection, least: float) -> Iterator[Finding]:
    """Prints of releases that the build before did not have, against the print before them."""
    key = "source_id, reporter_iso3, partner_iso3, flow, coalesce(product_id, hs_code), period_end_date, basis"
    for series, before, after, pct in connection.execute(
        f"""
        select concat_ws(' ', {key}), cast(previous_value as varchar), cast(value as varchar),
            100 * (cast(value as double) / nullif(cast(previous_value as double), 0) - 1) as change_pct
        from {DRAFT}.marts.fct_revision
        where release_id not in (select release_id from published.meta.releases)
            and abs(100 * (cast(value as double) / nullif(cast(previous_value as double), 0) - 1)) >= ?
        order by abs(change_pct) desc, 1 limit {MOST}
        """,
        [least],
    ).fetchall():
        said = f"{series} was revised by {pct:+.1f} %, from {before} to {after}"
        yield Finding("revision", series, before, after, said, pct)


def _coverage(connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    """Sources that have fewer rows, or data to an earlier day, than in the build before."""
    for source, rows_before, rows_now, end_before, end_now in connection.execute(
        f"""
        select old.source_id, old.rows_loaded, coalesce(now.rows_loaded, 0),
            old.newest_period_end, now.newest_period_end
        from published.meta.sources as old
        left join {DRAFT}.meta.sources as now on old.source_id = now.source_id
        where coalesce(now.rows_loaded, 0) < old.rows_loaded
            or old.newest_period_end is not null
            and (now.newest_period_end is null or now.newest_period_end < old.newest_period_end)
        order by 1
        """
    ).fetchall():
        said = f"{source} has {rows_now} rows (data to {end_now}), {rows_before} (to {end_before}) before"
        yield Finding("coverage", source, str(rows_before), str(rows_now), said)


def _held_back(connection: duckdb.DuckDBPyConnection) -> Iterator[Finding]:
    for path, reason in connection.execute(
        f"select path, reason from {DRAFT}.meta.snapshots where status = 'held_back' order by 1 limit {MOST}"
    ).fetchall():
        yield Finding("held_back", path, None, "held_back", reason)


def late(
    connection: duckdb.DuckDBPyConnection, database: str, calendar: list[Entry], today: dt.date
) -> list[Finding]:
    """Sources whose newest period is older than their release calendar allows."""
    ends = dict(
        connection.execute(
            f"select source_id, newest_period_end from {database}.meta.sources "
            "where newest_period_end is not null"
        ).fetchall()
    )
    found = []
    for entry in calendar:
        end = ends.get(entry.source_id)
        if end is None or entry.late_after_days is None:
            continue
        days = (today - end).days
        if days > entry.late_after_days:
            said = (
                f"{entry.entry_id}: the newest data of {entry.source_id} end on {end}, {days} days ago; "
                f"expected within {entry.late_after_days}"
            )
            found.append(Finding("late", entry.entry_id, None, str(end), said))
    return found
