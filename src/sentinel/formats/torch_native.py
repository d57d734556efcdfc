"""Native code among the members of an archive, told by its first bytes."""

from __future__ import annotations

import zlib
from struct import unpack_from

from ..readers.base import Reader
from .archive.zip import ZipEntry

_HEAD = 64
_COMPRESSED = 4096
_EXPANDED = 2048
_DEFLATED = 8
_MACHO = frozenset(
    (b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe")
)
_GPU_MACHINES = frozenset((190, 224))  # EM_CUDA, EM_AMDGPU


def member_head(reader: Reader, entry: ZipEntry) -> bytes:
    """Return the first bytes of a member without expanding more than a few KiB of it.

    Raises:
        ReadError: The archive cannot be read.
    """
    if entry.method != _DEFLATED:
        return reader.pread(entry.data_offset, min(entry.compressed, _EXPANDED))
    data = reader.pread(entry.data_offset, min(entry.compressed, _COMPRESSED))
    try:
        return zlib.decompressobj(-15).decompress(data, _EXPANDED)
    except zlib.error:
        return b""


def native_kind(head: bytes) -> str:
    """Return what native code some bytes begin: ``ELF``, ``PE``, ``Mach-O``, ``GPU``, or nothing.

    Args:
        head: The first 2 KiB.
    """
    if head[:4] == b"\x7fELF" and head[4:5] in (b"\1", b"\2") and head[5:6] in (b"\1", b"\2"):
        order = "<" if head[5:6] == b"\1" else ">"
        machine = unpack_from(f"{order}H", head, 18)[0] if len(head) >= 20 else 0
        return "GPU" if machine in _GPU_MACHINES else "ELF"
    if head[:2] == b"MZ" and len(head) >= _HEAD:
        at = unpack_from("<L", head, 60)[0]
        return "PE" if head[at : at + 4] == b"PE\0\0" else ""
    if head[:4] in _MACHO and len(head) >= 28:
        order = ">" if head[:1] == b"\xfe" else "<"
        kind, commands = unpack_from(f"{order}12xLL", head)
        return "Mach-O" if 0 < kind < 16 and 0 < commands < 10_000 else ""
    if head[:4] == b"\xca\xfe\xba\xbe" and len(head) >= 8 and 0 < unpack_from(">4xL", head)[0] < 20:
        return "Mach-O"
    return ""
