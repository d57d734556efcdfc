"""Which kind of file begins at an offset: asked of bytes that should be numbers or text.

A two-byte mark turns up in any large tensor, so each kind must show a header that parses.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ..readers.base import Reader

_HEAD = 64
STARTS = frozenset(b"\x7fM\xfe\xce\xcf\xcaP\x80\x1f7R\xfd#\x89\0")
"""Bytes that a file can begin with."""
_FARTHEST_PE = 4096
_PICKLE = (
    rb"(?s)\x80[\x04\x05]\x95.{4}\x00{4}[\x8c}\](c\x80N)KM]"
    rb"|\x80[\x02-\x05](?:c[A-Za-z_][\w.]*\n[A-Za-z_][\w.]*\n|[}\]]q\x00|\(?[\x8cX].)"
)
_SCRIPT = rb"#! ?/[\x20-\x7e]+\r?\n"
_MACH_CPUS = {number | bits for number in (7, 12, 18) for bits in (0, 0x01000000, 0x02000000)}
_MACH = {
    b"\xfe\xed\xfa\xce": "big", b"\xfe\xed\xfa\xcf": "big",
    b"\xce\xfa\xed\xfe": "little", b"\xcf\xfa\xed\xfe": "little",
}  # fmt: skip
_EXACT = {
    b"7z\xbc\xaf\x27\x1c": "7-Zip archive", b"Rar!\x1a\x07": "RAR archive",
    b"\xfd7zXZ\x00": "xz stream", b"\0asm\x01\0\0\0": "WebAssembly module",
    b"\x89HDF\r\n\x1a\n": "HDF5 file",
}  # fmt: skip
NATIVE = frozenset({"ELF executable", "PE executable", "Mach-O executable", "script",
                    "WebAssembly module"})  # fmt: skip
"""Kinds that a machine runs."""


class FoundFile(NamedTuple):
    """A file that begins where none should be.

    Attributes:
        kind: What it is, in words.
        where: The tensor or key it was found in.
        offset: Its offset in the artifact.
        length: Bytes there are for it.
    """

    kind: str
    where: str
    offset: int
    length: int


def file_at(reader: Reader, offset: int, length: int) -> str:
    """Return which kind of file begins at an offset, in words; empty when none does.

    Args:
        reader: The bytes.
        offset: Where to look.
        length: Bytes that belong to it; at most 4 KiB of them are read.

    Raises:
        ReadError: The bytes cannot be had.
    """
    head = reader.pread(offset, min(length, _HEAD))
    if len(head) < 8 or head[0] not in STARTS:
        return ""
    if head.startswith(b"MZ"):
        return _portable(reader, offset, length, head)
    return _kind_of(head)


def kind_of(data: bytes) -> str:
    """Return which kind of file bytes in memory begin with; empty when it is none."""
    from ..readers import MemoryReader

    return file_at(MemoryReader(data), 0, len(data))


def _portable(reader: Reader, offset: int, length: int, head: bytes) -> str:
    at = int.from_bytes(head[60:64], "little")
    if len(head) < _HEAD or not 4 <= at <= min(length, _FARTHEST_PE) - 4:
        return ""
    return "PE executable" if reader.pread(offset + at, 4) == b"PE\0\0" else ""


def _kind_of(head: bytes) -> str:
    for mark, kind in _EXACT.items():
        if head.startswith(mark):
            return kind
    if head.startswith(b"\x7fELF"):
        return "ELF executable" if head[4] in (1, 2) and head[5] in (1, 2) and head[6] == 1 else ""
    if head[:4] in _MACH:
        cpu = int.from_bytes(head[4:8], "little" if _MACH[head[:4]] == "little" else "big")
        return "Mach-O executable" if cpu in _MACH_CPUS else ""
    if head.startswith(b"\xca\xfe\xba\xbe"):
        return "Mach-O executable" if 0 < int.from_bytes(head[4:8], "big") <= 30 else ""
    if head.startswith(b"PK\x03\x04"):
        method = int.from_bytes(head[8:10], "little")
        return "zip archive" if head[4] <= 63 and method in (0, 8, 9, 12, 14, 93, 95) else ""
    if head.startswith(b"\x1f\x8b\x08"):
        return "gzip stream" if head[3] <= 31 and head[8] in (0, 2, 4) else ""
    if head[0] == 0x80 and re.match(_PICKLE, head):
        return "pickle"
    return "script" if head[0] == 0x23 and re.match(_SCRIPT, head) else ""
