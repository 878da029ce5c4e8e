"""What a rule may look at: one compiled model, and where its parts stand.

Belongs here: the model, the finding, lines, tokens, names. Not here: types (shapes.py), rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlglot import Token, TokenType, exp

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


OPENING = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE})
CLOSING = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE})
NAME_TOKENS_EXCLUDED = frozenset({TokenType.STRING, TokenType.IDENTIFIER, TokenType.NUMBER})


def line_of(node: exp.Expr) -> int:
    """First line on which a part of `node` stands (types carry no usable position)."""
    lines = [
        part.meta["line"]
        for part in node.walk(prune=lambda part: isinstance(part, exp.DataType))
        if "line" in part.meta and not isinstance(part, exp.DataType)
    ]
    if lines:
        return int(min(lines))
    return line_of(node.parent) if isinstance(node.parent, exp.Expr) else 1


def calls_of(model: Model) -> Iterator[tuple[str, int]]:
    """Every `name(` of the text: (lower-case name, line)."""
    for token, following in zip(model.tokens, model.tokens[1:], strict=False):
        is_name = token.token_type not in NAME_TOKENS_EXCLUDED and token.text.isidentifier()
        if is_name and following.token_type == TokenType.L_PAREN:
            yield token.text.lower(), token.line


def calls_matching(model: Model, pattern: re.Pattern[str], why: str) -> Iterator[Finding]:
    for name, line in calls_of(model):
        if pattern.fullmatch(name) and name not in model.allowed_functions:
            yield line, f"{name}(): {why}"


def own_nodes(node: exp.Expr) -> Iterator[exp.Expr]:
    """The nodes of one SELECT's clause, without those of the queries nested in it."""
    yield from node.walk(prune=lambda part: isinstance(part, exp.Query))


def bare(node: Any) -> Any:
    """`node` without its parentheses."""
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def outside(node: exp.Expr) -> exp.Expr | None:
    """The nearest parent that is not a parenthesis."""
    parent = node.parent
    while isinstance(parent, exp.Paren):
        parent = parent.parent
    return parent if isinstance(parent, exp.Expr) else None
