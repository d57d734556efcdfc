"""Decoding of literals on demand, from the position of their opcode."""

from __future__ import annotations

import codecs
import struct

from .opcodes import LENGTH_SIZE
from .runs import item_pattern
from .values import Buffer, Container, Run, Value

Scalar = str | bytes | int | float | bool | None

_TEXT = frozenset(b"IFLSVP")
_UNICODE = frozenset((0x58, 0x8C, 0x8D))
_BYTES = frozenset((0x42, 0x43, 0x54, 0x55, 0x8E, 0x96))
_LONGS = frozenset((0x8A, 0x8B))
_SIMPLE: dict[int, Scalar] = {0x4E: None, 0x88: True, 0x89: False}


def span(data: Buffer, position: int) -> tuple[int, int]:
    """Return ``(start, length)`` of a counted literal's payload; length -1 for other opcodes."""
    size = LENGTH_SIZE.get(data[position], 0)
    if not size:
        return position + 1, -1
    start = position + 1 + size
    return start, int.from_bytes(data[position + 1 : start], "little")


def decode(data: Buffer, position: int, limit: int = 1 << 20) -> Scalar:
    """Return the scalar whose opcode is at ``position``.

    Args:
        data: The machine's buffer.
        position: Where the opcode is.
        limit: Longest payload that is decoded, in bytes; a longer one is cut there.

    Returns:
        The scalar; text that cannot be decoded keeps its bytes as surrogates, numbers that cannot
        be parsed come back as the text they were.
    """
    opcode = data[position]
    size = LENGTH_SIZE.get(opcode)
    if size:
        start = position + 1 + size
        length = int.from_bytes(data[position + 1 : start], "little")
        return _counted(opcode, bytes(data[start : start + min(length, limit)]))
    if opcode == 0x4A:
        return int.from_bytes(data[position + 1 : position + 5], "little", signed=True)
    if opcode == 0x4B:
        return data[position + 1]
    if opcode == 0x4D:
        return int.from_bytes(data[position + 1 : position + 3], "little")
    if opcode in _SIMPLE:
        return _SIMPLE[opcode]
    if opcode == 0x47:
        raw = data[position + 1 : position + 9]
        return float(struct.unpack(">d", raw)[0]) if len(raw) == 8 else None
    if opcode in _TEXT:
        end = data.find(b"\n", position + 1, position + 1 + limit)
        return _text(opcode, bytes(data[position + 1 : end if end >= 0 else position + 1 + limit]))
    return None


def _counted(opcode: int, raw: bytes) -> Scalar:
    if opcode in _UNICODE:
        try:
            return raw.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError:
            return raw.decode("utf-8", "surrogateescape")
    if opcode in _LONGS:
        return int.from_bytes(raw[:4096], "little", signed=True)
    return raw


def _text(opcode: int, raw: bytes) -> Scalar:
    if opcode == 0x53:  # STRING: a quoted literal with escapes
        return _unquote(raw)
    if opcode == 0x56:
        return _raw_unicode(raw)
    text = raw.decode("ascii", "replace")
    if opcode == 0x50:
        return text
    try:
        if opcode == 0x46:
            return float(text)
        if opcode == 0x49 and text in ("00", "01"):
            return text == "01"
        return int(text.rstrip("L"), 0)
    except ValueError:
        return text


def _unquote(raw: bytes) -> bytes:
    raw = raw.rstrip()
    if len(raw) >= 2 and raw[:1] == raw[-1:] and raw[:1] in (b"'", b'"'):
        raw = raw[1:-1]
    try:
        return codecs.escape_decode(raw)[0]
    except ValueError:
        return raw


def _raw_unicode(raw: bytes) -> str:
    try:
        return raw.decode("raw-unicode-escape")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def as_text(value: object) -> str | None:
    """Return a string or byte string as text (pickle accepts both as names), else None."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return None


def elements(data: Buffer, container: Container, limit: int = 1024) -> list[Value]:
    """Return a container's elements in order, runs of scalars spelled out, ``limit`` at most."""
    found: list[Value] = []
    for item in container.items:
        if isinstance(item, Run):
            for match in item_pattern().finditer(data, item.start, item.end):
                found.append(match.start())
                if len(found) >= limit:
                    return found
        else:
            found.append(item)
        if len(found) >= limit:
            break
    return found
