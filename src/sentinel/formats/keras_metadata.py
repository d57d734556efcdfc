"""``keras_metadata.pb`` of a SavedModel: a configuration in JSON for each object of the model.

The message is ``SavedMetadata`` of ``keras/protobuf/saved_metadata.proto``: nodes (1) with an
identifier (4) and their metadata (5).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from ..artifacts import Artifact
from ..errors import LimitExceeded, ParseError
from ..limits import MIB, Budget
from ..readers import SubRangeReader
from . import Member, Parsed

_MOST = 64 * MIB
_NODES = 100_000


class KerasMetadata(NamedTuple):
    """The objects of a SavedModel that Keras described: their number."""

    nodes: int


def looks_like_metadata(artifact: Artifact, head: bytes) -> bool:
    """Return True for Keras metadata.

    Args:
        artifact: The content.
        head: Its first few kilobytes.
    """
    try:
        at, length = _varint(head, 1)
    except ParseError:
        return False
    return b"_tf_keras_" in head[at : at + min(length, 4096)]


def parse(artifact: Artifact, budget: Budget) -> Parsed:
    """Find the configurations.

    Returns:
        ``KerasMetadata``; a member for each configuration.

    Raises:
        ParseError: It is no such message.
        LimitExceeded: It is larger than 64 MiB, or has more objects than are read.
    """
    if artifact.reader.size > _MOST:
        raise LimitExceeded(f"metadata of more than {_MOST} bytes are not read")
    data = artifact.reader.pread(0, _MOST)
    members = []
    for number, start, end in _fields(data, 0, len(data)):
        if number != 1:
            continue
        for inner, first, last in _fields(data, start, end):
            if inner == 5 and last > first:
                window = partial(SubRangeReader, artifact.reader, first, last - first)
                members.append(Member(first, f"node@{start}", window, ("keras-config",)))
        if len(members) > _NODES:
            raise LimitExceeded(f"more than {_NODES} objects")
        if not len(members) & 1023:
            budget.check_time()
    return Parsed(KerasMetadata(len(members)), members)


def _fields(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield ``(number, start, end)`` of the fields with a length; step over the others."""
    while at < end:
        at, key = _varint(data, at)
        kind = key & 7
        if kind == 0:
            at, _ = _varint(data, at)
            continue
        if kind in (1, 5):
            at += 8 if kind == 1 else 4
            continue
        if kind != 2:
            raise ParseError("not a protocol buffer")
        at, length = _varint(data, at)
        if length > end - at:
            raise ParseError("a field that ends outside of its message")
        yield key >> 3, at, at + length
        at += length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise ParseError("the message ends early")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return at, value
    raise ParseError("a number that is too long")
