"""The prompt of `chipledger sql`: editing, completion, history. Queries are run by `sql.answer`.

A query ends with a semicolon. Lines that begin with a dot are for the prompt itself.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.lexers import PygmentsLexer
from pygments.lexers.sql import SqlLexer

from orchestration.cli import show
from orchestration.cli.sql import FORMATS, Request, answer, check_day
from orchestration.errors import EXIT_OK, LedgerError
from orchestration.serving import catalog
from orchestration.warehouse.query import open_published
from orchestration.warehouse.settings import Settings

HELP = """A query ends with ; and may span lines. Tab completes, the arrows go through history.
.tables            the tables              .format FORMAT   table, csv or json
.describe TABLE    its columns             .as-of DATE      what was known on a day; without DATE: today
.help              this                    .quit            or Ctrl-D"""
_WORD = re.compile(r"[A-Za-z0-9_.]+$")
_DOTS = (".tables", ".describe", ".format", ".as-of", ".help", ".quit")


class SqlCompleter(Completer):
    """Tables after from and join, columns of the tables that the query names, keywords otherwise."""

    def __init__(self, tables: list[catalog.Table], keywords: list[str]) -> None:
        self._keywords = keywords
        self._columns = {
            f"{table.schema}.{table.name}": [column.name for column in table.columns] for table in tables
        }

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        before = document.text_before_cursor
        found = _WORD.search(before)
        word = found[0].lower() if found else ""
        if before.startswith(".") and " " not in before:
            choices: list[str] = list(_DOTS)
        elif re.search(r"(\b(from|join)|^\.describe)\s+[\w.]*$", before, re.IGNORECASE):
            choices = list(self._columns)
            # A table may be begun without its schema.
            if word and "." not in word:
                yield from self._matching(choices, word, lambda name: name.partition(".")[2])
        else:
            named = [name for name in self._columns if name in document.text]
            choices = sorted({column for name in named for column in self._columns[name]})
            choices += [*self._keywords, *self._columns]
        yield from self._matching(choices, word, str)

    def _matching(
        self, choices: Iterable[str], word: str, part: Callable[[str], str]
    ) -> Iterable[Completion]:
        for choice in choices:
            if part(choice).startswith(word) and choice != word:
                yield Completion(choice, start_position=-len(word))


def history_file() -> Path:
    """Where the prompt keeps what was asked: the user's own state folder, not the shared home."""
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(state) / "chipledger" / "sql_history"


def converse(request: Request) -> int:
    """Asks and answers until Ctrl-D; an error in a query does not end it."""
    settings = Settings.from_environment()
    with open_published(settings) as connection:
        completer = SqlCompleter(catalog.tables(connection), catalog.keywords(connection))
    session: PromptSession[str] = PromptSession(
        completer=completer,
        history=_history(),
        lexer=PygmentsLexer(SqlLexer),
        multiline=True,
        key_bindings=_bindings(),
        prompt_continuation="        ...> ",
    )
    show.console.print("Tables are marts.* and meta.*; .help says more, Ctrl-D ends.")
    while True:
        try:
            text = session.prompt("chipledger> ").strip()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return EXIT_OK
        if text in (".quit", ".exit"):
            return EXIT_OK
        if text.startswith("."):
            request = _command(text, request)
        elif text.rstrip("; \n"):
            try:
                answer(text, request)
            except KeyboardInterrupt:
                show.errors.print("stopped")


def _command(text: str, request: Request) -> Request:
    from orchestration.cli import catalog as said

    name, _, rest = text.partition(" ")
    rest = rest.strip().rstrip(";")
    if name == ".tables":
        said.tables("table")
    elif name == ".describe" and rest:
        said.describe(rest, "table")
    elif name == ".format" and rest in FORMATS and rest != "parquet":
        return replace(request, output=rest)
    elif name == ".as-of":
        try:
            check_day(rest or None)
        except LedgerError as error:
            show.fail(str(error))
            return request
        return replace(request, as_of=rest or None)
    else:
        show.console.print(HELP)
    return request


def _history() -> History:
    path = history_file()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError:
        return InMemoryHistory()
    return FileHistory(str(path))


def _bindings() -> KeyBindings:
    """Enter sends a finished query or a dot command, and makes a new line in an unfinished query."""
    bindings = KeyBindings()

    @bindings.add("enter")
    def _(event: KeyPressEvent) -> None:
        text = event.current_buffer.text.strip()
        if not text or text.endswith(";") or text.startswith("."):
            event.current_buffer.validate_and_handle()
        else:
            event.current_buffer.insert_text("\n")

    return bindings
