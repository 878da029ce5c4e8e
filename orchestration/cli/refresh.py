"""`chipledger refresh`: runs the Dagster job in this process and says what it does while it works.

Whether there is anything to do is decided before Dagster is imported, so that a refresh without
news takes a second.
"""

from __future__ import annotations

import datetime as dt
import os
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from rich.live import Live
from rich.table import Table
from rich.text import Text

from orchestration.cli import show
from orchestration.errors import EXIT_BUILD_FAILED, EXIT_HELD_BACK, EXIT_OK, EXIT_USAGE, LedgerError
from orchestration.scope import EVERYTHING, Scope
from orchestration.warehouse import alerts, attempts, builds, digest, keep, logs, progress
from orchestration.warehouse.ledger import exclusive, first_row
from orchestration.warehouse.settings import Settings
from orchestration.warehouse.trouble import tell


def run(force: bool, source: str | None = None, since: str | None = None) -> int:
    """Refreshes and returns the exit code of INTERFACE: 0, 1 or 3."""
    settings = Settings.from_environment()
    if not settings.raw_root.is_dir():
        raise LedgerError(
            f"there is no folder {settings.raw_root}; set CHIPLEDGER_RAW to the folder of releases",
            EXIT_USAGE,
        )
    scope = Scope(source, _day(since))
    with _failures_told(settings), exclusive(settings):
        before = builds.current(settings)
        found = builds.parts(settings)
        if source and not any(scope.covers(name) for name in {**found, **(before.parts if before else {})}):
            raise LedgerError(f"raw/ holds nothing of {source!r}; `chipledger sources` lists what is held", 2)
        if why := attempts.why_everything(settings, scope, found, before):
            show.note(why)
            scope = EVERYTHING
        if before and not force and _same(scope, before.parts, found):
            show.console.print(f"Nothing changed since build {before.build_id}; it stays current.")
            return _stays(settings, before)
        back = keep.rolled_back(settings)
        if back and not force and back["fingerprint"] == builds.fingerprint_of(found):
            show.console.print(f"Nothing changed since current was set back to {back['build_id']}; it stays.")
            return _stays(settings, before) if before else EXIT_OK
        if stopped := attempts.unfinished(settings):
            show.note(f"the refresh of {stopped.began_at} did not end; what it left is put right now")
        return _build(settings, before.build_id if before else None, force, scope)


def _stays(settings: Settings, build: builds.BuildRecord) -> int:
    """What is told although nothing is built."""
    catch_up(settings)
    # Sources are late just when nothing came; and one that died behind the flip told nobody of its build.
    alerts.send_news(settings, digest.news(settings))
    return _held_back(list(build.held_back))


@contextmanager
def _failures_told(settings: Settings) -> Iterator[None]:
    """What ends a refresh outside of its job is told like what fails in it: a disk, a server, a fault of
    ours. Not told are wrong usage, and that another refresh is at work: that one tells of itself."""
    try:
        yield
    except Exception as error:
        trouble = tell(str(error), settings)
        is_usage = isinstance(error, LedgerError) and error.exit_code == EXIT_USAGE
        if not is_usage and not (trouble and trouble.kind == "locked"):
            said = trouble.sentence if trouble else str(error) or type(error).__name__
            _tell_failure(settings, [said], False)
        raise


def _tell_failure(settings: Settings, sentences: list[str], is_contract: bool) -> None:
    alerts.send(settings, alerts.of_failure(sentences, is_contract, logs.begin()))
    # Where it cannot be noted, it is told again.
    with suppress(OSError):
        attempts.mark_told(settings)


def _day(since: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(since) if since else None
    except ValueError as error:
        raise LedgerError(f"--since is {since!r}; expected a day such as 2025-01-14", EXIT_USAGE) from error


def _same(scope: Scope, before: Mapping[str, str], found: Mapping[str, str]) -> bool:
    if scope == EVERYTHING:
        return before == found
    return all(before.get(name) == found.get(name) for name in {*before, *found} if scope.covers(name))


def _build(settings: Settings, before: str | None, force: bool, scope: Scope) -> int:
    started = time.perf_counter()
    with _Board() as board, progress.heard_by(board):
        failures = _run_job(force, scope)
    if failures:
        for sentence in failures:
            trouble = tell(sentence, settings)
            show.fail(trouble.sentence if trouble else sentence)
        show.fail("nothing was published; the build before, if any, stays current")
        _tell_failure(settings, failures, not any(tell(said, settings) for said in failures))
        return EXIT_BUILD_FAILED
    return _report(settings, before, time.perf_counter() - started)


def catch_up(settings: Settings) -> None:
    """Brings PostgreSQL to the current build and says so."""
    if os.environ.get("CHIPLEDGER_POSTGRES_URL"):
        from orchestration.warehouse.publish import catch_up_postgres

        if build_id := catch_up_postgres(settings):
            show.console.print(f"PostgreSQL was brought to build {build_id}.")


def _run_job(force: bool, scope: Scope) -> list[str]:
    """Runs the job; returns what failed, one sentence each."""
    with progress.step("start", "dagster and dbt"):
        import dagster as dg

        from orchestration.definitions import PROCESS, defs, tags
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    persistent = os.environ.get("DAGSTER_HOME")
    instance = dg.DagsterInstance.get() if persistent else dg.DagsterInstance.ephemeral()
    with instance:
        result = defs.resolve_job_def("refresh").execute_in_process(
            run_config=quiet,
            instance=instance,
            raise_on_error=False,
            tags={**tags(force, scope), PROCESS: f"{socket.gethostname()}:{os.getpid()}"},
        )
        if result.success:
            return []
        return _failures(result)


def _failures(result: Any) -> list[str]:
    """Failed checks first, then what steps said; a step that only waited for a check is left out."""
    import dagster as dg

    sentences: list[str] = []
    for evaluation in result.get_asset_check_evaluations():
        if evaluation.passed or evaluation.severity != dg.AssetCheckSeverity.ERROR:
            continue
        broken = evaluation.metadata.get("broken_rules") or evaluation.metadata.get("unbalanced")
        if broken:
            sentences += [str(item) for item in _listed(broken)]
    for event in result.all_events:
        if event.event_type_value != "STEP_FAILURE":
            continue
        data = event.event_specific_data
        error = data.error
        while error is not None and error.cause is not None:
            error = error.cause
        if data.user_failure_data is not None:
            sentences.append(str(data.user_failure_data.description))
        elif error is not None and not (error.cls_name or "").startswith("DagsterAssetCheckFailed"):
            first = error.message.split(": ", 1)[-1].strip()
            sentences.append(f"{event.step_key}: {first}")
    return sentences or ["the refresh failed"]


def _listed(value: Any) -> list[Any]:
    held = getattr(value, "value", getattr(value, "data", value))
    return held if isinstance(held, list) else [held]


def _report(settings: Settings, before: str | None, seconds: float) -> int:
    import duckdb

    record = builds.current(settings)
    assert record is not None
    with duckdb.connect(str(settings.published_path.resolve()), read_only=True) as connection:
        changes = connection.execute(
            "select table_name, rows_total, rows_added, rows_removed from meta.changes "
            "where build_id = ? order by table_name",
            [record.build_id],
        ).fetchall()
        verdicts = connection.execute(
            "select verdict, count(*) from marts.fct_claim_verdict where is_intended "
            "group by verdict order by 2 desc, 1"
        ).fetchall()
        (quarantined,) = first_row(
            connection, "select count(distinct (snapshot_id, raw_row)) from meta.quarantine"
        ) or (0,)
        checks = first_row(connection, "select count(*) from meta.checks where is_passed")
        drafts = connection.execute(
            "select path, rows_set_aside from meta.snapshots "
            "where dataset_id = 'claims' and status = 'loaded' and rows_set_aside > 0 order by path"
        ).fetchall()
    show.console.print()
    show.table(("mart", "rows", "new", "gone"), changes)
    _say_releases(settings, before, record.build_id)
    if before:
        _say_findings(settings, record.build_id)
    said = ", ".join(f"{count} {verdict}" for verdict, count in verdicts)
    show.console.print(f"\nclaims: {said or 'none, no article is held'}")
    for path, waiting in drafts:
        show.console.print(f"drafts waiting for a person: {waiting} in {path}; none of them is in a mart")
    show.console.print(f"checks passed: {checks[0] if checks else 0}")
    if quarantined:
        show.console.print(
            f"rows in quarantine: {quarantined}; `chipledger sql 'from meta.quarantine'` shows them"
        )
    show.console.print(
        f"published {settings.current_link.name}/{settings.published_path.name} "
        f"as build {record.build_id} in {seconds:.1f} s"
    )
    return _held_back(list(record.held_back))


def _releases(settings: Settings, build_id: str | None) -> set[str]:
    """Releases that a build holds; none for a build that is not there (any more)."""
    import duckdb

    path = settings.builds_dir / str(build_id) / settings.published_path.name
    if build_id is None or not path.is_file():
        return set()
    with duckdb.connect(str(path), read_only=True) as connection:
        return {str(row[0]) for row in connection.execute("select release_id from meta.releases").fetchall()}


def _say_releases(settings: Settings, before: str | None, after: str) -> None:
    """Names the releases that came and went since the build before."""
    old, new = _releases(settings, before), _releases(settings, after)
    if not old:
        return
    for word, names in (("new", sorted(new - old)), ("gone", sorted(old - new))):
        if names:
            more = f" and {len(names) - 8} more" if len(names) > 8 else ""
            show.console.print(f"releases {word}: {', '.join(names[:8])}{more}")


# Lines of the digest that are printed; meta.digest has all.
_LINES = 12


def _say_findings(settings: Settings, build_id: str) -> None:
    """The digest, without what is told elsewhere: releases above, held-back files below."""
    import duckdb

    with duckdb.connect(str(settings.published_path.resolve()), read_only=True) as connection:
        rows = connection.execute(
            "select message from meta.digest where build_id = ? "
            "and kind in ('verdict', 'revision', 'coverage', 'contradiction') "
            "order by kind desc, abs(change_pct) desc nulls last, message",
            [build_id],
        ).fetchall()
    for (message,) in rows[:_LINES]:
        show.console.print(str(message), soft_wrap=True)
    if len(rows) > _LINES:
        show.console.print(f"and {len(rows) - _LINES} more in meta.digest")


def _held_back(reasons: list[str]) -> int:
    for reason in reasons:
        show.warn(reason)
    return EXIT_HELD_BACK if reasons else EXIT_OK


class _Board:
    """Shows what is being done: one line per stage in a terminal, one line per step elsewhere."""

    def __init__(self) -> None:
        self._stages: dict[str, list[float]] = {}
        self._now = ""
        self._live = (
            Live(self._view(), console=show.console, refresh_per_second=8, transient=False)
            if show.console.is_terminal
            else None
        )

    def __enter__(self) -> _Board:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._now = ""
        if self._live:
            self._live.update(self._view())
            self._live.stop()

    def started(self, step: progress.Step) -> None:
        self._now = f"{step.stage} {step.name}"
        if self._live:
            self._live.update(self._view())

    def finished(self, step: progress.Step) -> None:
        totals = self._stages.setdefault(step.stage, [0, 0, 0.0])
        totals[0] += 1
        totals[1] += step.rows or 0
        totals[2] += step.seconds
        self._now = f"{step.stage} {step.name}"
        if self._live:
            self._live.update(self._view())
        elif step.stage != "tests":
            rows = "" if step.rows is None else f"{step.rows:,} rows"
            show.console.print(f"{step.stage:<12} {step.name:<36} {rows:>14} {step.seconds:8.2f} s")

    def _view(self) -> Table:
        view = Table(box=None, pad_edge=False)
        for name, side in (("stage", "left"), ("done", "right"), ("rows", "right"), ("s", "right")):
            view.add_column(name, justify="right" if side == "right" else "left")
        view.add_column("now", overflow="ellipsis", no_wrap=True)
        for stage, (count, rows, seconds) in self._stages.items():
            view.add_row(stage, f"{count:.0f}", f"{rows:,.0f}" if rows else "·", f"{seconds:.1f}", "")
        view.add_row(Text("…", style="dim"), "", "", "", Text(self._now, style="dim"))
        return view
