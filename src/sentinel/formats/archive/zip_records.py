"""The fixed records of a zip archive, unpacked from bytes (PKWARE APPNOTE 6.3.10).

Nothing here trusts a count or an offset; nothing here reads a file.
"""

# Not `from __future__ import annotations`: NamedTuple would compile each of them, at a cost.

from collections.abc import Iterator
from struct import Struct
from typing import NamedTuple

LOCAL = b"PK\x03\x04"
CENTRAL = b"PK\x01\x02"
END = b"PK\x05\x06"
END64 = b"PK\x06\x06"
LOCATOR64 = b"PK\x06\x07"
DESCRIPTOR = b"PK\x07\x08"

LOCAL_SIZE = 30
CENTRAL_SIZE = 46
END_SIZE = 22
END64_SIZE = 56
LOCATOR64_SIZE = 20

ENCRYPTED = 0x1
STREAMED = 0x8
PATCHED = 0x20
STRONG = 0x40
UTF8 = 0x800
MASKED = 0x2000

_CENTRAL = Struct("<8x2H4x3L3H4x2L")
_END = Struct("<4s4H2LH")
_END64 = Struct("<4sQ2H2L4Q")
_LOCATOR64 = Struct("<4sLQL")
_EXTRA = Struct("<2H")
_QUAD = Struct("<Q")

_ZIP64 = 0x0001
_UNICODE_PATH = 0x7075
FULL = 0xFFFFFFFF


class End(NamedTuple):
    """An end-of-central-directory record, or its zip64 counterpart.

    Attributes:
        offset: Where the record is.
        total: Entries it claims.
        size: Bytes of directory it claims.
        start: Offset of the directory it claims.
        comment: Length of the comment it claims.
        limit: Where the directory must end for readers that count backwards.
    """

    offset: int
    total: int
    size: int
    start: int
    comment: int
    limit: int


class Central(NamedTuple):
    """A central directory entry.

    Attributes:
        name: Raw name.
        header_offset: Claimed offset of the local header.
        alias: Name from the Info-ZIP Unicode path field, or None.
        comparable: The bytes that an ordinary local header repeats, flags to name length; empty
            where zip64 fields say what those bytes do not.
        end: File offset behind the entry.
    """

    name: bytes
    header_offset: int
    compressed: int
    size: int
    method: int
    flags: int
    crc: int
    attributes: int
    alias: str | None
    comparable: bytes
    end: int


def read_end(data: bytes, at: int, base: int) -> End | None:
    """Unpack the end record at ``data[at:]``; ``base`` is the file offset of ``data``."""
    if at < 0 or at + END_SIZE > len(data) or data[at : at + 4] != END:
        return None
    _, _, _, _, count, size, start, comment = _END.unpack_from(data, at)
    return End(base + at, count, size, start, comment, base + at)


def read_locator(data: bytes) -> int | None:
    """Unpack a zip64 locator; return the offset it gives for the zip64 end record."""
    if len(data) < LOCATOR64_SIZE or data[:4] != LOCATOR64:
        return None
    offset: int = _LOCATOR64.unpack_from(data)[2]
    return offset


def read_end64(data: bytes, offset: int, comment: int) -> End | None:
    """Unpack a zip64 end record found at file offset ``offset``."""
    if len(data) < END64_SIZE or data[:4] != END64:
        return None
    fields = _END64.unpack_from(data)
    count, size, start = fields[7:10]
    return End(offset, count, size, start, comment, offset)


def read_directory(data: bytes, base: int, last: bool) -> Iterator[Central]:
    """Yield the entries at the start of ``data`` until something else comes.

    Args:
        data: Bytes from the directory's start on.
        base: File offset of ``data``.
        last: True when there are no more bytes; an entry that claims more is then taken as it is,
            as Python's zipfile does.
    """
    at, end = 0, len(data) - CENTRAL_SIZE
    unpack = _CENTRAL.unpack_from
    while at <= end and data[at : at + 4] == CENTRAL:
        flags, method, crc, compressed, size, names, extras, comments, attributes, header = unpack(
            data, at
        )
        name_end = at + CENTRAL_SIZE + names
        extra_end = name_end + extras
        if extra_end > len(data) and not last:
            return
        name, comparable = data[at + CENTRAL_SIZE : name_end], data[at + 8 : at + 30]
        alias = None
        if extras:
            extra = data[name_end:extra_end]
            if FULL in (compressed, size, header):
                size, compressed, header = widen(extra, (size, compressed, header))
                comparable = b""
            alias = _alias(extra)
        at = min(extra_end + comments, len(data)) if last else extra_end + comments
        yield Central(
            name, header, compressed, size, method, flags, crc, attributes, alias, comparable,
            base + at,
        )  # fmt: skip


def decode_name(raw: bytes, flags: int) -> str:
    """Return a member's name as readers decode it: UTF-8 when flagged, else code page 437."""
    if raw.isascii():
        return raw.decode("ascii")
    if flags & UTF8:
        return raw.decode("utf-8", "surrogateescape")
    return raw.decode("cp437")


def _fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(extra):
        kind, length = _EXTRA.unpack_from(extra, at)
        yield kind, extra[at + 4 : at + 4 + length]
        at += 4 + length


def widen(extra: bytes, values: tuple[int, int, int]) -> tuple[int, int, int]:
    """Replace the values that are all ones by those of the zip64 field, as far as it goes.

    Args:
        extra: The extra field of a header.
        values: Size, compressed size and header offset.
    """
    for kind, body in _fields(extra):
        if kind == _ZIP64:
            at, wide = 0, []
            for value in values:
                if value == FULL and at + 8 <= len(body):
                    value = _QUAD.unpack_from(body, at)[0]
                    at += 8
                wide.append(value)
            return wide[0], wide[1], wide[2]
    return values


def _alias(extra: bytes) -> str | None:
    if b"\x75\x70" not in extra:
        return None
    for kind, body in _fields(extra):
        if kind == _UNICODE_PATH and len(body) > 5 and body[0] == 1:
            return body[5:].decode("utf-8", "surrogateescape")
    return None
