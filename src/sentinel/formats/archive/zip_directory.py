"""Finds every central directory that a common reader might take for the archive's own.

Readers differ: PyTorch counts offsets from the start of the file, Python's zipfile from where the
archive must have begun; some believe the zip64 record, some the plain one; some count entries, some
bytes. All of those directories are returned, the one that PyTorch and zipfile try first first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...limits import MIB, Budget
from ...readers.base import Reader
from .zip_records import (
    CENTRAL,
    CENTRAL_SIZE,
    END,
    END64_SIZE,
    END_SIZE,
    LOCATOR64_SIZE,
    Central,
    End,
    read_directory,
    read_end,
    read_end64,
    read_locator,
)

TAIL = 65_535 + END_SIZE
"""Bytes at the end of a file in which an end record may lie."""

_ENTRY_MAX = CENTRAL_SIZE + 3 * 65_535
_PIECE = MIB


class Directory(NamedTuple):
    """A central directory, found by one record in one way.

    Attributes:
        start: File offset of its first entry.
        end: File offset behind its last one.
        shift: What is added to the header offsets it gives.
        entries: Its entries.
        record: The record that points to it.
        tail: The plain end record that it belongs to.
        cut: True when there are more entries than were read.
    """

    start: int
    end: int
    shift: int
    entries: tuple[Central, ...]
    record: End
    tail: End
    cut: bool


class Window:
    """The last bytes of a region, read once, with the rest of the file behind them.

    Args:
        reader: The file.
        end: Where the region ends.
    """

    __slots__ = ("base", "data", "reader")

    def __init__(self, reader: Reader, end: int) -> None:
        self.reader = reader
        self.base = max(0, end - TAIL)
        self.data = reader.pread(self.base, end - self.base)

    def read(self, offset: int, length: int) -> bytes:
        """Return bytes of the file, from memory where they are there."""
        at = offset - self.base
        if at >= 0 and at + length <= len(self.data):
            return self.data[at : at + length]
        return self.reader.pread(offset, length)

    def ends(self) -> Iterator[End]:
        """Yield the end records in the window, last first."""
        at = self.data.rfind(END)
        while at >= 0:
            end = read_end(self.data, at, self.base)
            if end is not None:
                yield end
            at = self.data.rfind(END, 0, at + 3)


def has_directory(window: Window) -> bool:
    """Return True when some end record points to a directory, or rightly says that it is empty."""
    return any(True for end in window.ends() for _ in _candidates(window, end))


def read_directories(window: Window, end: End, budget: Budget, room: int) -> Iterator[Directory]:
    """Yield the directories that one end record can be taken to point to.

    Args:
        window: Bytes around the record.
        end: The record.
        budget: Gives the time.
        room: Entries that may be read from all of them.
    """
    seen: set[tuple[int, int]] = set()
    for record, start, shift in _candidates(window, end):
        if (start, shift) in seen:
            continue
        budget.check_time()
        seen.add((start, shift))
        entries = tuple(_entries(window, record, start, room))
        room -= len(entries)
        stop = entries[-1].end if entries else start
        cut = room <= 0 and stop < record.offset and window.read(stop, 4) == CENTRAL
        yield Directory(start, stop, shift, entries, record, end, cut)


def _candidates(window: Window, end: End) -> Iterator[tuple[End, int, int]]:
    """Yield ``(record, start, shift)`` for every way to take an end record that holds."""
    for record in _records(window, end):
        holds = False
        for start, shift in ((record.start, 0), _counted_back(record)):
            if 0 <= start < record.offset and window.read(start, 4) == CENTRAL:
                holds = True
                yield record, start, shift
        if not holds and record.size == 0 and record.total == 0:
            yield record, record.limit, 0


def _counted_back(record: End) -> tuple[int, int]:
    start = record.limit - record.size
    return start, start - record.start


def _records(window: Window, end: End) -> Iterator[End]:
    """Yield the zip64 records that belong to an end record, then the record itself."""
    before = end.offset - LOCATOR64_SIZE
    claimed = read_locator(window.read(before, LOCATOR64_SIZE)) if before >= 0 else None
    if claimed is None:
        yield end
        return
    adjacent = before - END64_SIZE
    for offset in dict.fromkeys((claimed, adjacent)):
        record = read_end64(window.read(offset, END64_SIZE), offset, end.comment)
        if record is not None:
            yield record
    yield end._replace(limit=adjacent)


def _entries(window: Window, record: End, start: int, room: int) -> Iterator[Central]:
    """Yield a directory's entries, past the size it claims as long as there are more."""
    at, length = start, max(min(record.size, 8 * _PIECE), CENTRAL_SIZE)
    while at < record.offset:
        data = window.read(at, min(length, record.offset - at))
        stop = at
        for entry in read_directory(data, at, at + len(data) >= record.offset):
            if room <= 0:
                return
            room -= 1
            stop = entry.end
            yield entry
        if stop == at and len(data) >= min(_ENTRY_MAX, record.offset - at):
            return
        at, length = stop, _PIECE if stop > at else _ENTRY_MAX
