"""Joins directory entries with their local headers and notes where the two disagree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...limits import KIB
from ...readers.base import Reader
from .anomalies import AnomalyLog
from .zip_directory import Directory
from .zip_model import ZipEntry
from .zip_records import LOCAL, LOCAL_SIZE, STREAMED, Central, decode_name

_NEAR = 4 * KIB  # reading this much costs less than another request
_GROUP = 256 * KIB
_SLACK = 48  # room for a zip64 field in front of others
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
            entries[index] = central_entry(central, offset, data_offset, origin, None)
        else:
            from .zip_differ import join_differing  # hardly ever met

            entry, other = join_differing(reader, central, offset, origin, log)
            entries[index] = entry
            others += other
    return [entry for entry in entries if entry is not None] + others


def _repeats(central: Central, data: bytes, at: int) -> bool:
    """Return True when a local header says what the directory does, or leaves it to it."""
    if not data.startswith(LOCAL, at) or not data.startswith(central.name, at + LOCAL_SIZE):
        return False
    theirs = central.comparable
    if theirs and data.startswith(theirs, at + 6):
        return True
    ours = data[at + 6 : at + 28]
    return bool(
        central.flags & STREAMED
        and ours[8:20] == _LEFT_OPEN
        and ours[:8] == theirs[:8]
        and ours[20:] == theirs[20:]
    )


def central_entry(
    central: Central, offset: int, data_offset: int, origin: str, local_name: str | None
) -> ZipEntry:
    """Return the entry that the directory describes.

    Args:
        central: What the directory says.
        offset: Where the local header is.
        data_offset: Where the member's bytes start.
        origin: How the offset was counted (``ZipEntry``).
        local_name: Name in the local header where it differs.
    """
    raw, _, compressed, size, method, flags, crc, attributes, _, _, _ = central
    name = raw.decode("ascii") if raw.isascii() else decode_name(raw, flags)
    mode = attributes >> 16
    return ZipEntry(
        name, raw, offset, data_offset, compressed, size, method, flags, crc, mode, origin,
        local_name,
    )  # fmt: skip
