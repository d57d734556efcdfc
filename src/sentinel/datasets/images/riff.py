"""WebP and WAV: chunks within one RIFF (Microsoft and IBM 1991; RFC 9649)."""

from __future__ import annotations

from ...errors import ParseError
from ...limits import Budget
from .model import MOST_TEXT, Walk

_TEXTS = (b"EXIF", b"XMP ", b"LIST", b"iXML")
_OPEN = (0, 0xFFFFFFFF)
"""Sizes that a writer leaves which could not go back: the data go to the end."""


def walk(walk: Walk, budget: Budget) -> None:
    """Step through a RIFF to its end; see the package."""
    head = walk.take(12)
    size = int.from_bytes(head[4:8], "little")
    is_sound = head[8:] == b"WAVE"
    total = walk.reader.size
    if size in _OPEN and is_sound:
        walk.at = total
        return
    end = 8 + size + (size & 1)
    if end == total + 1:  # many leave the last filling byte out
        end = total
    if end > total:
        raise ParseError("it ends early")
    while walk.at + 8 <= end:
        budget.check_time()
        walk.count()
        _chunk(walk, end, is_sound)
    walk.at = end


def _chunk(walk: Walk, end: int, is_sound: bool) -> None:
    head = walk.take(8)
    kind, length = head[:4], int.from_bytes(head[4:], "little")
    start = walk.at
    if kind == b"data" and is_sound and length in _OPEN:
        walk.at = end
        return
    if not all(32 <= byte < 127 for byte in kind):
        raise ParseError("a chunk that is none")
    if start + length > end:
        raise ParseError("a chunk that is longer than the file")
    if kind in _TEXTS:
        walk.note(start, walk.reader.pread(start, min(length, MOST_TEXT)))
    elif not walk.width and not is_sound:
        _size(walk, kind, walk.reader.pread(start, min(length, 10)))
    walk.at = min(end, start + length + (length & 1))


def _size(walk: Walk, kind: bytes, data: bytes) -> None:
    if kind == b"VP8X" and len(data) == 10:
        walk.width, walk.height = (1 + int.from_bytes(data[at : at + 3], "little") for at in (4, 7))
    elif kind == b"VP8 " and data[3:6] == b"\x9d\x01\x2a":
        pair = (int.from_bytes(data[at : at + 2], "little") & 0x3FFF for at in (6, 8))
        walk.width, walk.height = pair
    elif kind == b"VP8L" and data[:1] == b"\x2f":
        bits = int.from_bytes(data[1:5], "little")
        walk.width, walk.height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
