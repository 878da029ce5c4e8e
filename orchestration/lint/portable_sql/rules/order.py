"""Rules 6 and 9: an order is total, and lists go through the one macro."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sqlglot import Token, TokenType, exp

from orchestration.lint.portable_sql.model import CLOSING, OPENING, Finding, Model, calls_matching, line_of

ORDER_END_TOKENS = frozenset(
    {TokenType.ROWS, TokenType.RANGE, TokenType.LIMIT, TokenType.OFFSET, TokenType.FETCH}
    | {TokenType.UNION, TokenType.EXCEPT, TokenType.INTERSECT, TokenType.SEMICOLON}
)
RANKINGS = (
    *(exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist, exp.Ntile),
    *(exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue),
)


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
            yield line_of(window), f"{function.key}: ranking window without an order by"


LISTS = re.compile(r"string_agg|group_concat|listagg|array_agg|list|collect_list|collect_set")


def rule_9_no_list_aggregates(model: Model) -> Iterator[Finding]:
    why = "aggregates a list; use the ordered-list macro (and allow what it compiles to)"
    yield from calls_matching(model, LISTS, why)
