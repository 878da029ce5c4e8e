"""Rule 10: constructs that only one of the two engines has, or that they read differently."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlglot import TokenType, exp

from orchestration.lint.portable_sql.model import (
    CLOSING,
    OPENING,
    Finding,
    Model,
    calls_of,
    line_of,
    own_nodes,
)
from orchestration.lint.portable_sql.shapes import is_number

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
    for name, line in calls_of(model):
        if name in REFUSED_CALLS and name not in model.allowed_functions:
            yield line, f"{name}(): {REFUSED_CALLS[name]}"


def _refused_nodes(model: Model) -> Iterator[Finding]:
    for kind, why in REFUSED_NODES.items():
        for node in model.tree.find_all(kind):
            yield line_of(node), why
    for sample in model.tree.find_all(exp.TableSample):
        yield line_of(sample), "TABLESAMPLE or USING SAMPLE"
    for star in model.tree.find_all(exp.Star):
        if any(star.args.get(key) for key in ("except_", "replace", "rename")):
            yield line_of(star), "EXCLUDE, REPLACE or RENAME on *; list the columns"
    for join in model.tree.find_all(exp.Join):
        refused = {str(join.args.get(key) or "").upper() for key in ("method", "kind", "side")}
        for word in sorted(refused & {"ASOF", "POSITIONAL", "SEMI", "ANTI"}):
            yield line_of(join), f"{word} join; use EXISTS, NOT EXISTS or an ordinary join"


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
            yield line_of(name), f'double-quoted name "{name.name}"; Spark reads it as text'


def _positional_group_by(model: Model) -> Iterator[Finding]:
    for group in model.tree.find_all(exp.Group):
        if any(is_number(item) for item in group.expressions):
            yield line_of(group), "group by a position; name the columns"


def _regexp_replace(model: Model) -> Iterator[Finding]:
    """DuckDB replaces the first match, Spark every match; the fourth argument differs too."""
    for call in model.tree.find_all(exp.RegexpReplace):
        if "regexp_replace" in model.allowed_functions:
            continue
        pattern = call.expression
        text = str(pattern.this) if isinstance(pattern, exp.Literal) else ""
        if not call.args.get("replacement"):
            yield line_of(call), "regexp_replace with 2 arguments; give the replacement"
        elif call.args.get("modifiers"):
            yield line_of(call), "regexp_replace with options; Spark's 4th argument is a position"
        elif not text.startswith("^") or "|" in text:
            yield (
                line_of(call),
                "regexp_replace of a pattern that can match twice: DuckDB replaces the first "
                "match, Spark all of them; anchor it with ^ (and no |)",
            )


def _names_itself(item: exp.Alias) -> bool:
    """`cast(a as date) as a`: the source has an `a`, and both engines take that one."""
    columns = (node for node in own_nodes(item.this) if isinstance(node, exp.Column))
    return any(column.name.lower() == item.alias.lower() for column in columns)


def _alias_uses(node: Any, aliases: Collection[str], where: str) -> Iterator[Finding]:
    if not isinstance(node, exp.Expr):
        return
    for part in own_nodes(node):
        if isinstance(part, exp.Column) and not part.table and part.name.lower() in aliases:
            message = f"alias {part.name} used again in {where}; compute it in an earlier CTE"
            yield line_of(part), f"{message}, or qualify the source column"


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
