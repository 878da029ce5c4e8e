"""China customs' express table 全国出口(进口)重点商品量值表: about 30 commodities, some days after the month.

The files are those of the customs site: one .xls per table, its copy saved as .xlsx, or the page with the
table in HTML, where numbers are rounded to one decimal. Yuan and dollars come in two files of the same
title; only the cell 单位 tells them apart. The monthly bulletin 主要商品量值表 is `gacc_bulletin`, rows that
others typed off are `gacc_express`.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration.sources._gacc_table import (
    BULLETIN,
    EXPRESS,
    above,
    find_header,
    find_money,
    find_title,
    read_table,
    squeezed,
)
from orchestration.sources._text import guarded
from orchestration.sources._workbook import kind_of, read_sheets
from orchestration.sources.layout import PRINTED_COLUMNS, Match, Reading, Sample

ROWS_TO_RECOGNISE = 15


def match_table(sample: Sample, kind: str) -> Match:
    """How well a workbook or page fits one of GACC's two commodity tables."""
    if not kind_of(sample.head):
        return Match(0.0, "neither .xls nor .xlsx nor an HTML page")
    best = Match(0.0, "no table with a column 商品名称 or Commodity")
    for sheet in read_sheets(sample.path, ROWS_TO_RECOGNISE):
        place = find_header(sheet.rows)
        if place is None:
            continue
        texts = above(sheet, place[0])
        title = find_title(texts) or find_title([sample.path.stem])
        if title is not None and title.kind != kind:
            other = "the monthly bulletin" if title.kind == BULLETIN else "the express table"
            return Match(0.3, f"the title is that of {other}: {title.text}")
        heads = squeezed("".join(sheet.rows[place[0]]))
        marks = {
            f"a title such as 2025年4月全国出口{kind}商品量值表": title is not None,
            "a unit such as 单位:亿元人民币": bool(find_money(texts)[0]),
            "a column 计量单位": "计量单位" in heads or "unit" in heads.lower(),
        }
        missing = [name for name, there in marks.items() if not there]
        score = 1 - len(missing) / (len(marks) + 1) if title is not None else 0.25
        if score > best.score:
            best = Match(score, ", ".join(missing))
    return best


class GaccExpressTable:
    """Figures in 亿元 or 百万美元 with quantities in each row's own unit; all kept as printed."""

    layout_id = "gacc_express_table"
    source_id = "gacc"
    dataset_id = "express_table"
    title = "China customs (GACC), express table of main commodities"
    reads = (
        "全国出口重点商品量值表 and 进口, and China's Major Exports (Imports) by Quantity and Value, as "
        ".xls, .xlsx or saved HTML page, in yuan or in dollars"
    )
    refuses = (
        "tables without a unit above the header or whose title names the other currency, headers without "
        "数量 and 金额, workbooks that unpack to more than 200 MB"
    )
    traps: tuple[str, ...] = (
        "yuan and dollars differ only in the unit cell, written with U+2236",
        "names stand in column A or B, the title in row 1 or 2",
        "cells hold 8 decimals in workbooks, one decimal in HTML",
        "no January table: February holds 1至2月 and sometimes 2月",
        "the unit of a commodity may change from month to month (吨, 万吨)",
        "rows with * contain other rows of the table",
        "the hierarchy is only in leading blanks, and differs between months",
        "last year's columns are revised: not what was printed then; English heads name the year",
        "changes and years to date that do not go together are noted",
    )
    columns = PRINTED_COLUMNS

    def match(self, sample: Sample) -> Match:
        return guarded(lambda item: match_table(item, EXPRESS), sample, "a workbook")

    def read(self, connection: duckdb.DuckDBPyConnection, path: Path, table: str) -> Reading:
        return read_table(connection, path, table, EXPRESS)


LAYOUT = GaccExpressTable()
