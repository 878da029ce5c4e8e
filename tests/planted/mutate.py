"""Clean files, damaged at random: cut, bytes changed, lines doubled, columns swapped, other encodings.

Nobody knows what such a file should give; but it must give rows or a refusal, and every record must be
accounted for. What a planted error must be found by is in `judge`.
"""

from __future__ import annotations

import gzip
import io
import random
import zipfile
from collections.abc import Callable

HUGE = b"9" * 400_000
NUMBERS = (b"-1", b"1e999", b"NaN", b"inf", b"1e5", b"9" * 26, b"0x1F", b"1,2", b" ", b"'", b"\xef\xbf\xbd")

Mutation = Callable[[bytes, random.Random], bytes]


def _cut(content: bytes, rand: random.Random) -> bytes:
    return content[: rand.randrange(len(content))]


def _changed(content: bytes, rand: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(rand.randrange(1, 8)):
        changed[rand.randrange(len(changed))] = rand.randrange(256)
    return bytes(changed)


def _lost(content: bytes, rand: random.Random) -> bytes:
    place = rand.randrange(len(content))
    return content[:place] + content[place + rand.randrange(1, 50) :]


def _put_in(content: bytes, rand: random.Random) -> bytes:
    place = rand.randrange(len(content))
    return content[:place] + rand.choice((b'"', b"\0" * 5, HUGE, b"\n\n , ,\n")) + content[place:]


def _lines_doubled(content: bytes, rand: random.Random) -> bytes:
    lines = content.split(b"\n")
    place = rand.randrange(len(lines))
    return b"\n".join([*lines[:place], *[lines[place]] * rand.randrange(2, 50), *lines[place:]])


def _lines_mixed(content: bytes, rand: random.Random) -> bytes:
    lines = content.split(b"\n")
    rand.shuffle(lines)
    return b"\n".join(lines)


def _columns_swapped(content: bytes, rand: random.Random) -> bytes:
    rows = [line.split(b",") for line in content.split(b"\n")]
    width = min((len(row) for row in rows if len(row) > 1), default=2)
    first, second = rand.sample(range(width), 2)
    for row in rows:
        if len(row) > max(first, second):
            row[first], row[second] = row[second], row[first]
    return b"\n".join(b",".join(row) for row in rows)


def _numbers_spoiled(content: bytes, rand: random.Random) -> bytes:
    digits = [place for place, byte in enumerate(content) if 48 <= byte < 58] or [0]
    changed = bytearray(content)
    for _ in range(4):
        place = rand.choice(digits)
        changed[place : place + 1] = rand.choice(NUMBERS)
    return bytes(changed)


def _encoded(content: bytes, rand: random.Random) -> bytes:
    return content.decode("utf-8", "replace").encode(rand.choice(("utf-8-sig", "utf-16", "utf-32")))


def _rewritten(content: bytes, rand: random.Random) -> bytes:
    """As another program would save it: line ends, separators, quotes, capitals, packed."""
    plain = content.replace(b"\r\n", b"\n")
    return rand.choice((
        plain.replace(b"\n", b"\r\n"), plain.replace(b"\n", b"\r"), content.replace(b",", b";"),
        content.replace(b'"', b""), content.upper(), content.lower(), b"\n" * 25 + content,
        gzip.compress(content), content + content,
    ))  # fmt: skip


ANY: tuple[Mutation, ...] = (_cut, _changed, _lost)
TEXT: tuple[Mutation, ...] = (
    *ANY, _put_in, _lines_doubled, _lines_mixed, _columns_swapped, _numbers_spoiled, _encoded, _rewritten,
)  # fmt: skip


def mutated(content: bytes, rand: random.Random) -> bytes:
    """One to three mutations; what is packed is changed inside as often as outside."""
    for _ in range(rand.choice((1, 1, 2, 3))):
        if content:
            content = _inside(content, rand) if rand.random() < 0.5 else _outside(content, rand)
    return content


def _outside(content: bytes, rand: random.Random) -> bytes:
    packed = content.startswith((b"PK", b"\x1f\x8b", b"7z", b"\xd0\xcf"))
    return rand.choice(ANY if packed else TEXT)(content, rand)


def _inside(content: bytes, rand: random.Random) -> bytes:
    try:
        if content.startswith(b"\x1f\x8b"):
            return gzip.compress(rand.choice(TEXT)(gzip.decompress(content), rand))
        if content.startswith(b"PK"):
            return _part_changed(content, rand)
    except Exception:  # already damaged, in one of a dozen ways
        return content
    return _outside(content, rand)


def _part_changed(content: bytes, rand: random.Random) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as packed, zipfile.ZipFile(out, "w") as again:
        hit = rand.choice(packed.namelist())
        for name in packed.namelist():
            part = packed.read(name)
            again.writestr(name, rand.choice(TEXT)(part, rand) if name == hit and part else part)
    return out.getvalue()
