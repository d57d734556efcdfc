"""Header blocks and extended headers of a tar archive, unpacked from bytes.

POSIX.1-2001 ustar and pax, GNU long names and base-256 numbers, and the older format without magic.
"""

from __future__ import annotations

from typing import NamedTuple

BLOCK = 512
ZERO = bytes(BLOCK)

_KINDS = {
    b"0": "file",
    b"\0": "file",
    b"7": "file",
    b"1": "hardlink",
    b"2": "symlink",
    b"3": "character",
    b"4": "block",
    b"5": "directory",
    b"6": "fifo",
    b"S": "sparse",
}
WITH_BYTES = frozenset(("file", "sparse", "other"))
"""Kinds of members that are followed by bytes; readers take an unknown flag for a file."""

LONG_NAME = b"L"
LONG_LINK = b"K"
PAX = (b"x", b"X")
PAX_GLOBAL = b"g"
_RECORDS = 10_000


class Header(NamedTuple):
    """A header block.

    Attributes:
        name: Name with the ustar prefix.
        size: Size field; -1 when it is no number.
        flag: Type flag, one byte.
        kind: What the flag means.
        link: Link target.
        sound: True when the checksum is right.
    """

    name: str
    mode: int
    size: int
    flag: bytes
    kind: str
    link: str
    sound: bool


def read_header(block: bytes) -> Header | None:
    """Unpack a header block; None when it cannot be one (short, no name, no checksum field)."""
    if len(block) < BLOCK:
        return None
    stored = read_number(block[148:156])
    if stored < 0:
        return None
    flag = block[156:157]
    name = _text(block[:100])
    prefix = _text(block[345:500])
    if prefix and block[257:263] == b"ustar\0":
        name = f"{prefix}/{name}"
    kind = _KINDS.get(flag, "other")
    if kind == "file" and flag == b"\0" and name.endswith("/"):
        kind = "directory"
    size = read_number(block[124:136])
    mode = max(read_number(block[100:108]), 0)
    return Header(name, mode, size, flag, kind, _text(block[157:257]), _sound(block, stored))


def read_number(field: bytes) -> int:
    """Return an octal or base-256 number; -1 when it is neither or below zero."""
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:], "big")
    digits = field.split(b"\0", 1)[0].strip()
    if not digits:
        return 0
    try:
        # int() would take a sign and underscores.
        return int(digits, 8) if digits.isdigit() else -1
    except ValueError:
        return -1


def is_old_header(block: bytes) -> bool:
    """Return True for a header of the format before ustar: no magic, so all of it must be right."""
    header = read_header(block)
    return (
        header is not None
        and header.sound
        and bool(header.name)
        and header.size >= 0
        and block[:BLOCK] != ZERO
        and block[156:157] in b"\0" + b"01234567LKxgSD"
    )


def read_pax(data: bytes) -> dict[str, str]:
    """Return the records of an extended header, as far as they are well formed."""
    records: dict[str, str] = {}
    at = 0
    while at < len(data) and len(records) < _RECORDS:
        space = data.find(b" ", at, at + 20)
        digits = data[at:space] if space > 0 else b""
        if not digits.isdigit():
            break
        length = int(digits)
        record = data[space + 1 : at + length]
        if length <= space + 1 - at or not record.endswith(b"\n"):
            break
        key, _, value = record[:-1].partition(b"=")
        records[key.decode("utf-8", "replace")] = value.decode("utf-8", "surrogateescape")
        at += length
    return records


def _text(field: bytes) -> str:
    return field.split(b"\0", 1)[0].decode("utf-8", "surrogateescape")


def _sound(block: bytes, stored: int) -> bool:
    rest = block[:148] + block[156:BLOCK]
    unsigned = 256 + sum(rest)
    if unsigned == stored:
        return True
    return unsigned - 256 * sum(1 for byte in rest if byte > 127) == stored
