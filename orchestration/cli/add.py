"""`chipledger add`: recognises customs files, says what is in them, stores them as a release, or refuses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.cli import show
from orchestration.errors import EXIT_BUILD_FAILED, EXIT_OK, EXIT_USAGE, LedgerError
from orchestration.fetch.question import Fetched, Source
from orchestration.fetch.store import store
from orchestration.sources import CUSTOMS
from orchestration.sources.asked import Asked, WrongQuestion
from orchestration.sources.layout import FLOW_COLUMNS, AskingLayout, CustomsLayout, FileRefused, Reading
from orchestration.sources.recognise import recognise
from orchestration.sources.release import SAFE_NAME
from orchestration.warehouse import customs, customs_checks, questions, snapshots
from orchestration.warehouse.settings import Settings

ROWS = "incoming"


@dataclass(frozen=True)
class Found:
    """What reading one file told: its layout, release date, and a few lines for people."""

    layout: CustomsLayout
    released_at: dt.date
    basis: str
    lines: tuple[str, ...]
    records: int


def run(
    files: Sequence[Path],
    source: str | None,
    released: str | None,
    flow: str | None = None,
    unit: str | None = None,
    asked: str | None = None,
) -> int:
    """Adds each file by itself; exit 1 when one of them is refused, each with its reason."""
    settings = Settings.from_environment()
    if not settings.raw_root.is_dir():
        raise LedgerError(
            f"there is no folder {settings.raw_root}; set CHIPLEDGER_RAW to the folder of releases",
            EXIT_USAGE,
        )
    day = _day(released)
    said = {key: text for key, text in (("flow", flow), ("unit", unit)) if text is not None}
    _check_said(said)
    question = _question(asked)
    refused = 0
    for path in files:
        try:
            found = look(path, source, day, said, settings.raw_root, question)
            _say(path, found)
            _keep(settings.raw_root, path, found, said, question)
        except LedgerError as error:
            refused += 1
            text = str(error)
            show.fail(text if text.startswith(path.name) else f"{path.name}: {text}")
    if refused < len(files):
        show.console.print("`chipledger refresh` brings it into the warehouse")
    return EXIT_BUILD_FAILED if refused else EXIT_OK


def look(
    path: Path,
    source: str | None,
    released: dt.date | None,
    said: Mapping[str, str] | None = None,
    raw_root: Path | None = None,
    asked: Asked | None = None,
) -> Found:
    """Reads the file as a refresh would and tells what is in it. Raises FileRefused.

    said: what a person says of it (flow, unit), where its layout asks for that; asked: what it answers.

    With `raw_root`, it is judged by the rules of every customs file too, under the codes held there.
    """
    if not SAFE_NAME.fullmatch(path.name):
        raise FileRefused(f"{path.name!r} is no name for a release's file; rename it")
    if path.is_symlink():
        raise FileRefused(f"{path.name} is a link; give the file itself")
    layout = _layout(path, source)
    with duckdb.connect() as connection:
        reading = _read(layout, connection, path, said or {})
        is_flows = layout.columns is FLOW_COLUMNS
        if asked and not is_flows:
            raise FileRefused(f"{path.name}: --asked is only for files of flows; leave it out")
        lines = _flows(connection) if is_flows else _cells(connection)
        last = _last_begin(connection, is_flows)
        problems = connection.execute(
            f"select problem, count(distinct raw_row) from {ROWS} where problem is not null "
            "group by problem order by all"
        ).fetchall()
        (bad,) = connection.execute(
            f"select count(distinct raw_row) from {ROWS} where problem is not null"
        ).fetchall()[0]
        if reading.records and bad + len(reading.malformed) >= reading.records:
            raise FileRefused(_none_usable(connection, is_flows, path, reading))
        day, basis = _released(layout, path, reading, released)
        judged = _judge(connection, layout, reading, day, raw_root, asked) if raw_root else []
    if last is not None and last > day:
        raise FileRefused(
            f"{path.name}: it has figures of a period that begins on {last}, after its release on {day}; "
            "give the day of the release with --released YYYY-MM-DD"
        )
    notes = [f"note: {note}" for note in reading.notes]
    if raw_root is None:
        notes += [f"to be quarantined: {count} {problem}" for problem, count in problems]
        notes += [f"to be quarantined: {len(reading.malformed)} malformed lines"] * bool(reading.malformed)
    notes += judged
    if not reading.records:
        raise FileRefused("; ".join(["it holds no records", *reading.notes]))
    return Found(layout, day, basis, (*lines, *notes), reading.records)


def _none_usable(connection: duckdb.DuckDBPyConnection, is_flows: bool, path: Path, reading: Reading) -> str:
    """The refusal of a file without a record to be used, by its first problem."""
    column = "problem_column" if is_flows else "raw_column"
    found = connection.execute(
        f"select raw_row, {column}, problem, problem_value, problem_expected from {ROWS} "
        "where problem is not null order by all limit 1"
    ).fetchall()
    found += [
        (line, None, "malformed_row", text, f"a record ({problem})")
        for line, problem, text in reading.malformed
    ]
    line, column, problem, value, expected = min(found, key=lambda item: int(item[0]))
    place = f"line {line}, column {column}" if column else f"line {line}"
    shown = "nothing" if value is None else repr(value[:200])
    return (
        f"{path.name}, {place}: {problem}: found {shown}, expected {expected}; none of its {reading.records} "
        "records can be used"
    )


# The lists that codes are looked up in, as they stand below raw/reference, and their tables.
_LISTS = {
    "economies.csv": "economy",
    "economy_codes.csv": "economy_code",
    "comtrade_code_aliases.csv": "comtrade_code_alias",
    "product_groups.csv": "product_group",
}


def _judge(
    connection: duckdb.DuckDBPyConnection,
    layout: CustomsLayout,
    reading: Reading,
    day: dt.date,
    raw_root: Path,
    asked: Asked | None,
) -> list[str]:
    """What a refresh would quarantine, with the values; and whether it would hold the file back."""
    lists = {table: raw_root / "reference" / name for name, table in _LISTS.items()}
    if not all(path.is_file() for path in lists.values()):
        return ["codes of economies are not looked up: raw/reference has no list of them"]
    connection.execute("create schema raw")
    for table, path in lists.items():
        connection.execute(
            f"create table raw.{table} as select * from read_csv(?, header = true, all_varchar = true)",
            [str(path)],
        )
    connection.execute(customs_checks.CODES)
    snapshots.create_broken(connection)
    customs_checks.collect(connection, layout, ROWS, "", day, reading)
    if asked and (beyond := questions.outside(connection, ROWS, asked, customs_checks.good(connection))):
        raise FileRefused(beyond.replace(" of its source.yml", "").replace("asked.", "--asked "))
    rows = connection.execute(
        f"""
        select reason_code, count(distinct raw_row), string_agg(distinct value, ', ' order by value),
               arg_min(struct_pack(line := raw_row, name := column_name, expected), (raw_row, column_name))
        from {snapshots.BROKEN} group by reason_code order by 1
        """
    ).fetchall()
    notes = [
        f"to be quarantined: {count} {reason}{f' ({shown[:100]})' if shown else ''}, expected "
        f"{first['expected']}; {'first in ' if count > 1 else ''}line {first['line']}"
        + (f", column {first['name']}" if first["name"] else "")
        for reason, count, shown, first in rows
    ]
    bad = sum(count for _, count, *_ in rows)
    share = customs.share_lost(connection, layout.columns is FLOW_COLUMNS, ROWS, reading.records, bad)
    if rows and share > customs_checks.TOLERANCE:
        notes.append(
            f"a refresh will hold the file back: {share:.1%} of a slice is lost, at most "
            f"{customs_checks.TOLERANCE:.1%} may be"
        )
    return notes


def _layout(path: Path, source: str | None) -> CustomsLayout:
    layout = recognise(path)
    known = sorted({item.source_id for item in CUSTOMS})
    if source is not None and source not in known:
        raise LedgerError(f"--source is {source!r}; expected one of {', '.join(known)}", EXIT_USAGE)
    if source is not None and layout.source_id != source:
        raise FileRefused(
            f"{path.name} is a file of {layout.source_id} ({layout.layout_id}), not of {source}"
        )
    return layout


def _question(text: str | None) -> Asked | None:
    try:
        return Asked.parse(text) if text is not None else None
    except WrongQuestion as error:
        raise LedgerError(f"--asked {text!r}: {error}", EXIT_USAGE) from error


def _check_said(said: Mapping[str, str]) -> None:
    for layout in CUSTOMS:
        if isinstance(layout, AskingLayout) and layout.asks in said and not layout.accepts(said[layout.asks]):
            raise LedgerError(
                f"--{layout.asks} is {said[layout.asks]!r}; expected {layout.expected}", EXIT_USAGE
            )


def _read(
    layout: CustomsLayout, connection: duckdb.DuckDBPyConnection, path: Path, said: Mapping[str, str]
) -> Reading:
    asking = layout if isinstance(layout, AskingLayout) else None
    for key in said:
        if asking is None or asking.asks != key:
            raise FileRefused(f"{path.name}: files of {layout.layout_id} say their {key}; leave --{key} out")
    if asking is None or not said:
        return layout.read(connection, path, ROWS)
    return asking.read_as(connection, path, ROWS, said[asking.asks])


def _released(
    layout: CustomsLayout, path: Path, reading: Reading, released: dt.date | None
) -> tuple[dt.date, str]:
    if released is not None:
        return released, "printed"
    if reading.released_at is not None:
        return reading.released_at, "file_name"
    raise FileRefused(
        f"{path.name} does not say when it was released; give the day with --released YYYY-MM-DD"
    )


def _day(text: str | None) -> dt.date | None:
    if text is None:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError as error:
        raise LedgerError(f"--released is {text!r}; expected a day such as 2025-01-14", EXIT_USAGE) from error
    if day > dt.date.today():
        raise LedgerError(f"--released is {day}, a day to come; expected the day of the release", EXIT_USAGE)
    return day


def _flows(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """Periods, reporters, flows, codes and partners of the flows, and what is set aside."""
    row = connection.execute(
        f"""
        select min(period_start_date), max(period_end_date), count(distinct reporter_code),
               count(distinct partner_code), count(distinct product_code),
               string_agg(distinct flow, ' ' order by flow),
               string_agg(distinct currency, ' ' order by currency)
        from {ROWS} where row_kind = 'flow' and problem is null
        """
    ).fetchall()[0]
    kinds = connection.execute(
        f"select row_kind, count(*) from {ROWS} where row_kind <> 'flow' group by row_kind order by all"
    ).fetchall()
    aside = ", ".join(f"{count} {kind}" for kind, count in kinds)
    found = (
        f"periods {row[0]} to {row[1]}, flows {row[5]}, {row[6]}",
        f"{row[2]} reporters, {row[3]} partners, {row[4]} product codes",
    )
    return (
        *(
            found
            if row[0] is not None
            else ("no record of it is a flow by itself: nothing of it is counted",)
        ),
        f"set aside, kept and never counted: {aside or 'nothing'}",
    )


def _cells(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    row = connection.execute(
        f"""
        select max(year), max(last_month), count(distinct source_label),
               string_agg(distinct basis, ' ' order by basis), string_agg(distinct flow, ' ')
        from {ROWS} where problem is null and print_kind = 'first'
        """
    ).fetchall()[0]
    if row[0] is None:
        return ("it prints no figure of its own period: nothing of it is counted as a first print",)
    return (f"{row[0]}-{row[1]:02d}, {row[2]} commodities, flow {row[4]}, {row[3]}",)


def _last_begin(connection: duckdb.DuckDBPyConnection, is_flows: bool) -> dt.date | None:
    """First day of the newest period that the file has a figure of: nothing is known before it begins."""
    sql = (
        f"select max(period_start_date) from {ROWS} where row_kind = 'flow' and problem is null"
        if is_flows
        else f"select max(make_date(year, last_month, 1)) from {ROWS} where problem is null"
    )
    found: dt.date | None = connection.execute(sql).fetchall()[0][0]
    return found


def _say(path: Path, found: Found) -> None:
    layout = found.layout
    show.console.print(f"{path.name}: {layout.title} ({layout.layout_id})", soft_wrap=True)
    show.console.print(
        f"  source {layout.source_id}, released {found.released_at}, {found.records} records", soft_wrap=True
    )
    for line in found.lines:
        show.console.print(f"  {line}", soft_wrap=True, markup=False)


def _keep(raw_root: Path, path: Path, found: Found, said: Mapping[str, str], asked: Asked | None) -> None:
    layout = found.layout
    source = Source(
        source_id=layout.source_id,
        dataset_id=layout.layout_id,
        producer=layout.title,
        title=layout.title,
        url="not recorded",
        licence="not stated",
        citation=layout.title,
    )
    kept = store(
        raw_root,
        source,
        found.released_at,
        [Fetched(path, found.released_at, "", said=said, asked=asked)],
        basis=found.basis,
        note="Added by hand with chipledger add; the file is as received.",
        joins=True,
    )
    for release in kept.held.values():
        show.console.print(f"  nothing new: its bytes are held as {layout.source_id}/{release}")
        for key, text in said.items():
            show.console.print(f"  --{key} {text} changes nothing there: `{key}` in its source.yml counts")
    for more in kept.unasked.values():
        show.console.print(
            f"  --asked changes nothing there: its source.yml asked for less ({more} is missing); write it "
            "there if that file answers it",
            soft_wrap=True,
            markup=False,
        )
    if kept.folder is not None:
        (name,) = kept.files
        show.console.print(
            f"  stored as customs/{layout.source_id}/{kept.folder.name}/{name}", soft_wrap=True, markup=False
        )
