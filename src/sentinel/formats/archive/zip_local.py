"""Joins directory entries with their local headers and notes where the two disagree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...limits import KIB
from ...readers.base import Reader
from .anomalies import AnomalyLog
from .zip_directory import Directory
from .zip_model import ZipEntry
from .zip_records import (
    ENCRYPTED,
    LOCAL,
    LOCAL_SIZE,
    MASKED,
    PATCHED,
    STREAMED,
    STRONG,
    UTF8,
    Central,
    Local,
    decode_name,
    read_local,
)

_NEAR = 4 * KIB  # reading this much costs less than another request
_GROUP = 256 * KIB
_SLACK = 48  # room for a zip64 field in front of others
_LOCKS = ENCRYPTED | PATCHED | STRONG | MASKED
_FULL = 0xFFFFFFFF
_LEFT_OPEN = bytes(12)


class Headers:
    """Local headers, fetched in groups where they lie close together.

    Args:
        reader: The archive.
        wanted: ``(offset, name length)`` of the headers that will be asked for.
    """

    __slots__ = ("_base", "_data", "_plan", "_reader")

    def __init__(self, reader: Reader, wanted: Sequence[tuple[int, int]]) -> None:
        self._reader = reader
        self._base = 0
        self._data = b""
        groups = list(_groups(wanted))
        self._plan = dict(groups)
        reader.prefetch(groups)

    def get(self, offset: int, name_length: int) -> tuple[bytes, int]:
        """Return bytes and the index in them at which the header at ``offset`` starts."""
        if offset in self._plan:
            self._base = offset
            self._data = self._reader.pread(offset, self._plan[offset])
        at = offset - self._base
        need = LOCAL_SIZE + name_length
        if at < 0 or at + need > len(self._data):
            return self._reader.pread(offset, need + _SLACK), 0
        return self._data, at


def _groups(wanted: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield ``(offset, length)`` of reads that cover the wanted headers, in file order."""
    start = end = -1
    for offset, name_length in sorted(wanted):
        stop = offset + LOCAL_SIZE + name_length + _SLACK
        if start < 0 or offset > end + _NEAR or stop > start + _GROUP:
            if start >= 0:
                yield start, end - start
            start, end = offset, stop
        end = max(end, stop)
    if start >= 0:
        yield start, end - start


def join(reader: Reader, directory: Directory, log: AnomalyLog) -> list[ZipEntry]:
    """Return the entries of a directory with what their local headers add.

    Args:
        reader: The archive.
        directory: A central directory.
        log: Takes what local headers say differently.

    Returns:
        One entry for each of the directory's, in its order, and one more of origin ``local`` for
        each whose local header gives another method or size.
    """
    shift, size = directory.shift, reader.size
    origin = "shifted" if shift else "central"
    wanted = [(c.header_offset + shift, len(c.name)) for c in directory.entries]
    headers = Headers(reader, [pair for pair in wanted if 0 <= pair[0] < size])
    entries: list[ZipEntry | None] = [None] * len(wanted)
    others: list[ZipEntry] = []
    for index in sorted(range(len(wanted)), key=wanted.__getitem__):
        central = directory.entries[index]
        offset, name_length = wanted[index]
        data, at = headers.get(offset, name_length)
        if _repeats(central, data, at):
            extra = data[at + 28] | data[at + 29] << 8
            data_offset = offset + LOCAL_SIZE + name_length + extra
            entries[index] = _entry(central, offset, data_offset, origin, None)
        else:
            entry, other = _join_differing(reader, central, offset, origin, log)
            entries[index] = entry
            others += other
    return [entry for entry in entries if entry is not None] + others


def _repeats(central: Central, data: bytes, at: int) -> bool:
    """Return True when a local header says what the directory does, or leaves it to it."""
    name_at = at + LOCAL_SIZE
    if data[at : at + 4] != LOCAL or data[name_at : name_at + len(central.name)] != central.name:
        return False
    ours = data[at + 6 : at + 28]
    if ours == central.comparable:
        return True
    return bool(
        central.flags & STREAMED
        and ours[8:20] == _LEFT_OPEN
        and ours[:8] == central.comparable[:8]
        and ours[20:] == central.comparable[20:]
    )


def _entry(
    central: Central, offset: int, data_offset: int, origin: str, local_name: str | None
) -> ZipEntry:
    raw, _, compressed, size, method, flags, crc, attributes, *_ = central
    name = raw.decode("ascii") if raw.isascii() else decode_name(raw, flags)
    mode = attributes >> 16
    return ZipEntry(
        name, raw, offset, data_offset, compressed, size, method, flags, crc, mode, origin,
        local_name,
    )  # fmt: skip


def _join_differing(
    reader: Reader, central: Central, offset: int, origin: str, log: AnomalyLog
) -> tuple[ZipEntry, list[ZipEntry]]:
    """Return the entry, and the local header's own reading of it where that differs."""
    local = _whole_header(reader, offset)
    if local is None:
        entry = _entry(central, offset, offset + LOCAL_SIZE + len(central.name), origin, None)
        detail = "no local header where the directory says"
        log.add("local-missing", detail, offset, entry.name)
        return entry, []
    name = decode_name(central.name, central.flags)
    mode = central.attributes >> 16
    local_name, other = _compare(central, local, offset, name, mode, log)
    entry = _entry(central, offset, local.data_offset, origin, local_name)
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
    return not (local.flags & (STREAMED | MASKED) and value in (0, _FULL))


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
