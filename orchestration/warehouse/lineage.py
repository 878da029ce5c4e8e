"""From a row of a mart back to the cells that it rests on: file, sha256, release, line, and the cell.

A row that was read carries its place (snapshot_id, raw_row). A row that was computed is followed to
the rows it was computed from, by the queries of `PARENTS`. The file itself is opened only to show the
record, and only when its bytes are still those that were loaded.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.errors import EXIT_USAGE, LedgerError
from orchestration.warehouse.files import sha256_of, sha256_in

ROWS_TRACED = 20

_SERIES = (
    "p.source_id = c.source_id and p.reporter_iso3 = c.reporter_iso3 and p.partner_iso3 = c.partner_iso3 "
    "and p.flow = c.flow and p.product_id = c.product_id"
)
# A year as the source prints it; where it prints months only, these, if all twelve are held.
_YEAR = (
    "(p.period_grain = 'A' or p.period_grain = 'M' and (select not bool_or(y.period_grain = 'A') "
    "and count(distinct y.period_end_date) = 12 from marts.fct_trade_flow as y "
    "where y.period_grain in ('A', 'M') and y.source_id = p.source_id and y.reporter_iso3 = p.reporter_iso3 "
    "and y.partner_iso3 = p.partner_iso3 and y.flow = p.flow and y.hs_code = p.hs_code and y.year = p.year))"
)
_FLOW = f"{_YEAR} and p.source_id = c.source_id"
_FLOWS = "from chosen as c join marts.fct_trade_flow as p on"
# Dollars of flows by code, and of product groups that a customs office announced, each with its own cell.
_AMOUNTS = (
    "from chosen as c join (select source_id, reporter_iso3, partner_iso3, flow, product_id, hs_code, "
    "period_grain, year, snapshot_id, raw_row, cast(null as varchar) as raw_column from marts.fct_trade_flow "
    "where hs_code is not null union all select source_id, reporter_iso3, partner_iso3, flow, product_id, "
    "null, period_grain, year, snapshot_id, raw_row, raw_column from marts.fct_printed_figure "
    "where measure = 'level' and basis = 'usd' and is_latest and period_grain = 'A') as p on"
)
# Six-digit codes of a product group; the published flow names the group only where the scope is complete.
_CODE_OF = (
    "length(p.hs_code) = 6 and exists (select 1 from marts.dim_product_group as g "
    "where g.hs_code = p.hs_code and g.product_id = {})"
)
_UNIVERSE = (
    "case c.universe when 'products' then p.product_id is not null "
    f"else {_CODE_OF.format('c.universe')} end"
)
_ITEM = "c.item_id in (p.product_id, p.hs_code)"
_CELLS = (
    "p.reporter_iso3 = c.reporter_iso3 and p.partner_iso3 = c.partner_iso3 and p.product_id = c.product_id "
    "and p.period_grain = c.period_grain and p.period_end_date = c.period_end_date"
)


def _mirror(code: str) -> tuple[str, ...]:
    """The rows that a mirror gap and its parts rest on; `code` says which item, of the flow `{p}`."""
    item = code.format(p="p")
    both = f"{_FLOWS} p.year = c.year and {_YEAR} and {item}"
    before = f"{_FLOWS} p.year = c.year - 1 and {_YEAR} and {item}"
    exporter = "p.flow = 'X' and p.source_id = c.exporter_source_id and p.reporter_iso3 = c.exporter_iso3"
    # What went into Hong Kong is a mirror of its own, which knows the source of each side.
    inward = (
        f"from chosen as c join {{table}} as i on {code.format(p='i')} and i.exporter_iso3 = c.exporter_iso3 "
        "and i.importer_iso3 = 'HKG' and i.year = c.year "
        f"join marts.fct_trade_flow as p on p.year = c.year and {_YEAR} and {item}"
    )
    table = "marts.fct_mirror_gap" if "product_id" in code else "marts.fct_mirror_gap_code"
    routed = "where c.hong_kong_routed_high_usd is not null"
    hong_kong = "p.source_id = 'comtrade' and p.reporter_iso3 = 'HKG'"
    # Its re-exports of a whole year, else its exports, which hold them.
    onward = (
        "p.flow = (select case when bool_or(f.period_grain = 'A') or count(distinct f.period_end_date) = 12 "
        "then 'RX' else 'X' end from marts.fct_trade_flow as f where f.flow = 'RX' and f.source_id = p.source_id "
        "and f.reporter_iso3 = p.reporter_iso3 and f.partner_iso3 = p.partner_iso3 and f.year = p.year "
        f"and f.period_grain in ('A', 'M') and {code.format(p='f')})"
    )
    return (
        f"select 'exporter', p.snapshot_id, p.raw_row, null {both} and {exporter} "
        "and p.partner_iso3 = c.importer_iso3",
        f"select 'importer', p.snapshot_id, p.raw_row, null {both} and p.flow = 'M' "
        "and p.source_id = c.importer_source_id and p.reporter_iso3 = c.importer_iso3 "
        "and p.partner_iso3 = c.exporter_iso3",
        f"select 'exporter, the year before', p.snapshot_id, p.raw_row, null {before} and {exporter} "
        "and p.partner_iso3 = c.importer_iso3 where c.timing_status = 'ok'",
        f"select 'to Hong Kong, says the exporter', p.snapshot_id, p.raw_row, null "
        f"{inward.format(table=table)} and p.flow = 'X' and p.source_id = i.exporter_source_id "
        f"and p.reporter_iso3 = c.exporter_iso3 and p.partner_iso3 = 'HKG' {routed}",
        f"select 'from the exporter, says Hong Kong', p.snapshot_id, p.raw_row, null "
        f"{inward.format(table=table)} and p.flow = 'M' and p.source_id = i.importer_source_id "
        f"and p.reporter_iso3 = 'HKG' and p.partner_iso3 = c.exporter_iso3 {routed}",
        f"select 'from everybody, says Hong Kong', p.snapshot_id, p.raw_row, null {both} and {hong_kong} "
        f"and p.flow = 'M' and p.partner_iso3 = 'WLD' {routed}",
        f"select 'to the importer, says Hong Kong', p.snapshot_id, p.raw_row, null {both} and {hong_kong} "
        f"and {onward} and p.partner_iso3 = c.importer_iso3 {routed}",
    )


def _of_share(role: str, member: str) -> str:
    """Rows behind the members of a denominator; `member` picks the one of the chosen row, or is `true`."""
    return (
        f"select {role}, p.snapshot_id, p.raw_row, p.raw_column {_AMOUNTS} {_FLOW} and p.flow = c.flow "
        "and p.year = c.year and case c.dimension "
        f"when 'reporter' then p.partner_iso3 = 'WLD' and {_ITEM} and {member.format('p.reporter_iso3')} "
        f"when 'partner' then p.reporter_iso3 = c.reporter_iso3 and {_ITEM} "
        f"and {member.format('p.partner_iso3')} "
        "when 'product' then p.reporter_iso3 = c.reporter_iso3 and p.partner_iso3 = 'WLD' "
        f"and p.product_id is not null and {member.format('p.product_id')} "
        "else p.reporter_iso3 = c.reporter_iso3 and p.partner_iso3 = 'WLD' "
        f"and {_CODE_OF.format('c.item_id')} and {member.format('p.hs_code')} end"
    )


_KEYS = "source_id, reporter_iso3, partner_iso3, flow, product_id"
_KEYS_OF_MONTH = ", ".join(f"m.{name}" for name in _KEYS.split(", "))
# Levels of every grain that stand in a file, with their place.
_LEVELS = (
    f"(select {_KEYS}, 'A' as period_grain, make_date(year, 12, 31) as period_end_date, year, basis, vintage, "
    "snapshot_id, raw_row from marts.fct_trade_growth_yearly "
    f"union all select {_KEYS}, period_grain, period_end_date, year, basis, vintage, snapshot_id, raw_row "
    "from marts.fct_trade_growth_monthly where snapshot_id is not null "
    # A month that is the difference of two years to date rests on both.
    f"union all select {_KEYS_OF_MONTH}, m.period_grain, m.period_end_date, m.year, m.basis, m.vintage, "
    "y.snapshot_id, y.raw_row from marts.fct_trade_growth_monthly as m join marts.fct_trade_growth_monthly as y "
    f"using ({_KEYS}, year, basis, vintage) where m.snapshot_id is null and m.value is not null "
    "and m.period_grain = 'M' and y.period_grain = 'YTD' and y.snapshot_id is not null "
    "and month(m.period_end_date) - month(y.period_end_date) in (0, 1)) as p"
)
_PAIR = (
    "select case when p.year = c.year then 'value ' else 'base ' end || p.basis, p.snapshot_id, p.raw_row, null "
    f"from chosen as c join {_LEVELS} on {_SERIES} and p.vintage = c.vintage "
    "and p.period_grain = c.period_grain and month(p.period_end_date) = month(c.period_end_date) "
    "and p.year in (c.year, c.year - 1)"
)
_PRINTED = (
    f"select {{role}}, p.snapshot_id, p.raw_row, p.raw_column from chosen as c join marts.fct_printed_figure as p "
    f"on {_SERIES} and p.basis = c.basis and p.period_grain = c.period_grain "
    "and month(p.period_end_date) = month(c.period_end_date)"
)
# Two products that a source reports by code.
_TWO_PRODUCTS = (
    "select p.product_id || ' ' || p.period_end_date, p.snapshot_id, p.raw_row, null from chosen as c "
    "join marts.fct_trade_flow as p on p.source_id = c.source_id and p.reporter_iso3 = c.reporter_iso3 "
    "and p.partner_iso3 = c.partner_iso3 and p.flow = c.flow and p.hs_code is not null "
    "and p.product_id in (c.product_a, c.product_b) and p.period_grain = c.period_grain and {} "
    "and c.basis = 'usd'"
)
# Tables of landed rows: their slice knows the file.
_OF_SLICE = (
    "select 'row', p.snapshot_id, c.raw_row, null from chosen as c join marts.dim_flow_slice as p "
    "on p.slice_id = c.slice_id",
)
_DIRECT = ("select 'row', snapshot_id, raw_row, null from chosen",)
_CURRENCIES = (
    "select 'value in ' || p.currency, p.snapshot_id, p.raw_row, p.raw_column from chosen as c "
    "join marts.fct_flow_by_currency as p on p.source_id = c.source_id and p.reporter_iso3 = c.reporter_iso3 "
    "and p.partner_iso3 = c.partner_iso3 and p.flow = c.flow and p.hs_code = c.hs_code "
    "and p.period_grain = c.period_grain and p.period_end_date = c.period_end_date"
)
# Table -> queries over its chosen rows `chosen`: (role, snapshot_id, raw_row, column) of what each rests on.
PARENTS: dict[str, tuple[str, ...]] = {
    "fct_customs_flow": _OF_SLICE,
    "fct_product_flow_row": _OF_SLICE,
    "fct_superseded_flow": _OF_SLICE,
    "fct_withdrawn_flow": _OF_SLICE,
    "fct_trade_growth_yearly": (
        "select 'value', snapshot_id, raw_row, null from chosen",
        "select 'base', p.snapshot_id, p.raw_row, null from chosen as c join marts.fct_trade_growth_yearly "
        f"as p on {_SERIES} and p.basis = c.basis and p.vintage = c.vintage and p.year = c.year - 1",
        "select 'published growth', p.snapshot_id, p.raw_row, p.raw_column from chosen as c "
        f"join marts.fct_printed_figure as p on {_SERIES} and p.basis = c.basis and p.year = c.year "
        "and p.period_grain = 'A' and p.measure = 'growth_yoy_pct' and p.is_latest",
    ),
    "fct_trade_growth_monthly": (f"{_PAIR} and p.basis = c.basis",),
    "fct_trade_share_yearly": (
        "select case when p.reporter_iso3 = c.reporter_iso3 then 'numerator' "
        "else 'world: ' || p.reporter_iso3 end, p.snapshot_id, p.raw_row, null from chosen as c "
        "join marts.fct_trade_flow as p on p.source_id = c.source_id and p.flow = c.flow "
        "and p.product_id = c.product_id and p.product_scope = c.product_scope and p.year = c.year "
        "and p.partner_iso3 = 'WLD' and p.period_grain = 'A' and p.hs_code is not null",
    ),
    # Of a flow in several currencies each has its own cell.
    "fct_trade_flow": (
        *_DIRECT,
        f"{_CURRENCIES} and p.superseded_at is null",
    ),
    "fct_trade_flow_release": (
        *_DIRECT,
        f"{_CURRENCIES} and p.release_id = c.release_id and not c.is_deleted",
    ),
    "fct_trade_cagr": (
        "select case when p.year = c.start_year then 'start' else 'end' end, p.snapshot_id, p.raw_row, null "
        f"from chosen as c join marts.fct_trade_growth_yearly as p on {_SERIES} and p.basis = c.basis "
        "and p.vintage = c.vintage and p.year in (c.start_year, c.end_year)",
    ),
    "fct_product_comparison": (
        "select p.product_id, p.snapshot_id, p.raw_row, p.raw_column from chosen as c "
        "join marts.fct_printed_figure as p on p.source_id = c.source_id and p.flow = c.flow "
        "and p.reporter_iso3 = c.reporter_iso3 and p.partner_iso3 = c.partner_iso3 and p.basis = c.basis "
        "and p.product_id in (c.product_a, c.product_b) and p.period_grain = c.period_grain "
        "and p.period_end_date = c.period_end_date and p.measure = 'level' "
        "and case c.vintage when 'first' then p.is_first_print else p.is_latest end",
        _TWO_PRODUCTS.format("p.period_end_date = c.period_end_date"),
    ),
    "fct_growth_currency": (_PAIR,),
    "fct_growth_calendar": (f"{_PAIR} and p.basis = c.basis",),
    "fct_unit_value": (f"{_PAIR} and p.basis in (c.basis, 'quantity')",),
    "fct_growth_contribution": (
        f"{_PAIR} and p.basis = c.basis",
        "select case when p.year = c.year then 'component' else 'base of component' end, p.snapshot_id, "
        f"p.raw_row, null from chosen as c join {_LEVELS} on p.source_id = c.source_id "
        "and p.reporter_iso3 = c.reporter_iso3 and p.flow = c.flow and p.product_id = c.product_id "
        "and p.partner_iso3 = c.component_id and p.basis = c.basis and p.vintage = c.vintage "
        "and p.period_grain = c.period_grain and month(p.period_end_date) = month(c.period_end_date) "
        "and p.year in (c.year, c.year - 1)",
        "select 'item', p.snapshot_id, p.raw_row, null from chosen as c join marts.fct_price_index_item as p "
        f"on {_SERIES} and p.hs_code = c.component_id and p.period_grain = c.period_grain "
        "and p.period_end_date = c.period_end_date and p.product_scope = c.product_scope",
    ),
    "fct_price_index": (
        "select 'item ' || p.hs_code, p.snapshot_id, p.raw_row, null from chosen as c "
        f"join marts.fct_price_index_item as p on {_SERIES} and p.period_grain = c.period_grain "
        "and p.period_end_date = c.period_end_date and p.product_scope = c.product_scope",
    ),
    "fct_implied_revision": (
        "select 'printed growth', snapshot_id, raw_row, null from chosen",
        _PRINTED.format(role="'level'") + " and p.measure = 'level' and p.year = c.year "
        "and p.release_id = c.level_release_id and p.value = c.value",
        _PRINTED.format(role="'base, ' || p.release_id") + " and p.measure = 'level' and p.year = c.year - 1 "
        "and p.value in (c.base_value, c.base_latest_value)",
    ),
    "fct_policy_event_window": (
        "select p.product_id || ' ' || p.period_end_date, p.snapshot_id, p.raw_row, null from chosen as c "
        f"join {_LEVELS} on p.source_id = c.source_id and p.reporter_iso3 = c.reporter_iso3 "
        "and p.partner_iso3 = c.partner_iso3 and p.flow = c.flow and p.basis = c.basis "
        "and p.product_id in (c.product_id, c.control_product_id) and p.vintage = 'latest' "
        "and p.period_grain in ('M', 'JF') and (p.period_end_date between "
        "c.event_period_end_date - to_months(c.window_releases + 1) "
        "and c.event_period_end_date + to_months(c.window_releases + 1) or p.period_end_date between "
        "c.event_period_end_date - to_months(c.window_releases + 13) "
        "and c.event_period_end_date + to_months(c.window_releases - 11))",
    ),
    "fct_trade_growth_mom": (
        "select 'value', p.snapshot_id, p.raw_row, null from chosen as c "
        f"join {_LEVELS} on {_SERIES} and p.basis = c.basis and p.vintage = 'latest' "
        "and p.period_grain = c.period_grain and p.period_end_date = c.period_end_date",
        "select 'release before', p.snapshot_id, p.raw_row, null from chosen as c "
        f"join {_LEVELS} on {_SERIES} and p.basis = c.basis and p.vintage = 'latest' "
        "and p.period_grain in ('M', 'JF') and p.period_end_date = c.period_start_date - 1",
    ),
    "fct_capacity_crossover": (
        "select p.economy_iso3 || ' ' || p.year, p.snapshot_id, p.raw_row, 'share_pct' from chosen as c "
        "join marts.fct_capacity_share as p on p.edition_id = c.edition_id and p.scope = c.scope "
        "and p.economy_iso3 in (c.economy_iso3, c.other_economy_iso3) "
        "and p.year in (c.first_year, c.last_year)",
    ),
    "fct_concordance_leakage": (
        "select distinct case when x.from_product_id = c.product_id then 'in the group: ' "
        "else 'may come in: ' end || p.reporter_iso3 || ' ' || p.hs_code, p.snapshot_id, p.raw_row, null "
        "from chosen as c join marts.fct_trade_flow as p on p.source_id = c.source_id and p.flow = c.flow "
        "and p.year = c.year and p.hs_edition = c.from_edition and p.partner_iso3 = 'WLD' "
        "and p.period_grain = 'A' join marts.dim_hs_concordance as x on x.from_edition = c.from_edition "
        "and x.to_edition = c.to_edition and starts_with(x.from_code, p.hs_code) "
        "and c.product_id in (x.from_product_id, x.to_product_id) and (length(p.hs_code) = 6 "
        "or p.hs_code in (select hs_code from marts.dim_product_group))",
    ),
    # Subtotals and places are set aside at landing and are no rows of the marts: only flows are shown.
    "fct_reconciliation": (
        "select case when p.partner_iso3 = c.partner_iso3 and p.hs_code is not distinct from c.hs_code "
        "and p.period_grain = c.period_grain then 'total' else 'part: ' || p.partner_iso3 || ' ' "
        "|| coalesce(p.hs_code, p.product_id) || ' ' || p.period_start_date end, p.snapshot_id, p.raw_row, null "
        "from chosen as c join marts.fct_trade_flow_release as p on p.release_id = c.release_id "
        "and p.reporter_iso3 = c.reporter_iso3 and p.flow = c.flow and p.year = c.year "
        "and p.hs_edition is not distinct from c.hs_edition and (c.hs_code is not null "
        "or p.hs_code is null and p.product_id = c.product_id and p.product_scope = c.product_scope) "
        "join marts.dim_economy as e on p.partner_iso3 = e.economy_iso3 where "
        "case c.currency when 'USD' then p.value_usd when 'CNY' then p.value_cny else p.value_local end "
        "is not null and (p.partner_iso3 = c.partner_iso3 "
        "or c.sum_kind = 'partners_of_world' and not e.is_group) "
        "and (p.hs_code is not distinct from c.hs_code or c.sum_kind = 'subheadings_of_heading' "
        "and starts_with(p.hs_code, c.hs_code) and length(p.hs_code) = c.parts_digits) "
        "and (p.period_grain = c.period_grain and p.period_end_date = c.period_end_date "
        "or c.sum_kind = 'months_of_year' and p.period_grain in ('M', 'JF'))",
    ),
    "fct_claim_verdict": (
        "select distinct 'claim', snapshot_id, raw_row, 'printed' from chosen",
        "select p.input_role, p.snapshot_id, p.raw_row, null from chosen as c "
        "join marts.fct_claim_input as p using (claim_id, definition_id)",
    ),
    "fct_capacity_crossover_path": (
        "select p.economy_iso3 || ' ' || p.year, p.snapshot_id, p.raw_row, 'share_pct' from chosen as c "
        "join marts.fct_capacity_share as p on p.edition_id = c.edition_id and p.scope = c.scope "
        "and p.economy_iso3 in (c.economy_iso3, c.other_economy_iso3) "
        "and p.year in (c.first_year, c.last_year)",
    ),
    "fct_capacity_forecast": (
        "select case p.edition_id when c.edition_id then 'forecast' when c.previous_edition_id "
        "then 'forecast before' else 'outcome' end, p.snapshot_id, p.raw_row, 'share_pct' from chosen as c "
        "join marts.fct_capacity_share as p on p.source_id = c.source_id and p.year = c.year "
        "and p.economy_iso3 = c.economy_iso3 and p.scope like c.scope_family || '%' "
        "and p.edition_id in (c.edition_id, c.previous_edition_id, c.outcome_edition_id)",
    ),
    "fct_share_member": (
        _of_share("'member'", "{} = c.member_id"),
        f"select 'total', p.snapshot_id, p.raw_row, p.raw_column {_AMOUNTS} {_FLOW} and p.flow = c.flow "
        "and p.year = c.year and p.reporter_iso3 = c.reporter_iso3 and p.partner_iso3 = 'WLD' "
        f"and {_ITEM} and c.denominator_kind = 'printed'",
    ),
    "fct_concentration": (_of_share("'member'", "true"),),
    "fct_market_share_decomposition": (
        "select case when p.reporter_iso3 = c.reporter_iso3 then 'exports ' else 'world ' end || p.year, "
        f"p.snapshot_id, p.raw_row, p.raw_column {_AMOUNTS} {_FLOW} and p.flow = 'X' and p.year in (c.year, c.year - 1) "
        "and (p.partner_iso3 = 'WLD') = (c.market_level = 'world') "
        f"and {_UNIVERSE}",
    ),
    "fct_revealed_advantage": (
        "select case when p.reporter_iso3 = c.reporter_iso3 then 'exports' else 'world: ' || p.reporter_iso3 "
        f"end, p.snapshot_id, p.raw_row, p.raw_column {_AMOUNTS} {_FLOW} and p.flow = 'X' and p.year = c.year "
        f"and p.partner_iso3 = 'WLD' and {_UNIVERSE}",
    ),
    "fct_intra_industry": (
        "select case p.flow when 'X' then 'exports' else 'imports' end, p.snapshot_id, p.raw_row, p.raw_column "
        f"{_AMOUNTS} {_FLOW} and p.flow in ('X', 'M') "
        "and p.year = c.year and p.reporter_iso3 = c.reporter_iso3 and p.partner_iso3 = c.partner_iso3 "
        "and case c.measured_on when 'hs_code' then p.hs_code = c.item_id "
        f"when 'codes' then {_CODE_OF.format('c.item_id')} else p.product_id = c.item_id end",
    ),
    "fct_trade_balance": (
        "select case p.flow when 'X' then 'exports' else 'imports' end, p.snapshot_id, p.raw_row, "
        f"p.raw_column from chosen as c join marts.fct_printed_figure as p on {_CELLS} "
        "and p.source_id = c.source_id and p.flow in ('X', 'M') and p.basis = c.basis "
        "and p.measure = 'level' and case c.vintage when 'first' then p.is_first_print else p.is_latest end",
        "select case p.flow when 'X' then 'exports' else 'imports' end, p.snapshot_id, p.raw_row, null "
        f"{_FLOWS} {_CELLS} and p.source_id = c.source_id and p.flow in ('X', 'M') and c.basis = 'usd' "
        "and p.hs_code is not null",
    ),
    "fct_reporter_comparison": (
        f"select p.reporter_iso3, p.snapshot_id, p.raw_row, p.raw_column {_AMOUNTS} {_FLOW} and p.flow = c.flow "
        f"and p.year = c.year and p.partner_iso3 = 'WLD' and {_ITEM} "
        "and p.reporter_iso3 in (c.reporter_a, c.reporter_b)",
    ),
    "fct_product_lead": (
        "select p.product_id || ' ' || p.period_end_date, p.snapshot_id, p.raw_row, p.raw_column "
        "from chosen as c join marts.fct_printed_figure as p on p.source_id = c.source_id "
        "and p.reporter_iso3 = c.reporter_iso3 and p.partner_iso3 = c.partner_iso3 and p.flow = c.flow "
        "and p.product_id in (c.product_a, c.product_b) and p.period_grain = c.period_grain "
        "and p.basis = c.basis and p.measure = 'level' "
        "and p.period_end_date between c.first_period_start_date and c.last_period_end_date "
        "and case c.vintage when 'first' then p.is_first_print else p.is_latest end",
        _TWO_PRODUCTS.format(
            "p.period_end_date between c.first_period_start_date and c.last_period_end_date"
        ),
    ),
    "fct_source_comparison": (
        f"select p.source_id, p.snapshot_id, p.raw_row, p.raw_column from chosen as c "
        f"join marts.fct_printed_figure as p on {_CELLS} and p.flow = c.flow "
        "and p.source_id in (c.source_a, c.source_b) and p.basis = 'usd' and p.measure = 'level' "
        "and case c.vintage when 'first' then p.is_first_print else p.is_latest end",
        f"select p.source_id, p.snapshot_id, p.raw_row, null {_FLOWS} {_CELLS} and p.flow = c.flow "
        "and p.source_id in (c.source_a, c.source_b) and p.hs_code is not null",
    ),
    "fct_industry_comparison": (
        "select 'a', snapshot_id_a, raw_row_a, raw_column_a from chosen",
        "select 'b', snapshot_id_b, raw_row_b, raw_column_b from chosen",
    ),
    "fct_article_comparison": (
        "select p.claim_id, p.snapshot_id, p.raw_row, 'printed' from chosen as c "
        "join marts.fct_claim_verdict as p on p.is_intended and p.claim_id in (c.claim_a, c.claim_b)",
    ),
    "fct_mirror_gap": _mirror("{p}.product_id = c.product_id"),
    "fct_mirror_gap_code": _mirror("{p}.hs_code = c.hs_code"),
    "fct_printed_figure": ("select 'figure', snapshot_id, raw_row, raw_column from chosen",),
    "fct_industry_figure": ("select 'figure', snapshot_id, raw_row, raw_column from chosen",),
}


@dataclass(frozen=True)
class Cell:
    """One cell or record: its role for the row, its place, the record as the file has it, and what
    corrections did to it, one sentence each."""

    role: str
    path: str
    sha256: str
    release_id: str
    released_at: str
    raw_row: int
    raw_column: str | None
    record: tuple[tuple[str, str], ...]
    corrections: tuple[str, ...]


@dataclass(frozen=True)
class Trace:
    """The chosen rows as (column, value), and the cells that they rest on."""

    rows: tuple[tuple[tuple[str, Any], ...], ...]
    cells: tuple[Cell, ...]


def trace(
    connection: duckdb.DuckDBPyConnection, raw_root: Path, table: str, filters: Sequence[str]
) -> Trace:
    """Follows the rows of marts.`table` that fit `filters` (COLUMN=VALUE each)."""
    name = table.removeprefix("marts.")
    columns = _columns(connection, name)
    conditions, values = _conditions(name, columns, filters)
    chosen = f"select * from marts.{name} where {conditions} order by all limit {ROWS_TRACED + 1}"
    cursor = connection.execute(chosen, values)
    names = [item[0] for item in cursor.description or []]
    rows = cursor.fetchall()
    if not rows:
        raise LedgerError(f"no row of marts.{name} has {' and '.join(filters) or 'anything'}")
    if len(rows) > ROWS_TRACED:
        raise LedgerError(
            f"more than {ROWS_TRACED} rows of marts.{name} fit; add COLUMN=VALUE to choose fewer", EXIT_USAGE
        )
    queries = _queries(name, columns)
    if not queries:
        raise LedgerError(
            f"marts.{name} has no figure to trace: its rows come from raw/reference, or say which file speaks"
        )
    found = connection.execute(_places(chosen, queries), values).fetchall()
    cells = tuple(
        Cell(
            *(role, path, sha256_in(sha), release, str(day), int(line), column),
            record=_record(raw_root / path, sha256_in(sha), int(line)),
            corrections=_corrections(connection, sha, int(line), column),
        )
        for _, role, path, sha, release, day, line, column in found
    )
    return Trace(tuple(tuple(zip(names, row, strict=True)) for row in rows), cells)


def trace_rows(
    connection: duckdb.DuckDBPyConnection,
    raw_root: Path,
    table: str,
    keys: Sequence[str],
    rows: Sequence[Sequence[Any]],
) -> list[list[tuple[str, Cell]]]:
    """What `trace` finds for each of many rows of marts.`table`, each given by its values of `keys`.

    One query for all of them; each file is read once. Returns, row by row, (role, cell).
    """
    held: list[list[tuple[str, Cell]]] = [[] for _ in rows]
    queries = _queries(table, _columns(connection, table))
    if not queries or not rows:
        return held
    named = ", ".join(f"key_{place}" for place in range(len(keys)))
    holes = ", ".join(["(?, " + ", ".join("?" for _ in keys) + ")"] * len(rows))
    same = " and ".join(
        f'cast(m."{key}" as varchar) is not distinct from cast(wanted.key_{place} as varchar)'
        for place, key in enumerate(keys)
    )
    chosen = (
        f"select wanted.trace_row, m.* from (values {holes}) as wanted(trace_row, {named}) "
        f"join marts.{table} as m on {same}"
    )
    values = [
        item
        for place, row in enumerate(rows)
        for item in (place, *(None if value is None else _as_text(value) for value in row))
    ]
    found = connection.execute(_places(chosen, queries, "trace_row"), values).fetchall()
    lines: dict[tuple[str, str], set[int]] = {}
    for _, _, path, snapshot, _, _, line, _ in found:
        lines.setdefault((path, snapshot), set()).add(int(line))
    records = {(path, sha): _records(raw_root / path, sha256_in(sha), wanted) for (path, sha), wanted in lines.items()}
    corrected = set(
        connection.execute("select distinct snapshot_id, raw_row from meta.corrections").fetchall()
    )
    cells: dict[tuple[Any, ...], Cell] = {}
    for place, role, path, sha, release, day, line, column in found:
        key = (role, path, sha, line, column)
        if key not in cells:
            cells[key] = Cell(
                *(role, path, sha256_in(sha), release, str(day), int(line), column),
                record=records[path, sha].get(int(line), ()),
                corrections=_corrections(connection, sha, int(line), column)
                if (sha, line) in corrected
                else (),
            )
        held[int(place)].append((role, cells[key]))
    return held


def _as_text(value: Any) -> str:
    """A value as the engine casts it to text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _queries(table: str, columns: Sequence[str]) -> Sequence[str]:
    """How the rows of a mart are followed; nothing for a table whose rows have no place in a file."""
    has_place = {"snapshot_id", "raw_row"} <= set(columns)
    return PARENTS.get(table, _DIRECT if has_place else ())


def _places(chosen: str, queries: Sequence[str], row: str = "0") -> str:
    """The query of (row, role, path, snapshot, release, day, line, column) over the chosen rows.

    `row` is a column of `chosen` that no mart has; it stands first in each of the queries of PARENTS.
    """
    parts = (query.removeprefix("select ").removeprefix("distinct ") for query in queries)
    places = " union all ".join(f"select {row}, {part}" for part in parts)
    return f"""
        with chosen as ({chosen}), places(place, role, snapshot_id, raw_row, raw_column) as ({places})
        select distinct place, role, path, places.snapshot_id, s.release_id, r.released_at, raw_row, raw_column
        from places
        join meta.snapshots as s on places.snapshot_id = s.snapshot_id and s.status = 'loaded'
        join meta.releases as r on s.release_id = r.release_id
        order by all
        """


def _corrections(
    connection: duckdb.DuckDBPyConnection, snapshot: str, line: int, column: str | None
) -> tuple[str, ...]:
    """What raw/corrections.yml did to the record; a mart's column narrows only records of several cells."""
    found = connection.execute(
        "select action, correction_id, column_name, source_value, corrected_value, reason, found_by, found_on "
        "from meta.corrections where snapshot_id = $1 and raw_row = $2 and status = 'applied' "
        "and (raw_column is null or cast($3 as varchar) is null or raw_column = $3) order by correction_id",
        [snapshot, line, column],
    ).fetchall()
    sentences = []
    for action, name, changed, before, after, reason, by, day in found:
        done = "flagged" if action == "flag" else f"{before or 'nothing'} became {after or 'nothing'}"
        sentences.append(f"correction {name} ({action}): {changed}: {done}: {reason} ({by}, {day})")
    return tuple(sentences)


def _columns(connection: duckdb.DuckDBPyConnection, name: str) -> list[str]:
    found = connection.execute(
        "select column_name from duckdb_columns() where schema_name = 'marts' and table_name = ?", [name]
    ).fetchall()
    if not found:
        known = connection.execute(
            "select string_agg(table_name, ', ' order by table_name) from duckdb_tables() "
            "where schema_name = 'marts'"
        ).fetchall()[0][0]
        raise LedgerError(f"there is no table marts.{name}; there are {known}", EXIT_USAGE)
    return [str(row[0]) for row in found]


def _conditions(name: str, columns: list[str], filters: Sequence[str]) -> tuple[str, list[str]]:
    parts, values = [], []
    for item in filters:
        column, sign, value = item.partition("=")
        if not sign or column not in columns:
            raise LedgerError(
                f"{item!r} is no COLUMN=VALUE of marts.{name}; its columns are {', '.join(columns)}",
                EXIT_USAGE,
            )
        parts.append(f'cast("{column}" as varchar) = ?')
        values.append(value)
    return " and ".join(parts) or "true", values


def _record(path: Path, sha256: str, line: int) -> tuple[tuple[str, str], ...]:
    """The record on that line as (header, cell), for text files whose bytes did not change; else empty."""
    return _records(path, sha256, {line}).get(line, ())


def _records(path: Path, sha256: str, wanted: set[int]) -> dict[int, tuple[tuple[str, str], ...]]:
    """The records that start on the wanted lines, of a text file whose bytes did not change."""
    if path.suffix.lower() not in (".csv", ".tsv", ".txt", ".gz", ".dat") or not path.is_file():
        return {}
    if sha256_of(path) != sha256:
        return {}
    found: dict[int, tuple[tuple[str, str], ...]] = {}
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as stream:
        texts = (_decoded(raw) for raw in stream)
        header = next(texts, "")
        delimiter = "\t" if header.count("\t") > header.count(",") else ","
        reader = csv.reader(texts, delimiter=delimiter)
        names = next(csv.reader([header], delimiter=delimiter), [])
        start = 2
        for record in reader:
            if start in wanted:
                found[start] = tuple((name, cell) for name, cell in zip(names, record, strict=False) if cell)
            start = reader.line_num + 2
            if start > max(wanted):
                break
    return found


def _decoded(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")
