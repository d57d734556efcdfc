"""Decompresses the members of a zip archive."""

from __future__ import annotations

from collections.abc import Callable

from ...errors import ParseError, SentinelError, UnsupportedError
from ...limits import Budget
from ...readers.base import Reader
from ...readers.stream import Codec, Expanded, Stream, expand, whole_or_torn
from . import codecs
from .zip_model import ZipEntry

_LZMA = 14
_ENDS = 0x2  # the LZMA data has an end mark
_CODECS: dict[int, Callable[[], Codec]] = {
    8: codecs.raw_deflate,
    12: codecs.bzip2_stream,
    20: codecs.zstd_stream,
    93: codecs.zstd_stream,
    95: codecs.xz_stream,
}


def unpack(reader: Reader, entry: ZipEntry, budget: Budget) -> Reader:
    """Return what the data of an entry unpacks to.

    Args:
        reader: The archive; the data starts within it.
        entry: An entry that is not stored.
        budget: Pays for what comes out.

    Raises:
        UnsupportedError: The method is not read here.
        ParseError: The data is broken from the start.
        LimitExceeded: The budget was spent before anything came out.
    """
    end = entry.data_offset + entry.compressed
    stop = min(end, reader.size)
    start, codec = _codec(reader, entry)
    expanded = expand(Stream(reader, start, stop, codec), budget)
    if expanded.error is None and entry.origin != "local" and expanded.end < stop:
        expanded = _with_error(expanded, end)
    return whole_or_torn(expanded)


def _codec(reader: Reader, entry: ZipEntry) -> tuple[int, Codec]:
    """Return where the compressed bytes start and how to take them."""
    if entry.method == _LZMA:
        head = reader.pread(entry.data_offset, 9)
        length = int.from_bytes(head[2:4], "little")
        if length != 5:
            raise ParseError("malformed LZMA header")
        size = None if entry.flags & _ENDS else entry.size
        return entry.data_offset + 9, codecs.raw_lzma(head[4:9], size)
    make = _CODECS.get(entry.method)
    if make is None:
        raise UnsupportedError(f"compression method {entry.method} is not read here")
    return entry.data_offset, make()


def _with_error(expanded: Expanded, end: int) -> Expanded:
    unread = end - expanded.end
    error: SentinelError = ParseError(
        f"{unread} bytes follow the end of the compressed data within the member"
    )
    return expanded._replace(error=error)
