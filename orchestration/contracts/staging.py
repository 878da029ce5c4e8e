"""Contracts of schema `staging`: keys unique, codes known, currency and unit present, text became numbers."""

from orchestration.contracts import rules
from orchestration.contracts.stage import Contract, column

_CELL = ("snapshot_id", "raw_row", "raw_column")
_FIGURE = {
    "flow": column("string", rules.one_of(("X", "M"))),
    "year": column("int32"),
    "last_month": column("int32", rules.within(1, 12)),
    "measure": column("string", rules.one_of(("level", "growth_yoy_pct", "streak_months"))),
    "basis": column(
        "string", rules.one_of(("usd", "cny", "quantity", "currency_not_stated"), "unknown_unit")
    ),
    "unit": column("string", rules.one_of(("USD", "CNY", "items", "percent", "months"), "unknown_unit")),
    "value": column("decimal(24, 4)"),
    "half_unit": column("decimal(24, 6)", rules.above_zero()),
    "print_kind": column(
        "string",
        rules.one_of(("first", "revised_base", "secondary", "conflict", "misprint")),
    ),
}

CONTRACTS = {
    "stg_ledger__snapshot": Contract(
        key=("snapshot_id",),
        columns={"released_at": column("date"), "source_id": column("string")},
    ),
    "stg_gacc__announced": Contract(key=_CELL, columns=_FIGURE),
    "stg_gacc__express": Contract(key=_CELL, columns=_FIGURE),
    "stg_customs__slice": Contract(
        key=("slice_id",),
        columns={
            "flow": column("string", rules.one_of(("X", "M", "RX", "RM"))),
            "period_grain": column("string", rules.one_of(("A", "M", "JF", "YTD"))),
            "hs_edition": column("string", rules.matches("H[0-6]", "H0 to H6"), nullable=True),
            "valuation": column("string", rules.one_of(("fob", "cif"))),
        },
    ),
    "stg_industry__capacity_share": Contract(
        key=("snapshot_id", "raw_row"),
        columns={
            "share_pct": column("decimal(9, 4)", rules.within(0, 100)),
            "is_forecast": column("boolean"),
        },
    ),
    "stg_industry__figure": Contract(
        key=_CELL,
        columns={
            "unit": column(
                "string",
                rules.one_of(("USD", "percent", "items", "tonnes_reo"), "unknown_unit"),
            ),
            "value": column("decimal(24, 4)"),
            "period": column("string", rules.not_blank()),
        },
    ),
    "stg_article__claim": Contract(
        key=("claim_id",),
        columns={
            "article_date": column("date"),
            "paragraph": column("string", rules.matches(r"[A-Z]+\d{2,}", "such as B01")),
            "currency": column("string", rules.one_of(("USD", "CNY")), nullable=True),
        },
    ),
    "stg_article__claim_reading": Contract(
        key=("claim_id", "reading"),
        columns={
            "value": column("decimal(28, 8)"),
            "half_unit": column("decimal(28, 8)", rules.at_least_zero()),
        },
    ),
    "stg_reference__economy_code": Contract(
        key=("code_system", "code"), is_list=True, columns={"economy_iso3": column("string")}
    ),
    "stg_reference__currency_area": Contract(
        key=("economy_iso3",),
        is_list=True,
        columns={"currency": column("string", rules.matches("[A-Z]{3}", "three capitals"))},
    ),
    "stg_reference__economy_alias": Contract(
        key=("alias",), is_list=True, columns={"economy_iso3": column("string")}
    ),
    "stg_reference__product_group": Contract(
        key=("hs_edition", "hs_code"), is_list=True, columns={"product_id": column("string")}
    ),
    "stg_reference__commodity_map": Contract(
        key=("source_id", "dataset_id", "source_label"),
        is_list=True,
        columns={"product_id": column("string")},
    ),
    "stg_reference__policy_event": Contract(
        key=("event_id",),
        is_list=True,
        columns={
            "event_date": column("date"),
            "date_precision": column("string", rules.one_of(("day", "month"))),
        },
    ),
    "stg_reference__mirror_parameter": Contract(
        key=("parameter", "bound"),
        is_list=True,
        columns={"value": column("decimal(18, 6)", rules.at_least_zero())},
    ),
    "stg_reference__exchange_rate": Contract(
        key=("country", "period_grain", "period_start_date"),
        is_list=True,
        columns={"rate": column("decimal(18, 6)", rules.above_zero(), nullable=True)},
    ),
}
