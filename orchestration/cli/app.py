"""The commands and their options. Each does its work in the module named after it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration.errors import EXIT_BUILD_FAILED, EXIT_USAGE

app = typer.Typer(
    name="chipledger",
    help="A ledger of semiconductor trade: every release kept, every printed claim judged.",
    no_args_is_help=True,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


article = typer.Typer(help="Drafts the claims of a new article, and confirms them.", no_args_is_help=True)
app.add_typer(article, name="article")


@app.callback()
def options(
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    """Options of every command; --debug shows where an error came from."""
    if version:
        import importlib.metadata

        typer.echo(importlib.metadata.version("chipledger"))
        raise typer.Exit()


@app.command()
def refresh(
    force: Annotated[bool, typer.Option(help="Build everything again, even if nothing changed.")] = False,
    source: Annotated[str | None, typer.Option(help="Take in only releases of this source.")] = None,
    since: Annotated[str | None, typer.Option(help="Take in only releases from this day on.")] = None,
    report: Annotated[
        bool, typer.Option("--report", envvar="CHIPLEDGER_REPORT", help="Write the static report too.")
    ] = False,
) -> None:
    """Raw files to published file: land, check, model, check, publish.

    Exit 0: published, or nothing to do. 3: published, with a file held back. 1: a contract or a test
    of a model failed and nothing was published.
    """
    from orchestration.cli.refresh import run

    code = run(force, source, since)
    if report and code != EXIT_BUILD_FAILED:
        from orchestration.cli.report import run as write_report

        write_report()
    raise typer.Exit(code)


@app.command()
def report() -> None:
    """Writes the static report of the current build: a site that opens from disk, without a network."""
    from orchestration.cli.report import run

    raise typer.Exit(run())


@app.command()
def sql(
    query: Annotated[str | None, typer.Argument(help="One query, read-only; none opens a prompt.")] = None,
    output: Annotated[str, typer.Option("--format", help="table, csv, json or parquet.")] = "table",
    seconds: Annotated[int, typer.Option(help="Time limit.", min=1)] = 60,
    memory: Annotated[str, typer.Option(help="Memory limit, such as 2GB.")] = "2GB",
    as_of: Annotated[str | None, typer.Option(help="Only what was known on this day, YYYY-MM-DD.")] = None,
) -> None:
    """Runs one read-only query on the published file. Tables are marts.* and meta.*."""
    from orchestration.cli.sql import FORMATS, Request, run

    raise typer.Exit(run(query, Request(_one_of(output, FORMATS), seconds, memory, as_of)))


@app.command()
def tables(
    output: Annotated[str, typer.Option("--format", help="table, csv or json.")] = "table",
) -> None:
    """Lists the published tables: rows, and what one row is."""
    from orchestration.cli.catalog import tables as run

    raise typer.Exit(run(_one_of(output, ("table", "csv", "json"))))


@app.command()
def describe(
    table: Annotated[str, typer.Argument(help="A published table, with or without its schema.")],
    output: Annotated[str, typer.Option("--format", help="table, csv or json.")] = "table",
) -> None:
    """Shows the columns of a table: type, key, unit, what null means."""
    from orchestration.cli.catalog import describe as run

    raise typer.Exit(run(table, _one_of(output, ("table", "csv", "json"))))


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="A folder that is not there yet.")],
    output: Annotated[str, typer.Option("--format", help="csv, parquet or all.")] = "all",
) -> None:
    """Writes the marts as Parquet and CSV with a datapackage.json: fields, units, licences, sha256s."""
    from orchestration.cli.export import run
    from orchestration.serving.export import FORMATS

    chosen = _one_of(output, (*FORMATS, "all"))
    raise typer.Exit(run(folder, FORMATS if chosen == "all" else (chosen,)))


@app.command()
def claims(
    article: Annotated[str | None, typer.Option(help="Only this article (its slug).")] = None,
    output: Annotated[str, typer.Option("--format", help="table, csv, json, claimreview or prov.")] = "table",
    definitions: Annotated[
        bool, typer.Option("--definitions", help="Every definition, the intended one marked.")
    ] = False,
    as_of: Annotated[
        str | None, typer.Option(help="Judge by what was public on that day, YYYY-MM-DD.")
    ] = None,
    base_url: Annotated[str, typer.Option(help="Page that shows the reviews, for claimreview.")] = "",
) -> None:
    """Prints the verdict of every claim, with the reason.

    claimreview is schema.org's ClaimReview as JSON-LD; prov is PROV-JSON, with every input of every verdict.
    """
    from orchestration.cli.claims import FORMATS, run

    raise typer.Exit(run(article, _one_of(output, FORMATS), definitions, as_of, base_url))


@app.command()
def sources() -> None:
    """Lists what is held of each source, how new it is, and what is held back."""
    from orchestration.cli.sources import run

    raise typer.Exit(run())


@app.command()
def trace(
    table: Annotated[str, typer.Argument(help="A table of schema marts.")],
    filters: Annotated[list[str], typer.Argument(metavar="COLUMN=VALUE...", help="Which rows.")],
) -> None:
    """Follows rows of a mart back to their source cells: file, release, line, record."""
    from orchestration.cli.trace import run

    raise typer.Exit(run(table, filters))


@app.command()
def add(
    files: Annotated[list[Path], typer.Argument(help="Files as customs offices publish them.")],
    source: Annotated[str | None, typer.Option(help="Only accept files of this source.")] = None,
    released: Annotated[str | None, typer.Option(help="Day of the release, YYYY-MM-DD.")] = None,
    flow: Annotated[
        str | None, typer.Option(help="X or M, for files that do not say exports or imports.")
    ] = None,
    unit: Annotated[
        str | None, typer.Option(help="For files of K-stat that do not say it, such as USD1000_ton.")
    ] = None,
    asked: Annotated[
        str | None,
        typer.Option(
            help="The query, such as 'partners=all codes=8541,8542': what it has no row of is gone."
        ),
    ] = None,
) -> None:
    """Recognises customs files and stores them as a release; exit 1 with the reason if one is refused."""
    from orchestration.cli.add import run

    raise typer.Exit(run(files, source, released, flow, unit, asked))


@app.command()
def fetch(
    source: Annotated[str, typer.Argument(help="comtrade, census, comext or korea.")],
    first: Annotated[str, typer.Option("--from", help="First year (2023) or month (2023-01).")],
    last: Annotated[str, typer.Option("--to", help="Last year or month.")],
    reporter: Annotated[list[str] | None, typer.Option(help="Reporter in the source's codes.")] = None,
    partner: Annotated[list[str] | None, typer.Option(help="Partner in the source's codes.")] = None,
    code: Annotated[list[str] | None, typer.Option(help="Product code; may be repeated.")] = None,
    flow: Annotated[list[str] | None, typer.Option(help="X, M, RX or RM.")] = None,
) -> None:
    """Downloads from a public API into raw/ as a release. Keys come from the environment."""
    from orchestration.cli.fetch import run

    raise typer.Exit(run(source, first, last, reporter or [], partner or [], code or [], flow or []))


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.", min=1024, max=65535)] = 6432,
    seconds: Annotated[int, typer.Option(help="Time limit of a query.", min=1)] = 60,
    memory_mb: Annotated[int, typer.Option(help="Memory limit of a server process.", min=512)] = 2048,
) -> None:
    """SQL endpoint for BI: a local PostgreSQL with the published tables, until Ctrl-C."""
    from orchestration.cli.serve import run

    raise typer.Exit(run(port, seconds, memory_mb))


user = typer.Typer(help="Who may read the tables in PostgreSQL.", no_args_is_help=True)
app.add_typer(user, name="user")
_Name = Annotated[str, typer.Argument(help="Small letters, digits and _.")]


@user.command("add")
def user_add(name: _Name) -> None:
    """Adds a reader; the password is CHIPLEDGER_USER_PASSWORD, or made here and shown once."""
    from orchestration.cli.user import add

    raise typer.Exit(add(name))


@user.command("remove")
def user_remove(name: _Name) -> None:
    """Removes a reader and ends what it has open."""
    from orchestration.cli.user import remove

    raise typer.Exit(remove(name))


@user.command("list")
def user_list() -> None:
    """Names the readers."""
    from orchestration.cli.user import names

    raise typer.Exit(names())


@app.command("verify-articles")
def verify_articles(
    texts: Annotated[Path, typer.Argument(help="Folder with the articles' texts.")],
) -> None:
    """Proves that every printed figure stands in the paragraph that its claim names."""
    from orchestration.cli.verify_articles import run

    raise typer.Exit(run(texts))


@article.command("new")
def article_new(
    text: Annotated[Path, typer.Argument(help="The article's text, UTF-8; '-' reads standard input.")],
    url: Annotated[str, typer.Option(help="Address of the article.")],
    date: Annotated[str, typer.Option(help="Its date: YYYY-MM-DD, YYYY-MM or YYYY.")],
    slug: Annotated[str, typer.Option(help="Name of its folder.")] = "",
    title: Annotated[str, typer.Option(help="Its title; the first paragraph if not given.")] = "",
    publisher: Annotated[str, typer.Option(help="Who published it; the address's host if not given.")] = "",
    author: Annotated[str, typer.Option(help="Who wrote it.")] = "",
    language: Annotated[str, typer.Option(help="Its language; zh or en by its letters if not given.")] = "",
) -> None:
    """Drafts raw/articles/<slug>/ from a text. No draft reaches a mart before a person confirms it."""
    from orchestration.claims.article import NewArticle
    from orchestration.cli.article import new

    raise typer.Exit(new(text, NewArticle(url, date, slug, title, publisher, author, language)))


@article.command("confirm")
def article_confirm(
    slug: Annotated[str, typer.Argument(help="The article's folder.")],
    claim_ids: Annotated[list[str] | None, typer.Argument(metavar="[CLAIM_ID...]")] = None,
) -> None:
    """Marks drafts as claims: those named, or all that wait. Exit 1 if one is not complete."""
    from orchestration.cli.article import mark

    raise typer.Exit(mark(slug, claim_ids or []))


@app.command()
def diff(
    older: Annotated[str | None, typer.Argument(help="A build, or the beginning of its name.")] = None,
    newer: Annotated[str | None, typer.Argument(help="The build to compare with it.")] = None,
) -> None:
    """Shows what changed between two builds; by default the current one and the one before."""
    from orchestration.cli.diff import run

    raise typer.Exit(run(older, newer))


@app.command()
def rollback(
    build: Annotated[str, typer.Argument(help="A kept build, or the beginning of its name.")],
) -> None:
    """Makes an earlier build the current one; it stays until raw files or code change."""
    from orchestration.cli.rollback import run

    raise typer.Exit(run(build))


@app.command()
def verify() -> None:
    """Holds the builds against their hashes, their contracts and raw/; exit 1 with each finding."""
    from orchestration.cli.verify import run

    raise typer.Exit(run())


@app.command()
def doctor() -> None:
    """Says what is wrong with this installation and what to do; exit 1 if something is."""
    from orchestration.cli.doctor import run

    raise typer.Exit(run())


def _one_of(value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        typer.echo(f"error: --format is {value!r}; expected one of {', '.join(allowed)}", err=True)
        raise typer.Exit(EXIT_USAGE)
    return value
