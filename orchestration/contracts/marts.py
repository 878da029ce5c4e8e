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
# Every other growth_status is the reason why there is none; as the macro is_known_growth.
KNOWN_GROWTH = ("ok", "derived_from_ytd", "base_derived_from_ytd", "base_not_revised")
_SERIES = ("source_id", "reporter_iso3", "partner_iso3", "flow", "product_id")
_TOTAL = (*_SERIES, "period_grain", "period_end_date", "basis", "vintage")
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
    valued = table.growth_status.isin(KNOWN_GROWTH)
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


def _members_sum(table: ir.Table) -> ir.Table:
    """Shares of one denominator, the residual included, sum to 100; what has no share is left out."""
    held = table.filter((table.share_status == "ok") | (table.share_status == "members_exceed_total"))
    key = ("dimension", "source_id", "reporter_iso3", "flow", "item_id", "year")
    sums = held.group_by(*key).agg(total=held.share_pct.sum())
    return sums.select(gap=sums.total - 100.0)


def _effects_sum(table: ir.Table) -> ir.Table:
    held = table.filter(table.decomposition_status == "ok")
    effects = held.structure_effect_pp + held.market_share_effect_pp + held.new_flow_effect_pp
    structure = held.product_effect_pp + held.market_effect_pp
    gap = (effects - held.growth_gap_pp).abs() + (structure - held.structure_effect_pp).abs()
    return held.select(gap=gap / (1.0 + held.growth_gap_pp.abs()))


def _log_recomputes(table: ir.Table) -> ir.Table:
    held = table.filter(table.mirror_status == "ok")
    again = (_float(held.importer_value_usd) / _float(held.exporter_value_usd)).ln()
    return held.select(gap=again - held.gap_log)


def _gap_is_split(table: ir.Table) -> ir.Table:
    """The parts and the unexplained add up to the gap, at the low ends of one and the high of the other."""
    held = table.filter(table.mirror_status == "ok")
    explained = (
        held.cif_margin_log_high
        + held.timing_log_high.fill_null(0.0)
        + held.hong_kong_log_high.fill_null(0.0)
    )
    return held.select(gap=held.gap_log - explained - held.unexplained_log_low)


def _in_order(low: str, middle: str, high: str) -> Callable[[ir.Table], ir.Table]:
    def gap(table: ir.Table) -> ir.Table:
        held = table.filter(table[low].notnull())
        return held.select(gap=(~held[middle].between(held[low], held[high])).cast("float64"))

    return gap


def _balance_recomputes(table: ir.Table) -> ir.Table:
    held = table.filter(table.balance_status == "ok")
    return held.select(gap=_float(held.exports_value - held.imports_value - held.balance))


def _null_with(value: str, status: str) -> Callable[[ir.Table], ir.Table]:
    """1 where a value is there without the status ok, or missing with it."""

    def gap(table: ir.Table) -> ir.Table:
        return table.select(gap=((table[status] == "ok") != table[value].notnull()).cast("float64"))

    return gap


_MIRROR_COLUMNS = {
    "exporter_iso3": _ISO3,
    "importer_iso3": _ISO3,
    "exporter_value_usd": column(_MONEY, rules.at_least_zero(), nullable=True),
    "importer_value_usd": column(_MONEY, rules.at_least_zero(), nullable=True),
    "reconciled_value_usd": column(_MONEY, rules.at_least_zero(), nullable=True),
    "mirror_status": column("string", rules.one_of(("ok", "no_mirror", "scope_differs", "zero_value"))),
}
_MIRROR_IDENTITIES = (
    Identity("gap_recomputes", "gap = ln(importer / exporter)", _log_recomputes),
    Identity("gap_is_split", "gap = margin + timing + Hong Kong + unexplained", _gap_is_split),
    Identity("null_has_a_reason", "a status that fits the gap", _null_with("gap_log", "mirror_status"), 0),
)


def _log_and_symmetric(table: ir.Table) -> ir.Table:
    """exp(log) - 1 is the growth, and the symmetric change is 2 tanh of half the log."""
    held = table.filter(table.growth_log_pct.notnull())
    log = held.growth_log_pct / 100.0
    again = (log.exp() - 1.0) * 100.0 - held.growth_yoy_pct
    tanh = (log.exp() - 1.0) / (log.exp() + 1.0) * 200.0 - held.growth_symmetric_pct
    return held.select(gap=ibis.greatest(again.abs() / (1.0 + held.growth_yoy_pct.abs()), tanh.abs()))


def _lmdi_adds_up(table: ir.Table) -> ir.Table:
    parts = table.value_change_by_quantity + table.value_change_by_unit_value
    return table.select(gap=ibis.ifelse(table.value_change.isnull(), 0.0, _float(table.value_change - parts)))


def _contributions_sum(table: ir.Table) -> ir.Table:
    sums = table.group_by(*_TOTAL, "component_kind").agg(
        parts=table.value_change.sum(), total=(table.total_value - table.total_base_value).max()
    )
    return sums.select(gap=_float(sums.parts - sums.total))


def _contribution_points_sum(table: ir.Table) -> ir.Table:
    sums = table.group_by(*_TOTAL, "component_kind").agg(
        parts=table.contribution_pp.sum(), total=table.total_growth_pct.max()
    )
    return sums.select(gap=(sums.parts - sums.total) / (1.0 + sums.total.abs()))


def _factor_reversal(table: ir.Table) -> ir.Table:
    held = table.filter(table.price_index_status == "ok")
    product = held.price_fisher_ratio * held.quantity_fisher_ratio
    return held.select(gap=product / held.value_ratio - 1.0)


def _fisher_between(table: ir.Table) -> ir.Table:
    """0 where Fisher lies between Laspeyres and Paasche."""
    held = table.filter(table.price_index_status == "ok")
    low = ibis.least(held.price_laspeyres_ratio, held.price_paasche_ratio) * (1 - 1e-9)
    high = ibis.greatest(held.price_laspeyres_ratio, held.price_paasche_ratio) * (1 + 1e-9)
    return held.select(gap=(~held.price_fisher_ratio.between(low, high)).cast("float64"))


def _effect_recomputes(table: ir.Table) -> ir.Table:
    held = table.filter(table.customs_currency_effect_pct.notnull() & (table.growth_usd_pct > -100.0))
    again = ((1.0 + held.growth_cny_pct / 100.0) / (1.0 + held.growth_usd_pct / 100.0) - 1.0) * 100.0
    return held.select(gap=again - held.customs_currency_effect_pct)


def _per_day_recomputes(table: ir.Table) -> ir.Table:
    held = table.filter(table.growth_per_day_pct.notnull())
    days = held.base_days.cast("float64") / held.days.cast("float64")
    again = ((1.0 + held.growth_yoy_pct / 100.0) * days - 1.0) * 100.0
    return held.select(gap=(again - held.growth_per_day_pct) / (1.0 + again.abs()))


def _fits_first_print(table: ir.Table) -> ir.Table:
    """1 where a base is said to fit although it lies outside the interval that the growth implies."""
    fits = table.filter(table.implied_revision_status == "first_print_fits")
    low, high = fits.base_value - fits.base_half_unit, fits.base_value + fits.base_half_unit
    apart = (low > fits.implied_base_high) | (high < fits.implied_base_low)
    return fits.select(gap=apart.cast("float64"))


def _placebo_in_order(table: ir.Table) -> ir.Table:
    held = table.filter(table.placebo_status == "ok")
    return held.select(gap=(held.placebo_low_pct > held.placebo_high_pct).cast("float64"))


def _record_is_highest(table: ir.Table) -> ir.Table:
    records = table.filter(table.record_high_status == "record")
    return records.select(gap=(records.value <= records.highest_before_value).cast("float64"))


_GROWTH_IDENTITIES = (
    Identity("growth_recomputes", "growth = 100 (value - base) / base", _growth_recomputes, 1e-7),
    Identity("null_has_a_reason", "a status that fits the growth", _growth_or_reason, 0),
    Identity("log_and_symmetric", "exp(log) - 1 = growth, 200 tanh(log / 2) = symmetric", _log_and_symmetric),
)

CONTRACTS = {
    "dim_flow_slice": Contract(
        key=("slice_id",),
        columns={
            "reporter_iso3": _ISO3,
            "flow": _FLOW,
            "period_grain": _GRAIN,
            "released_at": column("date"),
            "valuation": column("string", rules.one_of(("fob", "cif"))),
        },
    ),
    "fct_flow_by_currency": Contract(
        key=("slice_id", "raw_row"),
        columns={
            "reporter_iso3": _ISO3,
            "partner_iso3": _ISO3,
            "flow": _FLOW,
            "period_grain": _GRAIN,
            "released_at": column("date"),
        },
    ),
    "fct_announced_flow": Contract(
        key=("source_id", "reporter_iso3", "partner_iso3", "flow", "product_id", *_PERIOD),
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
        columns={"released_at": column("date")},
    ),
    "dim_hs_concordance": Contract(
        key=("from_edition", "from_code", "to_edition", "to_code"),
        is_list=True,
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
            "share_pct": column("float64", rules.within(0, 100), nullable=True),
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
    "fct_growth_currency": Contract(
        key=(*_SERIES, *_PERIOD, "vintage"),
        columns={
            "market_rate_per_usd": column("decimal(18, 6)", rules.above_zero(), nullable=True),
            "customs_cny_per_usd": column("decimal(18, 6)", rules.within(0.0, 20), nullable=True),
        },
        identities=(
            Identity("effect_recomputes", "(1 + g_cny) / (1 + g_usd) - 1", _effect_recomputes, 1e-7),
        ),
    ),
    "fct_growth_calendar": Contract(
        key=(*_SERIES, *_PERIOD, "basis", "vintage"),
        columns={
            "days": column("int32", rules.within(28, 366)),
            "working_days": column("int32", rules.within(0, 366), nullable=True),
        },
        identities=(Identity("per_day_recomputes", "growth per day", _per_day_recomputes),),
    ),
    "fct_trade_growth_mom": Contract(
        key=(*_SERIES, "basis", "period_end_date"),
        columns={
            "value_seasonally_adjusted": column(_MONEY, rules.above_zero(), nullable=True),
            "growth_mom_seasonally_adjusted_status": column("string", rules.not_blank()),
        },
    ),
    "fct_trade_record": Contract(
        key=(*_SERIES, *_PERIOD, "basis", "vintage"),
        columns={"window_periods_missing": column("int32", rules.at_least_zero())},
        identities=(Identity("record_is_highest", "above every earlier value", _record_is_highest, 0),),
    ),
    "fct_growth_contribution": Contract(
        key=(*_TOTAL, "component_kind", "component_id"),
        columns={"component_kind": column("string", rules.one_of(("partner", "item")))},
        identities=(
            Identity("changes_sum", "the total's change", _contributions_sum, 0),
            Identity("points_sum", "the total's growth", _contribution_points_sum),
        ),
    ),
    "fct_unit_value": Contract(
        key=(*_SERIES, *_PERIOD, "basis", "vintage"),
        columns={"unit_value": column("decimal(24, 6)", rules.at_least_zero(), nullable=True)},
        identities=(Identity("lmdi_adds_up", "quantity part + unit value part", _lmdi_adds_up, 0),),
    ),
    "fct_price_index": Contract(
        key=(*_SERIES, *_PERIOD),
        columns={
            "price_fisher_ratio": column("float64", rules.above_zero(), nullable=True),
            "base_coverage_pct": column("float64", rules.at_least_zero()),
        },
        identities=(
            Identity("factor_reversal", "price times quantity = value", _factor_reversal),
            Identity("fisher_between", "between Laspeyres and Paasche", _fisher_between, 0),
        ),
    ),
    "fct_price_index_item": Contract(
        key=(*_SERIES, "product_scope", *_PERIOD, "hs_code"),
        columns={"is_in_index": column("boolean")},
    ),
    "fct_implied_revision": Contract(
        key=(*_SERIES, *_PERIOD, "basis", "release_id"),
        columns={"published_half_unit": column("decimal(9, 4)", rules.above_zero())},
        identities=(Identity("first_print_fits", "inside the implied interval", _fits_first_print, 0),),
    ),
    "fct_policy_event_window": Contract(
        key=("event_id", *_SERIES, "control_product_id", "basis", "window_releases"),
        columns={"placebos_as_large_pct": column("float64", rules.within(0, 100), nullable=True)},
        identities=(Identity("placebos_in_order", "lowest <= highest", _placebo_in_order, 0),),
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
    "fct_capacity_crossover_path": Contract(
        key=("edition_id", "scope", "economy_iso3", "other_economy_iso3", "method"),
        columns={"method": column("string", rules.one_of(("linear", "log", "logit")))},
        identities=(Identity("inside_envelope", "low <= crossover <= high", _crossover_inside, 0),),
    ),
    "fct_capacity_forecast": Contract(
        key=("source_id", "scope_family", "economy_iso3", "year", "edition_number"),
        columns={"forecast_pct": column("decimal(9, 4)", rules.within(0, 100))},
    ),
    "fct_share_member": Contract(
        key=("dimension", "source_id", "reporter_iso3", "flow", "item_id", "year", "member_id"),
        columns={
            "dimension": column("string", rules.one_of(("reporter", "partner", "product", "hs_code"))),
            "flow": _FLOW,
            "denominator_usd": column(_MONEY, rules.at_least_zero()),
            "matched_share_pct": column("float64", rules.within(0, 100), nullable=True),
        },
        identities=(
            Identity("members_sum_to_100", "a sum of 100", _members_sum, 1e-7),
            Identity(
                "matched_null_has_a_reason",
                "a status that fits the matched share",
                _null_with("matched_share_pct", "matched_status"),
                0,
            ),
        ),
    ),
    "fct_concentration": Contract(
        key=("dimension", "source_id", "reporter_iso3", "flow", "item_id", "year"),
        columns={
            "hhi_low": column("float64", rules.within(0, 1.0000001), nullable=True),
            "hhi_high": column("float64", rules.within(0, 1.0000001), nullable=True),
        },
        identities=(
            Identity("low_below_high", "low <= high", _in_order("hhi_low", "hhi_low", "hhi_high"), 0),
        ),
    ),
    "fct_market_share_decomposition": Contract(
        key=("market_level", "universe", "source_id", "reporter_iso3", "year"),
        columns={"market_level": column("string", rules.one_of(("world", "partner")))},
        identities=(
            Identity("effects_sum_to_the_gap", "effects that add up to the growth gap", _effects_sum, 1e-7),
        ),
    ),
    "fct_revealed_advantage": Contract(
        key=("universe", "source_id", "reporter_iso3", "item_id", "year"),
        columns={
            "rca_ratio": column("float64", rules.at_least_zero(), nullable=True),
            "rsca_ratio": column("float64", rules.within(-1, 1), nullable=True),
        },
        identities=(
            Identity("null_has_a_reason", "a status that fits", _null_with("rca_ratio", "rca_status"), 0),
        ),
    ),
    "fct_intra_industry": Contract(
        key=("measured_on", "source_id", "reporter_iso3", "partner_iso3", "item_id", "year"),
        columns={"grubel_lloyd_ratio": column("float64", rules.within(0, 1), nullable=True)},
        identities=(
            Identity(
                "null_has_a_reason",
                "a status that fits",
                _null_with("grubel_lloyd_ratio", "grubel_lloyd_status"),
                0,
            ),
        ),
    ),
    "fct_trade_balance": Contract(
        key=(
            *("source_id", "reporter_iso3", "partner_iso3", "product_id"),
            *_PERIOD,
            *("basis", "vintage"),
        ),
        columns={
            "period_grain": _GRAIN,
            "normalised_balance_pct": column("float64", rules.within(-100, 100), nullable=True),
        },
        identities=(
            Identity("balance_recomputes", "balance = exports - imports", _balance_recomputes, 0),
            Identity("null_has_a_reason", "a status that fits", _null_with("balance", "balance_status"), 0),
        ),
    ),
    "fct_reporter_comparison": Contract(
        key=("universe", "item_id", "source_id", "flow", "year", "reporter_a", "reporter_b"),
        columns={"reporter_a": _ISO3, "reporter_b": _ISO3, "flow": _FLOW},
        identities=(
            Identity("leader_or_reason", "a status that fits", _null_with("leader", "leader_status"), 0),
        ),
    ),
    "fct_product_lead": Contract(
        key=(
            *("source_id", "reporter_iso3", "partner_iso3", "flow", "product_a", "product_b"),
            *("period_grain", "basis", "vintage", "spell"),
        ),
        columns={"periods": column("int32", rules.within(1, 10000))},
        identities=(
            Identity("leader_or_reason", "a status that fits", _null_with("leader", "leader_status"), 0),
        ),
    ),
    "fct_source_comparison": Contract(
        key=(
            *("reporter_iso3", "partner_iso3", "flow", "product_id"),
            *_PERIOD,
            *("vintage", "source_a", "source_b", "scope_a", "scope_b"),
        ),
        columns={"agreement": column("string", rules.one_of(("within_rounding", "differs")))},
    ),
    "fct_industry_comparison": Contract(
        key=("snapshot_id_a", "raw_row_a", "raw_column_a", "snapshot_id_b", "raw_row_b", "raw_column_b"),
        columns={"agreement": column("string", rules.one_of(("within_rounding", "revised", "differs")))},
    ),
    "fct_article_comparison": Contract(
        key=("claim_a", "claim_b"),
        columns={
            "agreement": column("string", rules.one_of(("agrees", "agrees_in_some_reading", "differs")))
        },
    ),
    "fct_mirror_gap": Contract(
        key=("product_id", "exporter_iso3", "importer_iso3", "year"),
        columns=_MIRROR_COLUMNS,
        identities=_MIRROR_IDENTITIES,
    ),
    "fct_mirror_gap_code": Contract(
        key=("product_id", "hs_code", "exporter_iso3", "importer_iso3", "year"),
        columns=_MIRROR_COLUMNS,
        identities=_MIRROR_IDENTITIES,
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
