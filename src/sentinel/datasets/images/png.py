"""PNG: a list of chunks up to ``IEND`` (W3C PNG, third edition)."""

from __future__ import annotations

import zlib

from ...errors import ParseError
from ...limits import Budget
from .model import MOST_TEXT, Walk

_TEXTS = (b"tEXt", b"zTXt", b"iTXt", b"eXIf")
_LONGEST_KEY = 80


def walk(walk: Walk, budget: Budget) -> None:
    """Step through a PNG to behind its ``IEND``; see the package."""
    walk.skip(8)
    first = True
    while True:
        budget.check_time()
        walk.count()
        head = walk.take(8)
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if not kind.isalpha() or length > 0x7FFFFFFF:
            raise ParseError("a chunk that is none")
        if first != (kind == b"IHDR"):
            raise ParseError("the header is not its first chunk")
        start = walk.at
        walk.skip(length + 4)
        if first:
            _header(walk, start, length)
            first = False
        elif kind in _TEXTS:
            walk.note(start, text_of(kind, walk.reader.pread(start, min(length, MOST_TEXT))))
        elif kind == b"IEND":
            return


def _header(walk: Walk, start: int, length: int) -> None:
    data = walk.reader.pread(start, 13)
    if length != 13:
        raise ParseError("a header of the wrong length")
    walk.width, walk.height = (int.from_bytes(data[at : at + 4], "big") for at in (0, 4))


def text_of(kind: bytes, data: bytes) -> bytes:
    """Return the text of a chunk, of a packed one its first 64 KiB.

    Args:
        kind: ``tEXt``, ``zTXt``, ``iTXt`` or another.
        data: Its content.
    """
    key, _, rest = data.partition(b"\0")
    if len(key) < _LONGEST_KEY:
        if kind == b"zTXt":
            return key + b"\n" + _unpacked(rest[1:])
        if kind == b"iTXt" and rest[:1] == b"\1":
            parts = rest[2:].split(b"\0", 2)
            return key + b"\n" + _unpacked(parts[-1])
    return data


def _unpacked(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, MOST_TEXT)
    except zlib.error:
        return b""
