"""A walk over protocol buffers without their schema: fields by number, every length checked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...errors import ParseError
from ...readers.base import Reader

_LEAD = 20
_WIDTHS = {1: 8, 5: 4}
_BYTES = 2


class Field(NamedTuple):
    """One field that holds bytes.

    Attributes:
        number: Its number.
        start: Where its bytes begin.
        length: How many.
    """

    number: int
    start: int
    length: int


class Window:
    """A reader of small parts close to one another.

    Args:
        reader: The file.
        size: Bytes that are fetched at a time.
    """

    def __init__(self, reader: Reader, size: int = 64 * 1024) -> None:
        self._reader = reader
        self._size = size
        self._base = 0
        self._data = b""

    def read(self, offset: int, length: int) -> bytes:
        """Return up to ``length`` bytes from ``offset``."""
        at = offset - self._base
        if at < 0 or at + length > len(self._data):
            if length > self._size:
                return self._reader.pread(offset, length)
            self._base, at = offset, 0
            self._data = self._reader.pread(offset, self._size)
        return self._data[at : at + length]


def fields(window: Window, start: int, end: int) -> Iterator[Field]:
    """Yield the fields of a message that hold bytes, in order.

    Args:
        window: The file.
        start: Where the message begins.
        end: Where it ends.

    Raises:
        ParseError: It is malformed.
    """
    at = start
    while at < end:
        lead = window.read(at, min(_LEAD, end - at))
        key, used = _varint(lead, 0)
        kind = key & 7
        if kind == _BYTES:
            length, used = _varint(lead, used)
            if length > end - at - used:
                raise ParseError("protobuf: a field ends outside of its message")
            yield Field(key >> 3, at + used, length)
            used += length
        elif kind == 0:
            _, used = _varint(lead, used)
        elif kind in _WIDTHS:
            used += _WIDTHS[kind]
        else:
            raise ParseError("protobuf: a field of unknown kind")
        at += used


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data) and shift < 70:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise ParseError("protobuf: a malformed number")
