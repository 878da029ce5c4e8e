"""What the shape of an expression says about its type, and doubles followed by name through the CTEs.

A type is known only where a cast, a literal or a function of the model itself shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

from orchestration.lint.portable_sql.model import bare

DOUBLE_FLAG = "portable_sql_double"

DOUBLE_TYPES = frozenset({exp.DataType.Type.DOUBLE, exp.DataType.Type.FLOAT})
INTEGER_TYPES = frozenset(exp.DataType.INTEGER_TYPES)
DECIMAL_TYPES = frozenset({exp.DataType.Type.DECIMAL})
TEXT_TYPES = frozenset(exp.DataType.TEXT_TYPES)
TIMESTAMP_TYPES = frozenset({exp.DataType.Type.TIMESTAMP, exp.DataType.Type.TIMESTAMPNTZ})

DOUBLE_RESULTS = (
    *(exp.Div, exp.Ln, exp.Log, exp.Exp, exp.Sqrt, exp.Cbrt, exp.Pow, exp.Sin, exp.Cos, exp.Tan),
    *(exp.Avg, exp.Stddev, exp.StddevPop, exp.StddevSamp, exp.Variance, exp.VariancePop),
)
NOT_A_NUMBER = (exp.Predicate, exp.Connector, exp.Not, exp.Count, exp.RowNumber, exp.Length)


def type_of_cast(node: Any) -> Any:
    return node.to.this if isinstance(node, exp.Cast) else None


def is_number(node: Any) -> bool:
    return isinstance(node, exp.Literal) and not node.is_string


def _is_double_literal(node: Any) -> bool:
    return is_number(node) and "e" in str(node.this).lower()


def _value_parts(node: exp.Expr) -> Iterable[Any]:
    """The children that give `node` its value: no conditions, windows or filters."""
    if isinstance(node, exp.Query):
        return node.selects
    if isinstance(node, exp.Case):
        return [*(branch.args["true"] for branch in node.args["ifs"]), node.args.get("default")]
    if isinstance(node, exp.Window | exp.Filter | exp.Nullif | exp.Cast):
        return [node.this]
    return node.iter_expressions()


def _any_part(node: Any, test: Callable[[Any], bool | None]) -> bool:
    """Does `test` hold for a value part of `node`? None from `test` means: look inside."""
    if not isinstance(node, exp.Expr) or isinstance(node, NOT_A_NUMBER):
        return False
    verdict = test(node)
    if verdict is not None:
        return verdict
    return any(_any_part(part, test) for part in _value_parts(node))


def _double_verdict(node: Any) -> bool | None:
    if isinstance(node, exp.Cast):
        kind = type_of_cast(node)
        return None if kind in TEXT_TYPES else kind in DOUBLE_TYPES
    if isinstance(node, exp.Column):
        return bool(node.meta.get(DOUBLE_FLAG))
    if isinstance(node, DOUBLE_RESULTS) or _is_double_literal(node):
        return True
    return None


def has_double(node: Any) -> bool:
    """Is a double (or a quotient) part of the value of `node`?"""
    return _any_part(node, _double_verdict)


def _fraction_verdict(node: Any) -> bool | None:
    if type_of_cast(node) in DECIMAL_TYPES:
        params = [str(param.this.this) for param in node.to.expressions]
        return len(params) == 2 and params[1] != "0"
    if is_number(node) and not str(node.this).isdigit():
        return True
    return _double_verdict(node)


def has_fraction(node: Any) -> bool:
    """Like `_has_double`, and also decimals with a scale, written in the model."""
    return _any_part(node, _fraction_verdict)


def is_exact(node: Any) -> bool:
    """Is `node` visibly a decimal or an integer?"""
    node = bare(node)
    if isinstance(node, exp.Add | exp.Sub | exp.Mul):
        return is_exact(node.this) and is_exact(node.expression)
    if isinstance(node, exp.Neg | exp.Abs | exp.Sum):
        return is_exact(node.this)
    if is_number(node):
        return not _is_double_literal(node)
    return bool(type_of_cast(node) in DECIMAL_TYPES | INTEGER_TYPES)


def is_double(node: Any) -> bool:
    """Is `node` visibly a double?"""
    node = bare(node)
    if isinstance(node, exp.Add | exp.Sub | exp.Mul):
        sides = (node.this, node.expression)
        return any(map(is_double, sides)) and all(is_double(s) or is_number(s) for s in sides)
    if isinstance(node, exp.Neg | exp.Abs | exp.Nullif):
        return is_double(node.this)
    if isinstance(node, exp.Coalesce):
        return is_double(node.this) and all(
            is_double(other) or is_number(other) for other in node.expressions
        )
    if isinstance(node, DOUBLE_RESULTS) or _is_double_literal(node):
        return True
    return bool(type_of_cast(node) == exp.DataType.Type.DOUBLE)


def _is_zero(node: Any) -> bool:
    node = bare(node)
    if isinstance(node, exp.Cast):
        return _is_zero(node.this)
    return is_number(node) and float(str(node.this)) == 0


def cannot_be_zero(node: Any) -> bool:
    node = bare(node)
    if isinstance(node, exp.Cast | exp.Neg):
        return cannot_be_zero(node.this)
    if isinstance(node, exp.Mul):
        return cannot_be_zero(node.this) and cannot_be_zero(node.expression)
    if isinstance(node, exp.Nullif):
        return _is_zero(node.expression)
    return is_number(node) and not _is_zero(node)


def _source_outputs(scope: Scope, known: dict[int, dict[str, bool]]) -> dict[str, dict[str, bool]]:
    return {
        name.lower(): known.get(id(source), {})
        for name, source in scope.sources.items()
        if isinstance(source, Scope)
    }


def _outputs(scope: Scope, known: dict[int, dict[str, bool]]) -> dict[str, bool]:
    """Column name -> is it a double, for the columns that one query gives."""
    if scope.set_operation_scopes:
        left, *others = [known.get(id(branch), {}) for branch in scope.set_operation_scopes]
        rights = [list(other.values()) for other in others]
        return {
            name: double or any(right[at] for right in rights if at < len(right))
            for at, (name, double) in enumerate(left.items())
        }
    sources = _source_outputs(scope, known)
    result: dict[str, bool] = {}
    query = scope.expression
    for item in query.selects if isinstance(query, exp.Query) else []:
        if item.is_star:
            table = item.table.lower() if isinstance(item, exp.Column) else ""
            for name, columns in sources.items():
                result |= columns if table in ("", name) else {}
        else:
            result[item.alias_or_name.lower()] = has_double(item)
    return result


def flag_double_columns(tree: exp.Expr) -> None:
    """Mark the columns that an earlier query of the same file made as a double."""
    known: dict[int, dict[str, bool]] = {}
    try:
        scopes = traverse_scope(tree)
    except SqlglotError:
        return
    for scope in scopes:
        sources = _source_outputs(scope, known)
        for column in scope.columns:
            table = column.table.lower()
            candidates = [sources.get(table, {})] if table else list(sources.values())
            if any(columns.get(column.name.lower()) for columns in candidates):
                column.meta[DOUBLE_FLAG] = True
        known[id(scope)] = _outputs(scope, known)
