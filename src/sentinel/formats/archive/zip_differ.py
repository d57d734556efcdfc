"""What a local header says where it does not repeat the directory."""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

from ...readers.base import Reader
from .anomalies import AnomalyLog
from .zip_local import central_entry
from .zip_model import ZipEntry
from .zip_records import (
    ENCRYPTED,
    FULL,
    LOCAL,
    LOCAL_SIZE,
    MASKED,
    PATCHED,
    STREAMED,
    STRONG,
    UTF8,
    Central,
    decode_name,
    widen,
)

_LOCKS = ENCRYPTED | PATCHED | STRONG | MASKED
_LOCAL = Struct("<4s5H3L2H")


class Local(NamedTuple):
    """A local file header."""

    name: bytes
    data_offset: int
    compressed: int
    size: int
    method: int
    flags: int
    crc: int


def read_local(data: bytes, at: int, offset: int) -> Local | None:
    """Unpack the local header at ``data[at:]``, which is file offset ``offset``.

    The name and the extra field may lie past the end of ``data``; the name is then cut short.
    """
    if at + LOCAL_SIZE > len(data) or data[at : at + 4] != LOCAL:
        return None
    fields = _LOCAL.unpack_from(data, at)
    flags, method = fields[2:4]
    crc, compressed, size, name_length, extra_length = fields[6:]
    name_end = at + LOCAL_SIZE + name_length
    if FULL in (compressed, size):
        extra = data[name_end : name_end + extra_length]
        size, compressed, _ = widen(extra, (size, compressed, 0))
    data_offset = offset + LOCAL_SIZE + name_length + extra_length
    name = data[at + LOCAL_SIZE : name_end]
    return Local(name, data_offset, compressed, size, method, flags, crc)


def join_differing(
    reader: Reader, central: Central, offset: int, origin: str, log: AnomalyLog
) -> tuple[ZipEntry, list[ZipEntry]]:
    """Return the entry, and the local header's own reading of it where that differs.

    Args:
        reader: The archive.
        central: What the directory says.
        offset: Where the local header should be.
        origin: How that was counted (``ZipEntry``).
        log: Takes what the local header says differently.
    """
    local = _whole_header(reader, offset)
    if local is None:
        entry = central_entry(
            central, offset, offset + LOCAL_SIZE + len(central.name), origin, None
        )
        detail = "no local header where the directory says"
        log.add("local-missing", detail, offset, entry.name)
        return entry, []
    name = decode_name(central.name, central.flags)
    mode = central.attributes >> 16
    local_name, other = _compare(central, local, offset, name, mode, log)
    entry = central_entry(central, offset, local.data_offset, origin, local_name)
    return entry, [] if other is None else [other]


def _whole_header(reader: Reader, offset: int) -> Local | None:
    head = reader.pread(offset, LOCAL_SIZE + 256)
    local = read_local(head, 0, offset)
    if local is not None and local.data_offset > offset + len(head):
        local = read_local(reader.pread(offset, local.data_offset - offset), 0, offset)
    return local


def _compare(
    central: Central, local: Local, offset: int, name: str, mode: int, log: AnomalyLog
) -> tuple[str | None, ZipEntry | None]:
    """Log how a local header differs; return its name and its reading where they differ."""
    other = None
    if local.name != central.name or (local.flags ^ central.flags) & UTF8:
        other = decode_name(local.name, local.flags)
        if other == name:
            other = None
        else:
            log.add("local-name", f"the local header calls it {other!r}", offset, name)
    if (local.flags ^ central.flags) & _LOCKS:
        detail = f"flags {central.flags:#06x} in the directory, {local.flags:#06x} locally"
        log.add("local-flags", detail, offset, name)
    differs = False
    if local.method != central.method:
        detail = f"method {central.method} in the directory, {local.method} locally"
        log.add("local-method", detail, offset, name)
        differs = True
    if _sizes_differ(central, local):
        detail = (
            f"{central.compressed} bytes holding {central.size} in the directory, "
            f"{local.compressed} holding {local.size} locally"
        )
        log.add("local-size", detail, offset, name)
        differs = True
    elif local.crc not in (0, central.crc):
        detail = f"CRC {central.crc:08x} in the directory, {local.crc:08x} locally"
        log.add("local-crc", detail, offset, name)
    if not differs:
        return other, None
    known = local._replace(
        compressed=local.compressed if _given(local, local.compressed) else central.compressed,
        size=local.size if _given(local, local.size) else central.size,
    )
    return other, entry_of(known, offset, mode)


def _given(local: Local, value: int) -> bool:
    """Return False for a size that a streaming writer left to the directory."""
    return not (local.flags & (STREAMED | MASKED) and value in (0, FULL))


def _sizes_differ(central: Central, local: Local) -> bool:
    pairs = ((central.compressed, local.compressed), (central.size, local.size))
    return any(theirs != ours and _given(local, ours) for theirs, ours in pairs)


def entry_of(local: Local, offset: int, mode: int = 0) -> ZipEntry:
    """Return the entry that a local header describes on its own."""
    return ZipEntry(
        decode_name(local.name, local.flags),
        local.name,
        offset,
        local.data_offset,
        local.compressed,
        local.size,
        local.method,
        local.flags,
        local.crc,
        mode,
        "local",
        None,
    )
