"""Contracts of schema `marts`: grain, ranges, and the identities that tie numbers to one another."""

from __future__ import annotations

from collections.abc import Callable

import ibis
import ibis.expr.types as ir

from orchestration.contracts import rules
from orchestration.contracts.stage import Contract, Identity, column

VERDICTS = (
    "exact",
    "consistent",
    "consistent_double_rounding",
    "explained_by_revision",
    "definition_dependent",
    "inconsistent",
    "pending",
    "unverifiable",
    "opinion",
)
_SERIES = ("source_id", "reporter_iso3", "partner_iso3", "flow", "product_id")
_PERIOD = ("period_grain", "period_start_date", "period_end_date")
_MONEY = "decimal(24, 4)"
_FLOW = column("string", rules.one_of(("X", "M", "RX", "RM")))
_ISO3 = column("string", rules.matches(r"[A-Z_][A-Z0-9_]{1,4}", "an economy code"))
_GRAIN = column("string", rules.one_of(("A", "M", "JF", "YTD")))


def _float(value: ir.Value) -> ir.FloatingValue:
    cast: ir.FloatingValue = value.cast("float64")
    return cast


def _shares_sum(share: str) -> Callable[[ir.Table], ir.Table]:
    def gap(table: ir.Table) -> ir.Table:
        held = table.filter(table[share].notnull())
        sums = held.group_by("source_id", "flow", "product_id", "year").agg(total=held[share].sum())
        return sums.select(gap=sums.total - 100.0)

    return gap


def _growth_recomputes(table: ir.Table) -> ir.Table:
    held = table.filter(table.growth_yoy_pct.notnull())
    again = (_float(held.value) - _float(held.base_value)) / _float(held.base_value) * 100.0
    return held.select(gap=again - held.growth_yoy_pct)


def _growth_or_reason(table: ir.Table) -> ir.Table:
    """1 where a null growth is called ok or a growth has a status that says there is none."""
    valued = table.growth_status.isin(["ok", "derived_from_ytd", "base_derived_from_ytd"])
    return table.select(gap=(valued != table.growth_yoy_pct.notnull()).cast("float64"))


def _crossover_inside(table: ir.Table) -> ir.Table:
    held = table.filter(table.crossover_year_low.notnull())
    inside = held.crossover_year.between(held.crossover_year_low, held.crossover_year_high)
    return held.select(gap=(~inside).cast("float64"))


def _leakage_adds_up(table: ir.Table) -> ir.Table:
    parts = table.kept_value_usd + table.out_value_usd + table.open_value_usd
    return table.select(gap=_float(table.native_value_usd - parts))


def _ratio_recomputes(table: ir.Table) -> ir.Table:
    again = _float(table.value_a) / _float(table.value_b)
    return table.select(gap=ibis.ifelse(table.ratio.isnull(), 0.0, again - table.ratio))


def _one_intended(table: ir.Table) -> ir.Table:
    """The number of intended rows of each claim, less one."""
    counts = table.group_by("claim_id").agg(intended=table.is_intended.cast("int64").sum())
    return counts.select(gap=counts.intended.cast("float64") - 1.0)


_GROWTH_IDENTITIES = (
    Identity("growth_recomputes", "growth = 100 (value - base) / base", _growth_recomputes, 1e-7),
    Identity("null_has_a_reason", "a status that fits the growth", _growth_or_reason, 0),
)

CONTRACTS = {
    "dim_flow_slice": Contract(
        key=("slice_id",),
        may_be_empty=True,
        columns={
            "reporter_iso3": _ISO3,
            "flow": _FLOW,
            "period_grain": _GRAIN,
            "released_at": column("date"),
            "valuation": column("string", rules.one_of(("fob", "cif"))),
        },
    ),
    "fct_announced_flow": Contract(
        key=("source_id", "reporter_iso3", "partner_iso3", "flow", "product_id", *_PERIOD),
        may_be_empty=True,
        columns={
            "reporter_iso3": _ISO3,
            "partner_iso3": _ISO3,
            "flow": _FLOW,
            "period_grain": _GRAIN,
            "value_usd": column(_MONEY, rules.at_least_zero(), nullable=True),
            "value_cny": column(_MONEY, rules.at_least_zero(), nullable=True),
            "quantity": column(_MONEY, rules.at_least_zero(), nullable=True),
            "valuation": column("string", rules.one_of(("fob", "cif"))),
        },
    ),
    "fct_announced_flow_release": Contract(
        key=("source_id", "release_id", "reporter_iso3", "partner_iso3", "flow", "product_id", *_PERIOD),
        may_be_empty=True,
        columns={"released_at": column("date")},
    ),
    "dim_hs_concordance": Contract(
        key=("from_edition", "from_code", "to_edition", "to_code"),
        columns={
            "from_code": column("string", rules.matches(r"\d{6}", "6 digits", "bad_code")),
            "to_code": column("string", rules.matches(r"\d{6}", "6 digits", "bad_code")),
        },
    ),
    "fct_concordance_leakage": Contract(
        key=(
            *("source_id", "flow", "year", "from_edition", "to_edition"),
            *("product_id", "conversion_id"),
        ),
        columns={
            "flow": _FLOW,
            "native_value_usd": column(_MONEY, rules.at_least_zero()),
            "kept_value_usd": column(_MONEY, rules.at_least_zero()),
            "out_value_usd": column(_MONEY, rules.at_least_zero()),
            "open_value_usd": column(_MONEY, rules.at_least_zero()),
            "in_value_usd": column(_MONEY, rules.at_least_zero()),
        },
        identities=(Identity("leakage_adds_up", "native = kept + out + open", _leakage_adds_up, 0),),
    ),
    "fct_trade_growth_yearly": Contract(
        key=(*_SERIES, "year", "basis", "vintage"),
        columns={
            "basis": column("string", rules.one_of(("usd", "cny", "quantity"))),
            "vintage": column("string", rules.one_of(("first", "latest"))),
            "value": column(_MONEY, rules.at_least_zero()),
        },
        identities=_GROWTH_IDENTITIES,
    ),
    "fct_trade_growth_monthly": Contract(
        key=(*_SERIES, *_PERIOD, "basis", "vintage"),
        columns={
            "basis": column("string", rules.one_of(("usd", "cny", "quantity"))),
            "period_grain": column("string", rules.one_of(("M", "JF", "YTD"))),
            "streak_months": column("int32", rules.at_least_zero(), nullable=True),
        },
        identities=_GROWTH_IDENTITIES,
    ),
    "fct_trade_share_yearly": Contract(
        key=("source_id", "reporter_iso3", "flow", "product_id", "year"),
        columns={
            "share_pct": column("float64", rules.within(0, 100)),
            "constant_sample_share_pct": column("float64", rules.within(0, 100), nullable=True),
            "reporters_in_world": column("int32", rules.within(1, 300)),
        },
        identities=(
            Identity("shares_sum_to_100", "a sum of 100", _shares_sum("share_pct"), 1e-7),
            Identity(
                "constant_shares_sum_to_100",
                "a sum of 100",
                _shares_sum("constant_sample_share_pct"),
                1e-7,
            ),
        ),
    ),
    "fct_trade_cagr": Contract(
        key=(*_SERIES, "basis", "vintage", "start_year", "end_year"),
        columns={"years_elapsed": column("int32", rules.within(1, 100))},
    ),
    "fct_capacity_share": Contract(
        key=("edition_id", "scope", "economy_iso3", "year"),
        columns={"share_pct": column("decimal(9, 4)", rules.within(0, 100))},
    ),
    "fct_capacity_crossover": Contract(
        key=("edition_id", "scope", "economy_iso3", "other_economy_iso3", "method"),
        columns={"method": column("string", rules.one_of(("linear",)))},
        identities=(Identity("inside_envelope", "low <= crossover <= high", _crossover_inside, 0),),
    ),
    "fct_product_comparison": Contract(
        key=(
            *("source_id", "reporter_iso3", "partner_iso3", "flow", "product_a", "product_b"),
            *_PERIOD,
            *("basis", "vintage"),
        ),
        columns={"leader_status": column("string", rules.one_of(("ok", "within_rounding")))},
        identities=(Identity("ratio_recomputes", "ratio = value_a / value_b", _ratio_recomputes),),
    ),
    "fct_claim_verdict": Contract(
        key=("claim_id", "definition_id"),
        columns={
            "definition_role": column("string", rules.one_of(("meant", "open", "other"))),
            "verdict": column("string", rules.one_of(VERDICTS)),
            "reason": column("string", rules.not_blank()),
        },
        identities=(Identity("one_intended", "one intended row of each claim", _one_intended, 0),),
    ),
    "fct_claim_input": Contract(
        key=("claim_id", "definition_id", "input_role"),
        columns={
            "input_subject": column("string", rules.not_blank()),
            "released_at": column("date"),
        },
    ),
}
