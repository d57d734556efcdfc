"""Unpacks the beginning of a raw Snappy block. Source: Snappy's format description."""

from __future__ import annotations

from ..errors import ParseError


def unpack(data: bytes, most: int) -> bytes:
    """Return the first bytes of a block.

    Args:
        data: The block, or its beginning.
        most: How many bytes are wanted at most.

    Raises:
        ParseError: It refers to what is not there.
    """
    at = _after_length(data)
    out = bytearray()
    while at < len(data) and len(out) < most:
        tag = data[at]
        at += 1
        if tag & 3 == 0:
            length, at = _literal(data, tag >> 2, at)
            out += data[at : at + length]
            at += length
            continue
        length, distance, at = _copy(data, tag, at)
        if not 0 < distance <= len(out):
            raise ParseError("a copy from before the beginning")
        start = len(out) - distance
        while length > 0:
            piece = out[start : start + min(length, distance)]
            out += piece
            length -= len(piece)
    return bytes(out[:most])


def _after_length(data: bytes) -> int:
    for at in range(min(5, len(data))):
        if data[at] < 128:
            return at + 1
    raise ParseError("no Snappy block")


def _literal(data: bytes, code: int, at: int) -> tuple[int, int]:
    if code < 60:
        return code + 1, at
    size = code - 59
    return int.from_bytes(data[at : at + size], "little") + 1, at + size


def _copy(data: bytes, tag: int, at: int) -> tuple[int, int, int]:
    if tag & 3 == 1:
        low = int.from_bytes(data[at : at + 1], "little")
        return (tag >> 2 & 7) + 4, (tag >> 5) << 8 | low, at + 1
    size = 2 if tag & 3 == 2 else 4
    return (tag >> 2) + 1, int.from_bytes(data[at : at + size], "little"), at + size
