"""The static report: pages of charts and tables over the published file, opened from disk.

`ledger` asks the published file, `figures` says what a page is made of, `charts` draws, `html` writes,
`site` puts the files in place; `pages/` has one module per page. Nothing here computes a figure of trade:
every number on a page is an answer of SQL over schemas marts and meta.
"""
