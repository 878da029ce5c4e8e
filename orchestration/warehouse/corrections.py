"""Corrections at work: the entries of `raw/corrections.yml` on the rows of a file that was just read.

The landings call `apply` when a layout has read a file and before contracts judge it, so that corrected
rows are judged too. An entry whose row no longer shows what the entry expects stops the refresh. Entries
belong to bytes: a file that is held twice is corrected once. Reading the list is
`orchestration.sources.corrections`'; its columns are those of the raw table of the layout.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NoReturn

import duckdb

from orchestration.errors import LedgerError
from orchestration.sources import CUSTOMS
from orchestration.sources import corrections as listed
from orchestration.sources._text import Rule, fault
from orchestration.sources.corrections import NAME, Correction
from orchestration.sources.release import Holdings
from orchestration.warehouse.files import sha256_of, sha256_in
from orchestration.warehouse.ledger import first_row

CODE_LISTS = ("economies", "economy_codes", "comtrade_code_aliases", "product_groups")
# Kind of a customs record that a correction took out: kept in the raw table, set aside, never a flow.
DROPPED = "dropped"
# Rows that the entry at work is about: place (rowid), raw_row, raw_column, found, problem_value, new_value.
_CHOSEN = "correction_chosen"
# Columns that say where a row is from or what the layout made of it: no entry changes them.
_FIXED = (
    *("snapshot_id", "raw_row", "raw_column", "row_kind"),
    *("problem", "problem_column", "problem_value", "problem_expected"),
)

# Columns of a broken rule, and their parts of `fault`.
_FAULT = {
    "problem": "judged.fault.reason",
    "problem_column": "judged.fault.place",
    "problem_value": "judged.fault.value",
    "problem_expected": "judged.fault.expected",
}

# What a corrected record of a customs layout must fulfil: the layout judged it before it was corrected.
_FLOW_RULES = (
    Rule("row_kind = 'flow' and value is null", "missing_value", "value", "value", "a value"),
    *(
        Rule(f"{name} < 0", "negative", name, name, "0 or more")
        for name in ("value", "quantity", "quantity_2", "net_weight_kg")
    ),
    Rule(
        "row_kind = 'flow' and coalesce(flow not in ('X', 'M', 'RX', 'RM'), true)",
        "unknown_code", "flow", "flow", "X, M, RX or RM",
    ),
    Rule(
        "row_kind = 'flow' and not coalesce(regexp_full_match(product_code, '[0-9]{2,12}|TOTAL'), false)",
        "bad_format", "product_code", "product_code", "2 to 12 digits, or TOTAL",
    ),
    Rule(
        "row_kind = 'flow' and (reporter_code is null or partner_code is null)",
        "missing_value", "partner_code", "partner_code", "codes of reporter and partner",
    ),
    Rule(
        "row_kind = 'flow' and not coalesce(case period_grain "
        "when 'M' then day(period_start_date) = 1 and period_end_date = last_day(period_start_date) "
        "when 'A' then month(period_start_date) = 1 and day(period_start_date) = 1 "
        "and year(period_end_date) = year(period_start_date) and period_end_date > period_start_date "
        "when 'JF' then period_end_date > period_start_date when 'YTD' then period_end_date > "
        "period_start_date end, false)",
        "bad_period", "period_start_date", "period_start_date", "first and last day of the period",
    ),
    Rule(
        "row_kind = 'flow' and coalesce(currency not in ('USD', 'CNY', 'EUR', 'JPY', 'KRW', 'TWD'), true)",
        "unknown_code", "currency", "currency", "USD, CNY, EUR, JPY, KRW or TWD",
    ),
)  # fmt: skip
_CELL_RULES = (
    Rule(
        "not coalesce(regexp_full_match(printed, '-?[0-9]+([.][0-9]+)?'), false)",
        "not_a_number", "printed", "printed", "a plain number",
    ),
    Rule("coalesce(year not between 1980 and 2100, true)", "bad_period", "year", "year", "a year"),
    Rule(
        "coalesce(last_month not between 1 and 12, true)",
        "bad_period", "last_month", "last_month", "a month from 1 to 12",
    ),
    Rule("coalesce(flow not in ('X', 'M'), true)", "unknown_code", "flow", "flow", "X or M"),
    Rule(
        "coalesce(measure not in ('level', 'growth_yoy_pct'), true)",
        "unknown_code", "measure", "measure", "level or growth_yoy_pct",
    ),
    Rule(
        "coalesce(basis not in ('usd', 'cny', 'quantity'), true)",
        "unknown_code", "basis", "basis", "usd, cny or quantity",
    ),
    Rule("coalesce(scale <= 0, true)", "not_positive", "scale", "scale", "more than 0"),
)  # fmt: skip


def prepare(connection: duckdb.DuckDBPyConnection, raw_root: Path, holdings: Holdings) -> None:
    """Reads the list into raw.correction_rule, and has the files read again of which something else is
    said than when they were read: other corrections, or another flow or question in their source.yml.

    To be called when the raw tables are ready and before any file lands. Raises LedgerError.
    """
    held = {file.relative_path: file.path for file in holdings.files}
    refused = tuple(f"{refusal.relative_path}/" for refusal in holdings.refusals)
    said: dict[str, list[str]] = {}
    rules: list[list[object]] = []
    for item in listed.read(raw_root):
        path = held.get(item.path) or raw_root / item.path
        if item.path not in held and not (item.path.startswith(refused) and path.is_file()):
            raise LedgerError(
                f"raw/{NAME}, entry {item.correction_id}, field file: found {item.path!r}; expected the path "
                "of a data file below raw/: put the file back, correct the path or remove the entry"
            )
        text = json.dumps(asdict(item), default=str, sort_keys=True)
        snapshot = sha256_of(path)
        said.setdefault(snapshot, []).append(text)
        rules.append([len(rules), item.correction_id, item.path, snapshot, text])
    for file in holdings.files:
        if file.said:
            said.setdefault(sha256_of(file.path), []).append(f"said {file.said}")
        if file.asked:
            said.setdefault(sha256_of(file.path), []).append(f"asked {file.asked.digest()}")
    _have_read_again(connection, {key: _digest(texts) for key, texts in said.items()})
    connection.execute("delete from raw.correction_rule")
    for values in rules:
        connection.execute("insert into raw.correction_rule values (?, ?, ?, ?, ?)", values)


def _digest(texts: list[str]) -> str:
    """Of what is said of a file, and of the code that does it."""
    own = Path(__file__).read_text(encoding="utf-8")
    return hashlib.sha256("\0".join([own, *texts]).encode()).hexdigest()


def _have_read_again(connection: duckdb.DuckDBPyConnection, said: dict[str, str]) -> None:
    """A snapshot without its layout's hash counts as landed under other rules: it is read again."""
    before = dict(connection.execute("select snapshot_id, said from raw.snapshot_said").fetchall())
    changed = [key for key in sorted(before.keys() | said.keys()) if before.get(key) != said.get(key)]
    # What is said of bytes holds for all snapshots of them.
    for snapshot in changed:
        connection.execute(
            "update raw.snapshot set layout_hash = '' where split_part(snapshot_id, '@', 1) = ?", [snapshot]
        )
    # Customs files map economies by the code lists as they land: a corrected list is another list.
    connection.execute(
        "update raw.snapshot set layout_hash = '' where list_contains(?, layout_id) and exists ("
        "select 1 from raw.snapshot where list_contains(?, layout_id) and list_contains(?, snapshot_id))",
        [[layout.layout_id for layout in CUSTOMS], list(CODE_LISTS), changed],
    )
    connection.execute("delete from raw.snapshot_said")
    for snapshot, digest in said.items():
        connection.execute("insert into raw.snapshot_said values (?, ?)", [snapshot, digest])


def apply(connection: duckdb.DuckDBPyConnection, table: str, *snapshots: str) -> None:
    """Corrects the rows that `table` holds of the snapshots, in the order of the list.

    table: as a layout filled it; where it has no column snapshot_id, all of it is the one snapshot's.
    Every value that is changed, dropped or flagged is noted in raw.correction. Raises LedgerError.
    """
    for snapshot in snapshots:
        connection.execute("delete from raw.correction where snapshot_id = ?", [snapshot])
        found = connection.execute(
            "select definition from raw.correction_rule where snapshot_id = ? order by position",
            [sha256_in(snapshot)],
        ).fetchall()
        if not found:
            continue
        work = _Work(connection, table, snapshot)
        if work.is_empty:
            # Refused as a whole: its corrections wait.
            continue
        for (definition,) in found:
            work.correct(Correction(**json.loads(definition)))
        work.judge()


def dropped(connection: duckdb.DuckDBPyConnection, snapshot: str) -> int:
    """Rows of a snapshot that corrections took out."""
    row = first_row(
        connection,
        "select count(distinct raw_row) from raw.correction where snapshot_id = ? and action = 'drop'",
        [snapshot],
    )
    return int(row[0]) if row else 0


def settle(connection: duckdb.DuckDBPyConnection) -> None:
    """Forgets what was done to files that are not loaded; to be called when all files have landed."""
    connection.execute(
        "delete from raw.correction where snapshot_id not in "
        "(select snapshot_id from raw.snapshot where status = 'loaded')"
    )
    lost = first_row(
        connection,
        "select rule.correction_id, rule.path from raw.correction_rule as rule "
        "join raw.snapshot as held on split_part(held.snapshot_id, '@', 1) = rule.snapshot_id "
        "where held.status = 'loaded' and not exists (select 1 from raw.correction as done "
        "where done.snapshot_id = held.snapshot_id and done.correction_id = rule.correction_id) "
        "order by position limit 1",
    )
    if lost:
        raise LedgerError(
            f"raw/{NAME}, entry {lost[0]}: {lost[1]} was loaded without this correction; nothing was published"
        )


class _Work:
    """The rows of one snapshot while its corrections are applied."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, table: str, snapshot: str) -> None:
        self.connection = connection
        self.table = table
        self.snapshot = snapshot
        self._store_all()
        described = connection.execute(f"describe {table}").fetchall()
        self.types = {str(row[0]): str(row[1]) for row in described}
        self.own = f"snapshot_id = '{snapshot}'" if "snapshot_id" in self.types else "true"

    @property
    def is_empty(self) -> bool:
        return first_row(self.connection, f"select 1 from {self.table} where {self.own} limit 1") is None

    @property
    def is_customs(self) -> bool:
        return "row_kind" in self.types

    def _store_all(self) -> None:
        """Columns that a layout computes when they are read are stored, so that they can be corrected."""
        views = self.connection.execute(
            "select view_name from duckdb_views() where temporary and view_name = ?", [self.table]
        ).fetchall()
        if views:
            self.connection.execute(f"create temp table correction_stored as from {self.table}")
            self.connection.execute(f"drop view {self.table}")
            self.connection.execute(f"alter table correction_stored rename to {self.table}")

    def correct(self, item: Correction) -> None:
        self._choose(item)
        self._check_rows(item)
        self._check_expected(item)
        if item.action in ("override", "scale"):
            self._check_untouched(item)
            self._compute(item)
            self._write(item)
        elif item.action == "drop":
            self._drop()
        self._note(item)

    def _choose(self, item: Correction) -> None:
        """The temp table of the rows that the entry is about."""
        columns = [name for name in self.types if name not in _FIXED]
        for name in (item.column, *item.where):
            if name not in columns and not (name == "row_kind" and name in item.where and self.is_customs):
                self._refuse(item, f"has no column {name!r}; expected one of {', '.join(columns)}")
        if item.raw_column is not None and "raw_column" not in self.types:
            self._refuse(item, "has one row per line; expected no raw_column")
        conditions = [self.own]
        values: list[str | None] = []
        for name, value in (("raw_row", item.raw_row), ("raw_column", item.raw_column)):
            if value is not None:
                conditions.append(f"{name} = ?")
                values.append(str(value))
        for name, text in item.where.items():
            conditions.append(_shows(f'"{name}"', self.types[name]))
            values += [text, text]
        extra = {
            name: name if name in self.types else "null::varchar" for name in ("raw_column", "problem_value")
        }
        self.connection.execute(
            f"create or replace temp table {_CHOSEN} as select rowid as place, raw_row, "
            f'{extra["raw_column"]} as raw_column, "{item.column}" as found, '
            f"{extra['problem_value']} as problem_value, null::varchar as new_value "
            f"from {self.table} where {' and '.join(conditions)}",
            values,
        )

    def _check_rows(self, item: Correction) -> None:
        found = first_row(self.connection, f"select count(*) from {_CHOSEN}")
        rows = int(found[0]) if found else 0
        if rows == item.rows:
            return
        place = f"line {item.raw_row}" if item.raw_row is not None else "the selector"
        if rows == 0:
            self._refuse(item, f"{place} fits no row that could be read; expected {item.rows}")
        more = "; add raw_column to choose one of them" if item.raw_row is not None and not item.where else ""
        self._refuse(item, f"{place} fits {rows:,} rows; expected {item.rows:,}{more}")

    def _check_expected(self, item: Correction) -> None:
        """Stops where the source no longer shows what the entry expects."""
        if item.is_total:
            total = first_row(
                self.connection, f"select sum(try_cast(found as decimal(38, 10))) from {_CHOSEN}"
            )
            found = None if total is None else total[0]
            if found is None or Decimal(found) != Decimal(item.expected or 0):
                self._changed(item, f"column {item.column} sums up to {_plain(found)}")
            return
        kind = self.types[item.column]
        row = first_row(
            self.connection,
            f"select raw_row, coalesce(cast(found as varchar), problem_value) from {_CHOSEN} "
            f"where not coalesce({_shows('found', kind)}, false) "
            "and not coalesce(found is null and problem_value = ?, false) order by raw_row limit 1",
            [item.expected] * 3,
        )
        if row:
            shown = "nothing" if row[1] is None else repr(row[1])
            self._changed(item, f"line {row[0]}, column {item.column} shows {shown}")

    def _changed(self, item: Correction, said: str) -> NoReturn:
        expected = "nothing" if item.expected is None else repr(item.expected)
        self._refuse(
            item,
            f"{said}, expected {expected}: the source has changed; look at it, then change or remove the entry",
        )

    def _check_untouched(self, item: Correction) -> None:
        row = first_row(
            self.connection,
            f"select done.correction_id, done.raw_row from raw.correction as done join {_CHOSEN} as now "
            "on done.raw_row = now.raw_row and done.raw_column is not distinct from now.raw_column "
            "where done.snapshot_id = ? and done.column_name = ? and done.action in ('override', 'scale') "
            "order by done.raw_row limit 1",
            [self.snapshot, item.column],
        )
        if row:
            self._refuse(
                item,
                f"line {row[1]}, column {item.column} is changed by the entry {row[0]} already; expected one "
                "correction of a value",
            )

    def _compute(self, item: Correction) -> None:
        kind = self.types[item.column]
        if item.action == "override":
            good = f"select {_shows(f'try_cast(? as {kind})', kind)}"
            row = first_row(self.connection, good, [item.value] * 4)
            if row is None or not row[0]:
                self._refuse(item, f"column {item.column} cannot hold {item.value!r}; expected a {kind}")
            self.connection.execute(f"update {_CHOSEN} set new_value = ?", [item.value])
        elif kind.startswith("DECIMAL"):
            self._scale_numbers(item, kind)
        elif kind == "VARCHAR":
            self._scale_texts(item)
        else:
            self._refuse(item, f"column {item.column} is a {kind}; expected one with numbers to scale")

    def _scale_numbers(self, item: Correction, kind: str) -> None:
        product = "cast(found as decimal(24, 4)) * cast(? as decimal(14, 5))"
        row = first_row(
            self.connection,
            f"select raw_row, cast(found as varchar) from {_CHOSEN} where found is not null "
            f"and coalesce(try_cast({product} as {kind}) <> {product}, true) order by raw_row limit 1",
            [item.factor, item.factor],
        )
        if row:
            self._refuse(
                item,
                f"line {row[0]}: {row[1]} times {item.factor} does not fit; expected a {kind} without rounding",
            )
        self.connection.execute(
            f"update {_CHOSEN} set new_value = cast(cast({product} as {kind}) as varchar)", [item.factor]
        )

    def _scale_texts(self, item: Correction) -> None:
        """Printed figures keep their precision: 1.20 times 1000 is 1200, 1.20 times 10 is 12.0."""
        factor = Decimal(item.factor or 1).normalize()
        rows = self.connection.execute(f"select place, raw_row, found from {_CHOSEN}").fetchall()
        for place, line, found in rows:
            if found is None:
                continue
            try:
                product = Decimal(found) * factor
            except InvalidOperation:
                self._refuse(item, f"line {line}, column {item.column} shows {found!r}; expected a number")
            self.connection.execute(
                f"update {_CHOSEN} set new_value = ? where place = ?", [format(product, "f"), place]
            )

    def _write(self, item: Correction) -> None:
        """The new values; a record is no longer broken where the value that broke it is the one replaced."""
        kind = self.types[item.column]
        self.connection.execute(
            f'update {self.table} as landed set "{item.column}" = cast(new_value as {kind}) '
            f"from {_CHOSEN} as chosen where landed.rowid = chosen.place"
        )
        if self.is_customs:
            self._clear_problem(
                f"from {_CHOSEN} as chosen where landed.rowid = chosen.place "
                "and landed.problem_value is not distinct from coalesce(cast(found as varchar), "
                "chosen.problem_value)"
            )

    def _clear_problem(self, rows: str) -> None:
        columns = ", ".join(f"{name} = null" for name in self.types if name.startswith("problem"))
        self.connection.execute(f"update {self.table} as landed set {columns} {rows}")

    def _drop(self) -> None:
        chosen = f"rowid in (select place from {_CHOSEN})"
        if not self.is_customs:
            self.connection.execute(f"delete from {self.table} where {chosen}")
            return
        self._clear_problem(f"where {chosen}")
        self.connection.execute(f"update {self.table} set row_kind = '{DROPPED}' where {chosen}")

    def _note(self, item: Correction) -> None:
        changed = " where found is not null" if item.action == "scale" else ""
        self.connection.execute(
            "insert into raw.correction by name select ? as correction_id, ? as action, ? as path, "
            "? as snapshot_id, raw_row, raw_column, ? as column_name, "
            "coalesce(cast(found as varchar), problem_value) as source_value, new_value as corrected_value, "
            "? as factor, ? as reason, ? as found_by, cast(? as date) as found_on, ? as url "
            f"from {_CHOSEN}{changed} order by raw_row, raw_column nulls first",
            [
                item.correction_id,
                item.action,
                item.path,
                self.snapshot,
                item.column,
                item.factor,
                item.reason,
                item.found_by,
                str(item.found_on),
                item.url,
            ],
        )

    def judge(self) -> None:
        """Finds broken rules in corrected records of customs layouts; those of tables kept by hand are
        judged by their contract."""
        if not self.is_customs:
            return
        rules = _FLOW_RULES if "partner_code" in self.types else _CELL_RULES
        kinds = f"<> '{DROPPED}'" if rules is _FLOW_RULES else "in ('figure', 'change_row')"
        columns = ", ".join(f"{name} = {value}" for name, value in _FAULT.items() if name in self.types)
        self.connection.execute(
            f"update {self.table} as landed set {columns} from ("
            f"select rowid as place, {fault(rules)} from {self.table} where problem is null "
            f"and row_kind {kinds} and raw_row in (select raw_row from raw.correction "
            "where snapshot_id = ? and action in ('override', 'scale'))"
            ") as judged where landed.rowid = judged.place and judged.fault is not null",
            [self.snapshot],
        )

    def _refuse(self, item: Correction, said: str) -> NoReturn:
        raise LedgerError(f"raw/{NAME}, entry {item.correction_id}: {item.path}: {said}")


def _shows(expression: str, kind: str) -> str:
    """SQL with two holes for the same text: whether a value of that type is the one that it writes."""
    compared = "decimal(38, 10)" if kind.startswith("DECIMAL") or kind.endswith(("INT", "INTEGER")) else kind
    return (
        f"(({expression}) is null and cast(? as varchar) is null or "
        f"try_cast(({expression}) as {compared}) = try_cast(? as {compared}))"
    )


def _plain(number: object) -> str:
    text = format(number, "f") if isinstance(number, Decimal) else "nothing"
    return text.rstrip("0").rstrip(".") if "." in text else text
