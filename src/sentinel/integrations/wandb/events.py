"""Event files of TensorBoard: their records, and the bytes in them that wandb makes files of.

A file is a run of records, each a length, a checksum, an event and a checksum (TensorFlow's
*TFRecord*). wandb's core writes the pictures in it to files as they are and uploads them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from ...errors import ParseError
from ...formats.protobuf import BYTES, Field, Window
from ...limits import MIB, Budget, Limits
from ...readers.memory import MemoryReader

MOST_RECORD = 64 * MIB
_HEAD = struct.Struct("<QI")
_FOOT = 4
# Event.summary, Summary.value; then image, audio and tensor of a value, whose bytes are content.
_VALUES = (5, 1)
_TAG = 1
_HOLDERS = frozenset((4, 6, 8))


class Content(NamedTuple):
    """Bytes in an event that may become a file.

    Attributes:
        tag: What they were logged as.
        data: The bytes.
    """

    tag: str
    data: bytes


def record_at(data: bytes, start: int) -> tuple[int, int] | None:
    """Return where the event of a record starts and ends; None while it is not all there.

    Raises:
        ParseError: It is longer than any is read.
    """
    if len(data) - start < _HEAD.size:
        return None
    length, _ = _HEAD.unpack_from(data, start)
    if length > MOST_RECORD:
        raise ParseError(f"a record of {length} bytes is longer than any is read")
    begin = start + _HEAD.size
    return (begin, begin + length) if begin + length + _FOOT <= len(data) else None


def after(end: int) -> int:
    """Return where the record after one starts whose event ends there."""
    return end + _FOOT


def contents(event: bytes) -> Iterator[Content]:
    """Yield what an event holds that may become a file.

    Raises:
        ParseError: It is no event.
        LimitExceeded: It has more fields than are read.
    """
    window = Window(MemoryReader(event), Budget(Limits()))
    for value in window.at(window.whole(), *_VALUES):
        tag = window.word(value, _TAG)
        for holder in window.fields(value.start, value.end):
            if holder.number in _HOLDERS and holder.wire == BYTES:
                yield from _strings(window, holder, tag)


def _strings(window: Window, holder: Field, tag: str) -> Iterator[Content]:
    for field in window.fields(holder.start, holder.end):
        if field.wire == BYTES and field.value:
            yield Content(tag, window.raw(field, MOST_RECORD))
