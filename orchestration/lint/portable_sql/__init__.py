"""Lint of compiled dbt SQL: a model must mean the same on DuckDB and on Spark.

Belongs here: the portable-SQL rules of `docs/portable-sql.md`, each one a function over the
text, the tokens or the sqlglot tree of ONE compiled model (DuckDB dialect), and the command
line that runs them on files, folders or a dbt manifest.
Does not belong here: SQL formatting, naming conventions, anything that opens a database, and
the rules that need more than one model or its YAML (rule 11 and the YAML half of rule 12).

A rule judges shapes. It knows a type only where a cast, a literal or a function shows it, in
the model itself; doubles are followed by name through the CTEs of the file. A column that
arrives from another model has no known type here: cast it where a rule asks for one.
"""
