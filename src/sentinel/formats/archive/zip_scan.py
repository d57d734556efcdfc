"""Finds members by their local headers alone, in bytes that no directory accounts for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from struct import Struct
from typing import NamedTuple

from ...limits import MIB, Budget
from ...readers.base import Reader
from .hidden import Search
from .zip_differ import Local, entry_of, read_local
from .zip_model import ZipEntry
from .zip_records import DESCRIPTOR, LOCAL_SIZE, STREAMED

_MARKS = rb"PK(?:\x03\x04|\x01\x02)"
_METHODS = frozenset((*range(15), 16, 18, 19, 20, *range(92, 100)))
_SCAN = 2048 * MIB
_OFTEN = 4096
_FIELDS = Struct("<8xH16x2H")
_DESCRIPTORS = (Struct("<4sL2L"), Struct("<4sL2Q"))


class Found(NamedTuple):
    """A member known from its local header, and where its bytes end."""

    entry: ZipEntry
    end: int


class Scan:
    """Searches ranges of one archive in file order, within a bound on all of them together.

    Args:
        reader: The archive.
        budget: Gives the time.
    """

    __slots__ = ("_base", "_budget", "_data", "_marks", "_reader", "_search", "_steps")

    def __init__(self, reader: Reader, budget: Budget) -> None:
        self._reader = reader
        self._budget = budget
        self._base = 0
        self._data = b""
        self._search = Search(reader, budget, _SCAN)
        self._steps = 0
        self._marks = re.compile(_MARKS)

    def members(self, start: int, end: int) -> Iterator[Found]:
        """Yield the members whose local headers lie in a range, in file order.

        Raises:
            LimitExceeded: There is more to search than is searched.
        """
        at = start
        while True:
            at, local = self._next(at, end)
            if local is None:
                if at >= end:
                    return
                at += 4  # a directory entry
                continue
            found = self._measure(local, at, end)
            yield found
            at = max(found.end, local.data_offset)

    def _measure(self, local: Local, at: int, end: int) -> Found:
        if not (local.flags & STREAMED and local.compressed in (0, 0xFFFFFFFF)):
            stop = min(local.data_offset + local.compressed, end)
            return Found(entry_of(local, at), stop)
        stop, _ = self._next(local.data_offset, end)
        window = stop - local.data_offset
        tail = self._reader.pread(max(local.data_offset, stop - 24), min(24, window))
        for layout in _DESCRIPTORS:
            last = tail[-layout.size :]
            if len(last) == layout.size and last.startswith(DESCRIPTOR):
                _, crc, compressed, size = layout.unpack(last)
                if compressed == window - layout.size:
                    known = local._replace(compressed=compressed, size=size, crc=crc)
                    return Found(entry_of(known, at), stop)
        size = window if local.method == 0 else local.size
        return Found(entry_of(local._replace(compressed=window, size=size), at), stop)

    def _next(self, at: int, end: int) -> tuple[int, Local | None]:
        """Return where the next record starts, and its header, None for a directory entry.

        Without one, that is ``end``.
        """
        while end - at >= 4:
            data, offset = self._piece(at)
            hit = self._marks.search(data, offset)
            if hit is None:
                at = max(self._base + len(data) - 3, at + 1)
                if self._base + len(data) >= self._reader.size:
                    break
                continue
            at = self._base + hit.start()
            if at + 4 > end:
                break
            if hit[0].endswith(b"\x02"):
                return at, None
            local = self._header(at, end)
            if local is not None:
                return at, local
            at += 4
        return end, None

    def _header(self, at: int, end: int) -> Local | None:
        """Return the local header at an offset when it could be one."""
        self._steps += 1
        if not self._steps % _OFTEN:
            self._budget.check_time()
        data, offset = self._piece(at)
        if offset + LOCAL_SIZE > len(data):
            return None
        method, name, extra = _FIELDS.unpack_from(data, offset)
        length = LOCAL_SIZE + name + extra
        if method not in _METHODS or not name or at + length > end:
            return None
        if offset + length > len(data):
            return read_local(self._reader.pread(at, length), 0, at)
        return read_local(data, offset, at)

    def _piece(self, at: int) -> tuple[bytes, int]:
        """Return bytes that hold those at an offset, and where in them it is."""
        offset = at - self._base
        if not 0 <= offset <= len(self._data) - LOCAL_SIZE:
            near_end = self._base + len(self._data) >= self._reader.size
            if offset < 0 or not near_end or not self._data:
                self._load(at)
                offset = 0
        return self._data, offset

    def _load(self, at: int) -> None:
        self._data = self._search.piece(at)
        self._base = at
