"""The vocabulary of contracts: one function per kind of rule, each of which runs as SQL by pandera.

Here belong rules about one value or one row. Which columns obey which rule is said by the layouts
(`orchestration.sources`) and by the stage contracts beside this module; running them is `validate`'s.
Every rule carries a reason code and what was expected, both shown to people.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

# Imported where a contract is made: layouts state their rules in every command, and most check nothing.
# The two take more than a second.
if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandera.ibis as pa

# Failure cases kept by pandera per rule. Uncapped lazy validation of a million bad rows took minutes.
CASES_KEPT = 10


@dataclass(frozen=True)
class Rule:
    """holds(table, column) is true in every row; null counts as true."""

    reason_code: str
    expected: str
    holds: Callable[[ir.Table, ir.Column], ir.BooleanValue]

    def check(self) -> pa.Check:
        """The rule as pandera runs it."""
        import pandera.ibis as pa

        def run(data: Any) -> ir.BooleanValue:
            return self.holds(data.table, data.table[data.key])

        return pa.Check(run, name=self.reason_code, error=self.expected, n_failure_cases=CASES_KEPT)


def matches(pattern: str, expected: str, reason_code: str = "bad_format") -> Rule:
    """Text that matches the whole regular expression `pattern`."""
    return Rule(reason_code, expected, lambda _, column: column.re_search(f"^(?:{pattern})$"))


def one_of(values: Sequence[str], reason_code: str = "unknown_code") -> Rule:
    """One of a closed list of codes."""
    return Rule(reason_code, f"one of {', '.join(values)}", lambda _, column: column.isin(list(values)))


def number(reason_code: str = "not_a_number") -> Rule:
    """A plain decimal number: digits, an optional sign and one decimal point; no thousands commas."""
    return matches(r"-?\d{1,20}(\.\d{1,12})?", "a plain decimal number such as 1594.99", reason_code)


def between(low: float, high: float, unit: str) -> Rule:
    """A number in text form within [low, high]; texts that are no number are another rule's."""
    return Rule(
        "out_of_range",
        f"between {low:g} and {high:g} {unit}".strip(),
        lambda _, column: column.try_cast("float64").between(low, high),
    )


def within(low: float, high: float) -> Rule:
    """A number within [low, high]."""
    return Rule(
        "out_of_range",
        f"between {low:g} and {high:g}",
        lambda _, column: column.cast("float64").between(low, high),
    )


def at_least_zero() -> Rule:
    """A number that is not negative."""
    return Rule("negative", "0 or more", lambda _, column: column >= 0)


def above_zero() -> Rule:
    """A number greater than zero."""
    return Rule("not_positive", "more than 0", lambda _, column: column > 0)


def iso_date() -> Rule:
    """YYYY-MM-DD that is a day of the calendar."""
    return Rule("bad_date", "a date such as 2025-01-14", lambda _, column: column.try_cast("date").notnull())


def not_blank() -> Rule:
    """Text with something other than blanks in it."""
    # Nearly all texts begin with a letter: only the others are searched, which takes a third of the time.
    return Rule("blank", "a text", lambda _, column: (column.substr(0, 1) > " ") | column.re_search(r"\S"))
