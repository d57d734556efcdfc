"""The memo, with bulk writes that are looked into only when something is fetched."""

from __future__ import annotations

from ...errors import LimitExceeded
from .runs import item_pattern
from .values import Buffer, Value


class Memo:
    """What PUT, BINPUT, LONG_BINPUT and MEMOIZE store and the GETs fetch.

    While a bulk write is pending, later writes queue behind it, so that the order of overwriting
    and the numbering of MEMOIZE (the count of distinct entries) stay exactly the unpickler's.

    Args:
        limit: Most entries to hold.
    """

    __slots__ = ("_limit", "_pending", "entries", "owed")

    def __init__(self, limit: int) -> None:
        self.entries: dict[int, Value] = {}
        self._limit = limit
        self._pending: list[tuple[int, int] | tuple[int | None, Value, None]] = []
        self.owed = False

    def put(self, index: int | None, value: Value) -> None:
        """Store under ``index``, or under the next number when it is None."""
        if self.owed:
            self._pending.append((index, value, None))
            return
        entries = self.entries
        entries[len(entries) if index is None else index] = value
        if len(entries) > self._limit:
            raise LimitExceeded(f"memo of more than {self._limit} entries")

    def put_run(self, start: int, end: int) -> None:
        """Note that the scalars in ``start..end`` of the buffer were stored as they went by."""
        self._pending.append((start, end))
        self.owed = True

    def get(self, index: int, data: Buffer) -> Value | None:
        """Return the value under ``index``, or None."""
        if self.owed:
            self._settle(data)
        return self.entries.get(index)

    def _settle(self, data: Buffer) -> None:
        pending, self._pending, self.owed = self._pending, [], False
        for entry in pending:
            if len(entry) == 3:
                self.put(entry[0], entry[1])
            else:
                self._expand(data, *entry)

    def _expand(self, data: Buffer, start: int, end: int) -> None:
        entries = self.entries
        for match in item_pattern().finditer(data, start, end):
            put = match.start(1)
            if put < 0:
                continue
            opcode = data[put]
            if opcode == 0x94:
                entries[len(entries)] = match.start()
            else:
                entries[int.from_bytes(data[put + 1 : match.end()], "little")] = match.start()
        if len(entries) > self._limit:
            raise LimitExceeded(f"memo of more than {self._limit} entries")
