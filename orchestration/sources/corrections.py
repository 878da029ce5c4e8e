"""`raw/corrections.yml`: what people found wrong in files as their sources publish them, as data.

Here belongs reading the list and refusing entries that cannot be meant. What an entry does to rows is
`orchestration.warehouse.corrections`'. Every value is kept as the text that stands in the list: YAML
numbers would lose digits.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

import yaml

from orchestration.errors import LedgerError

NAME = "corrections.yml"
ACTIONS = ("drop", "override", "scale", "flag")
# How the list writes an empty cell.
EMPTY = "null"

_NEEDED = ("id", "action", "file", "column", "reason", "found_by", "found_on")
_OPTIONAL = ("raw_row", "raw_column", "where", "rows", "expect", "expect_total", "value", "factor", "url")
_NUMBER = re.compile(r"-?[0-9]{1,24}([.][0-9]{1,10})?")
# Fits decimal(14, 5), so that a product with a decimal(24, 4) is exact in the engine.
_FACTOR = re.compile(r"-?[0-9]{1,9}([.][0-9]{1,5})?")


@dataclass(frozen=True)
class Correction:
    """One entry. The rows are those of `raw_row`, `raw_column` and `where` together, and there must be
    `rows` of them; each shows `expected` (None: an empty cell) in `column`, or, for `is_total`, they sum
    up to it. `value` is an override's, `factor` a scale's."""

    correction_id: str
    action: str
    path: str
    raw_row: int | None
    raw_column: str | None
    where: Mapping[str, str | None]
    rows: int
    column: str
    expected: str | None
    is_total: bool
    value: str | None
    factor: str | None
    reason: str
    found_by: str
    found_on: dt.date
    url: str | None


class _Texts(yaml.BaseLoader):
    """Every scalar as its text; a key given twice is an error instead of the last one counting."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is given twice", node.start_mark
                )
        return super().construct_mapping(node, deep)


def read(raw_root: Path) -> tuple[Correction, ...]:
    """The entries in the order of the list; none where there is no list. Raises LedgerError."""
    path = raw_root / NAME
    if not path.is_file():
        return ()
    try:
        entries = yaml.load(path.read_text(encoding="utf-8"), Loader=_Texts)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise LedgerError(f"raw/{NAME}{place}: not readable as YAML: {problem}") from error
    if entries in (None, "", []):
        return ()
    if not isinstance(entries, list):
        raise LedgerError(f"raw/{NAME}: found a {type(entries).__name__}; expected a list of corrections")
    corrections = tuple(_Entry(number, entry).correction() for number, entry in enumerate(entries, start=1))
    names = [item.correction_id for item in corrections]
    for name in names:
        if names.count(name) > 1:
            raise LedgerError(f"raw/{NAME}, entry {name}: id is given twice; expected one entry per id")
    return corrections


class _Entry:
    """One entry while it is checked; every refusal names file, entry, field, value and expectation."""

    def __init__(self, number: int, entry: object) -> None:
        self.label = str(number)
        if not isinstance(entry, dict):
            raise LedgerError(f"raw/{NAME}, entry {number}: found {entry!r}; expected a map of fields")
        self.fields: dict[str, Any] = entry
        name = entry.get("id")
        if isinstance(name, str) and name:
            self.label = name

    def correction(self) -> Correction:
        for name in self.fields:
            if name not in (*_NEEDED, *_OPTIONAL):
                self._refuse(name, f"one of {', '.join((*_NEEDED, *_OPTIONAL))}", is_field=True)
        for name in _NEEDED:
            if not self._text(name):
                self._refuse(name, "a text")
        self._fits("id", r"[a-z0-9][a-z0-9-]{0,79}", "lower case letters, digits and hyphens")
        action = self._text("action") or ""
        if action not in ACTIONS:
            self._refuse("action", f"one of {', '.join(ACTIONS)}")
        where = self._where()
        raw_row = self._count("raw_row") if "raw_row" in self.fields else None
        if raw_row is None and not where:
            self._refuse("raw_row", "the line of the row, or `where` with the rows that must match")
        if where and "rows" not in self.fields:
            self._refuse("rows", "the number of rows that `where` must match")
        if ("expect" in self.fields) == ("expect_total" in self.fields):
            self._refuse("expect", "what the source shows there (or expect_total for the sum of the rows)")
        is_total = "expect_total" in self.fields
        if is_total:
            self._fits("expect_total", _NUMBER.pattern, "a plain number")
        expected = self._cell("expect_total" if is_total else "expect")
        value, factor = self._change(action, expected, is_total)
        return Correction(
            correction_id=self.label,
            action=action,
            path=self._text("file") or "",
            raw_row=raw_row,
            raw_column=self._text("raw_column"),
            where=where,
            rows=self._count("rows") if "rows" in self.fields else 1,
            column=self._text("column") or "",
            expected=expected,
            is_total=is_total,
            value=value,
            factor=factor,
            reason=self._text("reason") or "",
            found_by=self._text("found_by") or "",
            found_on=self._date("found_on"),
            url=self._text("url"),
        )

    def _change(self, action: str, expected: str | None, is_total: bool) -> tuple[str | None, str | None]:
        """value and factor, each there exactly where the action needs it."""
        for name, owner in (("value", "override"), ("factor", "scale")):
            if name in self.fields and action != owner:
                self._refuse(name, f"nothing, as the action is {action}; it is for {owner}")
        if action == "override":
            value = self._cell("value")
            if value == expected and not is_total:
                self._refuse("value", "another value than `expect`")
            return value, None
        if action == "scale":
            self._fits("factor", _FACTOR.pattern, "a plain number of at most 9 digits and 5 decimals")
            factor = self._text("factor") or ""
            if Decimal(factor) in (0, 1):
                self._refuse("factor", "another number than 0 and 1")
            return None, factor
        return None, None

    def _text(self, name: str) -> str | None:
        value = self.fields.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            self._refuse(name, "a text")
        return value.strip()

    def _cell(self, name: str) -> str | None:
        """A value of a cell: as written, or None for `null`."""
        value = self.fields.get(name)
        if not isinstance(value, str) or value == "":
            self._refuse(name, f"the value of a cell, or {EMPTY} for an empty one")
        return None if value == EMPTY else value

    def _count(self, name: str) -> int:
        self._fits(name, r"[1-9][0-9]{0,11}", "a whole number from 1")
        return int(self._text(name) or 0)

    def _date(self, name: str) -> dt.date:
        try:
            return dt.date.fromisoformat(self._text(name) or "")
        except ValueError:
            self._refuse(name, "a day such as 2025-01-14")

    def _where(self) -> dict[str, str | None]:
        found = self.fields.get("where")
        if found is None:
            return {}
        if not isinstance(found, dict) or not found or not all(isinstance(v, str) for v in found.values()):
            self._refuse("where", "a map of columns and values")
        return {str(name): None if value == EMPTY else value for name, value in found.items()}

    def _fits(self, name: str, pattern: str, expected: str) -> None:
        if not re.fullmatch(pattern, self._text(name) or ""):
            self._refuse(name, expected)

    def _refuse(self, name: str, expected: str, *, is_field: bool = False) -> NoReturn:
        if is_field:
            raise LedgerError(
                f"raw/{NAME}, entry {self.label}: found the field {name!r}; expected {expected}"
            )
        found = repr(self.fields[name]) if name in self.fields else "nothing"
        raise LedgerError(f"raw/{NAME}, entry {self.label}, field {name}: found {found}; expected {expected}")
