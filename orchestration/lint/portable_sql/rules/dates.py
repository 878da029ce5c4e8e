"""Rule 7: date arithmetic is cast, and spines are VALUES."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp

from orchestration.lint.portable_sql.model import Finding, Model, bare, calls_matching, line_of, outside
from orchestration.lint.portable_sql.shapes import TIMESTAMP_TYPES, type_of_cast

SPINES = re.compile(r"generate_series|range|unnest|explode|sequence")
DATE_MATH = (exp.Paren, exp.Add, exp.Sub, exp.Mul, exp.DateAdd, exp.DateSub)


def _interval_math(interval: exp.Interval) -> exp.Expr | None:
    """The whole sum that `interval` belongs to, or None when nothing is added to it."""
    top: exp.Expr = interval
    while isinstance(top.parent, DATE_MATH):
        top = top.parent
    return None if bare(top) is interval else top


def rule_7_dates(model: Model) -> Iterator[Finding]:
    yield from calls_matching(model, SPINES, "no generated rows; write the spine as VALUES")
    for trunc in model.tree.find_all(exp.DateTrunc, exp.TimestampTrunc):
        if type_of_cast(outside(trunc)) != exp.DataType.Type.DATE:
            yield line_of(trunc), "date_trunc without a cast; cast(date_trunc(…) as date)"
    sums = {id(top): top for i in model.tree.find_all(exp.Interval) if (top := _interval_math(i))}
    for top in sums.values():
        allowed = {exp.DataType.Type.DATE}
        if any(type_of_cast(part) in TIMESTAMP_TYPES for part in top.find_all(exp.Cast)):
            allowed |= TIMESTAMP_TYPES
        if type_of_cast(outside(top)) not in allowed:
            yield line_of(top), "date plus or minus an interval without a cast; cast(… as date)"
