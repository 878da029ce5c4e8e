"""Data dictionary: every table, column and formula, with the descriptions that the database carries."""

from __future__ import annotations

from itertools import groupby

from orchestration.report import text
from orchestration.report.figures import Definition, Definitions, Figure, Heading, Page
from orchestration.report.ledger import Ledger


def page(ledger: Ledger) -> Page:
    columns = ledger.ask(
        """
        select schema_name || '.' || table_name as name, column_name, data_type, is_nullable, description
        from meta.columns
        order by schema_name, table_name, position
        """
    )
    descriptions = dict(
        ledger.ask(
            "select schema_name || '.' || table_name, comment from duckdb_tables() "
            "where schema_name in ('marts', 'meta') order by 1"
        ).rows
    )
    tables = [
        Definition(
            name,
            name.replace(".", "-"),
            str(descriptions.get(name) or ""),
            [(str(c), str(t), bool(n), str(d)) for _, c, t, n, d in rows],
        )
        for name, rows in groupby(columns.rows, key=lambda row: str(row[0]))
    ]
    metrics = ledger.ask("select * from meta.metrics order by mart, column_name, metric_id")
    return Page(
        "dictionary",
        "Data dictionary",
        "Tables, columns and formulas. The same text stands in the database's comments.",
        [
            Heading("metrics", "Formulas"),
            Figure(
                "metrics",
                "Formulas",
                ["How each computed column is computed, its edge cases, and where the rule is from."],
                metrics,
                shown=("mart", "column_name", "expression", "unit", "edge_cases", "source"),
            ),
            Heading(
                "tables",
                "Tables",
                [f"{text.count(len(tables), 'table')}; open one to see its columns, or search."],
            ),
            Definitions(tables),
        ],
    )
