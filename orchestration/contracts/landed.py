"""Contracts of what is landed straight into schema `marts`: the flows of customs files."""

from orchestration.contracts import rules
from orchestration.contracts.stage import Contract, column

_MEASURE = column("decimal(24, 4)", rules.at_least_zero(), nullable=True)

CONTRACTS = {
    "fct_customs_flow": Contract(
        # One row per slice, partner and code: judged file by file when it is landed.
        key=(),
        columns={
            "slice_id": column("int64"),
            "raw_row": column("int64"),
            "partner_iso3": column("string", rules.not_blank()),
            "hs_code": column("string", rules.not_blank()),
            "value": _MEASURE,
            "quantity": _MEASURE,
        },
    ),
}
