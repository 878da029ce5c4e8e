"""China customs' monthly bulletin, tables (13) and (14): 出口/进口主要商品量值表, about 200 commodities.

Published around the 18th as .xls or page, in 万元 or 千美元; the English edition "Major Export Commodities in
Quantity and Value" or "Exports of Major Commodities" in US$1,000. Older English tables print the changes in
a shaded row below each commodity; newer ones and the Chinese ones in columns. The express table
重点商品量值表 is `gacc_express_table`.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration.sources._gacc_table import BULLETIN, read_table
from orchestration.sources._text import guarded
from orchestration.sources.gacc_express_table import match_table
from orchestration.sources.layout import PRINTED_COLUMNS, Match, Reading, Sample


class GaccBulletin:
    """Figures in 万元, 千美元 or US$1,000 with quantities in each row's own unit; all kept as printed."""

    layout_id = "gacc_bulletin"
    source_id = "gacc"
    dataset_id = "bulletin"
    title = "China customs (GACC), monthly bulletin of major commodities"
    reads = "主要商品量值表 (13) and (14), Chinese or English, as .xls, .xlsx or saved HTML page"
    refuses = (
        "tables without a unit above the header or whose title names the other currency, headers without "
        "数量 and 金额 (Quantity and Value), workbooks that unpack to more than 200 MB"
    )
    traps: tuple[str, ...] = (
        "numbers are texts with thousands commas",
        "rows of percentages stand between the rows of values in English tables",
        "N is an item, 100MN 100 million items, 10000T 10,000 tonnes",
        "two pairs of change columns: the month's, then the year to date's",
        "January is printed here, with a month only",
        "table numbers change between editions: the title counts",
        "the English export tables of 2025 are in RMB￥10,000, the import tables beside them in US$1,000",
        "cells such as *REF! are failed formulas: no figure, and nothing is held back",
    )
    columns = PRINTED_COLUMNS

    def match(self, sample: Sample) -> Match:
        return guarded(lambda item: match_table(item, BULLETIN), sample, "a workbook")

    def read(self, connection: duckdb.DuckDBPyConnection, path: Path, table: str) -> Reading:
        return read_table(connection, path, table, BULLETIN)


LAYOUT = GaccBulletin()
