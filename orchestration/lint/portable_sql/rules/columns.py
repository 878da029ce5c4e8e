"""Rules 4, 8 and 12: final columns are cast, casts are plain, types are portable."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from sqlglot import Token, TokenType, exp

from orchestration.lint.portable_sql.model import CLOSING, OPENING, Finding, Model, bare, calls_of, line_of
from orchestration.lint.portable_sql.shapes import INTEGER_TYPES, has_fraction, type_of_cast


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
            value = bare(item.unalias())
            if item.is_star:
                yield line_of(item), "select * as the final list; name and cast every column"
            elif isinstance(value, exp.Cast) and not item.alias:
                yield line_of(item), "final column without a name; cast(… as …) as name"
            elif not isinstance(value, exp.Column | exp.Cast):
                name = item.alias or "unnamed"
                yield line_of(item), f"final column {name} is not cast; cast(… as …) as {name}"


def rule_4_cast_final_columns(model: Model) -> Iterator[Finding]:
    yield from _final_items(model)
    for cast in model.tree.find_all(exp.Cast):
        whole = isinstance(bare(cast.this), exp.Floor | exp.Ceil)
        if type_of_cast(cast) in INTEGER_TYPES and not whole and has_fraction(cast.this):
            yield line_of(cast), "cast of a fraction to an integer; floor() or ceil() it first"


def rule_8_plain_casts(model: Model) -> Iterator[Finding]:
    for token in model.tokens:
        if token.token_type == TokenType.DCOLON:
            yield token.line, ":: cast; write cast(… as …)"
    for name, line in calls_of(model):
        if name == "try_cast":
            yield line, "try_cast; gate the text by a regular expression, then cast"


SIMPLE_TYPES = frozenset({"string", "bigint", "integer", "int", "double", "date", "timestamp", "boolean"})
DECIMAL_TYPE = re.compile(r"decimal\((\d+),(\d+)\)")


def _written_type(tokens: Sequence[Token]) -> str:
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
            written = _written_type(model.tokens[at + 2 :])
            if not _is_known_type(written):
                yield token.line, f"type {written} in a cast; see the list in the rule"
