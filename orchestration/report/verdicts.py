"""What the verdicts of claims mean to a reader: their order, a sentence and a sign each. No queries."""

from __future__ import annotations

# Verdicts in the order of their strength, as docs/claims.md lists them.
ORDER = (
    "exact", "consistent", "consistent_double_rounding", "explained_by_revision",
    "definition_dependent", "inconsistent", "pending", "unverifiable", "opinion",
)  # fmt: skip
MEANING = dict(
    zip(
        ORDER,
        (
            "the same figure, to the same digit",
            "both agree within rounding, or the statement holds; it is not proved true",
            "close: its last digit comes only from rounding a value that was already rounded",
            "the values first printed give another growth; this one fits if the year before was revised, by "
            "no more than this source has done before",
            "one definition agrees and another does not",
            "no reading of the figure agrees",
            "a forecast that is not due",
            "no data held can judge it",
            "no fact is stated",
        ),
        strict=True,
    )
)
# What the data do not judge has no computed interval: that of an unverifiable claim may be its own figure.
NOT_JUDGED = ("unverifiable", "pending", "opinion")
# A sign for each verdict, so that a cell says it without its colour.
SIGNS = dict(zip(ORDER, ("E", "C", "2", "R", "D", "✕", "P", "?", "O"), strict=True))
