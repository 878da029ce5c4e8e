"""One compiled text against the rules: it parses on both engines, and each rule's findings."""

from __future__ import annotations

from collections.abc import Collection

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, ParseError, SqlglotError

from orchestration.lint.portable_sql.model import Finding, Model, Violation, line_of
from orchestration.lint.portable_sql.rules import RULES
from orchestration.lint.portable_sql.shapes import flag_double_columns

SOURCE_DIALECT = "duckdb"
TARGET_DIALECT = "spark"
PARSE_RULE = 0


def _parse_failure(error: Exception, dialect: str) -> Finding:
    detail = error.errors[0] if isinstance(error, ParseError) and error.errors else {}
    text = str(detail.get("description") or error).splitlines()[0]
    line = detail.get("line") if dialect == SOURCE_DIALECT else 1
    return int(line or 1), f"does not parse as {dialect}: {text.split(' <Token')[0]}"


def _parse(sql: str) -> exp.Expr | Finding:
    """The one query of the text, or why there is none."""
    try:
        statements = [tree for tree in sqlglot.parse(sql, read=SOURCE_DIALECT) if tree]
    except (SqlglotError, RecursionError) as error:
        return _parse_failure(error, SOURCE_DIALECT)
    if len(statements) != 1:
        return 1, f"{len(statements)} statements; a model is exactly one query"
    tree = statements[0]
    if not isinstance(tree, exp.Query):
        return line_of(tree), f"a {tree.key} statement; a model is exactly one query"
    try:
        target = tree.sql(dialect=TARGET_DIALECT, unsupported_level=ErrorLevel.IGNORE)
        sqlglot.parse_one(target, read=TARGET_DIALECT)
    except (SqlglotError, ValueError, RecursionError) as error:
        return _parse_failure(error, TARGET_DIALECT)
    return tree


def check_sql(
    sql: str,
    path: str,
    *,
    allowed_functions: Collection[str] = (),
    rules: Collection[int] | None = None,
) -> list[Violation]:
    """Every violation of the compiled `sql`, in line order.

    `allowed_functions` names aggregate, spine or text functions that a project macro compiles
    to (rules 3, 5, 7, 9 and 10 look at it); `rules` limits the check to those numbers.
    """
    tree = _parse(sql)
    if isinstance(tree, tuple):
        return [Violation(path, tree[0], PARSE_RULE, tree[1])]
    flag_double_columns(tree)
    tokens = list(sqlglot.tokenize(sql, read=SOURCE_DIALECT))
    model = Model(tree, tokens, frozenset(name.lower() for name in allowed_functions))
    found = {
        Violation(path, line, number, message)
        for number, (rule, _) in RULES.items()
        if rules is None or number in rules
        for line, message in rule(model)
    }
    return sorted(found)
