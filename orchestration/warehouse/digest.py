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
    return [*found, *(compare(connection) if has_before else _contradictions(connection, has_before=False))]


def compare(connection: duckdb.DuckDBPyConnection) -> list[Finding]:
    """What differs between two builds, attached as `chipledger` (the newer) and `published`.

    The older may come from an older version of this program: what has other columns there is not compared.
    """
    found = [*_releases(connection), *_revisions(connection, threshold()), *_coverage(connection)]
    found += _contradictions(connection, has_before=True)
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


# What a contradiction rests on.
_TOLD_IN = ("fct_superseded_flow", "dim_flow_slice", "fct_customs_flow")


def _contradictions(connection: duckdb.DuckDBPyConnection, has_before: bool) -> Iterator[Finding]:
    """Where files of one release say different things: told when the build before did not have it."""
    yield from _prints(connection, has_before)
    yield from _sums(connection, has_before)


def _prints(connection: duckdb.DuckDBPyConnection, has_before: bool) -> Iterator[Finding]:
    """Flows that files of one release print with different values, of which one speaks."""
    if not connection.execute(f"{_told_twice(DRAFT)} limit 1").fetchall():
        return
    if has_before and not all(_same_columns(connection, mart) for mart in _TOLD_IN):
        return
    known = f"except {_printed_twice('published')}" if has_before else ""
    rows = connection.execute(
        f"""
        with found as ({_printed_twice(DRAFT)} {known}),
        files as (
            select snapshot_id, min(path) as path from {DRAFT}.meta.snapshots where status = 'loaded' group by all
        )
        select release_id, series, cast(value as varchar), one.path, raw_row,
            cast(other_value as varchar), other.path, other_row, count(*) over () as flows
        from found
        left join files as one on found.snapshot_id = one.snapshot_id
        left join files as other on found.other_snapshot_id = other.snapshot_id
        order by abs(cast(other_value as double) / nullif(cast(value as double), 0) - 1) desc nulls first,
            release_id, series, other.path, other_row
        limit {MOST}
        """
    ).fetchall()
    for release, series, value, path, line, other, other_path, other_line, _ in rows:
        said = (
            f"release {release} prints {series} as {value} ({path}, line {line}) and as {other} "
            f"({other_path}, line {other_line}); the first counts"
        )
        yield Finding("contradiction", str(series), None, str(value), said)
    yield from _rest(rows, "flows are printed with two values by files of one release")


def _sums(connection: duckdb.DuckDBPyConnection, has_before: bool) -> Iterator[Finding]:
    """Totals that are less than their parts. Within a file such rows are quarantined and these are of several;
    years and their months are compiled apart and no contradiction."""
    if has_before and not _same_columns(connection, "fct_reconciliation"):
        return
    known = f"except {_exceeded('published')}" if has_before else ""
    rows = connection.execute(
        f"""
        select release_id, series, sum_kind, cast(total_value as varchar), cast(parts_value as varchar),
            count(*) over () as sums
        from ({_exceeded(DRAFT)} {known})
        order by cast(parts_value as double) / nullif(cast(total_value as double), 0) desc nulls first,
            release_id, series, sum_kind
        limit {MOST}
        """
    ).fetchall()
    for release, series, kind, total, parts, _ in rows:
        said = f"release {release} prints {series} as {total} and its {_PARTS[kind]} as {parts} together"
        yield Finding("contradiction", str(series), None, str(total), said)
    yield from _rest(rows, "totals are less than their parts in other files of their release")


_PARTS = {
    "partners_of_world": "partners",
    "subheadings_of_heading": "sub-headings",
    "places_of_flow": "places",
}


def _exceeded(database: str) -> str:
    """By as much as `assert_parts_do_not_exceed_their_total` does not allow within one file."""
    return f"""(
        select release_id, concat_ws(' ', source_id, reporter_iso3, partner_iso3, flow, hs_code, period_end_date,
                currency) as series,
            sum_kind, parts_digits, raw_column, total_value, parts_value
        from {database}.marts.fct_reconciliation
        where reconciliation_status = 'exceeds' and hs_code is not null and sum_kind <> 'months_of_year'
            and 1000 * (parts_value - total_value) > total_value
    )"""


def _rest(rows: list[tuple[object, ...]], said: str) -> Iterator[Finding]:
    """How many there are beside those listed; each row ends in the number of all."""
    more = int(str(rows[0][-1])) - len(rows) if rows else 0
    if more:
        yield Finding("contradiction", "more", None, str(more), f"{more} more {said}")


def _told_twice(database: str) -> str:
    """Rows that do not speak, for another file of their own release holds the flow too."""
    return (
        f"select row.slice_id, row.raw_row from {database}.marts.fct_superseded_flow as row "
        f"inner join {database}.marts.dim_flow_slice as slices on row.slice_id = slices.slice_id "
        "and row.superseded_by_release_id = slices.release_id"
    )


def _printed_twice(database: str) -> str:
    """Such rows beside the one that speaks, where the values differ. A flow in another edition of the
    nomenclature or at another valuation is another figure; where a file does not say which, it is the same."""
    slice_key = "source_id, release_id, reporter_iso3, flow, period_grain, period_end_date, currency"
    return f"""(
        with told as ({_told_twice(database)}),
        shared as (
            select {slice_key} from {database}.marts.dim_flow_slice
            where slice_id in (select slice_id from told)
            group by all
        ),
        printed as (
            select slices.*, flows.raw_row, flows.partner_iso3, flows.hs_code, flows.value,
                told.raw_row is null as speaks
            from {database}.marts.dim_flow_slice as slices
            inner join shared using ({slice_key})
            inner join {database}.marts.fct_customs_flow as flows on slices.slice_id = flows.slice_id
            left join told on flows.slice_id = told.slice_id and flows.raw_row = told.raw_row
        )
        select one.release_id, concat_ws(' ', one.source_id, one.reporter_iso3, one.partner_iso3, one.flow,
                one.hs_code, one.period_end_date, one.currency) as series,
            one.value, one.snapshot_id, one.raw_row,
            other.value as other_value, other.snapshot_id as other_snapshot_id, other.raw_row as other_row
        from printed as one
        inner join printed as other using ({slice_key}, partner_iso3, hs_code)
        where one.speaks and not other.speaks and one.value <> other.value
            and coalesce(one.hs_edition = other.hs_edition, true)
            and coalesce(one.valuation = other.valuation, true)
    )"""


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
