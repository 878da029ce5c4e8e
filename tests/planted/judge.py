"""Adds and lands a case as a user would, and says whether its error was found, and by what."""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from orchestration.cli.add import look
from orchestration.errors import LedgerError
from orchestration.sources import LAYOUTS
from orchestration.sources.layout import FLOW_COLUMNS, CustomsLayout, FileRefused
from orchestration.sources.recognise import recognise
from orchestration.sources.release import SAFE_NAME, Holdings, RawFile, Release, scan
from orchestration.warehouse import customs, flows, landing, snapshots
from orchestration.warehouse.ledger import open_ledger
from orchestration.warehouse.settings import PROJECT_ROOT, Settings

from .case import CLEAN, KINDS, MAY_BE_HARMLESS, MUST_NOT_COUNT, Case

# When the files were released, unless their name or content says so.
RELEASED = dt.date(2025, 8, 15)
_DATED = re.compile(r"^20\d\d-\d\d-\d\d_|_V20\d{4}|\[20")
# Notes that a file without any error may have: they say what is not in it, not that something is wrong.
INFORMATIVE = re.compile(
    r"the day of the release is not known|figures are those of all (partners|countries|goods)|amounts in |"
    r"shown as fob|not yet published|rows by statistical procedure are added up|above the header|"
    r"set aside, they repeat|the day of publication is not known"
)


@dataclass
class Outcome:
    """What became of a file: the way (refused, held back, quarantined, loaded) and all that was said."""

    way: str
    said: str = ""
    notes: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    figures: Counter[tuple[object, ...]] = field(default_factory=Counter)
    read: int = 0
    loaded: int = 0


@dataclass(frozen=True)
class Verdict:
    """`is_right`: the error was found, or the clean file landed completely."""

    case: Case
    is_right: bool
    by: str
    said: str


class Court:
    """A temporary ledger with the reference tables, and a folder for the files."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self.connection = connection
        self.folder = folder
        self.count = 0
        self.clean: dict[str, Outcome] = {}

    def judge(self, case: Case) -> Verdict:
        """The verdict on one case; clean files come before those with errors."""
        outcome = self._try(case)
        if case.error == CLEAN:
            self.clean[case.layout_id + case.what] = outcome
            return _acquit(case, outcome)
        return _convict(case, outcome, self._clean_of(case))

    def _clean_of(self, case: Case) -> Outcome:
        fitting = [key for key in self.clean if (case.layout_id + case.what).startswith(key)]
        return self.clean[max(fitting, key=len)]

    def _try(self, case: Case) -> Outcome:
        self.count += 1
        place = self.folder / str(self.count)
        place.mkdir()
        path = place / case.name
        if case.is_link:
            (place / "elsewhere").write_bytes(case.content)
            path.symlink_to(place / "elsewhere")
        else:
            path.write_bytes(case.content)
        try:
            return self._add(case, path)
        except Exception as error:
            return Outcome("crashed", f"{type(error).__name__}: {str(error)[:200]}")

    def _add(self, case: Case, path: Path) -> Outcome:
        """`chipledger add`, then landing; a file that `add` refuses may still be dropped by hand."""
        try:
            found = look(path, None, None if _DATED.search(path.name) else RELEASED)
        except LedgerError as error:
            refusal = Outcome("refused", str(error))
            if path.is_symlink() or not SAFE_NAME.fullmatch(path.name):
                return refusal
            try:
                layout = recognise(path)
            except FileRefused:
                return refusal
            dropped = self._land(path, layout, RELEASED)
            return refusal if dropped.way == "held back" else dropped
        if found.layout.layout_id != case.layout_id:
            return Outcome("misread", f"taken for {found.layout.layout_id}")
        notes = [line.removeprefix("note: ") for line in found.lines if line.startswith("note: ")]
        outcome = self._land(path, found.layout, found.released_at)
        outcome.notes = notes
        return outcome

    def _land(self, path: Path, layout: CustomsLayout, day: dt.date) -> Outcome:
        release = Release(
            "planted", layout.source_id, "customs", day, "printed", "planted", "planted", "", "", "", day, ""
        )
        place = f"{self.count}/{path.name}"
        holdings = Holdings((RawFile(path, place, release, layout, None),), ())
        report = customs.land_layout(self.connection, layout, holdings)
        (item,) = report.landed
        if item.status != "loaded":
            return Outcome(item.status.replace("_", " "), item.reason)
        outcome = Outcome("loaded", read=item.rows_read, loaded=item.rows_loaded)
        is_flows = layout.columns is FLOW_COLUMNS
        outcome.kinds = self._kinds(is_flows, item.snapshot_id)
        outcome.figures = self._figures(is_flows, item.snapshot_id)
        if item.rows_quarantined:
            broken = self.connection.execute(
                "select reason_code, raw_row, column_name, value, expected from raw.quarantine "
                "where snapshot_id = ? order by raw_row limit 1", [item.snapshot_id],
            ).fetchall()[0]  # fmt: skip
            outcome.way = "quarantined"
            outcome.said = (
                f"{broken[0]}: line {broken[1]}, column {broken[2]}: {broken[3]!r}, expected {broken[4]}"
            )
        return outcome

    def _kinds(self, is_flows: bool, snapshot: str) -> Counter[str]:
        table = flows.ASIDE if is_flows else f"raw.{snapshots.CELLS}"
        rows = self.connection.execute(
            f"select row_kind, count(*) from {table} where snapshot_id = ? group by all", [snapshot]
        ).fetchall()
        return Counter({str(kind): int(count) for kind, count in rows})

    def _figures(self, is_flows: bool, snapshot: str) -> Counter[tuple[object, ...]]:
        """What counts later: flows with their keys, or printed figures."""
        if is_flows:
            names = (
                "reporter_iso3, partner_iso3, flow, hs_code, period_grain, period_start_date, "
                "period_end_date, value, currency, quantity, quantity_unit, net_weight_kg"
            )
            source = f"{flows.FACT} join {flows.SLICES} using (slice_id) where snapshot_id = ?"
        else:
            names = (
                "source_label, flow, period_type, year, last_month, measure, basis, "
                "printed::decimal(38, 10) * scale, unit"
            )
            source = f"raw.{snapshots.CELLS} where snapshot_id = ? and row_kind = 'figure'"
        return Counter(self.connection.execute(f"select {names} from {source}", [snapshot]).fetchall())


def _acquit(case: Case, outcome: Outcome) -> Verdict:
    alarms = [note for note in outcome.notes if not INFORMATIVE.search(note)]
    if outcome.way != "loaded":
        return Verdict(case, False, outcome.way, outcome.said)
    if alarms:
        return Verdict(case, False, "noted", alarms[0])
    if outcome.loaded != case.records:
        return Verdict(case, False, "lost", f"{outcome.loaded} records landed, not {case.records}")
    return Verdict(case, True, "loaded", f"{outcome.loaded} of {outcome.read} records are flows or figures")


def _convict(case: Case, outcome: Outcome, clean: Outcome) -> Verdict:
    names_it = re.compile(KINDS[case.error])
    if outcome.way in ("refused", "held back", "quarantined"):
        return Verdict(case, bool(names_it.search(outcome.said)), outcome.way, outcome.said)
    if outcome.way != "loaded":
        return Verdict(case, False, outcome.way, outcome.said)
    extra = next(iter(outcome.figures - clean.figures), ())
    if extra and case.error in MUST_NOT_COUNT:
        return Verdict(case, False, "NOT", f"would count: {', '.join(map(str, extra))}")
    if noted := [note for note in outcome.notes if note not in clean.notes and names_it.search(note)]:
        return Verdict(case, True, "noted", noted[0])
    if outcome.figures == clean.figures:
        aside = outcome.kinds - clean.kinds
        if aside and names_it.search(" ".join(aside)):
            said = ", ".join(f"{count} rows as {kind}" for kind, count in aside.items())
            return Verdict(case, True, "set aside", said)
        if case.error in MAY_BE_HARMLESS:
            return Verdict(case, True, "harmless", "every figure is that of the clean file")
        return Verdict(case, False, "unseen", "same figures, and nothing is said")
    wrong = extra or next(iter(clean.figures - outcome.figures))
    return Verdict(case, False, "NOT", f"would count: {', '.join(map(str, wrong))}")


@contextmanager
def court(reference: Path = PROJECT_ROOT / "raw" / "reference") -> Iterator[Court]:
    """A ledger of its own with the reference tables; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        place = Path(folder)
        (place / "raw").mkdir()
        (place / "raw" / "reference").symlink_to(reference)
        with open_ledger(Settings(place / "raw", place / "home")) as connection:
            holdings = scan(place / "raw")
            snapshots.prepare_raw(connection, holdings)
            for layout in LAYOUTS:
                if layout.raw_table in ("economy", "economy_code", "comtrade_code_alias"):
                    assert not landing.land_dataset(connection, layout, holdings).held_back
            (place / "files").mkdir()
            yield Court(connection, place / "files")
