"""Lint of compiled dbt SQL: a model must mean the same on DuckDB and on Spark.

Belongs here: the portable-SQL rules of `docs/portable-sql.md`, each one a function over the
text, the tokens or the sqlglot tree of ONE compiled model (DuckDB dialect), and the command
line that runs them on files, folders or a dbt manifest.
Does not belong here: SQL formatting, naming conventions, anything that opens a database, and
the rules that need more than one model or its YAML (rule 11 and the YAML half of rule 12).

A rule judges shapes. It knows a type only where a cast, a literal or a function shows it, in
the model itself; doubles are followed by name through the CTEs of the file. A column that
arrives from another model has no known type here: cast it where a rule asks for one.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import Token, TokenType, exp
from sqlglot.errors import ErrorLevel, ParseError, SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

SOURCE_DIALECT = "duckdb"
TARGET_DIALECT = "spark"
PARSE_RULE = 0
TEST_RULES = frozenset({8, 10})
DOUBLE_FLAG = "portable_sql_double"

Finding = tuple[int, str]


@dataclass(frozen=True, order=True)
class Violation:
    """One broken rule at one line of one file; rule 0 means the text does not parse."""

    path: str
    line: int
    rule: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: R{self.rule}: {self.message}"


@dataclass(frozen=True)
class Model:
    """What a rule may look at."""

    tree: exp.Expr
    tokens: list[Token]
    allowed_functions: frozenset[str] = field(default_factory=frozenset)


# --- lines, tokens, names ---

NAME_TOKENS_EXCLUDED = frozenset({TokenType.STRING, TokenType.IDENTIFIER, TokenType.NUMBER})


def _line(node: exp.Expr) -> int:
    """First line on which a part of `node` stands (types carry no usable position)."""
    lines = [
        part.meta["line"]
        for part in node.walk(prune=lambda part: isinstance(part, exp.DataType))
        if "line" in part.meta and not isinstance(part, exp.DataType)
    ]
    if lines:
        return int(min(lines))
    return _line(node.parent) if isinstance(node.parent, exp.Expr) else 1


def _calls(model: Model) -> Iterator[tuple[str, int]]:
    """Every `name(` of the text: (lower-case name, line)."""
    for token, following in zip(model.tokens, model.tokens[1:], strict=False):
        is_name = token.token_type not in NAME_TOKENS_EXCLUDED and token.text.isidentifier()
        if is_name and following.token_type == TokenType.L_PAREN:
            yield token.text.lower(), token.line


def _calls_matching(model: Model, pattern: re.Pattern[str], why: str) -> Iterator[Finding]:
    for name, line in _calls(model):
        if pattern.fullmatch(name) and name not in model.allowed_functions:
            yield line, f"{name}(): {why}"


def _own_nodes(node: exp.Expr) -> Iterator[exp.Expr]:
    """The nodes of one SELECT's clause, without those of the queries nested in it."""
    yield from node.walk(prune=lambda part: isinstance(part, exp.Query))


def _bare(node: Any) -> Any:
    """`node` without its parentheses."""
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def _outside(node: exp.Expr) -> exp.Expr | None:
    """The nearest parent that is not a parenthesis."""
    parent = node.parent
    while isinstance(parent, exp.Paren):
        parent = parent.parent
    return parent if isinstance(parent, exp.Expr) else None


# --- what the shape of an expression says about its type ---

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


def _cast_type(node: Any) -> Any:
    return node.to.this if isinstance(node, exp.Cast) else None


def _is_number(node: Any) -> bool:
    return isinstance(node, exp.Literal) and not node.is_string


def _is_double_literal(node: Any) -> bool:
    return _is_number(node) and "e" in str(node.this).lower()


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
        kind = _cast_type(node)
        return None if kind in TEXT_TYPES else kind in DOUBLE_TYPES
    if isinstance(node, exp.Column):
        return bool(node.meta.get(DOUBLE_FLAG))
    if isinstance(node, DOUBLE_RESULTS) or _is_double_literal(node):
        return True
    return None


def _has_double(node: Any) -> bool:
    """Is a double (or a quotient) part of the value of `node`?"""
    return _any_part(node, _double_verdict)


def _fraction_verdict(node: Any) -> bool | None:
    if _cast_type(node) in DECIMAL_TYPES:
        params = [str(param.this.this) for param in node.to.expressions]
        return len(params) == 2 and params[1] != "0"
    if _is_number(node) and not str(node.this).isdigit():
        return True
    return _double_verdict(node)


def _has_fraction(node: Any) -> bool:
    """Like `_has_double`, and also decimals with a scale, written in the model."""
    return _any_part(node, _fraction_verdict)


def _is_exact(node: Any) -> bool:
    """Is `node` visibly a decimal or an integer?"""
    node = _bare(node)
    if isinstance(node, exp.Add | exp.Sub | exp.Mul):
        return _is_exact(node.this) and _is_exact(node.expression)
    if isinstance(node, exp.Neg | exp.Abs | exp.Sum):
        return _is_exact(node.this)
    if _is_number(node):
        return not _is_double_literal(node)
    return bool(_cast_type(node) in DECIMAL_TYPES | INTEGER_TYPES)


def _is_double(node: Any) -> bool:
    """Is `node` visibly a double?"""
    node = _bare(node)
    if isinstance(node, exp.Add | exp.Sub | exp.Mul):
        sides = (node.this, node.expression)
        return any(map(_is_double, sides)) and all(_is_double(s) or _is_number(s) for s in sides)
    if isinstance(node, exp.Neg | exp.Abs | exp.Nullif):
        return _is_double(node.this)
    if isinstance(node, exp.Coalesce):
        return _is_double(node.this) and all(
            _is_double(other) or _is_number(other) for other in node.expressions
        )
    if isinstance(node, DOUBLE_RESULTS) or _is_double_literal(node):
        return True
    return bool(_cast_type(node) == exp.DataType.Type.DOUBLE)


def _is_zero(node: Any) -> bool:
    node = _bare(node)
    if isinstance(node, exp.Cast):
        return _is_zero(node.this)
    return _is_number(node) and float(str(node.this)) == 0


def _cannot_be_zero(node: Any) -> bool:
    node = _bare(node)
    if isinstance(node, exp.Cast | exp.Neg):
        return _cannot_be_zero(node.this)
    if isinstance(node, exp.Mul):
        return _cannot_be_zero(node.this) and _cannot_be_zero(node.expression)
    if isinstance(node, exp.Nullif):
        return _is_zero(node.expression)
    return _is_number(node) and not _is_zero(node)


# --- following doubles by name through the CTEs ---


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
            result[item.alias_or_name.lower()] = _has_double(item)
    return result


def _flag_double_columns(tree: exp.Expr) -> None:
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


# --- rule 1: money stays exact ---


def rule_1_no_double_to_decimal(model: Model) -> Iterator[Finding]:
    for cast in model.tree.find_all(exp.Cast):
        if _cast_type(cast) in DECIMAL_TYPES and _has_double(cast.this):
            yield _line(cast), "cast of a double to decimal; use the rounding macro"
    for call in model.tree.find_all(exp.Round):
        if not _is_exact(call.this):
            yield (
                _line(call),
                "round() of something not visibly decimal; use the rounding macro, "
                "or round(cast(… as decimal(p,s)), n)",
            )


# --- rule 2: division ---


def rule_2_division_of_doubles(model: Model) -> Iterator[Finding]:
    for div in model.tree.find_all(exp.Div):
        for side, name in ((div.this, "numerator"), (div.expression, "denominator")):
            if not _is_double(side):
                yield _line(div), f"{name} of / is not visibly a double; cast(… as double)"
        if not _cannot_be_zero(div.expression):
            yield _line(div), "denominator of / can be zero; nullif(…, 0)"


# --- rule 3: aggregates ---

DOUBLE_AGGREGATES = re.compile(
    r"avg|mean|favg|fsum|sumkahan|kahan_sum|product|geomean|geometric_mean|stddev.*|var_.*"
    r"|variance|corr|covar_.*|regr_.*|skewness|kurtosis.*|entropy"
)


def rule_3_no_double_aggregates(model: Model) -> Iterator[Finding]:
    why = "aggregates doubles; sum decimals or integers and divide once"
    yield from _calls_matching(model, DOUBLE_AGGREGATES, why)
    for total in model.tree.find_all(exp.Sum):
        if _has_double(total.this):
            yield _line(total), "sum() of a double; sum the decimal and divide once"


# --- rule 4: the final columns ---


def _branches(query: Any) -> Iterator[exp.Select]:
    if isinstance(query, exp.SetOperation):
        yield from _branches(query.this)
        yield from _branches(query.expression)
    elif isinstance(query, exp.Subquery):
        yield from _branches(query.this)
    elif isinstance(query, exp.Select):
        yield query


def _final_query(tree: exp.Expr) -> Any:
    """The CTE that the closing `select * from …` reads, or the closing select itself."""
    if not isinstance(tree, exp.Select) or tree.args.get("joins"):
        return tree
    if [item.is_star for item in tree.selects] != [True]:
        return tree
    source = tree.args.get("from_")
    name = source.this.name if source and isinstance(source.this, exp.Table) else ""
    for cte in tree.ctes:
        if name and cte.alias.lower() == name.lower():
            return cte.this
    return tree


def _final_items(model: Model) -> Iterator[Finding]:
    for select in _branches(_final_query(model.tree)):
        for item in select.selects:
            value = _bare(item.unalias())
            if item.is_star:
                yield _line(item), "select * as the final list; name and cast every column"
            elif isinstance(value, exp.Cast) and not item.alias:
                yield _line(item), "final column without a name; cast(… as …) as name"
            elif not isinstance(value, exp.Column | exp.Cast):
                name = item.alias or "unnamed"
                yield _line(item), f"final column {name} is not cast; cast(… as …) as {name}"


def rule_4_cast_final_columns(model: Model) -> Iterator[Finding]:
    yield from _final_items(model)
    for cast in model.tree.find_all(exp.Cast):
        whole = isinstance(_bare(cast.this), exp.Floor | exp.Ceil)
        if _cast_type(cast) in INTEGER_TYPES and not whole and _has_fraction(cast.this):
            yield _line(cast), "cast of a fraction to an integer; floor() or ceil() it first"


# --- rule 5: percentiles ---

PERCENTILES = re.compile(r"median|mad|percentile.*|quantile.*|reservoir_quantile|approx_.*")


def rule_5_no_percentile_functions(model: Model) -> Iterator[Finding]:
    why = "interpolates differently or approximates; use row_number and exact interpolation"
    yield from _calls_matching(model, PERCENTILES, why)


# --- rule 6: order ---

ORDER_END_TOKENS = frozenset(
    {TokenType.ROWS, TokenType.RANGE, TokenType.LIMIT, TokenType.OFFSET, TokenType.FETCH}
    | {TokenType.UNION, TokenType.EXCEPT, TokenType.INTERSECT, TokenType.SEMICOLON}
)
RANKINGS = (
    *(exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist, exp.Ntile),
    *(exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue),
)
OPENING = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE})
CLOSING = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE})


def _order_items(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """The items after one ORDER BY, each as its tokens."""
    depth = 0
    item: list[Token] = []
    for token in tokens:
        kind = token.token_type
        depth += (kind in OPENING) - (kind in CLOSING)
        is_frame = kind in ORDER_END_TOKENS or token.text.lower() == "groups"
        if depth < 0 or (depth == 0 and is_frame and item):
            break
        if depth == 0 and kind == TokenType.COMMA:
            yield item
            item = []
        else:
            item.append(token)
    yield item


def _window_has_order(window: exp.Window) -> bool:
    if window.args.get("order"):
        return True
    select = window.find_ancestor(exp.Select)
    named = (select.args.get("windows") or []) if select else []
    return any(w.name.lower() == window.alias.lower() and w.args.get("order") for w in named)


def rule_6_total_order(model: Model) -> Iterator[Finding]:
    for at, token in enumerate(model.tokens):
        if token.token_type != TokenType.ORDER_BY:
            continue
        for item in _order_items(model.tokens[at + 1 :]):
            ending = [part.text.lower() for part in item[-2:]]
            if ending not in (["nulls", "first"], ["nulls", "last"]):
                line = item[0].line if item else token.line
                yield line, "order by item without nulls first or nulls last"
    for window in model.tree.find_all(exp.Window):
        function = window.this
        while isinstance(function, exp.IgnoreNulls | exp.RespectNulls | exp.Filter):
            function = function.this
        if isinstance(function, RANKINGS) and not _window_has_order(window):
            yield _line(window), f"{function.key}: ranking window without an order by"


# --- rule 7: dates ---

SPINES = re.compile(r"generate_series|range|unnest|explode|sequence")
DATE_MATH = (exp.Paren, exp.Add, exp.Sub, exp.Mul, exp.DateAdd, exp.DateSub)


def _interval_math(interval: exp.Interval) -> exp.Expr | None:
    """The whole sum that `interval` belongs to, or None when nothing is added to it."""
    top: exp.Expr = interval
    while isinstance(top.parent, DATE_MATH):
        top = top.parent
    return None if _bare(top) is interval else top


def rule_7_dates(model: Model) -> Iterator[Finding]:
    yield from _calls_matching(model, SPINES, "no generated rows; write the spine as VALUES")
    for trunc in model.tree.find_all(exp.DateTrunc, exp.TimestampTrunc):
        if _cast_type(_outside(trunc)) != exp.DataType.Type.DATE:
            yield _line(trunc), "date_trunc without a cast; cast(date_trunc(…) as date)"
    sums = {id(top): top for i in model.tree.find_all(exp.Interval) if (top := _interval_math(i))}
    for top in sums.values():
        allowed = {exp.DataType.Type.DATE}
        if any(_cast_type(part) in TIMESTAMP_TYPES for part in top.find_all(exp.Cast)):
            allowed |= TIMESTAMP_TYPES
        if _cast_type(_outside(top)) not in allowed:
            yield _line(top), "date plus or minus an interval without a cast; cast(… as date)"


# --- rule 8: casts ---


def rule_8_plain_casts(model: Model) -> Iterator[Finding]:
    for token in model.tokens:
        if token.token_type == TokenType.DCOLON:
            yield token.line, ":: cast; write cast(… as …)"
    for name, line in _calls(model):
        if name == "try_cast":
            yield line, "try_cast; gate the text by a regular expression, then cast"


# --- rule 9: ordered lists ---

LISTS = re.compile(r"string_agg|group_concat|listagg|array_agg|list|collect_list|collect_set")


def rule_9_no_list_aggregates(model: Model) -> Iterator[Finding]:
    why = "aggregates a list; use the ordered-list macro (and allow what it compiles to)"
    yield from _calls_matching(model, LISTS, why)


# --- rule 10: constructs to leave out ---

REFUSED_TOKENS = {
    TokenType.QUALIFY: "QUALIFY; filter on the window's column in a further CTE",
    TokenType.DIV: "integer division (// or div); floor() a quotient of doubles",
    TokenType.ILIKE: "ILIKE; lower() both sides and LIKE",
    TokenType.GLOB: "GLOB; use LIKE",
    TokenType.PIVOT: "PIVOT; write the cases",
    TokenType.UNPIVOT: "UNPIVOT; write a union all",
    TokenType.RECURSIVE: "recursive CTE",
    TokenType.ARROW: "-> (lambda or JSON arrow)",
    TokenType.DARROW: "->> (JSON arrow)",
}
REFUSED_PAIRS = {
    ("group by", "all"): "GROUP BY ALL; name the columns",
    ("order by", "all"): "ORDER BY ALL; name the columns",
    ("distinct", "on"): "SELECT DISTINCT ON; use row_number",
    ("ignore", "nulls"): "IGNORE NULLS",
    ("by", "name"): "UNION BY NAME; list the columns",
}
REFUSED_NODES: dict[type[exp.Expr], str] = {
    exp.Struct: "struct literal",
    exp.Array: "list literal",
    exp.Map: "map literal",
    exp.Bracket: "subscript; DuckDB counts from 1, Spark from 0",
    exp.Lambda: "lambda",
    exp.Comprehension: "list comprehension",
    exp.Columns: "COLUMNS(…); name the columns",
}
REFUSED_CALLS = {
    "hash": "each engine has its own hash; use md5 of the text",
    "concat": "skips nulls on DuckDB only; use ||",
}
SET_OPERATORS = frozenset({TokenType.UNION, TokenType.EXCEPT, TokenType.INTERSECT})


def _refused_tokens(model: Model) -> Iterator[Finding]:
    for token in model.tokens:
        if token.token_type in REFUSED_TOKENS:
            yield token.line, REFUSED_TOKENS[token.token_type]
    for token, following in zip(model.tokens, model.tokens[1:], strict=False):
        pair = (token.text.lower(), following.text.lower())
        quoted = {TokenType.STRING, TokenType.IDENTIFIER}
        if pair in REFUSED_PAIRS and not {token.token_type, following.token_type} & quoted:
            yield token.line, REFUSED_PAIRS[pair]
    for name, line in _calls(model):
        if name in REFUSED_CALLS and name not in model.allowed_functions:
            yield line, f"{name}(): {REFUSED_CALLS[name]}"


def _refused_nodes(model: Model) -> Iterator[Finding]:
    for kind, why in REFUSED_NODES.items():
        for node in model.tree.find_all(kind):
            yield _line(node), why
    for sample in model.tree.find_all(exp.TableSample):
        yield _line(sample), "TABLESAMPLE or USING SAMPLE"
    for star in model.tree.find_all(exp.Star):
        if any(star.args.get(key) for key in ("except_", "replace", "rename")):
            yield _line(star), "EXCLUDE, REPLACE or RENAME on *; list the columns"
    for join in model.tree.find_all(exp.Join):
        refused = {str(join.args.get(key) or "").upper() for key in ("method", "kind", "side")}
        for word in sorted(refused & {"ASOF", "POSITIONAL", "SEMI", "ANTI"}):
            yield _line(join), f"{word} join; use EXISTS, NOT EXISTS or an ordinary join"


def _from_first(model: Model) -> Iterator[Finding]:
    """A FROM with no SELECT before it in the same query (each parenthesis starts a new one)."""
    levels: list[TokenType | None] = [None]
    for token in model.tokens:
        kind = token.token_type
        if kind in OPENING:
            levels.append(None)
        elif kind in CLOSING:
            levels = levels[:-1] or [None]
        elif kind in SET_OPERATORS or kind == TokenType.SEMICOLON:
            levels[-1] = TokenType.WITH
        elif kind == TokenType.FROM and levels[-1] in (None, TokenType.WITH):
            yield token.line, "query that starts with FROM; write select first"
        elif kind == TokenType.SELECT or levels[-1] is None:
            levels[-1] = kind


def _quoted_names(model: Model) -> Iterator[Finding]:
    for name in model.tree.find_all(exp.Identifier):
        if name.args.get("quoted") and not isinstance(name.parent, exp.Table):
            yield _line(name), f'double-quoted name "{name.name}"; Spark reads it as text'


def _positional_group_by(model: Model) -> Iterator[Finding]:
    for group in model.tree.find_all(exp.Group):
        if any(_is_number(item) for item in group.expressions):
            yield _line(group), "group by a position; name the columns"


def _regexp_replace(model: Model) -> Iterator[Finding]:
    """DuckDB replaces the first match, Spark every match; the fourth argument differs too."""
    for call in model.tree.find_all(exp.RegexpReplace):
        if "regexp_replace" in model.allowed_functions:
            continue
        pattern = call.expression
        text = str(pattern.this) if isinstance(pattern, exp.Literal) else ""
        if not call.args.get("replacement"):
            yield _line(call), "regexp_replace with 2 arguments; give the replacement"
        elif call.args.get("modifiers"):
            yield _line(call), "regexp_replace with options; Spark's 4th argument is a position"
        elif not text.startswith("^") or "|" in text:
            yield (
                _line(call),
                "regexp_replace of a pattern that can match twice: DuckDB replaces the first "
                "match, Spark all of them; anchor it with ^ (and no |)",
            )


def _names_itself(item: exp.Alias) -> bool:
    """`cast(a as date) as a`: the source has an `a`, and both engines take that one."""
    columns = (node for node in _own_nodes(item.this) if isinstance(node, exp.Column))
    return any(column.name.lower() == item.alias.lower() for column in columns)


def _alias_uses(node: Any, aliases: Collection[str], where: str) -> Iterator[Finding]:
    if not isinstance(node, exp.Expr):
        return
    for part in _own_nodes(node):
        if isinstance(part, exp.Column) and not part.table and part.name.lower() in aliases:
            message = f"alias {part.name} used again in {where}; compute it in an earlier CTE"
            yield _line(part), f"{message}, or qualify the source column"


def _lateral_aliases(model: Model) -> Iterator[Finding]:
    for select in model.tree.find_all(exp.Select):
        aliases: set[str] = set()
        for item in select.selects:
            yield from _alias_uses(item, aliases, "the same select list")
            if isinstance(item, exp.Alias) and not _names_itself(item):
                aliases.add(item.alias.lower())
        yield from _alias_uses(select.args.get("where"), aliases, "where")
        yield from _alias_uses(select.args.get("group"), aliases, "group by")


def rule_10_leave_out(model: Model) -> Iterator[Finding]:
    yield from _refused_tokens(model)
    yield from _refused_nodes(model)
    yield from _from_first(model)
    yield from _quoted_names(model)
    yield from _positional_group_by(model)
    yield from _regexp_replace(model)
    yield from _lateral_aliases(model)


# --- rule 12: types ---

SIMPLE_TYPES = frozenset({"string", "bigint", "integer", "int", "double", "date", "timestamp", "boolean"})
DECIMAL_TYPE = re.compile(r"decimal\((\d+),(\d+)\)")


def _type_of_cast(tokens: Sequence[Token]) -> str:
    """The type of a cast, from the tokens after its opening parenthesis."""
    depth = 1
    written: list[str] = []
    for token in tokens:
        depth += (token.token_type in OPENING) - (token.token_type in CLOSING)
        if depth == 0:
            break
        if depth == 1 and token.token_type == TokenType.ALIAS:
            written = []
        else:
            written.append(token.text.lower())
    return "".join(written)


def _is_known_type(written: str) -> bool:
    decimal = DECIMAL_TYPE.fullmatch(written)
    if decimal:
        return int(decimal[2]) <= int(decimal[1]) <= 38 and int(decimal[1]) > 0
    return written in SIMPLE_TYPES


def rule_12_types(model: Model) -> Iterator[Finding]:
    for at, token in enumerate(model.tokens[:-1]):
        opens = model.tokens[at + 1].token_type == TokenType.L_PAREN
        if token.text.lower() in ("cast", "try_cast") and opens:
            written = _type_of_cast(model.tokens[at + 2 :])
            if not _is_known_type(written):
                yield token.line, f"type {written} in a cast; see the list in the rule"


# --- the table of rules ---

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
        return _line(tree), f"a {tree.key} statement; a model is exactly one query"
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
    _flag_double_columns(tree)
    tokens = list(sqlglot.tokenize(sql, read=SOURCE_DIALECT))
    model = Model(tree, tokens, frozenset(name.lower() for name in allowed_functions))
    found = {
        Violation(path, line, number, message)
        for number, (rule, _) in RULES.items()
        if rules is None or number in rules
        for line, message in rule(model)
    }
    return sorted(found)


# --- what to check: files, folders, a manifest ---


class UsageError(Exception):
    """The command line names nothing that can be checked."""


@dataclass(frozen=True)
class Item:
    """One compiled text; a dbt test only has to parse and to keep `TEST_RULES`."""

    path: str
    sql: str | None
    is_test: bool = False


def _is_test_path(path: Path, root: Path) -> bool:
    """Compiled dbt tests lie under tests/ (singular) or under a yml's name (generic)."""
    parts = path.relative_to(root.parent).parts[:-1]
    if "compiled" in path.parts:
        last = len(path.parts) - path.parts[::-1].index("compiled")
        parts = path.parts[last:-1]
    return "tests" in parts or any(part.endswith((".yml", ".yaml")) for part in parts)


def items_of_path(root: Path) -> list[Item]:
    """The .sql files of one file or folder."""
    if not root.exists():
        raise UsageError(f"{root}: no such file or folder")
    files = [root] if root.is_file() else sorted(p for p in root.rglob("*.sql") if p.is_file())
    if not files or any(file.suffix != ".sql" for file in files):
        raise UsageError(f"{root}: no .sql file here")
    return [Item(str(file), file.read_text("utf-8", "replace"), _is_test_path(file, root)) for file in files]


def _compiled_sql(node: dict[str, Any], manifest: Path) -> str | None:
    code = node.get("compiled_code")
    if code:
        return str(code)
    if not node.get("compiled_path"):
        return None
    for folder in manifest.resolve().parents:
        file = folder / str(node["compiled_path"])
        if file.is_file():
            return file.read_text("utf-8", "replace")
    return None


def items_of_manifest(manifest: Path) -> list[Item]:
    """The SQL models and the singular tests of a dbt manifest that was compiled for DuckDB."""
    try:
        content = json.loads(manifest.read_text("utf-8"))
        nodes = list(content["nodes"].values())
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{manifest}: not a readable dbt manifest ({error!r})") from error
    adapter = content.get("metadata", {}).get("adapter_type", SOURCE_DIALECT)
    if adapter != SOURCE_DIALECT:
        raise UsageError(f"{manifest}: compiled for {adapter}; this lint reads {SOURCE_DIALECT}")
    items = [
        Item(node["original_file_path"], _compiled_sql(node, manifest), kind == "test")
        for node in nodes
        if (kind := node.get("resource_type")) in ("model", "test")
        and node.get("language", "sql") == "sql"
        and not node.get("test_metadata")
    ]
    if not any(not item.is_test for item in items):
        raise UsageError(f"{manifest}: no SQL model in it")
    return sorted(items, key=lambda item: item.path)


def check_item(item: Item, allowed_functions: Collection[str] = ()) -> list[Violation]:
    """The violations of one item; a model that was never compiled is one."""
    if item.sql is None:
        return [Violation(item.path, 1, PARSE_RULE, "not compiled; run dbt compile first")]
    rules = TEST_RULES if item.is_test else None
    return check_sql(item.sql, item.path, allowed_functions=allowed_functions, rules=rules)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m orchestration.lint.portable_sql",
        description="Check that compiled dbt SQL (DuckDB) keeps the portable-SQL rules.",
        epilog="; ".join(f"R{number} {text}" for number, (_, text) in RULES.items()),
    )
    parser.add_argument("paths", nargs="*", type=Path, help="compiled .sql files or folders")
    parser.add_argument("--manifest", type=Path, help="a compiled dbt manifest.json")
    parser.add_argument(
        "--allow-function",
        action="append",
        default=[],
        metavar="NAME",
        help="a function that a project macro compiles to (repeatable)",
    )
    arguments = parser.parse_args(argv)
    if not arguments.paths and not arguments.manifest:
        parser.error("give a PATH or --manifest")
    return arguments


def main(argv: Sequence[str] | None = None) -> int:
    """0: no violation. 1: violations, printed. 2: nothing to check, or wrong usage."""
    arguments = _arguments(argv)
    try:
        items = [item for path in arguments.paths for item in items_of_path(path)]
        if arguments.manifest:
            items += items_of_manifest(arguments.manifest)
    except UsageError as error:
        print(f"portable_sql: {error}", file=sys.stderr)
        return 2
    violations = [v for item in items for v in check_item(item, arguments.allow_function)]
    for violation in violations:
        print(violation)
    tests = sum(item.is_test for item in items)
    noun = "violation" if len(violations) == 1 else "violations"
    summary = f"{len(items) - tests} models, {len(violations)} {noun}"
    print(summary + (f" ({tests} tests checked too)" if tests else ""))
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
