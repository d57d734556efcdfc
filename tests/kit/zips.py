"""A zip writer that lies as asked: every field of every record can be set apart from the truth."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Entry:
    """One member, and what is to be said of it.

    Attributes:
        name: In the directory.
        data: Before compression.
        method: 0 stored, 8 deflated (others are claimed only).
        local_name: In the local header; ``name`` when None.
        crc: Claimed; the true one when None.
        flags: General purpose bits.
        local_flags: The same in the local header; ``flags`` when None.
        size: Claimed size; the true one when None.
        local: Write the local header and the data.
        central: List it in the directory.
        before: Bytes that lie before the local header.
        extra: Extra field of the local header.
        mode: Unix mode.
        local_method: Method in the local header; ``method`` when None.
        raw: Bytes in the archive, where they are not what ``method`` makes of ``data``.
        local_size: Size claimed in the local header.
        comment: Of the member.
    """

    name: str | bytes
    data: bytes = b""
    method: int = 0
    local_name: str | bytes | None = None
    crc: int | None = None
    flags: int = 0
    local_flags: int | None = None
    size: int | None = None
    local: bool = True
    central: bool = True
    before: bytes = b""
    extra: bytes = b""
    mode: int = 0o100644
    local_method: int | None = None
    raw: bytes | None = None
    local_size: int | None = None
    comment: bytes = b""

    def packed(self) -> bytes:
        if self.raw is not None:
            return self.raw
        if self.method == zipfile.ZIP_DEFLATED:
            packer = zlib.compressobj(9, zlib.DEFLATED, -15)
            return packer.compress(self.data) + packer.flush()
        return self.data


def _name(name: str | bytes) -> bytes:
    return name if isinstance(name, bytes) else name.encode()


def _local(entry: Entry, packed: bytes) -> bytes:
    name = _name(entry.name if entry.local_name is None else entry.local_name)
    size = len(entry.data) if entry.size is None else entry.size
    flags = entry.flags if entry.local_flags is None else entry.local_flags
    method = entry.method if entry.local_method is None else entry.local_method
    crc = zlib.crc32(entry.data) if entry.crc is None else entry.crc
    compressed = len(packed) if entry.local_size is None else entry.local_size
    head = struct.pack(
        "<4s5H3L2H", b"PK\x03\x04", 20, flags, method, 0, 0x21, crc, compressed, size, len(name),
        len(entry.extra),
    )  # fmt: skip
    return head + name + entry.extra


def _central(entry: Entry, packed: bytes, offset: int) -> bytes:
    name = _name(entry.name)
    size = len(entry.data) if entry.size is None else entry.size
    crc = zlib.crc32(entry.data) if entry.crc is None else entry.crc
    head = struct.pack(
        "<4s6H3L5H2L", b"PK\x01\x02", 0x314, 20, entry.flags, entry.method, 0, 0x21, crc,
        len(packed), size, len(name), 0, len(entry.comment), 0, 0, entry.mode << 16, offset,
    )  # fmt: skip
    return head + name + entry.comment


def build(
    entries: Iterable[Entry],
    *,
    prefix: bytes = b"",
    base: int = 0,
    comment: bytes = b"",
    count: int | None = None,
    before_directory: bytes = b"",
    suffix: bytes = b"",
) -> bytes:
    """Write an archive.

    Args:
        entries: Its members.
        prefix: Bytes before it.
        base: Where offsets count from; 0 is the start of the prefix, which most archives with a
            prefix do not count.
        comment: Of the archive.
        count: Number of members claimed.
        before_directory: Bytes between the last member and the directory.
        suffix: Bytes behind the end record.
    """
    body, directory, listed = bytearray(prefix), bytearray(), 0
    for entry in entries:
        packed = entry.packed()
        body += entry.before
        offset = len(body) - base
        if entry.local:
            body += _local(entry, packed) + packed
        if entry.central:
            directory += _central(entry, packed, offset)
            listed += 1
    body += before_directory
    start = len(body) - base
    told = listed if count is None else count
    end = struct.pack(
        "<4s4H2LH", b"PK\x05\x06", 0, 0, told, told, len(directory), start, len(comment)
    )
    return bytes(body + directory + end + comment + suffix)


def entries_of(archive: bytes, aligned: bool = True) -> list[Entry]:
    """Return the members of a real archive; with torch's padding where ``aligned``."""
    found, position = [], 0
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        for info in opened.infolist():
            data = opened.read(info)
            extra = b""
            if aligned:
                start = position + 30 + len(info.filename.encode())
                size = (-start - 4) % 64
                extra = struct.pack("<2sH", b"FB", size) + b"Z" * size
            position += 30 + len(info.filename.encode()) + len(extra) + len(data)
            found.append(Entry(info.filename, data, extra=extra))
    return found


def changed(entries: Iterable[Entry], suffix: str, **changes: object) -> list[Entry]:
    """Return the members with fields of those whose name ends so replaced."""
    return [
        replace(entry, **changes) if str(entry.name).endswith(suffix) else entry  # type: ignore[arg-type]
        for entry in entries
    ]
