"""Chip Ledger: raw releases in, judged and traceable semiconductor-trade tables out.

`sources` reads files, `contracts` says what is acceptable, `warehouse` stores and publishes,
`claims` reads printed figures, `defs` is the only code that knows Dagster, `cli` is what people type.
"""
