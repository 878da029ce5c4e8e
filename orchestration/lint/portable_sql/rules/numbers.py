"""Rules 1, 2, 3 and 5: money stays exact, quotients are doubles, nothing aggregates doubles."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import exp

from orchestration.lint.portable_sql.model import Finding, Model, calls_matching, line_of
from orchestration.lint.portable_sql.shapes import (
    DECIMAL_TYPES,
    cannot_be_zero,
    has_double,
    is_double,
    is_exact,
    type_of_cast,
)


def rule_1_no_double_to_decimal(model: Model) -> Iterator[Finding]:
    for cast in model.tree.find_all(exp.Cast):
        if type_of_cast(cast) in DECIMAL_TYPES and has_double(cast.this):
            yield line_of(cast), "cast of a double to decimal; use the rounding macro"
    for call in model.tree.find_all(exp.Round):
        if not is_exact(call.this):
            yield (
                line_of(call),
                "round() of something not visibly decimal; use the rounding macro, "
                "or round(cast(… as decimal(p,s)), n)",
            )


def rule_2_division_of_doubles(model: Model) -> Iterator[Finding]:
    for div in model.tree.find_all(exp.Div):
        for side, name in ((div.this, "numerator"), (div.expression, "denominator")):
            if not is_double(side):
                yield line_of(div), f"{name} of / is not visibly a double; cast(… as double)"
        if not cannot_be_zero(div.expression):
            yield line_of(div), "denominator of / can be zero; nullif(…, 0)"


DOUBLE_AGGREGATES = re.compile(
    r"avg|mean|favg|fsum|sumkahan|kahan_sum|product|geomean|geometric_mean|stddev.*|var_.*"
    r"|variance|corr|covar_.*|regr_.*|skewness|kurtosis.*|entropy"
)


def rule_3_no_double_aggregates(model: Model) -> Iterator[Finding]:
    why = "aggregates doubles; sum decimals or integers and divide once"
    yield from calls_matching(model, DOUBLE_AGGREGATES, why)
    for total in model.tree.find_all(exp.Sum):
        if has_double(total.this):
            yield line_of(total), "sum() of a double; sum the decimal and divide once"


PERCENTILES = re.compile(r"median|mad|percentile.*|quantile.*|reservoir_quantile|approx_.*")


def rule_5_no_percentile_functions(model: Model) -> Iterator[Finding]:
    why = "interpolates differently or approximates; use row_number and exact interpolation"
    yield from calls_matching(model, PERCENTILES, why)
