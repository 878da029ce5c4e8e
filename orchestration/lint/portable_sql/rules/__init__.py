"""The rules by number, each with its short text. A rule is a function from a model to its findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from orchestration.lint.portable_sql.model import Finding, Model
from orchestration.lint.portable_sql.rules.columns import (
    rule_4_cast_final_columns,
    rule_8_plain_casts,
    rule_12_types,
)
from orchestration.lint.portable_sql.rules.dates import rule_7_dates
from orchestration.lint.portable_sql.rules.leave_out import rule_10_leave_out
from orchestration.lint.portable_sql.rules.numbers import (
    rule_1_no_double_to_decimal,
    rule_2_division_of_doubles,
    rule_3_no_double_aggregates,
    rule_5_no_percentile_functions,
)
from orchestration.lint.portable_sql.rules.order import rule_6_total_order, rule_9_no_list_aggregates

RULES: dict[int, tuple[Callable[[Model], Iterator[Finding]], str]] = {
    1: (rule_1_no_double_to_decimal, "never cast a double to decimal, never round() a double"),
    2: (rule_2_division_of_doubles, "divide doubles, by something that is never zero"),
    3: (rule_3_no_double_aggregates, "never aggregate doubles"),
    4: (rule_4_cast_final_columns, "cast every final column; no fraction to an integer"),
    5: (rule_5_no_percentile_functions, "no median, percentile or approximate functions"),
    6: (rule_6_total_order, "say nulls first or last; ranking windows have an order"),
    7: (rule_7_dates, "cast date arithmetic; spines are VALUES"),
    8: (rule_8_plain_casts, "no try_cast and no ::"),
    9: (rule_9_no_list_aggregates, "lists through the one macro"),
    10: (rule_10_leave_out, "constructs that only one engine has"),
    12: (rule_12_types, "the portable types"),
}
