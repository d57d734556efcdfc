"""The members of a checkpoint's zip archive, and their checksums, which follow what is patched."""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from typing import NamedTuple

from ...errors import ReadError, TrustError
from ...readers.file import FileReader

_MOST_MEMBERS = 100_000
_MOST_DIRECTORY = 8 << 20
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL = struct.Struct("<4sHHHHHHIIIHHHHHII")
_CHUNK = 1 << 22
_DESCRIPTOR = 0x08
_CRC_IN_CENTRAL, _CRC_IN_LOCAL = 16, 14


class Member(NamedTuple):
    """A member: its entry, where its bytes start, and where its directory record is."""

    entry: zipfile.ZipInfo
    start: int
    record: int


def members_of(reader: FileReader, path: str) -> dict[str, Member]:
    """Return the members by name; an archive that can be read in two ways is refused."""
    try:
        with zipfile.ZipFile(_Window(reader)) as archive:
            entries, start = archive.infolist(), archive.start_dir
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError, struct.error):
        raise _bad(path, "the archive is broken") from None
    if len(entries) > _MOST_MEMBERS:
        raise _bad(path, f"{len(entries)} members")
    found: dict[str, Member] = {}
    for entry in entries:
        record = reader.pread(start, _CENTRAL.size)
        if len(record) < _CENTRAL.size or record[:4] != b"PK\x01\x02":
            raise _bad(path, "the directory is broken")
        *_, name, extra, comment, _, _, _, _ = _CENTRAL.unpack(record)
        found[entry.filename] = Member(entry, _start(reader, entry, path), start)
        start += _CENTRAL.size + int(name) + int(extra) + int(comment)
    if len({name.lower() for name in found}) != len(entries):
        raise _bad(path, "two members have one name")
    _check_areas(list(found.values()), path)
    return found


def _start(reader: FileReader, entry: zipfile.ZipInfo, path: str) -> int:
    head = reader.pread(entry.header_offset, _LOCAL.size)
    if len(head) < _LOCAL.size or head[:4] != b"PK\x03\x04":
        raise _bad(path, f"the header of {entry.filename[:120]!r} is broken")
    *_, name, extra = _LOCAL.unpack(head)
    return entry.header_offset + _LOCAL.size + int(name) + int(extra)


def _check_areas(members: list[Member], path: str) -> None:
    end = 0
    for member in sorted(members, key=lambda one: one.entry.header_offset):
        if member.entry.header_offset < end:
            raise _bad(path, f"{member.entry.filename[:120]!r} shares bytes with another member")
        end = member.start + member.entry.compress_size


def content(reader: FileReader, member: Member | None, most: int) -> bytes:
    """Return the bytes of a member of at most ``most`` bytes; none for one that is not there."""
    if member is None:
        return b""
    entry = member.entry
    if entry.compress_size > most or entry.file_size > most:
        raise TrustError("too-large", f"{entry.filename[:120]!r} has more than {most} bytes")
    data = reader.pread(member.start, entry.compress_size)
    if entry.compress_type == zipfile.ZIP_DEFLATED:
        try:
            return zlib.decompressobj(-15).decompress(data, most)
        except zlib.error:
            data = b""
    return data


def update_checksum(target: int, source: FileReader, member: Member) -> None:
    """Write the checksum of a member as it is now: in the directory, before and behind its data.

    Args:
        target: Descriptor of the archive.
        source: The same archive, to read.
        member: The member, whose bytes were changed in place.

    Raises:
        ReadError: The archive cannot be written.
    """
    size, value = member.entry.compress_size, 0
    for offset in range(0, size, _CHUNK):
        piece = source.pread(member.start + offset, min(_CHUNK, size - offset))
        value = zlib.crc32(piece, value)
    places = [member.record + _CRC_IN_CENTRAL]
    if member.entry.flag_bits & _DESCRIPTOR:
        end = member.start + size
        places.append(end + 4 if source.pread(end, 4) == b"PK\x07\x08" else end)
    local = member.entry.header_offset + _CRC_IN_LOCAL
    if len(places) == 1 or source.pread(local, 4) != bytes(4):
        places.append(local)
    for place in places:
        if os.pwrite(target, struct.pack("<I", value), place) != 4:
            raise ReadError("the copy cannot be written")


class _Window:
    """A reader as the file that ``zipfile`` wants."""

    def __init__(self, reader: FileReader) -> None:
        self._reader, self._place = reader, 0

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = 0) -> int:
        base = (0, self._place, self._reader.size)[whence]
        if base + offset < 0:
            raise OSError("before the start")
        self._place = base + offset
        return self._place

    def read(self, count: int = -1) -> bytes:
        rest = self._reader.size - self._place
        if (rest if count < 0 else min(count, rest)) > _MOST_DIRECTORY:
            raise ValueError("a directory larger than is read")
        data = self._reader.pread(self._place, self._reader.size if count < 0 else count)
        self._place += len(data)
        return data


def _bad(path: str, why: str) -> TrustError:
    return TrustError("model-malformed", f"{path}: {why}", "sentinel scan says more")
