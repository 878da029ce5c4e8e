"""Delimited text files as they come: packed or not, in UTF-8 or Windows-1252, with lines that are none.

Here belongs getting the records of such a file before the engine as columns c0, c1, ... of texts with
the number of their line, and telling which lines are no record. What the columns mean is each layout's.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

import duckdb
from isal import igzip, isal_zlib

from orchestration.sources._text import open_end
from orchestration.sources.layout import HEAD_BYTES, FileRefused

ENCODING_NOTE = "some lines are not UTF-8: read as Windows-1252"

# What the engine raises for a file that it cannot read; other errors are ours and stay as they are.
BAD_BYTES = (duckdb.InvalidInputException, duckdb.IOException, duckdb.ConversionException)

# What Python raises for a packed file that is cut off or changed.
DAMAGE = (OSError, EOFError, ValueError, zlib.error)

_ISAL_DAMAGE: Any = isal_zlib.IsalError

# Packed files up to this size unpacked are unpacked beside the check of their sums: the engine reads plain
# text faster than it unpacks. Larger ones it unpacks by itself, piece by piece.
MAX_UNPACKED_BYTES = 1_000_000_000

# Longer lines are no records; the engine reports them with their number.
MAX_LINE_BYTES = 2_000_000

# More lines than that are not a file with errors but another kind of file.
MOST_MALFORMED = 50_000

# What Windows-1252 has where Latin-1 has control characters; five bytes stay those.
_WINDOWS = {code: bytes([code]).decode("cp1252", errors="ignore") or chr(code) for code in range(128, 160)}


@dataclass(frozen=True)
class Table:
    """A delimited file, ready for the engine.

    columns: the names in the file, by position; source: what the engine opens (the file, or a copy of
    it in UTF-8); blank: numbers of the empty lines; lines: how many lines there are; large: read in pieces
    of bounded memory, which values with line breaks do not survive.
    """

    path: Path
    source: Path
    columns: Sequence[str]
    delimiter: str = ","
    quote: str = '"'
    compression: str = "none"
    blank: Sequence[int] = field(default=())
    lines: int | None = None
    notes: Sequence[str] = field(default=())
    large: bool = False

    def with_columns(self, columns: Sequence[str]) -> Table:
        return replace(self, columns=columns)

    def positions(self, names: Mapping[str, str]) -> dict[str, int]:
        """Field -> position, for the fields whose column is there; case makes no difference."""
        lowered = [column.lower() for column in self.columns]
        return {key: lowered.index(name.lower()) for key, name in names.items() if name.lower() in lowered}


@dataclass(frozen=True)
class Landed:
    """What landing a delimited file gave: see Reading."""

    records: int
    malformed: list[tuple[int, str, str]]
    notes: list[str]


def text(value: str) -> str:
    """An SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def literal_glob(path: Path) -> str:
    """The path as a pattern of the engine that matches only this path (bulk names have brackets)."""
    return "".join(f"[{sign}]" if sign in "[*?" else sign for sign in str(path))


def header_of(head: bytes, delimiter: str = ",") -> list[str]:
    """Names in the first line of `head`, without a byte order mark; empty when it has none."""
    line = decode(head.split(b"\n", 1)[0]).lstrip("\ufeff").rstrip("\r")
    with suppress(csv.Error):
        return next((
            [name.strip() for name in record]
            for record in csv.reader([line], delimiter=delimiter)
        ), [])  # fmt: skip
    return []


def decode(line: bytes) -> str:
    """A line as UTF-8, or as Windows-1252 where it is none."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1").translate(_WINDOWS)


# What pandas and spreadsheets call a column without a name.
_UNNAMED = re.compile(r"(Unnamed: \d+(\.\d+)?|index)?")


def is_index(name: str) -> bool:
    """Whether a column has the name of an index that was saved with the table: none, or one of pandas'."""
    return _UNNAMED.fullmatch(name) is not None


def share(names: Sequence[str], expected: Sequence[str]) -> tuple[float, list[str]]:
    """Which share of the expected names is there, and which are missing; case makes no difference."""
    found = {name.lower() for name in names}
    missing = [name for name in expected if name.lower() not in found]
    return 1 - len(missing) / len(expected), missing


def is_gzip(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) == b"\x1f\x8b"


def open_bytes(path: Path) -> IO[bytes]:
    """The file's bytes, unpacked where it is gzip."""
    return gzip.open(path) if is_gzip(path) else path.open("rb")  # type: ignore[return-value]


@contextmanager
def surveyed(path: Path) -> Iterator[tuple[Table, list[list[str]]]]:
    """A comma-separated file, looked through once, and its first records as Python's reader sees them.

    Where lines are not UTF-8, the engine gets a temporary copy in UTF-8, decoded line by line: real
    files mix both. The copy is gone when the block ends.
    """
    with tempfile.TemporaryDirectory(prefix="comtrade-") as folder:
        copy = Path(folder) / "utf8.csv"
        blank, lines, foreign, first = _survey(path)
        if foreign:
            with open_bytes(path) as stream, copy.open("wb") as out:
                out.writelines(decode(line).encode() for line in stream)
        records = _records(first)
        if not records or not any(records[0]):
            raise FileRefused(f"{path.name}: the file is empty; expected a header line and records")
        packed = "gzip" if is_gzip(path) and not foreign else "none"
        yield (
            Table(
                path,
                copy if foreign else path,
                records[0],
                compression=packed,
                blank=blank,
                lines=lines,
                notes=(ENCODING_NOTE,) if foreign else (),
            ),
            records[1:],
        )


def _survey(path: Path) -> tuple[list[int], int, bool, bytes]:
    """Numbers of the empty lines, number of lines, whether one is not UTF-8, the first lines."""
    blank: list[int] = []
    number, foreign, first = 0, False, io.BytesIO()
    try:
        with open_bytes(path) as stream:
            for number, line in enumerate(stream, 1):
                if number <= 200:
                    first.write(line[:MAX_LINE_BYTES])
                if line in (b"\n", b"\r\n"):
                    blank.append(number)
                elif not foreign and not line.isascii():
                    foreign = not _is_utf8(line)
    except DAMAGE as error:
        raise FileRefused(
            f"{path.name}, after line {number}: the file is cut off or damaged ({error})"
        ) from error
    return blank, number, foreign, first.getvalue()


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _records(first: bytes) -> list[list[str]]:
    """Header and first records, as far as they can be read."""
    rows: list[list[str]] = []
    lines = [decode(line).lstrip("\ufeff") for line in first.split(b"\n")]
    with suppress(csv.Error):
        for record in csv.reader(line.rstrip("\r") for line in lines):
            rows.append([value.strip() for value in record])
    return [rows[0], *(row for row in rows[1:] if row)] if rows else []


def columns_of(header: Sequence[str], records: Sequence[Sequence[str]], extra: str) -> list[str]:
    """Column names for the records: with one more, `extra`, where their lines end in a comma."""
    counts = Counter(len(record) for record in records)
    usual = counts.most_common(1)[0][0] if counts else len(header)
    named = header[:-1] if len(header) > 1 and header[-1] == "" else header
    return [*named, extra] if usual == len(named) + 1 else list(named)


def land(
    connection: duckdb.DuckDBPyConnection, table: str, file: Table, insert: Callable[[str], str]
) -> Landed:
    """Lands a file whose first line is its header, in one pass of the engine over it.

    insert: creates and fills `table` from the SQL it is given, which has the columns raw_row, c0, c1, ...
    of texts, null when blank; returns the name of the temp table that stores raw_row.
    """
    rejects = f"{table}_rejects"
    _forget(connection, rejects)
    try:
        with _unpacked(file) as plain:
            kept = insert(f"select row_number() over () + 1 as raw_row, * from {_read_csv(plain, rejects)}")
            malformed = _malformed(connection, rejects, file.path.name)
    except BAD_BYTES as error:
        raise FileRefused(f"{file.path.name}: {first_line(error)}") from error
    finally:
        _forget(connection, rejects)
    gaps = sorted({*file.blank, *(line for line, _, _ in malformed)})
    _number_lines(connection, kept, gaps)
    rows = int(connection.execute(f"select count(*) from {table}").fetchall()[0][0])
    notes = [*file.notes, *open_end(file.path)]
    if file.lines is not None and file.lines != 1 + rows + len(gaps):
        notes.append("some values contain line breaks: line numbers count records")
    if not rows and not malformed:
        notes.append("no data")
    return Landed(rows + len(malformed), malformed, notes)


@contextmanager
def _unpacked(file: Table) -> Iterator[Table]:
    """The table over a temporary copy that is unpacked; over itself where it is plain, or too large."""
    if not is_gzip(file.source):
        yield file
        return
    with tempfile.TemporaryDirectory(prefix="chipledger-") as folder:
        copy = Path(folder) / "unpacked.txt"
        with copy.open("wb") as out:
            is_whole = check_packed(file.source, out)
        yield replace(file, source=copy, compression="none") if is_whole else file


def check_packed(path: Path, out: IO[bytes] | None = None) -> bool:
    """Refuses a gzip file that is cut off or whose check sum is wrong; whether all of it stands in `out`.

    The engine unpacks without looking at the check sum: a changed byte would become other numbers.
    """
    if not is_gzip(path):
        return False
    done = 0
    try:
        # Four times as fast as gzip.
        with igzip.open(path) as stream:  # type: ignore[no-untyped-call]
            while piece := stream.read(1 << 20):
                done += len(piece)
                if out and done <= MAX_UNPACKED_BYTES:
                    out.write(piece)
        return out is not None and done <= MAX_UNPACKED_BYTES
    except (*DAMAGE, _ISAL_DAMAGE) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        _name_damage(path)
        return False


def _name_damage(path: Path) -> None:
    """Reads once more, by the library whose messages we know, for the place of the damage."""
    done = 0
    try:
        with gzip.open(path) as stream:
            while piece := stream.read(1 << 20):
                done += len(piece)
    except DAMAGE as error:
        raise FileRefused(
            f"{path.name}: damaged gzip file, after {done:,} unpacked bytes ({error}); download it again"
        ) from error


def first_bytes(path: Path) -> bytes:
    """Enough for the header line of any layout."""
    try:
        with open_bytes(path) as stream:
            return stream.read(HEAD_BYTES)
    except DAMAGE as error:
        raise FileRefused(f"{path.name}: the gzip file is cut off or damaged ({error})") from error


def _read_csv(file: Table, rejects: str) -> str:
    """SQL: all columns as text; the order of the lines is kept."""
    columns = ", ".join(f"'c{number}': 'varchar'" for number in range(len(file.columns)))
    quote = f"quote = {text(file.quote)}, escape = {text(file.quote)}"
    return f"""read_csv({text(literal_glob(file.source))},
        columns = {{{columns}}}, auto_detect = false, header = false, skip = 1,
        delim = {text(file.delimiter)}, {quote}, nullstr = '', compression = '{file.compression}',
        parallel = {file.large}, max_line_size = {MAX_LINE_BYTES},
        store_rejects = true, rejects_table = '{rejects}', rejects_scan = '{rejects}_scan')"""


def _forget(connection: duckdb.DuckDBPyConnection, rejects: str) -> None:
    with suppress(duckdb.Error):
        connection.execute(f"drop table if exists {rejects}")
        connection.execute(f"drop table if exists {rejects}_scan")


def _malformed(connection: duckdb.DuckDBPyConnection, rejects: str, name: str) -> list[tuple[int, str, str]]:
    lines, first = connection.execute(f"select count(distinct line), min(line) from {rejects}").fetchall()[0]
    if lines > MOST_MALFORMED:
        raise FileRefused(f"{name}: {lines:,} lines are no records, the first is line {first}")
    found = connection.execute(
        f"""select line, first(lower(replace(error_type::varchar, ' ', '_')) || ': ' || error_message
                               order by error_type),
                   first(csv_line order by error_type)
            from {rejects} group by line order by line"""
    ).fetchall()
    return [
        (int(line), problem.splitlines()[0], (shown or "").strip("\r\n")[:200])
        for line, problem, shown in found
    ]


def _number_lines(connection: duckdb.DuckDBPyConnection, table: str, gaps: Sequence[int]) -> None:
    """Moves raw_row, the count of good records so far, past the lines that gave no record."""
    if not gaps:
        return
    # A record with the number n among the good ones comes after `shift` gaps from n >= threshold on.
    shifts = {line - number: number + 1 for number, line in enumerate(gaps)}
    starts = sorted(shifts)
    values = ", ".join(
        f"({start}, {until}, {shifts[start]})"
        for start, until in zip(starts, [*starts[1:], 2**62], strict=True)
    )
    connection.execute(
        f"""update {table} as landed set raw_row = landed.raw_row + gap.shift
            from (values {values}) as gap (start, until, shift)
            where landed.raw_row >= gap.start and landed.raw_row < gap.until"""
    )


def first_line(error: duckdb.Error) -> str:
    """The first line of the engine's message, which names the place."""
    return next((line for line in str(error).splitlines() if line.strip()), "cannot be read")
