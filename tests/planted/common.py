"""Errors that every layout can have: damage to bytes, names, and rows that are moved or repeated."""

from __future__ import annotations

import gzip
import io
import random
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from .case import Case, Form, Rows, repeated, shifted, widened

_GZIP = b"\x1f\x8b"
_PAGE = (
    b"<!DOCTYPE html><html><head><title>403 Forbidden</title></head>"
    b"<body><h1>Request refused</h1><p>Please try again later.</p></body></html>"
)
_NAMES = {
    "..%2f": "..%2f..%2f{}",
    "control characters": "a\x1b[2J\n{}",
    "a leading dot": ".{}",
}


def through(write: Callable[[Path], object], name: str = "file.csv") -> bytes:
    """What a writer of files writes."""
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        path = Path(folder) / name
        write(path)
        return path.read_bytes()


def with_extra(content: bytes, rows: Rows, width: int, comma: str = ",") -> bytes:
    """The lines of a text file with the cells beyond `width` behind them: a writer wrote the others."""
    if len(rows[0]) <= width:
        return content
    lines = content.split(b"\n")
    for place, row in enumerate(rows):
        lines[place] = lines[place].rstrip(b"\r") + (comma + comma.join(row[width:])).encode()
    return b"\n".join(lines)


def on_unpacked(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """`change` on the bytes, or on what they unpack to, which is packed again."""
    if content.startswith(_GZIP):
        return gzip.compress(change(gzip.decompress(content)), mtime=0)
    return change(content)


def of_rows(form: Form) -> Iterator[Case]:
    """What can be wrong with the rows of a table, whatever they mean."""
    yield form.case("column shift", shifted(form.rows))
    yield form.case("column shift in one record", shifted(form.rows, only=2))
    yield form.case("duplicate rows", repeated(form.rows))
    yield form.case("10,000 columns", widened(form.rows))
    yield form.case("header only", form.rows[:1])


def of_bytes(form: Form, seed: int) -> Iterator[Case]:
    """What can be wrong with the bytes or the name of a file."""
    content = form.write(form.rows)
    chance = random.Random(seed)
    yield form.damaged("empty file", b"")
    yield form.damaged("HTML error page", _PAGE)
    yield form.damaged("binary junk", chance.randbytes(3_000))
    yield form.damaged("binary junk", content[:6] + chance.randbytes(3_000), "after the first bytes")
    yield form.damaged("truncated file", content[: _middle_of_last_line(content)])
    if content.startswith(_GZIP):
        text = gzip.decompress(content)
        cut = gzip.compress(text[: _middle_of_last_line(text)], mtime=0)
        yield form.damaged("truncated file", cut, "before it was packed")
    for what, pattern in _NAMES.items():
        yield form.damaged("path trick in the name", content, what, pattern.format(form.name))
    yield Case(form.layout_id, "path trick in the name", "a symlink", form.name, content, is_link=True)


def _middle_of_last_line(content: bytes) -> int:
    if content.startswith((_GZIP, b"PK", b"\xd0\xcf", b"7z")):
        return len(content) * 2 // 3
    start = content.rstrip(b"\r\n").rfind(b"\n") + 1
    return start + (len(content) - start) // 2


def undecodable(form: Form, before: bytes, byte: bytes = b"\xff") -> Case:
    """A byte that is no text, put before the first place where `before` stands in the file."""
    return form.damaged(
        "wrong encoding",
        on_unpacked(form.write(form.rows), lambda text: text.replace(before, byte + before, 1)),
    )


def cut_in_last_value(form: Form, digits: int) -> Case:
    """The last value has lost its last digits, and the file the end of its last line."""
    content = form.write(form.rows).rstrip(b"\r\n")
    return form.damaged("truncated in the last value", content[:-digits])


def zip_bomb(form: Form) -> Case:
    """The same workbook with a part that unpacks to 300 MB."""
    out = io.BytesIO(form.write(form.rows))
    piece = bytes(1 << 20)
    with (
        zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("xl/media/picture.bin", "w", force_zip64=True) as part,
    ):
        for _ in range(300):
            part.write(piece)
    return form.damaged("zip bomb", out.getvalue())
