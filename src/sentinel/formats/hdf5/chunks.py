"""Undoes the filters of HDF5 that are commonly at hand: deflate, shuffle, checksums and LZF."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from ...errors import ParseError, UnsupportedError
from ...limits import MIB, Budget
from .model import Filter

DEFLATE, SHUFFLE, CHECKSUM, LZF = 1, 2, 3, 32000
_MOST = 16 * MIB


def unpack(data: bytes, filters: Sequence[Filter], size: int, budget: Budget) -> bytes:
    """Return the bytes of a chunk as they were before it went through its filters.

    Args:
        data: The chunk as stored.
        filters: Its filters, in the order in which they were applied.
        size: Bytes of one element.
        budget: Pays for what comes out.

    Raises:
        UnsupportedError: A filter is not known here.
        ParseError: The chunk is broken.
        LimitExceeded: More came out than may.
    """
    for found in reversed(filters):
        if found.id == DEFLATE:
            data = _inflate(data, budget)
        elif found.id == SHUFFLE:
            data = _ordered(data, size)
        elif found.id == CHECKSUM:
            data = data[:-4]
        elif found.id == LZF:
            data = _lzf(data, budget)
        else:
            raise UnsupportedError(f"chunks that went through filter {found.id} are not read")
    return data


def _inflate(data: bytes, budget: Budget) -> bytes:
    machine = zlib.decompressobj()
    try:
        out = machine.decompress(data, _MOST)
    except zlib.error as error:
        raise ParseError("a chunk that cannot be decompressed") from error
    budget.spend_expanded(len(out), len(data), len(out))
    if not machine.eof:
        raise ParseError("a chunk larger than it may be, or cut")
    return out


def _ordered(data: bytes, size: int) -> bytes:
    """Undo the shuffle, which keeps the first bytes of all elements together, then the second."""
    if not 1 < size <= len(data):
        return data
    count = len(data) // size
    out = bytearray(data)
    for index in range(size):
        out[index : count * size : size] = data[index * count : (index + 1) * count]
    return bytes(out)


def _lzf(data: bytes, budget: Budget) -> bytes:
    out = bytearray()
    at = 0
    try:
        while at < len(data):
            control = data[at]
            at += 1
            if control < 32:
                out += data[at : at + control + 1]
                at += control + 1
                continue
            length = control >> 5
            if length == 7:
                length += data[at]
                at += 1
            back = ((control & 31) << 8) + data[at] + 1
            at += 1
            start = len(out) - back
            if start < 0 or len(out) > _MOST:
                raise ParseError("a chunk that cannot be decompressed")
            for index in range(length + 2):
                out.append(out[start + index])
    except IndexError as error:
        raise ParseError("a chunk that cannot be decompressed") from error
    budget.spend_expanded(len(out), len(data), len(out))
    return bytes(out)
