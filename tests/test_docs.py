"""The documentation against the product: queries, commands, links and names in it are tried.

Every `sql` block is run by `chipledger sql`; where a `text` block follows, the output must be that
text. The same goes for a `sh` block of one `chipledger` command that is followed by a `text` block,
where that command only reads. `UPDATE_DOCS=1 .venv/bin/pytest tests/test_docs.py` writes what was
printed into the documents instead of comparing. What the product does is tested elsewhere.

An example that needs data beyond the shipped ones stands below the line `<!-- with the samples -->`: it
is run on a build with the UN Comtrade sample files added, and skipped where these are not at hand.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
import pytest
from helpers import ROOT, run_cli

DOCS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
# Its examples show SQL that a lint accepts or refuses; they are run by the tests of that lint.
NOT_QUERIES = {"portable-sql.md"}
GROUPS = ("article",)  # commands that have commands of their own
READING = ("sql", "claims", "sources")
WIDTH = "100"
SAMPLES_MARK = "<!-- with the samples -->"
UPDATE = bool(os.environ.get("UPDATE_DOCS"))

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_COMMAND = re.compile(r"(?:^|[\s/;|&(])(chipledger|make)((?:[ \t]+[^\s;|&)#]+)*)", re.MULTILINE)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_TABLE = re.compile(r"(?<![\w/])(marts|meta)\.([a-z_][a-z0-9_]*)(?:\.([a-z_][a-z0-9_]*))?")
_BARE_TABLE = re.compile(r"(?<![.\w<])((?:fct|dim)_[a-z][a-z0-9_]*[a-z0-9])(?![\w<])")


@dataclass(frozen=True)
class Example:
    """A command in a document and the text that it is said to print; None where none is given."""

    file: Path
    number: int
    arguments: tuple[str, ...]
    said: str | None
    needs_samples: bool = False


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and where the text begins and ends in the file."""

    language: str
    text: str
    start: int
    end: int


def blocks(text: str) -> list[Block]:
    return [Block(found[1], found[2], found.start(2), found.end(2)) for found in _FENCE.finditer(text)]


def examples() -> list[Example]:
    """What can be run: `sql` blocks, and `sh` blocks of one reading command with a `text` block."""
    return [example for file in DOCS if file.is_file() for example in _of_file(file)]


def _of_file(file: Path) -> list[Example]:
    text = file.read_text(encoding="utf-8")
    held = blocks(text)
    found: list[Example] = []
    mark = text.find(SAMPLES_MARK)
    for number, block in enumerate(held):
        following = held[number + 1] if number + 1 < len(held) else None
        said = following.text if following is not None and following.language == "text" else None
        if block.language == "sql" and file.name not in NOT_QUERIES:
            found.append(Example(file, number, ("sql", block.text), said, -1 < mark < block.start))
        elif block.language == "sh" and said is not None:
            words = shlex.split(block.text, comments=True)
            if words[:1] in (["chipledger"], [".venv/bin/chipledger"]) and words[1] in READING:
                found.append(Example(file, number, tuple(words[1:]), said, -1 < mark < block.start))
    return found


def plain(text: str) -> str:
    """The text without blanks at the ends of its lines, which no document keeps."""
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


def code(text: str) -> list[str]:
    """What a document shows as commands: inline spans and `sh` blocks."""
    shown = [block.text for block in blocks(text) if block.language in ("sh", "console", "bash")]
    return shown + _SPAN.findall(_FENCE.sub("", text))


def commands(text: str) -> list[tuple[str, list[str]]]:
    """(program, words after it) of every call of `chipledger` or `make` in a document."""
    return [
        (found[1], found[2].split())
        for shown in code(text)
        for found in _COMMAND.finditer(shown)
        if found[2].strip()
    ]


@cache
def help_of(*command: str) -> str:
    done = run_cli(*command, "--help")
    assert done.returncode == 0, done.stderr
    return done.stdout


@cache
def has_target(name: str) -> bool:
    done = subprocess.run(
        ["make", "-n", name], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode == 0


@pytest.fixture(scope="module")
def columns(published: Path) -> dict[str, set[str]]:
    """Columns by published table."""
    held: dict[str, set[str]] = {}
    with duckdb.connect(str(published), read_only=True) as connection:
        for table, column in connection.execute(
            "select schema_name || '.' || table_name, column_name from duckdb_columns() "
            "where schema_name in ('marts', 'meta')"
        ).fetchall():
            held.setdefault(table, set()).add(column)
        for (function,) in connection.execute(
            "select distinct schema_name || '.' || function_name from duckdb_functions() "
            "where schema_name = 'marts'"
        ).fetchall():
            held[function] = set()
    return held


@pytest.mark.parametrize("example", examples(), ids=lambda item: f"{item.file.stem}-{item.number}")
def test_example_prints_what_the_document_says(example: Example, request: pytest.FixtureRequest) -> None:
    home: Path = request.getfixturevalue("sampled_home" if example.needs_samples else "home")
    done = run_cli(*example.arguments, env={"CHIPLEDGER_HOME": str(home), "COLUMNS": WIDTH})
    assert done.returncode == 0, f"{example.file.name}: {done.stderr}"
    if example.said is None:
        return
    if UPDATE:
        _write(example, plain(done.stdout))
        return
    assert plain(done.stdout) == plain(example.said), (
        f"{example.file.name} says otherwise; UPDATE_DOCS=1 .venv/bin/pytest tests/test_docs.py rewrites it"
    )


def _write(example: Example, printed: str) -> None:
    text = example.file.read_text(encoding="utf-8")
    target = blocks(text)[example.number + 1]
    example.file.write_text(f"{text[: target.start]}{printed}\n{text[target.end :]}", encoding="utf-8")


@pytest.mark.parametrize("file", DOCS, ids=lambda item: item.name)
def test_commands_named_exist(file: Path) -> None:
    for program, words in commands(file.read_text(encoding="utf-8")):
        if program == "make":
            targets = [word for word in words if re.fullmatch(r"[a-z][a-z-]*", word)]
            missing = [target for target in targets if not has_target(target)]
            assert not missing, f"{file.name}: make has no target {missing}"
        elif re.fullmatch(r"[a-z][a-z-]*", words[0]):
            assert re.search(rf"^\s+{words[0]}\s", help_of(), re.MULTILINE), f"{file.name}: {words[0]}"
            for option in (word for word in words if word.startswith("--")):
                name = option.partition("=")[0]
                command = words[:2] if words[0] in GROUPS else words[:1]
                assert name in help_of(*command), f"{file.name}: chipledger {words[0]} has no {name}"


@pytest.mark.parametrize("file", DOCS, ids=lambda item: item.name)
def test_relative_links_resolve(file: Path) -> None:
    text = _FENCE.sub("", file.read_text(encoding="utf-8"))
    for target in _LINK.findall(text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        goal = (file.parent / path).resolve() if path else file
        assert goal.exists(), f"{file.name}: {target} leads nowhere"
        if anchor:
            assert anchor in _anchors(goal), f"{file.name}: {target} has no such heading"


def _anchors(file: Path) -> set[str]:
    """Anchors of a document's headings, as GitHub makes them."""
    text = _FENCE.sub("", file.read_text(encoding="utf-8"))
    titles = re.findall(r"^#+\s+(.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.strip().lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("file", DOCS, ids=lambda item: item.name)
def test_tables_and_columns_named_are_published(file: Path, columns: dict[str, set[str]]) -> None:
    text = file.read_text(encoding="utf-8")
    for schema, table, column in _TABLE.findall(text):
        name = f"{schema}.{table}"
        assert name in columns, f"{file.name}: {name} is not published"
        assert not column or column in columns[name], f"{file.name}: {name}.{column} is not published"
    if file.name in NOT_QUERIES:
        return
    for table in _BARE_TABLE.findall(text):
        assert f"marts.{table}" in columns, f"{file.name}: {table} is not published"


def test_first_screen_states_the_finding_as_published(published: Path) -> None:
    with duckdb.connect(str(published), read_only=True) as connection:
        row = connection.execute(
            "select growth.published_growth_pct, growth.growth_yoy_pct, growth.implied_base_low / 1e9, "
            "growth.implied_base_high / 1e9, claim.verdict "
            "from marts.fct_trade_growth_yearly as growth, marts.fct_claim_verdict as claim "
            "where claim.claim_id = 'B-2' and claim.is_intended "
            "and growth.source_id = 'gacc' and growth.flow = 'X' "
            "and growth.product_id = 'integrated_circuits' and growth.partner_iso3 = 'WLD' "
            "and growth.year = 2024 and growth.basis = 'usd' and growth.vintage = 'first'"
        ).fetchall()
    ((printed, computed, low, high, verdict),) = row
    screen = "\n".join((ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:25])
    for said in (
        f"{printed.normalize()} %",
        f"{computed:.3f} %",
        f"{low:.3f}",
        f"{high:.3f}",
        f"`{verdict}`",
    ):
        assert said in screen, f"README.md does not say {said} on its first screen"


def test_exit_codes_documented_are_those_of_the_code() -> None:
    from orchestration import errors

    said = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in ("EXIT_OK", "EXIT_BUILD_FAILED", "EXIT_USAGE", "EXIT_HELD_BACK"):
        assert re.search(rf"^\| {getattr(errors, name)} \|", said, re.MULTILINE), name


def test_environment_variables_documented_are_read_somewhere() -> None:
    source = "\n".join(
        path.read_text(encoding="utf-8")
        for folder, pattern in (("orchestration", "*.py"), ("dbt_project", "*.yml"), ("tests", "*.py"))
        for path in (ROOT / folder).rglob(pattern)
    ) + (ROOT / "Makefile").read_text(encoding="utf-8")
    for file in DOCS:
        for name in re.findall(
            r"\b(?:CHIPLEDGER|DAGSTER|UPDATE)_[A-Z_]+\b", file.read_text(encoding="utf-8")
        ):
            assert name in source, f"{file.name}: {name} is read nowhere"


def test_spare_parts_find_what_they_look_for() -> None:
    """The patterns above must see what they are for, or the tests pass on nothing."""
    text = (
        "Run `make test` or `chipledger sql --format csv`, see `marts.fct_x.y`, not `contracts/marts.py`.\n\n"
        "```sh\nA=1 make refresh\n```\n"
    )
    assert ("make", ["test"]) in commands(text)
    assert ("make", ["refresh"]) in commands(text)
    assert ("chipledger", ["sql", "--format", "csv"]) in commands(text)
    assert _TABLE.findall(text) == [("marts", "fct_x", "y")]
    assert _BARE_TABLE.findall("`fct_<subject>_<grain>` and `fct_trade_flow`") == ["fct_trade_flow"]
    assert shutil.which("make") is not None
    assert examples()
