"""Finds members by their local headers alone, in bytes that no directory accounts for."""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from typing import NamedTuple

from ...errors import LimitExceeded
from ...limits import MIB, Budget
from ...readers.base import Reader
from .model import ZipEntry
from .zip_local import entry_of
from .zip_records import CENTRAL, DESCRIPTOR, LOCAL, LOCAL_SIZE, STREAMED, Local, read_local

_METHODS = frozenset((*range(15), 16, 18, 19, 20, *range(92, 100)))
_NAME_MAX = 65_535
_PIECE = 4 * MIB
_SCAN = 1024 * MIB
_DESCRIPTORS = (Struct("<4sL2L"), Struct("<4sL2Q"))


class Found(NamedTuple):
    """A member known from its local header, and where its bytes end."""

    entry: ZipEntry
    end: int


class Scan:
    """Searches ranges of one archive, within a bound on all of them together.

    Args:
        reader: The archive.
        budget: Gives the time.
    """

    __slots__ = ("_budget", "_reader", "_searched")

    def __init__(self, reader: Reader, budget: Budget) -> None:
        self._reader = reader
        self._budget = budget
        self._searched = 0

    def members(self, start: int, end: int) -> Iterator[Found]:
        """Yield the members whose local headers lie in a range, in file order.

        Raises:
            LimitExceeded: There is more to search than is searched.
        """
        at = start
        while (at := self._find(LOCAL, at, end)) >= 0:
            local = self._header(at, end)
            if local is None:
                at += 4
                continue
            found = self._measure(local, at, end)
            yield found
            at = max(found.end, local.data_offset)

    def _header(self, at: int, end: int) -> Local | None:
        data = self._reader.pread(at, min(LOCAL_SIZE + 256, end - at))
        local = read_local(data, 0, at)
        if local is None or not local.name or local.method not in _METHODS:
            return None
        if local.data_offset > end:
            return None
        whole = self._reader.pread(at, local.data_offset - at)
        return read_local(whole, 0, at)

    def _measure(self, local: Local, at: int, end: int) -> Found:
        if not (local.flags & STREAMED and local.compressed in (0, 0xFFFFFFFF)):
            stop = min(local.data_offset + local.compressed, end)
            return Found(entry_of(local, at), stop)
        stop = self._next_record(local.data_offset, end)
        window = stop - local.data_offset
        tail = self._reader.pread(max(local.data_offset, stop - 24), 24)
        for layout in _DESCRIPTORS:
            length = layout.size
            if len(tail) >= length and tail[-length : 4 - length or None] == DESCRIPTOR:
                _, crc, compressed, size = layout.unpack(tail[-length:])
                if compressed == window - length:
                    known = local._replace(compressed=compressed, size=size, crc=crc)
                    return Found(entry_of(known, at), stop)
        size = window if local.method == 0 else local.size
        return Found(entry_of(local._replace(compressed=window, size=size), at), stop)

    def _next_record(self, start: int, end: int) -> int:
        """Return where the next header or directory entry starts, or ``end``."""
        at = start
        stop = self._find(CENTRAL, start, end)
        limit = end if stop < 0 else stop
        while (at := self._find(LOCAL, at, limit)) >= 0:
            if self._header(at, end) is not None:
                return at
            at += 4
        return limit

    def _find(self, needle: bytes, start: int, end: int) -> int:
        """Return where ``needle`` first lies in a range, or -1."""
        at = start
        while end - at >= len(needle):
            self._budget.check_time()
            data = self._reader.pread(at, min(_PIECE, end - at))
            hit = data.find(needle)
            self._searched += len(data) if hit < 0 else hit
            if hit >= 0:
                return at + hit
            if self._searched > _SCAN:
                raise LimitExceeded(f"more than {_SCAN} bytes outside of members to search")
            if len(data) < _PIECE:
                return -1
            at += len(data) - len(needle) + 1
        return -1
